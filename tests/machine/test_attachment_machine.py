"""All that people do to a folder, done to files that carry others: what is carried follows, whatever happens."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from indexer.chunking.chunker import chunk
from indexer.embedding.hashing import HashingEmbedder
from indexer.errors import ParseError
from indexer.model import VersionKind
from indexer.plan.attachments import attachment_key, is_attachment, root_of
from tests.machine.beliefs import Belief, Cut
from tests.machine.generated import PARAGRAPHS, bodies
from tests.machine.test_folder_machine import FolderMachine, keys
from tests.support.mails import MailParsers, mail

NAMES = ("x.md", "y.md", "z.md")

_texts = st.lists(st.sampled_from(PARAGRAPHS), max_size=2).map("\n\n".join)
_letters = st.builds(mail, _texts, st.dictionaries(st.sampled_from(NAMES), bodies, max_size=2))
_mails = st.builds(mail, _texts, st.dictionaries(st.sampled_from(NAMES), bodies | _letters, max_size=3))


class AttachmentMachine(FolderMachine):
    """The files are mails as a rule; everything else is inherited."""

    def __init__(self) -> None:
        super().__init__()
        self.home.parser = MailParsers()
        self.home.reopen()
        self.followed: dict[str, str] = {}
        """Key → id of the attachment that must be there, since its carrier moved and that is all."""

    @initialize(body=_mails)
    def begin(self, body: bytes) -> None:
        super().begin(body)

    @rule(key=keys, body=_mails | bodies, beside=st.booleans())
    def write(self, key: str, body: bytes, beside: bool) -> None:
        super().write(key, body, beside)

    # --- what must hold ----------------------------------------------------------------------

    def _check_present(self, now: Belief) -> None:
        """What a readable file carries is there and says what it says; what cannot be seen is as it was."""
        present = self.home.keys()
        ids = {row[0]: row[1] for row in self.home.sql("SELECT no, id FROM document")}
        for root, file in self.folder.files.items():
            if self._hidden(root) or file.failure is not None:
                continue
            expected = carried(file.data, root)
            if expected[root] is None:
                assert root in present
                continue
            assert {key for key in present if root_of(key) == root} == expected.keys()
            for key, rendered in expected.items():
                current = next(v for v in reversed(now[ids[present[key]]]) if v.number is not None)
                if rendered is None:
                    assert current.kind is VersionKind.UNREADABLE
                else:
                    assert (current.kind, current.text) == (VersionKind.CONTENT, rendered[0])
        for key in present:
            assert self._hidden(key) or root_of(key) in self.folder.files, f"{key} is gone and was not buried"
        for key, document in self.followed.items() if self.moved else ():
            assert self.home.document_id(key) == document

    def _check_failures(self) -> None:
        """Every attachment without a text is on the list, as are files; nothing is that is well or gone."""
        listed = {f.key for f in self.home.queries().failures().failures if not self._hidden(f.key)}
        for root, file in self.folder.files.items():
            if self._hidden(root) or file.failure is not None or root in self.quiet:
                continue
            expected = carried(file.data, root)
            failing = {key for key, rendered in expected.items() if rendered is None}
            found = {key for key in listed if root_of(key) == root}
            if expected[root] is None:
                assert root in found
            else:
                assert found == failing
        gone = {key for key in listed - self.home.keys().keys() if is_attachment(key)}
        assert not gone, "an attachment that is gone is still on the list"

    # --- inside ------------------------------------------------------------------------------

    def _cut(self, key: str) -> None:
        for rendered in carried(self.folder.files[key].data, key).values():
            if rendered is not None:
                self.cuts[rendered[0]] = rendered[1]

    def _expected_after_move(self, key: str, to: str) -> str | None:
        expected = super()._expected_after_move(key, to)
        self.followed = {}
        if expected is not None:
            for there in self.home.keys():  # noqa: SIM118 - a method of the index, not of a mapping
                if is_attachment(there) and root_of(there) == key:
                    self.followed[to + there[len(key) :]] = self.home.document_id(there)
        return expected


def carried(data: bytes, key: str) -> dict[str, tuple[str, frozenset[Cut]] | None]:
    """The text and passages of a file and of all that it carries, by key; None for what has no text."""
    try:
        parsed = MailParsers().parse(data, key)
    except ParseError:
        return {key: None}
    chunked = chunk(parsed.blocks, HashingEmbedder().counter)
    found: dict[str, tuple[str, frozenset[Cut]] | None] = {
        key: (chunked.text, frozenset((c.heading, c.text) for c in chunked.chunks))
    }
    for attachment in parsed.attachments:
        found |= carried(attachment.data, attachment_key(key, attachment.name))
    return found


TestAttachments = AttachmentMachine.TestCase
TestAttachments.settings = settings(max_examples=50, stateful_step_count=30)
