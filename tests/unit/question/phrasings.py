"""The table of phrasings and the notation in which it says what they mean; see ``tests/data/questions.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from indexer.question import (
    Bound,
    DateExpression,
    Interpretation,
    VersionExpression,
    VersionReading,
    interpret,
)
from indexer.timing import parse_instant

BERLIN: Final = ZoneInfo("Europe/Berlin")
NOW: Final = parse_instant("2024-06-19T14:00:00", BERLIN)[0]
TABLE: Final = Path(__file__).parents[2] / "data" / "questions.toml"


@dataclass(frozen=True, slots=True)
class Phrasing:
    """One line of the table."""

    section: str
    text: str
    kind: str
    versions: str
    dates: str
    rest: str
    """Empty where it is not looked at."""

    @property
    def wanted(self) -> str:
        """What the line says, in its own notation."""
        return _joined(self.kind, self.versions, self.dates, self.rest)

    def got(self, meaning: Interpretation) -> str:
        """What an interpretation says, in the same notation."""
        left = "=" if meaning.rest == meaning.text and self.rest == "=" else meaning.rest
        return _joined(meaning.kind.value, versions(meaning), dates(meaning), left if self.rest else "")


def phrasings(table: Path = TABLE) -> list[Phrasing]:
    """All lines of the table."""
    lines = []
    for section, cases in tomllib.loads(table.read_text("utf-8")).items():
        for text, meaning in cases.items():
            parts = [part.strip() for part in meaning.split("|", 3)]
            kind, named, dated, rest = parts + [""] * (4 - len(parts))
            lines.append(Phrasing(section, text, kind, named, dated, rest))
    return lines


def ask(text: str) -> Interpretation:
    """What a question means on Wednesday, 19 June 2024, 14:00 in Berlin."""
    return interpret(text, NOW, BERLIN)


def versions(meaning: Interpretation) -> str:
    """Its versions and the candidates among them, in the notation of the table."""
    weak = [f"?{_version(c)}" for c in meaning.candidates if isinstance(c, VersionExpression)]
    return " ".join([*map(_version, meaning.versions), *weak])


def dates(meaning: Interpretation) -> str:
    """Its dates and the candidates among them, in the notation of the table."""
    weak = [f"?{_date(c)}" for c in meaning.candidates if isinstance(c, DateExpression)]
    return " ".join([*map(_date, meaning.dates), *weak])


def _joined(*parts: str) -> str:
    return " | ".join(parts).rstrip("| ")


def _version(version: VersionExpression) -> str:
    bound = "" if version.bound is Bound.AT else f"{version.bound.value}:"
    match version.reading:
        case VersionReading.NAMED:
            return f"{bound}{version.name}"
        case VersionReading.COMMIT | VersionReading.TAG:
            return f"{bound}{version.reading.value}:{version.name}"
        case VersionReading.NEIGHBOUR:
            assert isinstance(version.anchor, VersionExpression)
            return f"{bound}{version.offset:+}@{_version(version.anchor)}"
        case VersionReading.POSITION:
            limit = "" if not isinstance(version.anchor, DateExpression) else f"@{_date(version.anchor)}"
            return f"{bound}#{version.position}{limit}"


def _date(date: DateExpression) -> str:
    bound = "" if date.bound is Bound.AT else f"{date.bound.value}:"
    return bound + "/".join(period.reading for period in (date.period, *date.alternatives))
