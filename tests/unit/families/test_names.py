"""Which edition of which work a key names."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.families import parse_name

TABLE: Final = Path(__file__).parents[2] / "data" / "names.toml"
CASES: Final[dict[str, str]] = {
    key: said for section in tomllib.loads(TABLE.read_text("utf-8")).values() for key, said in section.items()
}
PIECES: Final = (
    "v",
    "3",
    ".",
    "-",
    "_",
    " ",
    "2024",
    "rev",
    "B",
    "final",
    "(",
    ")",
    "/",
    "version",
    "03",
    "copy",
    "of",
    "\ud800",
    "é",
)


def test_the_table_has_at_least_eighty_names() -> None:
    assert len(CASES) >= 80


@pytest.mark.parametrize("key", CASES)
def test_a_key_names_an_edition_or_none(key: str) -> None:
    parsed = parse_name(key)
    got = "none" if parsed is None else f"{parsed.kind} | {parsed.edition} | {parsed.work}"
    assert got == CASES[key]


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("Spark Release 2.4.7 _ Apache Spark.pdf", "Spark Apache Spark"),
        ("hr/leave-policy_v3.docx", "leave-policy"),
        ("Handbook (final) rev B.docx", "Handbook"),
        ("v1/spec.md", "spec"),
        ("docs/v2.md", "docs"),
    ],
)
def test_a_work_has_a_name_for_people(key: str, name: str) -> None:
    parsed = parse_name(key)
    assert parsed is not None
    assert parsed.name == name


@given(st.text(max_size=40) | st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_any_key_can_be_asked_about(key: str) -> None:
    parsed = parse_name(key)
    if parsed is not None:
        assert parsed.work
        assert parsed.edition
        assert parse_name(key) == parsed


@pytest.mark.parametrize("piece", [*PIECES, "1.", "v1.", "2024-", "rev ", "({", "final ", "draft2"])
def test_a_very_long_key_is_no_trouble(piece: str) -> None:
    parse_name(piece * 20_000)
