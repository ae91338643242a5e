"""Outlook messages, put together from storages by hand."""

from __future__ import annotations

import struct

import pytest
from oxmsg.storage import Storage, Stream

from indexer.errors import ParseError
from indexer.parsing.canonical import canonical_blocks
from indexer.parsing.mail.eml import read_eml
from indexer.parsing.mail.msg import read_msg, reading_of
from indexer.parsing.mail.rtf import decompressed

SENT = 133_157_018_560_000_000
"""2022-12-16 22:04:16 UTC in units of 100 ns since 1601."""


def storage(
    name: str,
    header: int,
    texts: dict[int, str] | None = None,
    binary: dict[int, bytes] | None = None,
    numbers: dict[int, int] | None = None,
    times: dict[int, int] | None = None,
    inside: tuple[Storage, ...] = (),
) -> Storage:
    entries = [struct.pack("<HHIII", 0x0003, prop, 6, value, 0) for prop, value in (numbers or {}).items()]
    entries += [struct.pack("<HHIQ", 0x0040, prop, 6, value) for prop, value in (times or {}).items()]
    streams = [Stream("__properties_version1.0", b"\x00" * header + b"".join(entries))]
    for prop, text in (texts or {}).items():
        streams.append(Stream(f"__substg1.0_{prop:04X}001F", text.encode("utf-16-le")))
    for prop, data in (binary or {}).items():
        streams.append(Stream(f"__substg1.0_{prop:04X}0102", data))
    return Storage(name, tuple(streams), inside)


def message(texts: dict[int, str], *inside: Storage, binary: dict[int, bytes] | None = None) -> Storage:
    return storage("", 32, {0x0037: "Leave", **texts}, binary, times={0x0039: SENT}, inside=inside)


def person(number: int, name: str, address: str, kind: int) -> Storage:
    return storage(
        f"__recip_version1.0_#{number:08X}", 8, {0x3001: name, 0x39FE: address}, numbers={0x0C15: kind}
    )


def file(number: int, name: str, data: bytes, **more: int) -> Storage:
    numbers = {0x3705: 1, 0x3714: more.get("flags", 0)}
    return storage(
        f"__attach_version1.0_#{number:08X}", 8, {0x3707: name, 0x370E: "image/png"}, {0x3701: data}, numbers
    )


def texts(found: Storage) -> list[str]:
    return [block.text for block in canonical_blocks(reading_of(found).blocks)]


def test_a_message_without_transport_headers_tells_who_and_when_by_its_properties() -> None:
    found = message(
        {0x1000: "Hello.\r\n\r\nBye.", 0x0C1A: "Ann", 0x5D01: "ann@example.org"},
        person(0, "Bob", "bob@example.org", 1),
        person(1, "Cat", "/O=EXCHANGE/CN=CAT", 2),
    )
    assert texts(found) == [
        "Leave",
        "From: Ann <ann@example.org>\nTo: Bob <bob@example.org>\nCc: Cat\nDate: 2022-12-16T22:04:16+00:00",
        "Hello.",
        "Bye.",
    ]


def test_html_and_rtf_bodies_are_read_where_there_is_no_other() -> None:
    assert texts(message({}, binary={0x1013: b"<p>Marked up.</p>"}))[2:] == ["Marked up."]
    plain = rb"{\rtf1\ansi Only rich text.\par}"
    rtf = struct.pack("<4I", len(plain) + 12, len(plain), 0x414C454D, 0) + plain
    assert texts(message({}, binary={0x1009: rtf}))[2:] == ["Only rich text."]


def test_attachments_are_kept_and_shown_pictures_are_not() -> None:
    found = reading_of(message({}, file(0, "a.pdf", b"%PDF"), file(1, "logo.png", b"x", flags=4)))
    assert [(attachment.name, attachment.data) for attachment in found.attachments] == [("a.pdf", b"%PDF")]


def test_a_message_inside_another_becomes_mail_of_its_own() -> None:
    embedded = storage(
        "__substg1.0_3701000D",
        24,
        {0x0037: "Inner", 0x1000: "Inner words."},
        inside=(file(0, "b.txt", b"b"),),
    )
    outer = storage(
        "__attach_version1.0_#00000000", 8, {0x3001: "Inner"}, numbers={0x3705: 5}, inside=(embedded,)
    )
    (attachment,) = reading_of(message({}, outer)).attachments
    inner = read_eml(attachment.data)
    assert (attachment.name, inner.title) == ("Inner.eml", "Inner")
    assert [block.text for block in inner.blocks] == ["Inner", "Inner words."]
    assert [(inside.name, inside.data) for inside in inner.attachments] == [("b.txt", b"b")]


@pytest.mark.parametrize(
    "found",
    [
        message({0x001A: "IPM.Note.SMIME"}, file(0, "smime.p7m", b"x")),
        message({0x007D: "Content-Type: multipart/encrypted; boundary=x\n"}),
        message({}, file(0, "message.rpmsg", b"x")),
    ],
)
def test_encrypted_messages_say_so(found: Storage) -> None:
    with pytest.raises(ParseError) as caught:
        reading_of(found)
    assert caught.value.reason == "encrypted"


def test_a_signed_message_is_read_through() -> None:
    signed = b'Content-Type: multipart/signed; boundary="B"\r\n\r\n--B\r\n\r\nSigned words.\r\n--B--\r\n'
    found = message({0x001A: "IPM.Note.SMIME.MultipartSigned", 0x0C1A: "Ann"}, file(0, "smime.p7m", signed))
    assert texts(found) == ["Leave", "From: Ann\nDate: 2022-12-16T22:04:16+00:00", "Signed words."]


@pytest.mark.parametrize(("data", "reason"), [(b"", "empty"), (b"no compound file", "damaged")])
def test_what_is_no_message_says_so(data: bytes, reason: str) -> None:
    with pytest.raises(ParseError) as caught:
        read_msg(data)
    assert caught.value.reason == reason


def test_rtf_is_decompressed_as_the_specification_shows() -> None:
    # The two examples of [MS-OXRTFCP] 3.1 and 3.2.
    first = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    second = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
    assert decompressed(first) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert decompressed(second) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"


@pytest.mark.parametrize("data", [b"", b"x" * 15, b"x" * 40])
def test_what_is_no_compressed_rtf_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="compressed RTF"):
        decompressed(data)


def picture(number: int, name: str, identity: str) -> Storage:
    texts = {0x3707: name, 0x370E: "image/png", 0x3712: identity}
    return storage(f"__attach_version1.0_#{number:08X}", 8, texts, {0x3701: b"x"}, {0x3705: 1})


def test_pictures_that_the_text_refers_to_or_that_have_no_name_are_no_attachments() -> None:
    html = {0x1013: b"<p>Words</p><img src='cid:logo@x'>"}
    shown = picture(0, "logo.png", "logo@x"), picture(1, "", "")
    found = reading_of(message({}, *shown, picture(2, "scan.png", "other"), binary=html))
    assert [attachment.name for attachment in found.attachments] == ["scan.png"]


def inside(number: int, found: Storage | None, name: str = "Inner") -> Storage:
    """An attachment that is a message; None: it should be one and is not."""
    if found is None:
        within: tuple[Storage, ...] = ()
    else:
        within = (Storage("__substg1.0_3701000D", found.streams, found.storages),)
    return storage(
        f"__attach_version1.0_#{number:08X}", 8, {0x3001: name}, numbers={0x3705: 5}, inside=within
    )


def inner(texts: dict[int, str], *files: Storage) -> Storage:
    return storage("", 24, {0x0037: "Inner", 0x1000: "Words.", **texts}, inside=files)


def left_out(found: Storage) -> str:
    return reading_of(found).metadata["attachments left out"]


def test_messages_that_are_nested_too_deep_or_cannot_be_read_are_said() -> None:
    deep = inner({})
    for _ in range(5):
        deep = inner({}, inside(0, deep))
    assert left_out(message({}, inside(0, deep))).endswith("in part, Inner: messages are followed 5 deep")
    sealed = inner({0x001A: "IPM.Note.SMIME"}, file(0, "smime.p7m", b"x"))
    found = message({0x1000: "Outer."}, inside(0, sealed), inside(1, None, "Object"))
    assert left_out(found) == "Inner: the mail is encrypted; Object: it holds no message"
    assert texts(found)[2:] == ["Outer."]


def test_a_body_that_is_damaged_rtf_is_said() -> None:
    found = reading_of(message({}, binary={0x1009: b"x" * 40}))
    assert found.metadata["body left out"] == "no compressed RTF"


def test_a_body_in_rtf_keeps_its_tables_and_its_letters() -> None:
    plain = rb"{\rtf1\ansi\ansicpg1251 {\fonttbl{\f0\fcharset204 A;}}\f0 \'cf\u1088?.\par\trowd\cellx1\cellx2\intbl a\cell b\cell\row}"
    rtf = struct.pack("<4I", len(plain) + 12, len(plain), 0x414C454D, 0) + plain
    assert texts(message({}, binary={0x1009: rtf}))[2:] == ["Пр.", "a | b"]
