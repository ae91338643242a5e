"""What replaying the history of a repository costs, beside embedding every changed file whole.

    python -m benchmarks.git_replay REPO [--model MODEL] [--sample 40] [--index DIR] [--seed 1]

Indexes the whole first-parent history into an empty folder (DIR, if given) and counts the work:

* commits of the passages table, and the versions of it that they and its upkeep made;
* bytes on disk;
* tokens embedded, as a share of those of all versions' texts (a rename without an edit is not counted),
  and as a multiple of those of the changed paragraphs alone: the distinct blocks between blank lines of
  the canonical text that the document's text before lacks. Both by the model's tokenizer;
* rows that were changed after they had been written. Folding a history only adds rows, so that a first
  import has none.

Beside the time that it took stands what plain `SentenceTransformer.encode`, defaults, would take to embed
the passages of every such version anew: measured on versions drawn at random with as many threads, and
*extrapolated* by tokens. Reading and parsing are not in it.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.git_indexed import Indexed, index_history
from benchmarks.workplace import add_json, conditions, write_json
from indexer.config import Config
from indexer.embedding.choose import create_embedder
from indexer.embedding.cores import cores
from indexer.embedding.model_folder import find_model
from indexer.embedding.sentence import load_sentence_transformer
from indexer.model import FOREVER, Row
from indexer.ports import TokenCounter
from indexer.store.catalog.catalog import Catalog
from indexer.store.catalog.snapshot import Snapshot

TARGET = 1.25
"""Times the tokens of changed paragraphs that may be embedded."""


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a version whose bytes are not those of the version before."""

    manifest_no: int
    tokens: int
    """Of its passages, as they are embedded."""
    before: int | None
    """The manifest of the text that the document had before; None: it had none."""


@dataclass(frozen=True, slots=True)
class Work:
    """What the index holds once everything is told."""

    documents: int
    versions: int
    texts: int
    all_tokens: int
    changed_tokens: int
    """Of changed paragraphs."""
    rows: int
    changed_rows: int
    """That were closed or superseded by a later commit than the one that wrote them."""
    table_version: int
    bytes_on_disk: dict[str, int]


@dataclass(frozen=True, slots=True)
class Plain:
    """Versions embedded whole by sentence-transformers."""

    versions: int
    tokens: int
    seconds: float
    cpu_seconds: float
    extrapolated: float
    """Seconds for all versions."""
    extrapolated_cpu: float


def texts(catalog: Catalog, documents: Sequence[int], tokens: dict[int, int]) -> Iterator[Text]:
    """Every text of these documents in source order; versions aside are held against the line before them."""
    with catalog.recorded() as state:
        for document_no in documents:
            before: int | None = None
            content: str | None = None
            for version in state.line(document_no):
                no = version.manifest_no
                if no is not None and version.content_hash != content:
                    yield Text(no, tokens[no], before)
                if not version.aside:
                    content = version.content_hash
                    before = before if no is None else no


def count(config: Config, counter: TokenCounter) -> tuple[Work, list[Text]]:
    """Everything that is counted in the index."""
    folder = config.data_dir
    with Catalog(folder) as catalog, catalog.snapshot() as snapshot:
        versions = snapshot.versions_of()
        published = snapshot.published()
        rows = snapshot.rows()
        manifests = sorted(
            {v.manifest_no for vs in versions.values() for v in vs if v.manifest_no is not None}
        )
        length = {no: p.tokens for no, p in snapshot.passages(row.passage_no for row in rows).items()}
        tokens = {
            no: sum(length[passage] for passage in of_one)
            for no, of_one in snapshot.manifest_passages(manifests).items()
        }
        found = list(texts(catalog, sorted(versions), tokens))
        changed = sum(_changed_tokens(snapshot, text, counter) for text in found)
    return (
        Work(
            documents=len(versions),
            versions=sum(map(len, versions.values())),
            texts=len(found),
            all_tokens=sum(text.tokens for text in found),
            changed_tokens=changed,
            rows=len(rows),
            changed_rows=sum(map(_was_changed, rows)),
            table_version=0 if published is None else published.table_version,
            bytes_on_disk={
                "passages": _size(folder / "passages"),
                "catalog": sum(file.stat().st_size for file in folder.glob("catalog.sqlite*")),
                "originals": _size(folder / "originals"),
            },
        ),
        found,
    )


def _was_changed(row: Row) -> bool:
    return row.recorded_to != FOREVER or row.closed_recorded not in (row.recorded_from, FOREVER)


def _changed_tokens(snapshot: Snapshot, text: Text, counter: TokenCounter) -> int:
    held = set() if text.before is None else set(_paragraphs(snapshot, text.before))
    return sum(counter.count(sorted(set(_paragraphs(snapshot, text.manifest_no)) - held)))


def _paragraphs(snapshot: Snapshot, manifest_no: int) -> list[str]:
    entries = snapshot.manifest(manifest_no)
    passages = snapshot.passages(entry.passage_no for entry in entries)
    text = "".join(entry.separator + passages[entry.passage_no].text for entry in entries)
    return [paragraph for paragraph in text.split("\n\n") if paragraph.strip()]


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def embed_plainly(config: Config, model: str | None, found: Sequence[Text], sample: int, seed: int) -> Plain:
    """Embed the passages of some versions, one version after another, as sentence-transformers does by itself."""
    import torch

    drawn = random.Random(seed).sample(list(found), min(sample, len(found)))
    with Catalog(config.data_dir) as catalog, catalog.snapshot() as snapshot:
        wanted = [
            [passages[entry.passage_no].embedded for entry in entries]
            for entries in (snapshot.manifest(text.manifest_no) for text in drawn)
            for passages in [snapshot.passages(entry.passage_no for entry in entries)]
        ]
    plain = load_sentence_transformer(find_model(model).path)
    torch.set_num_threads(cores())
    plain.encode(wanted[0], show_progress_bar=False)  # the warm-up
    began, cpu = time.perf_counter(), time.process_time()
    for passages in wanted:
        plain.encode(passages, show_progress_bar=False)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    tokens = sum(text.tokens for text in drawn)
    whole = sum(text.tokens for text in found)
    times = whole / tokens
    return Plain(len(drawn), tokens, seconds, cpu, seconds * times, cpu * times)


def show(indexed: Indexed, work: Work, plain: Plain | None) -> None:
    """The figures, as a table."""
    report, steps = indexed.report, indexed.steps
    changed = report.tokens_embedded / work.changed_tokens
    print("| what | |")
    print("|---|---:|")
    for what, figure in {
        "documents, versions, texts": f"{work.documents:,}, {work.versions:,}, {work.texts:,}",
        "failed": f"{report.failed:,}",
        "commits of the passages table": f"{steps.get('passages written', 0):,}",
        "of the catalog": f"{steps.get('catalog committed', 0):,}",
        "compactions": f"{steps.get('compacted', 0):,}",
        "version of the passages table at the end": f"{work.table_version:,}",
        **{f"MB on disk, {name}": f"{size / 1e6:.1f}" for name, size in work.bytes_on_disk.items()},
        "passages embedded": f"{report.passages_embedded:,}",
        "tokens embedded": f"{report.tokens_embedded:,}",
        "tokens of all versions": f"{work.all_tokens:,}",
        "embedded of these": f"{report.tokens_embedded / work.all_tokens:.2%}",
        "tokens of changed paragraphs": f"{work.changed_tokens:,}",
        f"embedded, times these (at most {TARGET})": f"{changed:.3f}",
        "rows": f"{work.rows:,}",
        "rows changed after they were written": f"{work.changed_rows:,}",
        "seconds, of CPU": f"{indexed.seconds:.1f}, {indexed.cpu_seconds:.1f}",
        "peak MiB": f"{indexed.peak_mib:,}",
    }.items():
        print(f"| {what} | {figure} |")
    if plain is not None:
        rate = plain.tokens / plain.seconds
        seconds, cpu = plain.extrapolated, plain.extrapolated_cpu
        print(
            f"| sentence-transformers, {plain.versions} versions whole: seconds, of CPU "
            f"| {plain.seconds:.1f}, {plain.cpu_seconds:.1f} |\n"
            f"| its tokens/s | {rate:,.0f} |\n"
            f"| all {work.texts:,} versions whole, extrapolated: seconds, of CPU | {seconds:,.0f}, {cpu:,.0f} |\n"
            f"| times the replay: seconds, of CPU "
            f"| {seconds / indexed.seconds:.1f}, {cpu / indexed.cpu_seconds:.1f} |"
        )


def main() -> int:
    """Replay, count, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repository", type=Path)
    parser.add_argument("--model", help="as in the configuration; default: the bundled one")
    parser.add_argument("--sample", type=int, default=40, help="versions that are embedded whole; 0: none")
    parser.add_argument("--index", type=Path, help="make the index here, and keep it; nothing may be here")
    parser.add_argument("--seed", type=int, default=1)
    add_json(parser)
    options = parser.parse_args()
    if options.index is not None and options.index.exists() and any(options.index.iterdir()):
        parser.error(f"{options.index} is not empty")
    told = f"{conditions()}, {cores()} threads"
    print(f"{told}\n{options.repository.name}, {options.model or 'the bundled model'}\n")
    with tempfile.TemporaryDirectory() as temporary:
        place = (options.index or Path(temporary)).resolve()
        indexed = index_history(place, options.repository, options.model)
        counter = create_embedder(options.model, cache=indexed.config.data_dir / "models").counter
        work, found = count(indexed.config, counter)
        plain = None
        if options.sample and options.model != "hashing" and found:
            plain = embed_plainly(indexed.config, options.model, found, options.sample, options.seed)
    show(indexed, work, plain)
    figures = {"seconds": indexed.seconds, "cpu_seconds": indexed.cpu_seconds, "peak_mib": indexed.peak_mib}
    parts = {"report": asdict(indexed.report), "work": asdict(work), "plain": plain and asdict(plain)}
    write_json(
        options.json,
        told,
        figures | parts | {"repository": options.repository.name, "steps": dict(indexed.steps)},
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
