"""`retry DOC` finds failures of documents that never made it into the index."""

from __future__ import annotations

import pytest

from indexer.cli.failing import chosen_failures
from indexer.errors import AmbiguousError, NotFoundError
from indexer.model import Document, Failure
from tests.unit.cli.samples import DOCUMENT


def failure(key: str, source: str = "policies") -> Failure:
    return Failure(1, source, key, "binary", "no text", 1, 0, None)


FAILURES = [
    failure("hr/a.bin"),
    failure("it/a.bin"),
    failure("b.bin"),
    failure("b.bin", "other"),
    failure(""),
]


def unknown(reference: str) -> Document:
    raise NotFoundError(f'there is no document "{reference}"')


@pytest.mark.parametrize(
    ("reference", "key"),
    [("policies:b.bin", "b.bin"), ("hr/a.bin", "hr/a.bin"), ("policies:", "")],
)
def test_a_failure_is_named_in_full_or_by_its_key(reference: str, key: str) -> None:
    assert [found.key for found in chosen_failures(FAILURES, [reference], unknown)] == [key]


def test_a_unique_ending_names_a_failure() -> None:
    assert chosen_failures([failure("hr/x/a.bin")], ["x/a.bin"], unknown)[0].key == "hr/x/a.bin"


@pytest.mark.parametrize("reference", ["a.bin", "b.bin"])
def test_a_name_that_fits_several_is_ambiguous_and_lists_them(reference: str) -> None:
    with pytest.raises(AmbiguousError) as caught:
        chosen_failures(FAILURES, [reference], unknown)

    assert len(caught.value.candidates) == 2


def test_an_indexed_document_that_failed_is_found_by_any_of_its_names() -> None:
    failures = [failure(DOCUMENT.key)]

    assert chosen_failures(failures, [DOCUMENT.id], lambda _: DOCUMENT) == failures


def test_a_document_that_did_not_fail_is_not_found() -> None:
    with pytest.raises(NotFoundError, match="did not fail"):
        chosen_failures(FAILURES, [DOCUMENT.id], lambda _: DOCUMENT)


def test_a_name_that_nothing_answers_to_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        chosen_failures(FAILURES, ["nothing"], unknown)


def test_the_same_failure_named_twice_is_tried_once() -> None:
    assert len(chosen_failures(FAILURES, ["hr/a.bin", "policies:hr/a.bin"], unknown)) == 1
