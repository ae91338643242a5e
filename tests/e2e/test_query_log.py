"""Questions that a service answered: kept with who asked, shown, verified, and gone with what was purged."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from indexer.composition import open_index
from indexer.config import load
from indexer.ports.query_log import LoggedQuery
from tests.e2e.cli_workplace import Workplace
from tests.support.control_client import ControlClient
from tests.support.data_folder import found_in
from tests.support.plain_service import PlainService, served

SECRET = "# Vault\n\nThe password is swordfish.\n"


@pytest.fixture
def work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Workplace:
    """Two versions of a document, and one that is to be purged."""
    work = Workplace(tmp_path, capsys)
    work.write("vault.md", SECRET)
    for days in ("five", "eight"):
        work.write("leave.md", f"# Leave\n\nUp to {days} days carry over.\n")
        work.json("backfill")
    return work


def keep(work: Workplace, *queries: LoggedQuery) -> None:
    with open_index(load(work.config, {})) as index:
        index.catalog.log_queries(queries, 0, 1_000)


@contextmanager
def answering(work: Workplace) -> Iterator[tuple[PlainService, ControlClient]]:
    """A service; what it was asked is in the log afterwards."""
    with served(work.config) as service:
        yield service, ControlClient(work.folder / "data")
    keep(work, *(query for query, _ in service.kept))


def lines(work: Workplace, *words: str, code: int = 0) -> list[dict[str, Any]]:
    outcome = work.run("log", "--json", *words)
    assert outcome.code == code, outcome
    return [json.loads(line) for line in outcome.out.splitlines()]


def test_questions_are_kept_from_either_side_with_the_user_that_the_kernel_names(work: Workplace) -> None:
    with answering(work) as (service, client):
        found = client.request("GET", f"/v1/search?query={quote('days carry over')}&k=1").json
        work.json("search", "days carry over", "--doc", "leave.md", "--version", "1")
        assert work.run("search", "days", "--doc", "nothing.md").code == 3
        assert [uid for _, uid in service.kept] == [os.getuid()] * 3
    refused, told, plain = lines(work)
    assert plain["question"] == "days carry over"
    assert plain["options"] == {"k": 1}
    assert plain["citations"] == [
        {"citation": found["hits"][0]["citation"], "valid_at": found["hits"][0]["version"]["valid_from"]}
    ]
    assert told["interpretation"] == "number 1 · policies:leave.md · version 1"
    assert (refused["refused"], refused["citations"]) == ("no-such-document", [])


def test_a_question_that_this_process_answers_is_nobody_elses_business(work: Workplace) -> None:
    work.json("search", "days")
    assert lines(work) == []
    assert "No question is kept" in work.run("log").out


def test_people_see_the_newest_first(work: Workplace) -> None:
    with answering(work):
        for text in ("days", "carry over"):
            work.json("search", text)
    shown = work.run("log").out
    assert shown.index("carry over") < shown.index("days")
    assert "indexer:policies/" in shown
    assert work.run("log", "-n", "1").out.count(" ms") == 1


def test_answers_are_verified_also_after_later_edits(work: Workplace) -> None:
    with answering(work):
        work.json("search", "days carry over", "--history")
    work.write("leave.md", "# Leave\n\nNothing carries over.\n")
    work.json("backfill")
    (line,) = lines(work, "--verify")
    assert (line["verified"], line["problems"]) == (True, [])
    assert len(line["citations"]) > 1
    assert work.run("log", "--verify").out == f"1 question, {len(line['citations'])} citations: all hold\n"


def test_an_answer_that_does_not_hold_is_told_by_exit_code_too(work: Workplace) -> None:
    with answering(work) as (service, _):
        work.json("search", "days carry over", "-k", "1")
        (query, uid) = service.kept[0]
        (given,) = query.citations
        service.kept[0] = (
            LoggedQuery(query.asked, "forged", recorded=query.recorded, known_at=1, citations=(given,)),
            uid,
        )
    (line,) = lines(work, "--verify", code=1)
    assert line["verified"] is False
    outcome = work.run("log", "--verify")
    assert outcome.code == 1
    assert "refers to no version that was known then" in outcome.out
    assert "1 question, 1 citation: 1 do not hold" in outcome.out


def test_nothing_of_what_was_purged_is_left_in_the_log(work: Workplace) -> None:
    with answering(work):
        work.json("search", "is it swordfish")
        work.json("search", "the password", "--doc", "vault.md")
        work.json("search", "days", "--doc", "leave.md")
    assert "swordfish" in found_in(work.folder / "data", "swordfish")
    work.json("purge", "vault.md", "--reason", "a secret", "--yes")
    assert [line["question"] for line in lines(work)] == ["days"]
    assert found_in(work.folder / "data", "swordfish", "password") == {}


def test_nothing_of_a_forgotten_source_is_left_in_the_log(work: Workplace) -> None:
    other = work.folder / "other"
    other.mkdir()
    (other / "travel.md").write_text("# Travel\n\nTrains replace flights.\n")
    with_it = work.config.read_text() + '[[source]]\nname = "voyages"\nkind = "files"\nroot = "other"\n'
    without = work.config.read_text()
    work.config.write_text(with_it)
    work.json("backfill")
    with answering(work):
        work.json("search", "flights")
        work.json("search", "days", "--doc", "leave.md")
        work.json("search", "anything", "--source", "voyages", "-k", "1")
    work.config.write_text(without)
    work.json("forget", "voyages", "--yes")
    assert [line["question"] for line in lines(work)] == ["days"]
    assert found_in(work.folder / "data", "flights", "voyages:travel") == {}
