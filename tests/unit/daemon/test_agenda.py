"""The order of work of one source: hints before scans, failures later and later, schedules with a rest."""

from __future__ import annotations

from indexer.daemon.agenda import FINDING_OUT, FIRST_RETRY, LONGEST_RETRY, OVERDUE, REST, Agenda, Job


class Told:
    """Hints that are due at a moment that the test names."""

    def __init__(self, at: float | None = None, scopes: tuple[str, ...] = ()) -> None:
        self.at, self.told = at, scopes
        self.losses = False

    def look(self, now: float) -> None:
        """It knows all that it needs."""

    def due(self, now: float, *, folders: bool = True) -> tuple[str, ...] | None:
        if self.at is None or self.at > now or not folders:
            return None
        self.at = None
        return self.told

    def next_due(self, now: float) -> float | None:
        return self.at

    def covers(self, key: str, since: float | None = None) -> bool:
        return False

    def folders(self, since: float | None = None) -> list[str]:
        return []

    def scopes(self, since: float | None = None) -> list[str]:
        return list(self.told)

    def moves(self) -> list[tuple[str, str]]:
        return []

    def together(self, key: str, other: str) -> None:
        """Nothing is ever due together."""

    def lost(self) -> None:
        self.at, self.told, self.losses = 0.0, ("",), True

    def were_lost(self) -> bool:
        were, self.losses = self.losses, False
        return were

    @property
    def whole(self) -> bool:
        return self.at is not None and self.told == ("",)

    def __len__(self) -> int:
        return len(self.told)


def scanned(agenda: Agenda, now: float, took: float = 0.1, *, ok: bool = True) -> Job:
    """The scan that is due, done."""
    job = agenda.next(now)
    assert job is not None
    agenda.done(job, now + took, took, ok=ok)
    return job


def test_what_was_hinted_is_looked_at_before_a_scan_that_is_overdue() -> None:
    agenda = Agenda(Told(5.0, ("x.md",)), partial=True)
    agenda.ask("schedule", 0.0)
    assert agenda.next(10.0) == Job("changes", ("x.md",))
    assert agenda.next(10.0) == Job("schedule")
    assert agenda.next(10.0) is None


def test_what_was_hinted_waits_for_the_scan_that_finds_out_what_happened_before() -> None:
    agenda = Agenda(Told(5.0, ("x.md",)), partial=True)
    agenda.ask("start", 0.0)
    assert agenda.next(10.0) == Job("start")
    assert agenda.before_hints(10.0 + FINDING_OUT - 1)
    assert not agenda.before_hints(10.0 + FINDING_OUT), "but not for ever"
    agenda.done(Job("start"), 20.0, 10.0, ok=True)
    assert not agenda.finding_out
    assert agenda.next(20.0) == Job("changes", ("x.md",))


def test_a_scan_that_was_dropped_has_still_to_find_out() -> None:
    hints = Told(5.0, ("x.md",))
    agenda = Agenda(hints, partial=True)
    agenda.ask("start", 0.0)
    job = agenda.next(10.0)
    assert job == Job("start")
    agenda.put_back(job, 11.0)
    assert not agenda.before_hints(11.0), "nothing goes on"
    assert agenda.wake(11.0) == 11.0
    assert agenda.next(11.0) == Job("start")
    assert agenda.before_hints(12.0)


def test_a_source_that_cannot_be_listed_keeps_nothing_waiting_that_was_hinted() -> None:
    agenda = Agenda(Told(5.0, ("x.md",)), partial=True)
    agenda.ask("start", 0.0)
    assert agenda.next(10.0) == Job("start")
    agenda.done(Job("start"), 11.0, 1.0, ok=False)
    assert agenda.next(11.0) == Job("changes", ("x.md",))
    assert agenda.next(20.0) == Job("retry")
    assert agenda.before_hints(20.0)


def test_a_scan_is_not_put_off_for_ever_where_something_is_hinted_all_the_time() -> None:
    hints = Told()
    agenda = Agenda(hints, partial=True)
    agenda.ask("asked", 0.0)
    now, looks = 0.0, 0
    while True:
        hints.at, hints.told = now, ("busy.md",)
        job = agenda.next(now)
        assert job is not None
        if job.reason == "asked":
            break
        looks, now = looks + 1, now + 1.5
    assert looks > 5
    assert now == OVERDUE
    assert agenda.urgent(now) == Job("changes", ("busy.md",)), "which overtakes the scan"


def test_nothing_is_done_before_its_time() -> None:
    agenda = Agenda(Told(5.0, ("x",)), partial=True)
    assert agenda.next(4.9) is None
    assert agenda.wake(4.0) == 5.0
    assert agenda.next(5.0) is not None
    assert agenda.next(5.0) is None
    assert agenda.wake(5.0) is None


def test_in_the_middle_of_a_scan_only_what_was_hinted_is_done() -> None:
    hints = Told()
    agenda = Agenda(hints, partial=True)
    agenda.ask("schedule", 0.0)
    assert agenda.urgent(1.0) is None
    hints.at, hints.told = 1.0, ("a",)
    assert agenda.urgent(1.0) == Job("changes", ("a",))
    assert agenda.next(1.0) == Job("schedule")


def test_lost_events_make_a_scan_also_where_parts_can_be_looked_at() -> None:
    agenda = Agenda(Told(1.0, ("",)), partial=True)
    assert agenda.urgent(1.0) is None
    assert agenda.next(1.0) == Job("changes")


def test_a_source_that_cannot_be_looked_at_in_part_is_looked_at_as_a_whole() -> None:
    agenda = Agenda(Told(1.0, ("refs",)), partial=False)
    assert agenda.next(5.0) == Job("changes")


def test_a_source_that_cannot_be_listed_is_tried_again_later_and_later() -> None:
    agenda = Agenda(Told(), partial=True)
    agenda.ask("start", 0.0)
    pauses = []
    now = 0.0
    for _ in range(12):
        scanned(agenda, now, took=0.0, ok=False)
        wake = agenda.wake(now)
        assert wake is not None
        pauses.append(wake - now)
        now = wake
    assert pauses[0] == FIRST_RETRY
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_RETRY


def test_sources_that_fail_together_come_back_one_after_another() -> None:
    wakes = []
    for drawn in (0.0, 0.5, 1.0):
        agenda = Agenda(Told(), partial=True, jitter=lambda drawn=drawn: drawn)  # type: ignore[misc]
        agenda.ask("start", 0.0)
        scanned(agenda, 0.0, took=0.0, ok=False)
        wakes.append(agenda.wake(0.0))
    assert len(set(wakes)) == 3


def test_a_schedule_does_not_bring_a_failing_source_back_early_and_a_person_does() -> None:
    agenda = Agenda(Told(), partial=True)
    agenda.ask("start", 0.0)
    scanned(agenda, 0.0, took=0.0, ok=False)
    agenda.ask("schedule", 1.0)
    assert agenda.next(1.0) is None
    agenda.ask("asked", 1.0)
    assert agenda.next(1.0) == Job("asked")


def test_a_scan_that_takes_long_is_repeated_less_often_on_schedule_and_at_once_when_asked_for() -> None:
    agenda = Agenda(Told(), partial=True)
    agenda.ask("start", 0.0)
    scanned(agenda, 0.0, took=100.0)
    agenda.ask("schedule", 160.0)
    assert agenda.wake(160.0) == 100.0 + REST * 100.0
    agenda.ask("asked", 170.0)
    assert agenda.next(170.0) == Job("asked")


def test_swarms_of_lost_events_leave_a_breath_between_scans() -> None:
    hints = Told()
    agenda = Agenda(hints, partial=True)
    agenda.ask("start", 0.0)
    scanned(agenda, 0.0, took=8.0)
    hints.lost()
    assert agenda.next(9.0) is None
    assert agenda.next(16.0) == Job("changes")


def test_what_is_hinted_after_events_were_lost_waits_a_while_for_the_scan_and_not_for_its_whole_rest() -> (
    None
):
    hints = Told()
    agenda = Agenda(hints, partial=True)
    agenda.ask("start", 0.0)
    scanned(agenda, 0.0, took=3600.0)
    hints.lost()
    assert agenda.next(3601.0) is None
    hints.at, hints.told = 3602.0, ("x.md",)
    assert agenda.next(3601.0 + FINDING_OUT - 1) is None
    assert agenda.next(3601.0 + FINDING_OUT) == Job("changes"), "the scan"
    assert agenda.urgent(3601.0 + FINDING_OUT) == Job("changes", ("x.md",))


def test_what_several_ask_for_is_one_scan_that_does_all_of_it() -> None:
    agenda = Agenda(Told(), partial=True)
    agenda.ask("schedule", 0.0)
    agenda.ask("asked", 1.0, accept_deletions=True)
    agenda.ask("asked", 2.0, retry=frozenset({"a"}))
    assert agenda.next(3.0) == Job("schedule", None, True, frozenset({"a"}))
    assert agenda.next(3.0) is None


def test_documents_that_failed_are_due_by_themselves_and_a_scan_before_that_reads_them_too() -> None:
    agenda = Agenda(Told(), partial=True)
    agenda.documents_due(5.0)
    assert agenda.wake(0.0) == 5.0
    assert agenda.next(5.0) == Job("failures")
    agenda.documents_due(9.0)
    agenda.ask("asked", 6.0)
    assert agenda.next(6.0) == Job("asked")
    assert agenda.next(9.0) is None


def test_a_look_at_a_part_does_not_count_as_a_scan() -> None:
    agenda = Agenda(Told(1.0, ("x",)), partial=True)
    scanned(agenda, 2.0)
    assert not agenda.settled
    agenda.ask("start", 3.0)
    scanned(agenda, 3.0)
    assert agenda.settled


def test_a_look_that_was_dropped_is_taken_again_at_once_and_at_the_same_places() -> None:
    agenda = Agenda(Told(5.0, ("x", "y")), partial=True)
    job = agenda.next(5.0)
    assert job is not None
    agenda.put_back(job, 6.0)
    assert agenda.wake(6.0) == 6.0
    assert agenda.next(6.0) == Job("changes", ("x", "y"))
    assert agenda.next(6.0) is None


def test_a_look_and_one_that_overtook_it_are_dropped_and_taken_again_together() -> None:
    agenda = Agenda(Told(5.0, ("x", "y")), partial=True)
    first = agenda.next(5.0)
    assert first is not None
    agenda.put_back(Job("changes", ("z",)), 6.0)
    assert agenda.urgent(6.0, folders=False) is None
    agenda.put_back(first, 6.0)
    assert agenda.next(6.0) == Job("changes", ("x", "y", "z"))
    assert agenda.next(6.0) is None


def test_a_scan_that_was_dropped_keeps_what_was_asked_of_it_and_is_no_failure() -> None:
    agenda = Agenda(Told(), partial=True)
    agenda.ask("asked", 0.0, accept_deletions=True, retry=frozenset({"a"}))
    job = agenda.next(0.0)
    assert job is not None
    agenda.put_back(job, 1.0)
    assert agenda.next(1.0) == Job("asked", None, True, frozenset({"a"}))
    assert agenda.failures == 0


def test_documents_that_stay_due_whatever_is_tried_are_tried_once_a_minute() -> None:
    agenda = Agenda(Told(), partial=True)
    agenda.documents_due(0.0)
    assert agenda.next(100.0) == Job("failures")
    agenda.documents_due(0.0)
    assert agenda.next(100.0) is None
    assert agenda.wake(100.0) == 160.0
    assert agenda.next(160.0) == Job("failures")


def test_no_document_is_tried_while_its_source_cannot_be_listed() -> None:
    agenda = Agenda(Told(), partial=True)
    agenda.ask("start", 0.0)
    scanned(agenda, 0.0, ok=False)
    agenda.documents_due(1.0)
    assert agenda.next(2.0) is None
    scanned(agenda, 10.0)
    agenda.documents_due(70.0)
    assert agenda.next(70.0) == Job("failures")
