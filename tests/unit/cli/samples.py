"""Values to draw and to shape: a document with three versions, and what queries say of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from indexer.model import Document, TimeBasis, Version, VersionKind, VersionStatus
from indexer.query.results import (
    BlamedPassage,
    BlameResult,
    Change,
    ChangeKind,
    CiteResult,
    DiffResult,
    HistoryResult,
    Hit,
    Scope,
    SearchResult,
    ShownPassage,
    ShowResult,
    SourceStatus,
    StatusResult,
    Totals,
    VersionEntry,
    WordKind,
    WordSpan,
    Writer,
)

MARCH_1 = 1_709_290_800_000_000
"""2024-03-01T11:00:00Z."""
JUNE_12 = 1_718_179_200_000_001
"""2024-06-12T08:00:00.000001Z."""
CITATION = "indexer:policies/d_7k2m0000000000aa@v_1a2b3c4d5e6f7g8h9j0k#p_0123456789abcdefghjk"

DOCUMENT = Document(
    no=1, id="d_7k2m0000000000aa", source_no=1, source="policies", key="hr/leave-policy.md",
    title="Leave policy", deleted=False,
)  # fmt: skip


def version(number: int | None = 3, **changes: Any) -> Version:
    """Version 3, effective from March to June, unless `changes` say otherwise."""
    made = Version(
        no=3,
        id="v_1a2b3c4d5e6f7g8h9j0k",
        document_no=1,
        kind=VersionKind.CONTENT,
        status=VersionStatus.PAST,
        number=number,
        was_number=None,
        key="hr/leave-policy.md",
        title="Leave policy",
        valid_from=MARCH_1,
        valid_to=JUNE_12,
        time_basis=TimeBasis.MTIME,
        recorded_from=MARCH_1 + 1_000_000,
        recorded_to=None,
        source_time=MARCH_1,
        author="Ann",
        message="Raise the limit",
        origin="x",
        sequence=3,
        content_hash="b3:aa",
        text_hash="b3:bb",
        passages=14,
        labels=("3", "v3.1"),
    )
    return replace(made, **changes)


def entry(number: int | None = 3, **changes: Any) -> VersionEntry:
    """The same with what it changed."""
    return VersionEntry(version(number, **changes), added=2, removed=1)


CURRENT = entry(4, id="v_current", status=VersionStatus.CURRENT, valid_from=JUNE_12, valid_to=None, labels=())

HIT = Hit(
    rank=1,
    score=0.5,
    text="Up to ten days may be carried over.",
    heading=("Leave policy", "Carry-over"),
    page=2,
    document=DOCUMENT,
    version=entry(),
    citation=CITATION,
    also_in=((1, 2), (5, 9)),
)
SCOPE = Scope(
    resolved_by='label "3"',
    document=DOCUMENT,
    version=entry(),
    as_of=MARCH_1,
    alternatives=(CURRENT,),
    selector="3",
)
SEARCH = SearchResult(query="carry over", scope=SCOPE, hits=(HIT,))
HISTORY = HistoryResult(DOCUMENT, (CURRENT, entry()))
SHOW = ShowResult(
    DOCUMENT, entry(), "Text.", (ShownPassage(CITATION, ("A",), 0, 5, 2, 1),), 'number "3"', (CURRENT,)
)
DIFF = DiffResult(
    DOCUMENT,
    entry(),
    CURRENT,
    (
        Change(
            ChangeKind.CHANGED,
            ("Carry-over",),
            "Ten days.",
            "Twelve days.",
            words=(
                WordSpan(WordKind.REMOVED, "Ten "),
                WordSpan(WordKind.ADDED, "Twelve "),
                WordSpan(WordKind.EQUAL, "days."),
            ),
        ),
        Change(ChangeKind.ADDED, ("New",), None, "Something."),
        Change(ChangeKind.REMOVED, ("Old",), "Nothing.", None),
        Change(ChangeKind.MOVED, ("There",), "Moved.", "Moved.", previous_heading=("Here",)),
    ),
    "numbers",
)
BLAME = BlameResult(DOCUMENT, CURRENT, (BlamedPassage("Text.", ("A",), entry(), CITATION),), "the present")
CITE = CiteResult(
    CITATION, DOCUMENT, entry(), ("A",), "Text.", 2, False, CURRENT, "it was changed in version 4"
)
STATUS = StatusResult(
    sources=(
        SourceStatus("policies", "files", "ok", None, 1200, 3400, 56_000, 2, MARCH_1, JUNE_12),
        SourceStatus("handbook", "git", "incomplete", "a folder cannot be read", 0, 0, 0, 0, None, None),
    ),
    totals=Totals(1200, 3400, 56_000, 2, 60_000, 1_000_000, 300_000, 5_000_000),
    writer=Writer(4711, MARCH_1),
)
