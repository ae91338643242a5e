"""Labels, places and gaps as people and scripts meet them on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from indexer.ports.batch import Batch
from indexer.store.catalog.catalog import Catalog
from tests.e2e.cli_workplace import Workplace

ACCESS = {"view": {"groups": ["staff"]}}


@pytest.fixture
def work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Workplace:
    """Three documents: one that its source describes and counts, two that stand where their keys say."""
    work = Workplace(tmp_path, capsys)
    work.write("page.md", "# Leave\n\nTwenty days.\n")
    work.write("hr/rules/pay.md", "# Pay\n\nThe last days of the month.\n")
    work.write("it/keys.md", "# Keys\n\nKept for days.\n")
    work.json("backfill")
    work.write("page.md", "# Leave\n\nThirty days.\n")
    work.json("backfill")
    with Catalog(tmp_path / "data") as catalog:
        with catalog.snapshot() as snapshot:
            (no,) = (no for no, _, key in snapshot.keys(snapshot.recorded) if key == "page.md")
            first, second = (version.no for version in snapshot.versions(no))
            batch = Batch(snapshot.recorded + 1, 1)
        batch.labels |= {first: (no, ("2",)), second: (no, ("5",))}
        batch.attributes[no] = {
            "label": ("approved", "policy"),
            "path": ("HR/Policies/Leave", "Human Resources/Policies/Leave"),
            "access": (json.dumps(ACCESS),),
        }
        catalog.commit(batch)
    return work


def keys(answer: dict[str, Any]) -> set[str]:
    return {hit["document"]["key"] for hit in answer["hits"]}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--label", "policy"], {"page.md"}),
        (["--label", "Policy", "--label", "APPROVED"], {"page.md"}),
        (["--under", "hr"], {"page.md", "hr/rules/pay.md"}),
        (["--under", "HR/Policies"], {"page.md"}),
        (["--under", "Policies"], {"hr/rules/pay.md", "it/keys.md"}),  # the source is called so
        (["--under", "policies/it"], {"it/keys.md"}),
        (["--under", "rules"], {"hr/rules/pay.md"}),
        (["--under", "hr", "--label", "policy"], {"page.md"}),
        (["--under", "hr", "--path", "hr/**"], {"hr/rules/pay.md"}),
        (["--under", "hr", "--version", "5"], {"page.md"}),
        (["--under", "hr", "--history"], {"page.md", "hr/rules/pay.md"}),
    ],
)
def test_a_search_is_narrowed_by_labels_and_places(
    work: Workplace, options: list[str], expected: set[str]
) -> None:
    assert keys(work.json("search", "days", "-k", "50", *options)) == expected


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--label", "polcy"], 'no document has the label "polcy"; the nearest labels are policy'),
        (["--under", "HR/rule"], 'no document stands at or below "HR/rule"; the nearest places are hr/rules'),
    ],
)
def test_a_label_or_place_that_is_not_there_is_told_in_one_line(
    work: Workplace, options: list[str], line: str
) -> None:
    outcome = work.run("search", "days", *options)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines()[1:] == [line]
    answer = work.json("search", "days", *options)
    assert (answer["hits"], answer["answer"]["text"]) == ([], line)
    assert (answer["answer"]["kind"], answer["answer"]["value"]) == ("exists", False)


def test_labels_and_places_beside_a_document_are_refused(work: Workplace) -> None:
    outcome = work.run("search", "days", "--doc", "page.md", "--label", "policy", "--under", "hr")
    assert outcome.code == 2
    assert "--doc already names the document — leave --label and --under out" in outcome.err


def test_show_says_what_the_source_says_of_the_document(work: Workplace) -> None:
    document = work.json("show", "page.md@2")["document"]
    assert document["labels"] == ["approved", "policy"]
    assert document["path"] == "HR/Policies/Leave"
    assert document["access"] == ACCESS
    assert "labels: approved, policy\n" in work.run("show", "page.md").err
    other = work.json("show", "it/keys.md")["document"]
    assert (other["labels"], other["path"], other["access"]) == ([], None, None)
    assert "labels:" not in work.run("show", "it/keys.md").err


def test_history_says_which_versions_the_source_did_not_keep(work: Workplace) -> None:
    later, earlier = work.json("history", "page.md")["versions"]
    assert (later["missing_after"], earlier["missing_after"]) == (None, ["3", "4"])
    assert "versions 3 to 4 were not kept by the source\n" in work.run("history", "page.md").out
    assert work.run("check", "--deep").code == 0
