"""What a mistake in the configuration reads like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from indexer.config import SourceConfig, load
from indexer.errors import ConfigurationError
from tests.unit.config_files import UTC, write


def problems(folder: Path, text: str, check: Any = None) -> list[str]:
    """What is wrong with `text`, each as ``LINE: sentence``."""
    file = write(folder, text)
    with pytest.raises(ConfigurationError) as caught:
        load(file, UTC, check)
    assert caught.value.exit_code == 2
    assert all(problem.startswith(f"{file}:") for problem in caught.value.problems)
    return [problem.removeprefix(f"{file}:") for problem in caught.value.problems]


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


def test_a_precision_without_a_model_is_refused(tmp_path: Path) -> None:
    text = '[embedding]\nmodel = "hashing"\nprecision = "int8"\n'
    assert problems(tmp_path, text) == [
        '3: "hashing" is no model that could run at int8; leave "precision" out'
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
        ('[[source]]\nname = "a"\nkind = "files"\nisolate = true', '4: source "a": "isolate" must be '),
        ('[[source]]\nname = "a"\nkind = "files"\nwatch = "inotify"', '4: source "a": "watch" must be '),
        ("limits = 3", '1: "limits" must be'),
        ('[families]\npatterns = ["(a"]', '2: "families.patterns": "(a" is no regular expression'),
        (
            '[families]\npatterns = ["v(\\\\d)"]',
            '2: "families.patterns": "v(\\d)" says not what the edition is',
        ),
        ('[families]\npatterns = "v"', '2: "families.patterns" must be a list of regular expressions'),
        ('[families]\ntogether = ["a", "b"]', '2: "families.together" must be a list of lists of keys'),
        ('[families]\ntogether = [["a"]]', '2: "families.together": a list of one key joins nothing'),
        ('[families]\ntogether = [["a", "b"], ["b", "c"]]', '2: "families.together": "b" stands there twice'),
        ("[families]\napart = [1]", '2: "families.apart" must be a list of keys'),
        ("[search]\nrerank_top = 0", '2: "search.rerank_top" must be greater than or equal to 1'),
        ('[search]\nrerank_seconds = "fast"', '2: "search.rerank_seconds": "fast" is no duration'),
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


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('"some"', '"retention" must be \'all\' or a table with daily_after and monthly_after, not "some"'),
        ("{}", '"retention": it is empty; write "all", or daily_after or monthly_after such as "90 d"'),
        ('{ daily = "3 d" }', '"retention": unknown key "daily"; did you mean "daily_after"?'),
        ("{ daily_after = true }", '"retention": "daily_after" must be a number, not true'),
        (
            '{ daily_after = "soon" }',
            '"retention": "daily_after": "soon" is no duration; write a number of seconds, or such as "30 s", "5 min", "1 h" or "30 d"',
        ),
        (
            '{ daily_after = "30 d", monthly_after = "20 d" }',
            '"retention": monthly_after must be longer than daily_after',
        ),
    ],
)
def test_a_retention_rule_that_cannot_be_meant_is_said_with_its_line(
    tmp_path: Path, written: str, said: str
) -> None:
    text = f'[[source]]\nname = "a"\nkind = "files"\nroot = "a"\nretention = {written}\n'
    assert problems(tmp_path, text) == [f'5: source "a": {said}']


def test_a_file_that_nobody_can_have_meant_is_refused_like_any_other(tmp_path: Path) -> None:
    assert problems(tmp_path, "a = " + "[" * 5000) == ["1: its brackets are nested too deep to be read"]
