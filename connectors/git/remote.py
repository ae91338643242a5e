"""The terms on which a remote is spoken to: which URLs are taken, what git may do, what its complaints mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from indexer.errors import IndexerError, SourceError, StorageFullError

_KEPT: Final = re.compile(
    r"GIT_(?:EXEC_PATH|SSH|SSH_COMMAND|SSH_VARIANT|PROXY_COMMAND|PROXY_SSL_\w+|SSL_\w+|HTTP_\w+"
    r"|CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+))"
)
"""The user's ways to reach a server. All other ``GIT_*`` go: they name repositories, or trace secrets."""
_QUIET: Final = {
    "LC_ALL": "C",  # `failure` reads English
    # Set but empty, they also hide the askpass programs of the user's configuration and desktop.
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "SSH_ASKPASS_REQUIRE": "never",
    "GIT_TERMINAL_PROMPT": "0",
    "GCM_INTERACTIVE": "never",
}
SETTINGS: Final = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.fsync=committed,reference",  # what a force push left behind is nowhere else
    "core.logAllRefUpdates=false",
    "color.ui=false",
    "credential.interactive=false",
    "fetch.recurseSubmodules=no",
    "fetch.writeCommitGraph=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.ext.allow=never",
    # The forms that libgit2 reads, whatever the user prefers for repositories of their own.
    "init.defaultBranch=main",
    "init.defaultObjectFormat=sha1",
    "init.defaultRefFormat=files",
)
"""What git runs with, stronger than all configuration."""

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_USER: Final = r"[\w.+~%$][\w.+~%$@-]*"
_HOST: Final = r"(?:[\w][\w.-]*|\[[0-9A-Fa-f:.]+\])"
_ADDRESS: Final = re.compile(rf"(?:https|ssh)://(?:{_USER}@)?{_HOST}(?::\d{{1,5}})?/+([^/].*)")
_SHORT: Final = re.compile(rf"{_USER}@{_HOST}:[^-].*")
"""What ssh users know from scp: ``git@host:path``."""
_PASSWORD: Final = re.compile(r"(?:[a-z]+://)?[^/@:]*:[^/]*@")
"""An authority with a colon before its last @; in the short form that is no password but the path's @."""

_IN_TEXT: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)(?:[^\s/]*@)?([^\s?#'\"]*)(?:[?#][^\s'\"]*)?")
_LONGEST: Final = 300
"""Characters of git's own words that are handed on."""

_FULL: Final = re.compile(r"^(?!remote:).*(?:No space left on device|Disk quota exceeded)", re.M)
"""Not where the server says it: its disk is not ours, and `StorageFullError` stops more than this source."""
_HOST_KEY: Final = re.compile(r"Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED")
_OWNER: Final = re.compile(r"dubious ownership|unsafe repository")
_REFUSED: Final = re.compile(
    r"Authentication failed|could not read (?:Username|Password)|terminal prompts disabled"
    r"|Permission denied \(|returned error: (?:401|403|407)|Access denied|Permission to \S+ denied"
    r"|Too many authentication failures",
    re.I,
)
_NOT_FOUND: Final = re.compile(
    r"repository '[^']*' not found|Repository not found|returned error: (?:404|410)"
    r"|does not appear to be a git repository|project you were looking for could not be found",
    re.I,
)
_NETWORK: Final = re.compile(
    r"Could not resolve (?:host|hostname|proxy)|name resolution|Name or service not known"
    r"|Failed to connect|Couldn't connect|Connection (?:refused|reset|closed)|time(?:d )?out"
    r"|Network is unreachable|No route to host|Recv failure|Send failure|Empty reply from server"
    r"|early EOF|unexpected disconnect|hung up unexpectedly|transfer closed|RPC failed"
    r"|SSL_ERROR_SYSCALL|kex_exchange_identification|returned error: (?:429|5\d\d)",
    re.I,
)
_EMPTY_WORDS: Final = (
    "fatal: Could not read from remote repository.",
    "Please make sure you have the correct access rights",
    "and the repository exists.",
    "fatal: unable to fork",
)
"""Git says this after what helps: the words of ssh or of the server, or which program it could not start."""


def environment_of(inherited: Mapping[str, str], *, allow_local: bool = False) -> dict[str, str]:
    """The variables that git runs with, out of a process's own: it speaks https and ssh, and asks nobody."""
    kept = {
        name: value
        for name, value in inherited.items()
        if not name.startswith("GIT_") or _KEPT.fullmatch(name)
    }
    # Also where the user's configuration rewrites the URL, and where the server redirects.
    return kept | _QUIET | {"GIT_ALLOW_PROTOCOL": "https:ssh:file" if allow_local else "https:ssh"}


def url_problem(url: str, *, allow_local: bool = False) -> str | None:
    """What is wrong with `url`, in words that do not repeat it (it may hold a password); None if it is fine.

    Taken are ``https://[user@]host[:port]/path``, ``ssh://[user@]host[:port]/path`` and
    ``user@host:path``; with `allow_local` also ``file:///path`` and absolute paths. Nothing with
    ``::`` is, because git takes what stands before it for a program to run; so an IPv6 address
    with ``::`` needs a host name. Touches neither the disk nor the network.
    """
    if not url:
        return "it is empty"
    if not url.isprintable() or re.match("[a-z]+://.*%(?:0|1|7f)", url, re.I):
        return "it holds a control character"
    if url.startswith("-"):
        return "it begins with '-', which would make it an option of git"
    if "::" in url:
        return "it holds '::', which would make git run another program; write https:// or ssh://"
    scheme = _SCHEME.match(url)
    if scheme is None and url.startswith("/"):
        return None if allow_local else "it is a local path; name the server, with https:// or ssh://"
    return _by_scheme(url, scheme[1] if scheme else None, allow_local)


def _by_scheme(url: str, scheme: str | None, allow_local: bool) -> str | None:
    if scheme == "file":
        if not allow_local:
            return "file:// is local; name the server, with https:// or ssh://"
        return None if url.startswith("file:///") else "file:// needs an absolute path after it"
    if scheme in ("http", "git"):
        return f"{scheme}:// is not encrypted; write https://"
    if scheme not in ("https", "ssh", None):
        return f"{scheme}:// is not taken; write https:// or ssh:// (in lower case)"
    if (scheme or not _SHORT.fullmatch(url)) and _PASSWORD.match(url):
        return "it holds a password; leave that to a credential helper of git (gitcredentials(7)) or to ssh"
    if scheme is None:
        return (
            None
            if _SHORT.fullmatch(url)
            else "it is none of https://host/path, ssh://host/path, user@host:path"
        )
    address = _ADDRESS.fullmatch(url)
    if address is None:
        return f"it is not {scheme}://host/path, or its host has characters that no host has"
    if re.search(r"[?#\s]", address[1]):
        return "it has a '?', a '#' or a space; write the address that git clone takes"
    return None


def without_credentials(text: str) -> str:
    """`text` (a URL, or git's words) with each URL's user, password, query and fragment taken out.

    A token is often written as the user, so the user goes too.
    """
    return _IN_TEXT.sub(r"\1\2", text)


def one_line(text: str) -> str:
    """`text` without control characters and credentials, of at most 300 characters."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    line = " ".join(without_credentials(printable).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def failure(url: str, complaint: str) -> IndexerError:
    """The error for what git wrote to standard error (in English) when it failed at `url`.

    Codes: ``refused``, ``not-found``, ``network`` (which alone is worth trying again soon),
    ``fetch-failed`` for the rest; `StorageFullError` where this machine's disk is full.
    """
    told = _told(complaint)
    where = f"the repository {one_line(url)}"
    if _FULL.search(complaint):
        return StorageFullError(
            f"the disk is full ({told})",
            remedy="free some space and run the command again; nothing that was indexed is lost",
        )
    if _HOST_KEY.search(complaint):
        return SourceError(
            f"the server of {where} did not show the host key that ssh knows",
            remedy="connect once by hand with ssh, as the user that runs the indexer, and check the key",
            code="refused",
        )
    if _OWNER.search(complaint):
        return SourceError(
            f"{where} belongs to another user, so git does not read it",
            remedy="name it under safe.directory in git's configuration, if you trust it",
            code="refused",
        )
    if _NOT_FOUND.search(complaint):
        return SourceError(
            f"{where} was not found ({told})",
            remedy="correct the URL; some servers also say so to those who may not read it",
            code="not-found",
        )
    if _REFUSED.search(complaint):
        return SourceError(
            f"{where} may not be read ({told})",
            remedy="give the user that runs the indexer access, by a credential helper or an ssh key without prompts",
            code="refused",
        )
    if _NETWORK.search(complaint):
        return SourceError(
            f"{where} cannot be reached ({told})",
            remedy="check the network and the server; it is tried again at the next scan",
            code="network",
        )
    return SourceError(
        f"{where} could not be fetched ({told})",
        remedy="run `git ls-remote` with this URL, as the user that runs the indexer",
        code="fetch-failed",
    )


def _told(complaint: str) -> str:
    """The most telling line: git's last ``fatal:``, or, where that says nothing, the last line before it."""
    lines = [line for line in map(one_line, complaint.splitlines()) if line and line not in _EMPTY_WORDS]
    fatal = [line for line in lines if line.startswith("fatal: ")]
    return (fatal or lines or ["git said nothing"])[-1].removeprefix("fatal: ")
