"""Stands in until these formats have their own parser: blocks of code."""

from indexer.parsing.text import read_code

read_json = read_yaml = read_code
