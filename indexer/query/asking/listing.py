"""Which versions there are, whether one exists, and which one is the first, the last or the next."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.model import Version
from indexer.query.asking.names import Names, Work
from indexer.query.asking.subject import Subject
from indexer.query.asking.targets import Finder, bare, same_label
from indexer.query.results import Answer
from indexer.query.view import View
from indexer.question import Interpretation, Kind, VersionExpression, VersionReading


@dataclass(frozen=True, slots=True)
class Listed:
    """Versions in their order: labels of editions, or a document's own."""

    what: str
    labels: tuple[str, ...]


def listed(view: View, names: Names, subject: Subject) -> list[Listed]:
    """The versions of what the question is about, the oldest first; works with the same editions are one."""
    found: list[Listed] = []
    works = subject.works if subject.named else tuple(names.works)
    if works:
        found.append(Listed(_together(works), merged(works)))
    for no in sorted(subject.documents):
        line = [version for version in view.line(no) if version.manifest_no is not None]
        found.append(Listed(view.document(no).key, tuple(map(called, line))))
    return found


def answer(view: View, names: Names, subject: Subject, asked: Interpretation) -> Answer:
    """The answer to a question of kind EXISTS or VERSIONS."""
    lists = listed(view, names, subject)
    labels = [label for one in lists for label in one.labels]
    what = " and ".join(one.what for one in lists) or "the index"
    if asked.kind is Kind.EXISTS:
        return _exists(view, names, subject, asked, labels, what)
    position = next((v for v in asked.versions if v.reading is not VersionReading.NAMED), None)
    if position is not None:
        targets = Finder(view, names, subject).targets([position])
        value = list(dict.fromkeys(target.label for target in targets.found))
        if position.reading is VersionReading.POSITION and labels:
            place = position.position - 1 if position.position > 0 else len(labels) + position.position
            value = [labels[place]] if 0 <= place < len(labels) else []
        text = f"{position.written} of {what}: {', '.join(value) or 'there is none'}"
        return Answer("versions", text, {"value": value})
    if not labels:
        return Answer("versions", f"{what} has no versions that are known", {"value": []})
    text = f"{what} has {len(labels)} version{'s' if len(labels) != 1 else ''}: {', '.join(labels)}"
    return Answer("versions", text, {"value": labels})


def _exists(
    view: View, names: Names, subject: Subject, asked: Interpretation, labels: list[str], what: str
) -> Answer:
    finder = Finder(view, names, subject)
    expressions = [v for v in asked.versions if v.reading is VersionReading.NAMED]
    missing = [
        expression.name
        for expression in expressions
        if not (any(same_label(label, expression.name) for label in labels) or _there(finder, expression))
    ]
    if not missing:
        shown = ", ".join(expression.name for expression in expressions) or what
        return Answer("exists", f"yes, there is {shown} of {what}", {"value": True, "nearest": []})
    nearest = finder.labels_near(missing[0])
    text = f"no, there is no {', '.join(missing)} of {what}"
    if nearest:
        text += f"; the nearest are {', '.join(nearest)}"
    return Answer("exists", text, {"value": False, "nearest": nearest})


def _there(finder: Finder, expression: VersionExpression) -> bool:
    return any(same_label(target.label, expression.name) for target in finder.targets([expression]).found)


def merged(works: tuple[Work, ...]) -> tuple[str, ...]:
    """The labels of several works in one order, each once: works of one product have the same editions, more or less."""
    order: list[str] = []
    for work in works:
        at = 0
        for edition in work.editions:
            known = next(
                (place for place, label in enumerate(order) if bare(label) == bare(edition.label)), None
            )
            if known is not None:
                at = known + 1
                continue
            order.insert(at, edition.label)
            at += 1
    return tuple(order)


def called(version: Version) -> str:
    """What people call a version: by its label, else by its number."""
    return version.labels[0] if version.labels else str(version.number)


def _together(works: tuple[Work, ...]) -> str:
    shown = ", ".join(work.name for work in works[:3])
    return shown + (" …" if len(works) > 3 else "")
