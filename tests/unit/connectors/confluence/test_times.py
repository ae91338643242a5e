"""When an export was made and in which zone its times are, by its descriptor; and the times of its objects."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.confluence.times import (
    ABBREVIATIONS,
    from_root,
    named_zone,
    parse_time,
    read_descriptor,
)

BERLIN = ZoneInfo("Europe/Berlin")


def instant(*parts: int, zone: timezone | ZoneInfo = UTC) -> int:
    return (datetime(*parts, tzinfo=zone) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)  # type: ignore[misc,arg-type]


# --- the descriptor's keys ---


def test_keys_and_values_are_read_as_java_writes_them() -> None:
    text = (
        "#Sun Jan 22 19:34:23 CET 2017\r\nspaceKey=HR\n  exportType : space\nao.data.list=a, \\\n   b\n! note = 1\n"
        "spaceName=\\u00dc\\tx\\=y \\uD83D\\uDE00\nflag\nempty=\nkey\\ with\\:both=1\\\\\nlast=2"
    )
    assert read_descriptor(text).values == {
        "spaceKey": "HR",
        "exportType": "space",
        "ao.data.list": "a, b",
        "spaceName": "Ü\tx=y 😀",
        "flag": "",
        "empty": "",
        "key with:both": "1\\",
        "last": "2",
    }


@given(st.text())
def test_no_text_is_too_odd_for_a_descriptor(text: str) -> None:
    assert read_descriptor(text).taken is None or "#" in text


@given(st.dictionaries(st.text(), st.text()))
def test_what_java_would_escape_comes_back_whole(values: dict[str, str]) -> None:
    def escaped(text: str) -> str:
        units = text.encode("utf-16-be", "surrogatepass")
        return "".join(f"\\u{units[at]:02X}{units[at + 1]:02x}" for at in range(0, len(units), 2))

    text = "".join(f"{escaped(key)}={escaped(value)}\n" for key, value in values.items())
    assert read_descriptor(text).values == values


# --- when it was made ---


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("#Sun Jan 22 19:34:03 CET 2017", datetime(2017, 1, 22, 18, 34, 3, tzinfo=UTC)),
        ("#Sat Jul 22 19:34:03 CEST 2017", datetime(2017, 7, 22, 17, 34, 3, tzinfo=UTC)),
        ("# Thu Dec 12 13:39:50 UTC 2013", datetime(2013, 12, 12, 13, 39, 50, tzinfo=UTC)),
        ("#Thu Dec 12 13:39:50 GMT 2013", datetime(2013, 12, 12, 13, 39, 50, tzinfo=UTC)),
        ("#Mon Feb 1 10:23:09 GMT+08:00 2025", datetime(2025, 2, 1, 2, 23, 9, tzinfo=UTC)),
        ("#Mon Feb 10 10:23:09 GMT-03:30 2025", datetime(2025, 2, 10, 13, 53, 9, tzinfo=UTC)),
        ("#Tue Oct 23 15:35:03 EDT 2018", datetime(2018, 10, 23, 19, 35, 3, tzinfo=UTC)),
        ("#Sun Oct 29 02:30:00 CEST 2017", datetime(2017, 10, 29, 0, 30, tzinfo=UTC)),
        ("#Sun Oct 29 02:30:00 CET 2017", datetime(2017, 10, 29, 1, 30, tzinfo=UTC)),
    ],
)
def test_the_comment_says_when_the_export_was_made(comment: str, expected: datetime) -> None:
    assert read_descriptor(f"{comment}\nexportType=space\n").taken == expected


@pytest.mark.parametrize("zone", ["CST", "CDT", "IST", "AST", "BST", "XYZ", "Nowhere/City", "+25:00"])
def test_an_ambiguous_or_unknown_zone_leaves_the_time_open(zone: str) -> None:
    found = read_descriptor(f"#Tue Oct 23 15:35:03 {zone} 2018\nexportType=all\n")
    assert (found.taken, found.zone) == (None, None)


def test_an_ambiguous_abbreviation_is_plain_beside_the_name_of_a_zone_that_has_it() -> None:
    found = read_descriptor("#Tue Oct 23 15:35:03 CST 2018\ntimezoneId=Asia/Shanghai\n")
    assert found.taken == datetime(2018, 10, 23, 7, 35, 3, tzinfo=UTC)
    assert found.zone == ZoneInfo("Asia/Shanghai")
    elsewhere = read_descriptor("#Tue Oct 23 15:35:03 CST 2018\ntimezoneId=Europe/Berlin\n")
    assert (elsewhere.taken, elsewhere.zone) == (None, BERLIN)


@pytest.mark.parametrize(
    "comment",
    [
        "#Foo Bar 99 99:99:99 CET 2017",
        "#Tue Feb 30 15:35:03 CET 2018",
        "#So Okt 22 19:34:03 CET 2017",
        "#Sun Jan 22 19:34:03 CET 0000",
        "#Sun Jan 22 19:34:03 CET 0001",
        "#Fri Dec 31 23:59:59 AKST 9999",
        "#",
        "",
    ],
)
def test_what_is_no_date_is_no_time(comment: str) -> None:
    assert read_descriptor(f"{comment}\nexportType=space\n").taken is None


def test_the_first_comment_that_is_a_date_counts() -> None:
    text = "#Written by a script\n#Sun Jan 22 19:34:03 CET 2017\n#Mon Jan 23 19:34:03 CET 2017\n"
    assert read_descriptor(text).taken == datetime(2017, 1, 22, 18, 34, 3, tzinfo=UTC)


# --- in which zone its times are ---


def test_the_zone_of_the_times_keeps_summer_time_where_its_place_does() -> None:
    assert read_descriptor("#Sun Jan 22 19:34:03 CET 2017\n").zone == BERLIN
    assert read_descriptor("#Sat Jul 22 19:34:03 CEST 2017\n").zone == BERLIN


@pytest.mark.parametrize(
    ("comment", "hours"),
    [
        ("#Sat Jul 22 19:34:03 MST 2017", -7),  # Arizona
        ("#Sat Jul 22 19:34:03 EST 2017", -5),  # Jamaica
        ("#Sun Jan 22 19:34:03 AEST 2017", 10),  # Brisbane
        ("#Sat Jul 22 19:34:03 CET 2017", 1),  # Algiers
    ],
)
def test_standard_time_in_summer_is_a_place_without_summer_time(comment: str, hours: int) -> None:
    found = read_descriptor(comment)
    assert found.zone == timezone(timedelta(hours=hours))
    assert found.taken is not None
    assert found.taken.utcoffset() == timedelta(hours=hours)


def test_a_named_zone_goes_before_the_comment() -> None:
    assert read_descriptor("#Sun Jan 22 19:34:03 UTC 2017\ntimezoneId=Europe/Berlin\n").zone == BERLIN
    assert read_descriptor("#Sun Jan 22 19:34:03 CET 2017\ntimezoneId=No/Where\n").zone == BERLIN


def test_cloud_without_a_named_zone_means_utc() -> None:
    assert read_descriptor("#Sun Jan 22 19:34:03 CET 2017\nsource=cloud\n").zone == UTC
    assert read_descriptor("source=server\n").zone is None


@pytest.mark.parametrize(
    "name", ["", "Europe", "../../etc/passwd", "/etc/passwd", "Europe/Berlin\0", "x" * 5000, "tzdata.zi", "ü"]
)
def test_what_is_no_zone_is_none(name: str) -> None:
    assert named_zone(name) is None


def test_every_abbreviation_of_the_table_is_in_use_in_its_zone() -> None:
    for word, (minutes, name) in ABBREVIATIONS.items():
        zone = named_zone(name)
        assert zone is not None
        offsets = {
            datetime(year, month, 15, tzinfo=zone).utcoffset() for year in (2008, 2023) for month in (1, 7)
        }
        assert timedelta(minutes=minutes) in offsets, word


# --- times of objects ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2017-01-22 19:34:03", instant(2017, 1, 22, 19, 34, 3)),
        ("2017-01-22 19:34:03.", instant(2017, 1, 22, 19, 34, 3)),
        ("2017-01-22 19:34:03.5", instant(2017, 1, 22, 19, 34, 3, 500_000)),
        ("2017-01-22 19:34:03.29", instant(2017, 1, 22, 19, 34, 3, 290_000)),
        ("2017-01-22 19:34:03.123456", instant(2017, 1, 22, 19, 34, 3, 123_456)),
        (" '2017-01-22 19:34:03.104' \n", instant(2017, 1, 22, 19, 34, 3, 104_000)),
        ('"2017-01-22 19:34:03"', instant(2017, 1, 22, 19, 34, 3)),
        ("1969-12-31 23:59:59.999999", -1),
        ("0001-01-01 00:00:00", instant(1, 1, 1)),
        ("9999-12-31 23:59:59", instant(9999, 12, 31, 23, 59, 59)),
    ],
)
def test_a_time_is_read_to_the_microsecond(text: str, expected: int) -> None:
    assert parse_time(text, UTC) == expected


@pytest.mark.parametrize(
    "text",
    [
        None, "", "never", "2024-05-35 16:03:47", "2024-02-30 00:00:00", "2024-01-01 24:00:00", "2024-01-01 23:59:60",
        "2024-01-01", "2024-01-01 10:00", "2024-01-01 10:00:00.1234567", "2024-01-01 10:00:00 CET",
        "٢٠٢٤-01-01 10:00:00", "0000-01-01 00:00:00", "2024-01-01 10:00:00.1\n2",
    ],
)  # fmt: skip
def test_what_is_no_time_is_none(text: str | None) -> None:
    assert parse_time(text, UTC) is None


def test_a_time_is_in_the_zone_that_is_given_and_in_utc_without_one() -> None:
    assert parse_time("2017-07-22 12:00:00", BERLIN) == instant(2017, 7, 22, 10)
    assert parse_time("2017-01-22 12:00:00", BERLIN) == instant(2017, 1, 22, 11)
    assert parse_time("2017-01-22 12:00:00", None) == instant(2017, 1, 22, 12)


def test_an_hour_that_comes_twice_is_the_first_one() -> None:
    assert parse_time("2017-10-29 02:30:00", BERLIN) == instant(2017, 10, 29, 0, 30)


def test_an_hour_that_is_left_out_is_moved_on() -> None:
    assert parse_time("2017-03-26 02:30:00", BERLIN) == instant(2017, 3, 26, 1, 30)


@given(st.datetimes(), st.sampled_from([None, UTC, BERLIN, ZoneInfo("America/St_Johns")]))
def test_every_time_that_java_can_write_is_read(when: datetime, zone: ZoneInfo | None) -> None:
    assert isinstance(
        parse_time(f"{when:%H:%M:%S.%f}".join([f"{when.year:04}-{when:%m-%d} ", ""]), zone), int
    )


def test_the_root_time_needs_a_zone() -> None:
    assert from_root("2025-03-01 10:00:00.123", UTC) == datetime(2025, 3, 1, 10, 0, 0, 123_000, tzinfo=UTC)
    assert from_root("'2025-03-07 20:18:37.247'", BERLIN) == datetime(
        2025, 3, 7, 20, 18, 37, 247_000, tzinfo=BERLIN
    )
    assert from_root("2025-03-01 10:00:00", None) is None
    assert from_root("2024-05-35 16:03:47", UTC) is None
    assert from_root(None, UTC) is None
    assert from_root("9999-12-31 23:59:59", timezone(timedelta(hours=-5))) is None
