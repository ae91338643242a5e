"""How contents, texts and identities are hashed: BLAKE3 everywhere, written with its name."""

from __future__ import annotations

from typing import Final

from blake3 import blake3

PREFIX: Final = "b3:"
"""Names the algorithm in every stored hash, so that another one can follow it."""
_BASE32: Final = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's alphabet in lower case, as in `indexer.clock`."""
_ID_DIGITS: Final = 20
"""100 bits: a chance collision among 10^10 ids has a probability below 10^-10."""


def content_hash(data: bytes) -> str:
    """``b3:`` and 64 hexadecimal digits of the BLAKE3 hash of `data`."""
    return PREFIX + blake3(data).hexdigest()


def text_hash(text: str) -> str:
    """The `content_hash` of the text as UTF-8.

    Lone surrogates, which a damaged document may hold, hash as the three bytes that UTF-8 would
    give them, so that every `str` has a hash.
    """
    return content_hash(text.encode("utf-8", "surrogatepass"))


def short_id(prefix: str, *parts: str) -> str:
    """An identifier such as ``v_7k2m…`` that is computed from `parts`, with 100 bits of their hash.

    Each part is hashed behind its length, so that ``("ab", "c")`` and ``("a", "bc")`` differ; the
    prefix is hashed too, so that equal parts under two prefixes have unrelated digits.
    """
    hasher = blake3()
    for part in (prefix, *parts):
        encoded = part.encode("utf-8", "surrogatepass")
        hasher.update(len(encoded).to_bytes(8, "big"))
        hasher.update(encoded)
    number = int.from_bytes(hasher.digest(13), "big") >> (13 * 8 - 5 * _ID_DIGITS)
    digits = "".join(_BASE32[number >> shift & 31] for shift in range(5 * (_ID_DIGITS - 1), -1, -5))
    return f"{prefix}_{digits}"
