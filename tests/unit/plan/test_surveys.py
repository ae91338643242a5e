"""What a look at a whole source says of one document, held against what is recorded of it."""

from __future__ import annotations

import pytest

from tests.unit.plan.looks import Look, shown, tell

NOW = Look(25, "1a 2b")

LINES: dict[str, tuple[list[Look], str]] = {
    # --- in the order in which they were taken ---
    "a new document has its states": ([Look(25, "1a 2b")], "1a 2b"),
    "a new version comes after the others": ([Look(15, "1a"), Look(25, "1a 2b")], "1a 2b"),
    "what retention took away stays": ([Look(25, "1a 2b"), Look(35, "3c")], "1a 2b 3c"),
    "a look that is told twice says no more": ([NOW, NOW], "1a 2b"),
    "the trash is a tombstone": ([Look(25, "1a 2b trash")], "1a 2b gone@25"),
    "the trash of two looks is one tombstone": (
        [Look(15, "1a trash"), Look(16, "1a trash")],
        "1a gone@15",
    ),
    "restored from the trash as it was, it is the same state again": (
        [Look(15, "1a"), Look(16, "1a trash"), Look(17, "1a")],
        "1a gone@16 1a@17",
    ),
    "restored and told twice, it is back once": (
        [Look(15, "1a trash"), Look(16, "1a"), Look(17, "1a"), Look(16, "1a", 17)],
        "1a gone@15 1a@16",
    ),
    "thrown away and restored twice": (
        [Look(15, "1a trash"), Look(16, "1a"), Look(17, "1a trash"), Look(18, "1a")],
        "1a gone@15 1a@16 gone@17 1a@18",
    ),
    "restored and edited, the new version says it": (
        [Look(15, "1a trash"), Look(25, "1a 2b")],
        "1a gone@15 2b",
    ),
    "edited and thrown away between two looks": (
        [Look(15, "1a"), Look(25, "1a 2b trash")],
        "1a 2b gone@25",
    ),
    "a complete look without it buries it": ([Look(15, "1a"), Look(25)], "1a gone@25"),
    "an incomplete look without it does not": ([Look(15, "1a"), Look(25, complete=False)], "1a"),
    "what is gone is buried once": ([Look(15, "1a"), Look(25), Look(26)], "1a gone@25"),
    "purged, and back with a later look": ([Look(15, "1a"), Look(16), Look(17, "1a")], "1a gone@16 1a@17"),
    # --- late looks ---
    "a late look fills in what was before": ([Look(35, "2b 3c"), Look(25, "1a 2b", 35)], "1a 2b 3c"),
    "a late look at what no later one has": ([Look(15, "1a", 25)], "1a gone@25"),
    "a late look at the trash of what no later one has": ([Look(15, "1a trash", 25)], "1a gone@15"),
    "a late look at what a later one saw in the trash": (
        [Look(35, "1a trash"), Look(15, "1a", 35)],
        "1a gone@35",
    ),
    "a late look that knows more of what is gone": (
        [Look(15, "1a", 35), Look(25, "1a 2b", 35)],
        "1a 2b gone@35",
    ),
    "a late look at the trash of what was gone later": (
        [Look(15, "1a", 35), Look(25, "1a trash", 35)],
        "1a gone@25",
    ),
    "a late look after the trash and before it was purged": (
        [Look(15, "1a trash", 35), Look(25, "1a", 35)],
        "1a gone@15 1a@25 gone@35",
    ),
    "a late look at the trash of what lives later": (
        [Look(15, "1a"), Look(25, "1a"), Look(20, "1a trash", 25)],
        "1a gone@20 1a@25",
    ),
    "a late look at the trash of what was edited later": (
        [Look(35, "1a 2b@30"), Look(25, "1a trash", 35)],
        "1a gone@25 2b",
    ),
    "a late look at what was back earlier than was known": (
        [Look(15, "1a trash"), Look(35, "1a"), Look(25, "1a", 35)],
        "1a gone@15 1a@25",
    ),
    "a late look between death and a new version": (
        [Look(15, "1a trash"), Look(35, "1a 2b@30"), Look(25, "1a", 35)],
        "1a gone@15 1a@25 2b",
    ),
    "a late look at a version before the absence that it was back from in another look": (
        [Look(11, "1a"), Look(15), Look(17, "1a 2b@12"), Look(13, "1a 2b@12", 15)],
        "1a 2b gone@15 2b@15",
    ),
    "a late look at that, in the trash again": (
        [Look(11, "1a"), Look(15), Look(17, "1a 2b@12 trash"), Look(14, "1a 2b@12 trash", 15)],
        "1a 2b gone@14 2b@15 gone@17",
    ),
    "a late look without it changes nothing": ([Look(15, "1a"), Look(35, "1a"), Look(25, "", 35)], "1a"),
    # --- older looks whose successors are forgotten ---
    "an older look knows nothing of what was made later": ([Look(25, "1a 2b"), Look(15, "1a")], "1a 2b"),
    "an older look without it buries nothing that was made later": ([Look(25, "2b"), Look(15)], "2b"),
    "an older look does not bring back what is gone": (
        [Look(15, "1a"), Look(35), Look(15, "1a")],
        "1a gone@35",
    ),
    "an older look at the trash does not bury what is back": (
        [Look(15, "1a trash"), Look(16, "1a"), Look(15, "1a trash")],
        "1a gone@15 1a@16",
    ),
    # --- renderings, and how much is known ---
    "another rendering of a state is the same": ([Look(15, "1a"), Look(16, "1x'")], "1a"),
    "whichever came first": ([Look(15, "1x'"), Look(16, "1a")], "1x'"),
    "another rendering, restored from the trash": (
        [Look(15, "1a trash"), Look(16, "1x'"), Look(17, "1a")],
        "1a gone@15 1a@16",
    ),
    "a text replaces a state without one": ([Look(15, "1?"), Look(16, "1a")], "1a"),
    "a state without a text replaces none": ([Look(15, "1a"), Look(16, "1?")], "1a"),
    "a text replaces one without, also where that was back": (
        [Look(15, "1? trash"), Look(16, "1?"), Look(17, "1a")],
        "1a gone@15 1a@16",
    ),
    "a deleted version replaces one without a text": (
        [Look(25, "1? 2b"), Look(26, "1- 2b")],
        "1- 2b",
    ),
    "the text of a version stays when that is deleted": ([Look(25, "1a 2b"), Look(26, "1- 2b")], "1a 2b"),
    "and is filled in when it is told later": ([Look(26, "1- 2b"), Look(25, "1a 2b", 26)], "1a 2b"),
    "a deleted first version stands": ([Look(25, "1- 2b")], "1- 2b"),
    # --- without numbers ---
    "a state without a number comes after those that have one": (
        [Look(15, "1a"), Look(25, "·x'")],
        "1a ·x'",
    ),
    "states without numbers stand by their looks": (
        [Look(25, "·y'"), Look(15, "·x'", 25), Look(35, "·z'")],
        "·x' ·y' ·z'",
    ),
    "a late look at the trash does not bury what was seen after it, without a number and as before": (
        [Look(11, "·x'"), Look(15, "·x'"), Look(13, "1a trash", 15)],
        "1a gone@13 1a@15",
    ),
    "a late look does not bring back what was gone after it, when it was known without a number": (
        [Look(13, "1a trash"), Look(17, "1a trash"), Look(11, "·x'", 13), Look(15, "1a", 17)],
        "1a gone@17",
    ),
    "a state without a number is withdrawn when numbers are told": (
        [Look(15, "·x'"), Look(25, "1a 2b")],
        "1a 2b",
    ),
    "but not by an earlier look": ([Look(35, "·x'"), Look(25, "1a 2b", 35)], "1a 2b ·x'"),
    "told again it stays withdrawn": ([Look(25, "·x'"), Look(26, "1a 2b"), Look(35, "·x'")], "1a 2b"),
    "told again after the next number it is the state before that again": (
        [Look(15, "·x'"), Look(25, "1a 2b"), Look(35, "·x'")],
        "1a 2b 1a@35",
    ),
    "told again it is not the state before that, where its number has no text": (
        [Look(15, "·b'"), Look(25, "1a 2?@12"), Look(35, "·b'")],
        "1a 2? ·b'@35",
    ),
    "told late it stands beside the line": ([Look(25, "1a 2b"), Look(15, "·x'", 25)], "1a 2b (·x')"),
    "told late it stands beside the line, also where that was in the trash and came back": (
        [Look(16, "1a trash"), Look(25, "1a 2b"), Look(15, "·x'", 16)],
        "1a gone@16 2b (·x')",
    ),
    "told late it stands beside the line, also before another without": (
        [Look(25, "1a 2b"), Look(35, "·y'"), Look(15, "·x'", 25)],
        "1a 2b ·y' (·x')",
    ),
    "told late it may be what went to the trash": (
        [Look(16, "1a trash"), Look(15, "·x'", 16)],
        "1a ·x' gone@16",
    ),
    "without a number from the trash": (
        [Look(15, "·x'"), Look(25, "1a trash"), Look(35, "·x'")],
        "1a gone@25 1a@35",
    ),
    "without numbers and gone": ([Look(15, "·x'"), Look(25), Look(35, "·x'")], "·x' gone@25 ·x'@35"),
    # --- the source was put back to an earlier state ---
    "an earlier state that is the newest comes last": ([Look(25, "1a 2b"), Look(35, "1a")], "1a 2b 1a@35"),
    "once": ([Look(25, "1a 2b"), Look(35, "1a"), Look(45, "1a"), Look(35, "1a", 45)], "1a 2b 1a@35"),
    "its next version takes its place": (
        [Look(25, "1a 2b"), Look(35, "1a"), Look(45, "1a 2c@40")],
        "1a 2b 1a@35 2c",
    ),
    "one number with two texts": ([Look(25, "1a 2b"), Look(45, "1a 2c@40")], "1a 2b 2c"),
    "what was taken back is filled in late": ([Look(35, "1a"), Look(25, "1a 2b@20", 35)], "1a 2b 1a@35"),
    "what was taken back stays so where the page was in the trash and came back": (
        [Look(16, "1a trash"), Look(25, "1a 2b"), Look(15, "1a 3c@12", 16)],
        "1a gone@16 2b (3c)",
    ),
    "beside the line, where nothing tells the end": (
        [Look(45, "1a 2c@40"), Look(35, "1a 2b@20 3d@30", 45)],
        "1a 2c (2b) (3d)",
    ),
    "a look that breaks off does not put anything back": (
        [Look(25, "1a 2b"), Look(35, "1a", complete=False)],
        "1a 2b",
    ),
}


@pytest.mark.parametrize("claim", LINES)
def test_looks_make_this_line(claim: str) -> None:
    looks, line = LINES[claim]
    assert shown(tell([], *looks)) == line
