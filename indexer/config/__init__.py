"""The configuration: found, read and checked once, then passed around as frozen values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from indexer.config.values import Config, Embedding, Limits, Log, Parsing, SourceConfig

__all__ = ["Config", "Embedding", "Limits", "Log", "Parsing", "SourceCheck", "SourceConfig", "load"]

SourceCheck = Callable[[SourceConfig], object]
"""Makes or checks one source's connector; raises ConfigurationError with what is wrong."""


def load(path: Path | None, env: Mapping[str, str], check: SourceCheck | None = None) -> Config:
    """Find, read and check the configuration: `path`, else $INDEXER_CONFIG, ./config.toml, /etc/indexer/config.toml.

    `check` is called for each source whose name and kind are sound; what it raises is reported
    with the file's own problems. Sources and the data folder need not exist.

    Raises `ConfigurationError`; each of its `problems` begins with ``FILE:LINE:``.
    """
    # Here, because most of the code wants the values alone.
    from indexer.config.reading import read

    return read(path, env, check)
