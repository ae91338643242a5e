"""Whether keys lie in scopes: a scope is a key and all below it; the empty one is everything."""

from __future__ import annotations

from collections.abc import Set


def lies_in(key: str, scopes: Set[str]) -> bool:
    """Whether `key` is one of `scopes` or lies under one; the cost does not grow with their number."""
    if not scopes:
        return False
    while key not in scopes:
        if not key:
            return False
        key = key.rpartition("/")[0]
    return True
