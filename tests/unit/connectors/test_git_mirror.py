"""Mirrors of remote repositories: what they hold, what git may do, and what its failures are called."""

from __future__ import annotations

import os
import select
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connectors.git.mirror import Mirror
from connectors.git.remote import failure, one_line, url_problem
from indexer.errors import IndexerError, SourceError, StorageFullError
from tests.support.git_remotes import Remote, run_git, stand_in, user


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    remote = Remote(tmp_path / "remote")
    remote.commit("one")
    return remote


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return user(tmp_path / "home")


@pytest.fixture
def mirror(remote: Remote, tmp_path: Path, environment: dict[str, str]) -> Mirror:
    return mirror_of(remote.url, tmp_path, environment)


def mirror_of(url: str, tmp_path: Path, environment: dict[str, str]) -> Mirror:
    def never(seconds: float) -> None:
        raise AssertionError("nothing here is worth trying again")

    folder = tmp_path / "data/mirror"
    return Mirror(url, folder, wait=never, environment=environment, allow_local=True, timeout=60)


def names(mirror: Mirror) -> dict[str, str]:
    """The branches and tags of the mirror, and the commits that they name."""
    lines = run_git(mirror.path, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    return dict(line.split() for line in lines)


def head(mirror: Mirror) -> str:
    return run_git(mirror.path, "symbolic-ref", "HEAD")


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


def failing(mirror: Mirror) -> IndexerError:
    with pytest.raises(IndexerError) as caught:
        mirror.update()
    return caught.value


# --- what a mirror holds ---


def test_a_mirror_has_the_branches_and_tags_of_the_remote(remote: Remote, mirror: Mirror) -> None:
    first = remote.git("rev-parse", "HEAD")
    remote.git("tag", "v1")
    remote.git("checkout", "--quiet", "-b", "drafts/spring")
    draft = remote.commit("a draft")
    mirror.update()
    assert names(mirror) == {
        "refs/heads/main": first,
        "refs/heads/drafts/spring": draft,
        "refs/tags/v1": first,
    }
    assert run_git(mirror.path, "show", "main:page.md") == "one"


def test_a_mirror_is_a_bare_repository_that_only_its_owner_may_read(mirror: Mirror) -> None:
    mirror.update()
    assert run_git(mirror.path, "rev-parse", "--is-bare-repository") == "true"
    assert stat.S_IMODE(mirror.path.stat().st_mode) == 0o700


def test_an_update_fetches_new_commits(remote: Remote, mirror: Mirror) -> None:
    mirror.update()
    second = remote.commit("two")
    mirror.update()
    assert names(mirror) == {"refs/heads/main": second}
    assert list(mirror.path.parent.iterdir()) == [mirror.path]


def test_a_file_url_is_as_good_as_a_path(remote: Remote, tmp_path: Path, environment: dict[str, str]) -> None:
    mirror = mirror_of(f"file://{remote.folder}", tmp_path, environment)
    mirror.update()
    assert names(mirror) == {"refs/heads/main": remote.git("rev-parse", "HEAD")}


def test_a_deleted_tag_and_a_deleted_branch_disappear(remote: Remote, mirror: Mirror) -> None:
    remote.git("tag", "-a", "v1", "-m", "the first")
    remote.git("branch", "drafts")
    mirror.update()
    remote.git("tag", "-d", "v1")
    remote.git("branch", "-D", "drafts")
    mirror.update()
    assert set(names(mirror)) == {"refs/heads/main"}


def test_a_branch_may_take_the_place_of_a_folder_of_branches(remote: Remote, mirror: Mirror) -> None:
    remote.git("branch", "drafts/spring")
    mirror.update()
    remote.git("branch", "-m", "drafts/spring", "drafts")
    mirror.update()
    assert set(names(mirror)) == {"refs/heads/main", "refs/heads/drafts"}


def test_a_moved_tag_moves(remote: Remote, mirror: Mirror) -> None:
    remote.git("tag", "stable")
    mirror.update()
    second = remote.commit("two")
    remote.git("tag", "--force", "stable")
    mirror.update()
    assert names(mirror)["refs/tags/stable"] == second


def test_what_a_force_push_left_behind_stays_readable(remote: Remote, mirror: Mirror) -> None:
    mirror.update()
    lost = remote.git("rev-parse", "HEAD")
    remote.commit("one, rewritten", "--amend")
    remote.git("reflog", "expire", "--expire=now", "--all")
    remote.git("gc", "--quiet", "--prune=now")
    mirror.update()
    assert lost not in names(mirror).values()
    assert run_git(mirror.path, "show", f"{lost}:page.md") == "one"


def test_it_stays_even_if_somebody_runs_gc_in_the_mirror(remote: Remote, mirror: Mirror) -> None:
    mirror.update()
    lost = remote.git("rev-parse", "HEAD")
    remote.commit("one, rewritten", "--amend")
    mirror.update()
    for folder, _, files in os.walk(mirror.path / "objects"):
        for file in files:
            os.utime(Path(folder, file), (10**9, 10**9))  # gc spares what is young
    run_git(mirror.path, "gc", "--quiet")
    run_git(mirror.path, "cat-file", "-e", f"{lost}:page.md")


# --- its HEAD ---


def test_head_names_the_default_branch_of_the_remote(remote: Remote, mirror: Mirror) -> None:
    remote.git("branch", "-m", "main", "trunk")
    mirror.update()
    assert head(mirror) == "refs/heads/trunk"


def test_a_change_of_the_default_branch_is_followed(remote: Remote, mirror: Mirror) -> None:
    mirror.update()
    assert head(mirror) == "refs/heads/main"
    remote.git("checkout", "--quiet", "-b", "lebendig-ü")
    mirror.update()
    assert head(mirror) == "refs/heads/lebendig-ü"


def test_a_detached_head_is_followed_there_and_back(remote: Remote, mirror: Mirror) -> None:
    first = remote.git("rev-parse", "HEAD")
    remote.commit("two")
    remote.git("checkout", "--quiet", first)
    mirror.update()
    assert run_git(mirror.path, "rev-parse", "HEAD", "--abbrev-ref", "HEAD").split() == [first, "HEAD"]
    remote.git("checkout", "--quiet", "main")
    mirror.update()
    assert head(mirror) == "refs/heads/main"


def test_an_empty_repository_has_an_empty_mirror(tmp_path: Path, environment: dict[str, str]) -> None:
    mirror = mirror_of(Remote(tmp_path / "empty").url, tmp_path, environment)
    mirror.update()
    mirror.update()
    assert names(mirror) == {}


# --- what lies where the mirror should be ---


def test_what_a_killed_process_left_is_made_anew(remote: Remote, mirror: Mirror) -> None:
    partial = mirror.path.with_name("mirror.partial")
    partial.mkdir(parents=True)
    run_git(partial, "init", "--quiet", "--bare")
    (partial / "HEAD.lock").touch()
    mirror.update()
    assert set(names(mirror)) == {"refs/heads/main"}
    assert not partial.exists()


def test_locks_and_pieces_of_a_killed_fetch_are_removed(remote: Remote, mirror: Mirror) -> None:
    mirror.update()
    locks = ("HEAD.lock", "packed-refs.lock", "packed-refs.new", "refs/heads/main.lock")
    pieces = ("objects/pack/tmp_pack_Ab12Cd",)
    for name in (*locks, *pieces):
        (mirror.path / name).touch()
    second = remote.commit("two")
    remote.git("checkout", "--quiet", "-b", "next")
    mirror.update()
    assert names(mirror) == {"refs/heads/main": second, "refs/heads/next": second}
    assert head(mirror) == "refs/heads/next"
    assert [name for name in (*locks, *pieces) if (mirror.path / name).exists()] == []


def test_a_failed_first_fetch_leaves_nothing(tmp_path: Path, environment: dict[str, str]) -> None:
    mirror = mirror_of(str(tmp_path / "nowhere"), tmp_path, environment)
    failing(mirror)
    assert list(mirror.path.parent.iterdir()) == []


def test_a_failed_fetch_leaves_the_mirror_as_it_was(remote: Remote, mirror: Mirror) -> None:
    mirror.update()
    before = names(mirror)
    remote.folder.rename(remote.folder.with_name("away"))
    assert failing(mirror).code == "not-found"
    assert names(mirror) == before


def test_an_empty_folder_becomes_the_mirror(mirror: Mirror) -> None:
    mirror.path.mkdir(parents=True)
    mirror.update()
    assert set(names(mirror)) == {"refs/heads/main"}


def test_a_folder_that_is_no_repository_is_left_alone(mirror: Mirror) -> None:
    mirror.path.mkdir(parents=True)
    (mirror.path / "letter.txt").write_text("dear")
    error = failing(mirror)
    assert (error.code, "move it away" in str(error)) == ("not-a-mirror", True)
    assert [entry.name for entry in mirror.path.iterdir()] == ["letter.txt"]


def test_another_url_makes_the_mirror_that_ones_and_keeps_the_old_objects(
    remote: Remote, mirror: Mirror, tmp_path: Path, environment: dict[str, str]
) -> None:
    mirror.update()
    old = remote.git("rev-parse", "HEAD")
    other = Remote(tmp_path / "other")
    new = other.commit("elsewhere")
    mirror_of(other.url, tmp_path, environment).update()
    assert names(mirror) == {"refs/heads/main": new}
    run_git(mirror.path, "cat-file", "-e", old)


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

    def interrupted(process: subprocess.Popen[bytes], timeout: float) -> None:
        assert select.select([reader], [], [], 10)[0]  # git and its child have started
        raise KeyboardInterrupt

    monkeypatch.setattr("connectors.git.mirror._read", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Mirror("https://example.org/x.git", tmp_path / "m", environment=environment).update()
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


# --- failures ---


def test_a_missing_program_is_named(tmp_path: Path, environment: dict[str, str]) -> None:
    environment["PATH"] = str(tmp_path / "bin")
    error = failing(mirror_of("https://example.org/x.git", tmp_path, environment))
    assert (error.code, "install git" in str(error)) == ("no-git", True)


@pytest.mark.parametrize(
    ("complaint", "code", "told"),
    [
        (
            "fatal: unable to access 'https://h/x/': Could not resolve host: h",
            "network",
            "Could not resolve host: h",
        ),
        (
            "ssh: connect to host h port 22: Connection refused\nfatal: Could not read from remote repository.\n\n"
            "Please make sure you have the correct access rights\nand the repository exists.",
            "network",
            "ssh: connect to host h port 22: Connection refused",
        ),
        ("fatal: unable to access 'https://h/x/': The requested URL returned error: 503", "network", "503"),
        ("fatal: unable to access 'https://h/x/': The requested URL returned error: 403", "refused", "403"),
        (
            "fatal: could not read Username for 'https://h': terminal prompts disabled",
            "refused",
            "could not read Username",
        ),
        (
            "remote: HTTP Basic: Access denied\nfatal: Authentication failed for 'https://h/x/'",
            "refused",
            "failed",
        ),
        (
            "Host key verification failed.\nfatal: Could not read from remote repository.",
            "refused",
            "by hand with ssh",
        ),
        ("remote: Not Found\nfatal: repository 'https://h/x/' not found", "not-found", "not found"),
        (
            "ERROR: Repository not found.\nfatal: Could not read from remote repository.",
            "not-found",
            "ERROR: Repository not found.",
        ),
        (
            "error: cannot run ssh: No such file or directory\nfatal: unable to fork",
            "fetch-failed",
            "cannot run ssh",
        ),
        ("error: one\nfatal: two\nfatal: bad pack header", "fetch-failed", "(bad pack header)"),
        ("", "fetch-failed", "git said nothing"),
    ],
)
def test_complaints_of_git_have_a_code_and_the_telling_line(complaint: str, code: str, told: str) -> None:
    error = failure("https://h/x", complaint)
    assert error.code == code
    assert told in str(error)
    assert error.remedy


def test_a_full_disk_stops_everything_but_a_full_disk_of_the_server_does_not() -> None:
    ours = failure(
        "https://h/x", "fatal: write error: No space left on device\nfatal: fetch-pack: invalid index-pack"
    )
    theirs = failure(
        "https://h/x", "remote: fatal: No space left on device\nfatal: protocol error: bad pack header"
    )
    assert isinstance(ours, StorageFullError)
    assert isinstance(theirs, SourceError)


def test_neither_refusals_nor_missing_repositories_are_tried_again(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """`mirror_of` fails the test at the first pause."""
    for told in ("Authentication failed for 'https://h/x'", "repository 'https://h/x' not found"):
        environment["PATH"] = stand_in(tmp_path / "bin", "git", f'echo "fatal: {told}" >&2; exit 128')
        failing(mirror_of("https://h/x", tmp_path, environment))


def test_an_error_is_one_clean_line_without_credentials() -> None:
    complaint = (
        "fatal: unable to access 'https://me:s3cret@h/x?token=s3cret': \x1b[31mit\tdid not\x07 work "
        + "x" * 900
    )
    text = str(failure("https://s3cret@h/x", complaint))
    assert "'https://h/x': [31mit did not work xxx" in text
    assert "s3cret" not in text
    assert text.isprintable()
    assert len(text) < 500


def test_a_password_in_any_part_of_a_url_is_masked() -> None:
    assert one_line("a https://u:p@s@h:8443/x#f and ssh://git@h/y") == "a https://h:8443/x and ssh://h/y"


# --- URLs ---


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/docs.git",
        "https://someone@dev.example.org:8443/team/docs",
        "https://10.0.0.7/docs.git",
        "ssh://git@example.org/docs.git",
        "ssh://git@example.org:2222/~someone/docs.git",
        "ssh://example.org/docs.git",
        "git@example.org:team/docs.git",
        "git@ssh.example.org:v3/team@site/docs",
    ],
)
def test_addresses_of_servers_are_taken(url: str) -> None:
    assert url_problem(url) is None


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "empty"),
        ("http://example.org/x.git", "not encrypted; write https://"),
        ("git://example.org/x.git", "not encrypted"),
        ("ftp://example.org/x.git", "ftp:// is not taken"),
        ("HTTPS://example.org/x.git", "lower case"),
        ("file:///srv/x.git", "local"),
        ("/srv/x.git", "local"),
        ("../x.git", "none of"),
        ("example.org:x.git", "none of"),
        ("ext::sh -c touch% /tmp/x", "another program"),
        ("fd::17", "another program"),
        ("https://example.org/x::y", "another program"),
        ("--upload-pack=touch /tmp/x", "option"),
        ("ssh://-oProxyCommand=touch/x", "ssh://host/path"),
        ("ssh://%2doProxyCommand=x/y", "ssh://host/path"),
        ("-oProxyCommand=x@h:y", "option"),
        ("git@-oProxyCommand=x:y", "none of"),
        ("ssh://-l@example.org/x", "ssh://host/path"),
        ("git@example.org:-x", "none of"),
        ("https://example.org/x\n.git", "control character"),
        ("https://example.org/x%0a.git", "control character"),
        ("https://example.org/\x1b[31m", "control character"),
        ("https://example.org", "https://host/path"),
        ("https:///x.git", "https://host/path"),
        ("https://example.org:port/x.git", "https://host/path"),
        ("https://example.org/x.git?token=1", "git clone"),
        ("https://me:s3cret@example.org/x.git", "credential helper"),
        ("https://me:s3@cret@example.org/x.git", "credential helper"),
        ("https://:s3cret@example.org/x.git", "credential helper"),
        ("ssh://me:s3cret@example.org/x.git", "password"),
        ("me:s3cret@example.org:x.git", "password"),
    ],
)
def test_other_addresses_are_refused_with_a_reason_that_keeps_their_secrets(url: str, told: str) -> None:
    problem = url_problem(url)
    assert problem is not None
    assert told in problem
    assert "s3" not in problem


@pytest.mark.parametrize("url", ["/srv/x y.git", "file:///srv/x.git"])
def test_absolute_local_paths_are_taken_where_they_are_allowed(url: str) -> None:
    assert url_problem(url, allow_local=True) is None


@pytest.mark.parametrize(
    "url", ["x.git", "file://server/x.git", "ext::sh -c x", "http://example.org/x", "-x"]
)
def test_nothing_else_becomes_allowed_with_them(url: str) -> None:
    assert url_problem(url, allow_local=True) is not None
