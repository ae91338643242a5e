"""The configuration: where it is found, what it becomes, and what it costs."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from indexer.config import Config, Limits, load
from indexer.errors import ConfigurationError
from indexer.plan.retention import RetentionRule
from tests.unit.config_files import UTC, write

# --- finding the file ------------------------------------------------------------------------


def test_a_named_file_wins_over_the_variable_and_both_over_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    here = write(tmp_path, "")
    (tmp_path / "sub").mkdir()
    variable, named = tmp_path / "sub" / "variable.toml", tmp_path / "sub" / "named.toml"
    variable.touch()
    named.touch()
    assert load(None, UTC).file == Path(here.name)
    assert load(None, {**UTC, "INDEXER_CONFIG": str(variable)}).file == variable
    assert load(named, {**UTC, "INDEXER_CONFIG": str(variable)}).file == named


@pytest.mark.parametrize(("path", "env"), [("gone.toml", {}), (None, {"INDEXER_CONFIG": "gone.toml"})])
def test_a_file_that_was_named_is_never_passed_over_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str | None, env: dict[str, str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "")
    with pytest.raises(ConfigurationError, match=r"there is no file gone\.toml"):
        load(Path(path) if path else None, env)


def test_without_any_file_the_message_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("indexer.config.finding.SEARCHED", (Path("config.toml"), tmp_path / "none.toml"))
    with pytest.raises(ConfigurationError) as caught:
        load(None, {})
    assert "--config FILE" in caught.value.remedy
    assert "INDEXER_CONFIG" in caught.value.remedy


# --- what it becomes -------------------------------------------------------------------------


def test_an_empty_file_is_a_configuration_of_defaults(tmp_path: Path) -> None:
    config = load(write(tmp_path, ""), {"TZ": "Europe/Berlin"})
    assert config.data_dir == tmp_path / "indexer-data"
    assert config.timezone.key == "Europe/Berlin"
    assert (config.embedding.model, config.limits, config.sources) == (None, Limits(), ())
    assert not config.parsing.ocr, "text recognition is asked for by name"
    assert (config.log.level, config.log.format) == ("info", "auto")


def test_paths_lie_beside_the_file_or_in_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    text = """
        data_dir = "~/index"
        [[source]]
        name = "a"
        kind = "files"
        root = "./docs"
        [[source]]
        name = "b"
        kind = "git"
        path = "/srv/git/b.git"
        paths = ["docs/**"]
    """
    config = load(write(tmp_path, text), UTC)
    assert config.data_dir == Path("/home/ada/index")
    assert config.sources[0].settings == {"root": str(tmp_path / "docs")}
    assert config.sources[1].settings == {"path": "/srv/git/b.git", "paths": ["docs/**"]}


def test_a_token_lies_beside_the_file_or_where_the_service_is_given_it(tmp_path: Path) -> None:
    given = "$CREDENTIALS_DIRECTORY/token_docs"
    config = load(
        write(
            tmp_path,
            "".join(
                f'[[source]]\nname = "s{number}"\nkind = "git"\nurl = "https://example.org/{number}"\ntoken_file = "{written}"\n'
                for number, written in enumerate(("tokens/docs", given))
            ),
        ),
        env=UTC,
    )
    assert [source.settings["token_file"] for source in config.sources] == [
        str(tmp_path / "tokens/docs"),
        given,
    ]


def test_a_link_in_a_path_stays_so_that_the_source_stays_the_same(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    text = '[[source]]\nname = "a"\nkind = "files"\nroot = "link/docs"'
    assert load(write(tmp_path, text), UTC).sources[0].settings["root"] == str(tmp_path / "link" / "docs")


def test_a_source_may_overrule_whether_originals_are_kept(tmp_path: Path) -> None:
    text = """
        keep_originals = false
        [[source]]
        name = "a"
        kind = "files"
        [[source]]
        name = "b"
        kind = "files"
        keep_originals = true
    """
    config = load(write(tmp_path, text), UTC)
    assert [source.keep_originals for source in config.sources] == [False, True]
    assert all("keep_originals" not in source.settings for source in config.sources)


@pytest.mark.parametrize(("written", "seconds"), [("90", 90), ("1.5", 1.5), ('"5 min"', 300), ('"1h"', 3600)])
def test_intervals_are_seconds_or_have_a_unit(tmp_path: Path, written: str, seconds: float) -> None:
    text = f'[[source]]\nname = "a"\nkind = "files"\nwatch = "poll"\npoll_interval = {written}'
    (source,) = load(write(tmp_path, text), UTC).sources
    assert (source.watch, source.poll_interval) == ("poll", seconds)
    assert set(source.settings) == {"watch", "poll_interval"}


def test_a_remote_is_fetched_as_often_as_its_own_key_says(tmp_path: Path) -> None:
    text = '[[source]]\nname = "a"\nkind = "git"\nurl = "https://host/a.git"\nfetch_every = "10 min"'
    (source,) = load(write(tmp_path, text), UTC).sources
    assert source.poll_interval == 600


def test_a_source_may_be_scanned_when_a_crontab_says(tmp_path: Path) -> None:
    text = '[[source]]\nname = "a"\nkind = "files"\nschedule = "30 3 * * mon-fri"'
    (source,) = load(write(tmp_path, text), UTC).sources
    assert source.schedule == "30 3 * * mon-fri"


@pytest.mark.parametrize("written", ["30 3 * *", "every day", "61 3 * * *", "0 0 31 2 *", ""])
def test_what_is_no_crontab_or_never_comes_is_refused_with_an_example(tmp_path: Path, written: str) -> None:
    text = f'[[source]]\nname = "a"\nkind = "files"\nschedule = "{written}"'
    with pytest.raises(ConfigurationError) as caught:
        load(write(tmp_path, text), UTC)
    [problem] = caught.value.problems
    assert ":4: " in problem
    assert "schedule" in problem
    assert '"30 3 * * *"' in problem or not written


@pytest.mark.parametrize(
    ("written", "model"),
    [
        ("./models/a", "{folder}/models/a"),
        ("/srv/a", "/srv/a"),
        ("~/a", "/home/ada/a"),
        ("owner/name", "owner/name"),
    ],
)
def test_a_model_is_a_folder_if_it_is_written_like_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, model: str
) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    config = load(write(tmp_path, f'[embedding]\nmodel = "{written}"'), UTC)
    assert config.embedding.model == model.format(folder=tmp_path)


@pytest.mark.parametrize(
    ("written", "size"),
    [("1024", 1024), ('"64 MB"', 64_000_000), ('"1.5 MiB"', 1_572_864), ('"2g"', 2_000_000_000), ('"7"', 7)],
)
def test_sizes_are_numbers_of_bytes_or_have_a_unit(tmp_path: Path, written: str, size: int) -> None:
    config = load(write(tmp_path, f"[limits]\nmax_original_size = {written}"), UTC)
    assert config.limits.max_original_size == size


def test_the_annotated_configuration_at_the_root_is_sound() -> None:
    root = Path(__file__).parents[2]
    config = load(root / "config.toml", UTC)
    assert config.data_dir == root / "indexer-data"
    assert Path(config.sources[0].settings["root"]) == root / "examples" / "policies"
    assert Path(config.sources[0].settings["root"]).is_dir()


def test_every_default_that_the_annotated_configuration_states_is_the_real_one(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    stated = "\n".join(
        line.removeprefix("#: ")
        for line in (root / "config.toml").read_text(encoding="utf-8").splitlines()
        if line.startswith(("#: ", "[")) and not line.startswith("[[")
    )
    keys = {key for table in tomllib.loads(stated).values() if isinstance(table, dict) for key in table}
    assert keys >= {
        "max_deletion_share",
        "min_deletions",
        "batch_passages",
        "max_original_size",
        "index_cache",
        "level",
        "format",
    }
    config, bare = load(write(tmp_path, stated), UTC), load(write(tmp_path, ""), UTC)
    assert (config.limits, config.log, config.embedding) == (bare.limits, bare.log, bare.embedding)


# --- what it costs ---------------------------------------------------------------------------


def test_loading_a_configuration_takes_nothing_but_the_standard_library() -> None:
    program = """if True:
        import os, sys
        from pathlib import Path
        from indexer.config import load
        load(Path("config.toml"), os.environ)
        ours = {"indexer", "connectors", "__main__", "__mp_main__"}
        foreign = {name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names - ours
        sys.exit(", ".join(sorted(name for name in foreign if not name.startswith("_"))) or 0)
    """
    assert (
        subprocess.run([sys.executable, "-c", program], check=False, cwd=Path(__file__).parents[2]).returncode
        == 0
    )


def test_a_configuration_is_frozen(tmp_path: Path) -> None:
    config = load(write(tmp_path, ""), UTC)
    with pytest.raises(AttributeError):
        config.data_dir = Path("/")  # type: ignore[misc]
    assert isinstance(config, Config)


def test_a_retention_rule_is_read_from_either_way_to_write_it(tmp_path: Path) -> None:
    text = """
[[source]]
name = "a"
kind = "files"
root = "a"
retention = { daily_after = "30 d" }
[[source]]
name = "b"
kind = "files"
root = "b"
[source.retention]
daily_after = 3600
monthly_after = "400 d"
[[source]]
name = "c"
kind = "files"
root = "c"
retention = "all"
"""
    found = load(write(tmp_path, text), UTC).sources
    assert [source.retention for source in found] == [
        RetentionRule(daily_after=30 * 86_400),
        RetentionRule(daily_after=3600, monthly_after=400 * 86_400),
        None,
    ]
    assert all("retention" not in source.settings for source in found)


def test_editions_of_works_are_configured_by_patterns_and_keys(tmp_path: Path) -> None:
    text = """\
[families]
patterns = ['^(?P<work>.*)-(?P<edition>k\\d)\\.txt$']
together = [["old.md", "new.md"]]
apart = ["specs/http2.md"]
"""
    families = load(write(tmp_path, text), UTC).families
    assert families.enabled
    assert [pattern.search("a-k1.txt")["edition"] for pattern in families.patterns] == ["k1"]  # type: ignore[index]
    assert families.together == (("old.md", "new.md"),)
    assert families.apart == ("specs/http2.md",)


def test_a_reranker_is_a_folder_beside_the_file_or_a_name(tmp_path: Path) -> None:
    text = '[search]\nreranker = "./reranker"\nrerank_top = 20\nrerank_seconds = "2 s"\n'
    search = load(write(tmp_path, text), UTC).search
    assert (search.reranker, search.rerank_top, search.rerank_seconds) == (
        str(tmp_path / "reranker"),
        20,
        2.0,
    )
    assert load(write(tmp_path, '[search]\nreranker = "owner/name"\n'), UTC).search.reranker == "owner/name"
    assert load(write(tmp_path, ""), UTC).search.reranker is None
