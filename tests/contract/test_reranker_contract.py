"""What every reranker keeps: the fake, and a CrossEncoder with weights that were drawn at random, since none comes in a package."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.clock import SystemClock
from indexer.embedding.cross_encoder import CrossEncoderReranker
from indexer.errors import EmbeddingError
from indexer.ports.reranker import Reranker
from tests.support.fake_reranker import FakeReranker

QUESTION = "how many days carry over"
TEXTS = ["Five days carry over.", "Pay day is the last of the month.", "", "days " * 2000, "Sick leave."] * 5


@pytest.fixture(scope="session")
def random_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a CrossEncoder of one layer that knows nothing."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    from indexer.embedding.tokens import bundled_model_folder

    folder = tmp_path_factory.mktemp("models") / "random"
    tokenizer = AutoTokenizer.from_pretrained(str(bundled_model_folder()), local_files_only=True)  # type: ignore[no-untyped-call]
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=128, num_labels=1,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer.model_max_length = 128
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(params=["fake", pytest.param("model", marks=pytest.mark.model)])
def make(request: pytest.FixtureRequest) -> Callable[[], Reranker]:
    if request.param == "fake":
        return FakeReranker
    folder = request.getfixturevalue("random_model")
    return lambda: CrossEncoderReranker(str(folder), SystemClock())


def test_there_is_a_score_for_each_text_in_their_order_where_time_suffices(
    make: Callable[[], Reranker],
) -> None:
    reranker = make()
    scores = reranker.scores(QUESTION, TEXTS, 1e6)
    assert len(scores) == len(TEXTS)
    assert all(isinstance(score, float) for score in scores)
    assert scores[:5] == pytest.approx(scores[5:10], abs=1e-5)
    assert scores[0] != scores[1]


def test_without_time_the_first_ones_are_scored_all_the_same(make: Callable[[], Reranker]) -> None:
    scores = make().scores(QUESTION, TEXTS, 0.0)
    assert 0 < len(scores) < len(TEXTS)


def test_equal_input_gives_equal_scores(make: Callable[[], Reranker]) -> None:
    assert make().scores(QUESTION, TEXTS, 1e6) == pytest.approx(make().scores(QUESTION, TEXTS, 1e6), abs=1e-5)


def test_of_no_texts_there_are_no_scores(make: Callable[[], Reranker]) -> None:
    assert make().scores(QUESTION, [], 1.0) == []


@pytest.mark.model
def test_a_folder_without_a_model_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingError, match="cannot load the reranker") as error:
        CrossEncoderReranker(str(tmp_path / "none"), SystemClock()).scores(QUESTION, TEXTS, 1.0)
    assert "\n" not in str(error.value)
