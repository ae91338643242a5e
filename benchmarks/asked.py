"""How long a question takes that a running service answers, as a whole process started for it alone.

    python -m benchmarks.asked [--passages 600] [--rounds 20]

The same commands run alone for comparison. Search is by meaning and by words, with the bundled model.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.texts import Author
from benchmarks.workplace import (
    COMMAND,
    Spent,
    add_json,
    conditions,
    configure,
    indexer,
    middle,
    percentile,
    run,
    write_json,
)

PASSAGES_PER_DOCUMENT = 30
QUESTIONS = (
    ("search", "what is said about rules"),
    ("search", "what is said about rules", "--json"),
    ("status",),
    ("history", "document 0.md"),
    ("show", "document 0.md"),
)


@contextmanager
def service(config: Path) -> Iterator[None]:
    """`indexer run`, when it has nothing left to do but to follow changes."""
    process = subprocess.Popen([*COMMAND, "--config", config, "run"], stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        if not any('"event": "ready"' in line for line in process.stderr):
            raise RuntimeError("the service ended before it was ready")
        indexer(config, "backfill")
        yield
    finally:
        process.terminate()
        process.communicate(timeout=30)


def measure(config: Path, rounds: int) -> dict[str, list[Spent]]:
    """What each command took, round by round, so that all see the same neighbours."""
    command: list[str | Path] = [*COMMAND, "--config", config]
    spent: dict[str, list[Spent]] = {"python, doing nothing": []}
    for round_ in range(-1, rounds):  # the first is not counted: it warms what is warm from then on
        for words in (("python, doing nothing",), *QUESTIONS):
            doing_nothing = words not in QUESTIONS
            took = run([sys.executable, "-c", "pass"] if doing_nothing else [*command, *words])
            name = words[0] if doing_nothing else f"indexer {' '.join(w for w in words if ' ' not in w)}"
            if round_ >= 0:
                spent.setdefault(name, []).append(took)
    return spent


def main() -> None:
    """Measure, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--passages", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=20)
    add_json(parser)
    options = parser.parse_args()
    author = Author(seed=1)
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary) / "documents"
        root.mkdir()
        for number in range(max(1, options.passages // PASSAGES_PER_DOCUMENT)):
            (root / f"document {number}.md").write_text(
                author.document(PASSAGES_PER_DOCUMENT), encoding="utf-8"
            )
        config = configure(Path(temporary), root)
        indexer(config, "backfill")
        with service(config):
            told = conditions()
            asked = measure(config, options.rounds)
        alone = measure(config, max(3, options.rounds // 4))
    print(f"{told}\n{options.passages:,} passages, {options.rounds} rounds through the service\n")
    print("| process | median s | p95 s | fastest s | median CPU s | alone: median s | CPU s |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    figures = {}
    for name, all_ in asked.items():
        median, by_itself, walls = middle(all_), middle(alone[name]), [spent.wall for spent in all_]
        figures[name] = {"median": median.wall, "p95": percentile(walls, 0.95), "cpu": median.cpu}
        print(
            f"| {name} | {median.wall:.3f} | {figures[name]['p95']:.3f} | {min(walls):.3f} "
            f"| {median.cpu:.3f} | {by_itself.wall:.2f} | {by_itself.cpu:.2f} |"
        )
    write_json(options.json, told, figures)


if __name__ == "__main__":
    main()
