"""The formats that are told apart, and the parser that reads each."""

from __future__ import annotations

from enum import Enum
from typing import Final

_OOXML: Final = "application/vnd.openxmlformats-officedocument"
_ODF: Final = "application/vnd.oasis.opendocument"


class Format(Enum):
    """A format: its media type, and the parser's name, version, module and function.

    A parser of text takes the decoded text. An isolated one takes the bytes, `(data: bytes) -> Reading`,
    and is only ever called in a worker process with limits: what it reads is made by large libraries,
    of bytes that anyone may have made.

    A parser's version is part of the pipeline that names a rendition. Raise it whenever the same
    bytes would give other blocks, so that texts of two versions are never compared as if edited.
    """

    CODE = ("text/plain", "code", 1, "text", "read_code")
    CSV = ("text/csv", "table", 1, "tables", "read_csv")
    HTML = ("text/html", "html", 1, "html", "read_html")
    JSON = ("application/json", "json", 1, "structured", "read_json")
    MARKDOWN = ("text/markdown", "markdown", 1, "markdown", "read_markdown")
    RESTRUCTURED = ("text/x-rst", "restructured", 1, "restructured", "read_restructured")
    TEXT = ("text/plain", "text", 1, "text", "read_text")
    TSV = ("text/tab-separated-values", "table", 1, "tables", "read_tsv")
    WIKI_PAGE = (
        "application/vnd.document-indexer.wiki-page",
        "wiki-page",
        1,
        "confluence.page",
        "read_wiki_page",
    )
    XML = ("application/xml", "code", 1, "text", "read_code")
    YAML = ("application/yaml", "yaml", 1, "structured", "read_yaml")

    DOC = ("application/msword", "doc", 1, "office.legacy", "read_doc", True)
    DOCX = (f"{_OOXML}.wordprocessingml.document", "docx", 1, "office.docx", "read_docx", True)
    EML = ("message/rfc822", "eml", 1, "mail.eml", "read_eml", True)
    EPUB = ("application/epub+zip", "epub", 1, "office.epub", "read_epub", True)
    MSG = ("application/vnd.ms-outlook", "msg", 1, "mail.msg", "read_msg", True)
    ODP = (f"{_ODF}.presentation", "odp", 1, "office.opendocument", "read_odp", True)
    ODS = (f"{_ODF}.spreadsheet", "ods", 1, "office.opendocument", "read_ods", True)
    ODT = (f"{_ODF}.text", "odt", 1, "office.opendocument", "read_odt", True)
    PDF = ("application/pdf", "pdf", 2, "pdf.reader", "read_pdf", True)
    PPT = ("application/vnd.ms-powerpoint", "ppt", 1, "office.legacy", "read_ppt", True)
    PPTX = (f"{_OOXML}.presentationml.presentation", "pptx", 1, "office.pptx", "read_pptx", True)
    RTF = ("application/rtf", "rtf", 1, "office.rtf", "read_rtf", True)
    XLS = ("application/vnd.ms-excel", "xls", 1, "office.legacy", "read_xls", True)
    XLSX = (f"{_OOXML}.spreadsheetml.sheet", "xlsx", 1, "office.xlsx", "read_xlsx", True)

    def __init__(
        self,
        media_type: str,
        name: str,
        version: int,
        module: str,
        function: str,
        isolated: bool = False,
    ) -> None:
        self.media_type = media_type
        self.parser = f"{name}/{version}"
        self.module = f"indexer.parsing.{module}"
        self.function = function
        self.isolated = isolated


_NAMED: dict[Format, str] = {
    Format.CSV: "csv",
    Format.HTML: "html htm xhtml xht shtml",
    Format.JSON: "json jsonl ndjson geojson jsonld ipynb webmanifest har",
    Format.MARKDOWN: "md markdown mdown mkd mkdn mdx rmd qmd",
    Format.RESTRUCTURED: "rst rest",
    Format.TEXT: "txt text adoc asciidoc org tex textile wiki mediawiki creole pod nfo"
    " doc docx odt rtf pdf eml msg ppt pptx xls xlsx odp ods epub docm dotx dotm xlsm xlsb pptm ppsx",
    Format.TSV: "tsv tab",
    Format.XML: "xml xsd xsl xslt svg rss atom plist wsdl",
    Format.YAML: "yaml yml",
}
BY_ENDING: dict[str, Format] = {
    ending: format_ for format_, endings in _NAMED.items() for ending in endings.split()
}
"""What a text is by the ending of its name. The binary formats stand here because a file of that
name that decodes as text is plain text (or what its content says) after all."""

_SOURCE_CODE = (
    "asp aspx bat c cc cpp cs css cxx ejs erb go h hpp hs j2 java jinja js jsp jsx kt less lua m mjs"
    " php pl ps1 py r rb rs scala scss sh sql swift tmpl tpl ts tsx twig vb vue"
)
SOURCE_CODE: frozenset[str] = frozenset(_SOURCE_CODE.split())
"""Endings under which markup inside the text says nothing about what the text is."""
