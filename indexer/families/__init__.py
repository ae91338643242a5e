"""Families: which documents are editions of one work, by what they are called and what they state. Pure."""

from indexer.families.grouping import group
from indexer.families.names import parse_name, parse_title
from indexer.families.values import Described, Edition, EditionKind, Family, Order, ParsedName

__all__ = [
    "Described",
    "Edition",
    "EditionKind",
    "Family",
    "Order",
    "ParsedName",
    "group",
    "parse_name",
    "parse_title",
]
