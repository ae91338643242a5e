"""Every error becomes an exit code, one line for people and one JSON document for scripts."""

from __future__ import annotations

import click
import pytest

from indexer.cli.refusals import Refusal, refusal
from indexer.errors import (
    AmbiguousError,
    BusyError,
    ConfigurationError,
    DamagedStoreError,
    EmbeddingError,
    IndexerError,
    NewerSchemaError,
    NotFoundError,
    ParseError,
    PurgedError,
    SourceError,
    StorageFullError,
    StoreError,
    UsageError,
)
from tests.unit.cli import samples

EVERY_ERROR = [
    (IndexerError("m", remedy="r"), 1, "error"),
    (ConfigurationError("m", remedy="r"), 2, "configuration"),
    (UsageError("m", remedy="r"), 2, "usage"),
    (NotFoundError("m", remedy="r", code="no-such-version"), 3, "no-such-version"),
    (PurgedError("m", remedy="r"), 3, "purged"),
    (AmbiguousError("m", remedy="r"), 4, "ambiguous"),
    (BusyError("m", remedy="r"), 75, "busy"),
    (StoreError("m", remedy="r", code="nothing-indexed"), 1, "nothing-indexed"),
    (DamagedStoreError("m", remedy="r"), 1, "damaged"),
    (NewerSchemaError("m", remedy="r"), 1, "newer-schema"),
    (StorageFullError("m", remedy="r"), 1, "storage-full"),
    (EmbeddingError("m", remedy="r"), 1, "embedding"),
    (SourceError("m", remedy="r"), 5, "source"),
    (ParseError("malformed", "m", remedy="r"), 5, "malformed"),
]


@pytest.mark.parametrize(("error", "exit_code", "code"), EVERY_ERROR)
def test_our_errors_keep_their_exit_code_and_code(error: IndexerError, exit_code: int, code: str) -> None:
    refused = refusal(error)

    assert refused.exit_code == exit_code
    assert refused.lines == ["indexer: m — r"]
    assert refused.shape == {"error": {"code": code, "message": "m", "remedy": "r", "candidates": []}}


def test_candidates_are_listed_below_the_line_and_in_full_in_json() -> None:
    refused = refusal(
        AmbiguousError(
            '"3" means two versions',
            remedy="say which",
            code="ambiguous-version",
            candidates=[samples.version(), samples.DOCUMENT, "policies:x"],
        )
    )

    assert refused.lines[0] == 'indexer: "3" means two versions — say which'
    assert refused.lines[1] == (
        "  v_1a2b3c4d5e6f7g8h9j0k  version 3  3  v3.1  hr/leave-policy.md  2024-03-01T11:00:00Z"
    )
    assert refused.lines[2] == "  d_7k2m0000000000aa  policies:hr/leave-policy.md  Leave policy"
    assert refused.lines[3] == "  policies:x"
    assert [type(candidate) for candidate in refused.shape["error"]["candidates"]] == [dict, dict, str]


def test_every_problem_of_a_configuration_has_a_line() -> None:
    refused = refusal(ConfigurationError("two problems", remedy="mend", problems=["c:1: a", "c:2: b"]))

    assert refused.lines == ["indexer: two problems — mend", "  c:1: a", "  c:2: b"]
    assert refused.shape["error"]["problems"] == ["c:1: a", "c:2: b"]


def test_a_usage_error_of_the_command_line_names_the_help_to_see() -> None:
    refused = refusal(click.UsageError("No such option: --what"), "indexer search")

    assert refused.exit_code == 2
    assert refused.lines == ["indexer: no such option: --what — see `indexer search --help`"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_an_interruption_is_130_and_one_line(error: BaseException) -> None:
    refused = refusal(error)

    assert refused.exit_code == 130
    assert len(refused.lines) == 1


@pytest.mark.parametrize("error", [ValueError("what\nnow"), KeyError("x"), RuntimeError()])
def test_an_unforeseen_error_is_one_line_that_asks_for_a_report(error: Exception) -> None:
    refused = refusal(error)

    assert refused.exit_code == 1
    assert len(refused.lines) == 1
    assert "\n" not in refused.lines[0]
    assert refused.lines[0].startswith(f"indexer: internal error: {type(error).__name__}")
    assert refused.lines[0].endswith("run again with --debug and report it")


def test_a_message_cannot_break_the_line() -> None:
    assert Refusal(1, "x", "a\nb\x1b").lines == [r"indexer: a\nb\x1b"]
