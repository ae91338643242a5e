"""What a look at a few places brought up to date while another look at the same source, or a scan of it, went on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from indexer.plan.decisions import Comparison
from indexer.plan.scopes import lies_in


class AnewError(Exception):
    """What a history source tells is out of date: it is listed again, and nothing that was committed is done again."""


class Overtaken:
    """Scopes of which the running look's listing is out of date: what it decided about them is dropped."""

    def __init__(self) -> None:
        self._scopes: set[str] = set()
        self.allowed = True
        """Whether it may be overtaken: not from the decision about what moved or went away until that is committed, which is
        done in one piece.
        """
        self.decided = False
        """Whether that is committed."""

    def add(self, scopes: Iterable[str]) -> None:
        """These were looked at, after they had been listed."""
        self._scopes.update(scopes)

    def covers(self, key: str) -> bool:
        """Whether `key` is such a scope or lies in one."""
        return lies_in(key, self._scopes)

    def without(self, comparison: Comparison) -> Comparison:
        """`comparison`, as if nothing of these scopes had been listed or recorded."""
        if not self._scopes:
            return comparison
        return Comparison(
            comparison.unchanged,
            tuple(seen for seen in comparison.to_read if not self.covers(seen.key)),
            tuple(known for known in comparison.missing if not self.covers(known.key)),
            tuple(known for known in comparison.unverifiable if not self.covers(known.key)),
        )

    def take_from(self, *by_key: dict[str, Any]) -> None:
        """Take out what is known by keys in these scopes."""
        for known in by_key:
            for key in [key for key in known if self.covers(key)] if self._scopes else ():
                del known[key]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._scopes))
