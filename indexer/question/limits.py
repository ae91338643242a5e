"""Which versions and dates a question names, and how each limits what is asked about: at, since, before, from … to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from indexer.question import english
from indexer.question.calendar import Calendar
from indexer.question.dates import Dated, Need, dated
from indexer.question.named import named, number
from indexer.question.placed import placed
from indexer.question.sentence import Edge, Found, Sentence
from indexer.question.values import Bound, DateExpression, VersionExpression, VersionReading

_BOUNDS: Final = {
    "since": Bound.SINCE,
    "until": Bound.UNTIL,
    "till": Bound.UNTIL,
    "through": Bound.UNTIL,
    "before": Bound.BEFORE,
    "after": Bound.AFTER,
    "following": Bound.AFTER,
}
_PHRASES: Final = {
    ("up", "to"): Bound.UNTIL,
    ("prior", "to"): Bound.BEFORE,
    ("earlier", "than"): Bound.BEFORE,
    ("later", "than"): Bound.AFTER,
    ("older", "than"): Bound.BEFORE,
    ("lower", "than"): Bound.BEFORE,
    ("newer", "than"): Bound.AFTER,
    ("higher", "than"): Bound.AFTER,
    ("as", "of"): Bound.AT,
    ("as", "at"): Bound.AT,
    ("as", "on"): Bound.AT,
    ("as", "in"): Bound.AT,
    ("according", "to"): Bound.AT,
    ("back", "in"): Bound.AT,
}
_TO: Final = frozenset({"to", "until", "till", "through"})


@dataclass(frozen=True, slots=True)
class Before:
    """What stands before an expression: how it limits, and from which word on that is said."""

    begin: int
    bound: Bound = Bound.AT
    word: str = ""
    """The preposition, or the last word of one of several words; empty where there is none."""
    firm: bool = False
    """As of, since, before: whatever follows is the time that is asked about."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A version or date with its bound, over the words from `begin` up to `end`, its preposition among them from `opening` on."""

    opening: int
    begin: int
    end: int
    expression: VersionExpression | DateExpression
    weak: bool
    word: str
    """The preposition before it."""
    name: tuple[int, int] = (0, 0)
    """Words within it that are not taken out."""


@dataclass(frozen=True, slots=True)
class Limits:
    """All that a question names."""

    limits: tuple[Limit, ...]
    edges: tuple[Edge, ...]

    @property
    def strong(self) -> tuple[Limit, ...]:
        """Those that count."""
        return tuple(limit for limit in self.limits if not limit.weak)


def limits(s: Sentence, calendar: Calendar) -> Limits:
    """All versions and dates that the question names, in order."""
    found: list[Found | Dated] = []
    edges: list[Edge] = []
    at = 0
    while at < len(s):
        item = _item(s, at, calendar, found[-1] if found else None)
        if item is None:
            at += 1
        elif isinstance(item, Edge):
            edges.append(item)
            at = item.end
        else:
            found.append(item)
            at = item.end
    known = _settled(s, _same_year(s, found, calendar))
    return Limits(tuple(_paired(s, known)), tuple(edges))


def _same_year(s: Sentence, found: Sequence[Found | Dated], calendar: Calendar) -> list[Found | Dated]:
    """A month without a year has that of the month with which it is paired: "between March and May 2023"."""
    known = list(found)
    for place in range(len(known) - 1):
        first, second = known[place], known[place + 1]
        if not isinstance(first, Dated) or not isinstance(second, Dated) or second.begin - first.end != 1:
            continue
        month = english.MONTHS.get(s.word(first.begin))
        alone = first.end - first.begin == 1 and s.word(first.end) in english.LINKS
        reading = second.periods[0].reading
        if (
            month is None
            or not alone
            or s.word(second.begin) not in english.MONTHS
            or len(reading) != len("2023-05")
        ):
            continue
        if not any(character.isdigit() for character in s.written(second.begin, second.end)):
            continue
        year = int(reading[:4]) - (month > int(reading[5:]))
        period = calendar.month(year, month)
        if period is not None:
            known[place] = replace(first, periods=(period,), need=second.need)
    return known


def _item(
    s: Sentence, at: int, calendar: Calendar, last: Found | Dated | None
) -> Found | Edge | Dated | None:
    """What begins at a word: the longest that fits; a date before a version of the same length."""
    if s.tokens[at].quoted:
        return None
    fitting = [
        item for item in (dated(s, at, calendar), placed(s, at, calendar), named(s, at)) if item is not None
    ]
    if fitting:
        return max(fitting, key=lambda item: item.end)
    return _listed(s, at, last) or _between(s, at)


def _listed(s: Sentence, at: int, last: Found | Dated | None) -> Found | None:
    """A bare number that continues an enumeration: ``versions 2, 3 and 4``."""
    if not isinstance(last, Found) or not isinstance(last.expression, VersionExpression) or last.weak:
        return None
    if last.expression.reading is not VersionReading.NAMED or last.end < at - 1 or not s.closes(at):
        return None
    linked = s.word(at - 1) in english.LINKS if last.end == at - 1 else "," in s.tokens[at - 1].trail
    return number(s, at, last.expression.noun) if linked else None


def _between(s: Sentence, at: int) -> Found | None:
    """The first of two bare numbers where changes are asked for: ``between 2 and 4``. `_listed` takes the second."""
    if not s.changing or s.word(at - 1) not in ("between", "from") or s.word(at + 1) not in ("and", "to"):
        return None
    if not s.closes(at + 2) or number(s, at + 2) is None:
        return None
    return number(s, at)


# --- what stands before ------------------------------------------------------------------------


def before(s: Sentence, begin: int) -> Before:
    """What stands before the words from `begin` on; determiners between are passed over."""
    at = begin - 1
    while at >= 0 and s.word(at) in english.DETERMINERS and begin - at <= 2:
        at -= 1
    word = s.word(at)
    if at < 0 or s.tokens[at].breaks:
        return Before(begin)
    if word == "including" and s.word(at - 1) == "and":
        at, word = at - 2, s.word(at - 2)
    phrase = _PHRASES.get((s.word(at - 1), word))
    if phrase is not None:
        return Before(at - 1, phrase, word, firm=word not in ("in",) or phrase is not Bound.AT)
    if word in _BOUNDS:
        return Before(at, _BOUNDS[word], word, firm=True)
    if word in english.AT | {"of", "between", "to"}:
        return Before(at, Bound.AT, word)
    return Before(begin)


def _settled(s: Sentence, found: Sequence[Found | Dated]) -> list[Limit]:
    """Each with its bound; dates that nothing makes the time that is asked about are left out or weak."""
    known: list[Limit] = []
    for item in found:
        front = before(s, item.begin)
        if isinstance(item, Found):
            expression = replace(item.expression, bound=front.bound)
            known.append(
                Limit(front.begin, item.begin, item.end, expression, item.weak, front.word, item.name)
            )
            continue
        limit = _date(s, item, front, known[-1] if known else None)
        if limit is not None:
            known.append(limit)
    return known


def _date(s: Sentence, item: Dated, front: Before, last: Limit | None) -> Limit | None:
    begin, end, opening = item.begin, item.end, front.begin
    versioned = False
    if (
        s.word(end) in english.COUNTED
        and s.word(end + 1) not in english.NOT_AFTER_NOUN
        and not s.tokens[end - 1].trail.strip("'s’")
    ):
        end, versioned = end + 1, True
    elif front.word in ("from", "of", "dated", "in") and s.word(front.begin - 1) in english.COUNTED:
        begin, versioned = front.begin - 1, True
        front = before(s, begin)
        opening = front.begin
    weak = not versioned and _weak(s, item, front)
    if (
        weak
        and last is not None
        and not last.weak
        and isinstance(last.expression, DateExpression)
        and _linked(s, last, item.begin)
    ):
        weak = False
    span = s.span(begin, end)
    if weak and span not in s.accepted:
        if item.need is Need.AS_OF and not s.tokens[item.end - 1].possessive:
            return None
        if item.need is Need.PAST and not (front.word in english.DATED and _days(item)):
            return None
        if item.need is Need.PREPOSITION and len(item.periods[0].reading) == 4:
            return None
        if front.word == "by":
            return None
    bound = item.bound if item.bound is not None and not versioned else front.bound
    expression = DateExpression(
        s.written(begin, end), span, item.periods[0], bound, alternatives=item.periods[1:]
    )
    return Limit(opening, begin, end, expression, weak and span not in s.accepted, front.word)


def _weak(s: Sentence, item: Dated, front: Before) -> bool:
    """Whether nothing says that the date is the time that is asked about."""
    if s.tokens[item.end - 1].possessive:
        return True
    if front.firm:
        return False
    said = front.word in english.DATED
    match item.need:
        case Need.NOTHING:
            return False
        case Need.PREPOSITION:
            return not (
                said or front.word in ("between", "from") or (item.bound is not None and front.word == "over")
            )
        case Need.PAST:
            unit = s.word(item.end - 1) in english.SPANS
            return not ((said or front.word in ("between", "from") or unit) and (s.past or s.changing))
        case Need.AS_OF:
            return True


def _days(item: Dated) -> bool:
    return len(item.periods[0].reading) >= 10


# --- pairs -------------------------------------------------------------------------------------


def _linked(s: Sentence, first: Limit, begin: int) -> bool:
    """Whether nothing but a link stands between two expressions: and, to, versus, a comma."""
    at = first.end
    words = [s.word(place) for place in range(at, begin) if s.word(place) not in english.DETERMINERS]
    if begin - at > 3:
        return False
    if not words:
        return begin == at and ("," in s.tokens[at - 1].trail)
    return len(words) == 1 and words[0] in english.LINKS


def _paired(s: Sentence, known: list[Limit]) -> list[Limit]:
    """From … to, between … and: the two ends bound what lies between."""
    paired = list(known)
    for place in range(len(paired) - 1):
        first, second = paired[place], paired[place + 1]
        if (
            first.weak
            or second.weak
            or isinstance(first.expression, DateExpression) != isinstance(second.expression, DateExpression)
        ):
            continue
        if not _linked(s, first, second.begin):
            continue
        link = next((s.word(at) for at in range(first.end, second.begin) if s.word(at) in english.LINKS), "")
        ends = (first.word == "between" and link in ("and", "&", "to")) or (link in _TO)
        if ends and first.expression.bound in (Bound.AT, Bound.SINCE):
            paired[place] = replace(first, expression=replace(first.expression, bound=Bound.FROM))
            paired[place + 1] = replace(
                second, opening=first.end, expression=replace(second.expression, bound=Bound.TO)
            )
        elif link in english.LINKS or not link:
            paired[place + 1] = replace(
                second, opening=first.end, expression=replace(second.expression, bound=first.expression.bound)
            )
    return paired
