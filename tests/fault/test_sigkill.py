"""Real processes, killed by the kernel at each step of the commit protocol, and a reader that never sees half of anything."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.check.verification import check
from indexer.ingest.backfill import Backfill
from indexer.ingest.index import Index
from tests.fault.process import open_index, open_queries, sources
from tests.fault.story import STEPS
from tests.support.indexes import Crash, fast_folder

ROOT = Path(__file__).parents[2]


@pytest.fixture
def place() -> Iterator[Path]:
    folder = fast_folder("sigkill-")
    (folder / "share").mkdir()
    yield folder
    shutil.rmtree(folder)


def _process(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "tests.fault.process", *map(str, arguments)]


def _write(share: Path, generation: int) -> None:
    """Three documents that share a token, one that stays, and one that comes and goes."""
    for name in ("leave", "travel", "remote"):
        (share / f"{name}.md").write_text(f"## {name}\n\ntoken {generation}\n\n## rest\n\n{name} stays")
    extra = share / "extra.md"
    if generation % 2:
        extra.write_text("extra")
    else:
        extra.unlink(missing_ok=True)


def _backfill(data: Path, share: Path) -> None:
    with open_index(data) as index:
        Backfill(index).run(sources(share), accept_deletions=True)


def _check(data: Path, share: Path) -> None:
    """The index is whole, and its present is the folder's."""
    with open_index(data) as index:
        assert check(index, deep=True).problems == []
        sizes = _sizes(index)
        Backfill(index).run(sources(share), accept_deletions=True)
        assert _sizes(index) == sizes
    with open_queries(data) as queries:
        present = {file.name: file.read_text() for file in share.iterdir()}
        for name, text in present.items():
            assert queries.show(name).text == text
        assert queries.status().totals.documents == len(present)


def _sizes(index: Index) -> dict[str, int]:
    return index.catalog.current().next_numbers()


@pytest.mark.parametrize("step", STEPS)
def test_a_process_killed_at_this_step_costs_nothing_but_its_batch(place: Path, step: str) -> None:
    data, share = place / "data", place / "share"
    for generation in range(4 if step in ("compacted", "compaction published", "pruned") else 2):
        _write(share, generation)
        _backfill(data, share)
    _write(share, 7)
    what = "rebuild" if step in ("unpublished", "dropped", "filled a part", "filled") else "write"
    if step == "restored":
        _crash_between_the_commits(data, share)
    done = subprocess.run(_process(what, data, share, step, "1"), cwd=ROOT, check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    _backfill(data, share)
    _check(data, share)


def test_a_process_killed_in_its_very_first_commit_leaves_an_index_that_the_next_fills(place: Path) -> None:
    data, share = place / "data", place / "share"
    _write(share, 1)
    done = subprocess.run(_process("write", data, share, "passages written", "1"), cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    with open_queries(data) as queries:
        assert queries.status().totals.versions == 0
    _backfill(data, share)
    _check(data, share)


def test_a_reader_in_another_process_never_sees_a_state_between_two_commits(place: Path) -> None:
    """Each commit replaces three texts together; every answer has one token three times."""
    data, share = place / "data", place / "share"
    _write(share, 0)
    _backfill(data, share)
    reader = subprocess.Popen(
        _process("read", data), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert reader.stdin is not None
    assert reader.stdout is not None
    assert reader.stdout.readline() == "searched\n"
    for generation in range(1, 16):
        _write(share, generation)
        if generation % 4 == 0:
            _crash_between_the_commits(data, share)
        with open_index(data) as index:
            index.limits = type(index.limits)(batch_passages=1000)  # all that changed is one commit
            Backfill(index).run(sources(share), accept_deletions=True)
        # The searches go on all the while; one more of them has to see this commit.
        reader.stdin.write("?\n")
        reader.stdin.flush()
        assert reader.stdout.readline() == "searched\n"
    output, _ = reader.communicate("")
    report = json.loads(output)
    tokens = []
    for texts in report["seen"]:
        held = {text.split("token ")[1] for text in texts if "token" in text}
        assert len(held) == 1, texts
        assert sum("token" in text for text in texts) == 3
        tokens.append(int(held.pop()))
    assert tokens == sorted(tokens), "an older state came back"
    assert set(tokens) == set(range(16))


def _crash_between_the_commits(data: Path, share: Path) -> None:
    def crash(step: str) -> None:
        if step == "passages written":
            raise Crash

    with open_index(data) as index:
        index.limits = type(index.limits)(batch_passages=1000)
        index.step = crash
        with pytest.raises(Crash):
            Backfill(index).run(sources(share), accept_deletions=True)


def test_while_a_rebuild_is_interrupted_a_search_says_nothing_wrong(place: Path) -> None:
    """There is no table then: the catalog still answers, and the next run fills it."""
    data, share = place / "data", place / "share"
    _write(share, 1)
    _backfill(data, share)
    done = subprocess.run(_process("rebuild", data, share, "dropped", "1"), cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    with open_queries(data) as queries:
        assert queries.show("leave.md").text.endswith("leave stays")
    _backfill(data, share)
    _check(data, share)
