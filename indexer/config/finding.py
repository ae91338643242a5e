"""Which file is the configuration, and where its data folder lies: all that a command needs to know to ask the daemon."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from indexer.errors import ConfigurationError

SEARCHED: Final = (Path("config.toml"), Path("/etc/indexer/config.toml"))
VARIABLE: Final = "INDEXER_CONFIG"
DEFAULT_DATA_DIR: Final = "indexer-data"


def find(path: Path | None, env: Mapping[str, str]) -> Path:
    """The configuration file: `path`, else $INDEXER_CONFIG, ./config.toml or /etc/indexer/config.toml.

    Raises `ConfigurationError` if there is none; one that was named is never passed over for the next.
    """
    named = path if path is not None else Path(env[VARIABLE]) if env.get(VARIABLE) else None
    if named is not None:
        if named.is_file():
            return named
        origin = "--config" if path is not None else f"${VARIABLE}"
        raise ConfigurationError(
            f"there is no file {named}", remedy=f"{origin} names it: correct the path or create the file"
        )
    for candidate in SEARCHED:
        if candidate.is_file():
            return candidate
    raise ConfigurationError(
        f"no configuration found: neither {' nor '.join(map(str, SEARCHED))} exists",
        remedy=f"name one with --config FILE or ${VARIABLE}, or start from the config.toml that comes with the indexer",
    )


def decoded(data: bytes) -> str:
    """The text of a configuration file. Raises UnicodeDecodeError."""
    return data.decode("utf-8-sig")


def with_home(path: str) -> str:
    """`path` with a leading ``~`` replaced. Raises RuntimeError if there is no such home folder."""
    return str(Path(path).expanduser()) if path.startswith("~") else path


def placed(written: str, file: Path) -> Path:
    """An absolute path, relative ones lying beside the configuration file.

    Symbolic links stay: one that is pointed elsewhere later must not make another source of it.
    """
    return file.parent.absolute() / written
