"""Draws tables and sums for people: status, history, failures, reports of runs, checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from indexer.cli.families import family_words
from indexer.cli.moments import count, duration, moment, size
from indexer.cli.visible import shortened, visible_line
from indexer.cli.words import SHORT_COMMIT, document_words
from indexer.clock import to_instant
from indexer.model import Failure, Version, VersionKind, VersionStatus
from indexer.query import results
from indexer.selectors import commit_of

if TYPE_CHECKING:
    from indexer.check import CheckReport
    from indexer.ingest.reports import BackfillReport, Forecast, SourceReport

_LABELS_WIDTH: Final = 16  # columns
_MOST_RUNS: Final = 5
"""Runs of missing versions that one line names."""
_STATES: Final = {"ok": "green", "new": "", "incomplete": "yellow", "refused": "red", "detached": "yellow"}
_REMEDIES: Final = {  # the details of the other reasons say what to do
    "binary": "this is no text; exclude such files to keep them out of this list",
    "empty": "there is nothing in it to read; if there should be, copy it again; otherwise exclude it",
    "malformed": "it is not built as its format asks; repair it, or save it again where it was made",
    "no-parser": "no parser reads this format; exclude such files to keep them out of this list",
    "too-large": "beyond what one document may hold or take; split it, or exclude it",
}


def draw_status(
    console: Console, result: results.StatusResult, zone: tzinfo, daemon: Mapping[str, Any] | None = None
) -> None:
    """A line for each source, the sums, the work saved, and what a running daemon says of itself."""
    if not result.sources:
        console.print(Text("Nothing is indexed yet; run `indexer backfill`."))
        return
    table = _table("source", "state", ">documents", ">versions", ">passages", ">failed", "last scan", gap=1)
    for source in result.sources:
        numbers = (source.documents, source.versions, source.passages, source.failed)
        table.add_row(
            _cell(source.name),
            Text(source.state, style=_STATES.get(source.state, "")),
            *(f"{number:,}" for number in numbers),
            moment(source.last_scan, zone) or "never",
        )
    console.print(table)
    _draw_zone(console, zone)
    for source in result.sources:
        if source.detail:
            console.print(Text(visible_line(f"{source.name}: {source.detail}"), style="yellow"))
    console.print()
    totals = result.totals
    console.print(
        Text(
            f"{count(totals.documents, 'document')}, {count(totals.versions, 'version')}, "
            f"{count(totals.passages, 'present passage')}, {totals.failed:,} failed"
        )
    )
    console.print(Text(work_saved(totals)))
    if result.disk is not None:
        _draw_disk(console, result, result.disk)
    if result.writer is not None:
        since = f" since {moment(result.writer.since, zone)}" if result.writer.since else ""
        console.print(Text(f"process {result.writer.pid} is writing{since}"))
    if totals.failed:
        console.print(Text("`indexer failures` says what failed, and why"))
    if daemon is not None:
        _draw_daemon(console, daemon, zone)


def _draw_disk(console: Console, result: results.StatusResult, disk: results.DiskUse) -> None:
    """What the data folder takes; by source where everything was measured."""
    held = [(source.name, source.disk) for source in result.sources if source.disk is not None]
    if disk.originals is not None:
        table = _table("source", ">originals", ">their size", ">texts, packed", ">rows", gap=2)
        for name, of_it in held:
            table.add_row(
                _cell(name),
                f"{of_it.originals:,}",
                size(of_it.original_bytes),
                size(of_it.text_bytes or 0),
                f"{of_it.rows:,}",
            )
        console.print()
        console.print(table)
    kept = sum(of_it.original_bytes for _, of_it in held)
    stored = "" if disk.originals is None else f", stored in {size(disk.originals)}"
    parts = [
        f"catalog {size(disk.catalog)}",
        f"passages {size(disk.passages)}",
        f"models {size(disk.models)}",
        f"originals of {size(kept)}{stored}",
    ]
    if disk.copies:
        parts.append(f"copies of sources {size(disk.copies)}")
    console.print(Text(f"on the disk: {', '.join(parts)}; {size(disk.free)} free"))


def _draw_daemon(console: Console, daemon: Mapping[str, Any], zone: tzinfo) -> None:
    console.print()
    console.print(Text(f"the daemon runs since {_stated(daemon['since'], zone)}"))
    for name, state in daemon["sources"].items():
        words = [state["activity"] or state["state"]]
        if state["hints"]:
            words.append(f"{count(state['hints'], 'change')} to look at")
        if state["next_scan"]:
            words.append(f"next complete scan {_stated(state['next_scan'], zone)}")
        console.print(Text(visible_line(f"  {name}: {', '.join(words)}")))
    for job in daemon["schedules"]:
        last, following = (_stated(job[when], zone) or "never" for when in ("last", "next"))
        console.print(Text(visible_line(f"  {job['name']}: last {last}, next {following}"), style="dim"))


def _stated(written: str | None, zone: tzinfo) -> str:
    """A time that the daemon wrote."""
    return "" if written is None else moment(to_instant(datetime.fromisoformat(written)), zone)


def work_saved(totals: results.Totals) -> str:
    """How much embedding every version whole would have been, and how much it was."""
    saved = totals.reused_share
    if saved is None:
        return "nothing was embedded yet; run `indexer backfill`"
    return (
        f"embedded {totals.embedded_passages:,} of {count(totals.seen_passages, 'passage')} that embedding "
        f"every version whole would have taken: {saved:.1%} of the tokens saved"
    )


def draw_history(console: Console, result: results.HistoryResult, zone: tzinfo) -> None:
    """The versions, newest first, within 80 columns."""
    console.print(Text(document_words(result.document), style="bold"))
    table = _table(">no.", "effective", "status", "labels", ">+", ">−", shrinking=-1)
    table.expand = True
    table.add_column("author, message", no_wrap=True, overflow="ellipsis", ratio=1)
    for entry in result.versions:
        version = entry.version
        number = version.number if version.number is not None else version.was_number
        table.add_row(
            _number(number, withdrawn=version.number is None, provisional=version.provisional),
            moment(version.valid_from, zone),
            _status(entry),
            Text(shortened(", ".join(version.labels), _LABELS_WIDTH)),
            "" if entry.added is None else f"+{entry.added}",
            "" if entry.removed is None else f"−{entry.removed}",
            _cell(" · ".join(_said(version))),
        )
    console.print(table)
    for entry in result.versions:
        gap = result.gaps.get(entry.version.no)
        if gap is not None:
            console.print(Text(gap_words(gap), style="yellow"))
    if result.family is not None:
        console.print(Text(family_words(result.family)))
    _draw_zone(console, zone)


def gap_words(gap: results.Gap) -> str:
    """``versions 3 to 4 were not kept by the source``, ``version 3 was …``: by its numbers, not ours."""
    shown = [str(first) if first == last else f"{first} to {last}" for first, last in gap.runs]
    single = len(gap.runs) == 1 and gap.runs[0][0] == gap.runs[0][1]
    more = ["…"] if len(shown) > _MOST_RUNS else []
    listed = ", ".join([*shown[:_MOST_RUNS], *more])
    return (
        f"version {listed} was not kept by the source"
        if single
        else f"versions {listed} were not kept by the source"
    )


def _said(version: Version) -> Iterator[str]:
    commit = commit_of(version)
    purged = version.purged and (
        f"{'thinned out' if version.purged.thinned else 'purged'} by {version.purged.by}: {version.purged.reason}"
    )
    for part in (commit and commit[:SHORT_COMMIT], version.author, version.message, purged):
        if part:
            yield " ".join(part.split())


def draw_failures(console: Console, failures: Sequence[Failure], zone: tzinfo) -> None:
    """By reason: what to do, and what it concerns."""
    if not failures:
        console.print(Text("Everything that was found is indexed."))
        return
    by_reason = sorted(failures, key=lambda failure: (failure.reason, failure.source, failure.key))
    for reason, group in groupby(by_reason, key=lambda failure: failure.reason):
        concerned = list(group)
        heading = Text(f"{reason} ({len(concerned)})", style="bold")
        if reason in _REMEDIES:
            heading.append(f" — {_REMEDIES[reason]}", style="not bold")
        console.print(heading)
        for failure in concerned:
            _draw_failure(console, failure, zone)
        console.print()
    console.print(Text(f"{count(len(failures), 'failure')}; `indexer retry` tries all of them now"))


def draw_backfill(console: Console, report: BackfillReport) -> None:
    """What the run did, by source."""
    for source in report.sources:
        draw_source_report(console, source)
    if any(source.forecast is not None for source in report.sources):
        console.print(Text("nothing was changed: this was a dry run"))
        return
    console.print(
        Text(f"done in {duration(report.seconds)}" + ("" if report.complete else ", with problems"))
    )
    if any(source.failed for source in report.sources):
        console.print(Text("`indexer failures` says what failed, and why"))


def draw_source_report(console: Console, source: SourceReport) -> None:
    """A few lines on one source."""
    line = Text(f"{visible_line(source.name)}: ", style="bold")
    words = _done_words(source) if source.forecast is None else _forecast_words(source, source.forecast)
    line.append(words, style="not bold")
    console.print(line)
    for problem in source.problems:
        console.print(Padding(Text(visible_line(problem), style="yellow"), (0, 0, 0, 2)))
    for remark in source.remarks:
        console.print(Padding(Text(visible_line(f"note: {remark}")), (0, 0, 0, 2)))


def draw_check(console: Console, report: CheckReport) -> None:
    """What was looked at and what does not hold."""
    for problem in report.problems:
        console.print(
            Text(visible_line(f"{problem.invariant}: {problem.where}: {problem.detail}"), style="red")
        )
    if report.left_out:
        console.print(Text(f"and {report.left_out:,} more", style="red"))
    looked_at = (
        f"{count(report.documents, 'document')}, {count(report.versions, 'version')}, "
        f"{count(report.passages, 'passage')}"
    )
    verdict = "everything holds" if report.ok else count(len(report.problems) + report.left_out, "problem")
    console.print(Text(f"{verdict} ({looked_at} looked at)", style="bold"))


def draw_rebuild(console: Console, passages: int, seconds: float) -> None:
    """That it is done."""
    console.print(Text(f"{count(passages, 'present passage')} searchable, made anew in {duration(seconds)}"))


# --- parts -----------------------------------------------------------------------------------


def _done_words(source: SourceReport) -> str:
    if not source.versions_added and not source.passages_embedded:
        work = "nothing new"
    else:
        tokens = source.tokens_embedded + source.tokens_reused
        known = f", {source.tokens_reused / tokens:.1%} of the tokens known" if source.tokens_reused else ""
        work = (
            f"{count(source.versions_added, 'new version')}, "
            f"{count(source.passages_embedded, 'passage')} embedded{known}"
        )
    failed = f", {source.failed:,} failed" if source.failed else ""
    return f"{count(source.documents_seen, 'document')} seen, {work}{failed} ({duration(source.seconds)})"


def _forecast_words(source: SourceReport, forecast: Forecast) -> str:
    if not forecast.documents:
        return "nothing to do"
    words = (
        f"{count(forecast.documents, 'document')} to index, {count(forecast.versions, 'new version')}, "
        f"{count(forecast.passages, 'passage')} to embed ({forecast.tokens:,} tokens"
    )
    words += ")" if forecast.seconds is None else f", about {duration(forecast.seconds)})"
    if forecast.whole_tokens:
        words += f"; embedding every document whole would take {forecast.whole_tokens:,} tokens"
    if source.failed:
        words += f"; {source.failed:,} cannot be indexed"
    return words


def _draw_failure(console: Console, failure: Failure, zone: tzinfo) -> None:
    console.print(Padding(Text(visible_line(f"{failure.source}:{failure.key}")), (0, 0, 0, 2)))
    next_time = f", again {moment(failure.next_retry, zone)}" if failure.next_retry is not None else ""
    tried = f" ({count(failure.attempts, 'attempt')}, since {moment(failure.first_seen, zone)}{next_time})"
    detail = Text(visible_line(failure.detail))
    detail.append(tried, style="dim")
    console.print(Padding(detail, (0, 0, 0, 4)))


def _draw_zone(console: Console, zone: tzinfo) -> None:
    console.print(Text(f"times in {zone}", style="dim"))


def _number(number: int | None, *, withdrawn: bool, provisional: bool) -> str:
    if number is None:
        return "–"
    return f"({number})" if withdrawn else f"{number}{'?' if provisional else ''}"


def _status(entry: results.VersionEntry) -> Text:
    version = entry.version
    if version.kind is VersionKind.TOMBSTONE:
        return Text("deleted", style="red")
    if version.purged is not None:
        return Text("thinned", style="yellow") if version.purged.thinned else Text("purged", style="red")
    if version.kind is VersionKind.UNREADABLE:
        return Text("unreadable", style="yellow")
    return Text(version.status.value, style="green" if version.status is VersionStatus.CURRENT else "")


def _cell(text: str) -> Text:
    return Text(visible_line(text))


def _table(*columns: str, shrinking: int = 0, gap: int = 2) -> Table:
    """Columns named ``>…`` are set to the right; the one numbered `shrinking` gives way where the width runs out."""
    table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="bold")
    for place, name in enumerate(columns):
        table.add_column(
            name.removeprefix(">"),
            justify="right" if name.startswith(">") else "left",
            no_wrap=place != shrinking,
            overflow="fold",
        )
    return table
