"""RTF: paragraphs, headings by outline level or style, lists, tables, notes; by the Rich Text Format specification 1.9.1.

A reader is all that there is to RTF: a stack of groups, control words that change the state of the
innermost, and text. Pictures, page headers, field codes, hidden and deleted text are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from indexer.model import Block
from indexer.parsing.canonical import Reading, one_line
from indexer.parsing.office.package import damaged, needs_ocr, too_large
from indexer.parsing.office.properties import properties
from indexer.parsing.office.rtf_flow import LEFT_OUT, PLAIN, Flow, ParagraphForm

_TOKEN: Final = re.compile(
    r"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?|\\'(?P<byte>[0-9a-fA-F]{2})|\\(?P<symbol>[^a-zA-Z])"
    r"|(?P<brace>[{}])|[\r\n\x00]+|(?P<text>[^\\{}\r\n\x00]+)"
)
_LEFT_OUT: Final = frozenset(
    {
        "colortbl", "pict", "header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr",
        "footerf", "listtable", "listoverridetable", "rsidtbl", "xmlnstbl", "nonshppict", "fldinst",
        "annotation", "atnid", "atnauthor", "objdata", "objclass", "shprslt", "sp", "revtbl", "themedata",
        "filetbl", "ftnsep", "ftnsepc", "ftncn", "aftnsep", "aftnsepc", "aftncn", "pntxta", "pntxtb",
        "pnseclvl", "template", "nonesttables", "xe", "tc", "rxe", "txe", "bkmkstart", "bkmkend", "formfield",
    }
)  # fmt: skip
_STARRED: Final = frozenset({"shpinst", "shppict", "userprops", "pn", "nesttableprops"})
"""Destinations that older readers skip and this one looks into."""
_INFO: Final = {
    "title": "title",
    "author": "author",
    "operator": "last-modified-by",
    "subject": "subject",
    "keywords": "keywords",
    "doccomm": "description",
    "company": "company",
    "category": "category",
    "creatim": "created",
    "revtim": "modified",
}
_CHARACTERS: Final = {
    "tab": "\t", "line": "\n", "emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘", "rquote": "’",
    "ldblquote": "“", "rdblquote": "”", "emspace": " ", "enspace": " ", "qmspace": " ", "column": "\n",
    "softline": "\n",
}  # fmt: skip
_SYMBOLS: Final = {"~": "\xa0", "_": "-", "\\": "\\", "{": "{", "}": "}", "\t": "\t"}
_CHARSETS: Final = {
    77: "mac-roman", 128: "cp932", 129: "cp949", 134: "gbk", 136: "big5", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
_HEADING: Final = re.compile(r"heading (\d)", re.IGNORECASE)
_CONTENTS: Final = re.compile(r"toc \d|table of figures", re.IGNORECASE)
_DEEPEST: Final = 4000
"""Groups within one another; programs write a few dozen."""


@dataclass(frozen=True, slots=True)
class _State:
    """What a group inherits and gives back at its end."""

    destination: str = ""
    """Empty for the text itself; ``skip`` for what is left out."""
    encoding: str = "cp1252"
    after_unicode: int = 1
    """Characters for old readers that follow each Unicode one."""
    hidden: bool = False
    form: ParagraphForm = PLAIN


def read_rtf(data: bytes) -> Reading:
    """Blocks of an RTF document. Raises `ParseError`."""
    reader = _Reader()
    reader.read(data.decode("latin-1"))
    blocks: list[Block] = list(reader.flow.finished())
    if not blocks and reader.has_pictures:
        raise needs_ocr()
    found = properties(reader.stated, reader.own)
    first = next((block.title for block in blocks if block.level == 1), None)
    return Reading(blocks, found.title(first), found.metadata, found.labels)


class _Reader:
    """One pass over the tokens."""

    def __init__(self) -> None:
        self.flow = Flow()
        self.stated: dict[str, str] = {}
        self.own: dict[str, str] = {}
        self.has_pictures = False
        self._state = _State()
        self._stack: list[_State] = []
        self._bytes = bytearray()
        self._collected: list[str] = []
        self._starred = False
        self._skip = 0
        self._encoding = "cp1252"
        self._fonts: dict[int, str] = {}
        self._font = self._style = -1
        self._moment: dict[str, int] = {}
        self._property = ""

    def read(self, text: str) -> None:
        """Take in the whole document. Raises `ParseError` if it ends within a group."""
        place = 0
        while (match := _TOKEN.match(text, place)) is not None:
            place = match.end()
            kind = match.lastgroup
            if kind in ("word", "number"):
                number = int(match["number"]) if match["number"] else None
                if match["word"] == "bin":
                    place += max(0, number or 0)
                else:
                    self._word(match["word"], number)
            elif kind == "byte":
                self._raw(bytes.fromhex(match["byte"]))
            elif kind == "text":
                self._raw(match["text"].encode("latin-1"))
            elif kind == "symbol":
                self._symbol(match["symbol"])
            elif kind == "brace" and match["brace"] == "{":
                self._open()
            elif kind == "brace":
                self._close()
                if not self._stack:
                    return
        raise damaged("it ends before its last group is closed")

    def _open(self) -> None:
        self._flush()
        self._skip = 0
        if len(self._stack) >= _DEEPEST:
            raise too_large(f"it has more than {_DEEPEST:,} groups within one another")
        self._stack.append(self._state)
        self._starred = False

    def _close(self) -> None:
        self._flush()
        self._skip = 0
        ended = self._state
        if self._stack:
            self._state = self._stack.pop()
        if ended.destination != self._state.destination:
            self._end(ended.destination)
        elif ended.destination == "stylesheet":
            self._name_style()
        self._starred = False

    def _end(self, destination: str) -> None:
        """What a destination collected goes where it belongs."""
        words = one_line("".join(self._collected))
        if destination in ("footnote", "shptxt"):
            self.flow.leave()
        elif destination in ("creatim", "revtim"):
            self.stated.setdefault(_INFO[destination], _iso(self._moment))
        elif destination in _INFO:
            self.stated.setdefault(_INFO[destination], words)
        elif destination == "propname":
            self._property = words.lower()
        elif destination == "staticval" and self._property:
            self.own.setdefault(self._property, words)
        elif destination in ("listtext", "pntext"):
            self.flow.label(words)
        if destination not in ("", "skip"):
            self._collected = []

    def _enter(self, destination: str) -> None:
        self._state = replace(self._state, destination=destination)
        self._collected = []
        self._moment = {}
        if destination in ("footnote", "shptxt"):
            self.flow.enter()
            self._state = replace(self._state, form=PLAIN)

    def _word(self, word: str, number: int | None) -> None:
        self._flush()
        state = self._state
        starred, self._starred = self._starred, False
        if word == "pict":
            self.has_pictures = True
        if state.destination == "skip":
            return
        if word in _LEFT_OUT or (starred and word not in _STARRED and word not in _DESTINATIONS):
            self._enter("skip")
        elif word in _DESTINATIONS:
            self._enter(word)
        elif word == "u" and number is not None:
            self._say(chr(number % 0x10000))
            self._skip = state.after_unicode
        elif word in _CHARACTERS:
            self._say(_CHARACTERS[word])
        elif state.destination in ("creatim", "revtim"):
            self._moment[word] = number or 0
        else:
            self._format(word, number)

    def _format(self, word: str, number: int | None) -> None:
        """Control words that change the state, and those that end a paragraph, a cell or a row."""
        state, form = self._state, self._state.form
        value = 1 if number is None else number
        if word in ("par", "sect", "page"):
            self.flow.end_paragraph(form)
        elif word in ("cell", "nestcell"):
            self.flow.end_cell(nested=word == "nestcell")
        elif word in ("row", "trowd", "trhdr"):
            self.flow.row_mark(word)
        elif word == "pard":
            self._state = replace(state, form=PLAIN)
        elif word == "s":
            self._style = value
            self._state = replace(state, form=replace(form, style=value))
        elif word == "outlinelevel":
            self.flow.style_outline(self._style, value, named=state.destination == "stylesheet")
            self._state = replace(state, form=replace(form, outline=value))
        elif word == "ilvl":
            self._state = replace(state, form=replace(form, level=max(0, min(value, 9))))
        elif word in ("intbl", "itap"):
            self._state = replace(state, form=replace(form, in_table=value > 0))
        elif word in ("v", "deleted"):
            self._state = replace(state, hidden=value != 0)
        elif word == "plain":
            self._state = replace(state, hidden=False)
        elif word == "uc":
            self._state = replace(state, after_unicode=max(0, min(value, 9)))
        elif word == "ansicpg":
            self._encoding = _codec(f"cp{value}")
            self._state = replace(state, encoding=self._encoding)
        elif word in ("mac", "pc", "pca"):
            self._encoding = {"mac": "mac-roman", "pc": "cp437"}.get(word, "cp850")
            self._state = replace(state, encoding=self._encoding)
        elif word == "f" and state.destination == "fonttbl":
            self._font = value
        elif word == "fcharset":
            self._fonts[self._font] = _CHARSETS.get(value, "")
        elif word == "f":
            self._state = replace(state, encoding=self._fonts.get(value) or self._encoding)

    def _symbol(self, symbol: str) -> None:
        self._flush()
        if symbol == "*":
            self._starred = True
        elif symbol in "\r\n":
            self._format("par", None)
        elif symbol in _SYMBOLS:
            self._say(_SYMBOLS[symbol])

    def _raw(self, data: bytes) -> None:
        """Bytes of text, in the encoding of their font; those that stand in for a Unicode character are dropped."""
        dropped = min(self._skip, len(data))
        self._skip -= dropped
        self._bytes += data[dropped:]

    def _flush(self) -> None:
        if self._bytes:
            words = self._bytes.decode(self._state.encoding, "replace")
            self._bytes.clear()
            self._say(words)

    def _say(self, words: str) -> None:
        state = self._state
        if state.destination in ("", "footnote", "shptxt"):
            if not state.hidden:
                self.flow.say(words, state.form)
        elif state.destination != "skip":
            self._collected.append(words)

    def _name_style(self) -> None:
        name = one_line("".join(self._collected)).removesuffix(";")
        self._collected = []
        heading = _HEADING.fullmatch(name)
        if heading is not None or name.lower() == "title":
            level = int(heading[1]) - 1 if heading is not None else 0
            self.flow.style_outline(self._style, max(0, level), named=True)
        elif _CONTENTS.fullmatch(name):
            self.flow.style_outline(self._style, LEFT_OUT, named=True)
        self._style = 0


_DESTINATIONS: Final = frozenset(
    {
        *_INFO,
        "fonttbl",
        "stylesheet",
        "info",
        "footnote",
        "shptxt",
        "listtext",
        "pntext",
        "propname",
        "staticval",
    }
)
"""Groups whose words go elsewhere than into the text."""


def _codec(name: str) -> str:
    try:
        return b"".decode(name) or name
    except LookupError:
        return "cp1252"


def _iso(moment: dict[str, int]) -> str:
    """A date and time as ISO 8601, in whatever zone it was written in; empty if there is none."""
    if not moment.get("yr"):
        return ""
    day = f"{moment['yr']:04}-{moment.get('mo', 1):02}-{moment.get('dy', 1):02}"
    return f"{day}T{moment.get('hr', 0):02}:{moment.get('min', 0):02}"
