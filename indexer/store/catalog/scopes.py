"""Questions about what lies in some scopes of a source: a scope is a key and all below it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any


def lying_in(
    sql: sqlite3.Connection, query: str, values: Sequence[Any], key: str, scopes: Sequence[str] | None
) -> Iterator[Any]:
    """What `query` finds at or under these keys (everything, if None), by an index that leads with the column `key`.

    What lies in several of the scopes comes several times.
    """
    if scopes is None or "" in scopes:
        yield from sql.execute(query, values)
        return
    for scope in scopes:
        yield from sql.execute(f"{query} AND {key} = ?", (*values, scope))
        # All texts that begin with "scope/": "0" is the character after "/".
        below = (*values, f"{scope}/", f"{scope}0")
        yield from sql.execute(f"{query} AND {key} >= ? AND {key} < ?", below)
