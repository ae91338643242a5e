"""What kind of question it is, from its skeleton and from the versions and dates that it names."""

from __future__ import annotations

from indexer.question import english
from indexer.question.changed import asks_for_changes
from indexer.question.existence import added, existence
from indexer.question.limits import Limits
from indexer.question.listing import LOOKED_AT, listing, published
from indexer.question.sentence import Sentence
from indexer.question.turning import turning_point
from indexer.question.values import Bound, Kind, VersionExpression
from indexer.question.verdict import Verdict


def kind_of(s: Sentence, limits: Limits) -> Verdict:
    """The kind of the question. The first that fits of: coming and going, existence, versions, comparison of all, changes, comparison, content."""
    if limits.edges:
        return Verdict(Kind.REMOVED if limits.edges[0].last else Kind.INTRODUCED)
    versions = [limit for limit in limits.strong if isinstance(limit.expression, VersionExpression)]
    versions = versions[:LOOKED_AT]
    if published(s, versions):
        return Verdict(Kind.VERSIONS)
    turning = turning_point(s, versions)
    if turning is not None and not added(s, limits):
        return Verdict(turning)
    exists = existence(s, limits)
    if exists is not None:
        return exists
    if _across(s):
        return Verdict(Kind.COMPARISON)
    which = listing(s, limits, versions)
    if which is not None:
        return which
    if asks_for_changes(s, limits):
        return Verdict(Kind.CHANGES)
    beside = [limit for limit in limits.strong if limit.expression.bound is Bound.AT]
    same = {isinstance(limit.expression, VersionExpression) for limit in beside}
    if len(beside) > len(same) or (len(beside) > 1 and not s.spoken.isdisjoint(english.SIDE_BY_SIDE)):
        return Verdict(Kind.COMPARISON)
    return Verdict(Kind.CONTENT if limits.strong else Kind.PLAIN)


def _across(s: Sentence) -> bool:
    """``how does it differ across versions``, ``compare it in all versions``."""
    for at in range(len(s)):
        if s.word(at) in english.PLURALS and s.word(at - 1) in (
            "across",
            "all",
            "between",
            "of",
            "the",
            "various",
            "different",
        ):
            near = {s.word(place) for place in range(at - 4, at)}
            if near & {"across", "all", "between"} and not s.spoken.isdisjoint(english.VARYING):
                return True
    return False
