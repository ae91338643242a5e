"""What stands in for keys and origins that were purged: hashes, by which they are known when they come again.

A mask tells nobody the name. Who knows the name can tell that it is this one.
"""

from __future__ import annotations

import re
from typing import Final

from indexer.hashing import short_id

_MASK: Final = "purged"
_MASKED: Final = re.compile(r"(?:[a-z-]+:|(?:tree:)?[0-9a-f]{40,64}:)?purged_[0-9a-hjkmnp-tv-z]{20}(?:~\d+)?")
_COUNTED: Final = re.compile(r"v?\d+([._-]\d+)*", re.IGNORECASE)
_PARTS: Final = re.compile(
    r"(?P<scheme>(?:tree:|commit:)?[0-9a-f]{40,64}:|[a-z-]+:|)(?P<rest>.*?)(?P<again>~\d+|)", re.DOTALL
)


def mask_key(key: str) -> str:
    """What stands for `key`."""
    return short_id(_MASK, "key", key)


def mask_origin(origin: str) -> str:
    """What stands for `origin`: its scheme and its commit stay, and the sign of a state that was found again.

    By these the states of a line are told apart where they are held against what a source shows.
    """
    parts = _PARTS.fullmatch(origin)
    assert parts is not None  # every text fits
    masked = short_id(_MASK, "origin", parts["scheme"], parts["rest"])
    return f"{parts['scheme']}{masked}{parts['again']}"


def tells_number(label: str) -> bool:
    """Whether `label` counts versions. Such labels stay: without one, the same selector would mean another version."""
    return _COUNTED.fullmatch(label) is not None


def is_masked(text: str) -> bool:
    """Whether `text`, a key or an origin, is a mask."""
    return _MASKED.fullmatch(text) is not None
