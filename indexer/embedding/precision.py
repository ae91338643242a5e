"""How exactly a model is computed."""

from __future__ import annotations

from enum import StrEnum


class Precision(StrEnum):
    """Each makes vectors of its own, which do not mix: it is part of the fingerprint."""

    FLOAT32 = "float32"
    """As sentence-transformers computes."""
    INT8 = "int8"
    """Weights and activations of matrix products rounded to 8 bits: faster, and a little off."""
