"""A mail as a document: its subject, a line for each of who and when, its body, its attachments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from indexer.errors import ParseError
from indexer.model import Attachment, Block, BlockKind
from indexer.parsing.canonical import Reading, one_line
from indexer.parsing.html import read_html
from indexer.parsing.text import paragraphs

_LONGEST_HEADER: Final = 4_000
"""Characters of one header that are kept: a mail to a thousand people is about something else."""
_STUB: Final = 400
"""Characters: a plain text as short as that may only say that there is an HTML part."""
_STUB_SHARE: Final = 5
"""How many times as long the HTML part is then, at least."""
_PGP: Final = "-----BEGIN PGP MESSAGE-----"
_DEEPEST_HEADING: Final = 6
ENCRYPTED_REMEDY: Final = "save it decrypted in the mail program"


@dataclass(frozen=True, slots=True)
class Letter:
    """What every kind of mail file says."""

    subject: str = ""
    sender: str = ""
    to: str = ""
    cc: str = ""
    date: str = ""
    """As the mail states it; any text."""
    message_id: str = ""
    body: Sequence[Block] = ()
    attachments: tuple[Attachment, ...] = ()
    remarks: Mapping[str, str] = field(default_factory=dict)
    """What was left out, and why."""


def reading(letter: Letter) -> Reading:
    """`letter` as a document. Raises `ParseError` ``empty`` where it says nothing at all."""
    subject, sender, to, cc = (
        _header(said) for said in (letter.subject, letter.sender, letter.to, letter.cc)
    )
    date = iso_date(letter.date)
    lines = [
        f"{name}: {said}"
        for name, said in (("From", sender), ("To", to), ("Cc", cc), ("Date", date or _header(letter.date)))
        if said
    ]
    if not (subject or lines or letter.body or letter.attachments):
        raise ParseError("empty", "the mail is empty")
    blocks = []
    if subject:
        blocks.append(Block(BlockKind.HEADING, (subject,), level=1, title=subject))
    if lines:
        blocks.append(Block(BlockKind.PARAGRAPH, ("\n".join(lines),)))
    said = {"from": sender, "to": to, "cc": cc, "date": date, "message-id": _header(letter.message_id)}
    return Reading(
        [*blocks, *letter.body],
        subject or None,
        {name: value for name, value in said.items() if value} | dict(letter.remarks),
        attachments=letter.attachments,
    )


def iso_date(text: str) -> str:
    """A mail's date, such as ``Fri, 16 Dec 2022 17:04:16 -0500``, in ISO 8601; empty if it is none."""
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""
    # RFC 5322: "-0000" is UTC from a system that does not tell where it is.
    return (date if date.tzinfo is not None else date.replace(tzinfo=UTC)).isoformat()


def utc_date(date: datetime | None) -> str:
    """A point in time as mails write it; empty if there is none."""
    return date.strftime("%a, %d %b %Y %H:%M:%S +0000") if date is not None else ""


def plain_body(text: str, *, flowed: bool = False, joined: bool = False) -> list[Block]:
    """Paragraphs of a plain text.

    `flowed` text (RFC 3676) goes on after lines that end in a blank; where they are to be `joined`
    (``DelSp=yes``), that blank is no text. Raises `ParseError` ``encrypted`` for a PGP message.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    if text.lstrip().startswith(_PGP):
        raise ParseError("encrypted", "the mail is encrypted with PGP", remedy=ENCRYPTED_REMEDY)
    return list(paragraphs("\n".join(_unflowed(text.split("\n"), joined)) if flowed else text))


def html_body(text: str) -> list[Block]:
    """Blocks of an HTML text, its headings below the subject."""
    return below_subject(read_html(text).blocks)


def below_subject(blocks: Iterable[Block]) -> list[Block]:
    """`blocks` with their headings below the subject."""
    return [
        replace(block, level=min(block.level + 1, _DEEPEST_HEADING)) if block.level else block
        for block in blocks
    ]


def preferred(plain: Sequence[Block], html: Sequence[Block]) -> Sequence[Block]:
    """Of two forms of one body the plain one, unless it is empty or only points to the other."""
    short, long = _length(plain), _length(html)
    return html if short < _STUB and long > _STUB_SHARE * short else plain


def _length(blocks: Iterable[Block]) -> int:
    return sum(len(part) for block in blocks for part in block.parts)


def _unflowed(lines: Iterable[str], joined: bool) -> Iterator[str]:
    held: list[str] = []
    depth = ""
    for line in lines:
        text = line.lstrip(">")
        marks = line[: len(line) - len(text)]
        text = text.removeprefix(" ")
        if held and marks != depth:
            yield "".join(held)
            held = []
        if not held:
            held, depth = [f"{marks} " if marks else ""], marks
        goes_on = text.endswith(" ") and text != "-- "
        held.append(text[:-1] if goes_on and joined else text)
        if not goes_on:
            yield "".join(held)
            held = []
    if held:
        yield "".join(held)


def _header(text: str) -> str:
    said = one_line(text[: 2 * _LONGEST_HEADER])
    return said if len(said) <= _LONGEST_HEADER else said[: _LONGEST_HEADER - 1] + "…"
