"""Mail as it travels."""

from __future__ import annotations

from base64 import b64encode
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.errors import ParseError
from indexer.model import BlockKind
from indexer.parsing.attachments import Carried
from indexer.parsing.canonical import Reading, canonical_blocks
from indexer.parsing.detect import Detected, detect
from indexer.parsing.formats import Format
from indexer.parsing.mail import eml
from indexer.parsing.mail.eml import read_eml

HEAD = "From: Ann <ann@example.org>\nTo: Bob <bob@example.org>\nSubject: Leave\nDate: Fri, 16 Dec 2022 17:04:16 -0500\n"


def mail(*lines: str, head: str = HEAD) -> bytes:
    return (head + "\n".join(lines)).encode()


def parts(kind: str, *inner: str) -> list[str]:
    """A multipart of `inner` parts, each its headers, an empty line and its body."""
    return [
        "MIME-Version: 1.0",
        f'Content-Type: multipart/{kind}; boundary="B"',
        "",
        *(line for part in inner for line in ("--B", part)),
        "--B--",
    ]


def texts(reading: Reading) -> list[str]:
    return [block.text for block in canonical_blocks(reading.blocks)]


def body(data: bytes) -> list[str]:
    return texts(read_eml(data))[2:]


def names(data: bytes) -> list[str]:
    return [attachment.name for attachment in read_eml(data).attachments]


def failure(data: bytes) -> str:
    with pytest.raises(ParseError) as caught:
        read_eml(data)
    assert caught.value.permanent
    return caught.value.reason


PLAIN = "Content-Type: text/plain\n\nPlain words, enough of them to be the body of this mail."
HTML = "Content-Type: text/html\n\n<h1>Big</h1><p>Marked-up words, enough of them as well.</p>"


def test_a_mail_is_its_subject_who_and_when_and_its_body() -> None:
    reading = read_eml(mail("Message-ID: <1@x>", "", "Hello.", "", "> quoted"))
    first = next(iter(reading.blocks))
    assert (first.kind, first.level, reading.title) == (BlockKind.HEADING, 1, "Leave")
    assert texts(reading) == [
        "Leave",
        "From: Ann <ann@example.org>\nTo: Bob <bob@example.org>\nDate: 2022-12-16T17:04:16-05:00",
        "Hello.",
        "> quoted",
    ]
    assert reading.metadata == {
        "from": "Ann <ann@example.org>",
        "to": "Bob <bob@example.org>",
        "date": "2022-12-16T17:04:16-05:00",
        "message-id": "<1@x>",
    }


def test_of_two_forms_of_the_body_one_is_read() -> None:
    assert body(mail(*parts("alternative", PLAIN, HTML))) == [PLAIN.split("\n\n")[1]]


@pytest.mark.parametrize("stub", ["", "View this mail in your browser."])
def test_a_plain_text_that_says_nothing_gives_way_to_html(stub: str) -> None:
    html = HTML.replace("as well", "as well " * 30)
    found = read_eml(mail(*parts("alternative", f"Content-Type: text/plain\n\n{stub}", html)))
    assert "Marked-up words" in texts(found)[3]
    assert [block.level for block in found.blocks if block.level] == [1, 2]


def test_html_and_its_pictures_are_one_body() -> None:
    related = "\n".join(
        (
            *('Content-Type: multipart/related; boundary="R"', "", "--R", HTML),
            *("--R", "Content-Type: image/png", "Content-ID: <logo>", "", "data", "--R--"),
        )
    )
    data = mail(*parts("alternative", "Content-Type: text/plain\n\n", related))
    assert (body(data), names(data)) == (["Big", "Marked-up words, enough of them as well."], [])


@pytest.mark.parametrize("kind", ["application/pkcs7-signature", "application/some-signature"])
def test_signed_mail_is_read_through(kind: str) -> None:
    signature = f"Content-Type: {kind}; name=smime.p7s\n\nAAAA"
    data = mail(*parts("signed", PLAIN, signature))
    assert (len(body(data)), names(data)) == (1, [])


@pytest.mark.parametrize(
    "lines",
    [
        parts("encrypted", "Content-Type: application/pgp-encrypted\n\nVersion: 1"),
        ["Content-Type: application/pkcs7-mime; smime-type=enveloped-data", "", "AAAA"],
        ["Content-Type: application/x-pkcs7-mime", "", "AAAA"],
        ["", "-----BEGIN PGP MESSAGE-----", "", "hIwD", "-----END PGP MESSAGE-----"],
    ],
)
def test_encrypted_mail_says_so(lines: list[str]) -> None:
    assert failure(mail(*lines)) == "encrypted"


def ber(tag: int, *inner: bytes, indefinite: bool = False) -> bytes:
    data = b"".join(inner)
    if indefinite:
        return bytes([tag, 0x80]) + data + b"\x00\x00"
    length = len(data).to_bytes(3, "big")
    return bytes([tag, 0x83]) + length + data


@pytest.mark.parametrize("indefinite", [False, True])
def test_opaquely_signed_mail_is_read_through(indefinite: bool) -> None:
    inner = b"Content-Type: text/plain\n\nSigned words."
    octets = ber(0x24, ber(0x04, inner[:10]), ber(0x04, inner[10:]), indefinite=indefinite)
    data_kind, signed_kind = (ber(0x06, bytes.fromhex(f"2a864886f70d01070{kind}")) for kind in (1, 2))
    enclosed = ber(0x30, data_kind, ber(0xA0, octets, indefinite=indefinite), indefinite=indefinite)
    signed = ber(0x30, ber(0x02, b"\x01"), ber(0x31), enclosed, indefinite=indefinite)
    message = ber(0x30, signed_kind, ber(0xA0, signed, indefinite=indefinite), indefinite=indefinite)
    head = [
        "Content-Type: application/pkcs7-mime; smime-type=signed-data",
        "Content-Transfer-Encoding: base64",
        "",
    ]
    assert body(mail(*head, b64encode(message).decode())) == ["Signed words."]
    assert texts(read_eml(message)) == ["Signed words."]


def test_forwarded_messages_are_attachments_that_can_be_read() -> None:
    inner = "Content-Type: message/rfc822\n\nFrom: eve@example.org\nSubject: Inner\n\nInner words."
    data = mail(*parts("mixed", PLAIN, inner))
    (attachment,) = read_eml(data).attachments
    assert attachment.name == "Inner.eml"
    assert texts(read_eml(attachment.data)) == ["Inner", "From: eve@example.org", "Inner words."]


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="report.pdf"', "report.pdf"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\temp\\\\a.doc"', "a.doc"),
        ("attachment; filename*=UTF-8''na%C3%AFve%20plan.txt", "naïve plan.txt"),
        ("attachment; filename*0=lon; filename*1=ger.txt", "longer.txt"),
        ('attachment; filename="=?utf-8?b?w7xiZXIudHh0?="', "über.txt"),
        ('attachment; filename="a\x07b\u202egnp.txt"', "abgnp.txt"),
        ('attachment; filename="odd=name?.txt"', "odd=name.txt"),
        ("attachment", "attachment-1"),
        ('attachment; filename="..."', "attachment-1"),
    ],
)
def test_attachments_have_safe_names(disposition: str, name: str) -> None:
    part = f"Content-Type: application/octet-stream\nContent-Disposition: {disposition}\n\ndata"
    assert names(mail(*parts("mixed", PLAIN, part))) == [name]


def test_attachments_of_one_name_are_told_apart() -> None:
    part = "Content-Type: text/plain\nContent-Disposition: attachment; filename={}\n\ndata"
    data = mail(*parts("mixed", PLAIN, part.format("a.txt"), part.format("A.txt"), part.format("a.txt")))
    assert names(data) == ["a.txt", "A-2.txt", "a-3.txt"]


def test_shown_pictures_are_no_attachments_and_attached_ones_are() -> None:
    shown = "Content-Type: image/png; name=logo.png\nContent-Disposition: inline\n\ndata"
    attached = "Content-Type: image/png\nContent-Disposition: attachment; filename=scan.png\n\ndata"
    inline_document = "Content-Type: application/pdf; name=a.pdf\nContent-Disposition: inline\n\ndata"
    assert names(mail(*parts("mixed", PLAIN, shown, attached, inline_document))) == ["scan.png", "a.pdf"]


def test_pictures_that_the_text_refers_to_or_that_have_no_name_are_no_attachments() -> None:
    text = "Content-Type: text/html\n\n<p>Words.</p><img src='cid:Logo%40x'><a href='cid:terms'>Terms</a>"
    image = "Content-Type: image/png{}\nContent-Disposition: attachment\nContent-ID: <{}>\n\ndata"
    octets = "Content-Type: application/octet-stream; name=icon.GIF\nContent-ID: <icon>\n\ndata"
    data = mail(
        *parts(
            "mixed",
            image.format("; name=logo.png", "logo@x"),  # stands before the text that shows it
            text,
            image.format("", "nobody-shows-it"),
            image.format("; name=scan.png", "other"),
            octets,
            "Content-Type: application/pdf; name=terms.pdf\nContent-ID: <terms>\n\ndata",
            "Content-Type: audio/wav\nContent-Disposition: attachment\n\ndata",
        )
    )
    assert names(data) == ["scan.png", "terms.pdf", "attachment-3"]


def test_attachments_without_room_are_named_and_the_mail_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eml, "Carried", partial(Carried, 2, 12))
    part = "Content-Type: text/plain\nContent-Disposition: attachment; filename={}\n\n{}"
    sizes = {"a.txt": 5, "large.txt": 9, "b.txt": 4, "c.txt": 1}
    data = mail(*parts("mixed", PLAIN, *(part.format(name, "x" * size) for name, size in sizes.items())))
    assert names(data) == ["a.txt", "b.txt"]
    assert len(body(data)) == 1
    said = read_eml(data).metadata["attachments left out"]
    assert said == "large.txt, c.txt: more than 2 files or 0 MiB together"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_mail_that_an_editor_saved_is_detected_and_read(encoding: str) -> None:
    data = mail("MIME-Version: 1.0", "", "Grüße.").decode().encode(encoding)
    for key in ("letter.eml", "letter"):
        found = detect(data, key)
        assert isinstance(found, Detected)
        assert found.format is Format.EML
    assert body(data) == ["Grüße."]
    notes = "Note: this is\nno mail.\n".encode(encoding)
    assert detect(notes, "note") != found


@pytest.mark.parametrize(
    ("head", "raw", "text"),
    [
        ("text/plain; charset=iso-8859-1", "caf\xe9".encode("latin-1"), "café"),
        ("text/plain; charset=no-such-thing", "café".encode(), "café"),
        ("text/plain; charset=us-ascii", "café".encode(), "café"),
        ("text/plain; charset=unicode_escape", b"\\u0041", "\\u0041"),
        ("text/plain; charset=iso-8859-8-i", "שלום".encode("iso-8859-8"), "שלום"),
    ],
)
def test_bodies_are_decoded_by_what_holds(head: str, raw: bytes, text: str) -> None:
    assert body(f"{HEAD}Content-Type: {head}\n\n".encode() + raw) == [text]


def test_headers_that_declare_no_charset_are_read_by_their_bytes() -> None:
    assert read_eml("Subject: naïve 日本\n\nx".encode()).title == "naïve 日本"
    assert read_eml("Subject: naïve\n\nx".encode("latin-1")).title == "naïve"


def test_encoded_words_are_decoded() -> None:
    head = HEAD.replace("Leave", "=?utf-8?q?caf=C3=A9?= =?utf-8?q?_au_lait?=")
    assert read_eml(mail("", "x", head=head)).title == "café au lait"


def test_base64_that_is_broken_gives_what_can_be_read() -> None:
    encoded = b64encode(b"Some words of a body.").decode()
    assert body(mail("Content-Transfer-Encoding: base64", "", encoded + "!!"))[0].startswith("Some words")


def test_flowed_text_is_one_paragraph() -> None:
    data = mail("Content-Type: text/plain; format=flowed", "", "one ", "two", "> a ", "> b", "-- ", "Ann")
    assert body(data) == ["one two\n> a b\n--\nAnn"]


@pytest.mark.parametrize("date", ["", "INVALID", "Fri, 99 Foo 2022", "Fri, 16 Dec 99999999 17:04:16 -0500"])
def test_a_date_that_is_none_is_no_error(date: str) -> None:
    reading = read_eml(mail("", "Body.", head=f"Subject: S\nDate: {date}\n"))
    assert "date" not in reading.metadata
    assert texts(reading)[-1] == "Body."


def test_no_body_no_headers_and_nothing_at_all() -> None:
    assert texts(read_eml(b"Subject: Only\n\n")) == ["Only"]
    assert texts(read_eml(b"\nJust text.")) == ["Just text."]
    assert failure(b" \n\n \r\n") == "empty"


def test_mail_that_an_editor_saved_as_utf_16_is_read() -> None:
    assert read_eml(mail("", "Body.").decode().encode("utf-16")).title == "Leave"


def test_mail_made_to_exhaust_its_reader_is_refused_or_read() -> None:
    deep = "Subject: deep\n" + "".join(
        f'Content-Type: multipart/mixed; boundary="b{number}"\n\n--b{number}\n' for number in range(200)
    )
    assert failure(deep.encode()) == "too-large"
    assert failure(b"Subject: " + b"x" * (2 << 20)) == "too-large"
    crowd = HEAD.replace("Bob", ", ".join(f"Bob{number} <b{number}@x>" for number in range(5_000)))
    assert len(read_eml(mail("", "x", head=crowd)).metadata["to"]) == 4_000


BROKEN = st.lists(
    st.sampled_from(
        (
            "From: ", "Subject: =?utf-8?b?//?=\n", "Content-Type: multipart/mixed; boundary=b\n", "Content-Type: text/html\n",
            "Content-Type: message/rfc822\n", "Content-Type: multipart/alternative; boundary=\n", "\n", "--b\n", "--b--\n",
            "Content-Disposition: attachment; filename*0*=utf-8''%ff; filename*1=\n", "Content-Transfer-Encoding: base64\n",
            "Content-Type: text/plain; charset=\"=?x?q??=\"\n", "Content-Type: multipart/related; boundary=b\n", "=?", "\x00", "\r",
            "Content-Type: ;;;\n", "Date: -1 Jan\n", "To: @@@,,<>\n", " folded\n", "Content-Transfer-Encoding: x-uuencode\n", "begin 644 a\n",
            "Content-Type: message/delivery-status\n", "Content-Type: multipart/signed; boundary=b\n", "\udcff",
        )
    )
    | st.text(max_size=6),
    max_size=25,
).map(lambda pieces: "".join(pieces).encode("utf-8", "surrogatepass"))  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(BROKEN | st.binary(max_size=100))
def test_any_bytes_give_a_mail_or_a_parse_error(data: bytes) -> None:
    outcomes = []
    for _ in range(2):
        try:
            reading = read_eml(data)
            outcomes.append((texts(reading), reading.attachments, dict(reading.metadata)))
        except ParseError as error:
            outcomes.append(error.reason)
    assert outcomes[0] == outcomes[1]
