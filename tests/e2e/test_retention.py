"""`retention` by the installed command: what the rule of the configuration thins out, and what is answered then."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.cli_workplace import Workplace

DOC = "leave-policy.md"


@pytest.fixture
def work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Workplace:
    """Three versions of one day, and another document."""
    work = Workplace(tmp_path, capsys)
    work.write("travel.md", "# Travel\n\nBook early.\n")
    for days in ("ten", "eleven", "twelve"):
        work.write(
            f"hr/{DOC}", f"# Leave\n\nFor all employees.\n\n## Carry-over\n\n{days} days carry over.\n"
        )
        work.json("backfill")
    return work


def govern(work: Workplace, rule: str) -> None:
    work.config.write_text(f"{work.config.read_text()}retention = {rule}\n")


def test_without_a_rule_everything_is_kept(work: Workplace) -> None:
    assert work.json("retention") == {"sources": [], "dry_run": False}
    assert "no source has a retention rule" in work.run("retention").err


def test_what_the_rule_does_not_keep_is_thinned_out_and_says_so(work: Workplace) -> None:
    govern(work, "{ daily_after = 0.001 }")
    shown = work.json("show", f"{DOC}@2")
    shared, own = shown["passages"][0]["citation"], shown["passages"][-1]["citation"]
    foreseen = work.json("retention", "--dry-run")["sources"][0]
    assert (foreseen["documents"], foreseen["versions"], foreseen["records"]) == (1, 1, [])
    assert work.json("show", f"{DOC}@2")["text"]

    done = work.json("retention", "policies")["sources"][0]

    assert (done["name"], done["documents"], done["versions"]) == ("policies", 1, 1)
    assert (done["passages"], done["originals"], len(done["records"])) == (1, 1, 1)
    error = work.json("show", f"{DOC}@2", code=3)["error"]
    assert error["code"] == "purged"
    assert "version 2 of hr/leave-policy.md was thinned out on " in error["message"]
    assert "by the retention rule of policies" in error["message"]
    assert f"indexer show hr/{DOC}@number:3" in error["remedy"]
    assert work.json("cite", own, code=3)["error"]["code"] == "purged"
    assert "For all employees" in work.json("cite", shared)["text"]
    versions = work.json("history", DOC)["versions"]
    assert [v["purged"] and v["purged"]["thinned"] for v in versions] == [None, True, None]
    assert "thinned" in work.run("history", DOC).out
    assert [p["introduced"]["number"] for p in work.json("blame", DOC)["passages"]] == [1, 3]
    assert work.json("check", "--deep")["problems"] == []
    assert work.json("retention")["sources"][0]["versions"] == 0
    assert work.json("backfill")["sources"][0]["versions_added"] == 0
    assert work.run("retention").out.startswith("policies: 0 versions of 0 documents thinned out")


def test_a_source_that_is_not_there_is_refused(work: Workplace) -> None:
    assert work.json("retention", "policy", code=3)["error"]["code"] == "no-such-source"
