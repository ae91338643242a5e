"""Remote repositories: what the failures of git are called, and which URLs are taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.git.remote import failure, one_line, url_problem
from indexer.errors import SourceError, StorageFullError
from tests.support.git_remotes import stand_in
from tests.unit.connectors.git.mirrors import failing, mirror_of

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
