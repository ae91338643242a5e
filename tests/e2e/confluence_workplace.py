"""A wiki whose exports are dropped into a folder, and the command line run on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cli_workplace import Workplace
from tests.support.confluence_exports import write_xml
from tests.support.confluence_wiki import Wiki


class WikiWorkplace(Workplace):
    """The source ``wiki`` at ``exports``."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        super().__init__(folder, capsys)
        self.exports = folder / "exports"
        self.exports.mkdir()
        self.wiki = Wiki()
        self.configure()

    def configure(self, path: Path | None = None, *, more: str = "", **settings: object) -> None:
        """The source with these settings beside its path; `more` is written behind it."""
        lines = "".join(
            f"{key} = {json.dumps(value)}\n"
            for key, value in {"path": str(path or self.exports), **settings}.items()
        )
        self.config.write_text(
            'data_dir = "data"\n[embedding]\nmodel = "hashing"\n'
            f'[[source]]\nname = "wiki"\nkind = "confluence"\n{lines}{more}'
        )

    def backfill(self, *words: str, code: int = 0) -> dict[str, Any]:
        """A run of the one source; what is reported of it."""
        report = self.json("backfill", *words, code=code)
        return dict(report["sources"][0])

    def text(self, document: str) -> str:
        """The text of a version."""
        return str(self.json("show", document)["text"])

    def versions(self, document: str) -> list[dict[str, Any]]:
        """The versions on a document's line, oldest first."""
        versions = self.json("history", document)["versions"]
        return [version for version in versions if version["number"] is not None][::-1]

    def kinds(self, document: str) -> list[str]:
        """Of each version the label, or what it is, oldest first."""
        return [
            (",".join(version["labels"]) or "-")
            if version["kind"] == "content"
            else f"{version['kind']} {','.join(version['labels'])}".strip()
            for version in self.versions(document)
        ]

    def failures(self) -> list[dict[str, Any]]:
        """What is listed as not indexed."""
        return list(self.json("failures"))

    def sound(self) -> None:
        """The index keeps its invariants."""
        outcome = self.run("check", "--deep")
        assert outcome.code == 0, outcome


class BrokenWorkplace(WikiWorkplace):
    """A good export is indexed; another one comes."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        super().__init__(folder, capsys)
        self.page = self.wiki.page("Leave", "<p>Ten days.</p>", labels=["approved"])
        write_xml(self.wiki, self.exports / "good.zip")
        self.backfill()
        self.wiki.tick()

    def fails(self, name: str, reason: str) -> str:
        """A run in which only the export `name` fails; what is said of it, in one line."""
        outcome = self.run("backfill")
        assert outcome.code == 5, outcome
        assert "Traceback" not in outcome.err
        (failure,) = self.failures()
        assert failure["key"] == name
        assert failure["reason"] == reason, failure
        detail = str(failure["detail"])
        assert "\n" not in detail
        assert name.rpartition("/")[2] in detail
        assert "Ten days." in self.text(self.page.id)
        assert self.json("show", self.page.id)["document"]["labels"] == ["approved"]
        # It is told once more by each run until it is mended, and nothing else happens.
        again = self.json("backfill", code=5)["sources"][0]
        assert (again["versions_added"], again["failed"]) == (0, 1)
        return detail

    def mended(self, name: str) -> None:
        """The export comes again, whole this time."""
        write_xml(self.wiki, self.exports / name)
        assert self.backfill()["failed"] == 0
        assert self.failures() == []
        self.sound()
