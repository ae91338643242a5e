"""What every implementation of `ports.Embedder` does."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from indexer.embedding.choose import create_embedder
from indexer.ports import Embedder

TEXTS = [
    "Annual leave may be carried over until the end of March.",
    "Leave policy > Carry-over\n\n" + "Employees tell their manager in writing. " * 30,
    "",
    "ERR_ACCESS_DENIED",
    "年次有給休暇の繰り越し",
    "Annual leave may be carried over until the end of April.",
    "The warehouse closes at five.",
]

MODEL = [pytest.mark.model, pytest.mark.timeout(600)]
"""The first test of each makes an export, and that takes its time on a busy machine."""


@pytest.fixture(
    scope="module",
    params=[
        "hashing",
        *(pytest.param(kind, marks=MODEL) for kind in ("sentence", "onnx", "int8")),
    ],
)
def embedder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    if request.param == "hashing":
        return create_embedder("hashing")
    if request.param == "sentence":
        return create_embedder(None)
    cache = tmp_path_factory.mktemp("data") / "models"
    return create_embedder(None, cache=cache, precision="int8" if request.param == "int8" else "float32")


def test_vectors_have_the_promised_shape_and_length_1(embedder: Embedder) -> None:
    vectors = embedder.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_a_vector_does_not_depend_on_the_texts_beside_it(embedder: Embedder) -> None:
    together = embedder.embed(TEXTS)
    backwards = embedder.embed(TEXTS[::-1])[::-1]
    alone = np.concatenate([embedder.embed([text]) for text in TEXTS])
    assert np.abs(together - alone).max() < 1e-5
    assert np.abs(together - backwards).max() < 1e-5


def test_a_question_has_a_vector_of_length_1_near_its_text(embedder: Embedder) -> None:
    question = embedder.embed_query(TEXTS[0])
    assert question.shape == (embedder.dimension,)
    assert question.dtype == np.float32
    assert float(question @ embedder.embed([TEXTS[0]])[0]) == pytest.approx(1.0, abs=1e-5)


def test_near_equal_texts_are_nearer_than_unlike_ones(embedder: Embedder) -> None:
    vectors = embedder.embed(TEXTS)
    assert float(vectors[0] @ vectors[5]) > float(vectors[0] @ vectors[6]) + 0.2


def test_no_texts_give_no_vectors(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, embedder.dimension)


def test_the_fingerprint_is_stable_and_can_name_a_table(embedder: Embedder) -> None:
    name = "hashing" if embedder.dimension == 64 else None
    precision = "int8" if "int8" in embedder.fingerprint else "float32"
    assert create_embedder(name, precision=precision).fingerprint == embedder.fingerprint
    assert set(embedder.fingerprint) <= set("abcdefghijklmnopqrstuvwxyz0123456789-._")


def test_the_counter_has_a_limit_and_counts(embedder: Embedder) -> None:
    assert embedder.counter.limit > 0
    assert embedder.counter.count(["", "carry over"]) == [0, 2]


@pytest.mark.parametrize("model", ["None", "'hashing'"])
def test_fingerprint_dimension_and_counter_load_no_model(model: str) -> None:
    program = (
        "import sys; from indexer.embedding.choose import create_embedder\n"
        f"e = create_embedder({model}); e.fingerprint; e.dimension; e.counter.count(['a b'])\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'huggingface_hub'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
