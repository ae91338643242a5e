"""`purge` and `forget` by the installed command: what they remove, what they ask, what is answered afterwards."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from indexer.composition import open_index
from indexer.config import load
from indexer.query.view import View
from indexer.stewardship.purge import look_at, purge
from tests.e2e.cli_workplace import Workplace
from tests.e2e.confluence_workplace import WikiWorkplace
from tests.support.confluence_exports import write_html, write_xml
from tests.support.data_folder import found_in
from tests.support.indexes import Crash

FIRST = "# Leave policy\n\nFor all employees.\n\n## Carry-over\n\nUp to ten days may be carried over.\n"
SECOND = FIRST.replace("ten days", "swordfish days")
THIRD = FIRST.replace("ten days", "twelve days")
DOC = "leave-policy.md"
REASON = ("--reason", "holds a password")


@pytest.fixture
def work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Workplace:
    """Three versions of one document, one of another."""
    work = Workplace(tmp_path, capsys)
    work.write("travel.md", "# Travel\n\nBook early, claim late.\n")
    for text in (FIRST, SECOND, THIRD):
        work.write(f"hr/{DOC}", text)
        work.json("backfill")
    return work


def test_a_version_is_removed_and_everything_says_so(work: Workplace) -> None:
    shown = work.json("show", f"{DOC}@2")
    citations = [passage["citation"] for passage in shown["passages"]]
    assert "swordfish" in found_in(work.folder / "data", "swordfish")

    done = work.json("purge", f"{DOC}@2", *REASON, "--yes")

    assert done["purge"]["reason"] == "holds a password"
    assert done["purge"]["finished"] is True
    assert done["document"] == {"id": shown["document"]["id"], "source": "policies"}
    assert (done["versions"], done["whole"]) == ([shown["version"]["id"]], False)
    assert (done["passages_removed"], done["originals_removed"]) == (1, 1)
    assert found_in(work.folder / "data", "swordfish") == {}
    for words in (("show", f"{DOC}@2"), ("show", f"{DOC}@2", "--original", "-o", "x"), ("blame", f"{DOC}@2"),
                  ("diff", f"{DOC}@2", "3"), *(("cite", citation) for citation in citations)):  # fmt: skip
        error = work.json(*words, code=3)["error"]
        assert error["code"] == "purged", words
        assert "version 2 of hr/leave-policy.md was purged on " in error["message"]
        assert error["message"].endswith(": holds a password")
    versions = work.json("history", DOC)["versions"]
    assert [v["purged"] is None for v in versions] == [True, False, True]
    told = {key: done["purge"][key] for key in ("id", "at", "by", "reason")}
    assert versions[1]["purged"] == told | {"thinned": False}
    assert (versions[1]["number"], versions[1]["id"]) == (2, shown["version"]["id"])
    assert "purged by" in work.run("history", DOC).out
    assert work.json("search", "swordfish", "--history", "--mode", "text")["hits"] == []
    answer = work.json("search", "days", "--doc", DOC, "--version", "2")["answer"]
    assert "was purged on" in answer["text"]
    introduced = [p["introduced"]["number"] for p in work.json("blame", DOC)["passages"]]
    assert introduced == [1, 3]  # the heading's passage stood there all the time
    assert work.json("show", f"{DOC}@1")["text"] == FIRST.strip()
    assert work.json("check", "--deep")["problems"] == []


def test_a_document_is_removed_and_answers_by_its_former_name(work: Workplace) -> None:
    document = work.json("show", DOC)["document"]["id"]

    outcome = work.run("purge", DOC, *REASON, "--yes")

    assert outcome.code == 0
    assert outcome.out.startswith(f"purged 3 versions of document {document}: ")
    assert "it stays away" in outcome.err
    assert found_in(work.folder / "data", "swordfish", "Leave policy", "employees") == {}
    for name in (f"hr/{DOC}", f"policies:hr/{DOC}", document, f"{document}@2"):
        assert work.json("show", name, code=3)["error"]["code"] == "purged", name
    hits = work.json("search", "days carried over", "--history")["hits"]
    assert {hit["document"]["key"] for hit in hits} == {"travel.md"}
    again = work.json("backfill")["sources"][0]
    assert (again["versions_added"], again["remarks"]) == (0, [])
    assert work.json("purge", document, *REASON, "--yes", code=3)["error"]["code"] == "purged"
    work.write(f"hr/{DOC}", FIRST + "\nNew.\n")
    assert work.json("backfill")["sources"][0]["versions_added"] == 1
    assert work.json("show", DOC)["version"]["number"] == 4
    assert work.json("check", "--deep")["problems"] == []


def test_a_state_that_comes_back_is_told_once_and_stays_away(work: Workplace) -> None:
    work.json("purge", f"{DOC}@2", *REASON, "--yes")
    work.write(f"hr/{DOC}", SECOND)

    (report,) = work.json("backfill")["sources"]

    assert len(report["remarks"]) == 1
    assert "stays away" in report["remarks"][0]
    assert found_in(work.folder / "data", "swordfish") == {}
    assert work.json("show", DOC, code=3)["error"]["code"] == "purged"
    assert work.json("backfill")["sources"][0]["remarks"] == []
    assert work.json("check", "--deep")["problems"] == []


def test_nothing_is_removed_without_being_asked_for(work: Workplace) -> None:
    before = work.json("status")["sources"]
    refused = work.json("purge", DOC, *REASON, code=2)["error"]
    assert "--yes" in refused["remedy"]
    assert work.run("purge", DOC, "--yes").code == 2  # without a reason
    assert work.run("purge", DOC, "--reason", " ", "--yes").code == 2
    assert work.json("status")["sources"] == before
    assert work.json("show", f"{DOC}@2")["text"] == SECOND.strip()


def test_what_cannot_be_purged_is_said_in_one_line(work: Workplace) -> None:
    assert work.json("purge", "nothing.md", *REASON, "--yes", code=3)["error"]["code"] == "no-such-document"
    assert work.json("purge", f"{DOC}@9", *REASON, "--yes", code=3)["error"]["code"] == "no-such-version"
    # A day is one of the configured zone, which may be on the next one already.
    began = datetime.fromisoformat(work.json("show", DOC)["version"]["valid_from"])
    today = began.astimezone(load(work.config, {}).timezone).date()
    ambiguous = work.json("purge", f"{DOC}@{today}", *REASON, "--yes", code=4)["error"]
    assert len(ambiguous["candidates"]) == 3
    (work.docs / "travel.md").unlink()
    work.json("backfill")
    gone = work.json("purge", "travel.md@latest", *REASON, "--yes", code=2)["error"]
    assert "says that it was deleted" in gone["message"]


def test_an_interrupted_purge_is_finished_by_the_next_command_that_writes(
    work: Workplace,
) -> None:
    config = load(work.config, {})
    with open_index(config) as index:
        index.step = crash_at_once
        with index.catalog.snapshot() as snapshot:
            target = look_at(index, View(snapshot, config.timezone), f"{DOC}@2")
        with pytest.raises(Crash):
            purge(index, target, "holds a password", "alice")
    assert work.json("show", f"{DOC}@2")["text"] == SECOND.strip()
    work.json("backfill")
    assert work.json("show", f"{DOC}@2", code=3)["error"]["code"] == "purged"
    assert found_in(work.folder / "data", "swordfish") == {}
    assert work.json("check", "--deep")["problems"] == []


def crash_at_once(step: str) -> None:
    raise Crash(step)


def detach(work: Workplace) -> None:
    """Another source takes the place of the configured one."""
    (work.folder / "other").mkdir()
    (work.folder / "other" / "a.md").write_text("# Other\n\nEarly birds.\n")
    text = work.config.read_text()
    work.config.write_text(text.replace('"policies"', '"other"').replace('root = "docs"', 'root = "other"'))


def test_a_source_that_is_not_configured_any_more_is_kept_and_then_forgotten(work: Workplace) -> None:
    citation = work.json("show", DOC)["passages"][0]["citation"]
    document = work.json("show", DOC)["document"]["id"]
    refused = work.json("forget", "policies", "--yes", code=2)["error"]
    assert "still configured" in refused["message"]
    detach(work)
    work.json("backfill")
    states = {source["name"]: source["state"] for source in work.json("status")["sources"]}
    assert states == {"policies": "detached", "other": "ok"}
    assert "indexer forget policies" in work.run("status").out
    assert work.json("show", DOC)["text"] == THIRD.strip()

    assert work.run("forget", "policies").code == 2
    done = work.json("forget", "policies", "--yes")

    assert (done["source"], done["documents_removed"], done["versions_removed"]) == ("policies", 2, 4)
    assert found_in(work.folder / "data", "swordfish", "twelve", "claim late", DOC, "travel") == {}
    assert [source["name"] for source in work.json("status")["sources"]] == ["other"]
    for words in (("cite", citation), ("show", document)):
        error = work.json(*words, code=3)["error"]
        assert error["code"] == "purged"
        assert "with everything of the source policies" in error["message"]
    assert work.json("show", "a.md")["text"] == "# Other\n\nEarly birds."
    assert work.json("check", "--deep")["problems"] == []
    assert work.json("forget", "policies", "--yes", code=3)["error"]["code"] == "no-such-source"


def test_a_source_that_was_only_renamed_is_not_forgotten(work: Workplace) -> None:
    work.config.write_text(work.config.read_text().replace('"policies"', '"rules"'))
    error = work.json("forget", "policies", "--yes", code=2)["error"]
    assert 'still configured as "rules"' in error["message"]


def test_a_page_of_a_wiki_stays_away_in_every_export_that_shows_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = WikiWorkplace(tmp_path, capsys)
    page = work.wiki.page("Leave zyzzogeton", "<p>Ten days.</p>", labels=["tittynope"])
    work.wiki.edit(page, "<p>The password is swordfish.</p>", message="quizzaciously")
    work.wiki.edit(page, "<p>Twelve days.</p>")
    work.wiki.page("Other", "<p>Other days.</p>")
    write_xml(work.wiki, work.exports / "one.zip")
    work.backfill()
    work.json("purge", f"{page.id}@2", *REASON, "--yes")
    assert found_in(work.folder / "data", "swordfish", "quizzaciously") == {}
    assert work.json("show", f"{page.id}@label:2", code=3)["error"]["code"] == "purged"
    work.wiki.edit(page, "<p>Thirteen days.</p>")
    write_xml(work.wiki, work.exports / "two.zip")
    assert work.backfill()["versions_added"] == 1
    write_html(work.wiki, work.exports / "three.zip")
    work.backfill()
    assert found_in(work.folder / "data", "swordfish", "quizzaciously") == {}
    work.sound()

    document = work.json("show", page.id)["document"]["id"]
    work.json("purge", document, *REASON, "--yes")
    assert found_in(work.folder / "data", "zyzzogeton", "tittynope", "Twelve") == {}
    write_xml(work.wiki, work.exports / "four.zip")
    assert work.backfill()["versions_added"] == 0
    assert found_in(work.folder / "data", "zyzzogeton", "tittynope", "Twelve") == {}
    assert work.json("show", document, code=3)["error"]["code"] == "purged"
    work.sound()
