"""The formats that are told apart, and the parser that reads each."""

from __future__ import annotations

from enum import Enum


class Format(Enum):
    """A format: its media type, and the parser's name, version and module.

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
    XML = ("application/xml", "code", 1, "text", "read_code")
    YAML = ("application/yaml", "yaml", 1, "structured", "read_yaml")

    def __init__(self, media_type: str, name: str, version: int, module: str, function: str) -> None:
        self.media_type = media_type
        self.parser = f"{name}/{version}"
        self.module = f"indexer.parsing.{module}"
        self.function = function


_NAMED: dict[Format, str] = {
    Format.CSV: "csv",
    Format.HTML: "html htm xhtml xht shtml",
    Format.JSON: "json jsonl ndjson geojson jsonld ipynb webmanifest har",
    Format.MARKDOWN: "md markdown mdown mkd mkdn mdx rmd qmd",
    Format.RESTRUCTURED: "rst rest",
    Format.TEXT: "txt text adoc asciidoc org tex textile wiki mediawiki creole pod nfo"
    " doc docx odt rtf pdf eml msg ppt pptx xls xlsx",
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
