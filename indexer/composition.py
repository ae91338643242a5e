"""The one place that picks implementations: from a configuration to an index, to queries, to connectors.

Nothing heavy is imported before it is needed: questions that the catalog answers alone load
neither the passages table's library nor a model.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from indexer.clock import Clock, SystemClock
from indexer.config.values import Config, SourceConfig
from indexer.connecting import closing, connector_of, recipe_of, suggestion
from indexer.errors import ConfigurationError, DamagedStoreError, NotFoundError, ReadError, StoreError
from indexer.store.filesystem import refuse_network

if TYPE_CHECKING:
    from indexer.ingest.index import ConfiguredSource, Index
    from indexer.model import Published
    from indexer.parsing import Parsers
    from indexer.ports import Connector, Embedder, Originals, PassageStore
    from indexer.query.asking.works import Grouping
    from indexer.query.kept import Kept
    from indexer.query.queries import Queries
    from indexer.query.reranking import Reranking
    from indexer.stewardship.retention import Governed
    from indexer.store.catalog.catalog import Catalog

_PASSAGES: Final = "passages"
_ORIGINALS: Final = "originals"
_MODELS: Final = "models"


def check_source(source: SourceConfig) -> None:
    """Raise `ConfigurationError` if no connector can be made of these settings."""
    recipe_of(source, None).make()


def connectors(config: Config, names: Sequence[str] = ()) -> list[ConfiguredSource]:
    """The configured sources of these names, each once (all, if none is named), with their connectors.

    They are to be closed, see `closing`. Raises `NotFoundError` for a name that the configuration lacks, and `ConfigurationError`.
    """
    from indexer.ingest.index import ConfiguredSource

    chosen = source_names(config, names)
    known = {source.name: source for source in config.sources}
    found = {name: connector_of(source, config.data_dir) for name, source in known.items()}
    _require_different(config, found)
    return [ConfiguredSource(name, found[name], _keeps(known[name], found[name])) for name in chosen]


def source_names(config: Config, names: Sequence[str] = ()) -> list[str]:
    """The names of the configured sources that are meant, each once: all, if none is named.

    Raises `NotFoundError` for a name that the configuration lacks, and `ConfigurationError` where it has none.
    """
    known = {source.name: source for source in config.sources}
    for name in names:
        if name not in known:
            raise _no_source(name, known, config)
    if not known:
        raise ConfigurationError(
            f"{config.file} names no source", remedy="add a [[source]] with a name, a kind and a root"
        )
    return list(dict.fromkeys(names or known))


def _no_source(name: str, known: Collection[str], config: Config) -> NotFoundError:
    return NotFoundError(
        f'there is no source "{name}" in {config.file}',
        remedy=suggestion(name, known),
        code="no-such-source",
    )


def _keeps(source: SourceConfig, connector: Connector) -> bool:
    """Whether originals are kept: unless it is said, where the source does not keep them itself."""
    return not connector.lasting if source.keep_originals is None else source.keep_originals


def configured_uids(config: Config) -> dict[str, str]:
    """The stable identities of the configured sources, with their names. Raises `ConfigurationError`."""
    return {recipe_of(source, config.data_dir).make().uid: source.name for source in config.sources}


def governed(config: Config, index: Index, names: Sequence[str] = ()) -> list[Governed]:
    """The indexed sources of these names (of all, if none is named) that have a retention rule.

    Raises `NotFoundError` for a name that the configuration lacks, and `ConfigurationError`.
    """
    from indexer.stewardship.retention import Governed

    configured = {source.name: source for source in config.sources}
    for name in names:
        if name not in configured:
            raise _no_source(name, configured, config)
    uids = configured_uids(config)
    with index.catalog.snapshot() as snapshot:
        indexed = {uids[source.uid]: source for source in snapshot.sources() if source.uid in uids}
    return [
        Governed(indexed[name], rule, config.timezone)
        for name in dict.fromkeys(names or configured)
        if name in indexed and (rule := configured[name].retention) is not None
    ]


@contextmanager
def open_index(
    config: Config,
    clock: Clock | None = None,
    *,
    create: bool = True,
    note: Callable[[str], None] = lambda line: None,
) -> Iterator[Index]:
    """The index, to be written until the end of the `with`; made where it is missing, if `create`.

    What somebody asked to be purged, and was interrupted, is finished first; `note` hears of it.

    Raises `BusyError` if another process writes to it, `ConfigurationError` if the data folder
    cannot be used, `StoreError` (``nothing-indexed`` without `create`) and its kinds.
    """
    from indexer.heaps import limit_heaps
    from indexer.stewardship.removal import finish_interrupted
    from indexer.stewardship.restore import taken_over
    from indexer.store.catalog.catalog import Catalog
    from indexer.store.catalog.connection import translated
    from indexer.store.lock import writer_lock

    limit_heaps()
    clock = clock or SystemClock()
    folder = config.data_dir
    refuse_network(folder)
    if create:
        _make_folder(folder)
    else:
        _require_catalog(folder)
        Catalog(folder).close()  # says it in plain words where there is no index
    _require_access(folder, os.W_OK | os.X_OK, "written")
    _require_catalog(folder)
    with (
        writer_lock(folder, clock),
        Catalog(folder, create=create, migrate=True) as catalog,
        translated(catalog.path),
        _parsers(config) as parsers,
    ):
        taken_over(folder)
        index = _index(config, catalog, clock, parsers)
        finish_interrupted(index, note)
        yield index


@contextmanager
def beside(index: Index) -> Iterator[Index]:
    """The same index for another thread of the process that holds it: with a catalog of its own, and the same turns."""
    from dataclasses import replace

    from indexer.store.catalog.catalog import Catalog

    with Catalog(index.folder) as catalog:
        yield replace(index, catalog=catalog)


@contextmanager
def queries_beside(
    config: Config, index: Index, passages: Callable[[str, int], PassageStore], kept: Kept
) -> Iterator[Queries]:
    """Questions for one thread of the process that writes the index, with its model and tables that are open already.

    `kept` is what all of its threads share, made by `kept_between_questions` for the same configuration.
    """
    from indexer.query.queries import Queries
    from indexer.store.catalog.catalog import Catalog

    with Catalog(index.folder) as catalog:
        yield Queries(
            catalog,
            lambda published: passages(published.fingerprint, published.dimension),
            lambda: index.embedder,
            lambda: index.originals,
            config.timezone,
            _states(config),
            reranking=_reranking(config),
            kept=kept,
        )


def kept_between_questions(config: Config) -> Kept:
    """What questions by this configuration leave for those after them; holds nothing yet."""
    from indexer.query.kept import Kept

    return Kept(_grouping(config))


@contextmanager
def read_index(config: Config, clock: Clock | None = None) -> Iterator[Index]:
    """The index, to be verified while another process may write to it; nothing may be written through it.

    Raises `StoreError` (``nothing-indexed`` where there is none) and its kinds.
    """
    with _catalog(config) as catalog, _parsers(config) as parsers:
        yield _index(config, catalog, clock or SystemClock(), parsers)


@contextmanager
def open_queries(config: Config) -> Iterator[Queries]:
    """Questions to the index, which is only read; a process may write to it meanwhile.

    Raises `StoreError` (``nothing-indexed`` where there is no index yet) and its kinds.
    """
    from indexer.query.queries import Queries

    folder = config.data_dir

    def embedder() -> Embedder:
        return _embedder(config)

    def passages(published: Published) -> PassageStore:
        return _passages(config, published.fingerprint, published.dimension)

    with _catalog(config) as catalog:
        yield Queries(
            catalog,
            passages,
            embedder,
            lambda: _originals(folder),
            config.timezone,
            _states(config),
            grouping=_grouping(config),
            reranking=_reranking(config),
        )


def _grouping(config: Config) -> Grouping:
    from indexer.query.asking.works import Grouping

    families = config.families
    return Grouping(families.enabled, families.patterns, families.together, (families.apart,))


def _reranking(config: Config) -> Reranking | None:
    """How what was found is put into a better order; None where no model for it is configured."""
    settings = config.search
    if settings.reranker is None:
        return None
    from indexer.embedding.cross_encoder import CrossEncoderReranker
    from indexer.query.reranking import Reranking

    return Reranking(
        CrossEncoderReranker(settings.reranker, SystemClock()), settings.rerank_top, settings.rerank_seconds
    )


def _states(config: Config) -> Callable[[str, str, str], bytes]:
    """(source, key, origin) → the bytes of a state that the source itself keeps."""
    from indexer.ingest.index import ConfiguredSource

    def state(source: str, key: str, origin: str) -> bytes:
        known = next((found for found in config.sources if found.name == source), None)
        if known is None:
            raise ReadError("unreadable", f"the source {source} is not configured any more")
        connector = connector_of(known, config.data_dir)
        with closing([ConfiguredSource(source, connector)]):
            return connector.read_state(key, origin).data

    return state


def _catalog(config: Config) -> Catalog:
    """The catalog, to be read."""
    from indexer.store.catalog.catalog import Catalog

    refuse_network(config.data_dir)
    _require_access(config.data_dir, os.R_OK | os.X_OK, "read")
    _require_catalog(config.data_dir)
    return Catalog(config.data_dir)


def _parsers(config: Config) -> Parsers:
    from indexer.parsing import Parsers

    return Parsers(ocr=config.parsing.ocr)


def _index(config: Config, catalog: Catalog, clock: Clock, parsers: Parsers) -> Index:
    from indexer.ingest.index import Index, IngestLimits

    folder, limits = config.data_dir, config.limits
    return Index(
        folder=folder,
        catalog=catalog,
        passages=lambda fingerprint, dimension: _passages(config, fingerprint, dimension, clock),
        originals=_originals(folder),
        parser=parsers,
        embedder=_embedder(config),
        clock=clock,
        limits=IngestLimits(
            max_deletion_share=limits.max_deletion_share,
            min_deletions=limits.min_deletions,
            batch_passages=limits.batch_passages,
            max_original_size=limits.max_original_size,
        ),
    )


def _embedder(config: Config) -> Embedder:
    from indexer.embedding.choose import create_embedder

    settings = config.embedding
    return create_embedder(settings.model, cache=config.data_dir / _MODELS, precision=settings.precision)


def _passages(config: Config, fingerprint: str, dimension: int, clock: Clock | None = None) -> PassageStore:
    from indexer.store.passages import LancePassages

    folder, cache = config.data_dir / _PASSAGES, config.limits.index_cache
    return LancePassages(folder, fingerprint, dimension, clock=clock, index_cache_bytes=cache)


def _originals(folder: Path) -> Originals:
    from indexer.store.originals import FileOriginals

    return FileOriginals(folder / _ORIGINALS)


def _make_folder(folder: Path) -> None:
    from indexer.store.durable import make_folder

    try:
        make_folder(folder)
    except FileExistsError as error:
        raise _no_folder(folder) from error
    except OSError as error:
        raise StoreError(
            f"the data folder {folder} cannot be made ({error.strerror})",
            remedy="give the user who runs this permission to write there, or set data_dir to another place",
        ) from error


def _no_folder(folder: Path) -> ConfigurationError:
    return ConfigurationError(f"data_dir {folder} is not a folder", remedy="set data_dir to another place")


def _require_different(config: Config, found: Mapping[str, Connector]) -> None:
    """Raise `ConfigurationError` for two sources that are one place: each run would rename one to the other."""
    first: dict[str, str] = {}
    for source in config.sources:
        uid = found[source.name].uid
        if uid in first:
            line = config.lines.get(("source", source.position), 1)
            raise ConfigurationError(
                f"{config.file} cannot be used: one problem",
                remedy="correct the lines named",
                problems=[
                    f'{config.file}:{line}: source "{source.name}": it is the same place as source "{first[uid]}"; remove one, or give each a folder of its own'
                ],
            )
        first[uid] = source.name


def _require_catalog(folder: Path) -> None:
    """Raise `DamagedStoreError` where the catalog is gone and what it described is not: a new one would hide the loss."""
    from indexer.store.catalog.catalog import FILE_NAME

    catalog = folder / FILE_NAME
    if catalog.exists() and not (catalog.is_file() and catalog.stat().st_size == 0):
        return
    if any((folder / name).exists() for name in (_PASSAGES, _ORIGINALS)):
        what = "is empty" if catalog.exists() else "is missing"
        raise DamagedStoreError(
            f"the catalog {catalog} {what}, but {folder} holds an index",
            remedy="put the data folder back from a backup, or move it away and run `indexer backfill`",
        )


def _require_access(folder: Path, mode: int, done: str) -> None:
    """Raise `StoreError` for a folder that is there and may not be used: nobody's stores would say it as plainly."""
    if folder.exists() and not folder.is_dir():
        raise _no_folder(folder)
    effective = os.access in os.supports_effective_ids
    if folder.exists() and not os.access(folder, mode, effective_ids=effective):
        raise StoreError(
            f"the data folder {folder} may not be {done} by this user",
            remedy="run this as the user who made it, as `ls -ld` shows",
        )
