"""Damage to the catalog, in what it says and in its file: the deep check finds it and names its place."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard

from indexer.errors import DamagedStoreError, StoreError
from indexer.model import FOREVER, ManifestEntry
from indexer.store.catalog.catalog import FILE_NAME, Catalog
from indexer.store.catalog.manifests import decode, encode
from tests.fault.damage import problems_of, sound_index
from tests.support.indexes import Home


@pytest.fixture
def home() -> Iterator[Home]:
    yield from sound_index()


# --- the catalog ------------------------------------------------------------------------------


def _other_text(home: Home) -> str:
    home.sql("UPDATE passage SET text = ? WHERE no = 1", zstandard.compress(b"## Leave\n\n9 days."))
    return str(home.sql("SELECT id FROM passage WHERE no = 1")[0][0])


def _garbled_text(home: Home) -> str:
    home.sql("UPDATE passage SET text = ? WHERE no = 1", b"no zstd at all")
    return str(home.sql("SELECT id FROM passage WHERE no = 1")[0][0])


def _other_heading(home: Home) -> str:
    home.sql("""UPDATE passage SET heading = '["Sick leave"]' WHERE no = 1""")
    return str(home.sql("SELECT id FROM passage WHERE no = 1")[0][0])


def _other_embedding(home: Home) -> str:
    home.sql("UPDATE embedding SET hash = ? WHERE no = 1", b"\x01" * 32)
    return str(home.sql("SELECT id FROM passage WHERE embed_no = 1")[0][0])


def _manifest_in_another_order(home: Home) -> str:
    entries = decode(home.sql("SELECT entries FROM manifest WHERE no = 1")[0][0])
    home.sql("UPDATE manifest SET entries = ? WHERE no = 1", encode(entries[::-1]))
    return "manifest 1"


def _manifest_of_missing_passages(home: Home) -> str:
    home.sql("UPDATE manifest SET entries = ? WHERE no = 1", encode([ManifestEntry(999, "")]))
    return "manifest 1"


def _manifest_cut_short(home: Home) -> str:
    home.sql("UPDATE manifest SET entries = substr(entries, 1, length(entries) - 2) WHERE no = 1")
    return "manifest 1"


def _other_text_hash(home: Home) -> str:
    home.sql("UPDATE manifest SET text_hash = ? WHERE no = 2", b"\x02" * 32)
    return "manifest 2"


def _row_that_ends_otherwise(home: Home) -> str:
    home.sql("UPDATE row SET valid_to = valid_to + 1 WHERE no = 1")
    return _document(home, 1)


def _row_that_is_open_again(home: Home) -> str:
    home.sql("UPDATE row SET closed_recorded = ? WHERE no = 1", FOREVER)
    return _document(home, 1)


def _row_missing(home: Home) -> str:
    home.sql("DELETE FROM row WHERE no = 1")
    return _document(home, 1)


def _row_twice(home: Home) -> str:
    home.sql("""INSERT INTO row SELECT 999, passage_no, document_no, valid_from, valid_to, recorded_from,
                recorded_to, closed_recorded FROM row WHERE no = 1""")
    return _document(home, 1)


def _row_of_a_passage_that_was_not_there(home: Home) -> str:
    home.sql("""INSERT INTO row SELECT 999, passage_no, document_no, valid_from + 1, valid_to, recorded_from,
                recorded_to, closed_recorded FROM row WHERE no = 1""")
    return _document(home, 1)


def _gap_in_the_numbers(home: Home) -> str:
    home.sql("UPDATE placement SET number = 7 WHERE no = 1")
    return _document(home, 1)


def _version_that_ends_too_late(home: Home) -> str:
    home.sql("UPDATE placement SET valid_to = valid_to + 1 WHERE no = 1")
    return str(
        home.sql("SELECT v.id FROM version v JOIN placement p ON p.version_no = v.no WHERE p.no = 1")[0][0]
    )


def _label_of_another_document(home: Home) -> str:
    home.sql("UPDATE label SET document_no = 1 WHERE name = 'v1'")
    return str(
        home.sql("SELECT v.id FROM version v JOIN label l ON l.version_no = v.no WHERE l.name = 'v1'")[0][0]
    )


def _attribute_that_is_believed_twice(home: Home) -> str:
    home.sql("INSERT INTO attribute_value VALUES (1, 'label', 'hr')")
    for since in (1, 2):
        home.sql("INSERT INTO attribute VALUES (1, 2, ?, ?)", since, FOREVER)
    return _document(home, 2)


def _attribute_of_no_document(home: Home) -> str:
    home.sql("PRAGMA foreign_keys = OFF")
    home.sql("INSERT INTO attribute_value VALUES (1, 'label', 'hr')")
    home.sql("INSERT INTO attribute VALUES (1, 99, 1, ?)", FOREVER)
    return "catalog"


def _version_of_no_document(home: Home) -> str:
    home.sql("PRAGMA foreign_keys = OFF")
    home.sql("UPDATE version SET document_no = 99 WHERE no = 1")
    return "catalog"


def _passage_missing(home: Home) -> str:
    home.sql("PRAGMA foreign_keys = OFF")
    home.sql("DELETE FROM passage WHERE no = 1")
    return "catalog"


def _document(home: Home, no: int) -> str:
    return str(home.sql("SELECT id FROM document WHERE no = ?", no)[0][0])


CATALOG = [
    _other_text,
    _garbled_text,
    _other_heading,
    _other_embedding,
    _manifest_in_another_order,
    _manifest_of_missing_passages,
    _manifest_cut_short,
    _other_text_hash,
    _row_that_ends_otherwise,
    _row_that_is_open_again,
    _row_missing,
    _row_twice,
    _row_of_a_passage_that_was_not_there,
    _gap_in_the_numbers,
    _version_that_ends_too_late,
    _label_of_another_document,
    _attribute_that_is_believed_twice,
    _attribute_of_no_document,
    _version_of_no_document,
    _passage_missing,
]


@pytest.mark.parametrize("damage", CATALOG, ids=lambda damage: damage.__name__.strip("_"))
def test_damage_to_the_catalog_is_found_and_its_place_named(
    home: Home, damage: Callable[[Home], str]
) -> None:
    place = damage(home)
    problems = problems_of(home)
    assert any(place in problem.where or place in problem.detail for problem in problems), problems
    assert all(" — " in problem.detail for problem in problems), "a problem says what to do"


# --- the catalog's file -----------------------------------------------------------------------


def _closed(home: Home) -> Path:
    """The catalog's file with everything in it."""
    home.sql("PRAGMA wal_checkpoint(TRUNCATE)")
    home.close()
    return home.folder / FILE_NAME


@pytest.mark.parametrize("share", [0.3, 0.7])
def test_a_catalog_that_is_cut_short_is_found(home: Home, share: float) -> None:
    file = _closed(home)
    os.truncate(file, int(file.stat().st_size * share))
    _is_found(home)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.8])
def test_a_catalog_with_a_page_overwritten_is_found(home: Home, share: float) -> None:
    file = _closed(home)
    with file.open("r+b") as opened:
        opened.seek(int(file.stat().st_size * share) // 4096 * 4096)
        opened.write(b"\xab" * 4096)
    _is_found(home)


def _is_found(home: Home) -> None:
    """Either it cannot even be opened, and the error says so, or the check lists it."""
    try:
        home.index = home._open()
    except DamagedStoreError as error:
        said = str(error)
    else:
        problems = problems_of(home)
        assert problems[0].where == "catalog"
        said = problems[0].detail
    assert "backup" in said


def test_a_catalog_that_is_no_database_is_refused_in_plain_words(home: Home) -> None:
    file = _closed(home)
    file.write_bytes(b"this was a catalog once\n" * 400)
    with pytest.raises(StoreError, match=r"catalog .* is damaged .* backup"):
        Catalog(home.folder)
