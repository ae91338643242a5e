"""Configuration files for tests."""

from __future__ import annotations

from pathlib import Path

UTC = {"TZ": "UTC"}


def write(folder: Path, text: str) -> Path:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file
