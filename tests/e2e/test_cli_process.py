"""The command as a process: what it loads, who reads it, which encoding the terminal has."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.cli_workplace import COMMAND, Workplace

HEAVY = (
    "torch", "lancedb", "pyarrow", "transformers", "sentence_transformers", "numpy", "rich", "lxml", "docutils",
)  # fmt: skip
LISTING = (
    "import sys; from indexer.cli.main import main; code = main(sys.argv[1:]); "
    "print(*sorted(sys.modules), sep='\\n', file=sys.stderr); sys.exit(code)"
)


@pytest.fixture
def work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Workplace:
    work = Workplace(tmp_path, capsys)
    for number in range(1, 4):
        work.write("grün.md", f"# Grün — leaves\n\nEdition {number} of it.\n")
        assert work.run("backfill").code == 0
    return work


def loaded(work: Workplace, *words: str) -> set[str]:
    """Top-level packages that the command imported."""
    done = subprocess.run(
        [sys.executable, "-c", LISTING, *words], cwd=work.folder, capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in done.stderr.split()}


@pytest.mark.parametrize(
    "words",
    [
        ["status"], ["history", "grün.md"], ["show", "grün.md@1"], ["diff", "grün.md@1", "2"], ["blame", "grün.md"],
        ["failures"],
    ],
)  # fmt: skip
def test_what_the_catalog_answers_loads_nothing_heavy(work: Workplace, words: list[str]) -> None:
    assert loaded(work, *words, "--json").isdisjoint(HEAVY)
    assert loaded(work, *words).isdisjoint(set(HEAVY) - {"rich"})


def test_a_text_search_loads_no_model(work: Workplace) -> None:
    assert loaded(work, "search", "edition", "--mode", "text", "--json").isdisjoint({"torch", "transformers"})


def test_a_reader_that_leaves_early_is_no_error(work: Workplace) -> None:
    process = subprocess.Popen(
        [*COMMAND, "blame", "grün.md", "--json"],
        cwd=work.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()

    assert process.wait() == 128 + signal.SIGPIPE
    assert errors == b""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_answers_survive_any_encoding(work: Workplace, encoding: str) -> None:
    env = {"PYTHONIOENCODING": encoding}

    for_people = work.spawn("history", "grün.md", env=env)
    for_scripts = work.spawn("history", "grün.md", "--json", env=env)

    assert (for_people.returncode, for_scripts.returncode) == (0, 0)
    for_people.stdout.decode(encoding)
    assert json.loads(for_scripts.stdout.decode(encoding))["document"]["title"] == "Grün — leaves"


def test_the_configuration_is_found_in_the_working_folder_or_by_the_variable(work: Workplace) -> None:
    elsewhere = work.folder / "elsewhere"
    elsewhere.mkdir()

    here = work.spawn("status", "--json")
    lost = work.spawn("status", "--json", cwd=elsewhere)
    named = work.spawn("status", "--json", cwd=elsewhere, env={"INDEXER_CONFIG": str(work.config)})

    assert (here.returncode, lost.returncode, named.returncode) == (0, 2, 0)
    of_one, of_other = json.loads(here.stdout), json.loads(named.stdout)
    for status in (of_one, of_other):
        status["disk"].pop("free")  # others write to the disk as well
    assert of_one == of_other
    assert b"--config FILE" in lost.stderr


def test_the_installed_script_is_this_command_line(work: Workplace) -> None:
    script = Path(sys.executable).parent / "indexer"
    if not script.exists():
        pytest.skip("the package is not installed here")

    done = subprocess.run([script, "status", "--json"], cwd=work.folder, capture_output=True, check=False)

    assert done.returncode == 0
    assert json.loads(done.stdout)["totals"]["versions"] == 3


def test_an_interruption_from_the_keyboard_is_130_and_one_line(work: Workplace) -> None:
    work.write("long.md", "# Long\n\n" + "Many words that fill a pipe. " * 20_000)
    assert work.run("backfill").code == 0
    process = subprocess.Popen(
        [*COMMAND, "show", "long.md"], cwd=work.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.read(1)  # from now on it waits for the pipe to be emptied

    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)

    assert process.returncode == 128 + signal.SIGINT
    assert errors.splitlines()[-1].startswith(b"indexer: interrupted")
    assert b"Traceback" not in errors
