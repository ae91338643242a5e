"""Makes the connectors of configured sources: found by entry point, and asked by another process where the source may hang."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from indexer.config.values import SourceConfig
from indexer.errors import ConfigurationError
from indexer.store.filesystem import may_hang

if TYPE_CHECKING:
    from indexer.ingest.index import ConfiguredSource
    from indexer.outside.recipe import Recipe
    from indexer.ports import Connector

CONNECTORS: Final = "indexer.connectors"
"""The group of entry points: name = kind, value = `indexer.ports.ConnectorFactory`."""

_COPIES: Final = "copies"


def connector_of(source: SourceConfig, data_dir: Path) -> Connector:
    """The source's connector. Where the source may hang, another process looks at it."""
    recipe = recipe_of(source, data_dir)
    place = source.place
    if source.isolate == "never" or (source.isolate == "auto" and place is None):
        return recipe.make()
    from indexer.outside.connector import look_from_outside

    # Asked for each listing: shares are mounted when they are, maybe long after this program was started.
    return look_from_outside(
        recipe,
        when=lambda: source.isolate == "always" or may_hang(place),
        unsafe=lambda: [] if place is None or not may_hang(place, inside=False) else [str(place)],
    )


def recipe_of(source: SourceConfig, data_dir: Path | None) -> Recipe:
    """How to make the source's connector. Raises `ConfigurationError` where there is none of that kind."""
    from importlib.metadata import entry_points

    from indexer.outside.recipe import Recipe

    kinds = {entry.name: entry for entry in entry_points(group=CONNECTORS)}
    if source.kind not in kinds:
        raise ConfigurationError(
            f'the source "{source.name}" has an unknown kind',
            remedy="correct it, or install the connector",
            problems=[f'kind: there is no connector for "{source.kind}"; {suggestion(source.kind, kinds)}'],
        )
    entry = kinds[source.kind]
    folder = None if data_dir is None else data_dir / _COPIES / source.kind
    return Recipe(f"{entry.module}:{entry.attr}", source.name, source.settings, folder)


@contextmanager
def closing(sources: Iterable[ConfiguredSource]) -> Iterator[None]:
    """Close the connectors that hold something, at the end of the `with`."""
    from indexer.ports import Closeable

    try:
        yield
    finally:
        for source in sources:
            if isinstance(source.connector, Closeable):
                source.connector.close()


def suggestion(word: str, known: Collection[str]) -> str:
    """What was probably meant by a word that is none of `known`, in words."""
    if not known:
        return "none is known"
    near = difflib.get_close_matches(word, known, n=1)
    return f'did you mean "{near[0]}"?' if near else f"known are {', '.join(sorted(known))}"
