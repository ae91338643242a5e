"""Patterns select what Git would: Git itself is the reference."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.selection import DEFAULT_EXCLUDES, Selection, parse_rule

NAMES = ("a", "b", "docs", "x.md", "x.log", "~", "*")
paths = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4).map("/".join)
segments = st.sampled_from([*NAMES, "*", "**", "*.md", "x.*", "[ab]", "?", "d*s", r"\*"])
patterns = st.builds(
    lambda negate, lead, parts, tail: negate + lead + "/".join(parts) + tail,
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "", "/"]),
    st.lists(segments, min_size=1, max_size=3),
    st.sampled_from(["", "", "/"]),
)


def selected(files: Iterable[str], exclude: Sequence[str], include: Sequence[str] = ()) -> set[str]:
    """The files that the connector's walk would list."""
    selection = Selection([parse_rule(line) for line in include], [parse_rule(line) for line in exclude])
    taken = set()
    for file in files:
        *folders, name = file.split("/")
        entered = all(
            selection.enters("/".join(folders[: depth + 1]), folder) for depth, folder in enumerate(folders)
        )
        included = selection.takes_all("/".join(folders))
        if entered and selection.takes(file, name, included=included):
            taken.add(file)
    return taken


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", root], check=True)
    return root


def git_selects(root: Path, files: Sequence[str], exclude: Sequence[str]) -> set[str]:
    """The files that Git does not ignore; Git judges paths by name here, so nothing need exist but folders."""
    (root / ".gitignore").write_text("".join(f"{line}\n" for line in exclude))
    command = ["git", "-c", "core.excludesFile=/dev/null", "check-ignore", "--no-index", "-z", "--stdin"]
    asked = "\0".join(files)
    done = subprocess.run(command, cwd=root, input=asked, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return set(files) - set(done.stdout.split("\0"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    exclude=st.lists(patterns, min_size=1, max_size=4),
    files=st.lists(paths, min_size=1, max_size=12, unique=True),
)
def test_excludes_are_judged_as_git_judges_them(
    repository: Path, exclude: list[str], files: list[str]
) -> None:
    assert selected(files, exclude) == git_selects(repository, files, [*DEFAULT_EXCLUDES, *exclude])


DEFAULT_CASES = (
    *(".git/config", "sub/.git", "node_modules/a.md", "__pycache__/x", ".venv/x", ".DS_Store", "Thumbs.db"),
    *(
        "thumbs.db",
        "desktop.ini",
        "~$plan.docx",
        ".~lock.plan.odt#",
        "a.swp",
        ".a.swo",
        "a.md~",
        "#a#",
        ".#a",
    ),
    *("a.tmp", "a.part", "a.crdownload", ".Trash-1000/a", "$RECYCLE.BIN/a", "System Volume Information/a"),
    *(
        ".nfs0001",
        "lost+found/a",
        "a.md",
        ".github/a.md",
        "git/a.md",
        "#a",
        "a#",
        "~",
        "$a",
        "a.tmpl",
        "\n.tmp",
    ),
    *("a/b~/c.md", "partial", "x.Tmp", ".gitignore", "~/notes.md"),
)


def test_the_defaults_matched_without_pathspec_are_what_pathspec_makes_of_them() -> None:
    rules = [parse_rule(line) for line in DEFAULT_EXCLUDES]
    plain = Selection()
    for path in DEFAULT_CASES:
        name = path.rpartition("/")[2]
        assert plain.takes(path, name, included=True) == (
            not any(rule.matches(path, name) for rule in rules)
        ), path


def test_the_defaults_leave_documents_and_drop_litter() -> None:
    assert selected(DEFAULT_CASES, []) == {
        *("a.md", ".github/a.md", "git/a.md", "#a", "a#", "$a", "a.tmpl", "partial", "x.Tmp", ".gitignore")
    }


def test_an_exclude_pattern_can_take_a_default_back() -> None:
    assert selected(["node_modules/a.md", "a.tmp", "b.tmp"], ["!node_modules/", "!a.tmp"]) == {
        "node_modules/a.md",
        "a.tmp",
    }


def test_taking_a_folder_back_does_not_take_back_the_litter_in_it() -> None:
    assert selected(["a/x.md", "a/x.tmp"], ["/a", "!/a"]) == {"a/x.md"}


def test_nothing_in_an_excluded_folder_can_be_taken_back() -> None:
    assert selected(["drafts/a.md", "a.md"], ["drafts/", "!drafts/a.md"]) == {"a.md"}


@pytest.mark.parametrize(
    ("include", "expected"),
    [
        (["*.md"], {"a.md", "docs/b.md", "docs/deep/c.md"}),
        (["docs/"], {"docs/b.md", "docs/deep/c.md", "docs/d.pdf"}),
        (["/docs/*.md"], {"docs/b.md"}),
        (["docs/**/*.md", "*.pdf"], {"docs/b.md", "docs/deep/c.md", "docs/d.pdf"}),
        (["docs/deep/**"], {"docs/deep/c.md"}),
        (["nothing"], set()),
    ],
)
def test_with_include_patterns_a_file_must_match_one(include: list[str], expected: set[str]) -> None:
    assert selected(["a.md", "a.txt", "docs/b.md", "docs/deep/c.md", "docs/d.pdf"], [], include) == expected


def test_excludes_apply_to_what_is_included() -> None:
    assert selected(["a.md", "old a.md", "drafts/b.md"], ["old *", "drafts/"], ["*.md"]) == {"a.md"}


@pytest.mark.parametrize("pattern", ["", "/", "!", "# notes", "   "])
def test_a_pattern_that_can_match_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"pattern|comment"):
        parse_rule(pattern)


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        ("in/offer.eml//terms.pdf", True),
        ("in/offer.eml//logo.png", False),
        ("in/offer.eml//fwd.eml//terms.pdf", True),
        ("in/offer.eml//fwd.eml//logo.png", False),
        ("in/offer.eml//old.pdf", False),
        ("in/private.eml//fwd.eml//terms.pdf", False),
        ("in/offer.eml//~$terms.pdf", False),
        ("in/drafts//terms.pdf", True),
    ],
)
def test_excludes_reach_into_files_as_into_folders(key: str, wanted: bool) -> None:
    exclude = ["*.png", "/in/offer.eml/old.pdf", "/in/private.eml/*", "drafts/"]
    assert Selection((), [parse_rule(line) for line in exclude]).takes_inside(key) is wanted


@pytest.mark.parametrize(
    ("include", "carried"),
    [
        (["*.eml"], []),
        (["*.eml", "*.pdf"], ["terms.pdf"]),
        (["*.eml", "*.eml/**"], []),
        (["*.eml", "**/*.eml/**"], ["logo.png", "terms.pdf"]),
        (["in/"], ["logo.png", "terms.pdf"]),
    ],
)
def test_including_a_file_does_not_include_what_it_carries(include: list[str], carried: list[str]) -> None:
    selection = Selection([parse_rule(line) for line in include])
    names = ("logo.png", "terms.pdf")
    assert [name for name in names if selection.takes_inside(f"in/offer.eml//{name}")] == carried
