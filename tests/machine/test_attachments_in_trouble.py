"""Attachments that fail, multiply, are not wanted, or meet a crash: nothing is lost, and nobody else pays."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from indexer.ingest import unpacking
from indexer.ingest.unpacking import DEEPEST
from indexer.model import VersionKind
from tests.support.indexes import fast_folder
from tests.support.mails import mail
from tests.support.office import OFFER, SECOND, Office

# --- failures ---------------------------------------------------------------------------------------


def test_a_failing_attachment_is_a_failure_of_its_own_and_costs_nobody_else(office: Office) -> None:
    office.parser.broken.add("offer.mail//terms.md")
    office.folder.write("offer.mail", OFFER)
    office.backfill()
    assert office.failing() == [("offer.mail//terms.md", "malformed")]
    assert office.kinds("offer.mail//terms.md") == [VersionKind.UNREADABLE]
    assert office.text("offer.mail//prices.csv")
    office.backfill()
    assert office.failing() == [("offer.mail//terms.md", "malformed")]


def test_a_failing_attachment_is_tried_again_when_asked_for_and_keeps_its_version(office: Office) -> None:
    office.parser.broken.add("offer.mail//terms.md")
    office.folder.write("offer.mail", OFFER)
    office.backfill()
    office.parser.broken.clear()
    before = office.home.queries().history("offer.mail//terms.md").versions[0].version.id
    office.home.backfill(office.folder, retry={"folder": frozenset({"offer.mail//terms.md"})})
    assert office.failing() == []
    (entry,) = office.home.queries().history("offer.mail//terms.md").versions
    assert (entry.version.id, entry.version.kind) == (before, VersionKind.CONTENT)
    assert len(office.kinds("offer.mail")) == 1
    office.backfill()


def test_a_failing_attachment_moves_with_its_carrier_and_is_tried_there(office: Office) -> None:
    office.parser.broken |= {"a.mail//terms.md", "b.mail//terms.md"}
    office.folder.write("a.mail", OFFER)
    office.backfill()
    office.folder.move("a.mail", "b.mail")
    office.backfill()
    assert office.failing() == [("b.mail//terms.md", "malformed")]
    office.parser.broken.clear()
    office.folder.move("b.mail", "c.mail")
    office.backfill()
    assert office.failing() == []
    assert office.text("c.mail//terms.md") == "# Terms\n\nThirty days."


def test_failures_of_attachments_end_with_them(office: Office) -> None:
    office.parser.broken.add("offer.mail//terms.md")
    office.folder.write("keep.md", b"Stays.")
    office.folder.write("offer.mail", OFFER)
    office.backfill()
    office.folder.delete("offer.mail")
    office.backfill()
    assert office.failing() == []


# --- bounds -------------------------------------------------------------------------------------------


def nested(depth: int) -> bytes:
    return mail(f"level {depth}", {"in.mail": nested(depth - 1)} if depth else {})


def test_mails_within_mails_are_followed_so_far_and_no_further(office: Office) -> None:
    office.folder.write("a.mail", nested(DEEPEST + 3))
    office.backfill()
    too_deep = "a.mail" + "//in.mail" * (DEEPEST + 1)
    assert office.failing() == [(too_deep, "too-large")]
    assert len(office.keys()) == DEEPEST + 2


def test_attachments_that_multiply_are_followed_up_to_a_number(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "MOST", 20)
    inner = mail("", {f"{number}.md": b"x" for number in range(6)})
    office.folder.write("a.mail", mail("", {f"{number}.mail": inner for number in range(5)}))
    office.backfill()
    assert len(office.keys()) == 1 + 20 + 1
    assert [reason for _, reason in office.failing()] == ["too-large"]


def test_attachments_count_neither_for_nor_against_a_mass_deletion(office: Office) -> None:
    for number in range(30):
        office.folder.write(f"{number}.md", b"Stays.")
    office.folder.write("a.mail", mail("", {f"{number}.md": b"text %d" % number for number in range(200)}))
    office.backfill()
    office.folder.delete("a.mail")
    office.backfill()
    assert len(office.keys()) == 30


def test_a_name_with_a_slash_stays_one_name(office: Office) -> None:
    office.folder.write("a.mail", mail("", {"../up//x.md": b"text", " ": b"more"}))
    office.backfill()
    assert office.keys() == ["a.mail", "a.mail//.._up__x.md", "a.mail//attachment"]


def test_a_folder_in_place_of_a_mail_is_no_mistake_of_names(office: Office) -> None:
    office.folder.write("keep.md", b"Stays.")
    office.folder.write("a.mail", mail("", {"x.md": b"attached"}))
    office.backfill()
    office.folder.delete("a.mail")
    office.folder.write("a.mail/x.md", b"a file")
    office.backfill()
    assert office.keys() == ["a.mail/x.md", "keep.md"]
    assert office.text("a.mail/x.md") == "a file"


def test_a_source_that_lists_what_could_be_an_attachment_is_refused(office: Office) -> None:
    office.folder.write("a.mail//x.md", b"text")
    report = office.home.backfill(office.folder)
    assert "keys with // are those of attachments" in report.sources[0].problems[0]
    assert office.keys() == []


def test_a_dry_run_foresees_attachments_and_writes_nothing(office: Office) -> None:
    office.folder.write("a.mail", OFFER)
    report = office.home.backfill(office.folder, dry_run=True)
    assert report.sources[0].forecast is not None
    assert report.sources[0].forecast.documents == 3
    assert office.keys() == []


# --- crashes --------------------------------------------------------------------------------------


def _live(office: Office, run: Callable[[], None]) -> None:
    """A life in which everything happens to mails."""
    folder, clock = office.folder, office.home.clock
    office.parser.broken = {"b.mail//y.md"}
    fwd = mail("Forwarded", {"deep.md": b"Deep down."})
    folder.write("a.mail", mail("A", {"x.md": b"of a", "fwd.mail": fwd}))
    folder.write("b.mail", mail("B", {"x.md": b"of b", "y.md": b"broken at b"}))
    folder.write("c.mail", mail("C", {"z.md": b"of c"}))
    run()
    clock.advance(2 * SECOND)
    folder.swap("a.mail", "b.mail")
    folder.delete("c.mail")
    run()
    clock.advance(2 * SECOND)
    folder.write("a.mail", mail("B again", {"w.md": b"of b", "new.md": b"new"}))
    folder.write("c.mail", mail("C", {"z.md": b"of c"}))
    folder.move("b.mail", "d/e.mail")
    run()


def test_a_crash_at_any_step_loses_no_attachment_and_invents_none(office: Office) -> None:
    _live(office, lambda: _run(office))
    wanted, embedded = office.home.state(), set(office.home.embedder.texts)
    assert office.failing() == []
    count, crashed = 0, True
    while crashed:
        count += 1
        place = fast_folder("office-")
        other = Office(place)
        other.home.crash_at("", count)
        crashes: list[bool] = []
        _live(other, lambda other=other, crashes=crashes: crashes.append(_survived(other)))  # type: ignore[misc]
        crashed = any(crashes)
        assert other.home.check().problems == []
        assert other.home.state() == wanted, f"after a crash at step {count}"
        assert set(other.home.embedder.texts) == embedded
        other.home.close()
        shutil.rmtree(place)
    assert count > 10


def _run(office: Office) -> None:
    office.home.clock.advance(2 * SECOND)
    office.home.backfill(office.folder, accept_deletions=True)


def _survived(office: Office) -> bool:
    """Run to the end; whether that took a second run, since the first one crashed."""
    office.home.clock.advance(2 * SECOND)
    steps = office.home.steps
    name = steps.name
    if not office.home.crashed(lambda: office.home.backfill(office.folder, accept_deletions=True)):
        steps.name = name  # it is still to come
        return False
    office.home.backfill(office.folder, accept_deletions=True)
    return True


def test_an_attachment_that_is_not_wanted_is_neither_a_document_nor_a_failure(office: Office) -> None:
    logo = mail("", {"logo.png": b"\x89PNG\r\n\x1a\n\x00", "terms.md": b"Thirty days."})
    office.folder.unwanted = {"offer.mail//logo.png", "offer.mail//fwd.mail"}
    office.folder.write("offer.mail", logo)
    office.folder.write("other.mail", mail("", {"fwd.mail": logo, "logo.png": b"\x89PNG\r\n\x1a\n"}))
    office.backfill()
    assert office.failing() == [
        ("other.mail//fwd.mail//logo.png", "no-parser"),
        ("other.mail//logo.png", "no-parser"),
    ]
    assert "offer.mail//terms.md" in office.present()
    assert "offer.mail//logo.png" not in office.parser.parsed


def test_an_attachment_that_is_excluded_later_is_buried_with_what_it_carries_and_nothing_is_read(
    office: Office,
) -> None:
    fwd = mail("Forwarded", {"logo.png": b"\x89PNG\r\n\x1a\n", "note.md": b"A note."})
    office.folder.write("offer.mail", mail("Our offer", {"fwd.mail": fwd, "terms.md": b"Thirty days."}))
    office.backfill()
    assert office.failing()
    parsed, reads = len(office.parser.parsed), len(office.folder.reads)
    office.folder.unwanted = {"offer.mail//fwd.mail"}
    office.parser.more_versions |= {"png/1"}  # by which its failure would be due
    office.backfill()
    assert office.keys() == ["offer.mail", "offer.mail//terms.md"]
    assert office.failing() == []
    assert VersionKind.TOMBSTONE in office.kinds("offer.mail//fwd.mail//note.md")
    assert (len(office.parser.parsed), len(office.folder.reads)) == (parsed, reads)


def test_a_mail_moves_to_where_its_attachment_is_not_wanted(office: Office) -> None:
    office.folder.write("offer.mail", OFFER)
    office.backfill()
    office.folder.unwanted = {"old/offer.mail//terms.md"}
    office.folder.move("offer.mail", "old/offer.mail")
    office.backfill()
    assert office.keys() == ["old/offer.mail", "old/offer.mail//prices.csv"]


def test_what_is_excluded_where_nobody_can_look_stays(office: Office) -> None:
    office.folder.write("in/offer.mail", OFFER)
    office.backfill()
    office.folder.unwanted = {"in/offer.mail//terms.md"}
    office.folder.hide("in")
    office.backfill()
    assert "in/offer.mail//terms.md" in office.present()
    office.folder.show("in")
    office.backfill()
    assert "in/offer.mail//terms.md" not in office.present()
