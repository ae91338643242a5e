"""What stands in the tables of CSV exports becomes rows; what is missing costs no more than it must."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import zipfile
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard

from connectors.confluence import csv_tables
from connectors.confluence.archive import ExportError, open_archive
from connectors.confluence.csv_export import read_csv_export
from connectors.confluence.reading import LARGEST_BODY, Facts
from connectors.confluence.tables import BodyType
from tests.support.corpora import corpus, needs_corpus
from tests.unit.connectors.confluence.csv_exports import CONTENT, bodies, read_csv, text_of
from tests.unit.connectors.confluence.readings import read

CLOUD = corpus("confluence") / "csv" / "cloud-2026.zip"


# --- what the rows become --------------------------------------------------------------------


def test_pages_posts_comments_attachments_and_descriptions_are_told_apart(tmp_path: Path) -> None:
    found = read_csv(tmp_path)
    assert dict(found.all("SELECT kind, count(*) FROM content GROUP BY kind")) == {
        "page": 4, "blog": 1, "comment": 2, "attachment": 2, "description": 1,
    }  # fmt: skip
    assert found.oddities() == []
    assert found.facts == Facts(datetime(2026, 7, 16, 7, 17, 47, tzinfo=UTC), UTC)


def test_versions_drafts_parents_and_containers_refer_as_they_stand(tmp_path: Path) -> None:
    found = read_csv(tmp_path)
    columns = "id, version, status, original, space, parent, container, author, modified, message"
    rows = {row[0]: row[1:] for row in found.all(f"SELECT {columns} FROM content")}
    assert rows["501"] == (3, "current", None, "9", None, None, "u2", "2024-03-01 10:00:00.29", None)
    assert rows["620"] == (1, "current", "501", None, None, None, "u1", "2024-01-05 09:30:00.0", "first")
    assert rows["621"][:3] == (1, "draft", "501")
    assert rows["502"][4:6] == ("501", None)
    assert rows["701"][4:8] == ("700", "501", "u1", "2024-02-05 09:00:00.1"), (
        "who made it stands for who changed it"
    )
    assert rows["90"][:4] == (1, "current", None, "9")


def test_an_attachments_version_lies_below_its_own_id(tmp_path: Path) -> None:
    found = read_csv(tmp_path)
    assert dict(found.all("SELECT id, file FROM content WHERE kind = 'attachment'")) == {
        "959": "attachments/501/959/2",
        "960": "attachments/501/960/1",
    }


def test_an_attachments_version_may_lie_below_the_present_ones_id(tmp_path: Path) -> None:
    moved = {"attachments/501/960/1": None, "attachments/501/959/1": b"first"}
    found = read_csv(tmp_path, moved)
    assert found.all("SELECT file FROM content WHERE id = '960'") == [("attachments/501/959/1",)]


def test_of_two_files_an_attachments_version_takes_the_one_below_its_own_id(tmp_path: Path) -> None:
    found = read_csv(tmp_path, {"attachments/501/959/1": b"another"})
    assert found.all("SELECT file FROM content WHERE id = '960'") == [("attachments/501/960/1",)]


def test_what_names_itself_as_its_original_is_present_and_a_title_has_no_control_characters(
    tmp_path: Path,
) -> None:
    row = "501,1,PAGE,Leave\x08 policy,,3,u1,,u2,,,501,current,,9,1,,v2,,,,,,,,,,0"
    found = read_csv(tmp_path, {"content.csv": f"{CONTENT}\r\n{row}\r\n"})
    assert found.all("SELECT title, original FROM content") == [("Leave policy", None)]


def test_bodies_keep_quotes_and_line_breaks_and_apps_data_are_left_out(tmp_path: Path) -> None:
    found = read_csv(tmp_path)
    assert found.bodies() == {
        "501": '<p>Thirty "days",\na year</p>', "620": "<p>Twenty days</p>", "502": "<p>Forms</p>", "800": "",
        "700": "<p>Why?</p>",
    }  # fmt: skip


def test_people_labels_and_properties_are_read(tmp_path: Path) -> None:
    found = read_csv(tmp_path)
    assert found.all("SELECT * FROM user ORDER BY key") == [
        ("u1", "anna", "anna", "557:1"),
        ("u2", "557:2", None, "557:2"),
    ]
    assert found.all("SELECT * FROM label ORDER BY id") == [
        ("1", "policy", "global"),
        ("2", "favourite", "my"),
    ]
    assert found.all("SELECT content, label FROM labelling ORDER BY label") == [("501", "1"), ("501", "2")]
    assert found.all("SELECT name, value, content FROM property ORDER BY name") == [
        ("FILESIZE", "1200", "959"),
        ("MEDIA_TYPE", "application/pdf", "959"),
    ]
    assert found.all("SELECT key, name, description, home, status FROM space") == [
        ("HR", "Human Resources", "90", "501", "CURRENT")
    ]


def test_only_permissions_to_view_that_are_active_are_read(tmp_path: Path) -> None:
    found = read_csv(tmp_path)
    assert found.all("SELECT id, user, grp, group_id, everyone FROM space_permission ORDER BY id") == [
        ("1", None, "staff", "g-2", None),
        ("3", None, None, None, "licensed"),
    ]
    assert found.all("SELECT set_id, user, grp, group_id FROM restriction ORDER BY id") == [
        ("1", "u1", None, None),
        ("1", None, "hr", "g-1"),
    ]
    assert found.facts.access_known


# --- bodies that are packed, or too large ----------------------------------------------------


def packed(text: str) -> str:
    return base64.b64encode(zstandard.ZstdCompressor().compress(text.encode())).decode()


def test_a_packed_body_is_unpacked(tmp_path: Path) -> None:
    streamed = zstandard.ZstdCompressor().compressobj()
    unsized = base64.b64encode(streamed.compress(b"<p>No size</p>") + streamed.flush()).decode()
    assert packed("<p>x</p>").startswith("KLUv/")
    assert unsized.startswith("KLUv/")
    found = read_csv(tmp_path, bodies(f"1,{packed('<p>Grüße</p>')},501,2", f"2,{unsized},502,2"))
    assert found.bodies() == {"501": "<p>Grüße</p>", "502": "<p>No size</p>"}
    assert found.facts.stopped is None


def test_a_packed_body_that_is_cut_or_no_such_thing_is_not_taken_for_a_text(tmp_path: Path) -> None:
    cut = base64.b64encode(base64.b64decode(packed("<p>" + "days " * 500))[:-9]).decode()
    found = read_csv(tmp_path, bodies(f"1,{cut},501,2", "2,KLUv/!!,502,2", "3,fine,503,2"))
    assert found.bodies() == {"503": "fine"}
    assert found.facts.stopped is not None
    assert "line 2: the body of 501 cannot be unpacked" in found.facts.stopped
    assert len(found.oddities()) == 2


@pytest.mark.parametrize("written", ["plain", "packed", "huge"])
def test_a_body_larger_than_any_text_is_known_and_left_out(tmp_path: Path, written: str) -> None:
    size = LARGEST_BODY + 1 if written != "huge" else csv_tables.LARGEST_RECORD + 5_000_000
    text = "é" * (size // 2) + "x"
    body = packed(text) if written == "packed" else text
    found = read_csv(tmp_path, bodies(f'1,"{body}",501,2', "2,after,502,2"))
    types = dict(found.all("SELECT content, type FROM body"))
    assert types == {"501": BodyType.TOO_LARGE, "502": BodyType.STORAGE}
    assert found.bodies() == {"501": "", "502": "after"}
    assert found.facts.stopped is None
    (oddity,) = found.oddities()
    assert oddity.startswith("too-large: bodycontent.csv in ")
    assert "line 2: the body of 501 has more than 10,000,000 bytes" in oddity


def test_the_largest_body_is_kept_even_if_all_of_it_is_quotes(tmp_path: Path) -> None:
    found = read_csv(tmp_path, bodies('1,"' + '""' * LARGEST_BODY + '",501,2'))
    assert found.bodies()["501"] == '"' * LARGEST_BODY
    assert found.oddities() == []


# --- what is missing ---------------------------------------------------------------------------


def test_a_folder_without_any_of_the_tables_is_no_export(tmp_path: Path) -> None:
    changes = dict.fromkeys(["spaces.csv", "content.csv", "bodycontent.csv"], None)
    with pytest.raises(ExportError, match="has no spaces, content, bodycontent") as caught:
        read_csv(tmp_path, changes)
    assert caught.value.reason == "not-an-export"


@pytest.mark.parametrize("name", ["spaces", "content", "bodycontent"])
def test_without_an_essential_table_the_export_is_damaged(tmp_path: Path, name: str) -> None:
    with pytest.raises(ExportError, match=rf"has no table {name}\.csv") as caught:
        read_csv(tmp_path, {f"{name}.csv": None})
    assert caught.value.reason == "damaged"


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("content", "contentid"),
        ("content", "contenttype"),
        ("bodycontent", "contentid"),
        ("bodycontent", "body"),
    ],
)
def test_without_an_essential_column_the_export_is_damaged(tmp_path: Path, name: str, column: str) -> None:
    # "bodycontentid" must not do for "contentid".
    header, _, rest = text_of(f"{name}.csv").partition("\r\n")
    header = ",".join("other" if field == column else field for field in header.split(","))
    with pytest.raises(ExportError, match=rf"{name}\.csv in .* has no column {column}; export") as caught:
        read_csv(tmp_path, {f"{name}.csv": f"{header}\r\n{rest}"})
    assert caught.value.reason == "damaged"


def test_an_essential_table_that_is_empty_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"content\.csv in .* is empty") as caught:
        read_csv(tmp_path, {"content.csv": b""})
    assert caught.value.reason == "damaged"


def test_without_another_column_its_default_stands(tmp_path: Path) -> None:
    content = text_of("content.csv").replace("content_status", "other", 1)
    found = read_csv(tmp_path, {"content.csv": content})
    assert found.all("SELECT DISTINCT status FROM content") == [("current",)]
    (oddity,) = found.oddities()
    assert oddity.startswith("missing-column: content.csv")
    assert "no column content_status" in oddity
    assert found.facts.stopped is None


def test_without_labels_or_people_the_rest_is_read(tmp_path: Path) -> None:
    changes = dict.fromkeys(
        ["user_mapping.csv", "label.csv", "content_label.csv", "contentproperties.csv"], None
    )
    found = read_csv(tmp_path, changes)
    assert len(found.bodies()) == 5
    assert [line.split(":")[0] for line in found.oddities()] == ["missing-table"] * 4
    assert (found.facts.stopped, found.facts.access_known) == (None, True)


@pytest.mark.parametrize("name", ["content_perm_set", "content_perm", "spacepermissions"])
def test_where_permissions_are_missing_nobody_knows_who_may_see_what(tmp_path: Path, name: str) -> None:
    without = read_csv(tmp_path, {f"{name}.csv": None})
    assert not without.facts.access_known
    broken = read_csv(tmp_path, {f"{name}.csv": text_of(f"{name}.csv") + "7,8\r\n"})
    assert not broken.facts.access_known
    assert broken.facts.stopped is None
    other = read_csv(tmp_path, {f"{name}.csv": text_of(f"{name}.csv").replace("id,", "key,", 1)})
    assert not other.facts.access_known


# --- a real export -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def naive() -> Mapping[str, list[dict[str, str]]]:
    """Its tables, as the standard library reads them."""
    before = csv.field_size_limit(10**8)
    try:
        with zipfile.ZipFile(CLOUD) as archive:
            return {
                name.removesuffix(".csv.gz"): list(
                    csv.DictReader(io.StringIO(archive.read(name).decode(), newline=""))
                )
                for name in archive.namelist()
                if name.endswith(".csv.gz")
            }
    finally:
        csv.field_size_limit(before)


@needs_corpus("confluence/csv")
class TestCloudOf2026:
    def test_it_has_the_pages_versions_and_drafts_that_counting_gives(
        self, tmp_path: Path, naive: Mapping[str, list[dict[str, str]]]
    ) -> None:
        found = read(read_csv_export, open_archive(CLOUD), tmp_path)
        kinds = {
            "PAGE": "page",
            "COMMENT": "comment",
            "ATTACHMENT": "attachment",
            "SPACEDESCRIPTION": "description",
        }
        counted = Counter(
            (kinds[row["contenttype"]], row["content_status"], bool(row["prevver"]))
            for row in naive["content"]
            if row["contenttype"] in kinds
        )
        rows = found.all("SELECT kind, status, original IS NOT NULL, count(*) FROM content GROUP BY 1, 2, 3")
        assert {(kind, status, bool(old)): count for kind, status, old, count in rows} == counted
        assert counted["page", "current", False] == 19
        assert counted["page", "current", True] == 42
        assert (counted["page", "draft", True], counted["page", "draft", False]) == (19, 1)

    def test_its_home_page_has_all_versions(self, tmp_path: Path) -> None:
        found = read(read_csv_export, open_archive(CLOUD), tmp_path)
        versions = found.all(
            "SELECT version FROM content, space WHERE content.status = 'current' AND home IN (content.id, original) ORDER BY 1"
        )
        assert [version for (version,) in versions] == list(range(1, 21))

    def test_its_texts_are_those_that_the_standard_library_reads(
        self, tmp_path: Path, naive: Mapping[str, list[dict[str, str]]]
    ) -> None:
        found = read(read_csv_export, open_archive(CLOUD), tmp_path)
        assert found.bodies() == {
            row["contentid"]: "" if row["bodytypeid"] == "1" else row["body"].replace("\r\n", "\n")
            for row in naive["bodycontent"]
        }
        titles = dict(found.all("SELECT id, title FROM content"))
        assert titles == {
            row["contentid"]: row["title"] for row in naive["content"] if row["contenttype"] != "CUSTOM"
        }

    def test_nothing_in_it_is_odd_and_its_time_and_zone_are_known(
        self, tmp_path: Path, naive: Mapping[str, list[dict[str, str]]]
    ) -> None:
        found = read(read_csv_export, open_archive(CLOUD), tmp_path)
        assert found.oddities() == []
        assert found.facts == Facts(datetime(2026, 7, 16, 7, 17, 47, tzinfo=UTC), UTC)
        viewers = [row for row in naive["spacepermissions"] if row["permtype"] == "VIEWSPACE"]
        assert found.all("SELECT count(*) FROM space_permission") == [(len(viewers),)]
        assert found.all("SELECT count(*) FROM user") == [(len(naive["user_mapping"]),)]
        assert len(found.all("SELECT 1 FROM content WHERE kind = 'attachment' AND file IS NOT NULL")) == 3

    def test_packed_anew_it_reads_the_same(self, tmp_path: Path) -> None:
        again = tmp_path / "again.zip"
        with zipfile.ZipFile(CLOUD) as old, zipfile.ZipFile(again, "w") as new:
            for name in old.namelist():
                data = old.read(name)
                new.writestr(name, gzip.compress(data) if name.endswith(".csv.gz") else data)
        one, two = (
            read(read_csv_export, open_archive(CLOUD), tmp_path),
            read(read_csv_export, open_archive(again), tmp_path),
        )
        for name in ("content", "body", "user", "labelling", "space_permission"):
            assert one.all(f"SELECT * FROM {name}") == two.all(f"SELECT * FROM {name}")
        assert one.facts == two.facts
