"""The order of work: hints before scans, first imports last, failures later and later."""

from __future__ import annotations

from indexer.daemon.agenda import FIRST_RETRY, LONGEST_RETRY, Agenda, Followed, Job


class Told:
    """Hints that are due at a moment that the test names."""

    def __init__(self, at: float | None = None, scopes: tuple[str, ...] = ()) -> None:
        self.at, self.scopes = at, scopes

    def due(self, now: float) -> tuple[str, ...] | None:
        if self.at is None or self.at > now:
            return None
        self.at = None
        return self.scopes

    def next_due(self, now: float) -> float | None:
        return self.at

    def lost(self) -> None:
        self.at, self.scopes = 0.0, ("",)


def settled(name: str, hints: Told | None = None, **settings: object) -> Followed:
    followed = Followed(name, 60.0, hints, settled=True, next_scan=1000.0)
    for setting, value in settings.items():
        setattr(followed, setting, value)
    return followed


def test_what_was_hinted_is_looked_at_before_a_scan_that_is_overdue() -> None:
    agenda = Agenda([settled("a", next_scan=1.0), settled("b", Told(5.0, ("x.md",)))])
    assert agenda.next(10.0) == Job("b", ("x.md",), "changes")
    job = agenda.next(10.0)
    assert job is not None
    assert (job.source, job.scopes) == ("a", None)


def test_of_two_sources_with_hints_the_one_that_has_waited_longer_comes_first() -> None:
    agenda = Agenda([settled("a", Told(5.0, ("x",))), settled("b", Told(3.0, ("y",)))])
    assert agenda.next(10.0) == Job("b", ("y",), "changes")


def test_nothing_is_done_before_its_time() -> None:
    agenda = Agenda([settled("a", Told(5.0, ("x",)))])
    assert agenda.next(4.9) is None
    assert agenda.wake(4.0) == 5.0
    assert agenda.next(5.0) is not None
    assert agenda.next(5.0) is None
    assert agenda.wake(5.0) == 1000.0


def test_first_imports_come_after_scans_of_what_is_there_already() -> None:
    agenda = Agenda([Followed("new", 60.0), settled("old", next_scan=2.0)])
    first = agenda.next(5.0)
    assert first is not None
    assert first.source == "old"


def test_between_two_commits_no_first_import_is_begun_and_nothing_of_the_source_at_work() -> None:
    agenda = Agenda([Followed("new", 60.0), settled("busy", Told(1.0, ("x",))), settled("other")])
    assert agenda.next(5.0, but_for="busy", short=True) is None
    agenda["other"].hints = Told(1.0, ("y",))
    assert agenda.next(5.0, but_for="busy", short=True) == Job("other", ("y",), "changes")


def test_a_source_that_cannot_be_looked_at_in_part_is_looked_at_as_a_whole() -> None:
    agenda = Agenda([settled("git", Told(1.0, ("refs",)), partial=False)])
    assert agenda.next(5.0) == Job("git", None, "changes")


def test_hints_of_a_source_that_was_never_scanned_make_a_scan() -> None:
    agenda = Agenda([Followed("new", 60.0, Told(1.0, ("x.md",)))])
    assert agenda.next(5.0) == Job("new", None, "changes")


def test_a_source_that_cannot_be_listed_is_tried_again_later_and_later() -> None:
    agenda = Agenda([Followed("a", 60.0)])
    pauses = []
    now = 0.0
    for _ in range(12):
        job = agenda.next(now)
        assert job is not None
        agenda.done(job, now, 0.1, ok=False)
        pauses.append(agenda.wake(now) - now)
        now = agenda.wake(now)
    assert pauses[0] == FIRST_RETRY
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_RETRY


def test_a_scan_that_takes_long_is_repeated_less_often() -> None:
    agenda = Agenda([Followed("a", 60.0)])
    job = agenda.next(0.0)
    assert job is not None
    agenda.done(job, 100.0, 100.0, ok=True)
    assert agenda.wake(100.0) == 100.0 + 1000.0
    assert agenda["a"].settled


def test_a_look_at_a_part_does_not_put_off_the_next_scan() -> None:
    agenda = Agenda([settled("a", Told(1.0, ("x",)))])
    job = agenda.next(2.0)
    assert job is not None
    agenda.done(job, 3.0, 1.0, ok=True)
    assert agenda["a"].next_scan == 1000.0


def test_a_scan_can_be_asked_for() -> None:
    agenda = Agenda([settled("a")])
    agenda.ask("a", 7.0)
    assert agenda.next(7.0) == Job("a", None, "asked")
