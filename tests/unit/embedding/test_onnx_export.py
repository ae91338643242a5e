"""The ONNX export of a model: the same vectors, kept safely, and a way out where there is none."""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from indexer.embedding.choose import create_embedder
from indexer.embedding.onnx_cache import MANIFEST
from indexer.embedding.onnx_model import GRAPH, TOKENIZER, WEIGHTS
from indexer.errors import EmbeddingError

# An export starts torch in a process of its own, which takes its time on a busy machine.
pytestmark = [pytest.mark.model, pytest.mark.timeout(600)]

WORDS = [
    "leave",
    "may",
    "be",
    "carried",
    "over",
    "until",
    "the",
    "end",
    "of",
    "March",
    "if",
    "the",
    "manager",
    "agrees",
    "in",
    "writing",
]
TEXTS = [" ".join((WORDS * 9)[:length]) for length in (1, 2, 3, 5, 9, 17, 30, 44, 60, 100)] + [
    "",
    "Ünïcode §",
]


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "indexer.embedding"]


def fingerprint(tiny: Path) -> str:
    return create_embedder(str(tiny)).fingerprint


@pytest.fixture
def cache(exported: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model's export, to be damaged."""
    shutil.copytree(exported, tmp_path / "models")
    return tmp_path / "models"


def test_export_and_sentence_transformers_make_the_same_vectors(tiny: Path, exported: Path) -> None:
    plain, onnx = create_embedder(str(tiny)), create_embedder(str(tiny), cache=exported)
    assert onnx.fingerprint == plain.fingerprint
    theirs, ours = plain.embed(TEXTS), onnx.embed(TEXTS)
    assert np.abs(theirs - ours).max() < 1e-5
    assert np.sum(theirs * ours, axis=1).min() > 0.9999
    np.testing.assert_allclose(
        onnx.embed_query("who agrees?"), plain.embed_query("who agrees?"), rtol=0, atol=1e-5
    )


def test_each_role_has_its_prompt(tiny: Path, exported: Path) -> None:
    onnx = create_embedder(str(tiny), cache=exported)
    assert float(onnx.embed_query(TEXTS[5]) @ onnx.embed([TEXTS[5]])[0]) < 0.999


def test_a_vector_is_the_same_to_the_last_bit_whatever_is_embedded_with_it(
    tiny: Path, exported: Path
) -> None:
    onnx = create_embedder(str(tiny), cache=exported)
    together = onnx.embed(TEXTS)
    np.testing.assert_array_equal(onnx.embed(TEXTS[::-1])[::-1], together)
    np.testing.assert_array_equal(np.concatenate([onnx.embed([text]) for text in TEXTS]), together)


def test_the_first_question_of_a_process_loads_no_torch(tiny: Path, exported: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from indexer.embedding.choose import create_embedder\n"
        f"create_embedder({str(tiny)!r}, cache=Path({str(exported)!r})).embed_query('who agrees?')\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'huggingface_hub', 'onnx'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_an_export_that_is_there_is_only_read(
    tiny: Path, exported: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = {path: path.stat() for path in exported.rglob("*")}
    with caplog.at_level(logging.INFO, "indexer.embedding"):
        create_embedder(str(tiny), cache=exported).embed_query("who agrees?")
    after = {path: path.stat() for path in exported.rglob("*")}
    assert {path: (s.st_mtime_ns, s.st_ino) for path, s in after.items()} == {
        path: (s.st_mtime_ns, s.st_ino) for path, s in before.items()
    }
    assert lines(caplog) == []


def test_the_manifest_says_how_well_the_export_agrees(tiny: Path, exported: Path) -> None:
    manifest = json.loads((exported / fingerprint(tiny) / MANIFEST).read_bytes())
    assert set(manifest["files"]) == {GRAPH, WEIGHTS, TOKENIZER}
    assert manifest["verified"]["least_cosine"] >= 0.9999
    assert manifest["verified"]["largest_difference"] < 1e-5
    assert manifest["verified"]["texts"] >= 40
    assert "onnxruntime" in manifest["made_with"]


def test_a_damaged_export_is_said_and_made_again(
    tiny: Path, cache: Path, exported: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = cache / fingerprint(tiny)
    weights = (place / WEIGHTS).read_bytes()
    (place / WEIGHTS).write_bytes(weights[:-1] + bytes([weights[-1] ^ 1]))
    half = cache / f"{place.name}.unfinished"
    half.mkdir()
    (half / GRAPH).write_bytes(b"half of a graph")
    with caplog.at_level(logging.INFO, "indexer.embedding"):
        made = create_embedder(str(tiny), cache=cache).embed(TEXTS)
    damaged, making = lines(caplog)
    assert "cannot be used (model.weights is not what was written): making it again" in damaged
    assert "once" in making
    np.testing.assert_array_equal(made, create_embedder(str(tiny), cache=exported).embed(TEXTS))
    assert sorted(path.name for path in cache.iterdir()) == [place.name, f"{place.name}.lock"]


def test_a_file_where_the_export_belongs_makes_room_for_it(tiny: Path, tmp_path: Path) -> None:
    place = tmp_path / fingerprint(tiny)
    place.write_bytes(b"")
    create_embedder(str(tiny), cache=tmp_path).embed_query("who agrees?")
    assert (place / MANIFEST).is_file()


@pytest.mark.parametrize("damage", ["truncated", "missing", "no manifest", "manifest of another format"])
def test_any_damage_is_noticed_and_the_search_goes_on(
    tiny: Path, cache: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    place = cache / fingerprint(tiny)
    if damage == "truncated":
        (place / GRAPH).write_bytes((place / GRAPH).read_bytes()[:1000])
    elif damage == "missing":
        (place / TOKENIZER).unlink()
    elif damage == "no manifest":
        (place / MANIFEST).unlink()
    else:
        manifest = json.loads((place / MANIFEST).read_bytes()) | {"format": 0}
        (place / MANIFEST).write_text(json.dumps(manifest))
    # Nothing new can be written here: a folder stands in the lock's way.
    (cache / f"{place.name}.lock").unlink()
    (cache / f"{place.name}.lock").mkdir()
    found = create_embedder(str(tiny), cache=cache).embed_query("who agrees?")
    assert found.shape == (32,)
    damaged, without = lines(caplog)
    assert "cannot be used" in damaged
    assert "without its ONNX export" in without
    assert "cannot be written" in without


def test_without_a_place_for_the_export_sentence_transformers_embeds_and_it_is_said_once(
    tiny: Path, exported: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "models").write_text("a file where a folder is wanted")
    fallen = create_embedder(str(tiny), cache=tmp_path / "models")
    vectors = fallen.embed(TEXTS)
    fallen.embed_query("again")
    (said,) = lines(caplog)
    assert "cannot be written" in said
    assert "\n" not in said
    ours = create_embedder(str(tiny), cache=exported).embed(TEXTS)
    assert np.sum(vectors * ours, axis=1).min() > 0.9999


def test_int8_is_refused_where_its_export_cannot_be_kept(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where a folder is wanted")
    for cache in (None, tmp_path / "models"):
        embedder = create_embedder(str(tiny), cache=cache, precision="int8")
        assert embedder.fingerprint != fingerprint(tiny)
        with pytest.raises(EmbeddingError, match="cannot run at int8") as raised:
            embedder.embed_query("who agrees?")
        assert "float32" in raised.value.remedy


def test_an_export_that_is_not_the_same_model_is_refused(
    tiny: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A convolution over padded batches sees the padding, and no single text can reproduce that."""
    import torch
    from safetensors.torch import save_file

    folder = tmp_path / "convolved"
    shutil.copytree(tiny, folder)
    modules = json.loads((folder / "modules.json").read_bytes())
    kind = "sentence_transformers.sentence_transformer.modules.CNN"
    modules[1:1] = [{"idx": 1, "name": "cnn", "path": "cnn", "type": kind}]
    (folder / "modules.json").write_text(
        json.dumps([module | {"idx": idx, "name": str(idx)} for idx, module in enumerate(modules)])
    )
    (folder / "cnn").mkdir()
    (folder / "cnn/cnn_config.json").write_text(
        json.dumps(
            {
                "in_word_embedding_dimension": 32,
                "out_channels": 32,
                "kernel_sizes": [9],
                "stride_sizes": None,
            }
        )
    )
    weights = {
        "convs.0.weight": torch.randn(32, 32, 9, generator=torch.Generator().manual_seed(1)),
        "convs.0.bias": torch.zeros(32),
    }
    save_file(weights, folder / "cnn/model.safetensors")
    embedder = create_embedder(str(folder), cache=tmp_path / "models")
    assert embedder.embed(["some text"]).shape == (1, 32)
    said = lines(caplog)[-1]
    assert "without its ONNX export" in said
    assert "not those of sentence-transformers" in said
    assert not (tmp_path / "models" / embedder.fingerprint).exists()


def test_truncated_weights_are_the_models_fault_and_no_reason_to_fall_back(
    tiny: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(tiny, folder)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-5000])
    with pytest.raises(EmbeddingError, match="cannot load the embedding model in") as raised:
        create_embedder(str(folder), cache=tmp_path / "models").embed(["some text"])
    assert "\n" not in str(raised.value)
    assert raised.value.remedy


def test_vectors_of_another_length_than_the_files_say_are_refused(tiny: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(tiny, folder)
    wrong = {"word_embedding_dimension": 48, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling/config.json").write_text(json.dumps(wrong))
    with pytest.raises(EmbeddingError, match="gives vectors of length 32, its files say 48"):
        create_embedder(str(folder)).embed(["some text"])


def test_two_processes_at_once_make_one_export(tiny: Path, tmp_path: Path) -> None:
    program = (
        "import logging; from pathlib import Path; from indexer.embedding.choose import create_embedder\n"
        "logging.basicConfig(level=logging.INFO, format='%(name)s %(message)s')\n"
        f"print(create_embedder({str(tiny)!r}, cache=Path({str(tmp_path / 'models')!r})).embed_query('who?')[:4])"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    ended = [process.communicate(timeout=500) for process in running]
    assert [process.returncode for process in running] == [0, 0]
    assert ended[0][0] == ended[1][0]
    said = [line for _, errors in ended for line in errors.splitlines() if "indexer.embedding" in line]
    assert len(said) == 1
    assert "exporting the embedding model tiny to ONNX, once" in said[0]


def test_a_hub_model_that_is_not_here_is_said_in_a_line_when_offline() -> None:
    program = (
        "from indexer.embedding.choose import create_embedder\n"
        "from indexer.errors import EmbeddingError\n"
        "try: create_embedder('nobody/nothing').fingerprint\n"
        "except EmbeddingError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"HF_HUB_OFFLINE": "1", "PATH": "/usr/bin", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    (line,) = done.stdout.splitlines()
    assert "nobody/nothing" in line
    assert "download the model" in line
