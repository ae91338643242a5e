"""Files of questions: what a line may say, and that every mistake is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.errors import ConfigurationError, UsageError
from indexer.evaluation.reading import read_cases
from indexer.evaluation.values import Case, Wanted
from indexer.query.results import Mode, Question


def read(tmp_path: Path, *lines: str) -> list[Case]:
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_cases(file)


def problems(tmp_path: Path, *lines: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, *lines)
    return [problem.removeprefix(f"{tmp_path}/") for problem in caught.value.problems]


def test_a_line_says_what_is_asked_and_what_is_expected(tmp_path: Path) -> None:
    (case,) = read(
        tmp_path,
        "",
        '{"query": "carry over?", "k": 5, "doc": "leave.md", "selector": 3, "mode": "text", "literal": true, "source": "a",'
        ' "document": "leave.md", "version": 3, "passage": "five days", "group": "g"}',
    )
    assert case == Case(
        2,
        Question("carry over?", 5, ("a",), document="leave.md", version="3", mode=Mode.TEXT, literal=True),
        Wanted("leave.md", "3", "five days"),
        "g",
    )


def test_documents_of_grade_0_are_not_relevant(tmp_path: Path) -> None:
    (case,) = read(tmp_path, '{"query": "x", "relevant": {"a": 2, "b": 0}}')
    assert case.wanted.relevant == {"a": 2}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("nothing", "this is no JSON; each line is one JSON object"),
        ("[1]", "this is no JSON object"),
        ('{"document": "a"}', '"query" is missing: the question'),
        ('{"query": " ", "document": "a"}', '"query" must be a text'),
        ('{"query": "x"}', "nothing is expected of the answer; give one of document"),
        ('{"query": "x", "absent": false}', "nothing is expected of the answer"),
        ('{"query": "x", "absent": true, "document": "a"}', '"absent" says that nothing is to be found'),
        ('{"query": "x", "relevant": {"a": 1}, "version": "2"}', '"relevant" and "version" both say'),
        ('{"query": "x", "relevant": {"a": 0}}', '"relevant" must be an object of documents'),
        ('{"query": "x", "document": "a", "k": 0}', '"k" must be a number from 1 to 1000'),
        ('{"query": "x", "document": "a", "mode": "guess"}', '"mode" must be one of hybrid, vector, text'),
        ('{"query": "x", "answer": {"value": 1}}', '"answer" must be an object with "kind"'),
        ('{"query": "x", "answer": {"kind": "exists", "is": 1}}', 'alone, without "is"'),
        ('{"query": "x", "document": "a", "known": 1}', 'unknown key "known"; known are query, group'),
    ],
)
def test_a_line_that_makes_no_sense_is_told_apart(tmp_path: Path, line: str, expected: str) -> None:
    (problem,) = problems(tmp_path, '{"query": "x", "document": "a"}', line)
    assert problem.startswith("questions.jsonl:2: ")
    assert expected in problem


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    found = problems(
        tmp_path, "x", '{"query": 1, "k": "a", "document": "a"}', '{"query": "x", "absent": true}'
    )
    assert [problem.partition(": ")[0] for problem in found] == ["questions.jsonl:1"] + [
        "questions.jsonl:2"
    ] * 2


def test_what_is_no_text_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_bytes(b'{"query": "\xff", "document": "a"}')
    with pytest.raises(ConfigurationError, match="one problem") as caught:
        read_cases(file)
    assert caught.value.problems == [f"{file}:1: this is no UTF-8 text; each line is one JSON object"]


def test_a_file_without_questions_is_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, "") == ["questions.jsonl:1: there is no question in it"]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read_cases(tmp_path / "none.jsonl")
