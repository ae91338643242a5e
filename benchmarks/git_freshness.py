"""How soon can a commit be found that lands while the whole history of its own repository is imported?

    python -m benchmarks.git_freshness --repository BARE [--commits 3] [--apart 60] [--model bundled]

Clones the repository, starts the service on it, and lets a commit land every so often as long as the first import goes
on: a document that is edited and one that is new. Each is measured from the commit to the moment at which a search of
the published index finds both. What the import itself had done by then is told beside it.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.daemon import Daemon
from benchmarks.searching import Searching
from benchmarks.workplace import add_json, conditions, configure, load, write_json

TIMEOUT = 600.0
"""Seconds."""


def git(folder: Path, *words: str) -> str:
    """Run git, as somebody."""
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    done = subprocess.run(
        ["git", "-C", folder, *who, *words], check=True, capture_output=True, text=True, errors="replace"
    )
    return done.stdout


def land(repository: Path, number: int) -> tuple[str, str]:
    """One more commit; the words that tell what it brought: of an edit, and of a new document."""
    edited, new = f"zqedited{number}", f"zqnew{number}"
    names = [
        name for name in git(repository, "ls-files").splitlines() if name.endswith((".rst", ".md", ".txt"))
    ]
    path = repository / names[(len(names) // 2 + 7 * number) % len(names)]
    path.write_bytes(path.read_bytes() + f"\n\nOf today: {edited}.\n".encode())
    (repository / f"new-{number}.md").write_text(f"New today: {new}.\n", encoding="utf-8")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", f"Today {number}")
    return edited, new


def main() -> None:
    """Import, commit meanwhile, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repository", type=Path, required=True)
    parser.add_argument("--commits", type=int, default=3)
    parser.add_argument("--apart", type=float, default=60.0, help="seconds between two commits")
    parser.add_argument("--model", default="bundled", help="as in the configuration, or: bundled")
    add_json(parser)
    options = parser.parse_args()
    told = conditions()
    print(told)
    found: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        repository = folder / "repository"
        git(folder, "clone", "--quiet", str(options.repository.resolve()), str(repository))
        config = configure(folder, repository, None if options.model == "bundled" else options.model)
        text = config.read_text(encoding="utf-8").replace('kind = "files"', 'kind = "git"')
        config.write_text(text.replace("root = ", "path = "), encoding="utf-8")
        with Daemon(config, folder / "journal.log") as daemon:
            daemon.wait(
                lambda: daemon.ready and (folder / "data" / "catalog.sqlite").exists(), TIMEOUT, "start"
            )
            time.sleep(options.apart)
            with Searching(config) as searching:
                searching.warm()
                for number in range(options.commits):
                    if "scanning" not in daemon.status:
                        break
                    words = land(repository, number)
                    began, before = time.perf_counter(), load()
                    daemon.wait(lambda words=words: all(map(searching.keys, words)), TIMEOUT, "commit")  # type: ignore[misc]
                    seconds = time.perf_counter() - began
                    going_on = "scanning" in daemon.status
                    found.append({"seconds": seconds, "versions": len(searching.versions()), "load": before})
                    print(
                        f"| {number} | {seconds:.1f} | {found[-1]['versions']:,} | {going_on} | {before:.1f} |",
                        flush=True,
                    )
                    time.sleep(options.apart)
            again = sum(line["event"].startswith("told again") for line in daemon.events())
            daemon.end()
    print(
        f"\n(commit, seconds until it was found, versions by then, whether the import went on, load); told again {again} times"
    )
    write_json(options.json, told, {"commits": found, "told_again": again})


if __name__ == "__main__":
    main()
