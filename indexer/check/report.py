"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass, field

MOST_PROBLEMS = 1000
"""Past this many the rest is only counted: a lost table would list every row."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it must be."""

    invariant: str
    """Its name in docs/invariants.md: ``lossless``, ``exact``, ``deterministic``, ``minimal``, ``immutable`` …"""
    where: str
    """The document, version, passage, row or file."""
    detail: str
    """What is wrong and what to do, in one line."""


@dataclass(slots=True)
class CheckReport:
    """Counts of what was checked, and the problems found."""

    documents: int = 0
    versions: int = 0
    passages: int = 0
    problems: list[Problem] = field(default_factory=list)
    left_out: int = 0
    """Problems past the most that are listed."""

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.problems

    def add(self, invariant: str, where: str, detail: str) -> None:
        """Note a problem."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(invariant, where, detail))
        else:
            self.left_out += 1
