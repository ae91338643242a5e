"""Inside the sandbox of the unit, on a machine of its own: what cannot be done there, and that the service works."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.service.machine import Machine
from tests.service.units import DROP_INS

pytestmark = [pytest.mark.machine, pytest.mark.model, pytest.mark.timeout(300)]

UNIT = "indexer.service"
IMPATIENT = "[Service]\nWatchdogSec=5s\nRestartSec=100ms\n"
"""What takes minutes on a server."""


@pytest.fixture
def token(running: Machine) -> Iterator[str]:
    file = running.root / "etc/indexer/credentials/handbook"
    file.write_text("s3cret")
    file.chmod(0o600)
    yield "s3cret"
    file.unlink()


@pytest.fixture(scope="module")
def service(running: Machine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """The machine with the service started, and everything indexed.

    Where tests run in several processes, each has a machine; the model, which takes longest, is made by the first.
    """
    here = tmp_path_factory.getbasetemp()
    shared = here.parent if "PYTEST_XDIST_WORKER" in os.environ else here
    with (shared / "exporting").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (shared / "models").exists():
            shutil.copytree(shared / "models", running.root / "var/lib/indexer/models")
            running.run("chown", "--recursive", "indexer:indexer", "/var/lib/indexer/models")
        _start(running)
        if not (shared / "models").exists():
            shutil.copytree(running.root / "var/lib/indexer/models", shared / "models")
    yield running
    running.run("systemctl", "stop", UNIT)


def _start(running: Machine) -> None:
    """Start the service, and wait until what there is is indexed."""
    drop_in = running.root / "etc/systemd/system/indexer.service.d/impatient.conf"
    drop_in.parent.mkdir()
    drop_in.write_text(IMPATIENT)
    running.run("systemctl", "daemon-reload")
    running.run("systemctl", "start", UNIT)
    running.until("^watching 2 sources, 16 documents$", status(running), seconds=120)


def found(machine: Machine, question: str) -> str:
    """The key of the document that answers best."""
    told = machine.run("indexer", "search", question, "-k", "1", "--json", user="indexer")
    hits = json.loads(told)["hits"]
    return hits[0]["document"]["key"] if hits else ""


def status(machine: Machine) -> Callable[[], str]:
    """Asks for what the service says of itself."""
    return lambda: machine.property(UNIT, "StatusText")


def restarts(machine: Machine) -> int:
    return int(machine.property(UNIT, "NRestarts"))


# --- what cannot be done ---


def test_nothing_can_be_done_that_the_service_does_not_need(running: Machine, token: str) -> None:
    shutil.copy(Path(__file__).with_name("look_around.py"), running.root / "opt/look_around.py")
    seen = json.loads(running.in_the_sandbox("/opt/indexer/.venv/bin/python", "/opt/look_around.py"))
    assert seen == {
        "user": True,
        "written": ["/var/lib/indexer", "/var/cache/indexer", "/tmp", "/var/tmp"],
        "share": ["keys.pdf", "lunch.docx", "parking.eml"],
        "internet": False,
        "local sockets": True,
        "code at run time": False,
        "namespaces": False,
        "set-id files": False,
        "other processes": [],
        "capabilities": "",
        "new privileges": False,
        "disks": [],
        "credentials": {"token_handbook": token},
    }
    assert not (running.root / "var/tmp/left-behind").exists(), "temporary files are its own"
    (running.root / "var/lib/indexer/left-behind").unlink()


def test_what_only_root_may_read_is_read_with_the_drop_in_for_it_and_not_written(running: Machine) -> None:
    note = running.root / "home/ann/diary.md"
    note.write_text("private")
    note.chmod(0o600)
    reading, writing = ("cat", "/home/ann/diary.md"), ("tee", "/home/ann/diary.md")
    with pytest.raises(AssertionError, match="Permission denied"):
        running.in_the_sandbox(*reading)
    assert running.in_the_sandbox(*reading, drop_in=DROP_INS["read-all"]) == "private"
    with pytest.raises(AssertionError, match=r"Read-only file system|Permission denied"):
        running.in_the_sandbox(*writing, drop_in=DROP_INS["read-all"])


def test_the_internet_is_there_with_the_drop_in_for_it(running: Machine) -> None:
    opening = "import socket; socket.socket(socket.AF_INET); print('opened')"
    python = "/opt/indexer/.venv/bin/python"
    with pytest.raises(AssertionError, match="not supported"):
        running.in_the_sandbox(python, "-c", opening)
    assert running.in_the_sandbox(python, "-c", opening, drop_in=DROP_INS["remote-git"]) == "opened\n"


# --- what can ---


def test_documents_are_parsed_embedded_committed_and_found(service: Machine) -> None:
    assert list((service.root / "var/lib/indexer/models").glob("*/export.json")), (
        "the model was exported there"
    )
    assert found(service, "canteen opens at half past eleven") == "lunch.docx"
    assert found(service, "lost keys are reported to the porter") == "keys.pdf"
    assert found(service, "visitors park behind the mill") == "parking.eml"
    assert found(service, "carry over of unused leave") == "hr/leave-policy.md"


def test_a_change_of_a_share_under_home_is_followed(service: Machine) -> None:
    (service.root / "home/ann/share/bicycles.md").write_text("# Bicycles\n\nBicycles are kept in the yard.\n")
    service.until('"source": "share", "reason": "changes", "versions": 1', lambda: service.journal(UNIT))
    assert found(service, "bicycles are kept in the yard") == "bicycles.md"


# --- how it lives ---


def test_a_reload_takes_a_new_configuration_over_and_refuses_a_wrong_one(service: Machine) -> None:
    configuration = service.root / "etc/indexer/config.toml"
    before, process = configuration.read_text(), service.property(UNIT, "MainPID")
    (service.root / "srv/minutes").mkdir()
    (service.root / "srv/minutes/may.md").write_text("# May\n\nThe roof is mended.\n")
    after = before + '\n[[source]]\nname = "minutes"\nkind = "files"\nroot = "/srv/minutes"\n'
    configuration.write_text(after)
    service.run("systemctl", "reload", UNIT)
    service.until("^watching 3 sources, [0-9]+ documents$", status(service))
    configuration.write_text(after + "[[source]\n")
    service.run("systemctl", "reload", UNIT)
    service.until("^watching 3 sources, .*the configuration on disk is refused$", status(service))
    configuration.write_text(before)
    service.run("systemctl", "reload", UNIT)
    service.until("^watching 2 sources, [0-9]+ documents$", status(service))
    assert service.property(UNIT, "MainPID") == process
    assert service.property(UNIT, "SubState") == "running"


def test_one_that_hangs_is_started_anew_by_the_watchdog(service: Machine) -> None:
    before, process = restarts(service), service.property(UNIT, "MainPID")
    service.run("kill", "-STOP", process)
    service.until(f"^{before + 1}$", lambda: service.property(UNIT, "NRestarts"))
    service.until("^running$", lambda: service.property(UNIT, "SubState"))
    assert "Watchdog timeout" in service.journal(UNIT)
    assert found(service, "visitors park behind the mill") == "parking.eml"


def test_one_that_is_killed_is_started_anew(service: Machine) -> None:
    before = restarts(service)
    service.run("kill", "-KILL", service.property(UNIT, "MainPID"))
    service.until(f"^{before + 1}$", lambda: service.property(UNIT, "NRestarts"))
    service.until("^running$", lambda: service.property(UNIT, "SubState"))


def test_it_stops_when_told_to_and_leaves_nothing_running(service: Machine) -> None:
    service.run("systemctl", "stop", UNIT, seconds=10)
    assert service.property(UNIT, "Result") == "success", service.journal(UNIT)
    assert service.property(UNIT, "TasksCurrent") in ("[not set]", "0")
    assert json.loads(service.run("indexer", "check", "--json", user="indexer"))["ok"]
    service.run("systemctl", "start", UNIT)


def test_with_a_wrong_configuration_it_waits_for_someone_to_mend_it(service: Machine) -> None:
    configuration = service.root / "etc/indexer/config.toml"
    before = configuration.read_text()
    service.run("systemctl", "stop", UNIT)
    configuration.write_text("data_dir = 3\n")
    service.run("systemctl", "start", UNIT, check=False)
    assert service.property(UNIT, "SubState") == "failed"
    assert service.property(UNIT, "ExecMainStatus") == "2"
    assert '"data_dir" must be' in service.journal(UNIT)
    configuration.write_text(before)
    service.run("systemctl", "start", UNIT)
    assert service.property(UNIT, "SubState") == "running"
