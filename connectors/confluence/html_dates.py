"""Reads the dates of HTML exports, which are written for people: in the exporter's language and order.

None rather than a guess: ``03/04/2015`` is the third of April or the fourth of March. The languages are
those that Confluence comes in, and a few more; no word in them stands for two months.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time
from typing import Final

_YEARS: Final = range(1970, 2200)
"""Others are another calendar's: 2558 is the Buddhist 2015."""
_NAMES: Final = (
    # en, fr, es, pt, it, ro
    "january jan janvier janv enero ene janeiro gennaio gen ianuarie ian",
    "february feb fevrier fevr fev febrero fevereiro febbraio februarie",
    "march mar mars marzo marco martie",
    "april apr avril avr abril abr aprile aprilie",
    "may mai mayo maio maggio mag",
    "june jun juin junio junho giugno giu iunie iun",
    "july jul juillet juil julio julho luglio lug iulie iul",
    "august aug aout agosto ago",
    "september sept sep septembre septiembre setiembre setembro set settembre sett septembrie",
    "october oct octobre octubre outubro out ottobre ott octombrie",
    "november nov novembre noviembre novembro noiembrie noi",
    "december dec decembre diciembre dic dezembro dez dicembre decembrie",
    # de, nl, da, no, sv, is, et, fi
    "januar janner jan januari jaanuar jaan tammikuuta tammikuu tammi",
    "februar februari veebruar veebr helmikuuta helmikuu helmi",
    "marz mrz maart mrt marts marts maaliskuuta maaliskuu maalis",
    "april aprill huhtikuuta huhtikuu huhti",
    "mai mei maj toukokuuta toukokuu touko",
    "juni juuni kesakuuta kesakuu kesa",
    "juli juuli heinakuuta heinakuu heina",
    "august augustus augusti agust elokuuta elokuu elo",
    "september syyskuuta syyskuu syys",
    "oktober okt oktoober lokakuuta lokakuu loka",
    "november marraskuuta marraskuu marras",
    "dezember desember des detsember dets joulukuuta joulukuu joulu",
    # pl, cs, sk, hu
    "stycznia styczen sty ledna leden led januara",
    "lutego luty lut unora unor uno februara febr",
    "marca marzec brezna brezen bre marec marcius marc",
    "kwietnia kwiecien kwi dubna duben dub aprila aprilis",
    "maja maj kvetna kveten kve majus",
    "czerwca czerwiec cze cervna cerven cvn juna junius",
    "lipca lipiec lip cervence cervenec cvc jula julius",
    "sierpnia sierpien sie srpna srpen srp augusta augusztus",
    "wrzesnia wrzesien wrz zari zar septembra szeptember szept",
    "pazdziernika pazdziernik paz rijna rijen rij oktobra",
    "listopada listopad lis listopadu novembra",
    "grudnia grudzien gru prosince prosinec pro decembra",
    # ru, uk, tr
    "января январь янв січня січень січ ocak oca",
    "февраля февраль февр фев лютого лютии лют subat sub",
    "марта март мар березня березень бер mart",
    "апреля апрель апр квітня квітень квіт nisan nis",
    "мая маи травня травень трав mayıs",
    "июня июнь июн червня червень черв haziran haz",
    "июля июль июл липня липень лип temmuz tem",
    "августа август авг серпня серпень серп agustos agu",
    "сентября сентябрь сент сен вересня вересень вер eylul eyl",
    "октября октябрь окт жовтня жовтень жовт ekim eki",
    "ноября ноябрь нояб ноя листопада листопад лист kasım kas",
    "декабря декабрь дек грудня грудень груд aralık ara",
)
"""For each month in turn its names and their abbreviations, in groups of twelve lines; without accents."""
MONTHS: Final = tuple((word, at % 12 + 1) for at, words in enumerate(_NAMES) for word in words.split())
"""Word → month. Twice the same pair is no harm."""
_MONTH: Final = dict(MONTHS)
_HAN: Final = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_HAN_MONTH: Final = re.compile("(十[一二]?|[一二三四五六七八九])月")
_NUMBERED_MONTH: Final = re.compile(r"(?<![0-9])(1[0-2]|0?[1-9])\s?[月월]")
_FILLERS: Final = frozenset(
    {"de", "del", "di", "of", "the", "den", "der", "st", "nd", "rd", "th", "er", "e", "г", "года", "р", "a"}
)
"""Words beside a day, a month and a year; and the ends of ordinal numbers."""
_AFTERNOON: Final = ("pm", "p.m.", "下午", "午後", "오후")
_TIME: Final = re.compile(
    r"(?:[\s,]+(?:at|um|kl\.?|a|в)?\s*)"
    r"(?P<before>上午|下午|午前|午後|오전|오후)?\s*"
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
    r"\s*(?P<after>am|pm|a\.m\.|p\.m\.)?\Z"
)
_YEAR_FIRST: Final = re.compile(r"([0-9]{4})\s?([-/.])\s?([0-9]{1,2})\s?\2\s?([0-9]{1,2})\.?")
_EAST_ASIAN: Final = re.compile(r"([0-9]{4})\s?[年년]\s?([0-9]{1,2})\s?[月월]\s?([0-9]{1,2})\s?[日일号號]?")
_DAY_FIRST: Final = re.compile(r"([0-9]{1,2})\.\s?([0-9]{1,2})\.\s?([0-9]{4})")
"""Whoever writes dots writes the day first."""
_EITHER_FIRST: Final = re.compile(r"([0-9]{1,2})([-/])([0-9]{1,2})\2([0-9]{4})")
_TOKENS: Final = re.compile(r"[^\W\d_]+|[0-9]+")
_BETWEEN: Final = re.compile(r"[\s.,/'’ºª-]*")
_LONGEST: Final = 100
"""Characters; what is longer is no date."""


def parse_date(text: str) -> date | datetime | None:
    """The date that `text` is, or the moment if it has a time of day (without a zone); None if it is not plain."""
    if len(text) > _LONGEST:
        return None
    words = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    found = _TIME.search(words)
    day = _date(words if found is None else words[: found.start()])
    if day is None or found is None:
        return day
    moment = _time(found)
    return None if moment is None else datetime.combine(day, moment)


def _time(found: re.Match[str]) -> time | None:
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"] or 0)
    half = found["before"] or found["after"]
    if half is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in _AFTERNOON else 0)
    return time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def _date(words: str) -> date | None:
    words = words.strip(" ,")
    for pattern, order in ((_YEAR_FIRST, (1, 3, 4)), (_EAST_ASIAN, (1, 2, 3)), (_DAY_FIRST, (3, 2, 1))):
        found = pattern.fullmatch(words)
        if found is not None:
            year, month, day = (int(found[at]) for at in order)
            return _valid(year, month, day)
    found = _EITHER_FIRST.fullmatch(words)
    if found is not None:
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        ways = {_valid(year, second, first), _valid(year, first, second)} - {None}
        return ways.pop() if len(ways) == 1 else None
    return _named(words)


def _named(words: str) -> date | None:
    """A date with a month's name: that, a day and a year, in any order."""
    words = _HAN_MONTH.sub(lambda found: _english(_HAN.index(found[1])), words)
    words = _NUMBERED_MONTH.sub(lambda found: _english(int(found[1]) - 1), words)
    words = "".join(
        sign for sign in unicodedata.normalize("NFD", words) if unicodedata.category(sign) != "Mn"
    )
    if not _BETWEEN.fullmatch(_TOKENS.sub("", words)):
        return None
    years, months, days = [], [], []
    for token in _TOKENS.findall(words):
        if token in _MONTH:
            months.append(_MONTH[token])
        elif token.isdigit() and len(token) == 4:
            years.append(int(token))
        elif token.isdigit() and len(token) <= 2:
            days.append(int(token))
        elif token not in _FILLERS:
            return None
    if not len(years) == len(months) == len(days) == 1:
        return None
    return _valid(years[0], months[0], days[0])


def _english(at: int) -> str:
    return f" {_NAMES[at].split()[0]} "


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year in _YEARS else None
    except ValueError:
        return None
