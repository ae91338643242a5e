"""Shows what the indexer does with documents that change, on a copy of the example policies.

Run by `make demo`. Every answer comes from the installed command; each is printed as it is run, so
that it can be copied and varied afterwards: what it built stays in build/demo.
"""
# ruff: noqa: T201, S603 - it prints, and it runs the command that it demonstrates

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
POLICIES = ROOT / "examples" / "policies"
STAGE = Path("build") / "demo"
SHARE = STAGE / "policies"
COMMAND = Path(".venv") / "bin" / "indexer"
QUESTION = "how many days of leave carry over"
SAVED = datetime(2024, 1, 2, 9, 0, tzinfo=UTC)
CONFIGURATION = """\
data_dir = "index"
timezone = "UTC"

[log]
level = "warning"

[[source]]
name = "policies"
kind = "files"
root = "policies"
"""


def main() -> int:
    """Play the story; 0 if every command did what it should."""
    os.chdir(ROOT)
    if not COMMAND.exists():
        print(f"{COMMAND} is missing; run `make install` first", file=sys.stderr)
        return 2
    os.environ["INDEXER_CONFIG"] = str(STAGE / "config.toml")
    try:
        set_the_stage()
        first_import()
        a_day_of_changes()
        questions_about_versions()
        how_the_text_came_about()
        back_again()
        for_ever()
    except subprocess.CalledProcessError as error:
        print(
            f"the demonstration ends here: the command above ended with {error.returncode}", file=sys.stderr
        )
        return 1
    caption(
        "Go on by yourself",
        f"""The copy and its index stay in {STAGE}. Edit something in {SHARE}, run `backfill`, and ask
        again. `make demo` starts afresh.""",
    )
    print(f"    export INDEXER_CONFIG={STAGE / 'config.toml'}\n    {COMMAND} --help")
    return 0


def set_the_stage() -> None:
    """A copy of the policies that says it was saved in January 2024, and a configuration beside it."""
    shutil.rmtree(STAGE, ignore_errors=True)
    shutil.copytree(POLICIES, SHARE)
    for file in SHARE.rglob("*"):
        if file.is_file():
            os.utime(file, (SAVED.timestamp(), SAVED.timestamp()))
    (STAGE / "config.toml").write_text(CONFIGURATION, encoding="utf-8")
    caption(
        "A file share",
        f"""{SHARE} is a copy of examples/policies: {count()} policies of a company as Markdown,
        reStructuredText, HTML, CSV, YAML and plain text, last saved on 2 January 2024.""",
    )
    print(f"    export INDEXER_CONFIG={STAGE / 'config.toml'}")


def first_import() -> None:
    """Index everything and ask one question."""
    caption("The first import", "Everything is new, so every passage is embedded.")
    run("backfill")
    run("status")
    caption("A question", "Answers are passages, each with the version that it stands in and a citation.")
    run("search", QUESTION, "-k", "2")


def a_day_of_changes() -> None:
    """Edit, move and delete as people do, then index what changed."""
    caption(
        "A day of changes",
        """hr/leave-policy.md: 8 days carry over instead of 5, and leave can be bought. travel/travel-policy.md:
        another rate per kilometre. hr/remote-work.md is moved to hr/hybrid-work.md. finance/procurement.md
        is deleted.""",
    )
    edit("hr/leave-policy.md", 'version: "2.0"', 'version: "2.1"')
    edit("hr/leave-policy.md", "Up to 5 days of unused annual leave", "Up to 8 days of unused annual leave")
    edit(
        "hr/leave-policy.md",
        "## Asking for leave",
        """## Buying leave

Up to 5 further days of annual leave may be bought each year, in November for the year that follows. A
day costs a 260th of the yearly salary and is deducted in twelve parts.

## Asking for leave""",
    )
    edit("travel/travel-policy.md", "0.35 EUR a kilometre", "0.42 EUR a kilometre")
    (SHARE / "hr" / "remote-work.md").rename(SHARE / "hr" / "hybrid-work.md")
    (SHARE / "finance" / "procurement.md").unlink()
    caption(
        "The second import",
        """Only the passages that changed are embedded. Unchanged files are not read; the file that moved is the
        same document under another key, and nothing of it is embedded again.""",
    )
    run("backfill")


def questions_about_versions() -> None:
    """The same question to the present, to a version, to a date."""
    caption("The present", "The answer now:")
    run("search", QUESTION, "-k", "1")
    caption("A version", "What did version 1 say? The answer comes from exactly that version.")
    run("search", QUESTION, "--doc", "leave-policy.md", "--version", "1", "-k", "1")
    caption("A label", "The document calls its first version 2.0, and that name works too.")
    run("search", QUESTION, "--doc", "leave-policy.md", "--version", "2.0", "-k", "1")
    caption("A date", "What held on 1 June 2024, over all documents?")
    run("search", QUESTION, "--as-of", "2024-06-01", "-k", "1")


def how_the_text_came_about() -> None:
    """History, difference and origin of one document; what became of the moved and the deleted one."""
    caption("History", "Every version that was seen, newest first.")
    run("history", "leave-policy.md")
    caption("Difference", "What changed between two versions, by passage and by word.")
    run("diff", "leave-policy.md@1", "2")
    caption("Blame", "Each passage of the present with the version that brought it.")
    run("blame", "leave-policy.md")
    caption("Moved", "The history goes on across the move; the old name still finds the document.")
    run("history", "remote-work.md")
    caption("Deleted", "A deleted document has left the present, not the index.")
    run("history", "procurement.md")


def back_again() -> None:
    """A change is taken back: a third version that costs no embedding."""
    caption(
        "Taken back",
        """The rate per kilometre goes back to what it was. That is a third version, as it should be, but its
        text is known: nothing is embedded.""",
    )
    edit("travel/travel-policy.md", "0.42 EUR a kilometre", "0.35 EUR a kilometre")
    run("backfill")
    run("history", "travel-policy.md")


def for_ever() -> None:
    """A citation of an old version, resolved; then the index verifies itself."""
    answer = json.loads(
        subprocess.run(
            [COMMAND, "search", QUESTION, "--doc", "leave-policy.md", "--version", "1", "-k", "1", "--json"],
            check=True,
            capture_output=True,
            encoding="utf-8",
        ).stdout
    )
    caption(
        "A citation",
        "The citation of the answer from version 1 means that text for ever, whatever comes later.",
    )
    run("cite", answer["hits"][0]["citation"])
    caption("Verified", "The index checks on itself that nothing of this is lost or mixed up.")
    run("check")


def count() -> int:
    """How many documents lie on the share."""
    return sum(file.is_file() for file in SHARE.rglob("*"))


def edit(key: str, before: str, after: str) -> None:
    """Replace `before`, which must be there, in a document of the share."""
    file = SHARE / key
    text = file.read_text(encoding="utf-8")
    if before not in text:
        raise SystemExit(f"examples/policies/{key} no longer contains {before!r}; correct examples/demo.py")
    file.write_text(text.replace(before, after, 1), encoding="utf-8")


def caption(title: str, text: str) -> None:
    """Say what comes next."""
    bold, plain = ("\x1b[1m", "\x1b[0m") if sys.stdout.isatty() else ("", "")
    print(f"\n{bold}── {title} {'─' * max(0, 86 - len(title))}{plain}")
    print(textwrap.fill(" ".join(text.split()), 90))


def run(*arguments: str) -> None:
    """Print the command as one would type it, and run it."""
    print(f"\n$ {shlex.join([str(COMMAND), *arguments])}", flush=True)
    subprocess.run([COMMAND, *arguments], check=True)


if __name__ == "__main__":
    sys.exit(main())
