"""Editions as they are written in names: where they stand, and how they are ordered."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from indexer.families import vocabulary as words
from indexer.families.values import EditionKind, Order

_NUMBERS: Final = 6
"""How many numbers with dots between them are told apart."""
COMPARED: Final = _NUMBERS + 2
"""So much of an order tells editions apart: numbers, stage and step; a date beside them orders only documents of one edition."""
UNORDERED: Final[Order] = (0,) * (_NUMBERS + 5)
"""The order of a label that nothing is known about."""
_LEFT: Final = r"(?<![0-9A-Za-z])"
_RIGHT: Final = r"(?![0-9A-Za-z])"
_STAGE: Final = r"(?:[-_. +]?(?P<stage>alpha|beta|rc|pre|draft|final|approved|signed|review)(?:[-_. ]?(?P<step>\d{1,3}))?)?"
_DOTTED: Final = r"\d{1,9}(?:\.\d{1,9}){0,5}"

_WITH_NOUN: Final = re.compile(
    rf"{_LEFT}(?:{words.NOUNS})(?:[\s_.\-:#]{{0,2}}v)?[\s_.\-:#]{{0,2}}(?P<numbers>{_DOTTED}){_STAGE}{_RIGHT}",
    re.IGNORECASE,
)
_LETTER: Final = re.compile(
    rf"{_LEFT}(?:(?:{words.LETTERED})[\s_.\-:]{{1,2}}(?P<letter>[A-Z])|rev[\s_.\-]{{0,2}}(?P<any>[A-Za-z])){_RIGHT}"
    rf"|{_LEFT}(?:Version|Revision|Révision|Rev|REV|Ausgabe|Issue|Edition|REVISION)[\s_.\-:]{{0,2}}(?P<capital>[A-Z]){_RIGHT}"
)
_ORDINAL: Final = re.compile(
    rf"{_LEFT}(?:(?P<number>\d{{1,3}})(?:st|nd|rd|th|\.|e|ème)?|(?P<word>{'|'.join(words.ORDINALS)}))[\s_.\-]{{1,2}}"
    rf"(?:edition|ed|revision|rev|version|release|draft|auflage|ausgabe|fassung|édition){_RIGHT}(?![\s_.\-]{{0,2}}\d)",
    re.IGNORECASE,
)
_MARKED: Final = re.compile(
    rf"(?:{_LEFT}[vV]|(?<=[a-z])V)[._ ]?(?P<numbers>{_DOTTED}){_STAGE}{_RIGHT}"
    rf"|{_LEFT}r(?P<revised>\d{{1,4}}){_RIGHT}"
)
_BARE: Final = re.compile(
    rf"(?<![0-9A-Za-z.])(?P<numbers>\d{{1,4}}(?:\.\d{{1,5}}){{1,3}}){_STAGE}(?![0-9A-Za-z])(?!\.\d)"
)
_WORD: Final = re.compile(
    rf"{_LEFT}(?P<stage>{'|'.join(words.WORDS)})(?:[\s_.\-]?(?P<step>\d{{1,3}}))?{_RIGHT}", re.IGNORECASE
)

_YEAR: Final = r"(?:19[5-9]\d|20\d\d)"
_DATES: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\d)(?P<year>{_YEAR})(?P<gap>[-_.]?)(?P<month>0[1-9]|1[0-2])(?P=gap)(?P<day>0[1-9]|[12]\d|3[01])(?!\d)",
        rf"(?<![\d.])(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>{_YEAR})(?![\d.])",
        rf"(?<!\d)(?P<day>1[3-9]|2\d|3[01])[-_](?P<month>0[1-9]|1[0-2])[-_](?P<year>{_YEAR})(?!\d)",
        rf"(?<!\d)(?P<year>{_YEAR})[-_. ](?P<month>0[1-9]|1[0-2])(?!\d|[-_.]\d)",
        rf"(?<!\d)(?P<year>{_YEAR})[-_. ]?Q(?P<quarter>[1-4]){_RIGHT}",
        rf"{_LEFT}Q(?P<quarter>[1-4])[-_. ]?(?P<year>{_YEAR})(?!\d)",
        rf"(?:(?<!\d)(?P<day>\d{{1,2}})\.?[-_ ])?{_LEFT}(?P<name>{'|'.join(words.MONTHS)})\.?[-_ ,]{{0,2}}(?P<year>{_YEAR})(?!\d)",
        rf"(?<!\d)(?P<year>{_YEAR})[-_ ]{{1,2}}(?P<name>{'|'.join(words.MONTHS)})(?![^\W\d_])",
        rf"(?<!\d)(?P<year>{_YEAR})[-_/](?P<until>{_YEAR}|\d\d)(?![-_]?\d)",
        rf"(?<![0-9A-Za-z.])(?P<year>{_YEAR})(?![0-9A-Za-z]|\.\d)",
    )
)


@dataclass(frozen=True, slots=True)
class Label:
    """An edition's label and where it stands in a name: characters `begin` up to `end`, a word before it included."""

    text: str
    begin: int
    end: int
    order: Order
    kind: EditionKind
    stated: bool = True
    """Whether a word or a v says that it is an edition."""

    def after(self, order: Order) -> Label:
        """The same, ordered by something else among equals."""
        return replace(self, order=self.order[:COMPARED] + order[:3])

    def of_kind(self, kind: EditionKind) -> Label:
        """The same, of another kind."""
        return replace(self, kind=kind)


def labelled(name: str) -> Label | None:
    """The edition that a name states: by a word, a v, numbers with dots, or draft and final."""
    for pattern in (_WITH_NOUN, _MARKED):
        if found := pattern.search(name):
            return _number(name, found, stated=True)
    if found := _LETTER.search(name):
        letter = found["letter"] or found["any"] or found["capital"]
        order = (ord(letter.upper()) - ord("A") + 1,) + (0,) * (_NUMBERS + 4)
        return Label(letter.upper(), found.start(), found.end(), order, EditionKind.LETTER)
    if found := _ORDINAL.search(name):
        number = int(found["number"]) if found["number"] else words.ORDINALS[found["word"].lower()]
        order = (number,) + (0,) * (_NUMBERS + 4)
        return Label(str(number), found.start(), found.end(), order, EditionKind.NUMBER)
    bare = [found for found in _BARE.finditer(name) if _is_release(found["numbers"])]
    if len(bare) == 1:
        return _number(name, bare[0], stated=False)
    if not bare and (found := _WORD.search(name)):
        stage = words.STAGES[found["stage"].lower()]
        order = (stage, int(found["step"] or 0)) + (0,) * (_NUMBERS + 3)
        return Label(found[0], found.start(), found.end(), order, EditionKind.WORD)
    return None


def dated(name: str) -> Label | None:
    """The date in a name; a day, a month, a quarter, a year or two years."""
    for pattern in _DATES:
        for found in pattern.finditer(name):
            order = _date(found.groupdict())
            if order is not None:
                text = found[0].strip("-_ .")
                begin = found.start() + found[0].index(text)
                return Label(text, begin, begin + len(text), order, EditionKind.DATE, stated=False)
    return None


def whole(label: str) -> Label:
    """A label that stands alone, such as the front matter's ``version: 3.1``; a word where it is of no known form."""
    text = label.strip()
    for found in (labelled(text), dated(text), labelled(f"version {text}")):
        if found is not None and (found.begin == 0 and found.end >= len(text)):
            return replace(found, text=text if found.kind is EditionKind.WORD else found.text)
    return Label(text, 0, len(text), UNORDERED, EditionKind.WORD)


def _number(name: str, found: re.Match[str], *, stated: bool) -> Label:
    groups = found.groupdict()
    written = groups.get("numbers") or groups["revised"]
    numbers = [int(part) for part in written.split(".")]
    stage = (groups.get("stage") or "").lower()
    padded = (*numbers, *(0,) * (_NUMBERS - len(numbers)))
    order = (*padded, words.STAGES.get(stage, 0), int(groups.get("step") or 0), 0, 0, 0)
    kind = EditionKind.SEMVER if len(numbers) > 1 else EditionKind.NUMBER
    text = name[found.start("numbers" if groups.get("numbers") else "revised") : found.end()]
    return Label(text, found.start(), found.end(), order, kind, stated)


def _is_release(numbers: str) -> bool:
    """Whether numbers with dots can be a release: not 01.02, not an address, not a date."""
    parts = numbers.split(".")
    if any(len(part) > 1 and part[0] == "0" for part in parts[:1]) or (
        len(parts) == 2 and parts[1][:1] == "0" and len(parts[1]) > 2
    ):
        return False
    if len(parts) == 4 and all(int(part) < 256 for part in parts):
        return False
    return not (len(parts) == 3 and len(parts[2]) == 4 and int(parts[0]) <= 31 and int(parts[1]) <= 12)


def _date(groups: dict[str, str | None]) -> Order | None:
    """(year, month, day), 0 for what is not said, filled up; None for no date."""
    year = int(groups["year"] or 0)
    if until := groups.get("until"):
        if int(until) % 100 != (year + 1) % 100:
            return None
        return (year, 0, 0) + (0,) * (_NUMBERS + 2)
    if quarter := groups.get("quarter"):
        return (year, int(quarter) * 3 - 2, 0) + (0,) * (_NUMBERS + 2)
    named = groups.get("name")
    month = words.MONTHS[named.lower()] if named else int(groups.get("month") or 0)
    day = int(groups.get("day") or 0)
    if day:
        try:
            date(year, month, day)
        except ValueError:
            return None
    return (year, month, day) + (0,) * (_NUMBERS + 2)
