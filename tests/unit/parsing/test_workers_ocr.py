"""Reading PDF with text recognition is another parser, so that texts of the two are never compared as if edited."""

from __future__ import annotations

import pytest

from indexer.parsing import Parsers
from indexer.parsing.pdf import ocr

PDF = b"%PDF-1.7\n"


def test_the_program_and_its_languages_are_part_of_the_parsers_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "engine", lambda: "tesseract-5.3.0-deu+eng")
    plain, recognising = Parsers(), Parsers(ocr=True)
    assert plain.identify(PDF, "a.pdf") in plain.versions
    assert plain.identify(PDF, "a.pdf") not in recognising.versions
    name = recognising.identify(PDF, "a.pdf")
    assert name.endswith("-tesseract-5.3.0-deu,eng")
    assert name in recognising.versions
    assert "+" not in name


def test_without_the_program_nothing_is_different(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "engine", lambda: None)
    assert Parsers(ocr=True).versions == Parsers().versions
