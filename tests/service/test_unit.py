"""The unit of the service: each of its options has a reason, systemd takes them all, and little is left exposed."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from indexer.config import load
from tests.service.units import DROP_INS, NEWER, PROGRAM, SYSTEMD, UNIT, laid_out, options, values_of

EXPOSURE = 2.0
"""What `systemd-analyze security` may say at most, of 10."""


def needs(program: str, package: str = "systemd") -> pytest.MarkDecorator:
    return pytest.mark.skipif(
        shutil.which(program) is None, reason=f"{program} is not installed (Debian: {package})"
    )


def version() -> int:
    said = subprocess.run(["systemd-analyze", "--version"], capture_output=True, text=True, check=True).stdout
    return int(re.match(r"systemd (\d+)", said)[1])  # type: ignore[index]


combinations = pytest.mark.parametrize(
    "drop_ins",
    [[], ["remote-git"], ["read-all"], ["remote-git", "read-all"]],
    ids=lambda names: "+".join(names) or "alone",
)


@pytest.mark.parametrize("file", [UNIT, NEWER, *DROP_INS.values()], ids=lambda file: file.name)
def test_above_every_option_stands_its_reason(file: Path) -> None:
    found = list(options(file.read_text(encoding="utf-8")))
    assert found
    without = [name for name, _, above in found if not re.match(r"# \S+ \S+ \S+", above)]
    assert without == []


def test_no_option_stands_twice_unless_it_is_a_list() -> None:
    names = [name for name, _, _ in options(UNIT.read_text(encoding="utf-8"))]
    assert {name for name in names if names.count(name) > 1} <= {"Environment", "SystemCallFilter"}


@needs("systemd-analyze")
@combinations
def test_systemd_finds_nothing_to_complain_about(drop_ins: list[str], tmp_path: Path) -> None:
    newer = [NEWER] if version() >= 254 else []
    unit = laid_out(tmp_path, *newer, *(DROP_INS[name] for name in drop_ins))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@needs("systemd-analyze")
@combinations
def test_little_is_exposed_also_with_what_may_be_added(drop_ins: list[str], tmp_path: Path) -> None:
    unit = laid_out(tmp_path, *(DROP_INS[name] for name in drop_ins))
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", unit],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    told = re.search(r"Overall exposure level for indexer\.service: ([\d.]+)", done.stdout)
    assert told is not None, done.stdout + done.stderr
    assert 0 < float(told[1]) <= EXPOSURE
    # Whether the drop-ins were read at all.
    assert ("✗ PrivateNetwork=" in done.stdout) == ("remote-git" in drop_ins)
    assert ("✗ PrivateUsers=" in done.stdout) == ("read-all" in drop_ins)


@needs("systemd-sysusers")
@needs("systemd-tmpfiles")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give folders to another user")
def test_the_user_and_the_folders_are_made(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    for program, file in (("systemd-sysusers", "sysusers.conf"), ("systemd-tmpfiles", "tmpfiles.conf")):
        create = ["--create"] if program == "systemd-tmpfiles" else []
        done = subprocess.run(
            [program, f"--root={tmp_path}", *create, SYSTEMD / file],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    (user,) = (
        line.split(":") for line in (tmp_path / "etc/passwd").read_text().splitlines() if "indexer" in line
    )
    assert (user[0], user[5], user[6]) == ("indexer", "/var/lib/indexer", "/usr/sbin/nologin")
    data = (tmp_path / "var/lib/indexer").stat()
    assert (data.st_uid, stat.S_IMODE(data.st_mode)) == (int(user[2]), 0o700)
    assert stat.S_IMODE((tmp_path / "etc/indexer/credentials").stat().st_mode) == 0o700


def test_the_configuration_that_is_installed_runs_and_names_the_folder_of_the_unit() -> None:
    config = load(SYSTEMD / "config.toml", {"TZ": "UTC"})
    values = values_of(UNIT)
    assert str(config.data_dir) == f"/var/lib/{values['StateDirectory']}"
    assert [source.name for source in config.sources] == ["documents"]


def test_what_the_configuration_offers_in_comments_is_sound_as_well(tmp_path: Path) -> None:
    written = (SYSTEMD / "config.toml").read_text(encoding="utf-8")
    offered = re.sub(r"^# (\[\[source\]\]|\w+ = )", r"\1", written, flags=re.MULTILINE)
    (tmp_path / "config.toml").write_text(offered, encoding="utf-8")
    config = load(tmp_path / "config.toml", {"TZ": "UTC"})
    assert [source.kind for source in config.sources] == ["files", "git", "confluence"]


def test_the_credentials_of_the_unit_are_those_that_the_configuration_offers() -> None:
    values = values_of(UNIT)
    name, _, folder = values["LoadCredential"].partition(":")
    offered = re.search(r'"\$CREDENTIALS_DIRECTORY/(\w+?)_\w+"', (SYSTEMD / "config.toml").read_text())
    assert offered is not None
    assert offered[1] == name
    assert f"d {folder} 0700 root root" in (SYSTEMD / "tmpfiles.conf").read_text()


def test_the_unit_starts_the_program_that_is_installed_with_the_configuration_that_is_installed() -> None:
    values = values_of(UNIT)
    assert values["ExecStart"] == f"{PROGRAM} --config /etc/indexer/config.toml run"
