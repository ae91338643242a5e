"""Where a question names a version: passages first that hold word by word what is asked for. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from indexer.query.asking.topic import Topic
from indexer.query.ordering import Order
from indexer.question import Interpretation

_LEAST_WORDS: Final = 3
"""Of fewer words none are rare together."""
_PLAIN: Final = 0.85
"""Only from such a weighed share of the words on a passage is taken for the one that is meant."""
_AS_GOOD: Final = 0.95


def by_words(asked: Interpretation, names: Sequence[str] = ()) -> Order:
    """Those first that hold all that is to be read literally, and of these such that plainly have the words of the topic."""

    def order(texts: Sequence[str]) -> list[int]:
        topic = Topic(asked, names, texts)
        literal = [not topic.literals or topic.literally(text) for text in texts]
        if len(topic.words) < _LEAST_WORDS:
            return _first(literal)
        shares = [topic.share(text) for text in texts]
        best = max(shares, default=0.0)
        plain = [best >= _PLAIN and share >= best * _AS_GOOD for share in shares]
        return sorted(range(len(texts)), key=lambda place: (not literal[place], not plain[place]))

    return order


def _first(chosen: Sequence[bool]) -> list[int]:
    return sorted(range(len(chosen)), key=lambda place: not chosen[place])
