"""An index with what versions come from: a wiki's pages, a repository's files, and files that are editions of one work."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.ports import Revision
from indexer.ports.batch import Points
from tests.support.library import Library, V
from tests.unit.query.asking.shelf import on

COMMITS = {place: f"{place:x}" * 40 for place in range(1, 6)}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "data")
    _wiki(library)
    _repository(library)
    _share(library)
    return library


def _wiki(library: Library) -> None:
    """A page of which the wiki kept its versions 1, 3 and 4."""
    title = "Leave policy"

    def page(day: str, label: str, *passages: tuple[str, str], author: str = "", message: str = "") -> V:
        return V(
            on(day), passages, labels=(label,), title=title, author=author or None, message=message or None
        )

    sick = ("Leave policy > Sick leave", "Report sick leave to your manager before nine.")
    library.write(
        "9001",
        [
            page("2023-01-10", "1", ("Leave policy > Carry-over", "Up to three days carry over into March."), sick),
            page(
                "2024-03-01", "3", ("Leave policy > Carry-over", "Up to five days carry over into March."), sick,
                author="Ada", message="More carry-over",
            ),
            page(
                "2024-06-12", "4", ("Leave policy > Carry-over", "Up to ten days carry over into June."), sick,
                ("Leave policy > Sabbatical", "A sabbatical takes three months; see § 4.2 and HR_FORM_7."),
                author="Grace", message="Sabbaticals\n\nAgreed by the board.",
            ),
        ],
        source="wiki",
    )  # fmt: skip
    library.describe("9001", {"label": ["approved"], "path": ["HR/Policies"]}, source="wiki")


def _repository(library: Library) -> None:
    """Two guides of a repository with tags; ``retry`` was in one of them for a while."""

    def at(place: int, day: str, *passages: tuple[str, str], **more: str) -> V:
        return V(on(day), passages, origin=f"commit:{COMMITS[place]}:{day}", sequence=place, **more)  # type: ignore[arg-type]

    timeout = ("Client > Timeouts", "The default timeout is thirty seconds.")
    library.write(
        "docs/client.md",
        [
            at(1, "2022-02-01", timeout, author="Lin", message="Client"),
            at(2, "2022-05-01", timeout, ("Client > Retries", "Set retry_budget to bound retries."), author="Kay", message="Retries"),
            at(4, "2022-09-01", ("Client > Timeouts", "The default timeout is ten seconds."), author="Lin", message="Faster"),
        ],
        source="handbook",
    )  # fmt: skip
    library.write(
        "docs/server.md",
        [
            at(1, "2022-02-01", ("Server > Ports", "The server listens on port 8080.")),
            V(on("2022-07-01"), "gone", origin="gone", sequence=3),
        ],
        source="handbook",
    )
    library.tell(
        Points(
            landed=[Revision(name, place) for place, name in COMMITS.items()],
            tags={"v1.0": COMMITS[1], "v1.1": COMMITS[3], "v2.0": COMMITS[5]},
        ),
        source="handbook",
    )


def _share(library: Library) -> None:
    """Editions of a travel policy; one was deleted when the next one came."""
    allowance = "Travel policy > Allowance"
    library.write(
        "hr/travel-policy_v1.docx",
        [V(on("2021-01-01"), [(allowance, "Hotels cost up to eighty euros.")]), V(on("2022-01-01"), "gone")],
    )
    library.write(
        "hr/travel-policy_v2.docx",
        [V(on("2022-01-01"), [(allowance, "Hotels cost up to ninety euros."), ("Travel policy > Trains", "Trains go second class.")])],
    )  # fmt: skip
    library.write(
        "hr/travel-policy_v3.docx",
        [
            V(on("2023-01-01"), [(allowance, "Hotels cost up to hundred euros.")]),
            V(on("2023-02-01"), [(allowance, "Hotels cost up to hundred and ten euros.")]),
        ],
    )
