"""Dates that are written for people are read where they are plain, and only there."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.confluence.html_dates import MONTHS, parse_date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("29.01.2015", "2015-01-29"),
        ("3. 4. 2015", "2015-04-03"),
        ("2015-01-29", "2015-01-29"),
        ("2015/1/29", "2015-01-29"),
        ("2015. 01. 29.", "2015-01-29"),
        ("2015年1月29日", "2015-01-29"),
        ("2015년 1월 29일", "2015-01-29"),
        ("13/04/2015", "2015-04-13"),
        ("04/13/2015", "2015-04-13"),
        ("04-04-2015", "2015-04-04"),
        ("Sept 30, 2021", "2021-09-30"),
        ("Dec 12, 2020", "2020-12-12"),
        ("  Oct\n28,  2019 ", "2019-10-28"),
        ("June 3rd, 2020", "2020-06-03"),
        ("29-Jan-2015", "2015-01-29"),
        ("六月 04, 2021", "2021-06-04"),
        ("十二月 31, 2021", "2021-12-31"),
        ("2021年六月4日", None),
        ("6月 04, 2021", "2021-06-04"),
        ("29. März 2015", "2015-03-29"),
        ("29 févr. 2016", "2016-02-29"),
        ("1er août 2020", "2020-08-01"),
        ("29 de enero de 2015", "2015-01-29"),
        ("12 de março de 2015", "2015-03-12"),
        ("8 mag 2019", "2019-05-08"),
        ("8 mrt. 2019", "2019-03-08"),
        ("12 gru 2020", "2020-12-12"),
        ("12 lipca 2020", "2020-07-12"),
        ("12. července 2020", "2020-07-12"),
        ("12. června 2020", "2020-06-12"),
        ("4 июня 2021 г.", "2021-06-04"),
        ("4 мая 2021", "2021-05-04"),
        ("4 травня 2021", "2021-05-04"),
        ("4. kesäkuuta 2021", "2021-06-04"),
        ("4 Ağustos 2021", "2021-08-04"),
        ("2021. július 4.", "2021-07-04"),
        ("4. ágúst 2021", "2021-08-04"),
    ],
)
def test_dates_of_many_languages_are_read(text: str, expected: str | None) -> None:
    found = parse_date(text)
    assert (None if found is None else found.isoformat()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("May 24, 2018 15:20", "2018-05-24T15:20:00"),
        ("May 24, 2018 at 15:20:07", "2018-05-24T15:20:07"),
        ("08.09.2016 02:05", "2016-09-08T02:05:00"),
        ("七月 05, 2021 18:26", "2021-07-05T18:26:00"),
        ("2021年7月5日 下午6:26", "2021-07-05T18:26:00"),
        ("Jun 3, 2020 3:20 PM", "2020-06-03T15:20:00"),
        ("Jun 3, 2020 12:00 a.m.", "2020-06-03T00:00:00"),
        ("2020-06-03 23:59", "2020-06-03T23:59:00"),
    ],
)
def test_a_time_of_day_makes_it_a_moment(text: str, expected: str) -> None:
    found = parse_date(text)
    assert isinstance(found, datetime)
    assert found.tzinfo is None
    assert found.isoformat() == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "03/04/2015", "3-4-2015", "29/01/15", "29/Jan/15", "01.02.15", "31.02.2015", "Feb 30, 2020", "0 May 2020",
        "May 2018", "Oct 3", "2018", "15:20", "3 4 2015", "May June 4, 2020", "May 4 5 2020", "May 4, 2020 2021",
        "Jan 29, 2558", "Jan 29, 0001", "yesterday", "month", "month 5 2020", "Foo 4, 2020", "Oct 28, 2019 and more",
        "Oct 28, 2019 25:00", "Jun 3, 2020 13:20 PM", "Oct 28; 2019", "13月 4, 2020", "x" * 200, "1" * 99, "٢٩.٠١.٢٠١٥", "29²01.2015",
    ],
)  # fmt: skip
def test_what_is_not_plain_is_no_date(text: str) -> None:
    assert parse_date(text) is None


def test_no_word_stands_for_two_months() -> None:
    meanings: dict[str, set[int]] = {}
    for word, month in MONTHS:
        meanings.setdefault(word, set()).add(month)
    assert {word: months for word, months in meanings.items() if len(months) > 1} == {}


def test_every_word_is_written_as_it_is_looked_up() -> None:
    for word, month in MONTHS:
        folded = "".join(
            sign for sign in unicodedata.normalize("NFD", word) if unicodedata.category(sign) != "Mn"
        )
        assert (folded, folded.lower()) == (word, word)
        assert parse_date(f"{word} 7, 2015") == date(2015, month, 7)
        assert parse_date(f"7. {word.upper()} 2015") in (date(2015, month, 7), None)


days = st.dates(date(1990, 1, 1), date(2100, 1, 1))


@given(days)
def test_every_day_is_read_in_each_plain_order(day: date) -> None:
    for pattern in ("%Y-%m-%d", "%d.%m.%Y", "%Y/%m/%d", "%b %d, %Y", "%d %B %Y", "%B %d, %Y"):
        assert parse_date(day.strftime(pattern)) == day


@given(days)
def test_an_order_that_is_not_plain_is_never_read_wrongly(day: date) -> None:
    either = {parse_date(day.strftime("%d/%m/%Y")), parse_date(day.strftime("%m/%d/%Y"))}
    assert either in ({day}, {None}), "both ways or neither"
    assert (either == {None}) == (day.day <= 12 and day.day != day.month)


@given(st.text(max_size=120))
def test_any_text_is_a_date_or_none(text: str) -> None:
    found = parse_date(text)
    assert found is None or 1970 <= found.year < 2200
