"""A scope is a key and all below it."""

from __future__ import annotations

import pytest

from indexer.plan.scopes import lies_in


@pytest.mark.parametrize(
    ("key", "scopes", "expected"),
    [
        ("a.md", set(), False),
        ("a.md", {""}, True),
        ("", {""}, True),
        ("", {"a"}, False),
        ("a", {"a"}, True),
        ("a/b/c.md", {"a"}, True),
        ("a/b/c.md", {"a/b", "x"}, True),
        ("ab/c.md", {"a"}, False),
        ("a", {"a/b"}, False),
        ("mail.eml//offer.pdf", {"mail.eml"}, True),
    ],
)
def test_a_key_lies_in_a_scope_or_not(key: str, scopes: set[str], expected: bool) -> None:
    assert lies_in(key, scopes) is expected
