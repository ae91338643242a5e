"""What every catalog keeps of what sources say of documents as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.model import Instant
from indexer.ports import Catalog
from indexer.ports.batch import Batch, NewDocument
from indexer.store.catalog.catalog import Catalog as SqliteCatalog
from tests.support.indexes import fast_folder

Said = Mapping[str, tuple[str, ...]]

CATALOGS: list[Callable[[Path], Catalog]] = [lambda folder: SqliteCatalog(folder, create=True)]
DOCUMENTS = (1, 2, 3)


@pytest.fixture(params=CATALOGS, ids=["sqlite"])
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalog]:
    catalog = begun(request.param(tmp_path))
    yield catalog
    catalog.close()


def begun(catalog: Catalog) -> Catalog:
    """The catalog with three documents, since instant 1."""
    catalog.register("uid", "wiki", "confluence")
    batch = Batch(1, 1)
    batch.documents += [NewDocument(no, f"d_{no}", 1, f"page-{no}", history_open=False) for no in DOCUMENTS]
    catalog.commit(batch)
    return catalog


def say(catalog: Catalog, at: Instant, said: Mapping[int, Said]) -> None:
    batch = Batch(at, 1)
    batch.attributes.update(said)
    catalog.commit(batch)


def believed(catalog: Catalog, at: Instant | None = None) -> dict[int, dict[str, tuple[str, ...]]]:
    with catalog.snapshot() as snapshot:
        found = snapshot.attributes(DOCUMENTS, at)
        return {no: dict(said) for no, said in found.items()}


def holders(catalog: Catalog, name: str, value: str, at: Instant | None = None) -> set[int]:
    """The documents that have this value, as a search looks for them."""
    with catalog.snapshot() as snapshot:
        values = snapshot.attribute_values(name)
        return snapshot.documents_with([no for no, other in values.items() if other == value], at)


def test_what_is_said_is_believed_from_then_on(catalog: Catalog) -> None:
    say(catalog, 5, {1: {"label": ("hr", "policy"), "path": ("HR/Leave",)}})
    assert believed(catalog) == {1: {"label": ("hr", "policy"), "path": ("HR/Leave",)}}
    assert believed(catalog, 5) == believed(catalog)
    assert believed(catalog, 4) == {}


def test_what_is_said_later_replaces_all_names(catalog: Catalog) -> None:
    say(catalog, 5, {1: {"label": ("hr", "policy"), "path": ("HR/Leave",)}})
    say(catalog, 7, {1: {"label": ("policy", "urgent")}})
    assert believed(catalog) == {1: {"label": ("policy", "urgent")}}
    assert believed(catalog, 6) == {1: {"label": ("hr", "policy"), "path": ("HR/Leave",)}}
    say(catalog, 9, {1: {}})
    assert believed(catalog) == {}
    assert believed(catalog, 8) == {1: {"label": ("policy", "urgent")}}


def test_that_there_is_no_value_is_not_the_same_as_having_said_nothing(catalog: Catalog) -> None:
    say(catalog, 5, {1: {"label": ()}})
    assert believed(catalog) == {1: {"label": ()}}
    assert catalog.current().attributes(1) == {"label": ()}
    assert catalog.current().attributes(2) == {}
    with catalog.snapshot() as snapshot:
        assert snapshot.attribute_values("label") == {}


def test_a_document_of_which_nothing_is_said_stays_as_it_was(catalog: Catalog) -> None:
    say(catalog, 5, {1: {"label": ("hr",)}, 2: {"label": ("hr",)}})
    say(catalog, 7, {2: {"label": ("it",)}})
    assert believed(catalog) == {1: {"label": ("hr",)}, 2: {"label": ("it",)}}


def test_the_write_side_sees_what_is_believed_now(catalog: Catalog) -> None:
    say(catalog, 5, {1: {"label": ("b", "a")}})
    say(catalog, 7, {1: {"label": ("c", "b"), "path": ("x", "X")}})
    assert catalog.current().attributes(1) == {"label": ("b", "c"), "path": ("X", "x")}


def test_documents_are_found_by_a_value_as_it_was_believed(catalog: Catalog) -> None:
    say(catalog, 5, {1: {"label": ("hr", "it")}, 2: {"label": ("hr",), "path": ("hr",)}})
    say(catalog, 7, {1: {"label": ("it",)}})
    assert holders(catalog, "label", "hr") == {2}
    assert holders(catalog, "label", "hr", 6) == {1, 2}
    assert holders(catalog, "label", "hr", 4) == set()
    assert holders(catalog, "path", "hr") == {2}
    assert holders(catalog, "label", "none") == set()


def test_a_batch_that_says_something_is_not_empty() -> None:
    batch = Batch(1, 1)
    assert batch.empty
    batch.attributes[1] = {}
    assert not batch.empty


NAMES = ("label", "path")
descriptions = st.dictionaries(
    st.sampled_from(NAMES),
    st.sets(st.sampled_from(["a", "b", "A", "ä"]), max_size=3).map(lambda values: tuple(sorted(values))),
)
sequences = st.lists(st.dictionaries(st.sampled_from(DOCUMENTS), descriptions, max_size=2), max_size=8)


@pytest.mark.parametrize("make", CATALOGS, ids=["sqlite"])
@given(commits=sequences)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_at_every_recorded_instant_holds_what_was_said_last(
    make: Callable[[Path], Catalog], commits: list[dict[int, Said]]
) -> None:
    catalog = begun(make(fast_folder("attributes-")))
    try:
        model: dict[Instant, dict[int, Said]] = {1: {}}
        for count, said in enumerate(commits, start=1):
            at = 10 * count
            say(catalog, at, said)
            model[at] = {no: kept for no, kept in (model[max(model)] | said).items() if kept}
        for at, expected in model.items():
            for instant in (at, at + 1, at + 8):
                assert believed(catalog, instant) == expected
                for name in NAMES:
                    for value in ("a", "A"):
                        having = {no for no, kept in expected.items() if value in kept.get(name, ())}
                        assert holders(catalog, name, value, instant) == having
        for no in DOCUMENTS:
            assert catalog.current().attributes(no) == model[max(model)].get(no, {})
        assert list(catalog.current().clashing_attributes()) == []
    finally:
        catalog.close()
