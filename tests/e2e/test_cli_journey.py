"""From a folder of documents to answers: index, edit, index again, then ask everything there is to ask."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cli_workplace import Workplace

FIRST = "# Leave policy\n\nFor all employees.\n\n## Carry-over\n\nUp to ten days may be carried over.\n"
SECOND = FIRST.replace("ten days", "twelve days") + "\n## Parents\n\nParents take fifteen months.\n"
DOC = "leave-policy.md"


@pytest.fixture
def work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Workplace:
    """Two versions of one document, one of another."""
    work = Workplace(tmp_path, capsys)
    work.write("hr/leave-policy.md", FIRST)
    work.write("travel.md", "# Travel\n\nBook early, claim late.\n")
    work.json("backfill")
    work.write("hr/leave-policy.md", SECOND)
    work.json("backfill")
    return work


def test_a_backfill_reports_what_it_did_and_a_second_one_finds_nothing_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = Workplace(tmp_path, capsys)
    work.write("a.md", FIRST)

    first, second = work.json("backfill"), work.json("backfill", "policies")

    report = first["sources"][0]
    assert (report["name"], report["documents_seen"], report["versions_added"]) == ("policies", 1, 1)
    assert report["passages_embedded"] > 0
    assert report["tokens_embedded"] > 0
    again = second["sources"][0]
    assert (again["versions_added"], again["passages_embedded"], again["failed"]) == (0, 0, 0)


def test_an_edit_embeds_only_what_changed(work: Workplace) -> None:
    totals = work.json("status")["totals"]

    assert totals["versions"] == 3
    assert totals["embedded_passages"] < totals["seen_passages"]
    assert totals["embedded_tokens"] < totals["seen_tokens"]


def test_a_dry_run_forecasts_and_changes_nothing(work: Workplace) -> None:
    before = work.json("status")
    work.write("new.md", "# New\n\nSomething new.\n")

    forecast = work.json("backfill", "--dry-run")["sources"][0]["forecast"]

    assert (forecast["documents"], forecast["versions"]) == (1, 1)
    assert forecast["tokens"] > 0
    assert work.json("status")["totals"] == before["totals"]
    assert "nothing was changed" in work.run("backfill", "--dry-run").out


def test_status_knows_the_source_and_its_freshness(work: Workplace) -> None:
    status = work.json("status")

    (source,) = status["sources"]
    assert (source["name"], source["kind"], source["state"]) == ("policies", "files", "ok")
    assert (source["documents"], source["versions"], source["failed"]) == (2, 3, 0)
    assert source["last_scan"].endswith("Z")
    assert status["writer"] is None


def test_search_finds_the_present_and_cites_it(work: Workplace) -> None:
    result = work.json("search", "days carried over", "-k", "3")

    hit = result["hits"][0]
    assert "twelve days" in hit["text"]
    assert hit["document"]["key"] == "hr/leave-policy.md"
    assert (hit["version"]["number"], hit["version"]["status"]) == (2, "current")
    cited = work.json("cite", hit["citation"])
    assert (cited["text"], cited["current"]) == (hit["text"], True)


@pytest.mark.parametrize("mode", ["hybrid", "vector", "text"])
def test_search_answers_from_exactly_the_version_asked_for(work: Workplace, mode: str) -> None:
    result = work.json("search", "days carried over", "--doc", DOC, "--version", "1", "--mode", mode)

    texts = "\n".join(hit["text"] for hit in result["hits"])
    assert "ten days" in texts
    assert "twelve" not in texts
    assert result["scope"]["version"]["number"] == 1
    assert {hit["version"]["number"] for hit in result["hits"]} == {1}


def test_search_narrows_by_source_path_and_history(work: Workplace) -> None:
    travel = work.json("search", "days carried over", "--source", "policies", "--path", "travel*")
    ever = work.json("search", "ten days", "--history", "--mode", "text")

    assert {hit["document"]["key"] for hit in travel["hits"]} == {"travel.md"}
    assert any("ten days" in hit["text"] for hit in ever["hits"])


def test_search_as_of_a_time_before_everything_finds_nothing(work: Workplace) -> None:
    assert work.json("search", "days", "--as-of", "1999-01-01")["hits"] == []


def test_search_without_a_document_counts_those_that_have_the_version(work: Workplace) -> None:
    scope = work.json("search", "days", "--version", "2")["scope"]

    assert scope["version"] is None
    assert (scope["documents_with"], scope["documents_without"]) == (1, 1)


def test_history_lists_the_versions_newest_first(work: Workplace) -> None:
    result = work.json("history", DOC)

    assert result["document"]["title"] == "Leave policy"
    assert result["document"]["deleted"] is False
    assert [version["number"] for version in result["versions"]] == [2, 1]
    assert [version["status"] for version in result["versions"]] == ["current", "past"]
    newest = result["versions"][0]
    assert newest["added"] > newest["removed"] > 0
    assert newest["valid_from"] == result["versions"][1]["valid_to"]


def test_show_gives_the_text_of_a_version_and_where_its_passages_stand(work: Workplace) -> None:
    result = work.json("show", f"{DOC}@1")

    assert result["text"] == FIRST.strip()
    for passage in result["passages"]:
        cited = work.json("cite", passage["citation"])
        assert result["text"][passage["start"] : passage["end"]] == cited["text"]


def test_show_prints_the_text_alone_and_the_version_beside_it(work: Workplace) -> None:
    outcome = work.run("show", f"{DOC}@1")

    assert outcome.out == FIRST.strip() + "\n"
    assert "version 1" in outcome.err


def test_an_original_comes_back_byte_for_byte(work: Workplace, tmp_path: Path) -> None:
    target = tmp_path / "old.md"

    assert work.run("show", f"{DOC}@1", "--original", "-o", str(target)).code == 0
    assert target.read_bytes() == FIRST.encode()

    piped = work.spawn("show", f"{DOC}@2", "--original")
    assert (piped.returncode, piped.stdout) == (0, SECOND.encode())


def test_diff_tells_what_changed(work: Workplace) -> None:
    result = work.json("diff", f"{DOC}@1", "2")

    assert (result["from"]["number"], result["to"]["number"]) == (1, 2)
    changes = {change["op"]: change for change in result["changes"]}
    assert changes["changed"]["heading"] == ["Leave policy", "Carry-over"]
    assert "ten" in changes["changed"]["before"]
    assert "twelve" in changes["changed"]["after"]
    assert "fifteen months" in changes["added"]["after"]
    assert "[-ten-] {+twelve+}" in work.run("diff", f"{DOC}@1", f"{DOC}@2").out


def test_blame_dates_each_passage(work: Workplace) -> None:
    introduced = {
        passage["heading"][-1]: passage["introduced"]["number"]
        for passage in work.json("blame", DOC)["passages"]
    }

    assert introduced == {"Leave policy": 1, "Carry-over": 2, "Parents": 2}


def test_a_citation_of_a_past_version_says_what_is_newer(work: Workplace) -> None:
    passages = work.json("show", f"{DOC}@1")["passages"]
    cited = work.json("cite", passages[-1]["citation"])

    assert "ten days" in cited["text"]
    assert cited["current"] is False
    assert cited["newer"]["number"] == 2


def test_what_failed_is_listed_with_its_reason_and_can_be_retried(work: Workplace) -> None:
    work.write("odd.bin", bytes(range(256)))
    assert work.run("backfill").code == 5

    (failure,) = work.json("failures")
    assert (failure["source"], failure["key"], failure["attempts"]) == ("policies", "odd.bin", 1)
    assert failure["reason"]
    assert work.json("status")["totals"]["failed"] == 1
    assert work.json("retry", "odd.bin", code=5)["sources"][0]["failed"] == 1
    assert work.json("failures")[0]["attempts"] == 2

    work.write("odd.bin", "It is text now.\n")
    assert work.json("retry")["sources"][0]["failed"] == 0
    assert work.json("failures") == []
    assert work.json("retry") == {"sources": [], "seconds": 0.0}


def test_the_index_checks_out_and_can_be_made_anew(work: Workplace) -> None:
    question = ("search", "days carried over")
    before = work.json(*question)

    assert work.json("check")["ok"] is True
    deep = work.json("check", "--deep")
    assert (deep["ok"], deep["problems"]) == (True, [])
    assert deep["checked"] == {"documents": 2, "versions": 3, "passages": deep["checked"]["passages"]}
    assert work.json("rebuild")["passages"] == work.json("status")["totals"]["passages"]
    assert work.json(*question) == before
    assert work.json("check", "--deep")["ok"] is True


def test_a_vanished_share_is_refused_until_the_deletions_are_accepted(work: Workplace) -> None:
    for path in sorted(work.docs.rglob("*.md")):
        path.unlink()

    refused = work.run("backfill")
    assert refused.code == 5
    assert "--accept-deletions" in refused.out
    assert work.json("status")["sources"][0]["documents"] == 2
    assert work.json("status")["sources"][0]["state"] == "refused"

    assert work.run("backfill", "--accept-deletions").code == 0
    assert work.json("status")["sources"][0]["documents"] == 0
    assert work.json("history", DOC)["document"]["deleted"] is True
    assert work.json("history", DOC)["versions"][0]["kind"] == "tombstone"


def test_a_missing_folder_is_a_problem_of_that_source_alone(work: Workplace, tmp_path: Path) -> None:
    with work.config.open("a") as config:
        config.write('[[source]]\nname = "away"\nkind = "files"\nroot = "not-there"\n')
    work.write("travel.md", "# Travel\n\nClaim early.\n")

    report = work.json("backfill", code=5)

    by_name: dict[str, Any] = {source["name"]: source for source in report["sources"]}
    assert by_name["policies"]["versions_added"] == 1
    assert "not-there" in " ".join(by_name["away"]["problems"])


def test_answers_for_people_fit_80_columns(work: Workplace) -> None:
    for words in (
        ["status"], ["history", DOC], ["diff", f"{DOC}@1", "2"], ["blame", DOC], ["failures"], ["check"],
        ["search", "days carried over"], ["backfill"],
    ):  # fmt: skip
        outcome = work.run(*words)
        wide = [line for line in outcome.out.splitlines() if len(line) > 80 and "indexer:" not in line]
        assert (outcome.code, wide) == (0, []), words


def test_an_answer_can_be_context_for_a_language_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = Workplace(tmp_path, capsys)
    parts = [f"## Part {number}\n\nUnused days of leave carry over, case {number}." for number in range(6)]
    work.write("leave.md", "# Leave\n\n" + "\n\n".join(parts) + "\n")
    work.json("backfill")
    outcome = work.run("search", "days carry over", "--format", "context")
    assert outcome.code == 0
    assert outcome.out.startswith(
        "Question: days carry over\nScope: the present\n\n[1] Leave (policies:leave.md)"
    )
    citations = outcome.out.partition("\nSources\n")[2].split()[1:]
    assert all(work.run("cite", citation).code == 0 for citation in citations if citation[0] != "[")
    short = work.run("search", "days carry over", "--format", "context", "--budget", "60", "-k", "3")
    assert len(short.out) < len(outcome.out)
    around = work.json("search", "case 3", "--context", "1", "-k", "1", "--mode", "text")["hits"][0]
    assert [one["heading"][-1] for one in (*around["before"], *around["after"])] == ["Part 2", "Part 4"]
    assert "before" not in work.json("search", "case 3")["hits"][0]
    assert "case 2" in work.run("search", "case 3", "--context", "1", "-k", "1", "--mode", "text").out
    for words in (("--budget", "9"), ("--format", "context", "--full"), ("--format", "context", "--json")):
        assert work.run("search", "x", *words).code == 2
