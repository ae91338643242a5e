"""What every connector must keep: inherit from `ConnectorContract` and provide the `stage` fixture.

A `Stage` is a source with the means to change it from outside. Claims that do not apply to a kind
of source (a snapshot has no origins, a history no scopes) are in the two subclasses.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

import pytest

from indexer.errors import ReadError, SourceError
from indexer.ports import (
    Absent,
    Checkpoint,
    Connector,
    Content,
    Event,
    ListingEnd,
    Observed,
    Relabelled,
    Renamed,
    Unknown,
    Withdrawn,
    Working,
)
from tests.support.opened_files import opened_files


class Stage(Protocol):
    """A source under test, and what people do to it."""

    @property
    def connector(self) -> Connector:
        """The connector under test, on an empty source."""

    def put(self, key: str, data: bytes) -> None:
        """Create the document or give it other bytes; later than everything before."""

    def remove(self, key: str) -> None:
        """Delete the document."""

    def make_unreadable(self, key: str) -> None:
        """From now on its bytes cannot be read."""

    def hide(self, scope: str) -> None:
        """From now on the scope cannot be listed."""

    def take_away(self) -> None:
        """From now on nothing can be listed."""

    def unwant(self, key: str) -> None:
        """From now on what is at `key` inside a document is not wanted; said before all else."""


class ConnectorContract:
    """Holds for snapshots and histories alike."""

    @pytest.fixture
    def stage(self) -> Stage:
        raise NotImplementedError

    def enforced(self) -> AbstractContextManager[None]:
        """Surrounds listings and reads that are to be refused something."""
        return nullcontext()

    def listing(
        self, stage: Stage, cursor: str | None = None, scopes: Sequence[str] | None = None
    ) -> list[Event]:
        """One whole listing, without the signs that it went on."""
        with self.enforced():
            events = list(stage.connector.changes(cursor, scopes))
        return [event for event in events if not isinstance(event, Working)]

    def read(self, event: Observed) -> Content:
        """The bytes of an observed state."""
        with self.enforced():
            return event.read()

    def test_kind_and_uid_are_stable_and_not_empty(self, stage: Stage) -> None:
        before = stage.connector.kind, stage.connector.uid
        stage.put("a.md", b"one")
        assert all(before)
        assert (stage.connector.kind, stage.connector.uid) == before

    def test_an_empty_source_lists_nothing(self, stage: Stage) -> None:
        assert [type(event) for event in self.listing(stage)] == [ListingEnd]

    def test_the_last_event_and_no_other_is_the_listing_end(self, stage: Stage) -> None:
        fill(stage)
        events = self.listing(stage)
        assert [isinstance(event, ListingEnd) for event in events] == [False] * (len(events) - 1) + [True]

    def test_the_same_listing_twice_is_equal(self, stage: Stage) -> None:
        fill(stage)
        assert shown(self.listing(stage)) == shown(self.listing(stage))

    def test_reading_gives_the_bytes(self, stage: Stage) -> None:
        fill(stage)
        assert {event.key: self.read(event).data for event in observed(self.listing(stage))} == DOCUMENTS

    def test_keys_are_valid_unicode_without_slashes_at_the_ends(self, stage: Stage) -> None:
        fill(stage)
        for event in observed(self.listing(stage)):
            assert event.key.encode()
            assert event.key == event.key.strip("/")

    def test_listing_opens_no_document(self, stage: Stage) -> None:
        fill(stage)
        names = {key.rpartition("/")[2] for key in DOCUMENTS}
        with opened_files() as opened:
            self.listing(stage)
        assert [path for path in opened if path.rpartition("/")[2] in names] == []

    def test_a_document_that_cannot_be_read_is_listed_and_fails_alone(self, stage: Stage) -> None:
        fill(stage)
        stage.make_unreadable("guide/intro.md")
        states = {event.key: event for event in observed(self.listing(stage))}
        with pytest.raises(ReadError) as failure:
            self.read(states["guide/intro.md"])
        assert failure.value.reason == "unreadable"
        assert "\n" not in str(failure.value)
        assert self.read(states["a.md"]).data == DOCUMENTS["a.md"]

    def test_a_hidden_scope_is_unknown_and_the_rest_is_listed(self, stage: Stage) -> None:
        fill(stage)
        stage.hide("guide")
        events = self.listing(stage)
        unknown = [event for event in events if isinstance(event, Unknown)]
        assert [event.scope for event in unknown] == ["guide"]
        assert unknown[0].reason
        assert unknown[0].detail.count("\n") == 0
        assert "a.md" in {event.key for event in observed(events)}

    def test_a_source_that_is_away_raises_and_does_not_look_empty(self, stage: Stage) -> None:
        fill(stage)
        stage.take_away()
        with pytest.raises(SourceError) as failure:
            self.listing(stage)
        assert failure.value.remedy

    def test_an_abandoned_listing_can_be_started_again(self, stage: Stage) -> None:
        fill(stage)
        events = stage.connector.changes(None)
        assert next(events) is not None
        assert len(observed(self.listing(stage))) == len(DOCUMENTS)

    def test_what_a_document_carries_is_wanted_unless_its_carrier_or_itself_is_not(
        self, stage: Stage
    ) -> None:
        stage.unwant("in/offer.eml//logo.png")
        stage.unwant("in/offer.eml//fwd.eml")
        fill(stage)
        assert stage.connector.wants("in/offer.eml//terms.pdf")
        assert not stage.connector.wants("in/offer.eml//logo.png")
        assert not stage.connector.wants("in/offer.eml//fwd.eml")
        assert not stage.connector.wants("in/offer.eml//fwd.eml//terms.pdf")

    def test_the_cursor_of_the_end_is_accepted_by_the_next_listing(self, stage: Stage) -> None:
        fill(stage)
        cursor = end(self.listing(stage)).cursor
        assert end(self.listing(stage, cursor)).cursor == cursor


class SnapshotContract(ConnectorContract):
    """A source that knows only the present."""

    def test_it_says_so(self, stage: Stage) -> None:
        assert stage.connector.snapshot

    def test_keys_are_unique_and_in_order(self, stage: Stage) -> None:
        fill(stage)
        keys = [event.key for event in observed(self.listing(stage))]
        assert keys == sorted(set(keys))

    def test_no_state_has_an_origin(self, stage: Stage) -> None:
        fill(stage)
        events = self.listing(stage)
        assert {event.origin for event in observed(events)} == {None}
        assert {type(event) for event in events} == {Observed, ListingEnd}

    def test_the_listing_is_complete_whatever_the_cursor(self, stage: Stage) -> None:
        fill(stage)
        first = self.listing(stage)
        assert end(first).complete
        assert shown(self.listing(stage, end(first).cursor)) == shown(first)

    def test_etags_change_with_the_bytes_and_only_then(self, stage: Stage) -> None:
        fill(stage)
        before = etags(self.listing(stage))
        stage.put("a.md", b"ONE")  # as long as before
        after = etags(self.listing(stage))
        assert all(before.values())
        assert {key for key in before if before[key] != after[key]} == {"a.md"}

    def test_the_content_has_the_listings_etag_while_nothing_changed(self, stage: Stage) -> None:
        fill(stage)
        for event in observed(self.listing(stage)):
            content = self.read(event)
            assert (content.etag, content.times) == (event.etag, event.times)

    def test_a_document_edited_after_the_listing_is_read_with_its_new_etag(self, stage: Stage) -> None:
        fill(stage)
        (event,) = [event for event in observed(self.listing(stage)) if event.key == "a.md"]
        stage.put("a.md", b"another")
        content = self.read(event)
        assert content.data == b"another"
        assert content.etag == etags(self.listing(stage))["a.md"] != event.etag

    def test_a_document_deleted_after_the_listing_vanished(self, stage: Stage) -> None:
        fill(stage)
        (event,) = [event for event in observed(self.listing(stage)) if event.key == "a.md"]
        stage.remove("a.md")
        with pytest.raises(ReadError) as failure:
            self.read(event)
        assert failure.value.reason == "vanished"

    def test_a_deleted_document_is_omitted_without_unknown(self, stage: Stage) -> None:
        fill(stage)
        stage.remove("a.md")
        events = self.listing(stage)
        assert {event.key for event in observed(events)} == set(DOCUMENTS) - {"a.md"}
        assert not any(isinstance(event, Unknown) for event in events)

    def test_nothing_in_a_hidden_scope_is_observed(self, stage: Stage) -> None:
        fill(stage)
        stage.hide("guide")
        assert {event.key for event in observed(self.listing(stage))} == {"a.md", "guide-2.md"}

    def test_scopes_limit_the_listing_to_folders_and_files(self, stage: Stage) -> None:
        fill(stage)
        cursor = end(self.listing(stage)).cursor
        events = self.listing(stage, cursor, ["guide/deep", "a.md", "not/there"])
        assert [event.key for event in observed(events)] == ["a.md", "guide/deep/x.md"]
        assert end(events) == ListingEnd(False, cursor)

    def test_a_scope_is_no_mere_string_prefix(self, stage: Stage) -> None:
        fill(stage)
        keys = [event.key for event in observed(self.listing(stage, None, ["guide"]))]
        assert keys == ["guide/deep/x.md", "guide/intro.md"]

    def test_overlapping_scopes_list_each_document_once(self, stage: Stage) -> None:
        fill(stage)
        keys = [event.key for event in observed(self.listing(stage, None, ["guide/deep", "guide", "guide"]))]
        assert keys == ["guide/deep/x.md", "guide/intro.md"]

    def test_a_hidden_scope_within_the_asked_ones_is_unknown(self, stage: Stage) -> None:
        fill(stage)
        stage.hide("guide/deep")
        for scopes in (["guide"], ["guide/deep"]):
            events = self.listing(stage, None, scopes)
            assert [event.scope for event in events if isinstance(event, Unknown)] == ["guide/deep"]
        assert not any(isinstance(event, Unknown) for event in self.listing(stage, None, ["a.md"]))


class HistoryContract(ConnectorContract):
    """A source that names every state. The stage's source has no late history."""

    def test_it_says_so(self, stage: Stage) -> None:
        assert not stage.connector.snapshot

    def test_every_state_is_listed_under_an_origin_of_its_own(self, stage: Stage) -> None:
        fill(stage)
        stage.put("a.md", b"two")
        stage.put("a.md", b"one")
        events = self.listing(stage)
        origins = [event.origin for event in observed(events)]
        assert None not in origins
        assert len(set(origins)) == len(origins) == len(DOCUMENTS) + 2
        assert [self.read(event).data for event in observed(events) if event.key == "a.md"] == [
            b"one",
            b"two",
            b"one",
        ]

    def test_origins_stay_when_more_history_is_made(self, stage: Stage) -> None:
        fill(stage)
        before = [event.origin for event in observed(self.listing(stage))]
        stage.put("a.md", b"two")
        assert [event.origin for event in observed(self.listing(stage))][: len(before)] == before

    def test_states_of_a_document_come_in_effective_order(self, stage: Stage) -> None:
        for data in (b"one", b"two", b"three"):
            stage.put("a.md", data)
            stage.put("b.md", data)
        for key in ("a.md", "b.md"):
            states = [event for event in observed(self.listing(stage)) if event.key == key]
            sequences = [event.sequence for event in states]
            assert sequences == sorted(sequences, key=lambda sequence: sequence or 0)
            assert len(set(sequences)) == len(states) or set(sequences) == {None}
            assert [self.read(event).data for event in states] == [b"one", b"two", b"three"]

    def test_a_deletion_is_said_outright(self, stage: Stage) -> None:
        fill(stage)
        cursor = end(self.listing(stage)).cursor
        stage.remove("a.md")
        events = self.listing(stage, cursor)
        assert [event.key for event in events if isinstance(event, Absent)] == ["a.md"]

    def test_a_listing_from_a_cursor_tells_only_what_is_new(self, stage: Stage) -> None:
        fill(stage)
        cursor = end(self.listing(stage)).cursor
        assert told(self.listing(stage, cursor)) == []
        stage.put("a.md", b"two")
        assert [event.key for event in observed(self.listing(stage, cursor))] == ["a.md"]

    def test_an_interrupted_listing_goes_on_from_any_checkpoint(self, stage: Stage) -> None:
        fill(stage)
        stage.put("a.md", b"two")
        stage.remove("guide/intro.md")
        whole = self.listing(stage)
        for position, event in enumerate(whole):
            if isinstance(event, Checkpoint):
                rest = self.listing(stage, event.cursor)
                assert shown(told(whole[:position]) + told(rest)) == shown(told(whole))
                assert end(rest) == end(whole)


DOCUMENTS = {
    "a.md": b"one",
    "guide-2.md": b"sorts before the folder",
    "guide/deep/x.md": b"",
    "guide/intro.md": "Grüße".encode(),
}


def fill(stage: Stage) -> None:
    for key, data in DOCUMENTS.items():
        stage.put(key, data)


def observed(events: Sequence[Event]) -> list[Observed]:
    return [event for event in events if isinstance(event, Observed)]


def told(events: Sequence[Event]) -> list[Event]:
    """The events that speak of documents."""
    kinds = (Observed, Renamed, Absent, Withdrawn, Relabelled)
    return [event for event in events if isinstance(event, kinds)]


def end(events: Sequence[Event]) -> ListingEnd:
    last = events[-1]
    assert isinstance(last, ListingEnd)
    return last


def etags(events: Sequence[Event]) -> dict[str, str | None]:
    return {event.key: event.etag for event in observed(events)}


def shown(events: Sequence[Event]) -> list[object]:
    """The events as comparable values: functions that read bytes never are equal."""
    return [
        {name: getattr(event, name) for name in event.__slots__ if name != "read"}
        if isinstance(event, Observed)
        else event
        for event in events
    ]
