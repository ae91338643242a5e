"""The token of a remote repository: which settings name one, and who gets to see it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.git.mirror import Mirror
from connectors.git.settings import read_settings
from connectors.git.token import settings_for
from indexer.errors import ConfigurationError, SourceError
from tests.support.git_remotes import Remote, run_git, user
from tests.support.git_server import serving
from tests.unit.connectors.git.mirrors import names

URL = "https://git.example.org/handbook.git"

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")

# --- the setting ---


def test_a_path_is_taken_and_so_is_one_among_the_credentials_of_a_service() -> None:
    assert read_settings("docs", {"url": URL, "token_file": "/etc/token"}).token_file == "/etc/token"
    given = "$CREDENTIALS_DIRECTORY/token_docs"
    assert read_settings("docs", {"url": URL, "token_file": given}).token_file == given


@pytest.mark.parametrize(
    "settings",
    [
        {"url": URL, "token_file": ""},
        {"url": URL, "token_file": 3},
        {"url": URL, "token_file": "a\nb"},
        {"url": "git@git.example.org:handbook.git", "token_file": "token"},
        {"path": "/srv/handbook.git", "token_file": "token"},
    ],
)
def test_what_is_no_path_or_belongs_to_no_https_url_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError) as error:
        read_settings("docs", settings)
    assert [problem.partition(":")[0] for problem in error.value.problems] == ["token_file"]


# --- the file ---


def test_outside_of_a_service_its_credentials_are_named_as_what_is_missing() -> None:
    with pytest.raises(SourceError, match="only a service has") as error:
        settings_for(URL, "$CREDENTIALS_DIRECTORY/token", {})
    assert error.value.code == "refused"


@pytest.mark.parametrize("content", [None, "", "\n", "two\nlines\n", "a token", "x" * 5000, "\0"])
def test_a_file_without_a_token_is_told_with_its_path_and_never_its_content(
    content: str | None, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_text(content)
    with pytest.raises(SourceError) as error:
        settings_for(URL, str(file), {})
    assert error.value.code == "refused"
    assert str(file) in error.value.message
    assert content is None or len(content) < 2 or content not in str(error.value)


def test_the_token_is_in_nothing_that_git_is_started_with(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret\n")
    said = settings_for(URL, "${CREDENTIALS_DIRECTORY}/token", {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert "s3cret" not in " ".join(said)


# --- the server ---


@pytest.fixture
def served(remote: Remote, tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    """A server that wants ``git:s3cret``, and what it hears."""
    bare = tmp_path / "served/handbook.git"
    run_git(tmp_path, "clone", "--quiet", "--bare", str(remote.folder), str(bare))
    run_git(bare, "update-server-info")
    with serving(tmp_path / "served", "git:s3cret", tmp_path) as (address, heard):
        yield f"{address}/handbook.git", heard


def mirror_with(url: str, token: Path, tmp_path: Path) -> Mirror:
    environment = user(tmp_path / "home") | {"GIT_SSL_CAINFO": str(tmp_path / "public.pem")}
    return Mirror(url, tmp_path / "mirror", environment=environment, attempts=1, token_file=str(token))


@needs_openssl
def test_a_private_repository_is_fetched_with_its_token(
    served: tuple[str, list[str]], remote: Remote, tmp_path: Path
) -> None:
    url, heard = served
    token = tmp_path / "it's the token"
    token.write_text("s3cret\n")
    mirror = mirror_with(url, token, tmp_path)
    mirror.update()
    assert names(mirror) == {"refs/heads/main": remote.git("rev-parse", "HEAD")}
    assert set(heard) == {"git:s3cret"}
    assert all(b"s3cret" not in path.read_bytes() for path in mirror.path.rglob("*") if path.is_file())


@needs_openssl
def test_a_user_in_the_url_stands_beside_the_token(served: tuple[str, list[str]], tmp_path: Path) -> None:
    url, heard = served
    (tmp_path / "token").write_text("s3cret")
    with pytest.raises(SourceError) as error:
        mirror_with(url.replace("://", "://deploy@"), tmp_path / "token", tmp_path).update()
    assert error.value.code == "refused"
    assert heard[-1] == "deploy:s3cret"


@needs_openssl
def test_a_token_that_was_replaced_is_used_by_the_next_update(
    served: tuple[str, list[str]], tmp_path: Path
) -> None:
    url, _ = served
    token = tmp_path / "token"
    token.write_text("0ld")
    mirror = mirror_with(url, token, tmp_path)
    with pytest.raises(SourceError, match="may not be read"):
        mirror.update()
    token.write_text("s3cret")
    mirror.update()
    assert names(mirror)


def test_git_gives_the_token_to_the_server_of_the_url_and_to_no_other(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret\n")
    settings = [
        word for setting in settings_for(URL, str(tmp_path / "token"), {}) for word in ("-c", setting)
    ]

    def asked(host: str) -> str:
        environment = user(tmp_path / "home") | {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": ""}
        done = subprocess.run(
            ["git", *settings, "credential", "fill"],
            env=environment,
            input=f"protocol=https\nhost={host}\n\n",
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout

    assert "password=s3cret" in asked("git.example.org")
    assert "s3cret" not in asked("git.example.com")
