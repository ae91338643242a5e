"""Compares an answer with what was expected of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from indexer.evaluation.metrics import Places
from indexer.evaluation.values import Asked, Case, Target, Verdict
from indexer.model import Version
from indexer.query.results import Answer, Change, Hit, SearchResult, VersionEntry
from indexer.references import parse_citation
from indexer.selectors import Reading, parse_selector

CUT: Final = 10
"""What stands below this rank counts as not found."""
_BLANKS: Final = re.compile(r"\s+")


def plain(text: str) -> str:
    """`text` without what two writings of one passage may differ in: letters' case and white space."""
    return _BLANKS.sub(" ", text).strip().casefold()


def judge(case: Case, target: Target, asked: Asked) -> Verdict:
    """The verdict on one answer."""
    result, wanted = asked.result, case.wanted
    abstained = result is None or abstains(result)
    places, grades = _places(target, result) if wanted.places else (None, ())
    version_right = None
    if wanted.version is not None or target.version_id is not None:
        version_right = result is not None and bool(result.hits) and _right_version(target, result.hits[0])
    answer_right = None
    if wanted.answer is not None:
        answer_right = (
            result is not None and result.answer is not None and same_answer(wanted.answer, result.answer)
        )
    why = _why(case, target, asked, places, version_right, answer_right, abstained)
    return Verdict(
        case,
        asked,
        places,
        grades,
        version_right,
        answer_right,
        abstained,
        unknown=target.unknown is not None,
        why=why,
    )


def abstains(result: SearchResult) -> bool:
    """Whether the answer is that there is none."""
    if result.hits:
        return False
    answer = result.answer
    if answer is None or answer.kind == "nothing-in-version":
        return True
    return answer.kind == "exists" and answer.values.get("value") is False


def same_answer(wanted: Mapping[str, Any], answer: Answer) -> bool:
    """Whether `answer` is of the wanted kind and, where one is wanted, has the same value."""
    if wanted["kind"] != answer.kind:
        return False
    if "value" not in wanted:
        return True
    value = answer.values.get("value")
    if isinstance(value, Sequence) and not isinstance(value, str):
        expected = wanted["value"] if isinstance(wanted["value"], list) else [wanted["value"]]
        if answer.kind == "changes":  # what is expected of changes are words that they hold
            return all(any(_holds(change, words) for change in value) for words in expected)
        return {_bare(label) for label in expected} == {_bare(label) for label in value}
    if isinstance(value, VersionEntry):
        label = answer.values.get("label")
        named = label is not None and _bare(label) == _bare(wanted["value"])
        return named or goes_by(value.version, str(wanted["value"]))
    return bool(value == wanted["value"])


def goes_by(version: Version, name: str) -> bool:
    """Whether `version` has this label, this number or this id; ``label:`` and ``number:`` say which."""
    selector = parse_selector(name)
    reading, value = selector.reading, selector.value
    if value == version.id:
        return True
    if reading is not Reading.NUMBER and _bare(value) in map(_bare, version.labels):
        return True
    return reading is not Reading.LABEL and _bare(value) == str(version.number)


def _bare(label: Any) -> str:
    """``v3.1`` and ``3.1`` are the same label."""
    text = str(label).strip().casefold()
    return text[1:] if text[:1] == "v" and text[1:2].isdigit() else text


def _holds(change: Any, words: Any) -> bool:
    if not isinstance(change, Change):
        return False
    return plain(str(words)) in plain(f"{change.before or ''} {change.after or ''}")


def _places(target: Target, result: SearchResult | None) -> tuple[Places, tuple[int, ...]]:
    """Where what was wanted stands, and the grades of all of it: whole documents by their first hit, all else by hit."""
    hits = () if result is None else result.hits
    whole = target.version_id is target.version_name is target.passage_id is target.words is None
    if target.grades or (whole and target.document_id is not None):
        grades = target.grades or {str(target.document_id): 1}
        ranking = list(dict.fromkeys(hit.document.id for hit in hits))
        places = {rank: grades[id_] for rank, id_ in enumerate(ranking, start=1) if id_ in grades}
        return places, tuple(grades.values())
    fitting = (rank for rank, hit in enumerate(hits, start=1) if _fits(target, hit))
    first = next(fitting, None) if target.unknown is None else None
    return ({} if first is None else {first: 1}), (1,)


def _fits(target: Target, hit: Hit) -> bool:
    return _right_version(target, hit) and _right_passage(target, hit)


def _right_document(target: Target, hit: Hit) -> bool:
    return target.unknown is None and target.document_id in (None, hit.document.id)


def _right_version(target: Target, hit: Hit) -> bool:
    version = hit.version.version
    if not _right_document(target, hit) or target.version_id not in (None, version.id):
        return False
    return target.version_name is None or goes_by(version, target.version_name)


def _right_passage(target: Target, hit: Hit) -> bool:
    if target.passage_id is not None and parse_citation(hit.citation).passage_id != target.passage_id:
        return False
    return target.words is None or target.words in plain(hit.text)


def _why(
    case: Case,
    target: Target,
    asked: Asked,
    places: Places | None,
    version_right: bool | None,
    answer_right: bool | None,
    abstained: bool,
) -> str | None:
    """What is wrong with the answer, the gravest first; None where nothing is."""
    wanted = case.wanted
    if target.unknown is not None:
        return f"the index has not got what is expected: {target.unknown}"
    if asked.result is None:
        return None if wanted.absent else f"it was refused: {asked.refused}"
    if answer_right is False:
        answer = asked.result.answer
        return (
            "no answer of a kind was given" if answer is None else f"another answer was given: {answer.text}"
        )
    if wanted.nothing:
        return None if abstained or answer_right else "something was offered, and nothing is right"
    if abstained and (places is not None or version_right is not None):
        answer = asked.result.answer
        return "nothing was found" if answer is None else f"nothing was found: {answer.text}"
    if version_right is False:
        return _other_version(target, asked.result.hits[0] if asked.result.hits else None)
    if places is not None and not any(rank <= CUT for rank in places):
        rank = min(places, default=None)
        return f"it stands at {rank} only" if rank else f"it is not among the {len(asked.result.hits)} hits"
    return None


def _other_version(target: Target, hit: Hit | None) -> str:
    if hit is None:
        return "no passage was offered"
    right = _right_document(target, hit)
    return "another version of the document came first" if right else "another document came first"
