"""Questions in words, on the command line: files, a repository and a wiki alike."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.e2e.cli_workplace import Workplace
from tests.e2e.confluence_workplace import WikiWorkplace
from tests.support.confluence_exports import write_xml


@pytest.fixture
def place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Workplace:
    place = Workplace(tmp_path, capsys)
    place.write("hr/leave-policy.md", "# Leave\n\n## Carry-over\n\nThree days carry over.\n")
    place.write("hr/travel_v1.md", "# Travel\n\nHotels cost up to eighty euros.\n")
    place.write("hr/travel_v2.md", "# Travel\n\nHotels cost up to ninety euros.\n")
    place.run("backfill")
    place.write("hr/leave-policy.md", "# Leave\n\n## Carry-over\n\nFive days carry over.\n")
    os.utime(place.docs / "hr/leave-policy.md", (2_000_000_000, 2_000_000_000))
    place.run("backfill")
    return place


def test_content_of_a_version(place: Workplace) -> None:
    found = place.json("search", "What did version 1 of leave-policy.md say about carry-over?")
    assert found["query"] == "What did version 1 of leave-policy.md say about carry-over?"
    assert {hit["version"]["number"] for hit in found["hits"]} == {1}
    assert found["scope"]["document"]["key"] == "hr/leave-policy.md"
    assert found["scope"]["version"]["number"] == 1
    assert found["answer"] is None


def test_a_version_that_does_not_exist_is_an_answer_and_no_error(place: Workplace) -> None:
    found = place.json("search", "What did version 9 of leave-policy.md say about carry-over?")
    assert found["hits"] == []
    assert found["answer"]["kind"] == "exists"
    assert (found["answer"]["value"], found["answer"]["nearest"]) == (False, ["1", "2"])


def test_versions_changes_and_origins(place: Workplace) -> None:
    listed = place.json("search", "Which versions of leave-policy.md exist?")["answer"]
    assert (listed["kind"], listed["value"]) == ("versions", ["1", "2"])
    assert [version["number"] for version in listed["versions"]] == [1, 2]
    changed = place.json("search", "What changed between v1 and v2 of the leave policy?")["answer"]
    assert changed["kind"] == "changes"
    assert (changed["from"]["number"], changed["to"]["number"]) == (1, 2)
    assert "Three days" in changed["value"][0]["before"]
    assert "Five days" in changed["value"][0]["after"]
    came = place.json("search", 'When was "five days" introduced in the leave policy?')["answer"]
    assert (came["kind"], came["value"]["number"], came["label"]) == ("introduced", 2, "2")
    shown = place.run("search", "What changed between v1 and v2 of the leave policy?")
    assert "Three" in shown.out
    assert "Five" in shown.out


def test_editions_and_the_history_of_one(place: Workplace) -> None:
    found = place.json("search", "What did travel v1 say about hotels?")
    assert {hit["document"]["key"] for hit in found["hits"]} == {"hr/travel_v1.md"}
    family = place.json("history", "travel_v1.md")["family"]
    assert (family["name"], family["label"]) == ("travel", "1")
    assert [edition["label"] for edition in family["editions"]] == ["1", "2"]
    assert "editions of travel: 1, 2; this is 1" in place.run("history", "travel_v1.md").out
    assert place.json("history", "leave-policy.md")["family"] is None


def test_configured_families(place: Workplace) -> None:
    place.config.write_text(place.config.read_text() + '[families]\napart = ["hr/travel_v1.md"]\n')
    assert place.json("history", "travel_v1.md")["family"] is None


def test_exit_codes_are_those_of_the_contract(place: Workplace) -> None:
    assert place.run("search", "").code == 2
    assert place.run("search", "carry-over in v1", "--doc", "nothing.md").code == 3
    assert place.run("search", "carry-over in v1", "--source", "nothing").code == 3
    assert place.run("search", "carry-over in v1", "--doc", "leave-policy.md", "--path", "hr/*").code == 2
    for key in ("a/twin.md", "b/twin.md"):
        place.write(key, "Twins.\n")
    place.run("backfill")
    assert place.run("search", "what is said in v1", "--doc", "twin.md").code == 4
    both = place.json("search", "What did version 1 of twin.md say about twins?")
    assert {hit["document"]["key"] for hit in both["hits"]} == {"a/twin.md", "b/twin.md"}


def test_a_long_question_and_control_characters(place: Workplace) -> None:
    assert place.run("search", "what did version 1 of the leave policy say " * 2500).code == 0
    assert place.run("search", "what did \x1b[31mversion 1 of the leave policy say\x07").code == 0


def test_a_wiki_counts_its_versions_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = WikiWorkplace(tmp_path, capsys)
    page = place.wiki.page("Leave policy", "<p>Three days carry over.</p>")
    write_xml(place.wiki, place.exports / "1.zip")
    place.wiki.tick()
    place.wiki.edit(page, "<p>Five days carry over.</p>")
    write_xml(place.wiki, place.exports / "2.zip")
    place.backfill()
    labels = [version["labels"] for version in place.versions("Leave policy")]
    assert len(labels) == 2
    question = f"What did version {labels[0][0]} of the leave policy say about carry-over?"
    found = place.json("search", question)
    assert {hit["text"] for hit in found["hits"]} == {"Three days carry over."}
    listed = place.json("search", "Which versions of the leave policy exist?")["answer"]
    assert listed["value"] == [label for (label, *_) in labels]
