"""The inside of the process: it makes the connector, asks it what the owner asks, and tells what it says."""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator
from io import FileIO
from itertools import count
from typing import Any, Final

from indexer.clock import SystemClock
from indexer.errors import ReadError
from indexer.outside import wire
from indexer.outside.recipe import Recipe
from indexer.ports import (
    Checkpoint,
    Connector,
    Content,
    Event,
    ListingEnd,
    Observed,
    Surveyed,
    Tagged,
    Unknown,
)
from indexer.processes.frames import decode, encode, receive, send
from indexer.processes.lifeline import die_with_owner

_MOST: Final = 500
"""Events that are told at once."""
_HURRY: Final = 0.2
"""Seconds after which what there is is told, so that a slow source is heard of."""
_HALTS: Final = (Checkpoint, Surveyed, Tagged, ListingEnd)
"""Events at which the core reads what was told before, as it may not be able to once the listing goes on."""

_Frame = tuple[bytes, bytes]


def main(given: Any) -> None:
    """Serve until the owner closes the channel, or asks nothing for a while. `given`: see `OwnedProcess`."""
    die_with_owner(given["lifeline"])
    channel = given["channel"]
    with FileIO(channel, "r", closefd=False) as source, FileIO(channel, "w", closefd=False) as sink:
        asked = receive(source)
        if asked is None:
            return
        try:
            serving = Serving(Recipe.decode(asked[1]).make())
        except Exception as error:  # noqa: BLE001 - whatever an import raises is told to the owner
            send(sink, wire.ERROR, encode(wire.encode_failure(error)))
            return
        send(sink, wire.READY, b"")
        poll = select.poll()
        poll.register(channel, select.POLLIN)
        while serving.busy or poll.poll(1000 * given["idle"]):
            asked = receive(source)
            if asked is None:
                return
            kind, body = asked
            if kind == wire.FORGET:
                serving.forget(decode(body))
                continue
            for answer in serving.answer(decode(body)):
                send(sink, *answer)
            serving.go_ahead()


class Serving:
    """A connector, the listings of it that are under way, and the functions of events that may still be called."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._clock = SystemClock()
        self._listings: dict[int, Iterator[Event]] = {}
        self._ahead: dict[int, _Frame] = {}
        """The next events of listings that were asked for some, and did not halt."""
        self._going: int | None = None
        """The listing that may go on by itself."""
        self._held: dict[int, Callable[..., Any]] = {}
        self._numbers = count()

    @property
    def busy(self) -> bool:
        """Whether a listing is under way, which no other process could go on with."""
        return bool(self._listings or self._ahead)

    def answer(self, asked: Any) -> list[_Frame]:
        """What is to be said to a question."""
        try:
            match asked["do"]:
                case "list":
                    listing = self._connector.changes(asked["cursor"], asked["scopes"])
                    self._listings[asked["listing"]] = listing
                    return [self._go_on(asked["listing"])]
                case "go on":
                    return [self._ahead.pop(asked["listing"], None) or self._go_on(asked["listing"])]
                case "read":
                    return _told(self._held[asked["number"]]())
                case "read now":
                    return _told(self._read_now(asked["key"]))
                case "read state":
                    return _told(self._connector.read_state(asked["key"], asked["origin"]))
                case "look":
                    offshoot = self._held[asked["number"]](asked["revision"])
                    return [(wire.OFFSHOOT, encode(wire.encode_offshoot(offshoot, self._hold)))]
            raise ValueError(f"nobody knows how to {asked['do']}")
        except Exception as error:  # noqa: BLE001 - what it means is for the owner to decide
            return [(wire.ERROR, encode(wire.encode_failure(error)))]

    def forget(self, said: Any) -> None:
        """Nobody will go on with these listings, nor call these functions."""
        for number in said["listings"]:
            self._listings.pop(number, None)
            self._ahead.pop(number, None)
        for number in said["functions"]:
            self._held.pop(number, None)

    def _hold(self, function: Callable[..., Any]) -> int:
        number = next(self._numbers)
        self._held[number] = function
        return number

    def go_ahead(self) -> None:
        """List on while the owner takes in what it was told."""
        number, self._going = self._going, None
        if number in self._listings and number not in self._ahead:
            self._ahead[number] = self._go_on(number)

    def _go_on(self, number: int) -> _Frame:
        """The next events of a listing; what ended it, if it did."""
        listing = self._listings[number]
        told: dict[str, Any] = {"events": [], "more": True}
        events = told["events"]
        until = self._clock.monotonic() + _HURRY
        try:
            for event in listing:
                events.append(wire.encode_event(event, self._hold))
                if isinstance(event, _HALTS):
                    break
                if len(events) >= _MOST or self._clock.monotonic() >= until:
                    self._going = number
                    break
            else:
                told["more"] = False
        except Exception as error:  # noqa: BLE001 - told behind the events that came before it
            told |= {"more": False, "failure": wire.encode_failure(error)}
        if not told["more"]:
            del self._listings[number]
        return wire.EVENTS, encode(told)

    def _read_now(self, key: str) -> Content:
        """The bytes of the document at a key, for sources that know only the present. Raises `ReadError`."""
        unseen: Unknown | None = None
        for event in self._connector.changes(None, [key]):
            if isinstance(event, Observed) and event.key == key:
                return event.read()
            if isinstance(event, Unknown):
                unseen = event
        if unseen is not None:
            raise ReadError("unreadable", unseen.detail)
        raise ReadError("vanished", f"{key} is not there any more")


def _told(content: Content) -> list[_Frame]:
    return [(wire.CONTENT, encode(wire.encode_content(content))), (wire.DATA, content.data)]
