"""What becomes of attachments, whatever becomes of the files that carry them."""

from __future__ import annotations

import pytest

from indexer.model import VersionKind
from indexer.query.results import Mode, Question
from tests.support.mails import mail
from tests.support.office import OFFER, SECOND, Office


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
