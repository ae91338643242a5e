"""Installing the service into a folder: which files land where, for whom, and what stays when it goes."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.support.git_remotes import stand_in

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")

UNITS = "usr/local/lib/systemd/system"
LAID_OUT = {
    f"{UNITS}/indexer.service": 0o644,
    "usr/local/lib/sysusers.d/indexer.conf": 0o644,
    "usr/local/lib/tmpfiles.d/indexer.conf": 0o644,
    "opt/indexer/share/remote-git.conf": 0o644,
    "opt/indexer/share/read-all.conf": 0o644,
    "opt/indexer/share/service.md": 0o644,
    "etc/indexer/config.toml": 0o644,
}
KEPT = {"etc/indexer/config.toml"}


def make(target: str, destination: Path, *, systemd: int = 252, umask: int = 0o022) -> str:
    path = stand_in(destination.parent / "bin", "systemctl", f"echo 'systemd {systemd} ({systemd}.1-1)'")
    done = subprocess.run(
        ["make", "--silent", target, f"DESTDIR={destination}"],
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def files(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode)
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


@pytest.fixture
def destination(tmp_path: Path) -> Path:
    return tmp_path / "with a space"


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_every_file_lands_where_systemd_looks_and_everybody_may_read_it(
    destination: Path, umask: int
) -> None:
    make("install-service", destination, umask=umask)
    assert files(destination) == LAID_OUT
    assert stat.S_IMODE((destination / "etc/indexer/credentials").stat().st_mode) == 0o700
    assert stat.S_IMODE((destination / "etc/indexer").stat().st_mode) == 0o755
    assert (destination / "usr/local/bin/indexer").readlink() == Path("/opt/indexer/.venv/bin/indexer")


def test_what_only_newer_releases_of_systemd_know_is_installed_for_those_alone(destination: Path) -> None:
    newer = f"{UNITS}/indexer.service.d/newer.conf"
    make("install-service", destination, systemd=257)
    assert files(destination).keys() == LAID_OUT.keys() | {newer}
    make("install-service", destination, systemd=252)
    assert files(destination).keys() == LAID_OUT.keys()


def test_installing_again_changes_nothing_and_keeps_the_configuration(destination: Path) -> None:
    make("install-service", destination)
    configuration = destination / "etc/indexer/config.toml"
    configuration.write_text("# mine\n")
    unit = destination / UNITS / "indexer.service"
    unit.write_text("an older release\n")
    make("install-service", destination)
    assert configuration.read_text() == "# mine\n"
    assert unit.read_bytes() == (ROOT / "systemd/indexer.service").read_bytes()
    assert files(destination) == LAID_OUT


def test_uninstalling_leaves_the_configuration_and_the_data(destination: Path) -> None:
    make("install-service", destination, systemd=257)
    data = destination / "var/lib/indexer/catalog.sqlite"
    data.parent.mkdir(parents=True)
    data.write_text("the only copy")
    make("uninstall-service", destination)
    assert files(destination).keys() == {*KEPT, "var/lib/indexer/catalog.sqlite"}
    assert not (destination / "usr/local/bin/indexer").is_symlink()
    make("uninstall-service", destination)


def test_a_command_of_the_same_name_that_is_not_ours_stays(destination: Path) -> None:
    theirs = destination / "usr/local/bin/indexer"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("#!/bin/sh\n")
    make("uninstall-service", destination)
    assert theirs.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root can install it")
def test_only_root_is_let_do_it_for_real() -> None:
    done = subprocess.run(["make", "install-service"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "only root can install a service" in done.stderr
