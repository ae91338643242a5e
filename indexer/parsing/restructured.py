"""Stands in until this format has its own parser: paragraphs of plain text."""

from indexer.parsing.text import read_text

read_restructured = read_text
