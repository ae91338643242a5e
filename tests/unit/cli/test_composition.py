"""The composition root: sources from entry points, the data folder, and what is refused."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from indexer import config as configuration
from indexer.composition import check_source, connectors, open_index, open_queries, read_index
from indexer.config import Config
from indexer.connecting import closing
from indexer.errors import BusyError, ConfigurationError, NotFoundError, StoreError
from indexer.outside.connector import OutsideConnector
from indexer.store.passages import LancePassages
from tests.support.privileges import permissions_enforced

SOURCE = '[[source]]\nname = "{name}"\nkind = "files"\nroot = "docs-{name}"\n'


def configured(folder: Path, *names: str, data_dir: str = "data") -> Config:
    file = folder / "config.toml"
    sources = "".join(SOURCE.format(name=name) for name in names)
    file.write_text(f'data_dir = "{data_dir}"\n[embedding]\nmodel = "hashing"\n{sources}')
    return configuration.load(file, {}, check_source)


def test_all_sources_are_taken_or_the_named_ones_once_each(tmp_path: Path) -> None:
    config = configured(tmp_path, "a", "b", "c")

    assert [source.name for source in connectors(config)] == ["a", "b", "c"]
    assert [source.name for source in connectors(config, ("c", "a", "c"))] == ["c", "a"]


def test_a_connector_gets_its_settings(tmp_path: Path) -> None:
    (source,) = connectors(configured(tmp_path, "a"))

    assert source.connector.kind == "files"
    assert str(tmp_path / "docs") in source.connector.uid
    assert source.keep_originals


@pytest.mark.parametrize(
    ("setting", "outside", "started"),
    [("", True, False), ('isolate = "always"', True, True), ('isolate = "never"', False, False)],
)
def test_another_process_looks_at_a_source_where_it_is_called_for(
    tmp_path: Path, setting: str, outside: bool, started: bool
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f'[[source]]\nname = "a"\nkind = "files"\nroot = "docs"\n{setting}\n')
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("text")
    (source,) = connectors(configuration.load(file, {}, check_source))

    with closing([source]):
        assert len(list(source.connector.changes(None))) == 2
        assert isinstance(source.connector, OutsideConnector) is outside
        assert (getattr(source.connector, "pid", None) is not None) is started
    assert getattr(source.connector, "pid", None) is None


def test_a_source_that_is_no_place_on_this_machine_is_looked_at_by_this_process(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[[source]]\nname = "a"\nkind = "git"\nurl = "https://git.example.com/a.git"\n')
    (source,) = connectors(configuration.load(file, {}, check_source))

    assert not isinstance(source.connector, OutsideConnector)


def test_an_unknown_source_is_not_found_and_says_what_was_probably_meant(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        connectors(configured(tmp_path, "policies", "handbook"), ("polices",))

    assert 'did you mean "policies"?' in str(caught.value)


def test_an_unknown_kind_and_a_wrong_setting_are_reported_together_with_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(
        '[[source]]\nname = "a"\nkind = "fils"\nroot = "x"\n\n'
        '[[source]]\nname = "b"\nkind = "files"\nroot = "x"\ninclud = ["*.md"]\n'
    )

    with pytest.raises(ConfigurationError) as caught:
        configuration.load(file, {}, check_source)

    first, second = caught.value.problems
    assert first.startswith(f"{file}:3: ")
    assert 'did you mean "files"?' in first
    assert second.startswith(f"{file}:10: ")
    assert "did you mean include?" in second


def test_the_data_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    config = configured(tmp_path, "a", data_dir="deep/data")

    with open_index(config) as index:
        assert index.folder == tmp_path / "deep/data"

    assert stat.S_IMODE((tmp_path / "deep/data").stat().st_mode) == 0o700


def test_limits_come_from_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(
        'data_dir = "data"\n[embedding]\nmodel = "hashing"\n[limits]\nmin_deletions = 7\nbatch_passages = 9\n'
        'max_deletion_share = 0.25\nmax_original_size = "1 MiB"\nindex_cache = "3 MiB"\n'
    )

    with open_index(configuration.load(file, {})) as index:
        limits = index.limits
        table = index.passages("a-model", 8)
    assert isinstance(table, LancePassages)
    assert table.index_cache_bytes == 3 * 2**20
    assert (limits.min_deletions, limits.batch_passages) == (7, 9)
    assert (limits.max_deletion_share, limits.max_original_size) == (0.25, 2**20)


def test_a_second_writer_is_busy_and_a_reader_is_not(tmp_path: Path) -> None:
    config = configured(tmp_path, "a")

    with open_index(config):
        with pytest.raises(BusyError), open_index(config):
            pass
        with read_index(config) as index:
            assert index.folder == config.data_dir
        with open_queries(config) as queries:
            assert queries.status().sources == ()


@pytest.mark.parametrize("how", [open_queries, read_index, lambda config: open_index(config, create=False)])
def test_without_an_index_readers_and_menders_say_what_to_run_and_make_nothing(
    how: object, tmp_path: Path
) -> None:
    config = configured(tmp_path, "a")

    with pytest.raises(StoreError) as caught, how(config):  # type: ignore[operator]
        pass

    assert caught.value.code == "nothing-indexed"
    assert not config.data_dir.exists()


def test_a_data_folder_that_is_a_file_is_a_mistake_of_the_configuration(tmp_path: Path) -> None:
    config = configured(tmp_path, "a")
    config.data_dir.write_text("")

    with pytest.raises(ConfigurationError, match="is not a folder"), open_index(config):
        pass


def test_a_data_folder_that_may_not_be_used_is_said_plainly(tmp_path: Path) -> None:
    config = configured(tmp_path, "a")
    with open_index(config):
        pass
    config.data_dir.chmod(0o000)

    try:
        with permissions_enforced():
            with pytest.raises(StoreError, match="may not be read"), open_queries(config):
                pass
            with pytest.raises(StoreError, match="may not be written"), open_index(config):
                pass
    finally:
        config.data_dir.chmod(0o700)
