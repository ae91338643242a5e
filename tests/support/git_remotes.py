"""Repositories to mirror, and programs that stand in for git and ssh."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_SOMEONE = {
    "GIT_AUTHOR_NAME": "Someone",
    "GIT_AUTHOR_EMAIL": "someone@example.org",
    "GIT_AUTHOR_DATE": "2024-03-01T12:00:00Z",
    "GIT_COMMITTER_NAME": "Someone",
    "GIT_COMMITTER_EMAIL": "someone@example.org",
    "GIT_COMMITTER_DATE": "2024-03-01T12:00:00Z",
}


def user(home: Path) -> dict[str, str]:
    """The environment of a user of git whose configuration is what the test writes to ``home/.gitconfig``."""
    home.mkdir(exist_ok=True)
    return {"PATH": os.environ["PATH"], "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"}


def run_git(folder: Path, *arguments: str) -> str:
    """Run the true git in `folder`, as someone without a configuration; its output. Fails the test if git does."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ALLOW_PROTOCOL": "file",
        **_SOMEONE,
    }
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class Remote:
    """A repository with a work tree, standing in for one on a server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = str(folder)
        folder.mkdir()
        self.git("init", "--quiet", "-b", "main")

    def git(self, *arguments: str) -> str:
        return run_git(self.folder, *arguments)

    def commit(self, text: str, *options: str) -> str:
        """Commit `text` as the only file, on the current branch; the commit's id."""
        (self.folder / "page.md").write_text(text)
        self.git("add", "page.md")
        self.git("commit", "--quiet", "-m", text, *options)
        return self.git("rev-parse", "HEAD")


def stand_in(folder: Path, name: str, script: str) -> str:
    """A program called `name` that runs `script` (of sh); the PATH on which it comes first."""
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"
