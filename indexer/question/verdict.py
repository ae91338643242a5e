"""What kind of question it was found to be."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.question.limits import Limit
from indexer.question.values import Kind


@dataclass(frozen=True, slots=True)
class Verdict:
    """The kind of a question."""

    kind: Kind
    promoted: Limit | None = None
    """A candidate that counts because the question is about nothing else: "does Spark 3.7 exist"."""
    tentative: bool = False
    """Keywords that ask so only where the rest of them is a name: "Grafana versions"."""
    otherwise: Kind = Kind.PLAIN
    """What tentative keywords are where it is none: CONTENT for "carry-over limit, newest version"."""
