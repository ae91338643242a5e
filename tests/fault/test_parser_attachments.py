"""A real mail, read in a worker process, and what it carries."""

from __future__ import annotations

from email.message import EmailMessage

from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home


def letter(subject: str, text: str, **carried: str) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "a@example.org"
    message["Date"] = "Mon, 01 Jan 2024 10:00:00 +0000"
    message.set_content(text)
    for name, data in carried.items():
        message.add_attachment(data, filename=f"{name}.md", subtype="markdown")
    return message


def test_a_mail_and_its_attachments_are_indexed_and_cost_nothing_the_second_time(
    home: Home, folder: FakeFolder
) -> None:
    forwarded = letter("Forwarded", "As promised.", deep="# Deep\n\nDown below.")
    offer = letter("Our offer", "Please find the terms.", terms="# Terms\n\nThirty days.")
    offer.add_attachment(forwarded)
    folder.write("in/offer.eml", bytes(offer))
    home.clock.advance()
    home.backfill(folder)
    keys = sorted(home.keys())
    assert keys[:2] == ["in/offer.eml", "in/offer.eml//Forwarded.eml"]
    assert home.queries().show("in/offer.eml//terms.md").text == "# Terms\n\nThirty days."
    assert home.queries().show("in/offer.eml//Forwarded.eml//deep.md").text == "# Deep\n\nDown below."
    assert home.queries().failures().failures == ()
    assert home.check().problems == []
    sizes, reads = home.sizes(), len(folder.reads)
    home.clock.advance()
    home.backfill(folder)
    assert (home.sizes(), len(folder.reads)) == (sizes, reads)
