"""What changed between two versions, as far as it matters to a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.query.asking.targets import Target
from indexer.query.asking.topic import Topic
from indexer.query.changes import changes
from indexer.query.compare import pieces
from indexer.query.results import Answer, Change
from indexer.query.view import View
from indexer.question import Interpretation

MOST = 20
"""Changes that an answer names."""


@dataclass(frozen=True, slots=True)
class Step:
    """From one state to a later one; without an earlier one, the later is the first."""

    before: Target | None
    after: Target


def answer(view: View, step: Step, asked: Interpretation) -> Answer:
    """The changes of a step that are about the topic of the question; all of them, where it has none."""
    after = step.after
    if step.before is None:
        text = f"{after.label} is the first version of {_name(after)} that is known: nothing is known to have changed"
        return Answer("changes", text, {"from": None, "to": view.entry(after.version), "value": ()})
    found = changes(pieces(view, step.before.version), pieces(view, after.version))
    chosen = relevant(found, Topic(asked, [_name(after)], map(_text, found)))
    what = f"from {step.before.label} to {after.label} of {_name(after)}"
    if not found:
        text = f"nothing changed {what}"
    elif not chosen:
        text = f"nothing changed {what} about this; {len(found)} other changes"
    else:
        text = f"{len(chosen)} of {len(found)} changes {what}"
    values = {
        "from": view.entry(step.before.version),
        "to": view.entry(after.version),
        "value": tuple(chosen[:MOST]),
    }
    return Answer("changes", text, values)


def relevant(found: Sequence[Change], topic: Topic) -> list[Change]:
    """Those changes that are about the topic, the most about it first."""
    if topic.empty:
        return list(found)
    texts = [_text(change) for change in found]
    chosen = [
        (-topic.share(text), place)
        for place, (text, fits) in enumerate(zip(texts, topic.chosen(texts), strict=True))
        if fits
    ]
    return [found[place] for _, place in sorted(chosen)]


def _text(change: Change) -> str:
    """What changed, with where it stands: of an edited text only the words that differ and their sentence's."""
    return "\n".join(filter(None, [*change.heading, change.before, change.after]))


def _name(target: Target) -> str:
    return target.document.key if target.work is None else target.work.name
