"""Settings are checked completely, and every problem is told at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from connectors.files import create
from connectors.files.settings import read_settings
from connectors.settings import MAX_FILE_SIZE
from indexer.errors import ConfigurationError


def problems(settings: dict[str, Any]) -> list[str]:
    with pytest.raises(ConfigurationError) as failure:
        create("handbook", settings)
    assert "'handbook'" in str(failure.value)
    return failure.value.problems


def test_the_root_alone_is_enough() -> None:
    settings = read_settings("handbook", {"root": "/srv/handbook"})
    assert (settings.root, settings.max_file_size) == ("/srv/handbook", MAX_FILE_SIZE)


@pytest.mark.parametrize(
    ("settings", "root"),
    [
        ({"root": "docs", "base": "/etc/indexer"}, "/etc/indexer/docs"),
        ({"root": "../docs/./x/", "base": "/etc/indexer"}, "/etc/docs/x"),
        ({"root": "/docs", "base": "/etc/indexer"}, "/docs"),
        ({"root": "docs"}, str(Path.cwd() / "docs")),
        ({"root": "~/docs", "base": "/etc"}, str(Path.home() / "docs")),
        ({"root": Path("/docs")}, "/docs"),
    ],
)
def test_the_root_is_made_absolute(settings: dict[str, Any], root: str) -> None:
    assert read_settings("handbook", settings).root == root


def test_the_uid_is_the_folder_and_not_the_name() -> None:
    one, two = (
        create("one", {"root": "/srv/x/../docs"}),
        create("two", {"root": "/srv/docs", "exclude": ["a"]}),
    )
    assert one.uid == two.uid == "files:/srv/docs"


def test_a_root_that_does_not_exist_is_no_problem_of_the_configuration() -> None:
    assert not os.path.exists(create("x", {"root": "/no/such/folder"}).uid)  # noqa: PTH110


@pytest.mark.parametrize(
    ("written", "size"),
    [
        *((1, 1), (50_000_000, 50_000_000), ("50 MB", 50_000_000), ("50mb", 50_000_000), ("1.5 kB", 1500)),
        *(
            ("1 MiB", 1_048_576),
            ("2GiB", 2 * 1024**3),
            ("812", 812),
            ("10 B", 10),
            ("3 k", 3000),
            ("1 Mi", 1_048_576),
        ),
    ],
)
def test_a_size_is_bytes_or_text_with_a_unit(written: int | str, size: int) -> None:
    assert read_settings("x", {"root": "/x", "max_file_size": written}).max_file_size == size


@pytest.mark.parametrize(
    "written", [0, -1, True, 1.5, None, "", "MB", "-5 MB", "5 parsecs", "ib", "1 iB", [5]]
)
def test_what_is_no_size_is_a_problem(written: object) -> None:
    (problem,) = problems({"root": "/x", "max_file_size": written})
    assert problem.startswith("max_file_size: ")


def test_settings_that_the_core_acts_on_are_accepted() -> None:
    create("x", {"root": "/x", "watch": True, "poll_interval": "5 min", "keep_originals": False})


def test_a_misspelt_setting_names_the_one_that_was_meant() -> None:
    assert problems({"root": "/x", "exclud": []}) == ["exclud: no such setting; did you mean exclude?"]
    assert problems({"root": "/x", "zzz": 1}) == ["zzz: no such setting"]


@pytest.mark.parametrize("root", ["", 5, "a\0b", "~no-such-user-here/docs", ["a"]])
def test_what_is_no_folder_is_a_problem(root: object) -> None:
    (problem,) = problems({"root": root})
    assert problem.startswith("root: ")


def test_every_problem_is_told_together() -> None:
    settings = {"include": ["!a", 5], "exclude": "*.tmp", "max_file_size": "big", "rot": "/x"}
    assert [problem.split(":")[0] for problem in problems(settings)] == [
        *("rot", "root", "include", "include", "exclude", "max_file_size")
    ]
