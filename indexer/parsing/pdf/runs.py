"""Runs of characters: what stands side by side in one style, in reading order whatever the script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from indexer.parsing.pdf.lines import Run
from indexer.parsing.pdf.words import normal_characters, read_backwards, reads_backwards

_GAP: Final = 1.0
"""Of the font size: a gap that parts a run."""


@dataclass(frozen=True, slots=True)
class Style:
    """What all characters of one text object have in common."""

    size: float
    """Font size in points as seen on the page."""
    bold: bool
    mono: bool
    angle: int
    """Degrees, counter-clockwise, in which the text runs: 0, 90, 180, 270; -1 if askew."""
    heading: int
    artifact: bool


@dataclass(slots=True)
class OpenRun:
    """A run while characters are added to it. All coordinates as in `lines`."""

    style: Style
    text: str
    left: float
    top: float
    right: float
    bottom: float
    baseline: float
    spaced: bool
    _last: tuple[float, float] = (0.0, 0.0)
    """Left and right of the last character."""
    _glyph: int = 0
    """Where the text of the last glyph begins."""
    _forward: int = 0
    """Of letters that are read from right to left: how many more stand right of the one before."""

    def __post_init__(self) -> None:
        self._last = (self.left, self.right)

    def takes(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Whether a character in this box goes on with the run: on its line, and not far away."""
        if top != self.top or bottom != self.bottom:  # hardly ever: a run is of one font
            shared = min(bottom, self.bottom) - max(top, self.top)
            if shared < 0.5 * min(bottom - top, self.bottom - self.top):
                return False
        gap = _GAP * self.style.size
        return left - self.right <= gap and self.left - right <= gap

    def add(self, letter: str, left: float, right: float, *, spaced: bool) -> None:
        """Append a character that stands between `left` and `right`, `spaced` by a blank from the one before."""
        backwards = letter > "\u058f" and reads_backwards(ord(letter[0]))
        if backwards and (left, right) == self._last:
            # Several letters of one glyph: pdfium has turned them round, as it does with letters
            # that a file draws from left to right.
            self.text = self.text[: self._glyph] + letter + self.text[self._glyph :]
            return
        if backwards:
            self._forward += 1 if left > self._last[0] else -1
        self._glyph = len(self.text) + spaced
        self.text += f" {letter}" if spaced else letter
        self._last = (left, right)
        if left < self.left:
            self.left = left
        if right > self.right:
            self.right = right

    def closed(self) -> Run:
        """The run as a value."""
        text = normal_characters(self.text)
        return Run(
            read_backwards(text) if self._forward > 0 else text,
            left=self.left,
            top=self.top,
            right=self.right,
            bottom=self.bottom,
            baseline=self.baseline,
            size=self.style.size,
            bold=self.style.bold,
            mono=self.style.mono,
            spaced=self.spaced,
            heading=self.style.heading,
            artifact=self.style.artifact,
        )
