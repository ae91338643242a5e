"""The control socket over HTTP: what can be asked, in which form it is answered, and what is refused."""

from __future__ import annotations

import http.client
import json
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer import __version__
from indexer.config import load
from indexer.daemon.control.address import FILE_NAME, Listening
from indexer.daemon.control.endpoints import MOST_BYTES
from indexer.daemon.control.server import ControlServer
from indexer.errors import BusyError, StoreError
from tests.e2e.cli_workplace import Workplace
from tests.support.control_client import ControlClient
from tests.support.plain_service import PATIENCE, PlainService, served


@pytest.fixture
def work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Workplace:
    work = Workplace(tmp_path, capsys)
    for days in ("five", "six"):
        work.write("leave.md", f"# Leave\n\nUp to {days} days carry over.\n")
        assert work.run("backfill").code == 0
    return work


@pytest.fixture
def service(work: Workplace) -> Iterator[PlainService]:
    with served(work.config) as service:
        yield service


@pytest.fixture
def client(work: Workplace) -> ControlClient:
    return ControlClient(work.folder / "data")


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("/v1/search?query=days&k=1&mode=text", ["search", "days", "-k", "1", "--mode", "text"]),
        ("/v1/search?query=days&doc=leave.md&version=1", ["search", "days", "--doc", "leave.md", "--version", "1"]),
        ("/v1/search?query=days&history=true", ["search", "days", "--history"]),
        ("/v1/history?doc=leave.md", ["history", "leave.md"]),
        ("/v1/show?doc=leave.md%401", ["show", "leave.md@1"]),
        ("/v1/diff?from=leave.md%401&to=2", ["diff", "leave.md@1", "2"]),
        ("/v1/blame?doc=leave.md", ["blame", "leave.md"]),
        ("/v1/failures", ["failures"]),
    ],
)  # fmt: skip
def test_a_question_is_answered_as_the_command_answers_it(
    work: Workplace, client: ControlClient, target: str, words: list[str]
) -> None:
    alone = work.run(*words, "--json").out

    with served(work.config):
        answer = client.get(target)

    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.body.decode() == alone


def test_the_status_says_what_the_daemon_knows_of_itself(
    work: Workplace, service: PlainService, client: ControlClient
) -> None:
    status = client.get("/v1/status").json

    assert status["daemon"] == service.state()
    assert status["totals"]["versions"] == 2
    assert client.get("/v1/status?check=true").json["alerts"] == []


@pytest.mark.parametrize(
    ("target", "status", "code"),
    [
        ("/v1/show?doc=nothing.md", 404, "no-such-document"),
        ("/v1/show?doc=leave.md%409", 404, "no-such-version"),
        ("/v1/search?query=x&k=0", 400, "usage"),
        ("/v1/search?query=x&as_of=yesteryear", 400, "usage"),
        ("/v1/search", 400, "usage"),
        ("/v1/show?doc=leave.md&original=true", 400, "usage"),
        ("/v1/nothing", 404, "no-such-endpoint"),
        ("/v1/check", 404, "no-such-endpoint"),
    ],
)
def test_an_error_has_the_form_of_the_contract_and_a_fitting_status(
    service: PlainService, client: ControlClient, target: str, status: int, code: str
) -> None:
    answer = client.get(target)

    assert (answer.status, answer.json["error"]["code"]) == (status, code)
    assert set(answer.json["error"]) == {"code", "message", "remedy", "candidates"}


def test_several_that_fit_are_a_conflict_with_the_candidates(work: Workplace, client: ControlClient) -> None:
    work.write("hr/policy.md", "# One\n\nOne.\n")
    work.write("it/policy.md", "# Two\n\nTwo.\n")
    work.run("backfill")
    with served(work.config):
        answer = client.get("/v1/history?doc=policy.md")

    assert answer.status == 409
    assert len(answer.json["error"]["candidates"]) == 2


def test_what_was_purged_is_gone(work: Workplace, client: ControlClient) -> None:
    work.run("purge", "leave.md@1", "--reason", "a password", "--yes")
    with served(work.config):
        assert client.get("/v1/show?doc=leave.md%401").status == 410


def test_a_backfill_is_followed_line_by_line(
    work: Workplace, service: PlainService, client: ControlClient
) -> None:
    work.write("travel.md", "# Travel\n\nBook early.\n")

    answer = client.post("/v1/backfill", {"sources": ["policies"]})

    assert answer.headers["content-type"] == "application/jsonl"
    *events, last = answer.lines
    assert last["exit_code"] == 0
    assert last["report"]["sources"][0]["versions_added"] == 1
    assert {"event": "source_started", "source": "policies"} in events
    assert events[-1] == {"event": "source_finished", "source": "policies"}


@pytest.mark.parametrize(
    ("body", "code"), [({"sources": ["polices"]}, "no-such-source"), ({"sources": ["--dry-run"]}, "no-such-source")]
)  # fmt: skip
def test_a_backfill_that_cannot_be_says_so_in_its_last_line(
    service: PlainService, client: ControlClient, body: object, code: str
) -> None:
    answer = client.post("/v1/backfill", body)

    assert (answer.lines[-1]["exit_code"], answer.lines[-1]["error"]["code"]) == (3, code)


def test_failures_are_tried_again(work: Workplace, client: ControlClient) -> None:
    work.write("broken.bin", b"\x00\x01\x02" * 100)
    work.run("backfill")
    with served(work.config):
        last = client.post("/v1/retry", {"documents": ["broken.bin"]}).lines[-1]

    assert last["exit_code"] == 5
    assert last["report"]["sources"][0]["failed"] == 1


def test_the_log_level_is_set(service: PlainService, client: ControlClient) -> None:
    assert client.request("PUT", "/v1/log-level", {"level": "debug"}).json == {"level": "debug"}
    assert service.level == "debug"

    answer = client.request("PUT", "/v1/log-level", {"level": "loud"})

    assert answer.status == 400
    assert "debug, info, warning, error" in answer.json["error"]["message"]


def test_health_and_metrics_are_told(service: PlainService, client: ControlClient) -> None:
    assert client.get("/v1/health").json["version"] == __version__
    metrics = client.get("/metrics")
    assert (metrics.status, metrics.body) == (200, service.metrics())
    assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")


@pytest.mark.parametrize(
    ("method", "target", "body", "status"),
    [
        ("POST", "/v1/backfill", b"{", 400),
        ("POST", "/v1/backfill", b"[" * 100_000, 400),
        ("POST", "/v1/backfill", b"\xff", 400),
        ("POST", "/v1/backfill", [], 400),
        ("POST", "/v1/backfill", {"sources": "policies"}, 400),
        ("POST", "/v1/backfill", {"accept_deletions": "yes"}, 400),
        ("POST", "/v1/backfill", {"source": []}, 400),
        ("POST", "/v1/command", {}, 400),
        ("POST", "/v1/command", {"arguments": [1]}, 400),
        ("POST", "/v1/command", {"arguments": ["status"], "terminal": {"encoding": "no-such"}}, 400),
        ("POST", "/v1/command", {"arguments": ["status"], "terminal": {"columns": 0}}, 400),
        ("POST", "/v1/command", {"arguments": ["status"], "terminal": {"environment": {"TERM": 1}}}, 400),
        ("POST", "/v1/command", {"arguments": ["run"]}, 400),
        ("POST", "/v1/command", {"arguments": ["check"]}, 400),
        ("POST", "/v1/command", {"arguments": ["search", "--help"]}, 400),
        ("POST", "/v1/command", {"arguments": ["show", "leave.md", "--original", "-o", "x"]}, 400),
        ("POST", "/v1/command", {"arguments": ["status"], "version": "0.0.0"}, 409),
        ("POST", "/v1/command", {"arguments": ["status"], "configuration": "b3:0"}, 409),
        ("POST", "/v1/command", {"arguments": ["status"], "zone": "Asia/Tokyo"}, 409),
        ("POST", "/v1/backfill", b" " * (MOST_BYTES + 1), 413),
        ("GET", "/v1/backfill", None, 405),
        ("DELETE", "/v1/status", None, 405),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_costs_nothing(
    service: PlainService, client: ControlClient, method: str, target: str, body: object, status: int
) -> None:
    answer = client.request(method, target, body)

    assert answer.status == status
    assert answer.json["error"]["message"]
    assert service.purposes == []
    assert client.get("/v1/health").status == 200


@pytest.mark.parametrize(
    "sent", [b"\x16\x03\x01\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"a" * 100_000]
)
def test_what_is_no_http_is_answered_and_disconnected(
    service: PlainService, client: ControlClient, sent: bytes
) -> None:
    with client.raw(sent) as connection:
        assert b" 400 " in connection.recv(4096).partition(b"\r\n")[0]
        while connection.recv(4096):
            continue
    assert client.get("/v1/health").status == 200


def test_a_body_that_ends_too_early_is_no_error_of_the_daemon(
    service: PlainService, client: ControlClient, caplog: pytest.LogCaptureFixture
) -> None:
    head = b"POST /v1/retry HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{"
    with client.raw(head) as connection:
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            continue
    assert client.get("/v1/health").status == 200
    assert service.purposes == []
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def streaming(client: ControlClient) -> socket.socket:
    body = json.dumps({}).encode()
    head = f"POST /v1/backfill HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    return client.raw(head.encode() + body)


def test_many_questions_at_once_are_all_answered(service: PlainService, client: ControlClient) -> None:
    service.may_go_on.clear()
    body = json.dumps({"arguments": ["status", "--json"]}).encode()
    head = f"POST /v1/command HTTP/1.0\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    connections = [client.raw(head + body) for _ in range(30)]
    for _ in range(4):  # as many as there are threads
        assert service.asked.acquire(timeout=PATIENCE)
    assert client.get("/v1/health").status == 200
    assert not service.asked.acquire(blocking=False)

    service.may_go_on.set()

    for connection in connections:
        with connection, connection.makefile("rb") as answer:
            assert answer.readline().split()[1] == b"200"
            assert json.loads(answer.read().partition(b"\r\n\r\n")[2])["exit_code"] == 0


def test_more_than_may_wait_are_sent_away_at_once(service: PlainService, client: ControlClient) -> None:
    service.may_go_on.clear()
    connections = [streaming(client) for _ in range(8)]
    assert service.asked.acquire(timeout=PATIENCE)

    answer = client.post("/v1/backfill", {})
    while answer.status == 200:  # the eighth had not begun
        answer = client.post("/v1/backfill", {})

    assert answer.status == 503
    assert answer.json["error"]["code"] == "busy"
    assert answer.headers["Retry-After".lower()] == "5"
    service.may_go_on.set()
    for connection in connections:
        connection.close()


def test_a_client_that_leaves_in_the_middle_frees_its_thread_and_the_work_goes_on(
    service: PlainService, client: ControlClient, work: Workplace
) -> None:
    work.write("travel.md", "# Travel\n\nBook early.\n")
    service.may_go_on.clear()
    connections = [streaming(client) for _ in range(8)]
    for connection in connections:
        assert connection.recv(10)
    assert service.asked.acquire(timeout=PATIENCE)  # the first; the others wait for the writer's turn
    assert client.post("/v1/backfill", {}).status == 503
    for connection in connections:
        connection.close()

    status = b"503"
    while status == b"503":  # until it is noticed that they have left; the work has not gone on meanwhile
        with streaming(client) as another:
            status = another.recv(4096).split(None, 2)[1]

    assert status == b"200"
    service.may_go_on.set()
    assert service.finished.wait(PATIENCE)
    assert client.get("/v1/history?doc=travel.md").json["versions"][0]["number"] == 1


def test_a_reader_who_does_not_read_keeps_nobody_waiting(
    work: Workplace, service: PlainService, client: ControlClient
) -> None:
    work.write("long.md", "# Long\n\n" + "Many words that fill a buffer. " * 40_000)
    assert client.post("/v1/backfill", {}).lines[-1]["exit_code"] == 0
    body = json.dumps({"arguments": ["show", "long.md"]}).encode()
    head = f"POST /v1/command HTTP/1.0\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    stuck = [client.raw(head + body) for _ in range(12)]

    assert client.get("/v1/show?doc=leave.md").status == 200

    for connection in stuck:
        connection.close()


def test_it_ends_within_its_deadline_whatever_is_going_on(work: Workplace, client: ControlClient) -> None:
    service = PlainService(load(work.config, {}))
    server = ControlServer(service, Never(), service.config.data_dir)
    server.start()
    waiting = streaming(client)
    assert waiting.recv(10)

    server.stop(deadline=1)

    assert not client.path.exists()
    with waiting:
        while waiting.recv(4096):
            continue
    assert not server.serving
    Never.may_end.set()


def test_a_run_that_is_waited_for_is_told_that_the_daemon_stops(
    work: Workplace, client: ControlClient
) -> None:
    with served(work.config) as service:
        service.may_go_on.clear()
        connection = streaming(client)
        assert service.asked.acquire(timeout=PATIENCE)
        service.server.stop(deadline=2)
        with connection:
            response = http.client.HTTPResponse(connection, method="POST")
            response.begin()
            last = json.loads(response.read().splitlines()[-1])

    assert last["exit_code"] == 75
    assert last["error"]["message"] == "the daemon is stopping"


def test_the_socket_is_for_its_owner_and_goes_with_the_server(work: Workplace) -> None:
    path = work.folder / "data" / FILE_NAME
    with served(work.config):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()


def test_a_socket_that_somebody_uses_or_that_is_none_is_refused_in_one_line(work: Workplace) -> None:
    service = PlainService(load(work.config, {}))
    folder = service.config.data_dir
    with (
        Listening(folder).socket,
        pytest.raises(BusyError, match=r"another process listens at .*control\.sock"),
    ):
        ControlServer(service, Never(), folder).start()
    (folder / FILE_NAME).unlink()
    (folder / FILE_NAME).write_text("mine")

    with pytest.raises(StoreError, match="in the way of the control socket") as caught:
        ControlServer(service, Never(), folder).start()

    assert caught.value.code == "control-socket"
    assert (folder / FILE_NAME).read_text() == "mine"


class Never:
    """Implements `CommandRunner`: runs what does not end."""

    may_end = threading.Event()

    def takes_long(self, arguments: tuple[str, ...]) -> bool:
        return True

    def __call__(self, request: object, audience: object) -> object:
        audience.progress.note("it begins")  # type: ignore[attr-defined]
        self.may_end.wait(PATIENCE)
        return None
