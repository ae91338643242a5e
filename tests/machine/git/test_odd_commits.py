"""Commits and tags as broken tools write them: none of them stops an import, and what they say is kept."""

from __future__ import annotations

import os

import pytest

from tests.machine.git.scene import GitScene
from tests.support.git_repository import GitRepository

KEPT = 16_384
"""Bytes of a message that are kept."""


@pytest.mark.parametrize(
    ("encoding", "message", "said"),
    [
        ("zlib", b"a change", "a change"),
        ("base64", b"a change", "a change"),
        ("undefined", b"a change", "a change"),
        ("idna", b"\xff..", "ÿ.."),
        ("unicode_escape", b"\\ud800 days", "\\ud800 days"),
        ("utf-7", b"+2AA- days", "+2AA- days"),
        ("utf-16", b"odd", "odd"),
        ("a\0b", b"a change", "a change"),
        ("\xff\xfe", b"a change", "a change"),
        ("", b"a change", "a change"),
        ("../../etc/passwd", b"a change", "a change"),
        ("utf-8", b"\xe9t\xe9", "été"),
    ],
)
def test_a_header_that_names_no_encoding_of_text_stops_nothing(
    scene: GitScene, repository: GitRepository, encoding: str, message: bytes, said: str
) -> None:
    repository.write("a.md", "One days.").commit()
    repository.write("a.md", "Two days.").commit(message, encoding=encoding)
    scene.learn_all()
    version = scene.versions("a.md")[-1]
    assert scene.text_of(version) == "Two days."
    assert version.message == said


def test_a_header_that_is_no_utf_8_itself_stops_nothing(scene: GitScene, repository: GitRepository) -> None:
    repository.write("a.md", "One days.").commit("a change", encoding=b"latin-\xff")
    scene.learn_all()
    assert scene.versions("a.md")[-1].message == "a change"


@pytest.mark.parametrize(("written", "key"), [(b"v\xe9", "v\ufffde9"), ("vé".encode(), "vé")])
def test_a_tag_at_a_name_of_any_bytes_is_found_by_the_rule_of_odd_paths(
    scene: GitScene, repository: GitRepository, written: bytes, key: str
) -> None:
    repository.write("a.md", "One days.").commit()
    name = os.fsdecode(written)
    repository.git("tag", name, repository.tip)
    repository.git("branch", name, repository.tip)
    repository.tag("v1").write("a.md", "Two days.").commit()
    scene.learn_all()
    assert scene.at(f"a.md@{key}") == "One days."
    assert scene.at("a.md@v1") == "One days."
    assert scene.at("a.md") == "Two days."


def test_of_a_very_long_message_its_beginning_is_kept_with_each_version(
    scene: GitScene, repository: GitRepository
) -> None:
    for number in range(20):
        repository.write(f"{number}.md", f"{number} days.")
    repository.commit("Begins so. " + "x" * 300_000)
    scene.learn_all()
    messages = [v.message or "" for versions in scene.documents().values() for v in versions]
    assert len(messages) == 20
    assert all(message.startswith("Begins so. xxx") for message in messages)
    assert all(len(message) == KEPT for message in messages)


@pytest.mark.parametrize("encoding", ["utf-8", "shift_jis"])
@pytest.mark.parametrize("before", [0, 1])
def test_a_long_message_is_cut_between_characters(
    scene: GitScene, repository: GitRepository, before: int, encoding: str
) -> None:
    said = "x" * before + "日" * KEPT
    repository.write("a.md", "One days.").commit(said.encode(encoding), encoding=encoding)
    scene.learn_all()
    assert scene.versions("a.md")[-1].message == said[:KEPT]
