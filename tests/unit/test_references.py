"""What people write to name a document, or a document at a version."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.references import split_reference


@pytest.mark.parametrize(
    ("text", "candidates"),
    [
        ("a.md", [("a.md", None)]),
        ("a.md@3", [("a.md@3", None), ("a.md", "3")]),
        ("me@home/a.md@v3", [("me@home/a.md@v3", None), ("me@home/a.md", "v3"), ("me", "home/a.md@v3")]),
        ("a@@3", [("a@@3", None), ("a@", "3"), ("a", "@3")]),
        ("@3", [("@3", None)]),
        ("a.md@", [("a.md@", None)]),
        ("", [("", None)]),
    ],
)
def test_a_reference_is_tried_whole_then_from_its_last_separator(
    text: str, candidates: list[tuple[str, str | None]]
) -> None:
    assert split_reference(text) == candidates


@given(st.text(alphabet="a@/", max_size=12))
def test_splitting_loses_no_text(text: str) -> None:
    for document, selector in split_reference(text):
        assert text == (document if selector is None else f"{document}@{selector}")
        assert selector != ""
    assert len(set(split_reference(text))) == len(split_reference(text))
