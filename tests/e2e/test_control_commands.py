"""Commands that the daemon runs for another process: nothing in their answers tells that they did not run alone."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from indexer.daemon.control.address import FILE_NAME
from tests.e2e.cli_workplace import COMMAND, Outcome, Workplace
from tests.support.plain_service import PATIENCE, served
from tests.support.pseudo_terminal import on_terminal


@pytest.fixture
def work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Workplace:
    """Two versions of a document with odd letters, one that cannot be indexed, and two that have one name."""
    work = Workplace(tmp_path, capsys)
    work.write("hr/policy.md", "# One\n\nOne.\n")
    work.write("it/policy.md", "# Two\n\nTwo.\n")
    work.write("scan.bin", b"\x00\x01\x02" * 100)
    for days in ("five", "six"):
        work.write(
            "grün.md", f"# Grün — leave\n\n## Carry-over\n\nUp to {days} days carry over.\n\x1b[31m red\n"
        )
        assert work.run("backfill").code == 5
    return work


READING = [
    ["search", "days carry over"],
    ["search", "days", "--doc", "grün.md", "--version", "1", "--full"],
    ["search", "days", "--as-of", "2001-01-01"],
    ["search", "days", "--as-of", "yesteryear"],
    ["search", "days", "--mode", "magic"],
    ["search"],
    ["search", "x", "-k", "0"],
    ["history", "grün.md"],
    ["history", "policy.md"],
    ["history", "nothing.md"],
    ["show", "grün.md"],
    ["show", "grün.md@1"],
    ["show", "grün.md@9"],
    ["show", "grün.md\udcff"],
    ["diff", "grün.md@1", "2"],
    ["blame", "grün.md"],
    ["cite", "indexer:policies/d_x@v_y"],
    ["cite", "x", "--", "--json"],
    ["failures"],
]


def without_daemon(text: str) -> object:
    found = json.loads(text)
    found.pop("daemon")
    found["disk"].pop("free")  # others write to the disk as well
    return found


@pytest.mark.parametrize("as_json", [False, True], ids=["drawn", "json"])
def test_every_command_that_reads_leaves_the_same_behind(work: Workplace, as_json: bool) -> None:
    asked = [[*(["--json"] if as_json else []), *words] for words in READING]
    alone = [work.run(*words) for words in asked]
    with served(work.config) as service:
        for words, expected in zip(asked, alone, strict=True):
            assert work.run(*words) == expected, words
        questions = 0
        while service.asked.acquire(blocking=False):
            questions += 1
    # All but those that are wrong usage, which is found before anything is asked.
    assert questions == len(READING) - 4


def test_the_status_is_that_of_the_index_and_says_what_the_daemon_does(work: Workplace) -> None:
    alone = work.run("status", "--json")
    with served(work.config):
        through = work.run("status", "--json")
        shown = work.run("status").out

    assert without_daemon(through.out) == without_daemon(alone.out)
    assert json.loads(alone.out)["daemon"] is None
    assert json.loads(through.out)["daemon"]["pid"] == 1
    assert "the daemon runs since 2024-03-01 13:00" in shown


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_the_encoding_is_that_of_whoever_asked(work: Workplace, encoding: str) -> None:
    environment = {"PYTHONIOENCODING": encoding}
    asked = (["history", "grün.md"], ["history", "grün.md", "--json"], ["show", "grün.md"])
    alone = [work.spawn(*words, env=environment) for words in asked]
    with served(work.config) as service:
        for words, expected in zip(asked, alone, strict=True):
            through = work.spawn(*words, env=environment)
            assert service.asked.acquire(blocking=False)
            assert (through.stdout, through.stderr) == (expected.stdout, expected.stderr)


@pytest.mark.parametrize(
    ("columns", "environment"),
    [(100, {}), (40, {}), (100, {"COLUMNS": "60"}), (100, {"NO_COLOR": "1"}), (100, {"TERM": "dumb"})],
)
def test_the_terminal_is_that_of_whoever_asked(
    work: Workplace, columns: int, environment: dict[str, str]
) -> None:
    asked = (["diff", "grün.md@1", "2"], ["show", "grün.md"])
    alone = [on_terminal([*COMMAND, *words], work.folder, columns=columns, **environment) for words in asked]
    with served(work.config) as service:
        for words, expected in zip(asked, alone, strict=True):
            assert on_terminal([*COMMAND, *words], work.folder, columns=columns, **environment) == expected
            assert service.asked.acquire(blocking=False)
    assert ("\x1b[" in alone[0][1]) == (environment.get("TERM") != "dumb")


def report_of(outcome: Outcome) -> object:
    """The report, but for how long it took."""
    found = json.loads(outcome.out)
    for of_one in (found, *found["sources"]):
        of_one.pop("seconds")
    return outcome.code, found


@pytest.mark.parametrize(
    "words", [["backfill"], ["backfill", "policies"], ["backfill", "--dry-run"], ["retry"], ["retry", "scan.bin"]]
)  # fmt: skip
def test_what_writes_is_done_by_the_daemon_with_the_same_report(work: Workplace, words: list[str]) -> None:
    alone = report_of(work.run(*words, "--json"))
    with served(work.config) as service:
        through = work.run(*words, "--json")
        assert service.purposes == ["dry run" if "--dry-run" in words else "backfill"]

    assert report_of(through) == alone
    assert through.err == ("" if "--dry-run" in words else "it begins\n")


@pytest.mark.parametrize(
    "words", [["backfill", "polices"], ["retry", "nothing"], ["retry", "grün.md"], ["forget", "policies", "--yes"]]
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_the_same_words(work: Workplace, words: list[str]) -> None:
    alone = [work.run(*words), work.run(*words, "--json")]
    with served(work.config):
        assert [work.run(*words), work.run(*words, "--json")] == alone
    assert alone[0].code > 0


def test_the_passages_are_made_anew_by_the_daemon(work: Workplace) -> None:
    with served(work.config) as service:
        answer = work.json("rebuild")
        assert service.purposes == ["rebuild"]
    assert answer["passages"] == 3


def test_progress_is_drawn_on_the_terminal_of_whoever_waits(work: Workplace) -> None:
    with served(work.config):
        code, shown = on_terminal([*COMMAND, "backfill"], work.folder)

    assert code == 5
    assert "it begins" in shown
    assert "4 documents seen, nothing new, 1 failed" in shown


# --- removing for good ---------------------------------------------------------------------------

PURGE = ["purge", "grün.md@1", "--reason", "a password"]


def test_what_is_removed_for_good_is_confirmed_by_whoever_gave_the_command(work: Workplace) -> None:
    with served(work.config) as service:
        code, shown = on_terminal([*COMMAND, *PURGE], work.folder, typed="y\n")

        assert code == 0, shown
        assert service.purposes == ["purge", "purge"]
        assert shown.count("to be removed for good: version 1 of policies:grün.md") == 1
        assert "This cannot be undone. Go on?" in shown
        assert work.json("show", "grün.md@1", code=3)["error"]["code"] == "purged"


def test_what_is_not_confirmed_is_not_removed(work: Workplace) -> None:
    with served(work.config) as service:
        code, _ = on_terminal([*COMMAND, *PURGE], work.folder, typed="n\n")

        assert code == 130
        assert service.purposes == ["purge"]
        assert work.run("show", "grün.md@1").code == 0
        outcome = work.spawn(*PURGE)
        assert outcome.returncode == 2
        assert b"nobody can be asked here" in outcome.stderr


def test_nothing_is_asked_where_it_was_answered_before(work: Workplace) -> None:
    with served(work.config):
        done = work.json(*PURGE, "--yes")

    assert done["purge"]["finished"] is True


# --- when it is better to run alone ----------------------------------------------------------------


def test_another_configuration_is_not_answered_for_and_the_daemon_is_not_written_beside(
    work: Workplace,
) -> None:
    with served(work.config) as service:
        work.config.write_text(work.config.read_text() + "# changed\n")

        assert work.run("show", "grün.md").code == 0
        assert not service.asked.acquire(blocking=False)
        refused = work.run("backfill")

    assert refused.code == 75
    assert "by another configuration" in refused.err
    assert "systemctl reload" in refused.err


def test_another_version_is_not_answered_for(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(work.config) as service:
        monkeypatch.setattr("indexer.cli.client.__version__", "0.0.0")
        assert work.run("show", "grün.md").code == 0
        assert not service.asked.acquire(blocking=False)
        refused = work.run("backfill")

    assert refused.code == 75
    assert "restart the daemon" in refused.err


@pytest.mark.parametrize(
    "words", [["--debug", "show", "grün.md"], ["show", "grün.md", "--original", "-o", "x"]]
)
def test_what_is_for_this_process_runs_in_it(
    work: Workplace, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(work.folder)
    with served(work.config) as service:
        assert work.run(*words).code == 0
        assert not service.asked.acquire(blocking=False)


Answering = Callable[[socket.socket], None]


@contextmanager
def listening(work: Workplace, answer: Answering) -> Iterator[None]:
    """Somebody else answers at the control socket, one connection after another."""
    path = work.folder / "data" / FILE_NAME
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    answer(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(PATIENCE)
            path.unlink()


def saying(words: bytes) -> Answering:
    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(words)

    return answer


OK = b"HTTP/1.1 200 OK\r\n\r\n"


@pytest.mark.parametrize(
    "said",
    [
        b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 200", OK, OK + b'{"exit', OK + b"not json\n", b"HTTP/1.1 503 x\r\n\r\nbusy",
        b"HTTP/1.1 404 x\r\n\r\n{}", b"HTTP/1.1 two hundred\r\n\r\n{}",
    ],
)  # fmt: skip
def test_a_question_that_is_not_answered_is_answered_here(work: Workplace, said: bytes) -> None:
    alone = work.run("show", "grün.md")
    with listening(work, saying(said)):
        assert work.run("show", "grün.md") == alone


def test_a_socket_without_a_daemon_behind_it_is_passed_over(work: Workplace) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(work.folder / "data" / FILE_NAME))

    assert work.run("show", "grün.md").code == 0
    assert work.run("backfill").code == 5
    check = work.run("status", "--check")
    assert check.code == 1
    assert check.out.startswith("daemon: the daemon left its control socket behind and does not run")
    assert work.json("status", "--check", code=1)["alerts"][0]["code"] == "daemon-gone"


@pytest.mark.parametrize("said", [OK, OK + b'{"event": "note", "message": "begun"}\n', OK + b'{"exit'])
def test_a_daemon_that_ends_amid_the_work_is_one_clear_error(work: Workplace, said: bytes) -> None:
    with listening(work, saying(said)):
        outcome = work.run("backfill")

    assert outcome.code == 1
    assert "the daemon ended before it answered — what was finished is kept" in outcome.err


def test_an_interruption_leaves_the_daemon_at_work_and_says_so(work: Workplace) -> None:
    work.write("travel.md", "# Travel\n\nBook early.\n")
    with served(work.config) as service:
        service.may_go_on.clear()
        process = subprocess.Popen(
            [*COMMAND, "backfill"], cwd=work.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert process.stderr is not None
        assert process.stderr.readline() == b"it begins\n"

        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE)
        service.may_go_on.set()

        assert process.returncode == 128 + signal.SIGINT
        assert b"interrupted \xe2\x80\x94 the daemon goes on with it" in errors
        assert service.finished.wait(PATIENCE)
    assert work.json("history", "travel.md")["versions"][0]["number"] == 1


def test_a_reader_that_leaves_early_is_no_error(work: Workplace) -> None:
    with served(work.config):
        process = subprocess.Popen(
            [*COMMAND, "blame", "grün.md", "--json"],
            cwd=work.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout is not None
        process.stdout.close()
        _, errors = process.communicate(timeout=PATIENCE)

    assert (process.returncode, errors) == (128 + signal.SIGPIPE, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_an_answer_that_cannot_be_written_is_one_clear_error(work: Workplace) -> None:
    with served(work.config), Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "show", "grün.md"], cwd=work.folder, stdout=full, stderr=subprocess.PIPE, check=False
        )

    assert done.returncode == 1
    assert b"the answer cannot be written to standard output (No space left on device)" in done.stderr


LOADED = (
    "import sys; from indexer.cli.main import main; code = main(sys.argv[1:]); "
    "print(*sorted(sys.modules), sep='\\n', file=sys.stderr); sys.exit(code)"
)


def test_a_question_through_the_daemon_loads_next_to_nothing(work: Workplace) -> None:
    with served(work.config) as service:
        done = subprocess.run(
            [COMMAND[0], "-c", LOADED, "search", "days"],
            cwd=work.folder,
            capture_output=True,
            text=True,
            check=True,
        )
        assert service.asked.acquire(blocking=False)

    loaded = set(done.stderr.split())
    assert loaded.isdisjoint(
        {"click", "rich", "structlog", "http.client", "email", "sqlite3", "asyncio", "numpy"}
    )
    assert {name for name in loaded if name.startswith("indexer.query")} == set()


def test_the_data_folder_may_have_a_long_path(work: Workplace) -> None:
    long = work.folder / ("x" * 150)
    work.config.write_text(work.config.read_text().replace('"data"', json.dumps(str(long))))
    (work.folder / "data").rename(long)
    with served(work.config) as service:
        assert work.run("show", "grün.md").code == 0
        assert service.asked.acquire(blocking=False)
