"""Any hints at any times: none is lost, none waits too long, and what is due together never overlaps."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from indexer.daemon.hints import Hints, Patience
from tests.support.fake_clock import FakeClock

PATIENCE = Patience(in_folder=4, scopes=9)
SLACK = 0.001
"""The clock counts microseconds, and every step is one longer."""

names = st.sampled_from(["a", "b", "c", "d", "e", "f"])
keys = st.lists(names, min_size=1, max_size=3).map("/".join)
pauses = st.sampled_from([1_000, 50_000, 100_000, 200_000, 250_000, 300_000, 700_000, 2_000_000])


def covers(scope: str, key: str) -> bool:
    return not scope or key == scope or key.startswith(scope + "/")


class HintsMachine(RuleBasedStateMachine):
    """The model is a list of all hints that no look has covered yet, and the pairs that belong together."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock()
        self.sizes: dict[str, int] = {}
        self.hints = Hints(self.clock, self.sizes.get, PATIENCE)
        self.open: list[tuple[float, str]] = []
        self.pairs: list[tuple[str, str]] = []
        self.grew = False
        """Whether any file grew since nothing was hinted."""

    def _hinted(self, *hinted: str) -> None:
        self.open += [(self.clock.monotonic(), key) for key in hinted]

    def _ask(self) -> None:
        self.nothing_waits_too_long()
        self.hints.look(self.clock.monotonic())
        scopes = self.hints.due(self.clock.monotonic())
        if scopes is None:
            return
        assert scopes
        assert list(scopes) == sorted(scopes)
        for scope in scopes:
            assert not any(covers(other, scope) for other in scopes if other != scope), scopes
        seen = {key for _, key in self.open if any(covers(scope, key) for scope in scopes)}
        assert seen, "a look without a hint"
        for old, new in self.pairs:
            assert (old in seen) == (new in seen), f"half of a rename: {old} → {new} in {scopes}"
        self.open = [(since, key) for since, key in self.open if key not in seen]
        self.pairs = [pair for pair in self.pairs if pair[0] not in seen]
        if not self.open:
            self.grew = False

    @rule(key=keys, folder=st.booleans())
    def hint(self, key: str, folder: bool) -> None:
        self.hints.add(key, folder=folder)
        self._hinted(key)

    @rule(key=keys, edits=st.lists(pauses, max_size=8))
    def edit(self, key: str, edits: list[int]) -> None:
        """One thing, again and again."""
        for pause in edits:
            self.hint(key, False)
            self.pass_time(pause)

    @rule(key=keys)
    def grow(self, key: str) -> None:
        self.sizes[key] = self.sizes.get(key, 0) + 1
        self.grew = True
        self.hint(key, False)

    @rule(old=keys, new=keys, folder=st.booleans(), edits=st.lists(pauses, max_size=3))
    def rename(self, old: str, new: str, folder: bool, edits: list[int]) -> None:
        self.hints.moved(old, new, folder=folder)
        self._hinted(old, new)
        self.pairs.append((old, new))
        self.edit(new, edits)

    @rule()
    def lose(self) -> None:
        self.hints.lost()
        self._hinted("")

    @rule(pause=pauses)
    def pass_time(self, pause: int) -> None:
        """As the daemon does: asks whenever it was told to."""
        end = self.clock.monotonic() + pause / 1_000_000
        while (at := self.hints.next_due(self.clock.monotonic())) is not None and at <= end:
            self.clock.advance(max(0, round((at - self.clock.monotonic()) * 1_000_000)) + 1)
            self._ask()
        self.clock.advance(max(1, round((end - self.clock.monotonic()) * 1_000_000)))

    @rule(pause=pauses)
    def be_busy(self, pause: int) -> None:
        """Nobody asks for a while; then somebody does."""
        self.clock.advance(pause)
        # What it costs is the asker's own fault; a second look, where there was no first one, is part of it.
        late = pause / 1_000_000 + PATIENCE.quiet
        self.open = [(since + late, key) for since, key in self.open]
        self._ask()

    @precondition(lambda self: self.open)
    @rule()
    def fall_silent(self) -> None:
        self.pass_time(10_500_000)
        assert not self.open
        assert self.hints.next_due(self.clock.monotonic()) is None
        assert len(self.hints) == 0

    @invariant()
    def nothing_waits_too_long(self) -> None:
        now = self.clock.monotonic()
        ceiling = PATIENCE.growth_ceiling if self.grew else PATIENCE.ceiling
        assert all(now <= since + ceiling + SLACK for since, _ in self.open), (now, self.open)

    @invariant()
    def what_waits_is_asked_for_in_time(self) -> None:
        at = self.hints.next_due(self.clock.monotonic())
        assert (at is None) == (not self.open)

    @invariant()
    def little_is_kept(self) -> None:
        assert len(self.hints) <= PATIENCE.scopes


TestHints = HintsMachine.TestCase
