"""What every format's reader gives, beside the rows that it puts into the staging database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

LARGEST_BODY: Final = 10_000_000
"""Bytes of one body. Larger ones are data of some app, and would take the parser minutes."""


@dataclass(frozen=True, slots=True)
class Facts:
    """An export as a whole."""

    taken: datetime | None
    """When it was made, with its zone; None where the export does not say."""
    zone: tzinfo | None
    """The zone of the times in it; None where that is not known (they are taken as UTC then)."""
    stopped: str | None = None
    """One line, where the export breaks off in the middle: what was read before stands, nothing else does."""
    access_known: bool = True
    """Whether it says who may see what; HTML exports do not."""
