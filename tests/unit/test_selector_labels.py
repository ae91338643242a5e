"""A label that several versions of one document hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC

import pytest

from indexer.errors import AmbiguousError
from indexer.model import Version, VersionKind, VersionStatus
from indexer.selectors import select
from tests.unit.selector_history import short, version


def line(*held: tuple[str, str | None]) -> list[Version]:
    """Versions `v_n1`, `v_n2` …, each with a label and the hash of its text."""
    return [
        replace(version(f"v_n{number}", number, f"2024-01-{number:02}", label), text_hash=text)
        for number, (label, text) in enumerate(held, start=1)
    ]


def chosen(versions: Sequence[Version], text: str) -> tuple[str, list[str]]:
    selection = select(versions, text, UTC)
    return short(selection.version), [short(v) for v in selection.alternatives]


def test_of_versions_with_one_text_the_last_is_taken_and_the_others_are_named() -> None:
    twice = line(("1", "b3:a"), ("x", "b3:b"), ("x", "b3:b"), ("X", "b3:b"), ("5", "b3:c"))
    assert chosen(twice, "x") == ("n4", ["n2", "n3"])
    assert chosen(twice, "label:X") == ("n4", ["n2", "n3"])
    assert select(twice, "x", UTC).resolved_by == 'label "x"'


def test_another_version_of_that_number_is_named_once() -> None:
    twice = line(("1", "b3:a"), ("2", "b3:b"), ("2", "b3:b"))
    assert chosen(twice, "2") == ("n3", ["n2"])
    assert select(twice, "2", UTC).resolved_by == 'label "2" (number 2 is another version: v_n2)'
    assert chosen(twice, "number:2") == ("n2", [])


@pytest.mark.parametrize("texts", [("b3:a", "b3:b"), ("b3:a", None), (None, None)])
def test_texts_that_differ_or_are_not_known_stay_a_question(texts: tuple[str | None, str | None]) -> None:
    with pytest.raises(AmbiguousError) as raised:
        chosen(line(*(("2", text) for text in texts)), "2")
    assert [short(v) for v in raised.value.candidates] == ["n1", "n2"]


def test_two_tombstones_stay_a_question() -> None:
    gone = [replace(v, kind=VersionKind.TOMBSTONE) for v in line(("2", None), ("2", None))]
    with pytest.raises(AmbiguousError):
        chosen(gone, "2")


def test_a_version_on_the_line_goes_before_one_beside_it() -> None:
    aside = replace(version("v_aside", None, None, "x", status=VersionStatus.ASIDE), text_hash="b3:a")
    assert chosen([*line(("x", "b3:a"), ("y", "b3:a")), aside], "x") == ("n1", ["aside"])
