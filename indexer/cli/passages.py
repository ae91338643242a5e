"""Draws passages and texts for people: hits of a search, a cited passage, differences, blame."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from indexer.cli.moments import count, exact_moment
from indexer.cli.visible import visible_line, visible_text
from indexer.cli.words import (
    document_place,
    document_words,
    doubt_words,
    heading_words,
    runs_words,
    version_words,
)
from indexer.query import results

if TYPE_CHECKING:
    from indexer.query.surroundings import Surroundings

_SHORT = 420  # characters of a passage that are shown without --full
_INDENT = 5
_CHANGES = 5
"""Changes that an answer shows."""
_WHERE = 3
_SIGNS = {
    results.ChangeKind.ADDED: ("+", "green"),
    results.ChangeKind.REMOVED: ("-", "red"),
    results.ChangeKind.CHANGED: ("~", "yellow"),
    results.ChangeKind.MOVED: (">", "cyan"),
}


def draw_search(
    console: Console,
    result: results.SearchResult,
    zone: tzinfo,
    *,
    full: bool,
    places: Sequence[Surroundings | None] | None = None,
) -> None:
    """The scope first, then what the catalog itself answers, then the hits, between what stands around them if that is given."""
    for line in scope_lines(result.scope, zone):
        console.print(Text(line, style="dim"))
    if result.answer is not None:
        console.print(Text(visible_text(result.answer.text), style="bold"))
        _draw_changes(console, result.answer)
    if not result.hits and result.answer is None:
        console.print(Text("Nothing found there."))
    for hit, place in zip(result.hits, places or [None] * len(result.hits), strict=True):
        console.print()
        _draw_hit(console, hit, zone, full=full, around=place)


def _draw_changes(console: Console, answer: results.Answer) -> None:
    """The first changes of an answer that names some."""
    if answer.kind != "changes":
        return
    found: Sequence[results.Change] = answer.values["value"]
    for change in found[:_CHANGES]:
        console.print()
        _draw_change(console, change)
    if len(found) > _CHANGES:
        console.print(Text(f"… and {len(found) - _CHANGES} more; `indexer diff` shows all", style="dim"))


def scope_lines(scope: results.Scope, zone: tzinfo) -> list[str]:
    """How the question's names, selectors and dates were understood."""
    first = f"Scope: {visible_line(scope.resolved_by)}"
    if scope.document is not None:
        first += f" · {document_words(scope.document)}"
    if scope.version is not None:
        first += f" · {version_words(scope.version, zone)}"
    if scope.as_of is not None:
        first += f" · as of {exact_moment(scope.as_of, zone)}"
    if scope.known_at is not None:
        first += f" · as known at {exact_moment(scope.known_at, zone)}"
    lines = [first]
    if scope.documents_with is not None:
        lines.append(
            f"{count(scope.documents_with, 'document')} with such a version, {scope.documents_without or 0:,} without"
        )
    doubt = doubt_words(scope.resolved_by, scope.alternatives, zone)
    return [*lines, doubt] if doubt else lines


def draw_cite(console: Console, result: results.CiteResult, zone: tzinfo) -> None:
    """The passage, where it stands, and what became of it."""
    console.print(Text(document_words(result.document), style="bold"))
    console.print(Text(version_words(result.version, zone)))
    _draw_where(console, result.heading, result.page)
    console.print()
    _draw_text(console, result.text)
    console.print()
    console.print(Text(visible_line(result.standing)))
    if result.newer is not None:
        console.print(Text(f"The present one is {version_words(result.newer, zone)}"))
    _draw_citation(console, result.citation)


def draw_diff(console: Console, result: results.DiffResult, zone: tzinfo) -> None:
    """Each change by passage, and within a changed passage by word."""
    console.print(Text(document_words(result.document), style="bold"))
    console.print(Text(f"from {version_words(result.before, zone)}"))
    console.print(Text(f"to   {version_words(result.after, zone)}"))
    _draw_doubt(console, result, zone)
    if not result.changes:
        console.print(Text("The texts are equal."))
    for change in result.changes:
        console.print()
        _draw_change(console, change)


def draw_blame(console: Console, result: results.BlameResult, zone: tzinfo, *, full: bool) -> None:
    """Each passage under the version that introduced it."""
    console.print(Text(document_words(result.document), style="bold"))
    console.print(Text(version_words(result.version, zone)))
    _draw_doubt(console, result, zone)
    for passage in result.passages:
        console.print()
        console.print(Text(version_words(passage.introduced, zone), style="yellow"))
        _draw_where(console, passage.heading, None)
        _draw_text(console, passage.text if full else _short(passage.text))
        _draw_citation(console, passage.citation)


def _draw_doubt(console: Console, result: results.DiffResult | results.BlameResult, zone: tzinfo) -> None:
    doubt = doubt_words(result.resolved_by, result.alternatives, zone)
    if doubt:
        console.print(Text(doubt, style="dim"))


def _draw_hit(
    console: Console, hit: results.Hit, zone: tzinfo, *, full: bool, around: Surroundings | None
) -> None:
    title, place = visible_line(hit.document.title), document_place(hit.document)
    console.print(Text(f"{hit.rank}. {title}", style="bold"))
    console.print(Padding(Text(place), (0, 0, 0, _WHERE)))
    version = Text(version_words(hit.version, zone))
    if hit.stale:
        version.append(" · stale: the document cannot be read at present", style="yellow")
    console.print(Padding(version, (0, 0, 0, _WHERE)))
    _draw_where(console, hit.heading, hit.page)
    if around is None:
        _draw_text(console, hit.text if full else _short(hit.text))
    else:  # whole: the text goes on from one passage to the next
        texts = (*(one.text for one in around.before), hit.text, *(one.text for one in around.after))
        _draw_text(console, "\n\n".join(texts))
    if hit.editions:
        said = f"alike in {', '.join(map(visible_line, hit.editions))}"
        console.print(Padding(Text(said), (0, 0, 0, _WHERE)))
    if hit.also_in:
        console.print(Padding(Text(f"also in {runs_words(hit.also_in)}"), (0, 0, 0, _WHERE)))
    _draw_citation(console, hit.citation)


def _draw_where(console: Console, heading: tuple[str, ...], page: int | None) -> None:
    if heading or page is not None:
        console.print(Padding(Text(heading_words(heading, page), style="cyan"), (0, 0, 0, _WHERE)))


def _draw_text(console: Console, text: str) -> None:
    console.print(Padding(Text(visible_text(text)), (0, 0, 0, _INDENT)))


def _draw_citation(console: Console, citation: str) -> None:
    # Never wrapped: it is there to be copied.
    console.print(Text(f"{' ' * (_WHERE)}{visible_line(citation)}", style="dim"), soft_wrap=True)


def _draw_change(console: Console, change: results.Change) -> None:
    sign, style = _SIGNS[change.op]
    where = heading_words(change.heading)
    if change.previous_heading is not None:
        where = f"{heading_words(change.previous_heading)} → {where}"
    console.print(Text(f"{sign} {change.op.value}" + (f" · {where}" if where else ""), style=f"bold {style}"))
    match change.op:
        case results.ChangeKind.ADDED:
            _draw_marked(console, [results.WordSpan(results.WordKind.ADDED, change.after or "")])
        case results.ChangeKind.REMOVED:
            _draw_marked(console, [results.WordSpan(results.WordKind.REMOVED, change.before or "")])
        case results.ChangeKind.MOVED if not change.words:
            _draw_text(console, _short(change.after or ""))
        case _:
            _draw_marked(console, change.words)


def _draw_marked(console: Console, spans: list[results.WordSpan] | tuple[results.WordSpan, ...]) -> None:
    """Words in colour; without colour in ``[-removed-]`` and ``{+added+}``, as ``wdiff`` writes them."""
    coloured = console.color_system is not None and not console.no_color
    text = Text()
    for span in spans:
        words = visible_text(span.text)
        if span.op is results.WordKind.EQUAL:
            text.append(words)
            continue
        core = words.rstrip()
        style, opening, closing = (
            ("green", "{+", "+}") if span.op is results.WordKind.ADDED else ("red strike", "[-", "-]")
        )
        text.append(core if coloured else f"{opening}{core}{closing}", style=style if coloured else "")
        text.append(words[len(core) :])
    console.print(Padding(text, (0, 0, 0, _INDENT)))


def _short(text: str) -> str:
    """The beginning of `text`, cut at a word, with a sign where something is left out."""
    if len(text) <= _SHORT:
        return text
    cut = text.rfind(" ", 0, _SHORT)
    return text[: cut if cut > _SHORT // 2 else _SHORT].rstrip() + " …"
