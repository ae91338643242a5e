"""Makes text from documents and file names safe to show: nothing in it can steer a terminal or break a line."""

from __future__ import annotations

import re
from typing import Final

# Controls (C0, DEL, C1), separators that some terminals treat as line ends, marks that reorder what
# follows, and surrogates, which stand for undecodable bytes.
_UNSAFE: Final = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_IN_TEXT: Final = re.compile(f"[{_UNSAFE}]")
_IN_LINE: Final = re.compile(f"[{_UNSAFE}\t\n]")


def visible_text(text: str) -> str:
    r"""`text` with line feeds kept, tabs expanded and all else that is not printed shown as ``\x1b`` and the like."""
    return _IN_TEXT.sub(_escaped, text).expandtabs(4)


def visible_line(text: str) -> str:
    r"""`text` on one line: line feeds and tabs are shown as ``\n`` and ``\t`` too."""
    return _IN_LINE.sub(_escaped, text)


def shortened(text: str, width: int) -> str:
    """`text` on one line of at most `width` characters, white space run together, cut with an ellipsis."""
    line = visible_line(" ".join(text.split()))
    return line if len(line) <= width else line[: max(width - 1, 0)].rstrip() + "…"


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
