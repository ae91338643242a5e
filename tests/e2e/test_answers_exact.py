"""Whatever happened to a folder, every answer is of exactly the version that it names.

One story of edits, editors' habits, moves, swaps, copies, links, deletions and restored backups is
played through the command line. Beside it stands what each document said in each of its versions.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cli_workplace import CONFIGURATION, Workplace

PLAN = """# {name}

Introduction to {name}, which never changes.

## Rules

The rule number {rule} applies to {name}.

## Notes

{notes}
"""


def plan(name: str, rule: int, notes: str = "Nothing to note.") -> str:
    return PLAN.format(name=name, rule=rule, notes=notes)


class Story:
    """The workplace, and the texts of every document's versions, oldest first; None where it was absent."""

    def __init__(self, work: Workplace) -> None:
        self.work = work
        self.texts: dict[str, list[str | None]] = {}
        """By the document's last key."""

    def write(self, key: str, text: str) -> None:
        self.work.write(key, text)

    def scan(self, **texts: str | None) -> None:
        """Index; `texts` are the new versions, by key with ``__`` for the dot."""
        assert self.work.run("backfill").code == 0
        for name, text in texts.items():
            self.texts.setdefault(name.replace("__", "."), []).append(text and text.strip())

    def moved(self, before: str, after: str) -> None:
        """The document at `before` is found at `after` now."""
        self.texts[after] = self.texts.pop(before)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    work = Workplace(tmp_path_factory.mktemp("story"), _Quiet())  # type: ignore[arg-type]
    work.config.write_text(CONFIGURATION.replace("Europe/Berlin", "UTC"))
    return Story(work)


class _Quiet:
    """Stands in for capsys, which is one test's, while the story is told for all of them."""

    def readouterr(self) -> tuple[str, str]:
        return "", ""


class Retold(Workplace):
    """The workplace of a story that was told, for one test to ask."""

    def __init__(self, told: Story, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.docs, self.config = told.work.folder, told.work.docs, told.work.config
        self._capsys = capsys


@pytest.fixture(scope="module")
def told(story: Story) -> Story:
    """All of it, indexed after each chapter."""
    docs = story.work.docs
    one, two = plan("Leave", 1), plan("Travel", 1)
    story.write("leave.md", one)
    story.write("travel.md", two)
    story.scan(leave__md=one, travel__md=two)
    _editors(story, docs)
    _restored(story, docs)
    _moves(story, docs)
    _links(story, docs)
    _gone_and_back(story, docs)
    return story


def _editors(story: Story, docs: Path) -> None:
    """Saved in place, through a temporary file, past a backup, and by removing it first."""
    text = plan("Leave", 2)
    story.write("leave.md", text)
    story.scan(leave__md=text)
    text = plan("Leave", 3)
    story.write("leave.md.tmp", text)
    (docs / "leave.md.tmp").replace(docs / "leave.md")
    story.scan(leave__md=text)
    text = plan("Leave", 4)
    (docs / "leave.md").rename(docs / "leave.md~")
    story.write("leave.md", text)
    story.scan(leave__md=text)
    text = plan("Leave", 5)
    (docs / "leave.md").unlink()
    story.write("leave.md", text)
    story.scan(leave__md=text)


def _restored(story: Story, docs: Path) -> None:
    """A→B→A with the old mtime, B→C of one size and mtime, and clocks that lie."""
    file = docs / "travel.md"
    first = file.stat()
    other = plan("Travel", 2)
    story.write("travel.md", other)
    story.scan(travel__md=other)
    story.write("travel.md", plan("Travel", 1))
    os.utime(file, ns=(first.st_atime_ns, first.st_mtime_ns))
    story.scan(travel__md=plan("Travel", 1))
    story.write("travel.md", plan("Travel", 3))
    os.utime(file, ns=(first.st_atime_ns, first.st_mtime_ns))
    story.scan(travel__md=plan("Travel", 3))
    for rule, time in ((4, 4_102_444_800), (5, 0), (6, -315_619_200)):
        story.write("travel.md", plan("Travel", rule))
        os.utime(file, (time, time))
        story.scan(travel__md=plan("Travel", rule))


def _moves(story: Story, docs: Path) -> None:
    """A folder, a name's case, two names swapped, and a move together with an edit."""
    for name in ("A", "B"):
        story.write(f"old/{name}.md", plan(name, 1))
    story.scan(A__md=plan("A", 1), B__md=plan("B", 1))
    (docs / "old").rename(docs / "new")
    story.scan(A__md=plan("A", 1), B__md=plan("B", 1))
    (docs / "new/A.md").rename(docs / "new/a.md")
    story.scan(A__md=plan("A", 1))
    story.moved("A.md", "a.md")
    (docs / "leave.md").rename(docs / "swap")
    (docs / "travel.md").rename(docs / "leave.md")
    (docs / "swap").rename(docs / "travel.md")
    story.scan(leave__md=plan("Leave", 5), travel__md=plan("Travel", 6))
    story.texts["leave.md"], story.texts["travel.md"] = story.texts["travel.md"], story.texts["leave.md"]
    text = plan("B", 1, "Moved and edited.")
    story.write("new/B.md", text)
    (docs / "new/B.md").rename(docs / "b-moved.md")
    story.scan(B__md=text)
    story.moved("B.md", "b-moved.md")


def _links(story: Story, docs: Path) -> None:
    """A copy, a hard link that is edited through the other name, and symbolic links that lead away."""
    shutil.copy2(docs / "new/a.md", docs / "copy.md")
    os.link(docs / "new/a.md", docs / "hard.md")
    (docs / "passwd.md").symlink_to("/etc/passwd")
    (docs / "etc").symlink_to("/etc")
    text = plan("A", 1)
    story.scan(copy__md=text, hard__md=text)
    text = plan("A", 2, "Edited through both names.")
    story.write("new/a.md", text)
    story.scan(a__md=text, hard__md=text)


def _gone_and_back(story: Story, docs: Path) -> None:
    """Deleted and created again; a file whose name a folder takes, and back."""
    (docs / "copy.md").unlink()
    story.scan(copy__md=None)
    text = plan("Copy", 9)
    story.write("copy.md", text)
    story.scan(copy__md=text)
    (docs / "hard.md").unlink()
    story.write("hard.md/inner.md", plan("Inner", 1))
    story.scan(hard__md=None, inner__md=plan("Inner", 1))
    shutil.rmtree(docs / "hard.md")
    story.write("hard.md", plan("Hard", 3))
    story.scan(hard__md=plan("Hard", 3), inner__md=None)


@pytest.fixture
def work(told: Story, capsys: pytest.CaptureFixture[str]) -> Workplace:
    return Retold(told, capsys)


def versions(work: Workplace, key: str) -> list[dict[str, Any]]:
    """Oldest first."""
    found: list[dict[str, Any]] = work.json("history", key)["versions"]
    return found[::-1]


def every_version(work: Workplace, told: Story) -> Iterator[tuple[str, dict[str, Any], str | None]]:
    """(document id, version, the text it must have)."""
    for key, texts in told.texts.items():
        document = work.json("history", key)["document"]["id"]
        yield from ((document, v, text) for v, text in zip(versions(work, key), texts, strict=True))


def test_every_version_that_ever_was_is_shown_as_it_was(work: Workplace, told: Story) -> None:
    for document, version, text in every_version(work, told):
        for selector in (f"number:{version['number']}", version["id"]):
            outcome = work.run("show", f"{document}@{selector}", "--json")
            if text is None:
                assert (outcome.code, version["kind"]) == (3, "tombstone")
            else:
                assert outcome.json["text"] == text
                assert outcome.json["version"]["id"] == version["id"]


def test_the_deep_check_finds_nothing_after_all_of_it(work: Workplace) -> None:
    report = work.json("check", "--deep")

    assert (report["ok"], report["problems"]) == (True, [])


def test_nothing_outside_of_the_folder_was_indexed(work: Workplace, told: Story) -> None:
    totals = work.json("status")["totals"]

    assert totals["documents"] == len(told.texts) - 1  # one lies deleted
    assert totals["versions"] == sum(map(len, told.texts.values()))


def test_at_the_instant_of_each_version_exactly_that_version_held(work: Workplace, told: Story) -> None:
    for document, version, text in every_version(work, told):
        at = f"{document}@{version['valid_from']}"
        if text is None:
            assert work.run("show", at).code == 3
        elif "." in version["valid_from"]:  # otherwise it means the whole second
            shown = work.json("show", at)
            assert (shown["text"], shown["version"]["number"]) == (text, version["number"])


def test_what_was_known_at_each_instant_is_the_version_learnt_then(work: Workplace, told: Story) -> None:
    for document, version, text in every_version(work, told):
        if text is not None:
            shown = work.json("show", document, "--known-at", version["recorded_from"])
            assert (shown["text"], shown["version"]["number"]) == (text, version["number"])


SCOPES: list[list[str]] = [
    [], ["--history"], ["--version", "1"], ["--version", "2"], ["--version", "number:3"], ["--version", "latest"],
    ["--version", "previous"], ["--path", "*.md", "--history"], ["--path", "new/"], ["--doc", "leave.md"],
    ["--doc", "leave.md", "--history"], ["--doc", "travel.md", "--version", "4"],
]  # fmt: skip


@pytest.mark.parametrize("mode", ["text", "vector", "hybrid"])
@pytest.mark.parametrize("scope", SCOPES, ids=" ".join)
def test_every_passage_found_stands_in_the_version_it_is_cited_from(
    work: Workplace, told: Story, scope: list[str], mode: str
) -> None:
    texts = {v["id"]: text for _, v, text in every_version(work, told)}
    numbered = {(document, v["number"]): text for document, v, text in every_version(work, told)}

    hits = work.json("search", "the rule applies", "-k", "1000", "--mode", mode, *scope)["hits"]

    assert hits
    for hit in hits:
        text = texts[hit["version"]["id"]]
        assert text is not None
        assert hit["text"] in text
        cited = work.json("cite", hit["citation"])
        assert cited["text"] == hit["text"]
        assert cited["version"]["id"] == hit["version"]["id"]
        if "--history" in scope:
            for first, last in hit["also_in"]:
                for number in range(first, last + 1):
                    assert hit["text"] in (numbered[hit["document"]["id"], number] or "")


def test_the_present_holds_the_last_text_of_every_document_and_nothing_else(
    work: Workplace, told: Story
) -> None:
    hits = work.json("search", "rule", "-k", "1000", "--mode", "vector")["hits"]

    found = {(hit["document"]["id"], hit["text"]) for hit in hits}
    expected = set()
    for key, texts in told.texts.items():
        if texts[-1] is not None:
            shown = work.json("show", key)
            expected |= {
                (shown["document"]["id"], shown["text"][passage["start"] : passage["end"]])
                for passage in shown["passages"]
            }
    assert found == expected


def test_a_day_means_its_last_version_and_names_the_others(work: Workplace, told: Story) -> None:
    """All of the story happens in one day, or around one midnight."""
    *_, last = versions(work, "leave.md")
    day = last["valid_from"][:10]
    same_day = [v for v in versions(work, "leave.md") if v["valid_from"].startswith(day)]

    shown = work.json("show", f"leave.md@{day}")

    assert shown["text"] == told.texts["leave.md"][-1]
    assert [v["id"] for v in shown["alternatives"]] == [v["id"] for v in same_day[:-1]]
    hits = work.json("search", "rule", "--as-of", day, "--path", "leave.md")["hits"]
    assert {hit["version"]["id"] for hit in hits} == {last["id"]}


def test_blame_names_the_version_that_introduced_each_passage(work: Workplace, told: Story) -> None:
    for key, texts in told.texts.items():
        if texts[-1] is None:
            continue
        for passage in work.json("blame", key)["passages"]:
            since = passage["introduced"]["number"]
            assert all(passage["text"] in (text or "") for text in texts[since - 1 :])
            assert since == 1 or passage["text"] not in (texts[since - 2] or "")


def test_a_diff_turns_the_one_text_into_the_other(work: Workplace, told: Story) -> None:
    # What is called leave.md now was called travel.md then, and is found by that name.
    changes = work.json("diff", "travel.md@1", "2")["changes"]

    assert [change["op"] for change in changes] == ["changed"]
    assert "rule number 1" in changes[0]["before"]
    assert "rule number 2" in changes[0]["after"]
    before, after = told.texts["leave.md"][:2]
    assert before is not None
    assert before.replace(changes[0]["before"], changes[0]["after"]) == after


def test_no_answer_changes_when_the_passages_table_is_made_anew(work: Workplace) -> None:
    questions = [["search", "the rule applies", "-k", "1000", *scope] for scope in SCOPES]
    before = [work.json(*question) for question in questions]

    assert work.run("rebuild").code == 0

    assert [work.json(*question) for question in questions] == before


def test_another_run_finds_nothing_to_do(work: Workplace) -> None:
    report = work.json("backfill")["sources"][0]

    assert (report["versions_added"], report["passages_embedded"], report["passages_closed"]) == (0, 0, 0)
    assert work.json("backfill", "--dry-run")["sources"][0]["forecast"]["versions"] == 0
