"""`indexer run` as a process: what it tells its service manager, how it obeys signals, what it makes of saves."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.cli_workplace import COMMAND
from tests.support.indexes import fast_folder
from tests.support.running import Indexed, Running, needs_repair, problems

pytestmark = pytest.mark.inotify

HEAD = """\
data_dir = "data"
timezone = "UTC"
[embedding]
model = "hashing"
[limits]
batch_passages = 8
"""


def source(name: str, root: str) -> str:
    return f'[[source]]\nname = "{name}"\nkind = "files"\nroot = "{root}"\n'


@pytest.fixture
def place() -> Iterator[Path]:
    folder = fast_folder("service-")
    (folder / "docs").mkdir()
    (folder / "other").mkdir()
    (folder / "config.toml").write_text(HEAD + source("docs", "docs"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def config(place: Path) -> Path:
    return place / "config.toml"


# --- signals and the service manager --------------------------------------------------------------


def test_the_service_manager_hears_of_every_turn(place: Path, config: Path) -> None:
    """Readiness, a reload that succeeds, one that is refused, a source that goes, signs of life, and the end."""
    (place / "docs" / "a.md").write_text("Alpha.")
    with Running(config, environment={"WATCHDOG_USEC": "900000"}) as service:
        service.until_ready()
        assert any(told.startswith("READY=1\nSTATUS=watching 1 source") for told in service.told)
        service.until("indexed", source="docs")
        service.until_told("STATUS=watching 1 source, 1 document")

        (place / "other" / "b.md").write_text("Beta.")
        config.write_text(HEAD + source("docs", "docs") + source("other", "other"))
        before = len(service.told)
        service.signal(signal.SIGHUP)
        service.until_told("RELOADING=1\nMONOTONIC_USEC=", after=before)
        service.until_told("READY=1", after=before)
        assert service.until("the configuration was read again")["begun"] == ["other"]
        service.until("indexed", source="other")

        config.write_text("nonsense = ")
        before = len(service.told)
        service.signal(signal.SIGHUP)
        service.until_told("the configuration on disk is refused", after=before)
        service.until("the new configuration is refused, the old one stays")
        (place / "other" / "c.md").write_text("Gamma.")
        service.until("indexed", source="other", reason="changes")

        config.write_text(HEAD + source("docs", "docs"))
        before = len(service.told)
        service.signal(signal.SIGHUP)
        service.until("no longer followed", source="other")
        service.until_told("STATUS=watching 1 source", after=before)
        assert set(Indexed(config).texts) == {"a.md", "b.md", "c.md"}, "kept"
        status = subprocess.run(
            [*COMMAND, "--config", str(config), "status"], capture_output=True, text=True, check=False
        )
        assert "detached" in status.stdout
        assert "indexer forget other" in status.stdout

        service.wait(lambda: service.told.count("WATCHDOG=1") >= 3, "a sign of life")
        assert service.stop() == 0
        assert "STOPPING=1" in service.told
    assert problems(config) == []


def test_questions_that_were_answered_are_kept_when_the_service_has_ended(place: Path, config: Path) -> None:
    (place / "docs" / "a.md").write_text("Alpha and beta.")
    command = [*COMMAND, "--config", str(config)]
    with Running(config) as service:
        service.until_ready()
        service.until("indexed", source="docs")
        for text in ("alpha", "beta"):
            subprocess.run([*command, "search", text], check=True, capture_output=True)
        assert service.stop() == 0
        assert not service.said("left behind")
    shown = subprocess.run(
        [*command, "log", "--json", "--verify"], check=True, capture_output=True, text=True
    )
    kept = [json.loads(line) for line in shown.stdout.splitlines()]
    user = pwd.getpwuid(os.getuid()).pw_name
    assert [(one["question"], one["who"], one["verified"]) for one in kept] == [
        ("beta", user, True),
        ("alpha", user, True),
    ]
    assert all(len(one["citations"]) == 1 for one in kept)


def test_a_second_service_is_turned_away_and_a_dead_one_stands_in_nobodys_way(config: Path) -> None:
    with Running(config) as first:
        first.until_ready()
        with Running(config) as second:
            assert second.end() == 75
        first.kill()
    with Running(config) as next_one:
        next_one.until_ready()
        assert next_one.stop() == 0


def test_the_end_in_the_middle_of_a_large_import_needs_no_repair(place: Path, config: Path) -> None:
    for number in range(600):
        (place / "docs" / f"{number}.md").write_text(
            f"## Part\n\nText {number}.\n\n## Rest\n\nRest {number}."
        )
    with Running(config) as service:
        service.until_told("STATUS=watching")
        service.wait(lambda: Indexed(config).texts or service.said("indexed"), "a first commit")
        assert service.stop() == 0
        assert not service.said("left behind")
    done = len(Indexed(config).texts)
    assert 0 < done < 600
    assert not needs_repair(config)
    assert problems(config) == []
    with Running(config, debug=True) as service:
        assert service.until("indexed", source="docs")["versions"] == 600 - done
        assert service.said("note") == []
        assert service.stop() == 0
    assert len(Indexed(config).texts) == 600
    assert problems(config) == []


@pytest.mark.parametrize(("signals", "code"), [(1, 0), (2, 128 + signal.SIGTERM)])
def test_a_source_that_hangs_does_not_hold_up_the_end_and_a_second_signal_waits_for_nothing(
    place: Path, signals: int, code: int
) -> None:
    command = [sys.executable, "-m", "tests.fault.hanging_service", str(place / "data")]
    service = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=Path(__file__).parents[2]
    )
    assert service.stdout is not None
    with service:
        assert service.stdout.readline() == "hangs\n"
        service.send_signal(signal.SIGTERM)
        if signals == 2:
            assert service.stdout.readline() == "stopping\n"
            service.send_signal(signal.SIGTERM)
        assert service.wait(30) == code


# --- how people save ------------------------------------------------------------------------------


def _write_beside_and_rename(path: Path, text: str) -> None:
    beside = path.with_name(".beside.tmp")
    beside.write_text(text)
    beside.replace(path)


def _delete_and_write(path: Path, text: str) -> None:
    path.unlink()
    path.write_text(text)


def _truncate_and_write(path: Path, text: str) -> None:
    with open(path, "w") as file:
        file.flush()
        file.write(text[:5])
        file.flush()
        file.write(text[5:])


def _backup_and_write(path: Path, text: str) -> None:
    """Files with such names are left out."""
    path.rename(path.with_name(path.name + "~"))
    path.write_text(text)


SAVES: dict[str, Callable[[Path, str], None]] = {
    "renamed": _write_beside_and_rename,
    "recreated": _delete_and_write,
    "truncated": _truncate_and_write,
    "backed-up": _backup_and_write,
}


def test_every_way_of_saving_is_one_version_a_rename_is_one_without_embedding_and_a_removal_buries(
    place: Path, config: Path
) -> None:
    docs = place / "docs"
    for name in (*SAVES, "moving", "going"):
        (docs / f"{name}.md").write_text(f"The first text of {name}.")
    with Running(config) as service:
        service.until("indexed", source="docs", reason="start", versions=6)

        def saved(act: Callable[[], object], *, passages: int) -> None:
            """Do it, and wait until a file that is written afterwards is indexed."""
            before = len(service.journal)
            act()
            line = service.until("indexed", after=before, source="docs")
            assert (line["reason"], line["versions"], line["passages"]) == ("changes", 1, passages)

        for name, save in SAVES.items():
            path, text = docs / f"{name}.md", f"The second text of {name}."
            saved(lambda save=save, path=path, text=text: save(path, text), passages=1)
        saved(lambda: (docs / "moving.md").rename(docs / "moved.md"), passages=0)
        saved(lambda: (docs / "going.md").unlink(), passages=0)
        assert service.stop() == 0
    found = Indexed(config)
    for name in SAVES:
        assert [state.kind for state in found.line(f"{name}.md")] == ["content", "content"]
        assert found.texts[f"{name}.md"] == f"The second text of {name}."
    moved = found.line("moved.md")
    assert [state.key for state in moved] == ["moving.md", "moved.md"]
    assert moved[0].text_hash == moved[1].text_hash
    assert [state.kind for state in found.line("going.md")] == ["content", "tombstone"]
    assert problems(config) == []
