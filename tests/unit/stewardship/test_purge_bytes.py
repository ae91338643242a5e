"""After a purge no byte of the data folder holds what was purged: searched for before, and after."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.ingest.index import IngestLimits
from indexer.ingest.recovery import rebuild
from indexer.model import Published
from indexer.stewardship.forget import forget, look_at
from tests.support.data_folder import found_in
from tests.support.fake_connector import FakeConnector
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import CountingEmbedder, Home, fast_folder
from tests.support.purging import purged

MINUTE = 60_000_000
TEXT, TITLE, KEY, AUTHOR = "quizzaciously", "zyzzogeton", "xylopyrograph", "wanderjahre"
MESSAGE, LABEL, PROPERTY, ATTRIBUTE = "ventriloquil", "ulotrichous", "tittynope", "syzygetic"


@pytest.fixture
def home() -> Iterator[Home]:
    place = fast_folder("purge-")
    with Home(place / "data", lance=True, limits=IngestLimits(batch_passages=4)) as home:
        yield home
    shutil.rmtree(place)


def page(*paragraphs: str, title: str = "Page") -> bytes:
    parts = "\n\n".join(f"## Part {n}\n\n{text} days" for n, text in enumerate(paragraphs))
    return f"---\ntitle: {title}\nowner: {PROPERTY if title == TITLE else 'office'}\n---\n\n{parts}".encode()


def everything(home: Home) -> dict[str, list[str]]:
    return found_in(home.folder, TEXT, TITLE, KEY, AUTHOR, MESSAGE, LABEL, PROPERTY, ATTRIBUTE)


def lived(home: Home) -> FakeConnector:
    """A wiki of some pages, one of which has states that are to go, and a life behind it."""
    wiki = FakeConnector(checkpoint_every=3)
    for n in range(4):
        wiki.observe(f"other-{n}.md", page(f"other {n}", "shared"), at=10 + n, lineage=f"o{n}")
    wiki.observe(f"{KEY}.md", page("first", "shared"), at=20, lineage="p", title="Leave")
    wiki.observe(
        f"{KEY}.md", page(f"{TEXT} in it", "shared", title=TITLE), at=30, lineage="p",
        title=TITLE, author=AUTHOR, message=f"{MESSAGE} was said", labels=(LABEL, "2"),
    )  # fmt: skip
    home.backfill(wiki)
    for n in range(12):
        home.clock.advance(MINUTE)
        wiki.observe(f"other-{n % 4}.md", page(f"other {n} again", "shared"), at=40 + n, lineage=f"o{n % 4}")
        home.backfill(wiki)
    document_no = home.sql("SELECT no FROM document WHERE lineage = 'p'")[0][0]
    home.sql("INSERT INTO attribute_value (name, value) VALUES ('path', ?)", f"HR/{ATTRIBUTE}")
    home.sql("INSERT INTO attribute SELECT no, ?, 1, 9223372036854775807 FROM attribute_value", document_no)
    home.sql("UPDATE run SET report = json_set(report, '$.sources[0].problems[0]', ?)", f"{KEY}.md is odd")
    home.sql("UPDATE source SET detail = ?", f"{TITLE} cannot be read")
    return wiki


def test_all_that_a_document_was_is_found_before_and_not_after(home: Home) -> None:
    wiki = lived(home)
    assert everything(home).keys() == {TEXT, TITLE, KEY, AUTHOR, MESSAGE, LABEL, PROPERTY, ATTRIBUTE}
    before = home.queries().show("other-1.md").text

    done = purged(home, f"{KEY}.md")

    assert done.finished
    assert everything(home) == {}
    assert home.check().problems == []
    assert home.table_rows() == home.catalog_rows()
    assert home.queries().show("other-1.md").text == before
    home.backfill(wiki)
    home.sql("UPDATE source SET cursor = NULL")  # the source tells everything again
    home.backfill(wiki)
    assert everything(home) == {}
    assert home.check().problems == []


def test_one_version_goes_with_what_it_alone_had(home: Home) -> None:
    lived(home)

    purged(home, f"{KEY}.md@2")

    assert everything(home).keys() == {KEY, ATTRIBUTE}  # the document still has them
    assert home.queries().show(f"{KEY}.md@1").text.endswith("shared days")
    assert home.check().problems == []
    assert home.table_rows() == home.catalog_rows()


def test_the_passages_old_files_go_with_every_index_over_them(home: Home) -> None:
    lived(home)
    table = next((home.folder / "passages").glob("*.lance"))
    before = {path for path in table.rglob("*") if path.is_file()}

    purged(home, f"{KEY}.md")

    after = {path for path in table.rglob("*") if path.is_file()}
    assert {path.name for path in before & after} <= {"latest_version_hint.json"}


def test_tables_of_other_models_and_of_crashed_commits_go_altogether(home: Home) -> None:
    wiki = lived(home)
    first = home.embedder.fingerprint
    home.embedder = CountingEmbedder(48)
    home.index.embedder = home.embedder
    home.backfill(wiki)
    rebuild(home.index)
    shutil.copytree(home.folder / "passages" / f"{first}.lance", home.folder / "passages" / "stray.lance")

    purged(home, f"{KEY}.md")

    assert [path.stem for path in (home.folder / "passages").glob("*.lance")] == [home.embedder.fingerprint]
    assert everything(home) == {}
    home.embedder = CountingEmbedder()
    home.index.embedder = home.embedder
    home.backfill(wiki)  # back to the first model: its table is made anew
    assert home.check().problems == []


def test_a_table_that_cannot_be_read_is_dropped_and_made_anew(home: Home) -> None:
    wiki = lived(home)
    published = home.published
    assert isinstance(published, Published)
    for file in (home.folder / "passages").rglob("data/*.lance"):
        file.write_bytes(TEXT.encode())

    purged(home, f"{KEY}.md")

    assert everything(home) == {}
    assert home.published is None
    home.backfill(wiki)
    assert home.check().problems == []


def test_what_a_crashed_batch_left_behind_goes_as_well(home: Home) -> None:
    folder = FakeFolder(home.clock)
    folder.write("a.md", page(f"{TEXT} one"))
    home.clock.advance(MINUTE)
    home.backfill(folder)
    folder.write("a.md", page(f"{TEXT} two"))
    home.crash_at("passages written")
    assert home.crashed(lambda: home.backfill(folder))

    purged(home, "a.md")

    assert found_in(home.folder, TEXT) == {}
    assert home.check().problems == []


def test_the_bytes_of_a_file_go_and_its_name_when_the_share_has_it_no_more(home: Home) -> None:
    folder = FakeFolder(home.clock)
    folder.write(f"{KEY}.md", page(f"{TEXT} one"))
    folder.write(f"in/{KEY}.bin", b"\x00\x01" * 40)
    folder.write("b.md", page("bee"))
    home.clock.advance(MINUTE)
    home.backfill(folder)
    assert "catalog.sqlite" in " ".join(found_in(home.folder, KEY)[KEY])

    purged(home, f"{KEY}.md")
    purged(home, f"in/{KEY}.bin")
    assert found_in(home.folder, TEXT) == {}
    assert found_in(home.folder, KEY).keys() == {KEY}  # the last scan saw it, and the next one would again

    folder.delete(f"{KEY}.md")
    folder.delete(f"in/{KEY}.bin")
    home.clock.advance(MINUTE)
    home.backfill(folder)
    home.sql("VACUUM")
    home.sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert found_in(home.folder, KEY) == {}
    assert home.check().problems == []


def test_a_forgotten_source_leaves_no_byte(home: Home) -> None:
    lived(home)
    folder = FakeFolder(home.clock)
    folder.write("b.md", page("bee", "shared"))
    home.clock.advance(MINUTE)
    home.backfill(folder)
    assert found_in(home.folder, TEXT, "other-1", "fake:history").keys() == {TEXT, "other-1", "fake:history"}

    done = forget(home.index, look_at(home.index, "history", {}), "alice")

    assert done.finished
    assert everything(home) == {}
    assert found_in(home.folder, "other-1", "fake:history") == {}
    assert home.queries().show("b.md").text.endswith("shared days")
    assert home.check().problems == []
    assert home.table_rows() == home.catalog_rows()


def test_bytes_that_another_version_has_as_well_stay(home: Home) -> None:
    folder = FakeFolder(home.clock)
    folder.write("a.md", page(f"{TEXT} one"))
    folder.write("b.md", page(f"{TEXT} one"))
    home.clock.advance(MINUTE)
    home.backfill(folder)

    done = purged(home, "a.md")

    assert done.originals == 0
    assert home.queries().original("b.md").data == page(f"{TEXT} one")
    assert TEXT in home.queries().show("b.md").text
    assert home.check().problems == []


def test_a_catalog_without_a_reader_is_left_without_a_log(home: Home, tmp_path: Path) -> None:
    lived(home)
    purged(home, f"{KEY}.md")
    log = home.folder / "catalog.sqlite-wal"
    # The stage of the purge itself is all that was written since.
    assert log.stat().st_size < 64 * 1024
