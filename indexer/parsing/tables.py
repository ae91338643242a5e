"""Stands in until these formats have their own parser: paragraphs of plain text."""

from indexer.parsing.text import read_text

read_csv = read_tsv = read_text
