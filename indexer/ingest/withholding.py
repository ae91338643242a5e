"""States that were purged stay away, however often their source shows them: what is told of them is masked or dropped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property

from indexer.ingest.drafts import VersionDraft
from indexer.ingest.line import Item, Line
from indexer.masks import is_masked, mask_key, mask_origin, tells_number
from indexer.model import VersionKind
from indexer.plan.history import DocumentEvent
from indexer.ports import Absent, Formerly, Observed, Offshoot, Relabelled, Renamed, Withdrawn
from indexer.ports.batch import Withheld
from indexer.ports.recorded import RecordedState


def with_masked(tombstoned: Mapping[str, int], keys: Iterable[str]) -> dict[str, int]:
    """`tombstoned`, where a key that was purged stands under its mask, with the keys of `keys` that these are."""
    found = dict(tombstoned)
    if any(map(is_masked, tombstoned)):
        found |= {key: found[mask] for key in keys if (mask := mask_key(key)) in found and key not in found}
    return found


class Door:
    """Through which the events of a source with a history come in: purged states under their masked origins.

    So whatever is held against what is recorded, where origins are masked as well, agrees with it.
    """

    def __init__(self, state: RecordedState, source_no: int) -> None:
        self._masked = state.withheld_origins(source_no)

    def event(self, event: DocumentEvent) -> DocumentEvent:
        """`event`, or the same with masked origins."""
        match event:
            case Withdrawn() if self._masked:
                return replace(event, origins=tuple(map(self._known_as, event.origins)))
            case Observed() | Renamed() | Absent() | Relabelled() | Formerly() if self._masked:
                return event if event.origin is None else replace(event, origin=self._known_as(event.origin))
            case _:
                return event

    def offshoot(self, offshoot: Offshoot) -> Offshoot:
        """`offshoot`, or the same with masked origins, at masked keys."""
        if not self._masked:
            return offshoot
        states: dict[str, str | None] = {}
        for key, origin in offshoot.states.items():
            known_as = None if origin is None else self._known_as(origin)
            states[key if known_as == origin else mask_key(key)] = known_as
        aside = tuple(
            one if one.origin is None else replace(one, origin=self._known_as(one.origin))
            for one in offshoot.aside
        )
        return Offshoot(offshoot.sequence, states, aside)

    def _known_as(self, origin: str) -> str:
        masked = mask_origin(origin)
        return masked if masked in self._masked else origin


class Withholding:
    """What one batch keeps of purged states that are shown again."""

    def __init__(self, state: RecordedState, source_no: int) -> None:
        self._state = state
        self._source_no = source_no

    @cached_property
    def _origins(self) -> Mapping[str, int]:
        return self._state.withheld_origins(self._source_no)

    def purge_of(self, document_no: int, draft: VersionDraft, line: Line) -> int | None:
        """The purge by which the state of `draft` stays away; None: it may come."""
        if is_masked(draft.origin):
            return self._origins.get(draft.origin)
        if draft.kind is VersionKind.TOMBSTONE:
            # That a document is gone is said, and not where it was, if that was purged.
            mask = mask_key(draft.key)
            return next((item.purge_no for item in line.standing if item.key == mask), None)
        if draft.carries:
            before = line.before(line.next_sequence() if draft.sequence is None else draft.sequence)
            return None if before is None else before.purge_no
        if draft.content_hash is None:
            return None
        return self._state.withheld(self._source_no, document_no, draft.content_hash)

    def strike(
        self, item: Item, draft: VersionDraft, line: Line, document_no: int, purge_no: int
    ) -> Withheld:
        """Take from `item`, which is new or could not be read yet, all that tells of it; what remains to be recorded."""
        content_hash = None if is_masked(draft.origin) else draft.content_hash
        item.draft = replace(
            draft,
            kind=VersionKind.TOMBSTONE if draft.kind is VersionKind.TOMBSTONE else VersionKind.CONTENT,
            origin=draft.origin if is_masked(draft.origin) else mask_origin(draft.origin),
            content_hash=None,
            size=None,
            author=None,
            message=None,
            title=None,
            labels=tuple(filter(tells_number, draft.labels)),
            metadata={},
            rendered=None,
        )
        item.purge_no, item.kind, item.origin = purge_no, item.draft.kind, item.draft.origin
        item.content_hash = item.manifest_no = item.pipeline = item.title = None
        item.metadata = {}
        key = self.key(draft.key, line)
        if item.version_no not in line:
            item.key = key
        return Withheld(item.version_no, document_no, purge_no, key, item.origin, content_hash)

    def key(self, key: str, line: Line) -> str:
        """The key under which a purged version stands: masked, unless another version says it anyway."""
        said = any(item.key == key and item.purge_no is None for item in line.standing)
        return key if said or is_masked(key) else mask_key(key)
