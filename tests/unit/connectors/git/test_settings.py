"""Settings of a Git source are read whole or refused with everything that is wrong with them."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.git import create
from connectors.git.settings import GitSettings, History, read_settings
from indexer.errors import ConfigurationError

HERE = {"path": "repository"}


def _problems(**settings: Any) -> list[str]:
    with pytest.raises(ConfigurationError) as error:
        read_settings("docs", settings)
    return list(error.value.problems)


def _read(**settings: Any) -> GitSettings:
    return read_settings("docs", {**HERE, **settings})


def test_every_problem_is_listed_at_once() -> None:
    found = _problems(
        pth="x",
        ref="a b",
        history="yesterday",
        paths=["*.md", 3],
        max_file_size="big",
        fetch_timeout=-1,
        allow_local="yes",
    )
    starts = ["pth", "allow_local", "path", "paths", "fetch_timeout", "ref", "history", "max_file_size"]
    assert [problem.partition(":")[0] for problem in found] == starts
    assert "did you mean path" in found[0]


def test_a_path_is_relative_to_the_configuration_and_made_absolute() -> None:
    assert _read(base="/etc/indexer").path == "/etc/indexer/repository"
    assert _read(path="/srv/x/../docs.git").path == "/srv/docs.git"
    assert (_read(path="~/docs").path or "").startswith("/")


@pytest.mark.parametrize(
    "place",
    [{}, {"path": "a", "url": "https://example.org/a.git"}, {"path": ""}, {"path": 3}, {"path": "a\0b"}],
)
def test_exactly_one_place_is_named(place: dict[str, Any]) -> None:
    (problem,) = _problems(**place)
    assert problem.startswith("path:")


@pytest.mark.parametrize("ref", ["main", "release/1.2", "v1.0", "größe", "HEAD", None])
def test_a_ref_is_a_name(ref: str | None) -> None:
    assert _read(ref=ref).ref == (None if ref == "HEAD" else ref)


@pytest.mark.parametrize("ref", ["", "-main", "main~1", "a..b:c", "a b", "x^", "*", 3, "a\nb"])
def test_what_is_no_name_is_no_ref(ref: object) -> None:
    (problem,) = _problems(**HERE, ref=ref)
    assert problem.startswith("ref:")


# --- history --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("all", History()),
        ("tags", History("tags")),
        ("head", History("head")),
        ("since:2023-01-31", History("since", 1_675_123_200_000_000)),
        ("since: 2023-01-31T12:00:00", History("since", 1_675_166_400_000_000)),
        ("since:2023-01-31T12:00:00+02:00", History("since", 1_675_159_200_000_000)),
    ],
)
def test_how_much_history(written: str, read: History) -> None:
    assert _read(history=written).history == read
    assert History.parse(str(read)) == read


@pytest.mark.parametrize(
    "history", ["since:", "since:soon", "since:2023-13-01", "everything", 3, "head:1", ["all"]]
)
def test_what_is_no_history(history: object) -> None:
    (problem,) = _problems(**HERE, history=history)
    assert problem.startswith("history:")


def test_which_history_is_within_which() -> None:
    early, late = History("since", 1), History("since", 2)
    order = {
        (one, other): one.within(other)
        for one in (History(), early, late, History("tags"), History("head"))
        for other in (History(), early, late, History("tags"), History("head"))
    }
    within = {(one, other) for (one, other), inside in order.items() if inside}
    every = {History(), early, late, History("tags"), History("head")}
    assert within == (
        {(one, History()) for one in every}
        | {(History("head"), other) for other in every}
        | {(early, early), (late, late), (late, early), (History("tags"), History("tags"))}
    )


# --- patterns -------------------------------------------------------------------------------------


def test_paths_are_a_list_with_exclamation_marks_or_a_table_or_two_settings() -> None:
    written = [
        {"paths": ["*.md", "/hr/", "!drafts/"]},
        {"paths": {"include": ["*.md", "/hr/"], "exclude": ["drafts/"]}},
        {"include": ["*.md", "/hr/"], "exclude": ["drafts/"]},
    ]
    read = [_read(**settings) for settings in written]
    assert read[0] == read[1] == read[2]
    assert read[0].patterns == ("*.md", "/hr/", "!", "drafts/")


def test_without_patterns_what_no_document_is_is_left_out() -> None:
    connector = create("docs", HERE)
    assert connector.wants("mail.eml//terms.pdf")
    assert not connector.wants("mail.eml//logo.png")
    assert not create("docs", {**HERE, "paths": ["!*.pdf"]}).wants("mail.eml//terms.pdf")
    assert not create("docs", {**HERE, "paths": ["!*.pdf"]}).wants("mail.eml//logo.png")


def test_a_single_pattern_needs_no_list() -> None:
    assert _read(paths="*.md").patterns == _read(paths=["*.md"]).patterns


@pytest.mark.parametrize("paths", [3, [3], {"includes": ["*.md"]}, {"include": 3}, ["[z-a].md"], [""]])
def test_what_is_no_pattern(paths: object) -> None:
    found = _problems(**HERE, paths=paths)
    assert all("paths" in problem or "include" in problem for problem in found)


# --- the rest -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "size"),
    [(1000, 1000), ("1000", 1000), ("2 MB", 2_000_000), ("2MiB", 2_097_152), ("1.5k", 1500), ("1 B", 1)],
)
def test_a_size(written: object, size: int) -> None:
    assert _read(max_file_size=written).max_file_size == size


@pytest.mark.parametrize("size", [0, -1, "0", "MB", "1 XB", True, 1.5, None])
def test_what_is_no_size(size: object) -> None:
    (problem,) = _problems(**HERE, max_file_size=size)
    assert problem.startswith("max_file_size:")


@pytest.mark.parametrize("timeout", [0, -1, "10", True, None, float("nan")])
def test_what_is_no_timeout(timeout: object) -> None:
    (problem,) = _problems(**HERE, fetch_timeout=timeout)
    assert problem.startswith("fetch_timeout:")


def test_settings_of_the_core_are_none_of_its_business() -> None:
    assert _read(fetch_every=60, keep_originals=True) == _read()


def test_the_uid_is_the_place_and_the_ref() -> None:
    uids = [
        create(name, {"path": path, **settings}).uid
        for name, path, settings in (
            ("a", "/srv/docs", {}),
            ("b", "/srv/docs/", {"history": "head", "paths": ["*.md"]}),
            ("c", "/srv/docs", {"ref": "HEAD"}),
            ("d", "/srv/docs", {"ref": "main"}),
            ("e", "/srv/other", {}),
        )
    ]
    assert uids[0] == uids[1] == uids[2]
    assert len(set(uids)) == 3
