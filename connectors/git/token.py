"""Hands the token of a remote repository to git, which asks a credential helper that reads it from a file.

The token itself is in no setting, no environment and no command line, and git gives it to nobody but the
server of the URL: not to one to which that redirects.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from connectors.git.remote import one_line
from indexer.errors import SourceError

VARIABLE: Final = "CREDENTIALS_DIRECTORY"
"""Where systemd puts what LoadCredential= names."""
_PREFIXES: Final = (f"${VARIABLE}/", f"${{{VARIABLE}}}/")
_SERVER: Final = re.compile(r"https://(?:(?P<user>[^/@]*)@)?(?P<host>[^/]+)/")
_MOST: Final = 4096
"""Bytes; no server gives longer tokens."""


def place_of(value: Any, url: str | None, base: str, problems: list[str]) -> str | None:
    """The file that the setting `value` names, as `read_token_file` takes it; None after adding to `problems`."""
    if value is None:
        return None
    if not isinstance(value, str) or not value or not value.isprintable():
        problems.append(f"token_file: {value!r} is not the path of a file")
        return None
    if url is None or not url.startswith("https://"):
        problems.append("token_file: only a url with https:// takes a token; ssh takes a key")
        return None
    if value.startswith(_PREFIXES):
        return value
    return os.path.abspath(os.path.join(base, os.path.expanduser(value)))  # noqa: PTH100, PTH111, PTH118  lexical


def settings_for(url: str, token_file: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """What git has to run with to get the token for `url`, as ``name=value``.

    Raises `SourceError`, code ``refused``, where the file cannot be read or holds no token.
    """
    server = _SERVER.match(url)
    assert server is not None  # `place_of` took no other
    file = _file(url, token_file, environment)
    _check(url, file)
    user = "" if server["user"] else "echo username=git; "
    # $(…) takes the line feed at the end away; echo and printf are the shell's own: no other process sees the token.
    helper = f'!f() {{ [ "$1" != get ] || {{ {user}printf "password=%s\\n" "$(cat {shlex.quote(str(file))})"; }}; }}; f'
    name = f"credential.https://{server['host']}.helper"
    # The empty one makes git forget the user's own helpers, which would be asked first, and told the token.
    return f"{name}=", f"{name}={helper}"


def _file(url: str, token_file: str, environment: Mapping[str, str]) -> Path:
    prefix = next(filter(token_file.startswith, _PREFIXES), None)
    if prefix is None:
        return Path(token_file)
    folder = environment.get(VARIABLE)
    if not folder:
        raise SourceError(
            f"the token of {one_line(url)} lies in ${VARIABLE}, which only a service has",
            remedy="leave it to the service to fetch, or name a file that you can read in token_file",
            code="refused",
        )
    return Path(folder, token_file.removeprefix(prefix))


def _check(url: str, file: Path) -> None:
    try:
        with file.open("rb") as stream:
            token = stream.read(_MOST + 1)
    except OSError as error:
        raise SourceError(
            f"the token of {one_line(url)} cannot be read ({file}: {error.strerror})",
            remedy="correct token_file, or let the user that runs the indexer read the file",
            code="refused",
        ) from error
    if re.fullmatch(rb"[!-~]+\n*", token) is None or len(token) > _MOST:
        raise SourceError(
            f"{file} holds no token for {one_line(url)}",
            remedy="write the token into it as a single line, and nothing else",
            code="refused",
        )
