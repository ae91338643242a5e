"""What git may not do while it mirrors a repository, and how long it may take."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connectors.attention import GivenUpError, in_sight
from connectors.git.mirror import Mirror
from indexer.errors import SourceError
from indexer.ports import Working
from tests.support.git_remotes import Remote, run_git, stand_in
from tests.unit.connectors.git.mirrors import failing, mirror_of, names


@contextmanager
def typed(text: str) -> Iterator[None]:
    """Inside the `with`, this process's standard input holds `text`."""
    before = os.dup(0)
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    os.dup2(reading, 0)
    os.close(reading)
    try:
        yield
    finally:
        os.dup2(before, 0)
        os.close(before)


# --- what git may not do ---


def test_hooks_never_run(remote: Remote, mirror: Mirror, tmp_path: Path, environment: dict[str, str]) -> None:
    trace = tmp_path / "ran"
    kinds = (
        "reference-transaction",
        "post-fetch",
        "post-update",
        "pre-auto-gc",
        "post-checkout",
        "fsmonitor",
    )
    everywhere, template = tmp_path / "hooks", tmp_path / "template"
    template.mkdir()
    config = Path(environment["HOME"]) / ".gitconfig"
    config.write_text(f"[core]\n\thooksPath = {everywhere}\n[init]\n\ttemplateDir = {template}\n")
    for kind in kinds:
        for folder in (everywhere, template / "hooks", remote.folder / ".git/hooks"):
            stand_in(folder, kind, f"echo {kind} >> {trace}")
    mirror.update()
    assert not (mirror.path / "hooks").exists()
    for kind in kinds:
        stand_in(mirror.path / "hooks", kind, f"echo {kind} >> {trace}")
    assert not trace.exists()
    second = remote.commit("two")
    trace.unlink()  # a commit in the remote does run the remote's hooks
    mirror.update()
    assert names(mirror) == {"refs/heads/main": second}
    assert not trace.exists()


def test_submodules_are_not_followed(
    remote: Remote, mirror: Mirror, tmp_path: Path, environment: dict[str, str]
) -> None:
    (Path(environment["HOME"]) / ".gitconfig").write_text("[fetch]\n\trecurseSubmodules = true\n")
    part = Remote(tmp_path / "part")
    inner = part.commit("inside")
    remote.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", part.url, "part")
    remote.commit("with a part")
    mirror.update()
    assert run_git(mirror.path, "ls-tree", "main", "part").split()[:3] == ["160000", "commit", inner]
    assert not (mirror.path / "modules").exists()


def test_variables_that_name_another_repository_are_ignored(
    remote: Remote, tmp_path: Path, environment: dict[str, str]
) -> None:
    other = Remote(tmp_path / "other")
    before = sorted(other.folder.rglob("*"))
    environment |= {
        "GIT_DIR": f"{other.folder}/.git",
        "GIT_OBJECT_DIRECTORY": f"{other.folder}/.git/objects",
        "GIT_INDEX_FILE": f"{other.folder}/.git/index",
        "GIT_NAMESPACE": "elsewhere",
        "GIT_TRACE": f"{other.folder}/trace",
    }
    mirror = mirror_of(remote.url, tmp_path, environment)
    mirror.update()
    assert set(names(mirror)) == {"refs/heads/main"}
    assert sorted(other.folder.rglob("*")) == before


def test_a_url_that_runs_a_program_is_refused_before_git_sees_it(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    mirror = mirror_of(f"ext::sh -c touch% {tmp_path}/ran", tmp_path, environment)
    assert failing(mirror).code == "bad-url"
    assert not (tmp_path / "ran").exists()
    assert not mirror.path.parent.exists()


def test_a_configuration_that_rewrites_the_url_cannot_run_a_program_either(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    config = Path(environment["HOME"]) / ".gitconfig"
    rewrite = f'[url "ext::sh -c touch% {tmp_path}/ran "]\n\tinsteadOf = https://example.org/\n'
    config.write_text(f"{rewrite}[protocol]\n\tallow = always\n")
    mirror = mirror_of("https://example.org/x.git", tmp_path, environment)
    assert "transport 'ext' not allowed" in str(failing(mirror))
    assert not (tmp_path / "ran").exists()


def test_a_local_repository_needs_permission(remote: Remote, tmp_path: Path) -> None:
    for url in (remote.url, f"file://{remote.folder}"):
        assert failing(Mirror(url, tmp_path / "mirror")).code == "bad-url"


def test_a_configuration_cannot_lead_to_a_local_repository(
    remote: Remote, tmp_path: Path, environment: dict[str, str]
) -> None:
    config = Path(environment["HOME"]) / ".gitconfig"
    config.write_text(f'[url "{remote.folder.parent}/"]\n\tinsteadOf = https://example.org/\n')
    mirror = Mirror("https://example.org/remote", tmp_path / "mirror", environment=environment)
    assert "transport 'file' not allowed" in str(failing(mirror))


def test_git_cannot_ask_anybody(tmp_path: Path, environment: dict[str, str]) -> None:
    """Standard input is empty, there is no terminal, and every askpass program is hidden."""
    said = tmp_path / "said"
    script = f"""
        {{ wc -c; (exec < /dev/tty) 2> /dev/null && echo terminal
        echo "$GIT_TERMINAL_PROMPT,$GIT_ASKPASS,$SSH_ASKPASS,$SSH_ASKPASS_REQUIRE,$LC_ALL"; }} >> {said}"""
    environment |= {
        "PATH": stand_in(tmp_path / "bin", "git", script),
        "GIT_ASKPASS": "/bin/asks",
        "SSH_ASKPASS": "/bin/asks",
        "LC_ALL": "de",
    }
    mirror = mirror_of("https://example.org/x.git", tmp_path, environment)
    with typed("yes\n"):
        mirror.update()
    assert set(said.read_text().split()) == {"0", "0,,,never,C"}


def test_ssh_is_told_not_to_ask(tmp_path: Path, environment: dict[str, str]) -> None:
    said = tmp_path / "said"
    script = f'echo "$@" > {said}; echo "git@example.org: Permission denied (publickey)." >&2; exit 255'
    environment["PATH"] = stand_in(tmp_path / "bin", "ssh", script)
    error = failing(mirror_of("git@example.org:docs.git", tmp_path, environment))
    assert (error.code, "Permission denied (publickey)" in str(error)) == ("refused", True)
    assert "-oBatchMode=yes" in said.read_text().split()


@pytest.mark.parametrize("where", ["GIT_SSH_COMMAND", "GIT_SSH", "core.sshCommand"])
def test_the_users_own_way_to_run_ssh_is_used(
    where: str, tmp_path: Path, environment: dict[str, str]
) -> None:
    said = tmp_path / "said"
    stand_in(tmp_path / "bin", "own-ssh", f'echo "$@" > {said}; exit 255')
    program = str(tmp_path / "bin/own-ssh")
    if where == "core.sshCommand":
        (Path(environment["HOME"]) / ".gitconfig").write_text(f"[core]\n\tsshCommand = {program}\n")
    else:
        environment[where] = program
    failing(mirror_of("git@example.org:docs.git", tmp_path, environment))
    assert "git@example.org" in said.read_text()
    assert "BatchMode" not in said.read_text()


# --- time ---


def test_a_server_that_refuses_connections_is_tried_again_with_longer_pauses(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    pauses: list[float] = []
    mirror = Mirror("https://127.0.0.1:1/x.git", tmp_path / "m", wait=pauses.append, environment=environment)
    error = failing(mirror)
    assert isinstance(error, SourceError)
    assert (error.code, pauses) == ("network", [1.0, 4.0])
    assert str(error).startswith("the repository https://127.0.0.1:1/x.git cannot be reached (")


def test_a_server_that_comes_back_is_mirrored(
    remote: Remote, tmp_path: Path, environment: dict[str, str]
) -> None:
    away = remote.folder.rename(tmp_path / "away")
    environment["PATH"] = stand_in(
        tmp_path / "bin",
        "git",
        f'[ -e {remote.folder} ] || case "$*" in *ls-remote*) echo "fatal: early EOF" >&2; exit 128;; esac\n'
        f'PATH={os.environ["PATH"]} exec git "$@"',
    )
    back = lambda _: away.rename(remote.folder)  # noqa: E731
    mirror = Mirror(remote.url, tmp_path / "m", wait=back, environment=environment, allow_local=True)
    mirror.update()
    assert set(names(mirror)) == {"refs/heads/main"}


def endless_git(tmp_path: Path, first: str = "", about: str = "ls-remote") -> tuple[str, int]:
    """A git that does not end, nor does its child, if told something `about` which; the PATH, and a pipe that both hold."""
    pipe = tmp_path / "alive"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    others = f'case "$*" in *{about}*) ;; *) PATH={os.environ["PATH"]} exec git "$@";; esac'
    script = f"{others}\n{first}\nexec 9> {pipe}; sleep 600 & echo started >&9; sleep 600; sleep 600"
    return stand_in(tmp_path / "bin", "git", script), reader


def all_gone(reader: int) -> bool:
    """Whether nobody holds the pipe any more; waits for it, and gives up after 10 s."""
    try:
        while select.select([reader], [], [], 10)[0]:
            if not os.read(reader, 100):
                return True
        return False
    finally:
        os.close(reader)


@pytest.mark.parametrize("first", ["", "trap '' TERM"], ids=["obedient", "deaf to SIGTERM"])
def test_git_is_ended_with_all_its_children_when_its_time_is_up(
    first: str, tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.git.mirror._GRACE", 0.2)
    environment["PATH"], reader = endless_git(tmp_path, first)
    pauses: list[float] = []
    mirror = Mirror(
        "https://example.org/x.git", tmp_path / "m", timeout=0.5, wait=pauses.append, environment=environment
    )
    error = failing(mirror)
    assert (error.code, pauses) == ("network", [])
    assert "did not finish within 0.5 seconds" in str(error)
    assert all_gone(reader)


def test_git_is_ended_when_the_user_interrupts(
    tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    environment["PATH"], reader = endless_git(tmp_path, about="")

    def interrupted(process: subprocess.Popen[bytes], timeout: float, given_up: threading.Event) -> None:
        assert select.select([reader], [], [], 10)[0]  # git and its child have started
        raise KeyboardInterrupt

    monkeypatch.setattr("connectors.git.mirror._read", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Mirror("https://example.org/x.git", tmp_path / "m", environment=environment).update()
    assert all_gone(reader)
    assert list(tmp_path.glob("m*")) == []


def test_git_is_ended_when_nobody_waits_for_it_any_more(tmp_path: Path, environment: dict[str, str]) -> None:
    environment["PATH"], reader = endless_git(tmp_path, about="")
    given_up = threading.Event()
    mirror = Mirror("https://example.org/x.git", tmp_path / "m", environment=environment)
    updating = in_sight(lambda _: mirror.update(given_up))
    assert isinstance(next(updating), Working)
    assert select.select([reader], [], [], 10)[0]  # git and its child have started
    given_up.set()
    with pytest.raises(GivenUpError):
        list(updating)
    assert all_gone(reader)
    assert list(tmp_path.glob("m*")) == []


def test_a_process_that_git_leaves_behind_on_purpose_is_not_waited_for(
    remote: Remote, tmp_path: Path, environment: dict[str, str]
) -> None:
    """Such as the master connection of ssh, which keeps standard error open."""
    lingering = f'case "$*" in *ls-remote*) sleep 30 & echo $! > {tmp_path}/left;; esac'
    script = f'{lingering}; PATH={os.environ["PATH"]} exec git "$@"'
    environment["PATH"] = stand_in(tmp_path / "bin", "git", script)
    mirror = Mirror(remote.url, tmp_path / "m", timeout=10, environment=environment, allow_local=True)
    mirror.update()
    os.kill(int((tmp_path / "left").read_text()), signal.SIGKILL)  # it still runs


def test_a_flood_of_complaints_is_read_to_its_end_and_forgotten(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    script = (
        "yes 'remote: hello' | head -n 350000 >&2; yes | head -c 5000000; echo 'fatal: enough' >&2; exit 128"
    )
    environment["PATH"] = stand_in(tmp_path / "bin", "git", script)
    error = failing(mirror_of("https://example.org/x.git", tmp_path, environment))
    assert (error.code, "(enough)" in str(error)) == ("fetch-failed", True)
