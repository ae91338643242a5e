"""What a connector says survives the way to another process, whatever it is; nothing else is taken for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import DocumentError, IndexerError, LostError, ReadError, SourceError, StorageFullError
from indexer.model import TimeBasis
from indexer.outside import wire
from indexer.outside.recipe import Recipe
from indexer.outside.wire import DefectError
from indexer.ports import Content, Event, Observed, Offshoot, SourceTime
from indexer.processes.frames import GarbageError, decode, encode

words = st.text(st.characters(exclude_categories=()), max_size=8)  # lone surrogates too
times = st.builds(SourceTime, st.integers(), st.sampled_from(TimeBasis))
maps = st.dictionaries(words, words, max_size=3)


def nothing() -> Content:
    return Content(b"")


def nowhere(_: str) -> None:
    return None


BY_NAME = {"read": st.just(nothing), "look": st.just(nowhere), "metadata": maps, "tags": maps}
observations = st.builds(
    Observed,
    words,
    st.just(nothing),
    st.lists(times, max_size=3).map(tuple),
    **{
        name: st.none() | words
        for name in ("origin", "etag", "file_id", "lineage", "previous_key", "author", "message", "title")
    },
    size=st.none() | st.integers(0),
    sequence=st.none() | st.integers(),
    exchanged=st.booleans(),
    aside=st.booleans(),
    labels=st.lists(words, max_size=2).map(tuple),
    metadata=maps,
)
offshoots = st.builds(
    Offshoot,
    st.integers(),
    st.dictionaries(words, st.none() | words, max_size=3),
    st.lists(observations, max_size=2).map(tuple),
)


def built(kind: type) -> st.SearchStrategy[Any]:
    """Events of a kind, all their fields drawn."""
    if kind is Observed:
        return observations
    given_ = {field.name: BY_NAME[field.name] for field in fields(kind) if field.name in BY_NAME}
    return st.builds(kind, **{field.name: ... for field in fields(kind)} | given_ if fields(kind) else given_)


events = st.one_of([built(kind) for kind in get_args(Event)])


class Held:
    """Holds functions under numbers, and stands for them."""

    def __init__(self) -> None:
        self.functions: list[Callable[..., Any]] = []
        self.proxies = wire.Proxies(
            lambda number, key, origin: self.functions[number],
            lambda number: self.functions[number],
        )

    def __call__(self, function: Callable[..., Any]) -> int:
        self.functions.append(function)
        return len(self.functions) - 1


@given(event=events)
def test_every_kind_of_event_survives_the_way_with_all_its_fields(event: Event) -> None:
    held = Held()

    again = wire.decode_event(decode(encode(wire.encode_event(event, held))), held.proxies)

    assert again == event
    assert type(again) is type(event)


@given(offshoot=st.none() | offshoots)
def test_an_offshoot_survives_the_way(offshoot: Offshoot | None) -> None:
    held = Held()

    again = wire.decode_offshoot(decode(encode(wire.encode_offshoot(offshoot, held))), held.proxies)

    assert again == offshoot


def test_a_proxy_is_made_for_the_state_that_it_reads() -> None:
    made = []
    proxies = wire.Proxies(lambda *state: made.append(state) or nothing, lambda number: nowhere)
    for event in (Observed("a", nothing), Observed("b", nothing, origin="o", title="t")):
        wire.decode_event(wire.encode_event(event, lambda function: 7), proxies)

    assert made == [(7, "a", None), (7, "b", "o")]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=7) | st.dictionaries(words, inner, max_size=3),
    max_leaves=12,
)


@given(said=anything, kind=st.sampled_from([kind.__name__ for kind in get_args(Event)]))
def test_anything_else_is_garbage_or_some_event(said: Any, kind: str) -> None:
    for value in (said, [kind, said]):
        try:
            wire.decode_event(value, Held().proxies)
        except (GarbageError, IndexError):
            continue


@given(
    data=st.binary(max_size=9),
    etag=st.none() | words,
    of=st.lists(times, max_size=2),
    settled=st.booleans(),
    file_id=st.none() | words,
)
def test_what_is_known_of_bytes_survives_the_way(
    data: bytes, etag: str | None, of: list[SourceTime], settled: bool, file_id: str | None
) -> None:
    content = Content(data, etag, tuple(of), settled, file_id)

    assert wire.decode_content(decode(encode(wire.encode_content(content))), data) == content


@pytest.mark.parametrize(
    "error",
    [
        SourceError("it is away", remedy="mount it", code="source-missing"),
        ReadError("unreadable", "a.md may not be read", remedy="let it"),
        LostError("missing-object", "gone", remedy="fetch it"),
        StorageFullError("the disk is full", remedy="free some space"),
    ],
)
def test_an_error_survives_the_way(error: IndexerError) -> None:
    again = wire.decode_failure(decode(encode(wire.encode_failure(error))))

    assert type(again) is type(error)
    assert str(again) == str(error)
    assert isinstance(again, IndexerError)
    assert again.code == error.code
    if isinstance(error, DocumentError):
        assert isinstance(again, DocumentError)
        assert (again.reason, again.permanent) == (error.reason, error.permanent)


def test_an_error_of_a_class_that_only_a_connector_knows_arrives_as_what_it_is_a_kind_of() -> None:
    class SlowError(SourceError):
        code = "network"

    again = wire.decode_failure(wire.encode_failure(SlowError("too slow", remedy="wait")))

    assert type(again) is SourceError
    assert again.code == "network"


def test_a_defect_is_one_line_of_bounded_length() -> None:
    said = wire.decode_failure(wire.encode_failure(ValueError("line 1\nline 2" + "x" * 9_999)))

    assert isinstance(said, DefectError)
    assert str(said).startswith("ValueError: line 1 line 2x")
    assert len(str(said)) < 600


@pytest.mark.parametrize(
    "said", [None, [], {"class": "Path"}, {"class": "os", "code": "", "message": "", "remedy": ""}]
)
def test_no_failure_is_made_of_anything_but_an_error(said: Any) -> None:
    with pytest.raises(GarbageError):
        wire.decode_failure(said)


def test_the_settings_of_a_connector_arrive_as_they_were(tmp_path: Path) -> None:
    settings = {
        "root": "/srv/caf\udce9", "include": ["*.md"], "paths": {"exclude": []}, "since": date(2024, 1, 31),
        "at": datetime.fromisoformat("2024-01-31T12:00:00+02:00"), "daily": time(6, 30), "size": 1.5, "on": True,
    }  # fmt: skip
    recipe = Recipe("connectors.files:create", "share", settings, tmp_path)

    assert Recipe.decode(recipe.encode()) == recipe
    assert Recipe.decode(replace(recipe, folder=None).encode()).folder is None


def test_a_recipe_makes_what_its_factory_makes(tmp_path: Path) -> None:
    connector = Recipe("connectors.files:create", "share", {"root": tmp_path}).make()

    assert connector.uid == f"files:{tmp_path}"
