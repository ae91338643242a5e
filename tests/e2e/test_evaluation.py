"""`eval` by the installed command: figures, misses, two settings side by side, questions made from the index."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.cli_workplace import Workplace

LEAVE = (
    "# Leave\n\nUnused holiday entitlement carries over into January, within 5 departments, using forms.\n"
)


@pytest.fixture
def work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Workplace:
    """Two versions of one document, one of another."""
    work = Workplace(tmp_path, capsys)
    work.write(
        "travel.md", "# Travel\n\nTrains replace flights whenever distances remain below agreed limits.\n"
    )
    for text in (LEAVE, LEAVE.replace(" 5 ", " 8 ")):
        work.write("leave.md", text)
        work.json("backfill")
    return work


def questions(work: Workplace, *lines: dict[str, object]) -> str:
    file = work.folder / "questions.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return str(file)


def test_figures_and_misses_are_told(work: Workplace) -> None:
    file = questions(
        work,
        {"query": "holiday entitlement", "document": "leave.md", "version": 1},
        {"query": "trains instead of flights", "document": "travel.md"},
    )
    misses = work.folder / "misses.jsonl"

    found = work.json("eval", file, "--misses", str(misses))

    (run,) = found["runs"]
    assert run["figures"]["questions"] == 2
    assert run["figures"]["version_accuracy"] == {"value": 0.0, "questions": 1}
    assert run["figures"]["recall@10"] == 0.5
    assert found["comparison"] is None
    (miss,) = map(json.loads, misses.read_text().splitlines())
    assert (miss["line"], miss["why"]) == (1, "another version of the document came first")
    assert miss["first"]["version"]["number"] == 2
    assert miss["wanted"] == {"document": "leave.md", "version": "1"}
    shown = work.run("eval", file).out
    assert "right version first" in shown
    assert "1 not answered right:" in shown


def test_two_settings_stand_side_by_side(work: Workplace) -> None:
    file = questions(work, {"query": "holiday entitlement", "document": "leave.md", "version": 1})

    found = work.json("eval", file, "--compare-set", "given=document", "--set", "mode=text")

    assert [run["settings"] for run in found["runs"]] == [
        {"mode": "text"},
        {"mode": "text", "given": "document"},
    ]
    assert [run["figures"]["version_accuracy"]["value"] for run in found["runs"]] == [0.0, 1.0]
    assert [pair["line"] for pair in found["comparison"]["better"]] == [1]
    assert "run 2 answers 1 better, 0 worse" in work.run("eval", file, "--compare-set", "given=document").out


def test_another_configuration_is_asked_over_its_own_index(work: Workplace) -> None:
    file = questions(work, {"query": "trains", "document": "travel.md"})
    other = work.folder / "other.toml"
    other.write_text(work.config.read_text().replace('"data"', '"other data"'))
    assert work.json("eval", file, "--compare", str(other), code=1)["error"]["code"] == "nothing-indexed"
    found = work.json("eval", file, "--compare", str(work.config))
    assert found["comparison"]["equal"] == 1


def test_questions_that_are_made_can_be_asked(work: Workplace) -> None:
    file = work.folder / "made.jsonl"

    made = work.run("eval", "--make", "6", "-o", str(file))

    assert made.code == 0
    assert "6 questions from 2 of 2 documents" in made.err
    (run,) = work.json("eval", str(file), "--set", "given=document")["runs"]
    assert run["figures"]["version_accuracy"] == {"value": 1.0, "questions": 6}
    assert set(run["groups"]) == {"document and version", "version and subject"}
    assert work.run("eval", "--make", "6").out == file.read_text()


def test_bad_lines_are_told_with_their_places(work: Workplace) -> None:
    file = questions(work, {"query": "x"}, {"document": "a"})
    outcome = work.run("eval", file)
    assert outcome.code == 2
    assert f"{file}:1: nothing is expected" in outcome.err
    assert f'{file}:2: "query" is missing' in outcome.err


@pytest.mark.parametrize(
    "words",
    [
        ("eval",),
        ("eval", "a", "--make", "3"),
        ("eval", "a", "-o", "b"),
        ("eval", "a", "--set", "mode"),
        ("eval", "a", "--set", "colour=red"),
        ("eval", "a", "--set", "mode=red"),
        ("eval", "a", "--set", "given=red"),
    ],
)
def test_what_makes_no_sense_is_a_wrong_usage(work: Workplace, words: tuple[str, ...]) -> None:
    assert work.json(*words, code=2)["error"]["code"] == "usage"
