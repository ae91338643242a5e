"""Hints become few scopes at the right moment: after a pause, never too late, and never half of a rename."""

from __future__ import annotations

import tracemalloc

import pytest

from indexer.daemon.hints import Hints, Patience
from tests.support.fake_clock import FakeClock


class Desk:
    """Hints, a clock, and files whose sizes the test sets; asks only when it is told to come again."""

    def __init__(self, **patience: float) -> None:
        self.clock = FakeClock()
        self.sizes: dict[str, int] = {}
        self.looks: list[str] = []
        self.hints = Hints(self.clock, self._size, Patience(**patience))  # type: ignore[arg-type]

    def _size(self, key: str) -> int | None:
        self.looks.append(key)
        return self.sizes.get(key)

    def now(self) -> float:
        return self.clock.monotonic()

    def due(self, now: float, *, folders: bool = True) -> tuple[str, ...] | None:
        self.hints.look(now)
        return self.hints.due(now, folders=folders)

    def until(self, seconds: float) -> list[tuple[float, tuple[str, ...]]]:
        """Let time pass until `seconds` after the start; what became due, and when."""
        found = []
        while (at := self.hints.next_due(self.now())) is not None and at <= seconds + 1e-6:
            self._advance(at)
            if (scopes := self.due(self.now())) is not None:
                found.append((round(self.now(), 3), scopes))
        self._advance(seconds)
        return found

    def _advance(self, to: float) -> None:
        # A microsecond more, so that a moment which is no whole number of them has come.
        self.clock.advance(max(0, round((to - self.now()) * 1_000_000) + 1))


@pytest.fixture
def desk() -> Desk:
    return Desk()


def close(time: float) -> object:
    return pytest.approx(time, abs=0.005)


def test_nothing_is_due_where_nothing_was_hinted(desk: Desk) -> None:
    assert desk.due(100.0) is None
    assert desk.hints.next_due(100.0) is None


def test_a_saved_file_is_due_after_a_pause_once_and_is_not_even_looked_at_before(desk: Desk) -> None:
    desk.hints.add("a.md")
    assert desk.until(60) == [(close(0.3), ("a.md",))]
    assert desk.looks == []


def test_due_is_asked_too_early_without_harm(desk: Desk) -> None:
    desk.hints.add("a.md")
    assert desk.due(0.299) is None
    assert desk.due(0.3) == ("a.md",)
    assert desk.due(0.3) is None


def test_every_hint_of_a_scope_begins_the_pause_anew(desk: Desk) -> None:
    for tenth in range(5):
        assert desk.until(tenth * 0.2) == []
        desk.hints.add("a.md")
    assert desk.until(5) == [(close(1.1), ("a.md",))]


def test_a_file_that_is_always_written_to_and_does_not_grow_is_due_at_the_ceiling(desk: Desk) -> None:
    desk.sizes["a.md"] = 10
    due = []
    for tick in range(30):
        due += desk.until(tick * 0.1)
        desk.hints.add("a.md")
    due += desk.until(10)
    assert due[0] == (close(1.5), ("a.md",))


def test_a_file_that_grows_waits_until_it_grows_no_more(desk: Desk) -> None:
    for tick in range(50):
        assert desk.until(tick * 0.1) == []
        desk.sizes["film.mov"] = tick
        desk.hints.add("film.mov")
    [(at, scopes)] = desk.until(20)
    assert scopes == ("film.mov",)
    assert 5.2 <= at <= 5.6


def test_a_file_that_grows_for_ever_is_due_at_the_longer_ceiling(desk: Desk) -> None:
    due = []
    for tick in range(250):
        due += desk.until(tick * 0.1)
        desk.sizes["server.log"] = tick
        desk.hints.add("server.log")
    assert due == [(close(10.0), ("server.log",)), (close(20.0), ("server.log",))]


def test_a_file_that_was_written_for_a_while_is_due_only_when_two_looks_agree(desk: Desk) -> None:
    for tick in range(4):
        assert desk.until(tick * 0.15) == []
        desk.sizes["a.md"] = tick
        desk.hints.add("a.md")
    desk.sizes["a.md"] = 99  # without a hint, as where a file is written through memory
    [(at, _)] = desk.until(5)
    assert at == close(0.9)


def test_growth_is_seen_although_nobody_asked_in_time(desk: Desk) -> None:
    for tick in range(30):
        desk.clock.advance(100_000)
        desk.sizes["film.mov"] = tick
        desk.hints.add("film.mov")
    assert desk.due(desk.now()) is None
    [(at, _)] = desk.until(9)
    assert at < 4


def test_what_is_copied_into_a_new_folder_is_waited_for(desk: Desk) -> None:
    desk.hints.add("new", folder=True)
    for tick in range(40):
        assert desk.until(tick * 0.1) == []
        desk.sizes["new/film.mov"] = tick
        desk.hints.add("new/film.mov")
    [(at, scopes)] = desk.until(20)
    assert scopes == ("new",)
    assert 4.2 <= at <= 4.7


def test_a_log_that_grows_does_not_hold_up_the_many_files_beside_it(desk: Desk) -> None:
    for number in range(201):
        desk.hints.add(f"in/{number}.md")
    due = []
    for tick in range(40):
        due += desk.until(tick * 0.1)
        desk.sizes["in/server.log"] = tick
        desk.hints.add("in/server.log")
    assert due[0] == (close(1.5), ("in",))


@pytest.mark.parametrize(
    "hinted",
    [
        ["a.md", "a.md", "a.md"],  # truncated, written, closed
        ["a.md", "a.md"],  # deleted and made again
        [".a.md.swp", "a.md~", "a.md", "a.md", "a.md~", ".a.md.swp"],  # a backup made and taken away
    ],
)
def test_what_editors_do_to_save_is_one_look(desk: Desk, hinted: list[str]) -> None:
    for key in hinted:
        desk.hints.add(key)
        desk.clock.advance(2_000)
    [(at, scopes)] = desk.until(60)
    assert scopes == tuple(sorted(set(hinted)))
    assert at < 0.42


def test_a_file_written_beside_and_renamed_onto_another_is_one_look(desk: Desk) -> None:
    desk.hints.add("a.md.tmp")
    desk.hints.moved("a.md.tmp", "a.md")
    assert desk.until(60) == [(close(0.3), ("a.md", "a.md.tmp"))]


def test_both_places_of_a_rename_are_due_together_however_long_one_is_written_to(desk: Desk) -> None:
    desk.hints.moved("old.md", "new.md")
    for tick in range(1, 8):
        assert desk.until(tick * 0.2) == []
        desk.hints.add("new.md")
    assert desk.until(60) == [(close(1.5), ("new.md", "old.md"))]


def test_a_chain_of_renames_is_one_look_and_ends_at_the_ceiling(desk: Desk) -> None:
    due = []
    for tick in range(20):
        due += desk.until(tick * 0.2)
        desk.hints.moved(f"{tick}.md", f"{tick + 1}.md")
    assert due[0] == (close(1.5), ("0.md", *sorted(f"{n}.md" for n in range(1, 9))))


def test_a_moved_folder_takes_hints_inside_it_along(desk: Desk) -> None:
    desk.hints.add("old/deep/a.md")
    desk.hints.moved("old", "new", folder=True)
    desk.hints.add("new/deep/a.md")
    assert desk.until(60) == [(close(0.3), ("new", "old"))]


def test_a_rename_out_of_a_folder_that_is_hinted_is_due_with_that_folder(desk: Desk) -> None:
    desk.hints.add("in", folder=True)
    desk.clock.advance(200_000)
    desk.hints.moved("in/a.md", "out/a.md")
    assert desk.until(60) == [(close(0.5), ("in", "out/a.md"))]


def test_a_copy_and_a_deletion_soon_after_it_are_one_look(desk: Desk) -> None:
    desk.hints.add("new.md")
    desk.clock.advance(80_000)
    desk.hints.add("old.md")
    assert desk.until(60) == [(close(0.38), ("new.md", "old.md"))]


def test_a_scope_does_not_wait_for_the_work_that_goes_on_elsewhere(desk: Desk) -> None:
    desk.hints.add("a.md")
    due = []
    for tick in range(1, 30):
        desk.hints.add(f"{tick}.md")
        due += desk.until(tick * 0.02)
    assert due[0][0] <= 0.401
    assert "a.md" in due[0][1]


def test_files_can_be_had_without_folders_and_what_moved_with_them(desk: Desk) -> None:
    desk.sizes = {"b.md": 1, "c.md": 1}
    desk.hints.add("folder", folder=True)
    desk.hints.moved("folder/a.md", "b.md")
    desk.hints.add("c.md")
    desk.clock.advance(2_000_000)
    assert desk.due(desk.now(), folders=False) == ("c.md",)
    assert desk.due(desk.now(), folders=False) is None
    assert desk.due(desk.now()) == ("b.md", "folder")


def test_a_folder_takes_in_what_was_hinted_inside_it(desk: Desk) -> None:
    desk.hints.add("in/a.md")
    desk.hints.add("in/deep/b.md")
    desk.hints.add("inn/c.md")
    desk.hints.add("in", folder=True)
    assert desk.until(60) == [(close(0.3), ("in", "inn/c.md"))]


def test_a_folder_that_takes_in_older_hints_keeps_their_ceiling(desk: Desk) -> None:
    for tick in range(10):
        assert desk.until(tick * 0.14) == []
        desk.hints.add("in/a.md")
    desk.hints.add("in", folder=True)
    desk.clock.advance(100_000)
    desk.hints.add("in/b.md")
    assert desk.until(60) == [(close(1.5), ("in",))]


def test_many_files_of_a_folder_are_the_folder(desk: Desk) -> None:
    for number in range(200):
        desk.hints.add(f"in/{number}.md")
    assert len(desk.hints) == 200
    desk.hints.add("in/one-more.md")
    desk.hints.add("out.md")
    assert desk.until(60) == [(close(0.3), ("in", "out.md"))]


def test_many_folders_of_a_folder_are_that_folder() -> None:
    desk = Desk(in_folder=2, scopes=100)
    for folder in "abc":
        for name in "xyz":
            desk.hints.add(f"top/{folder}/{name}.md")
    assert desk.until(60) == [(close(0.3), ("top",))]


def test_many_scopes_are_the_whole_source(desk: Desk) -> None:
    for number in range(501):
        desk.hints.add(f"{number % 7}/{number}/a.md")
    assert desk.until(60) == [(close(0.3), ("",))]


def test_lost_events_are_the_whole_source_with_all_that_was_hinted(desk: Desk) -> None:
    desk.hints.add("a.md")
    desk.clock.advance(100_000)
    desk.hints.lost()
    desk.hints.add("b/c.md")
    assert desk.until(60) == [(close(0.4), ("",))]


def test_after_a_look_hints_wait_as_if_there_had_been_none(desk: Desk) -> None:
    desk.hints.lost()
    assert desk.due(0.5) == ("",)
    desk.clock.advance(2_000_000)
    desk.hints.add("a.md")
    assert desk.until(60) == [(close(2.3), ("a.md",))]


def test_a_million_hints_take_no_more_room_than_a_few_hundred(desk: Desk) -> None:
    for number in range(950_000):
        desk.hints.add(f"{number % 1000}/{number}.md")
    tracemalloc.start()
    try:
        for number in range(950_000, 1_000_000):
            desk.hints.add(f"{number % 1000}/{number}.md")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(desk.hints) == 1
    assert peak < 10_000


@pytest.mark.parametrize("wrong", [{"quiet": 0}, {"ceiling": 0.1}, {"growth_ceiling": 1}, {"scopes": 0}])
def test_waiting_times_without_order_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="no "):
        Patience(**wrong)  # type: ignore[arg-type]
