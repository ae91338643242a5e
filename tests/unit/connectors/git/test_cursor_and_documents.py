"""What is remembered between two listings, and which paths of a tree are documents."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from connectors.git.cursor import Cursor
from connectors.git.documents import Documents
from connectors.git.settings import read_settings

CURSOR = Cursor("a" * 40, 7, 1_700_000_000_000_000, "since:1", "digest", 3, "b" * 40, "tags")


def _documents(**settings: object) -> Documents:
    read = read_settings("docs", {"path": "/srv/docs", **settings})
    return Documents(read.include, read.exclude)


@pytest.mark.parametrize("cursor", [CURSOR, replace(CURSOR, root="", tags="", history="all", place=-3)])
def test_a_cursor_is_read_as_it_was_written(cursor: Cursor) -> None:
    assert Cursor.read(cursor.write()) == cursor


@pytest.mark.parametrize(
    "text",
    [
        *("", "7", "null", "[]", "{}", "not json", '"text"'),
        json.dumps({**json.loads(CURSOR.write()), "more": 1}),
        json.dumps({key: value for key, value in json.loads(CURSOR.write()).items() if key != "tip"}),
        json.dumps({**json.loads(CURSOR.write()), "history": "since:soon"}),
    ],
)
def test_a_cursor_of_another_release_is_none(text: str) -> None:
    assert Cursor.read(text) is None


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        (b"leave.md", True),
        (b"in/deep/leave.txt", True),
        (b"LICENSE", True),
        (b"caf\xe9.md", True),
        (b".gitignore", False),
        (b"in/.gitattributes", False),
        (b".github/workflows/x.yml", False),
        (b"logo.png", False),
        (b"package-lock.json", False),
    ],
)
def test_what_a_document_is_unless_patterns_say_otherwise(path: bytes, taken: bool) -> None:
    assert _documents()(path) is taken


@pytest.mark.parametrize(
    ("paths", "taken"),
    [
        (["*.md"], {"a.md", "in/b.md", "in/deep/c.md"}),
        (["/in/"], {"in/b.md", "in/x.txt", "in/deep/c.md"}),
        (["/in/*.md"], {"in/b.md"}),
        (["in/**/*.md"], {"in/b.md", "in/deep/c.md"}),
        (["*.md", "!deep/"], {"a.md", "in/b.md"}),
        (["*.md", "!/in/"], {"a.md"}),
        (["!*.md"], {"in/x.txt"}),
    ],
)
def test_patterns_select_whole_paths(paths: list[str], taken: set[str]) -> None:
    every = ("a.md", "in/b.md", "in/x.txt", "in/deep/c.md")
    documents = _documents(paths=paths)
    assert {path for path in every if documents(path.encode())} == taken


def test_a_file_in_a_folder_that_is_left_out_is_left_out_however_deep() -> None:
    documents = _documents(paths=["*.md", "!/a/"])
    assert not documents(b"a/b/c/d.md")
    assert documents(b"b/a/c/d.md")
