"""`backup` and `restore` by the installed command, beside a process that writes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.cli_workplace import COMMAND, Workplace

DOC = "leave-policy.md"


@pytest.fixture
def work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Workplace:
    """Three versions of one document, one of another."""
    work = Workplace(tmp_path, capsys)
    work.write("travel.md", "# Travel\n\nBook early, claim late.\n")
    for days in ("ten", "eleven", "twelve"):
        work.write(f"hr/{DOC}", f"# Leave\n\n## Carry-over\n\nUp to {days} days may be carried over.\n")
        work.json("backfill")
    return work


def move_data_away(work: Workplace) -> None:
    (work.folder / "data").rename(work.folder / "lost")


def test_a_lost_data_folder_comes_back_with_its_history(work: Workplace, tmp_path: Path) -> None:
    citation = work.json("show", f"{DOC}@2")["passages"][-1]["citation"]
    done = work.json("backup", str(tmp_path / "backup"))
    assert done["backup"]["documents"] == 2
    assert done["backup"]["versions"] == 4
    assert done["backup"]["passages"]
    assert done["missing_originals"] == []
    move_data_away(work)

    back = work.json("restore", str(tmp_path / "backup"))

    assert (back["documents"], back["versions"], back["originals"]) == (2, 4, 4)
    assert back["check"]["ok"]
    assert "eleven" in work.json("cite", citation)["text"]
    assert len(work.json("search", "carried over", "--history", "--doc", DOC)["hits"]) > 0
    assert work.json("backfill")["sources"][0]["versions_added"] == 0
    assert work.json("backfill")["sources"][0]["passages_embedded"] == 0
    assert work.json("check", "--deep")["problems"] == []
    work.write(f"hr/{DOC}", "# Leave\n\nNothing is carried over.\n")
    assert work.json("backfill")["sources"][0]["versions_added"] == 1
    assert work.json("check", "--deep")["problems"] == []


def test_both_say_in_a_line_what_they_did(work: Workplace, tmp_path: Path) -> None:
    first = work.run("backup", str(tmp_path / "backup")).out
    assert first.startswith(f"backup of 2 documents in 4 versions in {tmp_path / 'backup'}: ")
    assert " 0 there already" in first
    again = work.run("backup", str(tmp_path / "backup")).out
    assert " 0 there already" not in again
    move_data_away(work)
    outcome = work.run("restore", str(tmp_path / "backup"))
    assert outcome.code == 0
    assert outcome.out.startswith("restored 2 documents in 4 versions and 4 originals, as of the backup of ")
    assert "the check found nothing wrong" in outcome.out


def test_what_is_refused_says_why_and_what_to_do(work: Workplace, tmp_path: Path) -> None:
    inside = work.json("backup", str(work.folder / "data" / "backup"), code=2)["error"]
    assert "lies in the data folder" in inside["message"]
    other = work.json("backup", str(work.docs), code=2)["error"]
    assert "holds something that is no backup" in other["message"]
    assert work.json("restore", str(work.docs), code=3)["error"]["code"] == "no-backup"
    work.json("backup", str(tmp_path / "backup"))
    full = work.json("restore", str(tmp_path / "backup"), code=2)["error"]
    assert f"the data folder {work.folder / 'data'} is not empty" in full["message"]


def test_backups_beside_a_process_that_writes_are_each_of_one_instant(
    work: Workplace, tmp_path: Path
) -> None:
    for number in range(120):
        work.write(f"more/{number}.md", f"# {number}\n\nDocument number {number}.\n\n## Rest\n\nThe same.\n")
    work.config.write_text(f"{work.config.read_text()}\n[limits]\nbatch_passages = 4\n")
    writer = subprocess.Popen(
        [*COMMAND, "--config", str(work.config), "backfill"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    versions = []
    try:
        while writer.poll() is None:
            versions.append(work.json("backup", str(tmp_path / "backup"))["backup"]["versions"])
    finally:
        writer.kill()
        writer.wait()
    assert len(versions) > 1
    assert versions == sorted(versions)
    move_data_away(work)
    assert work.json("restore", str(tmp_path / "backup"))["versions"] == versions[-1]
    assert work.json("check", "--deep")["problems"] == []


def test_a_backup_that_is_killed_leaves_the_one_before_it(work: Workplace, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    work.json("backup", str(target))
    kept = json.loads((target / "backup.json").read_text())["id"]
    for number in range(40):
        work.write(f"more/{number}.bin.md", f"# {number}\n\n" + os.urandom(20_000).hex())
    work.json("backfill")
    killed = subprocess.Popen(
        [*COMMAND, "--config", str(work.config), "backup", str(target)], stderr=subprocess.DEVNULL
    )
    while killed.poll() is None and len(list((target / "originals").glob("??/*"))) < 8:
        pass
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    if json.loads((target / "backup.json").read_text())["id"] == kept:
        move_data_away(work)
        assert work.json("restore", str(target))["versions"] == 4
        (work.folder / "data").rename(work.folder / "old")
        (work.folder / "lost").rename(work.folder / "data")
    work.json("backup", str(target))
    move_data_away(work)
    assert work.json("restore", str(target))["versions"] == 44
    assert work.json("check", "--deep")["problems"] == []
