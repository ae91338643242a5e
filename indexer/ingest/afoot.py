"""What moves while it is listed: neither of its places is believed before a look has seen both."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Sequence
from typing import Protocol

from indexer.plan.decisions import Buried, Created, Decision, Edited, Resumed, Unreadable
from indexer.plan.scopes import lies_in


class Afoot(Protocol):
    """Knows what happens in a source while it is looked at, and will be looked at yet."""

    def waiting(self, gone: Collection[str], come: Collection[str], since: float | None) -> Collection[str]:
        """The keys of both that are to be left as they were recorded, for the look that is to come.

        `gone`: nothing is there any more, and it may be at a place that was listed before it came. `come`: something else is
        there, and it may have been moved from a place that was listed before it went. `since`: what happened before this
        moment [monotonic seconds] was seen at all its places; None: only some places were looked at.
        """


class Still:
    """Implements `Afoot` where nobody watches."""

    def waiting(self, gone: Collection[str], come: Collection[str], since: float | None) -> Collection[str]:
        del gone, come, since
        return ()


def without_what_moves(
    decisions: Iterable[Decision], seen: Container[str], afoot: Afoot, since: float | None
) -> tuple[tuple[Decision, ...], frozenset[str]]:
    """`decisions` but for those that the next look will take better, and the keys of these.

    Their documents, and new files, stay as they are. `seen`: the keys at which there is something.
    """
    decisions = tuple(decisions)
    gone = {one.key for one in decisions if isinstance(one, Buried) and one.key not in seen}
    gone |= {left for one in decisions if (left := _left_unread(one)) is not None and left not in seen}
    come = {one.key for one in decisions if isinstance(one, Created | Resumed | Edited | Unreadable)}
    waiting = frozenset(afoot.waiting(gone, come, since)) if gone or come else frozenset()
    kept = (one for one in decisions if one.key not in waiting and _left_unread(one) not in waiting)
    return tuple(kept), waiting


def _left_unread(decision: Decision) -> str | None:
    """Where a document was that is at another key now, and cannot be read there."""
    return decision.previous_key if isinstance(decision, Unreadable) else None


def without_burials_elsewhere(
    decisions: Iterable[Decision], seen: Container[str], asked: Sequence[str] | None
) -> tuple[tuple[Decision, ...], frozenset[str]]:
    """`decisions` but for burials outside the scopes that were `asked` for, where a look widened; and the keys of these.

    What is gone there and did not move is left to whoever is told of it: the number of its file may just have been used
    again, and whether many deletions are meant is no question of what is new elsewhere. `seen` as above.
    """
    decisions = tuple(decisions)
    if asked is None:
        return decisions, frozenset()
    here = frozenset(asked)
    gone = (one.key for one in decisions if isinstance(one, Buried) and one.key not in seen)
    left = frozenset(key for key in gone if not lies_in(key, here))
    return tuple(one for one in decisions if one.key not in left), left
