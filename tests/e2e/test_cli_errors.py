"""What people and scripts read when something is wrong: one line, an exit code, one JSON document."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from indexer import config as configuration
from indexer.composition import open_index
from tests.e2e.cli_workplace import Workplace


@pytest.fixture
def work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Workplace:
    return Workplace(tmp_path, capsys)


@pytest.fixture
def indexed(work: Workplace) -> Workplace:
    work.write("hr/leave.md", "# Leave\n\nTen days.\n")
    work.write("it/leave.md", "# Leave of absence\n\nNo access meanwhile.\n")
    work.write("key with\nline feed and \x1b[31m.md", "# Odd\n\nAn odd name.\n")
    assert work.run("backfill").code == 0
    return work


def assert_one_line(error: str, *parts: str) -> None:
    assert error.count("\n") == 1, error
    assert error.startswith("indexer: ")
    assert " — " in error, "a remedy is missing"
    assert "Traceback" not in error
    for part in parts:
        assert part in error


@pytest.mark.parametrize(
    ("words", "code", "parts"),
    [
        (["show", "nothing.md"], 3, ["nothing.md"]),
        (["show", "hr/leave.md@9"], 3, ["9"]),
        (["history", "d_0000000000000000"], 3, ["d_0000000000000000"]),
        (["cite", "indexer:policies/d_0000000000000000@v_00000000000000000000"], 3, ["d_0000000000000000"]),
        (["cite", "not a citation"], 2, ["not a citation"]),
        (["search", "x", "--as-of", "1.1.2024"], 2, ["1.1.2024"]),
        (["search", "x", "--source", "polices"], 3, ["polices"]),
        (["backfill", "polices"], 3, ['"polices"', 'did you mean "policies"?']),
        (["retry", "nothing.md"], 3, ["nothing.md"]),
        (["retry", "hr/leave.md"], 3, ["did not fail"]),
        (["show", "hr/leave.md", "--original", "-o", "/no/such/folder/x"], 1, ["/no/such/folder/x"]),
    ],
)
def test_each_mistake_has_its_exit_code_and_one_line(
    indexed: Workplace, words: list[str], code: int, parts: list[str]
) -> None:
    outcome = indexed.run(*words)

    assert (outcome.code, outcome.out) == (code, "")
    assert_one_line(outcome.err, *parts)
    again = indexed.run(*words, "--json")
    assert again.code == code
    assert set(again.json["error"]) == {"code", "message", "remedy", "candidates"}
    assert again.json["error"]["remedy"]


def test_an_ambiguous_document_lists_its_candidates(indexed: Workplace) -> None:
    outcome = indexed.run("show", "leave.md")

    assert outcome.code == 4
    first, *others = outcome.err.splitlines()
    assert_one_line(first + "\n", "leave.md")
    assert sorted(line.split()[1] for line in others) == ["policies:hr/leave.md", "policies:it/leave.md"]
    candidates = indexed.json("show", "leave.md", code=4)["error"]["candidates"]
    assert sorted(candidate["key"] for candidate in candidates) == ["hr/leave.md", "it/leave.md"]
    assert all({"id", "source", "key", "title"} <= candidate.keys() for candidate in candidates)


def test_before_the_first_backfill_it_says_what_to_run(work: Workplace) -> None:
    for words in (["search", "x"], ["check"], ["rebuild"], ["failures"]):
        outcome = work.run(*words)
        assert outcome.code == 1
        assert_one_line(outcome.err, "run `indexer backfill`")
    assert not (work.folder / "data").exists()


def test_before_the_first_backfill_status_shows_the_configured_sources(work: Workplace) -> None:
    outcome = work.run("status")
    assert outcome.code == 0
    assert "run `indexer backfill`" in outcome.out
    shape = work.json("status")
    assert [(source["name"], source["state"], source["documents"]) for source in shape["sources"]] == [
        ("policies", "new", 0)
    ]
    assert not (work.folder / "data").exists()


def test_a_missing_configuration_is_named(work: Workplace) -> None:
    work.config.unlink()

    outcome = work.run("status")

    assert outcome.code == 2
    assert_one_line(outcome.err, str(work.config))


def test_a_configuration_that_is_no_toml_is_told_with_its_line(work: Workplace) -> None:
    work.config.write_text('data_dir = "data"\n[[source]\nname = x\n')

    outcome = work.run("backfill")

    assert outcome.code == 2
    assert f"{work.config}:2: " in outcome.err
    assert "Traceback" not in outcome.err


def test_every_problem_of_the_configuration_is_told_at_once(work: Workplace) -> None:
    work.config.write_text(
        'dat_dir = "x"\n[[source]]\nname = "a b"\nkind = "files"\nroot = "docs"\n'
        '[[source]]\nname = "c"\nkind = "fils"\nroot = "docs"\n'
    )

    outcome = work.run("backfill", "--json")

    assert outcome.code == 2
    problems = outcome.json["error"]["problems"]
    assert [problem.split(":")[1] for problem in problems] == ["1", "3", "8"]
    assert outcome.err.count("\n") == 1 + len(problems)


def test_a_second_writer_is_told_to_try_again_and_readers_are_not_disturbed(indexed: Workplace) -> None:
    config = configuration.load(indexed.config, {})
    with open_index(config):
        for words in (["backfill"], ["rebuild"], ["backfill", "--dry-run"]):
            outcome = indexed.run(*words)
            assert outcome.code == 75
            assert_one_line(outcome.err, str(os.getpid()), "try again")
        assert indexed.json("backfill", code=75)["error"]["code"] == "busy"
        assert indexed.json("status")["writer"]["pid"] == os.getpid()
        assert indexed.json("search", "days")["hits"]
        assert indexed.json("check")["ok"] is True
    assert indexed.run("backfill").code == 0


def test_a_damaged_catalog_is_said_plainly(indexed: Workplace) -> None:
    catalog = indexed.folder / "data" / "catalog.sqlite"
    for beside in catalog.parent.glob("catalog.sqlite-*"):
        beside.unlink()
    catalog.write_bytes(b"not a database" * 1000)

    outcome = indexed.run("status")

    assert outcome.code == 1
    assert_one_line(outcome.err, str(catalog), "damaged")


def test_keys_with_odd_characters_survive_in_every_form(indexed: Workplace) -> None:
    key = "key with\nline feed and \x1b[31m.md"

    document = indexed.json("history", "Odd")["document"]
    for_people = indexed.run("history", document["id"]).out

    assert (indexed.docs / key).exists()
    assert document["title"] == "Odd"
    assert "\x1b" not in for_people
    assert indexed.json("show", f"policies:{document['key']}")["document"]["id"] == document["id"]


def test_progress_and_remarks_never_mix_with_json(indexed: Workplace) -> None:
    indexed.write("hr/leave.md", "# Leave\n\nEleven days.\n")

    for words in (["backfill"], ["rebuild"], ["check"], ["show", "hr/leave.md"]):
        outcome = indexed.run("--debug", *words, "--json")
        assert outcome.code == 0
        json.loads(outcome.out)
