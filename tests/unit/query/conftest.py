"""The index that the tests of searching ask; those of other queries make their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.library import DAY, Library, V


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "data")
    library.write(
        "hr/leave.md",
        [
            V(
                DAY,
                [("Leave", "You get 25 days of leave."), ("Leave", "Carry over five days.")],
                labels=("v3",),
            ),
            V(3 * DAY, [("Leave", "You get 28 days of leave."), ("Leave", "Carry over five days.")]),
            V(3 * DAY + 5, [("Leave", "You get 30 days of leave."), ("Leave", "Carry over five days.")]),
        ],
        recorded=10 * DAY,
    )
    library.write("hr/pay.md", [V(DAY, ["Pay day is the last of the month."])])
    library.write("it/keys.md", [V(DAY, ["Keys are kept in the safe, for days."]), V(4 * DAY, "gone")])
    library.write("wiki-home.md", [V(2 * DAY, ["Days out with the team."])], source="wiki")
    return library
