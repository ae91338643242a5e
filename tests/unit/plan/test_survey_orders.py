"""The order in which looks are told does not matter."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.ports.recorded import LineVersion
from tests.unit.plan.looks import Look, shown, tell

STEPS = st.lists(
    st.sampled_from(["edit", "edit", "trash", "trash", "expire", "delete", "look", "look", "look", "untold"]),
    min_size=3,
    max_size=14,
)


@dataclass(slots=True)
class Page:
    """A page, and the looks that were taken at it."""

    now: int = 10
    numbers: list[int] = field(default_factory=lambda: [1])
    made: dict[int, int] = field(default_factory=lambda: {1: 10})
    deleted: set[int] = field(default_factory=set)
    trashed: bool = False
    purged: bool = False
    looks: list[Look] = field(default_factory=list)

    def happen(self, step: str) -> None:
        """One thing that happens to it, after everything before."""
        self.now += 1
        last = self.numbers[-1]
        match step:
            case "edit" if not self.trashed:
                self.numbers.append(last + 1)
                self.made[last + 1] = self.now
            case "trash":
                self.trashed = not self.trashed
            case "purge":
                self.purged = True
            case "expire":
                self.numbers = self.numbers[-1:]
            case "delete":
                self.deleted.update(self.numbers[:-1][:1])
            case "look":
                self.looks.append(Look(self.now, self.told()))
            case "view":
                self.looks.append(Look(self.now, "" if self.trashed else f"·{self._text(last, 0)}'"))
            case "untold":
                self.looks.append(Look(self.now, self.told(without=last)))

    def told(self, without: int = 0) -> str:
        """What a look tells of it now."""
        if self.purged:
            return ""
        words = [f"{n}{self._text(n, without)}@{self.made[n]}" for n in self.numbers]
        return " ".join([*words, *(["trash"] if self.trashed else [])])

    def _text(self, number: int, without: int) -> str:
        if number in self.deleted:
            return "-"
        return "?" if number == without else "abcdefghijklmno"[number - 1]


def told_in(order: Sequence[Look]) -> list[LineVersion]:
    """The line that complete looks make in this order, each knowing which later ones were told before."""
    line: list[LineVersion] = []
    before: list[int] = []
    for look in order:
        place = bisect_right(sorted(before), look.at)
        later = sorted(before)[place] if place < len(before) else None
        line = tell(line, replace(look, superseded=later))
        before.append(look.at)
    return line


def essence(line: list[LineVersion]) -> str:
    """The line; that it is gone says nothing more behind a version that was deleted."""
    return re.sub(r"-( gone@\d+)+", "-", shown(line))


@settings(max_examples=400)
@given(STEPS, st.randoms(use_true_random=False))
def test_looks_in_any_order_make_one_line(steps: list[str], random: object) -> None:
    page = Page()
    for step in [*steps, "look"]:
        page.happen(step)
    order = list(page.looks)
    random.shuffle(order)  # type: ignore[attr-defined]
    line = told_in(order)
    assert essence(line) == essence(told_in(page.looks))
    for look in page.looks:
        line = tell(line, look)
    assert essence(line) == essence(told_in(page.looks)), "told again with the later ones forgotten"


@settings(max_examples=400)
@given(STEPS, STEPS, st.randoms(use_true_random=False))
def test_what_is_purged_is_gone_in_any_order_and_keeps_its_texts(
    steps: list[str], after: list[str], random: object
) -> None:
    page = Page()
    for step in [*steps, "look", "purge", *(step for step in after if step == "look"), "look"]:
        page.happen(step)
    order = list(page.looks)
    random.shuffle(order)  # type: ignore[attr-defined]
    mine, expected = shown(told_in(order)).split(), shown(told_in(page.looks)).split()
    assert mine[-1].startswith("gone")
    assert [word for word in mine if "@" not in word] == [word for word in expected if "@" not in word]


LAST = re.compile(r"(?:\d+|·)([a-z]|\?)'?(?:@\d+)?")


@settings(max_examples=1000)
@given(
    st.lists(
        st.sampled_from(
            ["edit", "edit", "trash", "trash", "look", "look", "view", "view", "expire", "delete", "untold"]
        ),
        min_size=3,
        max_size=14,
    ),
    st.sampled_from(["look", "view"]),
    st.randoms(use_true_random=False),
)
def test_looks_without_numbers_among_them_end_as_the_newest_does(
    steps: list[str], last: str, random: object
) -> None:
    """What they add depends on what is known already; whether the page is there and what it says do not."""
    page = Page()
    for step in [*steps, last]:
        page.happen(step)
    order = list(page.looks)
    random.shuffle(order)  # type: ignore[attr-defined]
    standing = [word for word in shown(told_in(order)).split() if not word.startswith("(")]
    if page.trashed:
        assert not standing or standing[-1].startswith("gone")
        return
    found = LAST.fullmatch(standing[-1])
    assert found is not None
    if "untold" not in steps:
        # A text without a number is taken for that of a number that has none.
        assert found[1] == page.told().split()[-1].lstrip("0123456789")[0]
