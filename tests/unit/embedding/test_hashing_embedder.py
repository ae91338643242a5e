"""The embedder without a model."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.embedding.hashing import HashingEmbedder


@settings(max_examples=50, deadline=None)
@given(text=st.text(max_size=200), dimension=st.integers(1, 100))
def test_every_text_has_a_finite_vector_of_length_1(text: str, dimension: int) -> None:
    vector = HashingEmbedder(dimension).embed_query(text)
    assert vector.shape == (dimension,)
    assert np.isclose(np.linalg.norm(vector), 1.0, atol=1e-5)


def test_the_same_text_has_the_same_vector_for_ever() -> None:
    # Stored vectors are compared with new ones: a change here needs another fingerprint.
    vector = HashingEmbedder(8).embed_query("carry over")
    np.testing.assert_allclose(vector, EXPECTED, atol=1e-6)


def test_upper_and_lower_case_are_alike() -> None:
    embedder = HashingEmbedder()
    np.testing.assert_array_equal(embedder.embed_query("Carry OVER"), embedder.embed_query("carry over"))


def test_a_word_with_another_ending_is_near() -> None:
    embedder = HashingEmbedder()
    carried, carry, parking = embedder.embed(
        ["carried over days", "carry over days", "parking permits granted"]
    )
    assert float(carried @ carry) > float(carried @ parking) + 0.3


def test_the_dimension_is_part_of_the_fingerprint() -> None:
    assert HashingEmbedder(8).fingerprint != HashingEmbedder(16).fingerprint


EXPECTED = [0.0, 0.0, 0.0, -0.191663, 0.0, -0.3833259, 0.6388766, -0.6388766]
