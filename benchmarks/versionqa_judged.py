"""What is right for each question of VersionQA, and whether an answer is: pure, so that it can be read and argued with."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from indexer.query.results import Answer, Hit, SearchResult

JUDGEMENTS: Final = Path(__file__).with_name("versionqa_judgements.toml")
"""Its head tells what the fields mean."""
CONTENT_HITS: Final = 5
"""Among so many first hits the evidence has to be, where no version is asked about."""
OTHER_HITS: Final = 3
"""The same for all other questions; and the most changes of an answer that are looked through."""
APART: Final = " … "
"""Parts the pieces of evidence."""

_BLANKS: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is right for one question: either evidence, or what an answer has to say, or both as alternatives."""

    evidence: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    file: str | None = None
    versions: tuple[str, ...] | None = None
    exists: bool | None = None
    introduced: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    nothing: str | None = None
    unchanged: str | None = None
    paper: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether what came is right."""

    right: bool
    why: str = ""
    """What is wrong, for people."""
    whole: bool = True
    """Whether the second half of a question that asks two things is answered too."""


def read_judgements(file: Path = JUDGEMENTS) -> dict[int, Judgement]:
    """Number of a question → what is right. Raises TypeError on a field that does not exist."""
    with file.open("rb") as stream:
        return {int(number): _judgement(fields) for number, fields in tomllib.load(stream).items()}


def judge(right: Judgement, result: SearchResult) -> Verdict:
    """Whether `result` is right.

    What an answer states counts before the passages below it: a wrong statement is wrong, whatever they hold.
    """
    answer = result.answer
    if right.versions is not None:
        return _says(answer, "versions", sorted(right.versions), sorted)
    if right.exists is not None:
        return _says(answer, "exists", right.exists)
    if right.nothing is not None:
        return _nothing(right.nothing, result)
    if right.unchanged is not None:
        return _unchanged(right.unchanged, answer)
    if right.introduced and answer is not None and answer.kind == "introduced":
        label = _bare(str(answer.values.get("label")))
        return Verdict(label in right.introduced, f"says {label}, not {' or '.join(right.introduced)}")
    if answer is not None and answer.kind in {"nothing-in-version", "exists", "versions", "removed"}:
        return Verdict(False, f"answers: {answer.text}")
    if answer is not None and answer.kind == "changes":
        return _changes(right, result, answer)
    return _found(right, result.hits)


def holds(text: str, evidence: Iterable[str]) -> bool:
    """Whether `text` holds one of these, with all its pieces in order; blanks of any kind and number are one."""
    plain = _BLANKS.sub(" ", text)
    return any(_in_order(plain, one.split(APART)) for one in evidence)


# --- by what is expected ---------------------------------------------------------------------


def _says(answer: Answer | None, kind: str, value: object, form: Any = lambda said: said) -> Verdict:
    if answer is None:
        return Verdict(False, "no answer but passages")
    if answer.kind != kind:
        return Verdict(False, f"an answer of kind {answer.kind}: {answer.text}")
    said = answer.values.get("value")
    if isinstance(said, Sequence) and not isinstance(said, str):
        said = [_bare(str(one)) for one in said]
    return Verdict(form(said) == value, f"says {said}")


def _nothing(version: str, result: SearchResult) -> Verdict:
    answer = result.answer
    if answer is None or answer.kind != "nothing-in-version":
        return Verdict(False, "does not say that the version has nothing about it")
    if result.hits:
        return Verdict(False, "offers passages although there is nothing")
    return Verdict(version in answer.text, f"speaks of another version: {answer.text}")


def _unchanged(version: str, answer: Answer | None) -> Verdict:
    if answer is None or answer.kind not in {"changes", "nothing-in-version"}:
        return Verdict(False, "does not say that nothing about it changed")
    if answer.values.get("value"):
        return Verdict(False, f"tells of changes: {answer.text}")
    return Verdict(version in answer.text, f"speaks of another version: {answer.text}")


def _changes(right: Judgement, result: SearchResult, answer: Answer) -> Verdict:
    """By the first changes, or by the first passages; but an answer that denies that anything changed is wrong."""
    changes = answer.values.get("value") or ()
    if not changes:
        return Verdict(False, f"denies it: {answer.text}")
    if any(
        holds("\n".join([*change.heading, change.after or ""]), right.evidence)
        for change in changes[:OTHER_HITS]
    ) and _of_version(right, answer):
        return Verdict(True)
    return _found(right, result.hits)


def _of_version(right: Judgement, answer: Answer) -> bool:
    """Whether the changes lead to the version that is asked about; the answer's sentence names it."""
    return right.file is None or right.file.rpartition(" ")[2].removeprefix("v") in answer.text


def _found(right: Judgement, hits: Sequence[Hit]) -> Verdict:
    if not hits:
        return Verdict(False, "nothing was found")
    if right.file is None:
        texts = [_text(hit) for hit in hits[:CONTENT_HITS]]
        found = any(holds(text, right.evidence) for text in texts)
        whole = not right.also or any(holds(text, right.also) for text in texts)
        return Verdict(found, f"the evidence is not in the first {CONTENT_HITS}", found and whole)
    if not _is(hits[0], right.file):
        return Verdict(False, f"{hits[0].document.key} comes first, not {right.file}")
    found = any(_is(hit, right.file) and holds(_text(hit), right.evidence) for hit in hits[:OTHER_HITS])
    return Verdict(found, f"the evidence is not in the first {OTHER_HITS}")


# --- small things ----------------------------------------------------------------------------


def _text(hit: Hit) -> str:
    return "\n".join([*hit.heading, hit.text])


def _is(hit: Hit, file: str) -> bool:
    return hit.document.key.startswith(file)


def _bare(label: str) -> str:
    return re.sub(r"^v(?=\d)", "", label.strip())


def _in_order(text: str, pieces: Sequence[str]) -> bool:
    at = 0
    for piece in pieces:
        at = text.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return True


def _judgement(fields: dict[str, Any]) -> Judgement:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()
    }
    return Judgement(**values)
