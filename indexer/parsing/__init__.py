"""Implementations of `ports.Parser`: bytes of every supported format become blocks.

`Parsers` chooses by content first and by name second. Each format has a module of its own, which
is imported when the first document of its format comes along.
"""

from indexer.parsing.facade import Parsers

__all__ = ["Parsers"]
