"""How fast passages are embedded, beside plain sentence-transformers and the machine's matrix products.

    python -m benchmarks.embedding [--documents DIR] [--passages 64] [--rounds 3] [--threads N]
                                   [--model DIR] [--cache DIR] [--int8] [--json FILE]

Passages are those that the chunker makes of the files under DIR, drawn evenly; of invented documents
without it. Plain is `SentenceTransformer.encode` with its defaults (batches of 32). All take turns,
round by round, with the same passages and as many threads, and what is told are medians.

Arithmetic is that of the model's matrix products over the tokens of the passages, padding not
counted. The limit is the best that numpy, torch and onnxruntime reach at products of the model's own
shapes, and at one of 2,048 cubed, in the same rounds.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.texts import Author
from benchmarks.workplace import conditions
from indexer.chunking.chunker import chunk
from indexer.embedding.cores import cores
from indexer.embedding.model_embedder import ModelEmbedder
from indexer.embedding.model_folder import find_model
from indexer.embedding.onnx_model import session
from indexer.embedding.precision import Precision
from indexer.embedding.sentence import load_sentence_transformer
from indexer.errors import ParseError
from indexer.parsing import Parsers
from indexer.ports import TokenCounter

Shape = tuple[int, int, int]
"""Rows, what is summed over, columns."""
PRODUCT_SECONDS = 0.15
"""For each kind of matrix product in each round."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one way of embedding reached: medians over the rounds."""

    passages_per_second: float
    tokens_per_second: float
    gflops: float | None
    cpu_seconds: float
    """Of one round, all threads."""
    least_cosine: float
    """To plain sentence-transformers."""
    mean_cosine: float


def passages(folder: Path | None, wanted: int, counter: TokenCounter) -> list[str]:
    """What is embedded of `wanted` passages, drawn evenly from all that there are."""
    parsers = Parsers()
    found: list[str] = []
    for name, data in _files(folder, wanted):
        try:
            blocks = parsers.parse(data, name).blocks
        except ParseError:
            continue
        found += [piece.embedded for piece in chunk(blocks, counter).chunks]
    step = max(1.0, len(found) / wanted)
    return [found[int(place * step)] for place in range(min(wanted, len(found)))]


def _files(folder: Path | None, wanted: int) -> list[tuple[str, bytes]]:
    if folder is None:
        author = Author(seed=1)
        return [(f"{number}.md", author.document(10).encode()) for number in range(wanted // 10 + 1)]
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and ".git" not in file.parts]
    step = max(1, len(files) * 4 // max(wanted, 1))  # reading all of a large folder is not what is measured
    return [(file.name, file.read_bytes()) for file in files[::step]]


def arithmetic(model: Path, lengths: Sequence[int]) -> float | None:
    """Floating-point operations of the matrix products of a transformer over texts of these lengths in tokens.

    Vaswani et al., "Attention Is All You Need" (2017): four projections and two of the feed-forward
    network in each layer, and the products of attention. None where config.json does not say the sizes.
    """
    settings = json.loads((model / "config.json").read_bytes())
    sizes = [settings.get(key) for key in ("num_hidden_layers", "hidden_size", "intermediate_size")]
    if not all(isinstance(size, int) for size in sizes):
        return None
    layers, width, inner = sizes
    weights = 2 * (4 * width * width + 2 * width * inner)
    return float(layers * sum(length * (weights + 4 * length * width) for length in lengths))


def products(model: Path, tokens: int, threads: int, work: Path) -> dict[str, Callable[[], float]]:
    """For each kind of product something that measures it once, in GFLOP/s."""
    import torch

    settings = json.loads((model / "config.json").read_bytes())
    width = int(settings.get("hidden_size") or 768)
    inner = int(settings.get("intermediate_size") or 4 * width)
    measures: dict[str, Callable[[], float]] = {}
    random = np.random.default_rng(1)
    torch.set_num_threads(threads)
    pool = ThreadPoolExecutor(threads)
    for rows, sum_over, columns in (
        (tokens, width, inner),
        (tokens, inner, width),
        (tokens * 8, width, inner),
        (2048, 2048, 2048),
    ):
        left = random.random((rows, sum_over), dtype=np.float32)
        right = random.random((sum_over, columns), dtype=np.float32)
        shape = (rows, sum_over, columns)
        name = " x ".join(map(str, shape))
        measures[f"numpy, {name}"] = _timed(shape, lambda a=left, b=right: a @ b)
        a, b = torch.from_numpy(left), torch.from_numpy(right)
        measures[f"torch, {name}"] = _timed(shape, lambda a=a, b=b: a @ b)
        graph = work / f"product-{len(measures)}.onnx"
        _export_product(b, rows, graph)
        run = session(graph).run
        each = [lambda run=run, x=left: run(None, {"x": x}) for _ in range(threads)]
        measures[f"onnxruntime on each core, {name}"] = _timed(
            shape, lambda each=each: list(pool.map(lambda one: [one() for _ in range(4)], each)), 4 * threads
        )
    return measures


def _export_product(weights: Any, rows: int, file: Path) -> None:
    import torch

    layer = torch.nn.Linear(weights.shape[0], weights.shape[1], bias=False)
    with torch.no_grad():
        layer.weight.copy_(weights.T)
        torch.onnx.export(
            layer, (torch.zeros(rows, weights.shape[0]),), str(file), dynamo=False, input_names=["x"]
        )


def _timed(shape: Shape, multiply: Callable[[], object], times: int = 1) -> Callable[[], float]:
    operations = 2 * shape[0] * shape[1] * shape[2] * times

    def measure() -> float:
        done, began = 0, time.perf_counter()
        while (spent := time.perf_counter() - began) < PRODUCT_SECONDS:
            multiply()
            done += 1
        return done * operations / spent / 1e9

    return measure


def main() -> None:
    """Measure, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=Path, help="a folder of real documents")
    parser.add_argument("--passages", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=cores())
    parser.add_argument("--model", help="the folder of a model, instead of the bundled one")
    parser.add_argument("--cache", type=Path, help="where exports are kept, instead of made for this run")
    parser.add_argument("--int8", action="store_true", help="measure 8-bit arithmetic, too")
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        report = measure(given, Path(temporary))
    show(report)
    if given.json:
        given.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def measure(given: argparse.Namespace, work: Path) -> dict[str, Any]:
    """All figures, and the conditions."""
    import torch

    model = find_model(given.model)
    precisions = [Precision.FLOAT32, *([Precision.INT8] if given.int8 else [])]
    embedders = {
        precision: ModelEmbedder(given.model, cache=given.cache or work, precision=precision, threads=given.threads)
        for precision in precisions
    }  # fmt: skip
    counter = embedders[Precision.FLOAT32].counter
    texts = passages(given.documents, given.passages, counter)
    plain = load_sentence_transformer(model.path)
    torch.set_num_threads(given.threads)
    lengths = [len(tokens) for tokens in plain.tokenizer(texts, truncation=True)["input_ids"]]
    ways: dict[str, Callable[[], NDArray[np.float32]]] = {
        "sentence-transformers": lambda: np.asarray(plain.encode(texts, show_progress_bar=False)),
        **{f"onnx, {precision}": lambda e=embedder: e.embed(texts) for precision, embedder in embedders.items()},
    }  # fmt: skip
    vectors = {name: way() for name, way in ways.items()}  # also the warm-up
    measures = products(model.path, max(1, round(statistics.mean(lengths))), given.threads, work)
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    reached: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(given.rounds):
        for name, way in ways.items():
            began, cpu = time.perf_counter(), time.process_time()
            way()
            spent[name].append((time.perf_counter() - began, time.process_time() - cpu))
        for name, product in measures.items():
            reached[name].append(product())
    operations = arithmetic(model.path, lengths)
    reference = vectors["sentence-transformers"]
    figures = {
        name: _figures(times, lengths, operations, cosines(vectors[name], reference))
        for name, times in spent.items()
    }
    limits = {name: statistics.median(values) for name, values in reached.items()}
    best = max(limits.values())
    ours, theirs = figures["onnx, float32"], figures["sentence-transformers"]
    return {
        "conditions": f"{conditions()}, " + ", ".join(f"{name} {version(name)}" for name in ("onnxruntime", "sentence-transformers", "torch", "numpy")),
        "model": model.name,
        "threads": given.threads,
        "rounds": given.rounds,
        "documents": str(given.documents or "invented"),
        "passages": len(texts),
        "tokens": {"sum": sum(lengths), "mean": statistics.mean(lengths), "median": statistics.median(lengths), "max": max(lengths)},
        "figures": {name: asdict(found) for name, found in figures.items()},
        "times_plain": {name: found.passages_per_second / theirs.passages_per_second for name, found in figures.items()},
        "limit_gflops": best,
        "products_gflops": limits,
        "share_of_limit": None if ours.gflops is None else ours.gflops / best,
        "peak_memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip


def cosines(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> NDArray[np.float64]:
    """Of each passage, in double precision."""
    left, right = ours.astype(np.float64), theirs.astype(np.float64)
    product: NDArray[np.float64] = np.sum(left * right, axis=1)
    product /= np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    return product


def _figures(
    times: Sequence[tuple[float, float]],
    lengths: Sequence[int],
    operations: float | None,
    near: NDArray[np.float64],
) -> Figures:
    wall = statistics.median(wall for wall, _ in times)
    return Figures(
        len(lengths) / wall,
        sum(lengths) / wall,
        None if operations is None else operations / wall / 1e9,
        statistics.median(cpu for _, cpu in times),
        float(near.min()),
        float(near.mean()),
    )


def show(report: dict[str, Any]) -> None:
    """The figures, as a table."""
    tokens = report["tokens"]
    print(report["conditions"])
    print(
        f"{report['model']}, {report['threads']} threads; {report['passages']} passages of {report['documents']}, "
        f"{tokens['mean']:.0f} tokens on average, {tokens['max']} at most; medians of {report['rounds']} rounds\n"
    )
    print(
        "| way | passages/s | tokens/s | GFLOP/s | of the limit | times plain | CPU s | least cosine | mean |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for name, found in report["figures"].items():
        gflops = found["gflops"]
        arithmetic_ = "–" if gflops is None else f"{gflops:.0f}"
        share = "–" if gflops is None else f"{gflops / report['limit_gflops']:.0%}"
        print(
            f"| {name} | {found['passages_per_second']:.1f} | {found['tokens_per_second']:,.0f} | {arithmetic_} | {share} "
            f"| {report['times_plain'][name]:.2f} | {found['cpu_seconds']:.2f} | {found['least_cosine']:.6f} | {found['mean_cosine']:.6f} |"
        )
    print(f"\nmatrix products, limit {report['limit_gflops']:.0f} GFLOP/s:")
    for name, gflops in sorted(report["products_gflops"].items(), key=lambda item: -item[1])[:4]:
        print(f"  {name}: {gflops:.0f}")


if __name__ == "__main__":
    main()
