"""The configuration: where it is found, what it becomes, and what a mistake in it reads like."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.config import Config, Limits, SourceConfig, load
from indexer.config.lines import key_lines, line_of
from indexer.errors import ConfigurationError

UTC = {"TZ": "UTC"}


def write(folder: Path, text: str) -> Path:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file


def problems(folder: Path, text: str, check: Any = None) -> list[str]:
    """What is wrong with `text`, each as ``LINE: sentence``."""
    file = write(folder, text)
    with pytest.raises(ConfigurationError) as caught:
        load(file, UTC, check)
    assert caught.value.exit_code == 2
    assert all(problem.startswith(f"{file}:") for problem in caught.value.problems)
    return [problem.removeprefix(f"{file}:") for problem in caught.value.problems]


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
    monkeypatch.setattr("indexer.config.reading.SEARCHED", (Path("config.toml"), tmp_path / "none.toml"))
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
        "level",
        "format",
    }
    config, bare = load(write(tmp_path, stated), UTC), load(write(tmp_path, ""), UTC)
    assert (config.limits, config.log, config.embedding) == (bare.limits, bare.log, bare.embedding)


# --- what a mistake reads like ---------------------------------------------------------------


def test_every_problem_is_reported_at_once_with_its_line(tmp_path: Path) -> None:
    text = """\
timezon = "UTC"
keep_originals = "yes"
[limits]
max_deletion_share = 1.5
max_original_size = "64 XB"
[log]
level = "loud"
[[source]]
name = "policies"
kind = "files"
[[source]]
nmae = "wiki"
kind = 3
[[source]]
name = "policies"
kind = "git"
[sources]
"""
    assert problems(tmp_path, text) == [
        '1: unknown key "timezon"; did you mean "timezone"?',
        '2: "keep_originals" must be true or false, without quotes, not "yes"',
        '4: "limits.max_deletion_share" must be less than or equal to 1, not 1.5',
        '5: "limits.max_original_size": "64 XB" is no size; write a number of bytes, or such as "64 MB" or "1 GiB"',
        "7: \"log.level\" must be 'debug', 'info', 'warning' or 'error', not \"loud\"",
        '11: source 2 of the file: "name" is missing; is "nmae" meant for it?',
        '13: source 2 of the file: "kind" must be a text in quotes, not 3',
        '15: source "policies": line 9 has a source of that name already; choose another',
        '17: unknown key "sources"; did you mean "source"?',
    ]


def test_what_a_connector_finds_is_reported_with_the_rest_at_the_line_of_its_key(tmp_path: Path) -> None:
    def check(source: SourceConfig) -> None:
        if source.name == "wiki":
            raise ConfigurationError(
                "2 problems",
                problems=['unknown key "pth"; did you mean "path"?', "include: must be a list"],
            )
        raise ConfigurationError('"path" is missing', remedy="say where it is")

    text = """\
[[source]]
name = "wiki"
kind = "confluence"
include = "x"
pth = "x"
[[source]]
name = "code"
kind = "git"
[limits]
min_deletions = 0
"""
    assert problems(tmp_path, text, check) == [
        '4: source "wiki": include: must be a list',
        '5: source "wiki": unknown key "pth"; did you mean "path"?',
        '6: source "code": "path" is missing — say where it is',
        '10: "limits.min_deletions" must be greater than or equal to 1, not 0',
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('data_dir = "x"\nname = policies\n', "2: this is not valid TOML (Invalid value"),
        ('data_dir = "x\n', "1: this is not valid TOML (Illegal character"),
        ("a = [1,\n2", "2: this is not valid TOML (Unclosed array"),
        ('[source]\nname = "a"\n', '1: "source" must be written [[source]], in double brackets'),
        ('timezone = "Europe"', '1: "timezone": this machine knows no time zone "Europe"'),
        ('timezone = "../../etc/passwd"', '1: "timezone": this machine knows no time zone'),
        ('data_dir = "~nobody-of-that-name/x"', '1: "data_dir": there is no home folder'),
        (
            '[[source]]\nname = "my wiki"\nkind = "files"',
            '2: source "my wiki": "name": the name "my wiki" cannot',
        ),
        (
            '[[source]]\nkind = "files"\nname = "a"\nroot = "~nobody-of-that-name/x"',
            '4: source "a": "root": there is',
        ),
        (
            '[[source]]\nname = "a"\nkind = "files"\npoll_interval = "soon"',
            '4: source "a": "poll_interval": "soon" is no',
        ),
        ('[[source]]\nname = "a"\nkind = "files"\nwatch = "inotify"', '4: source "a": "watch" must be '),
        ("limits = 3", '1: "limits" must be'),
    ],
)
def test_a_mistake_is_named_at_its_line(tmp_path: Path, text: str, expected: str) -> None:
    (problem,) = problems(tmp_path, text)
    assert problem.startswith(expected)


def test_a_file_in_another_encoding_is_refused_at_the_line(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b'data_dir = "x"\n# caf\xe9\n')
    with pytest.raises(ConfigurationError) as caught:
        load(file, UTC)
    assert caught.value.problems[0].startswith(f"{file}:2: this is not UTF-8")


def test_a_mistake_found_later_can_be_located(tmp_path: Path) -> None:
    file = write(tmp_path, '\n[[source]]\nname = "a"\nkind = "files"\nroot = "x"\n')
    config = load(file, UTC)
    assert config.locate("root", 0) == f"{file}:5"
    assert config.locate("include", 0) == f"{file}:2"


# --- finding lines ---------------------------------------------------------------------------


def test_lines_are_found_whatever_stands_in_between() -> None:
    text = '''\
a.b = 1 # [not.a.table]
"quoted.key" = "x = 1"
text = """
[[source]]
name = "no"
"""
literal = \'\'\'
kind = 3\'\'\'
list = [
  # "]"
  "x", "]",
  { name = "y", more = [1,
    2] },
]
[[source]]
name = "one"
[source.deep]
x = 1
[[source]]
  name = "two"
[[source.part]]
y = 1
[[source.part]]
y = 2
[last]
z = 1979-05-27T07:32:00Z
'''
    tomllib.loads(text)
    lines = key_lines(text)
    wanted: dict[tuple[str | int, ...], int] = {
        ("a", "b"): 1,
        ("quoted.key",): 2,
        ("text",): 3,
        ("literal",): 7,
        ("list",): 9,
        ("list", 1): 11,
        ("list", 2, "name"): 12,
        ("list", 2, "more", 1): 13,
        ("source", 0): 15,
        ("source", 0, "deep", "x"): 18,
        ("source", 1, "name"): 20,
        ("source", 1, "part", 0, "y"): 22,
        ("source", 1, "part", 1, "y"): 24,
        ("last", "z"): 26,
    }
    assert {path: lines.get(path) for path in wanted} == wanted
    assert line_of(lines, ("source", 1, "gone")) == 19
    assert line_of(lines, ("nowhere",)) == 1


_scalars = st.one_of(
    st.integers(-9, 9).map(str),
    st.booleans().map(lambda value: str(value).lower()),
    st.sampled_from(
        ['"[[source]]"', "'# no'", '"""\n[a]\nb = 1\n"""', "'''\n\n}'''", '"a\\"b"', '""', '""""x"""""']
    ),
)
_values = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: "[\n# ]\n" + ",\n".join(items) + "\n]"),
        st.lists(inner, max_size=3).map(
            lambda items: "{" + ", ".join(f"k{n} = {item}" for n, item in enumerate(items)) + "}"
        ),
    ),
    max_leaves=6,
)


@given(
    tables=st.lists(
        st.tuples(st.integers(0, 2), st.lists(_values, max_size=3), st.integers(0, 2)), max_size=5
    )
)
def test_the_line_of_every_key_is_the_one_where_it_was_written(
    tables: list[tuple[int, list[str], int]],
) -> None:
    text = ""
    wanted: dict[tuple[str | int, ...], int] = {}
    for position, (blanks, values, comments) in enumerate(tables):
        text += "\n" * blanks + "# [x]\n" * comments + "[[source]]\n"
        wanted[("source", position)] = text.count("\n")
        for number, value in enumerate(values):
            text += f"key{number} = "
            wanted[("source", position, f"key{number}")] = text.count("\n") + 1
            text += f"{value} # end\n"
    tomllib.loads(text)
    lines = key_lines(text)
    assert {path: lines.get(path) for path in wanted} == wanted


# --- the guard against mass deletion ---------------------------------------------------------


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
