"""Finds rows by words, of which those that people mean as one thing count more where they stand together.

LanceDB adds up the scores of several questions too, but weighs every row that one of them finds: 25 to 30 ms among
100,000 rows, of which the words alone take 5, since there it passes over what cannot be among the best.
So each is asked by itself, and the scores are added here.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from typing import Any, Final

import numpy as np

from indexer.store.passages import columns

SCORE: Final = "_score"
"""The column of a result that has its score."""
_READ: Final = (*columns.MATCH, SCORE)
_COMPOUND: Final = re.compile(r"[^\W_](?!['’‐-][^\W\d_])[\W_]+[^\W_]|\d['’‐-]\w")
"""Is in a word that the tokenizer takes apart although people mean one thing: ``4.2``, ``ERR_ACCESS_DENIED``,
``ISO-9001``; but not where a hyphen or an apostrophe joins two words of prose."""
_MOST_COMPOUNDS: Final = 8
_MOST_TOGETHER: Final = 1024
"""Rows that hold one compound; of a more frequent one LanceDB adds up the scores."""

Find = Callable[[Any, str, str | None, int], Coroutine[Any, Any, Any]]
"""(table, words, condition, count) → an Arrow table of the best rows."""


async def best_by_phrase(table: Any, phrase: str, condition: str | None, count: int) -> Any:
    """An Arrow table of the `count` best rows that hold the words of `phrase` side by side, in any order."""
    from lancedb.query import PhraseQuery

    return await _asked(table, PhraseQuery(phrase, columns.TEXT), condition, count)


async def best_by_words(table: Any, words: str, condition: str | None, count: int) -> Any:
    """An Arrow table of the `count` rows that fit `words` best, fewer only where no more hold one of them, in any order.

    A row's score is that of its words, and for each compound among them that of the compound as a phrase.
    """
    from lancedb.query import MatchQuery, PhraseQuery

    compounds = list(dict.fromkeys(filter(_COMPOUND.search, words.split())))[:_MOST_COMPOUNDS]
    whole = MatchQuery(words, columns.TEXT)
    phrases = [PhraseQuery(compound, columns.TEXT) for compound in compounds]
    found, *together = await asyncio.gather(
        _asked(table, whole, condition, count),
        *(_asked(table, phrase, condition, _MOST_TOGETHER) for phrase in phrases),
    )
    if any(len(rows) >= _MOST_TOGETHER for rows in together):
        return await _asked(table, _summed(whole, phrases), condition, count)
    together = [rows for rows in together if len(rows)]
    missing = sorted({place for rows in together for place in _places(rows)} - set(_places(found)))
    if missing:
        import pyarrow as pa

        within = f"{columns.PLACE} IN ({','.join(map(str, missing))})"
        further = await _asked(table, whole, within, len(missing), covered=True)
        if len(further) < len(missing):
            # Rows that the index does not cover are weighed by all those of them that the condition lets in.
            return await _asked(table, _summed(whole, phrases), condition, count)
        found = pa.concat_tables([found, further])
    return _best(found, together, count) if together else found


def _best(found: Any, together: list[Any], count: int) -> Any:
    """The best of what was `found`, with the scores that its rows have `together` added."""
    import pyarrow as pa

    added: dict[int, float] = {}
    for rows in together:
        for place, score in zip(_places(rows), rows.column(SCORE).to_pylist(), strict=True):
            added[place] = added.get(place, 0.0) + score
    scores = found.column(SCORE).to_numpy() + np.array([added.get(place, 0.0) for place in _places(found)])
    keys = found.column(columns.KEY).to_numpy()
    best = np.lexsort((keys, -scores))[:count]
    at = found.schema.get_field_index(SCORE)
    return found.set_column(at, SCORE, pa.array(scores)).take(best)


def _places(rows: Any) -> list[int]:
    places: list[int] = rows.column(columns.PLACE).to_pylist()
    return places


def _summed(whole: Any, phrases: list[Any]) -> Any:
    from lancedb.query import BooleanQuery, Occur

    return BooleanQuery([(Occur.SHOULD, question) for question in (whole, *phrases)])


async def _asked(
    table: Any, question: Any, condition: str | None, count: int, *, covered: bool = False
) -> Any:
    """The `count` best rows; with `covered` only of those that the text index covers."""
    query = table.query().nearest_to_text(question)
    query = query.fast_search() if covered else query
    query = query if condition is None else query.where(condition)
    return await query.select([*_READ]).with_row_id().limit(count).to_arrow()
