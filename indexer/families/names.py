"""Which edition of which work a file is, by its name or the folder that it stands in."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from indexer.families import vocabulary as words
from indexer.families.editions import Label, dated, labelled
from indexer.families.values import EditionKind, ParsedName

_LONGEST: Final = 300
"""Characters of a file name that are looked at; longer ones are no names of editions."""
_COMPOUND: Final = 6
"""Letters of a word that may be the end of a longer one."""
_OF_FOLDERS: Final = (EditionKind.SEMVER, EditionKind.NUMBER, EditionKind.LETTER)
"""What a folder can be an edition by. Folders of years and days hold what belongs to them, and "final" is a place to put things."""
_EXTENSION: Final = re.compile(r"(?<=.)\.[A-Za-z][A-Za-z0-9]{0,4}$")
_COPY: Final = re.compile(
    r"^(?:copy|kopie|copie)(?: \(\d{1,3}\))? (?:of|von|de) |(?:\s-\s|[\s_-])(?:copy|kopie|copie)(?:[\s_]?\(?\d{1,3}\)?)?$|\(\d{1,3}\)$",
    re.IGNORECASE,
)
_BREAKS: Final = re.compile(r"[^\w{}]+|_+")


@dataclass(frozen=True, slots=True)
class _Part:
    """A file or folder name with its edition."""

    label: Label
    left: str
    """The name with ``{}`` where the edition stood."""


def parse_name(key: str) -> ParsedName | None:
    """The work and the edition that a key names: by its file name, else by the innermost folder that is an edition.

    None where it names none, and for copies, chapters, invoices and the like.
    """
    *folders, file = unicodedata.normalize("NFC", key).split("/")
    stem = _stem(file)
    if len(stem) > _LONGEST or _COPY.search(stem):
        return None
    own = _part(stem)
    if own is not None:
        return _named(folders, own.left, own.label, folders[-1] if folders else "")
    for place in range(len(folders) - 1, -1, -1):
        part = _part(folders[place]) if len(folders[place]) <= _LONGEST else None
        if part is not None and part.label.kind in _OF_FOLDERS:
            path = [*folders[:place], part.left, *folders[place + 1 :]]
            return _named(path, stem, part.label, part.left)
    return None


def parse_title(title: str) -> ParsedName | None:
    """As `parse_name`, for a document's title: "Leave policy, version 3"."""
    title = unicodedata.normalize("NFC", title).strip()
    part = _part(title) if len(title) <= _LONGEST else None
    if part is None or not _words(part.left.replace("{}", " ")):
        return None
    return _named([], part.left, part.label, "")


def normal(text: str) -> str:
    """A name in one normal form: its words in lower case, apart by one blank."""
    return " ".join(_words(text))


def _named(folders: list[str], stem: str, label: Label, fallback: str) -> ParsedName:
    work = "/".join(
        [*folders[:-1], *map(_normal_folder, folders[-1:]), normal(stem).replace("{}", "").strip() or "{}"]
    )
    if any("{}" in folder for folder in folders):
        work = "/".join([*map(_normal_folder, folders), normal(stem)])
    name = _tidy(stem) or _tidy(fallback)
    return ParsedName(re.sub(r" {2,}", " ", work), name, label.text, label.order, label.kind)


def _normal_folder(folder: str) -> str:
    return normal(folder) if "{}" in folder else folder


def _stem(file: str) -> str:
    stem = _EXTENSION.sub("", file)
    return _EXTENSION.sub("", stem) if stem.lower().endswith(".tar") else stem


def _part(name: str) -> _Part | None:
    """The edition that one name holds. A stated version comes before a date, and takes the date out of the work's name."""
    date = dated(name)
    label = labelled(name)
    if label is not None:
        left = _cut(name, label)
        second = dated(left)
        if label.kind is not EditionKind.WORD:
            if second is not None:
                label, left = label.after(second.order), _cut(left, second)
            return _checked(label, _stages_off(left))
        if second is None:
            return _checked(label, left)
    return None if date is None else _dated(date, _stages_off(_cut(name, date)))


def _cut(name: str, label: Label) -> str:
    return f"{name[: label.begin]} {{}} {name[label.end :]}".replace("{} {}", "{}")


def _checked(label: Label, left: str) -> _Part | None:
    """Without what is counted: ``chapter 1.2``; and without numbers of headings: ``1.2 Summary``."""
    if label.stated:
        return _Part(label, left)
    before, _, after = left.partition("{}")
    counted = _words(before)[-1:]
    if counted and counted[0] in words.COUNTED:
        return None
    if not counted and _words(after) and words.RELEASES.isdisjoint(_words(after)):
        return None
    return _Part(label, left)


def _dated(label: Label, left: str) -> _Part | None:
    """A date is an edition where the work is one that is revised; else it is one of a series, or a number by chance."""
    before, _, after = left.partition("{}")
    if _words(before)[-1:] and _words(before)[-1] in words.COUNTED:
        return None
    if re.match(r"[\s_.-]{0,3}\d", after):
        return None
    said = set(_words(left.replace("{}", " ")))
    if not said.isdisjoint(words.COUNTED & words.EVENTS):
        return None if label.order[1] == 0 else _Part(label.of_kind(EditionKind.SERIES), left)
    whole_year = label.order[1] == 0 and bool(said)
    if _speak_of(said, words.EVENTS) or not (whole_year or _speak_of(said, words.WORKS)):
        return _Part(label.of_kind(EditionKind.SERIES), left)
    return _Part(label, left)


def _speak_of(said: set[str], meant: frozenset[str]) -> bool:
    """Whether one of the words is meant, or a compound of one, such as Urlaubsrichtlinie."""
    return any(
        word in meant or any(len(end) >= _COMPOUND and word.endswith(end) for end in meant) for word in said
    )


def _stages_off(left: str) -> str:
    """The name without "final" and its like, which tell how far an edition had come."""
    stages = "|".join(words.STAGES)
    return re.sub(rf"(?<![^\W_])(?:{stages})(?![^\W_])", " ", left, flags=re.IGNORECASE)


def _words(text: str) -> list[str]:
    return [word for word in _BREAKS.split(text.casefold()) if word]


def _tidy(text: str) -> str:
    """The name for people: without the place of the edition and what stood around it."""
    bare = re.sub(r"[(\[]\s*[)\]]", " ", text.replace("{}", " ").replace("_", " "))
    return re.sub(r"\s{2,}", " ", bare).strip(" -–—·.,;:|~#")
