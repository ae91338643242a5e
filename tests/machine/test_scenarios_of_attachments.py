"""What becomes of attachments, whatever becomes of the files that carry them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from indexer.ingest import unpacking
from indexer.ingest.unpacking import DEEPEST
from indexer.model import VersionKind
from indexer.query.results import Mode, Question
from tests.support.fake_clock import FakeClock
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home, fast_folder
from tests.support.mails import MailParsers, mail

SECOND = 1_000_000


class Office:
    """A folder of mails, and its index."""

    def __init__(self, place: Path) -> None:
        self.parser = MailParsers()
        self.home = Home(place, clock=FakeClock(), parser=self.parser)
        self.folder = FakeFolder(self.home.clock)

    def backfill(self, **options: bool) -> None:
        """Bring the index up to date and check all of it; a second run finds nothing to do."""
        self.home.clock.advance(2 * SECOND)
        self.home.backfill(self.folder, **options)  # type: ignore[arg-type]
        assert self.home.check().problems == []
        assert self.home.embedder.repeated == []
        sizes, parsed, reads = self.home.sizes(), len(self.parser.parsed), len(self.folder.reads)
        self.home.backfill(self.folder)
        assert (self.home.sizes(), len(self.parser.parsed), len(self.folder.reads)) == (sizes, parsed, reads)
        self.home.clock.advance(SECOND)

    def keys(self) -> list[str]:
        return sorted(self.present())

    def present(self) -> dict[str, str]:
        """Key → id of every document that is there."""
        return {key: self.home.document_id(key) for key in iter(self.home.keys())}

    def text(self, key: str) -> str:
        return self.home.queries().show(key).text

    def kinds(self, key: str) -> list[VersionKind]:
        return [entry.version.kind for entry in self.home.queries().history(key).versions]

    def failing(self) -> list[tuple[str, str]]:
        return [(f.key, f.reason) for f in self.home.queries().failures().failures]


@pytest.fixture
def office() -> Iterator[Office]:
    place = fast_folder("office-")
    made = Office(place)
    yield made
    made.home.close()
    shutil.rmtree(place)


OFFER = mail("Our offer", {"terms.md": b"# Terms\n\nThirty days.", "prices.csv": b"what,price\nchair,3\n"})


def test_each_attachment_is_a_document_that_is_found_shown_and_cited(office: Office) -> None:
    office.folder.write("in/offer.mail", OFFER)
    office.backfill()
    assert office.keys() == ["in/offer.mail", "in/offer.mail//prices.csv", "in/offer.mail//terms.md"]
    assert office.text("in/offer.mail//terms.md") == "# Terms\n\nThirty days."
    for mode in Mode:
        hits = office.home.queries().search(Question("Thirty days", mode=mode, k=1)).hits
        assert [hit.document.key for hit in hits] == ["in/offer.mail//terms.md"]


def test_an_edited_mail_touches_only_the_attachments_that_differ(office: Office) -> None:
    office.folder.write("offer.mail", OFFER)
    office.backfill()
    office.parser.parsed.clear()
    office.folder.write(
        "offer.mail",
        mail(
            "Our new offer", {"terms.md": b"# Terms\n\nForty days.", "prices.csv": b"what,price\nchair,3\n"}
        ),
    )
    office.backfill()
    assert set(office.parser.parsed) == {"offer.mail", "offer.mail//terms.md"}
    assert office.text("offer.mail//terms.md") == "# Terms\n\nForty days."
    assert len(office.kinds("offer.mail//terms.md")) == 2
    assert len(office.kinds("offer.mail//prices.csv")) == 1


def test_what_a_mail_does_not_carry_any_more_is_buried_and_goes_on_when_it_is_back(office: Office) -> None:
    office.folder.write("offer.mail", OFFER)
    office.backfill()
    ids = office.present()
    office.folder.write("offer.mail", mail("Our offer"))
    office.backfill()
    assert office.keys() == ["offer.mail"]
    office.folder.write("offer.mail", OFFER)
    office.backfill()
    assert office.present() == ids
    assert office.kinds("offer.mail//terms.md") == [
        VersionKind.CONTENT, VersionKind.TOMBSTONE, VersionKind.CONTENT,
    ]  # fmt: skip


def test_an_attachment_with_a_new_name_stays_the_same_document(office: Office) -> None:
    office.folder.write("offer.mail", mail("", {"a.md": b"Thirty days.", "empty.md": b""}))
    office.backfill()
    before = office.present()
    office.folder.write("offer.mail", mail("", {"b.md": b"Thirty days.", "void.md": b""}))
    office.backfill()
    assert office.present()["offer.mail//b.md"] == before["offer.mail//a.md"]
    assert office.present()["offer.mail//void.md"] != before["offer.mail//empty.md"]


@pytest.mark.parametrize("edited", [False, True])
def test_a_renamed_mail_takes_its_attachments_with_it(office: Office, edited: bool) -> None:
    body = "\n\n".join(f"Paragraph {number} of a long letter." for number in range(30))
    carried = {"terms.md": b"Thirty days.", "fwd.mail": mail("Forwarded", {"deep.md": b"Deep down."})}
    office.folder.write("offer.mail", mail(body, carried))
    office.backfill()
    before = office.present()
    office.parser.parsed.clear()
    office.folder.move("offer.mail", "old/offer.mail")
    if edited:
        office.folder.write("old/offer.mail", mail(body + " More.", carried))
    office.backfill()
    assert office.keys() == [
        "old/offer.mail",
        "old/offer.mail//fwd.mail",
        "old/offer.mail//fwd.mail//deep.md",
        "old/offer.mail//terms.md",
    ]
    assert {key.removeprefix("old/"): id_ for key, id_ in office.present().items()} == before
    assert set(office.parser.parsed) == ({"old/offer.mail"} if edited else set())


def test_two_mails_that_swap_names_swap_their_attachments(office: Office) -> None:
    office.folder.write("a.mail", mail("A", {"x.md": b"of a", "only-a.md": b"a alone"}))
    office.folder.write("b.mail", mail("B", {"x.md": b"of b"}))
    office.backfill()
    before = office.present()
    office.folder.swap("a.mail", "b.mail")
    office.backfill()
    after = office.present()
    assert after["b.mail//x.md"] == before["a.mail//x.md"]
    assert after["a.mail//x.md"] == before["b.mail//x.md"]
    assert after["b.mail//only-a.md"] == before["a.mail//only-a.md"]
    assert office.keys() == ["a.mail", "a.mail//x.md", "b.mail", "b.mail//only-a.md", "b.mail//x.md"]


def test_a_mail_moved_over_another_buries_what_that_one_carried(office: Office) -> None:
    office.folder.write("a.mail", mail("A", {"x.md": b"of a"}))
    office.folder.write("b.mail", mail("B", {"x.md": b"of b", "y.md": b"b alone"}))
    office.backfill()
    before = office.present()
    office.folder.move("a.mail", "b.mail")
    office.backfill()
    assert office.keys() == ["b.mail", "b.mail//x.md"]
    assert office.present()["b.mail//x.md"] == before["a.mail//x.md"]


def test_another_mail_under_the_name_of_one_that_moved_away_carries_documents_of_its_own(
    office: Office,
) -> None:
    office.folder.write("a.mail", OFFER)
    office.backfill()
    before = office.present()
    office.folder.move("a.mail", "b.mail")
    office.folder.write("a.mail", mail("New", {"terms.md": b"# Terms\n\nThirty days."}))
    office.backfill()
    assert office.present()["b.mail//terms.md"] == before["a.mail//terms.md"]
    assert office.present()["a.mail//terms.md"] not in before.values()


def test_a_buried_mail_buries_its_attachments_and_brings_them_back(office: Office) -> None:
    office.folder.write("keep.md", b"Stays.")
    office.folder.write("offer.mail", OFFER)
    office.backfill()
    ids = office.present()
    office.folder.delete("offer.mail")
    office.backfill()
    assert office.keys() == ["keep.md"]
    office.folder.write("offer.mail", OFFER)
    office.backfill()
    assert office.present() == ids


@pytest.mark.parametrize("how", ["unreadable", "malformed", "hidden"])
def test_a_mail_that_cannot_be_read_leaves_its_attachments_as_they_are(office: Office, how: str) -> None:
    office.folder.write("in/offer.mail", OFFER)
    office.folder.write("keep.md", b"Stays.")
    office.backfill()
    versions = office.home.sizes()["row"]
    if how == "unreadable":
        office.folder.make_unreadable("in/offer.mail")
    elif how == "malformed":
        office.folder.write("in/offer.mail", b"not a mail at all")
    else:
        office.folder.hide("in")
    office.home.clock.advance(2 * SECOND)
    office.home.backfill(office.folder)
    assert office.home.check().problems == []
    assert "in/offer.mail//terms.md" in office.present()
    assert office.kinds("in/offer.mail//terms.md") == [VersionKind.CONTENT]
    assert office.text("in/offer.mail//terms.md") == "# Terms\n\nThirty days."
    assert office.home.sizes()["row"] == versions


def test_a_mail_that_moved_and_cannot_be_read_still_takes_its_attachments_with_it(office: Office) -> None:
    office.folder.write("a.mail", OFFER)
    office.backfill()
    before = office.present()
    office.folder.move("a.mail", "b.mail")
    office.folder.make_unreadable("b.mail")
    office.home.clock.advance(2 * SECOND)
    office.home.backfill(office.folder)
    assert office.keys() == ["b.mail", "b.mail//prices.csv", "b.mail//terms.md"]
    assert office.present()["b.mail//terms.md"] == before["a.mail//terms.md"]
    assert office.home.check().problems == []


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
