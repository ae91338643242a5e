"""Tables of CSV exports: however they are written, and whatever is broken in them."""

from __future__ import annotations

import csv
import gzip
import io
import re
import tracemalloc
from datetime import UTC
from pathlib import Path
from typing import Any, BinaryIO, cast
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.confluence import csv_tables
from connectors.confluence.archive import ExportError
from connectors.confluence.csv_export import read_csv_export
from connectors.confluence.csv_tables import Shape, Table
from connectors.confluence.reading import Facts
from connectors.confluence.staging import Staging
from connectors.confluence.tables import BodyType
from tests.unit.connectors.confluence.csv_exports import CONTENT, TABLES, bodies, read_csv, text_of
from tests.unit.connectors.confluence.readings import read

# --- how tables are written ------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_table_may_be_packed_or_not_whatever_its_name(tmp_path: Path, suffix: str, packed: bool) -> None:
    changes: dict[str, str | bytes | None] = {}
    for name, data in TABLES.items():
        if name.endswith(".csv") and isinstance(data, str):
            changes[name] = None
            changes[name.removesuffix(".csv") + suffix] = gzip.compress(data.encode()) if packed else data
    found = read_csv(tmp_path, changes)
    assert len(found.bodies()) == 5
    assert found.oddities() == []


def test_the_descriptor_may_be_packed(tmp_path: Path) -> None:
    packed = gzip.compress(text_of("exportDescriptor.properties").encode())
    changes = {"exportDescriptor.properties": None, "exportDescriptor.properties.gz": packed}
    assert read_csv(tmp_path, changes).facts.zone is UTC
    cut = {"exportDescriptor.properties": None, "exportDescriptor.properties.gz": b"\x1f\x8bnothing"}
    assert read_csv(tmp_path, cut).facts == Facts(None, None)


def test_columns_are_found_by_name_in_any_order_and_case_behind_a_byte_order_mark(tmp_path: Path) -> None:
    table = "\ufeffBodyTypeID,EXTRA,ContentID,Body,bodycontentid\n2,,501,one,1\n2,,502,two,2\n"
    found = read_csv(tmp_path, {"bodycontent.csv": table})
    assert found.bodies() == {"501": "one", "502": "two"}
    assert found.oddities() == []


def test_of_two_columns_with_one_name_the_first_is_taken(tmp_path: Path) -> None:
    table = "bodycontentid,body,contentid,bodytypeid,body\r\n1,one,501,2,other\r\n"
    assert read_csv(tmp_path, {"bodycontent.csv": table}).bodies() == {"501": "one"}


fields = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"]) | st.sampled_from('",\r\n\t" ,'), max_size=20
)


_NOWHERE_IN_XML = re.compile("[\ufffe\uffff]")


class Trickling(io.BytesIO):
    """Gives a few bytes at a time, so that every cut between two reads is met."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(7, 7 if size is None or size < 0 else size))


class InMemory:
    """An archive of streams that are made when they are opened."""

    def __init__(self, **files: Any) -> None:
        self._files = files
        self.path = Path("made-up.zip")

    def names(self) -> frozenset[str]:
        return frozenset(f"{name}.csv" for name in self._files)

    def size(self, name: str) -> int:
        return 1000

    def open(self, name: str) -> BinaryIO:
        return cast("BinaryIO", self._files[name.removesuffix(".csv")]())

    def modified(self, name: str) -> float:
        return 0.0

    def close(self) -> None:
        pass


def table(tmp_path: Path, data: bytes, columns: tuple[str, ...]) -> tuple[list[dict[str, str]], Table]:
    """The rows of a table with these bytes."""
    path = tmp_path / "rows.db"
    path.unlink(missing_ok=True)
    with Staging(path) as staging:
        found = Table(InMemory(rows=lambda: Trickling(data)), staging, Shape("rows", columns))
        return [dict(row.values) for row in found], found


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(fields, min_size=3, max_size=3), max_size=8),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_the_standard_library_writes_is_read_as_a_parser_of_xml_would(
    tmp_path: Path, rows: list[list[str]], quoting: Any
) -> None:
    """So that one text is one, whichever format it came in."""
    written = io.StringIO()
    csv.writer(written, quoting=quoting).writerows([["a", "b", "c"], *rows])
    found, whole = table(tmp_path, written.getvalue().encode(), ("a", "b", "c"))
    assert found == [dict(zip("abc", map(as_in_xml, row), strict=True)) for row in rows]
    assert whole.missing is None


def as_in_xml(text: str) -> str:
    """The text behind a parser of XML, which says of itself what it makes of line ends."""
    element = ElementTree.fromstring(f"<x>{escape(_NOWHERE_IN_XML.sub('', text))}</x>")
    return element.text or ""


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.text('ab"\n,', max_size=10) | st.text('ab"\n,', min_size=150, max_size=400), min_size=1, max_size=5
    )
)
def test_a_row_too_large_to_keep_ends_where_it_does(tmp_path: Path, texts: list[str]) -> None:
    written = io.StringIO()
    csv.writer(written).writerows(
        [["a", "b", "c"], *([str(at), text, f"end{at}"] for at, text in enumerate(texts))]
    )
    with pytest.MonkeyPatch.context() as small:
        small.setattr(csv_tables, "LARGEST_RECORD", 100)
        small.setattr(csv_tables, "_ENDS_KEPT", 20)
        found, whole = table(tmp_path, written.getvalue().encode(), ("a", "b", "c"))
    assert [(row["a"], row["c"]) for row in found] == [(str(at), f"end{at}") for at in range(len(texts))]
    assert whole.missing is None


# --- what is broken ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    [
        "8,too few,502",
        "8,too,many,502,2",
        '8,stray" quote",502,2',
        '8,"stray" quote,502,2',
        "," * 10_000,
        "8,no owner,,2",
        "8,no number,501x,2",
    ],
)  # fmt: skip
def test_a_row_broken_within_its_line_is_left_out_and_nothing_else(tmp_path: Path, row: str) -> None:
    found = read_csv(tmp_path, bodies("1,one,501,2", row, "3,three,503,2"))
    assert found.bodies() == {"501": "one", "503": "three"}
    assert found.facts.stopped is not None
    assert "bodycontent.csv in " in found.facts.stopped
    assert ", line 3: " in found.facts.stopped
    (oddity,) = found.oddities()
    assert oddity.startswith("broken-row: bodycontent.csv")
    assert oddity.endswith("the row is left out")


def test_of_many_broken_rows_a_few_are_noted_and_the_others_counted(tmp_path: Path) -> None:
    found = read_csv(tmp_path, bodies(*["short"] * 5000, "3,three,503,2"))
    assert found.bodies() == {"503": "three"}
    assert len(found.oddities()) == 21
    assert found.oddities()[-1].endswith("the same of 4980 more rows")


def test_a_quote_that_is_never_closed_stops_where_it_opens(tmp_path: Path) -> None:
    found = read_csv(tmp_path, bodies("1,one,501,2", '2,"two,502,2', "3,three,503,2", "4,four,504,2"))
    assert found.bodies() == {"501": "one"}
    assert found.facts.stopped is not None
    assert "line 3: a quote opens and is never closed" in found.facts.stopped
    assert len(found.all("SELECT 1 FROM content")) == 10, "the other tables are read"


def test_lines_of_a_text_are_not_taken_for_rows_once_a_quote_is_lost(tmp_path: Path) -> None:
    text = '"one\r\n9,FORGED,502,2\r\nend"'
    found = read_csv(tmp_path, bodies('1,"lost,501,2', f"2,{text},502,2", "3,three,503,2"))
    assert "FORGED" not in str(found.bodies())
    assert found.facts.stopped is not None


def test_a_table_cut_off_in_a_row_stops_there(tmp_path: Path) -> None:
    whole = text_of("user_mapping.csv")
    for name, cut in (("bodycontent.csv", text_of("bodycontent.csv")[:-3]), ("user_mapping.csv", whole[:-3])):
        found = read_csv(tmp_path, {name: cut})
        assert any("breaks off in the middle of a row" in line for line in found.oddities())
    assert found.all("SELECT key FROM user") == [("u1",)], "what could be half an account is not read"


@pytest.mark.parametrize("at", range(50))
def test_a_stray_quote_anywhere_never_makes_a_row_that_was_not_there(tmp_path: Path, at: int) -> None:
    for name in ("bodycontent.csv", "content.csv"):
        data = text_of(name)
        place = at * (len(data) - 1) // 49
        quoted = data[:place] + '"' + data[place:]
        try:
            found = read_csv(tmp_path, {name: quoted})
        except ExportError:
            assert place <= data.index("\n"), "only the header can make the whole unreadable"
            continue
        whole = read_csv(tmp_path)
        assert found.facts.stopped is not None
        assert set(found.bodies().items()) <= set(whole.bodies().items())
        assert set(found.all("SELECT * FROM content")) <= set(whole.all("SELECT * FROM content"))


@pytest.mark.parametrize("at", range(50))
def test_a_table_cut_anywhere_gives_only_rows_that_were_whole(tmp_path: Path, at: int) -> None:
    data = text_of("content.csv")
    cut = data[: len(CONTENT) + 2 + at * (len(data) - len(CONTENT) - 2) // 50]
    found = read_csv(tmp_path, {"content.csv": cut})
    whole = set(read_csv(tmp_path).all("SELECT * FROM content"))
    assert set(found.all("SELECT * FROM content")) <= whole
    assert found.facts.stopped is not None or cut.endswith("\n")


def test_numbers_that_are_none_are_noted_and_left_out(tmp_path: Path) -> None:
    content = (
        text_of("content.csv")
        .replace("Leave policy,,3,", "Leave policy,,three,")
        .replace("News,,1,", f"News,,{'9' * 30},")
    )
    found = read_csv(tmp_path, {"content.csv": content, **bodies("1,one,501,two")})
    assert found.all("SELECT version FROM content WHERE id IN ('501', '503')") == [(None,), (None,)]
    assert found.all("SELECT type FROM body") == [(BodyType.STORAGE,)]
    assert [line.split(":")[0] for line in found.oddities()] == ["not-a-number"] * 3


def test_nul_bytes_and_broken_characters_are_noted(tmp_path: Path) -> None:
    table = (
        b"bodycontentid,body,contentid,bodytypeid\r\n1,a\0b\x02,501,2\r\n\0\0\0\r\n2,gr\xfc\xdfe,502,2\r\n"
    )
    found = read_csv(tmp_path, {"bodycontent.csv": table})
    assert found.bodies() == {"501": "ab", "502": "gr\ufffd\ufffde"}
    assert [line.split(":")[0] for line in found.oddities()] == [
        "bad-encoding", "bad-encoding", "broken-row", "bad-encoding",
    ]  # fmt: skip
    assert found.facts.stopped is not None


def test_a_packed_table_that_is_cut_gives_what_stood_before(tmp_path: Path) -> None:
    rows = [f"{at},{'x' * 100}{at * 7919},{at},2" for at in range(20_000)]
    whole = gzip.compress("".join(map(str, bodies(*rows).values())).encode())
    for cut in (len(whole) // 2, len(whole) - 4):
        found = read_csv(tmp_path, {"bodycontent.csv": whole[:cut]})
        kept = found.bodies()
        assert 5_000 < len(kept) <= 20_000
        assert all(text == f"{'x' * 100}{int(owner) * 7919}" for owner, text in kept.items())
        assert found.facts.stopped is not None
        assert "breaks off" in found.facts.stopped


def test_of_a_small_packed_table_that_is_cut_at_its_end_every_row_is_read(tmp_path: Path) -> None:
    cut = gzip.compress(text_of("bodycontent.csv").encode())[:-4]
    found = read_csv(tmp_path, {"bodycontent.csv": cut})
    assert len(found.bodies()) == 5
    assert found.facts.stopped is not None


def test_a_table_that_unpacks_to_far_more_than_any_table_is_stopped(tmp_path: Path) -> None:
    head = "bodycontentid,body,contentid,bodytypeid\r\n1,one,501,2\r\n"
    bomb = io.BytesIO()
    with gzip.GzipFile(fileobj=bomb, mode="wb") as stream:
        stream.write(head.encode())
        for _ in range(300):
            stream.write(b"0" * 1_000_000)
    found = read_csv(tmp_path, {"bodycontent.csv": bomb.getvalue()})
    assert found.bodies() == {"501": "one"}
    assert found.facts.stopped is not None
    assert "over 200 times its bytes" in found.facts.stopped


class Endless(io.RawIOBase):
    """Some bytes, and then a quote and a text without an end: 300 MB of it."""

    def __init__(self, head: bytes) -> None:
        self._head = io.BytesIO(head)
        self._left = 300

    def read(self, size: int = -1) -> bytes:
        found = self._head.read(size)
        if not found and self._left:
            self._left -= 1
            return b"text without an end\r\n" * 50_000
        return found


def test_memory_stays_bounded_where_a_quote_swallows_hundreds_of_megabytes(tmp_path: Path) -> None:
    head = b'bodycontentid,body,contentid,bodytypeid\r\n1,one,501,2\r\n2,"'
    spaces, content = (text_of(name).encode() for name in ("spaces.csv", "content.csv"))
    small = {"spaces": lambda: io.BytesIO(spaces), "content": lambda: io.BytesIO(content)}
    tracemalloc.start()
    try:
        found = read(read_csv_export, InMemory(bodycontent=lambda: Endless(head), **small), tmp_path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.bodies() == {"501": "one"}
    assert found.facts.stopped is not None
    assert "line 3: a quote opens and is never closed" in found.facts.stopped
    assert peak < 150_000_000
