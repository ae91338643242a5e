"""What a hostile but honest user types, configures and does to the data folder: one clear line, and nothing lost."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from indexer import config as configuration
from indexer.composition import open_index
from tests.e2e.cli_workplace import COMMAND, CONFIGURATION, Workplace
from tests.support.privileges import permissions_enforced

UNDECODABLE = os.fsdecode(b"caf\xe9.md")


@pytest.fixture
def work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Workplace:
    return Workplace(tmp_path, capsys)


@pytest.fixture
def indexed(work: Workplace) -> Workplace:
    """Two versions of one document, one of another."""
    for days in ("Ten", "Twelve"):
        work.write("hr/leave.md", f"# Leave\n\n{days} days.\n")
        work.write("travel.md", "# Travel\n\nBook early.\n")
        assert work.run("backfill").code == 0
    return work


def refused(work: Workplace, *words: str, code: int) -> str:
    """The one line with which the command refuses; JSON tells the same, with a remedy."""
    outcome = work.run(*words)
    assert outcome.code == code, outcome
    assert outcome.err.count("\n") == 1, outcome.err
    assert "internal error" not in outcome.err
    told = work.json(*words[:1], "--json", *words[1:], code=code)["error"]
    assert told["message"]
    assert told["remedy"]
    return outcome.err


# --- what is typed ---------------------------------------------------------------------------

STRANGE = [
    "", " ", "@", "@@", "@3", "%", "_", "*", "';--", "'; DROP TABLE document; --", "\x00", "\x1b[31m", "😀", "\u202e",
    "../hr/leave.md", "hr/leave.md@", "hr/leave.md@@", "hr/leave.md@0", "hr/leave.md@-1", "hr/leave.md@9" + "9" * 40,
    "hr/leave.md@2024-13-45", "hr/leave.md@label:'", "hr/leave.md@number:", "hr/leave.md@commit:%", "hr/leave.md@\n",
    "indexer:", "indexer:policies/@#", UNDECODABLE, f"hr/leave.md@{UNDECODABLE}", "@" * 300,
]  # fmt: skip


def test_a_strange_name_of_a_document_or_version_is_refused_in_one_line(indexed: Workplace) -> None:
    for word in STRANGE:
        for command in ("show", "history", "blame"):
            outcome = indexed.run(command, "--json", "--", word)
            assert outcome.code in (2, 3), (word, outcome)
            assert outcome.err.count("\n") == 1
            error = outcome.json["error"]
            assert error["message"]
            assert error["remedy"]
            json.dumps(error, ensure_ascii=False).encode()  # no half of a character in it


def test_a_strange_question_is_no_error(indexed: Workplace) -> None:
    for query in [*STRANGE[2:], "(", '"open', "a AND NOT", "x:y", "word " * 10_000, "\\"]:
        for mode in ("text", "vector"):
            outcome = indexed.run("search", "--json", "--mode", mode, "--", query)
            assert outcome.code == 0, (query, outcome)
            assert outcome.json["query"].encode()


def test_a_name_that_is_no_utf8_finds_its_document_as_the_shell_completes_it(work: Workplace) -> None:
    Path(work.docs, UNDECODABLE).write_text("# Cafe\n\nOpen late.\n")
    assert work.run("backfill").code == 0

    shown = work.json("show", UNDECODABLE)

    assert shown["text"] == "# Cafe\n\nOpen late."
    assert shown["document"]["key"] == "caf\N{REPLACEMENT CHARACTER}e9.md"


def test_a_path_pattern_that_cannot_be_read_is_refused(indexed: Workplace) -> None:
    for pattern in ("[z-a]", "", "!a", "\\", "\n"):
        assert "pattern" in refused(indexed, "search", "--path", pattern, "days", code=2)


def test_a_screenful_that_was_typed_is_not_repeated_as_a_whole(indexed: Workplace) -> None:
    error = refused(indexed, "show", "x" * 100_000, code=3)

    assert len(error) < 1200
    assert "there is no document" in error
    assert "give a key" in error


def test_an_impossible_number_of_hits_is_refused(indexed: Workplace) -> None:
    for k in ("0", "-1", str(10**9), "x", ""):
        refused(indexed, "search", "-k", k, "days", code=2)


def test_every_altered_or_shortened_citation_is_refused(indexed: Workplace) -> None:
    citation = indexed.json("search", "days", "--doc", "hr/leave.md")["hits"][0]["citation"]
    ids = citation.index("/") + 1  # the source's name before it only tells people where to look

    for place in range(ids, len(citation)):
        for other in "0z#":
            if citation[place] != other:
                altered = citation[:place] + other + citation[place + 1 :]
                assert indexed.run("cite", altered).code in (2, 3), altered
    whole = citation.index("#")
    for length in range(len(citation)):
        if length != whole:  # there it names the version
            assert indexed.run("cite", citation[:length]).code in (2, 3), citation[:length]


# --- what is configured ----------------------------------------------------------------------


def test_a_configuration_without_a_source_is_refused_where_one_is_needed(work: Workplace) -> None:
    work.config.write_text('data_dir = "data"\n')

    assert "[[source]]" in refused(work, "backfill", code=2)
    assert not (work.folder / "data").exists()


def test_two_sources_of_one_place_are_refused(work: Workplace) -> None:
    work.config.write_text(CONFIGURATION + '[[source]]\nname = "other"\nkind = "files"\nroot = "docs/"\n')

    outcome = work.run("backfill")

    assert outcome.code == 2
    assert "the same place" in outcome.err
    assert f"{work.config}:9: " in outcome.err


def test_an_exclude_pattern_that_is_no_pattern_is_told_with_its_line(work: Workplace) -> None:
    work.config.write_text(CONFIGURATION + 'exclude = ["[z-a]"]\n')

    outcome = work.run("backfill")

    assert outcome.code == 2
    assert f"{work.config}:9: " in outcome.err


def test_an_index_inside_the_indexed_folder_does_not_index_itself(work: Workplace) -> None:
    work.write("a.md", "# A\n\nText.\n")
    work.config.write_text(CONFIGURATION.replace('"data"', '"docs/in dex [x]"'))

    for _ in range(2):
        assert work.json("backfill")["sources"][0]["documents_seen"] == 1

    work.config.write_text(CONFIGURATION.replace('"data"', '"docs"'))
    outcome = work.run("backfill")
    assert outcome.code == 2
    assert "data_dir" in outcome.err


# --- what becomes of files -------------------------------------------------------------------


def test_a_document_over_the_limit_is_read_once_the_limit_is_raised(work: Workplace) -> None:
    work.write("long.md", "Many words. " * 1000)
    work.config.write_text(CONFIGURATION + "max_file_size = 1000\n")
    assert work.run("backfill").code == 5
    assert "`indexer retry`" in work.run("failures").out
    work.config.write_text(CONFIGURATION + "max_file_size = 1_000_000\n")

    outcome = work.run("retry")

    assert outcome.code == 0
    assert "nothing new" not in outcome.out
    assert "embedded" in outcome.out
    assert work.json("show", "long.md")["text"] == ("Many words. " * 1000).strip()


def test_a_retry_of_nothing_says_so(indexed: Workplace) -> None:
    assert "nothing to try again" in indexed.run("retry").err


def test_a_version_that_could_not_be_read_says_where_to_look(indexed: Workplace) -> None:
    indexed.write("travel.md", bytes(range(256)) * 20)
    assert indexed.run("backfill").code == 5

    error = refused(indexed, "show", "travel.md", code=3)

    assert "`indexer failures`" in error
    assert "`indexer show travel.md@number:1`" in error


def test_a_text_about_a_binary_format_is_no_such_file(work: Workplace) -> None:
    beginnings = ["ID3 tags", "RIFF is a container", "GIF89a", "OggS", "The ftyp box", "PAR1", "!BDN"]
    for number, beginning in enumerate(beginnings):
        work.write(f"{number}.md", f"{beginning} and what it is for.\n")

    assert work.run("backfill").code == 0

    for number, beginning in enumerate(beginnings):
        assert work.json("show", f"{number}.md")["text"] == f"{beginning} and what it is for."


def test_a_backup_that_an_editor_leaves_does_not_take_the_history_along(indexed: Workplace) -> None:
    """Some editors rename the old text to make room for the new one."""
    for number in (1, 2):
        (indexed.docs / "hr/leave.md").rename(indexed.docs / "hr/leave.md.bak")
        indexed.write("hr/leave.md", f"# Leave\n\nSaved {number} times.\n")
        assert indexed.run("backfill").code == 0

    numbers = [version["number"] for version in indexed.json("history", "hr/leave.md")["versions"]]
    assert numbers == [4, 3, 2, 1]


def test_a_refused_mass_deletion_names_the_way_out_once(indexed: Workplace) -> None:
    shutil.rmtree(indexed.docs)
    indexed.docs.mkdir()

    (problem,) = indexed.json("backfill", code=5)["sources"][0]["problems"]

    assert problem.count("--accept-deletions") == 1


# --- what becomes of the data folder ---------------------------------------------------------


@pytest.mark.parametrize("damage", ["emptied", "removed"])
def test_a_lost_catalog_is_never_replaced_by_a_new_one(indexed: Workplace, damage: str) -> None:
    """All history would be gone, and nobody told."""
    catalog = indexed.folder / "data" / "catalog.sqlite"
    if damage == "emptied":
        catalog.write_bytes(b"")
    else:
        catalog.unlink()

    for words in (
        ["backfill"],
        ["status"],
        ["search", "days"],
        ["show", "travel.md"],
        ["check"],
        ["rebuild"],
    ):
        error = refused(indexed, *words, code=1)
        assert str(catalog) in error
        assert "backup" in error
    assert not catalog.exists() or catalog.stat().st_size == 0


def test_damaged_pages_of_the_catalog_are_named_by_the_writer_too(indexed: Workplace) -> None:
    catalog = indexed.folder / "data" / "catalog.sqlite"
    with closing(sqlite3.connect(catalog)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'version'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with catalog.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xa5" * size)

    assert "is damaged" in refused(indexed, "backfill", code=1)


def test_a_data_folder_that_is_a_file_is_said_to_be_one(work: Workplace) -> None:
    (work.folder / "data").write_text("x")

    for words in (["backfill"], ["status"], ["search", "x"]):
        assert "is not a folder" in refused(work, *words, code=2)


@pytest.mark.parametrize("part", ["passages", "writer.lock"])
def test_a_part_of_the_data_folder_without_permission_is_named(indexed: Workplace, part: str) -> None:
    path = indexed.folder / "data" / part
    indexed.write("new.md", "# New\n\nNew days.\n")
    mode = path.stat().st_mode
    path.chmod(0)
    try:
        with permissions_enforced():
            assert str(path) in refused(indexed, "backfill", code=1)
            if part == "passages":
                assert str(path) in refused(indexed, "search", "days", code=1)
            else:
                assert str(path) in refused(indexed, "status", code=1)
    finally:
        path.chmod(mode)
    assert indexed.run("backfill").code == 0
    assert indexed.run("check", "--deep").code == 0


def test_without_a_passages_table_a_search_does_not_say_that_nothing_was_found(indexed: Workplace) -> None:
    """So it is while a rebuild runs, and after one that was stopped."""
    with open_index(configuration.load(indexed.config, {})) as index:
        index.catalog.unpublish(index.embedder.fingerprint)

    assert "`indexer backfill`" in refused(indexed, "search", "days", code=1)
    assert indexed.run("show", "travel.md").code == 0
    assert indexed.run("backfill").code == 0
    assert indexed.json("search", "days")["hits"]


def test_damage_to_the_passages_table_is_told_without_the_library_talking(indexed: Workplace) -> None:
    for index in indexed.folder.glob("data/passages/*/_indices/*"):
        shutil.rmtree(index)

    done = indexed.spawn("search", "days", "--mode", "text")

    assert done.returncode == 1
    assert done.stderr.count(b"\n") == 1, done.stderr
    assert b"`indexer rebuild`" in done.stderr
    assert b".rs:" not in done.stderr


def test_a_lost_original_is_not_taken_for_one_that_was_not_kept(indexed: Workplace) -> None:
    shutil.rmtree(indexed.folder / "data" / "originals")

    error = refused(indexed, "show", "travel.md", "--original", "-o", str(indexed.folder / "out"), code=3)

    assert "`indexer check --deep`" in error
    assert indexed.run("check", "--deep").code == 1


_FULL = """
set -e
cp -a data whole
mount -t tmpfs -o size=2m none data
cp -a whole/. data
head -c 9999999 /dev/zero > data/ballast 2>/dev/null || true
shift
set +e
"$@" backfill
echo $?
"$@" search days
echo $?
rm data/ballast
"$@" backfill >/dev/null
echo $?
"$@" check --deep >/dev/null
echo $?
"""


def test_a_disk_without_any_room_is_said_to_be_full_and_nothing_is_lost(indexed: Workplace) -> None:
    shell = ["unshare", "-rm", "sh", "-c", _FULL, "sh", "command", *COMMAND]
    if subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("no namespaces here")
    indexed.write("new.md", "# New\n\nNew days.\n")

    done = subprocess.run(shell, cwd=indexed.folder, capture_output=True, text=True, check=False)

    assert done.stdout.split() == ["1", "1", "0", "0"], done
    assert all("the disk is full" in line for line in done.stderr.splitlines()), done.stderr
