"""Attachments: files that a document of a snapshot source carries, each a document of its own.

The key of an attachment is its carrier's key, two slashes, and its name: ``mail/offer.eml//terms.pdf``.
No connector's keys hold two slashes in a row, so that it cannot be the key of anything else. Carriers
nest: ``offer.eml//forwarded.eml//terms.pdf``; the first of them, which the source lists, is the root.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from indexer.errors import SourceError
from indexer.plan.decisions import Buried, Created, Decision, Edited, Moved, Resumed, Touched
from indexer.ports.recorded import Recorded

SEPARATOR: Final = "//"


def attachment_key(carrier: str, name: str) -> str:
    """The key of the attachment `name` of the document at `carrier`."""
    return f"{carrier}{SEPARATOR}{name.replace('/', '_').strip() or 'attachment'}"


def is_attachment(key: str) -> bool:
    """Whether `key` is one that no source lists."""
    return SEPARATOR in key


def root_of(key: str) -> str:
    """The key of the listed document that carries, in the end, what is at `key`; its own, if it is that one."""
    return key.partition(SEPARATOR)[0]


def listable(key: str) -> str:
    """`key`, as a source lists it. Raises `SourceError` for one that could be an attachment's."""
    if is_attachment(key):
        raise SourceError(
            f'the source lists "{key}": keys with {SEPARATOR} are those of attachments',
            remedy="report this to the connector's maker",
            code="bad-key",
        )
    return key


def by_root(recorded: Iterable[Recorded]) -> dict[str, dict[str, Recorded]]:
    """Recorded attachments by root, then by key."""
    found: defaultdict[str, dict[str, Recorded]] = defaultdict(dict)
    for known in recorded:
        found[root_of(known.key)][known.key] = known
    return dict(found)


def decide_attachments(
    recorded: Mapping[str, Recorded],
    previous_root: str,
    root: str,
    found: Mapping[str, str],
    untouched: Collection[str],
    tombstoned: Mapping[str, int],
) -> tuple[Decision, ...]:
    """One decision for each attachment that `root` carries now, or did when it was at `previous_root`.

    `recorded` holds its attachments as they were, by key. `found` holds the content hash of each that
    was seen now; those among them that are `untouched` are as they were with all that they carry,
    which therefore was not looked for. `tombstoned` as in `plan.snapshot.decide`. Sorted by key.

    One whose name is gone is where the same content has a new name; otherwise it is buried.
    """
    decisions: list[Decision] = []
    gone: list[Recorded] = []
    before = {root + known.key[len(previous_root) :]: known for known in recorded.values()}
    unseen = tuple(carrier + SEPARATOR for carrier in untouched)
    for key, known in before.items():
        if key not in found and not key.startswith(unseen):
            gone.append(known)
        elif key in found and found[key] != known.content_hash:
            decisions.append(_elsewhere(known, key, edited=True))
        else:
            decisions.append(_elsewhere(known, key, edited=False))
    arrived = {key: content for key, content in found.items() if key not in before}
    waiting: defaultdict[str, list[str]] = defaultdict(list)
    for key in sorted(arrived, reverse=True):
        waiting[arrived[key]].append(key)
    for known in sorted(gone, key=lambda known: known.key):
        same = waiting.get(known.content_hash or "") if known.size else None
        if same:
            key = same.pop()
            del arrived[key]
            decisions.append(
                Moved(known.document_no, known.key, key, False, "its carrier names it otherwise")
            )
        else:
            decisions.append(Buried(known.document_no, known.key, "its carrier does not carry it any more"))
    for key in arrived:
        if key in tombstoned:
            decisions.append(Resumed(tombstoned[key], key, "its carrier carries it again"))
        else:
            decisions.append(Created(key, "its carrier is new, or carries something new"))
    return tuple(sorted(decisions, key=lambda decision: (decision.key, not isinstance(decision, Buried))))


def _elsewhere(known: Recorded, key: str, *, edited: bool) -> Decision:
    """What becomes of an attachment whose name is still there."""
    if known.key != key:
        return Moved(known.document_no, known.key, key, edited, "its carrier was moved")
    if edited:
        return Edited(known.document_no, key, "the content is another")
    return Touched(known.document_no, key, "the content is the same")
