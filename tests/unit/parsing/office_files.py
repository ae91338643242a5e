"""Office files for tests, built byte by byte."""

from __future__ import annotations

import io
import struct
import zipfile

from indexer.parsing.office.compound import SIGNATURE

_FREE = 0xFFFFFFFF
_END = 0xFFFFFFFE


def compound_file(*names: str, inside: bytes = b"") -> bytes:
    """A compound file with empty streams of these names; `inside` lies in an unnamed sector at its end.

    Its sectors: the allocation table, the directory, then `inside`.
    """
    entries = [_entry("Root Entry", kind=5, child=1)]
    entries += [
        _entry(name, kind=2, right=number + 2 if number + 1 < len(names) else _FREE)
        for number, name in enumerate(names)
    ]
    directory = b"".join(entries).ljust(-(-len(entries) // 4) * 512, b"\0")
    content = inside.ljust(-(-len(inside) // 512) * 512, b"\0")
    in_directory, in_content = len(directory) // 512, len(content) // 512
    chain = [0xFFFFFFFD, *range(2, in_directory + 1), _END, *[_END] * in_content]
    table = struct.pack("<128I", *chain, *[_FREE] * (128 - len(chain)))
    header = SIGNATURE + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    header += struct.pack("<9I", 1, 1, 0, 4096, _END, 0, _END, 0, 0)
    header += struct.pack("<108I", *[_FREE] * 108)
    return header + table + directory + content


def _entry(name: str, *, kind: int, child: int = _FREE, right: int = _FREE) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<3I", _FREE, right, child)
    return (encoded.ljust(64, b"\0") + struct.pack("<HBB", len(encoded), kind, 1) + links + bytes(36)).ljust(
        124, b"\0"
    ) + bytes(4)


_DATE = (2024, 1, 1, 0, 0, 0)
"""A fixed one: the bytes are the same in every run."""
_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    f' xmlns:r="{_RELATIONSHIPS}"'
)
_ODF = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{space}:1.0"'
    for name, space in {
        "office": "office",
        "text": "text",
        "table": "table",
        "style": "style",
        "draw": "drawing",
        "meta": "meta",
        "presentation": "presentation",
        "manifest": "manifest",
    }.items()
)


def archive(parts: dict[str, str | bytes], mimetype: str = "") -> bytes:
    """A ZIP file with these parts; `mimetype` stands uncompressed at its start."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        if mimetype:
            file.writestr(zipfile.ZipInfo("mimetype", _DATE), mimetype)
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, content)
    return buffer.getvalue()


def relationships(*targets: tuple[str, str]) -> str:
    """Kinds and targets, with the ids r1, r2 and so on."""
    lines = "".join(
        f'<Relationship Id="r{number}" Type="{_RELATIONSHIPS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{lines}</Relationships>'


def ooxml(main: str, parts: dict[str, str | bytes]) -> bytes:
    """An Office Open XML package."""
    return archive(
        {"[Content_Types].xml": "<Types/>", "_rels/.rels": relationships(("officeDocument", main)), **parts}
    )


def docx(body: str, **parts: str) -> bytes:
    """A Word document; `parts` are the insides of its other parts, such as ``styles``."""
    others: dict[str, str | bytes] = {
        f"word/{name}.xml": f"<w:{name} {_NAMESPACES}>{inside}</w:{name}>" for name, inside in parts.items()
    }
    document = f"<w:document {_NAMESPACES}><w:body>{body}</w:body></w:document>"
    return ooxml("word/document.xml", {"word/document.xml": document, **others})


def core(**properties: str) -> str:
    """The part for a document's own properties."""
    inside = "".join(f"<dc:{name}>{value}</dc:{name}>" for name, value in properties.items())
    return f'<cp:coreProperties xmlns:cp="urn:core" xmlns:dc="urn:dc">{inside}</cp:coreProperties>'


def w(text: str, *, style: str = "", properties: str = "") -> str:
    """A Word paragraph with one run."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{named}{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def pptx(*slides: str, parts: dict[str, str | bytes] | None = None) -> bytes:
    """A presentation; each slide is the inside of its tree of shapes."""
    ids = "".join(f'<p:sldId id="{256 + n}" r:id="r{n}"/>' for n in range(1, len(slides) + 1))
    made: dict[str, str | bytes] = {
        "ppt/presentation.xml": f"<p:presentation {_NAMESPACES}><p:sldIdLst>{ids}</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": relationships(
            *(("slide", f"slides/slide{n}.xml") for n in range(1, len(slides) + 1))
        ),
    }
    for number, shapes in enumerate(slides, start=1):
        made[f"ppt/slides/slide{number}.xml"] = slide(shapes)
    return ooxml("ppt/presentation.xml", {**made, **(parts or {})})


def slide(shapes: str, kind: str = "sld") -> str:
    """A slide or the page of its notes."""
    return f"<p:{kind} {_NAMESPACES}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:{kind}>"


def shape(*lines: str, placeholder: str = "") -> str:
    """A shape with paragraphs; a line begins with as many tabs as it is indented by."""
    mark = f'<p:ph type="{placeholder}"/>' if placeholder else ""
    words = "".join(
        f'<a:p><a:pPr lvl="{len(line) - len(line.lstrip(chr(9)))}"/><a:r><a:t>{line.strip()}</a:t></a:r></a:p>'
        for line in lines
    )
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="x"/><p:cNvSpPr/><p:nvPr>{mark}</p:nvPr></p:nvSpPr><p:spPr/>'
        f"<p:txBody>{words}</p:txBody></p:sp>"
    )


def xlsx(*sheets: tuple[str, str], parts: dict[str, str | bytes] | None = None, styles: str = "") -> bytes:
    """A workbook of sheets, each its attributes and its rows."""
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    listed = "".join(
        f'<sheet {about} sheetId="{number}" r:id="r{number}"/>'
        for number, (about, _) in enumerate(sheets, start=1)
    )
    count = len(sheets)
    made: dict[str, str | bytes] = {
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{_RELATIONSHIPS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relationships(
            *(("worksheet", f"worksheets/sheet{number}.xml") for number in range(1, count + 1)),
            ("styles", "styles.xml"),
            ("sharedStrings", "sharedStrings.xml"),
        ),
        "xl/styles.xml": f"<styleSheet {main}>{styles}</styleSheet>",
    }
    for number, (_, rows) in enumerate(sheets, start=1):
        made[f"xl/worksheets/sheet{number}.xml"] = (
            f"<worksheet {main}><sheetData>{rows}</sheetData></worksheet>"
        )
    return ooxml("xl/workbook.xml", {**made, **(parts or {})})


def rows(*lines: str) -> str:
    """Rows of a sheet: cells between bars, empty lines are empty rows."""
    made = []
    for number, line in enumerate(lines, start=1):
        cells = ""
        for column, text in enumerate(line.split("|") if line else []):
            place = f"{chr(ord('A') + column)}{number}"
            if text.strip():
                cells += f'<c r="{place}" t="inlineStr"><is><t>{text.strip()}</t></is></c>'
        made.append(f'<row r="{number}">{cells}</row>')
    return "".join(made)


def odf(
    kind: str, body: str, *, styles: str = "", meta: str = "", manifest: str = "", common: str = ""
) -> bytes:
    """An OpenDocument file of a kind such as ``text``."""
    content = (
        f"<office:document-content {_ODF}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    return archive(
        {
            "content.xml": content,
            "styles.xml": f"<office:document-styles {_ODF}><office:styles>{common}</office:styles></office:document-styles>",
            "meta.xml": f'<office:document-meta {_ODF} xmlns:dc="http://purl.org/dc/elements/1.1/">{meta}</office:document-meta>',
            "META-INF/manifest.xml": f"<manifest:manifest {_ODF}>{manifest}</manifest:manifest>",
        },
        f"application/vnd.oasis.opendocument.{kind}",
    )


def epub(
    chapters: dict[str, str],
    *,
    metadata: str = "",
    contents: str = "",
    parts: dict[str, str | bytes] | None = None,
) -> bytes:
    """A book of chapters by name; `contents` is the inside of its navigation document."""
    items = "".join(
        f'<item id="{name}" href="{name}.xhtml" media-type="application/xhtml+xml"/>' for name in chapters
    )
    order = "".join(f'<itemref idref="{name}"/>' for name in chapters)
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<metadata>{metadata}</metadata><manifest>{items}"
        '<item id="toc" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/></manifest>'
        f'<spine><itemref idref="toc"/>{order}</spine></package>'
    )
    made: dict[str, str | bytes] = {
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OEBPS/content.opf"/></rootfiles></container>',
        "OEBPS/content.opf": package,
        "OEBPS/nav.xhtml": f"<html><body><nav>{contents}</nav></body></html>",
    }
    for name, body in chapters.items():
        made[f"OEBPS/{name}.xhtml"] = (
            '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "x.dtd">'
            f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>{body}</body></html>'
        )
    return archive({**made, **(parts or {})}, "application/epub+zip")
