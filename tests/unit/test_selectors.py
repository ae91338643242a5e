"""What people write to name a version."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import AmbiguousError, NotFoundError, UsageError
from indexer.model import Version, VersionKind, VersionStatus
from indexer.selectors import Reading, Selector, parse_selector, select
from tests.unit.selector_history import BERLIN, HISTORY, ONE, POINTS, TWO, points, short, version


def chosen(text: str, history: list[Version] = HISTORY) -> tuple[str, list[str]]:
    """The selected version and the alternatives, as the first word of their ids."""
    selection = select(history, text, BERLIN, POINTS)
    return short(selection.version), [short(v) for v in selection.alternatives]


@pytest.mark.parametrize(
    ("text", "expected", "alternatives"),
    [
        ("latest", "thirdy", []),
        ("Latest", "thirdy", []),
        ("first", "first", []),
        ("previous", "gone", []),
        # numbers and labels
        ("1", "first", []),
        ("V2", "second", []),
        (" 2 ", "second", []),
        ("number:3", "thirdx", []),
        ("number:v3", "thirdx", []),
        ("Number: 3", "thirdx", []),
        ("3", "second", ["thirdx"]),  # the source calls the second one v3
        ("v3", "second", ["thirdx"]),
        ("V3", "second", ["thirdx"]),
        ("label:3", "second", []),
        ("label:v3", "second", []),
        ("rev B", "second", []),
        ("REV b", "second", []),
        ("v1.0", "first", []),
        ("v1.0.2", "thirdx", []),
        ("1.0.2", "thirdx", []),
        ("2020", "thirdx", []),  # a label; nothing was effective in that year
        ("v9-hotfix", "aside", []),
        # ids
        ("v_second00000000000000", "second", []),
        ("v_second", "second", []),
        ("V_SECOND", "second", []),
        ("v_thirdx", "thirdx", []),
        ("v_taken0", "taken", []),
        ("v_aside0", "aside", []),
        # dates
        ("2023", "first", []),
        ("2024", "thirdy", []),
        ("date:2024", "thirdy", []),
        ("2024-02", "first", []),
        ("2024-03", "thirdx", []),
        ("2024-03-01", "thirdx", ["second"]),
        ("date:2024-03-01", "thirdx", ["second"]),
        ("2024-03-02", "thirdx", []),
        ("2024-03-01T12:00", "second", []),
        ("2024-03-01T09:59", "first", []),
        ("2024-03-01T10:00", "second", []),  # 09:00 UTC is 10:00 in Berlin
        ("2024-03-01 09:00:00Z", "second", []),
        ("2024-03-01T08:59:59Z", "first", []),
        ("2024-06-01", "gone", []),  # deleted then: callers say so
        ("2030-01-01", "thirdy", []),
        # commits
        ("commit:1111", "first", []),
        ("1111111", "first", []),
        (TWO[:20], "second", []),
        ("commit:2fff", "second", []),  # between the second and the third
        ("2fff", "second", []),
        ("commit:3fa1", "thirdx", []),
        ("3FA1", "thirdx", []),
        ("aaaa", "thirdx", []),
        ("bbbb", "gone", []),
        ("dddd", "aside", []),
        ("commit:eeee", "taken", []),
    ],
)
def test_a_selector_names_a_version(text: str, expected: str, alternatives: list[str]) -> None:
    assert chosen(text) == (expected, alternatives)


@pytest.mark.parametrize(
    ("text", "resolved_by"),
    [
        ("3", 'label "v3" (number 3 is another version: v_thirdx00000000000000)'),
        ("number:3", "number 3"),
        ("rev b", 'label "rev B"'),
        ("latest", "latest"),
        ("previous", "previous: the one before the latest"),
        ("v_second", "version id v_second"),
        ("2024-03-01", "effective at 2024-03-01T22:59:59.999999Z, the end of 2024-03-01 (Europe/Berlin)"),
        ("commit:3fa1", "the state at commit 3fa100000000"),
        ("commit:1111", "commit 111111111111"),
    ],
)
def test_the_answer_says_how_it_was_found(text: str, resolved_by: str) -> None:
    assert select(HISTORY, text, BERLIN, POINTS).resolved_by == resolved_by


def test_a_label_that_is_also_the_number_needs_no_explanation() -> None:
    history = [version("v_a", 1, "2024-01-01", "1"), version("v_b", 2, "2024-01-02", "2")]
    assert select(history, "2", UTC).resolved_by == 'label "2"'
    assert select(history, "2", UTC).alternatives == ()


def test_a_label_as_it_is_written_comes_before_one_with_or_without_a_v() -> None:
    history = [version("v_a", 1, "2024-01-01", "7"), version("v_b", 2, "2024-01-02", "V7")]
    assert select(history, "7", UTC).version.id == "v_a"
    assert select(history, "v7", UTC).version.id == "v_b"


def test_a_label_that_looks_like_a_date_wins_and_names_what_was_effective_then() -> None:
    history = [version("v_a", 1, "2024-01-01", "2024-06-01"), version("v_b", 2, "2024-05-01")]
    selection = select(history, "2024-06-01", UTC)
    assert (selection.version.id, [v.id for v in selection.alternatives]) == ("v_a", ["v_b"])
    assert "effective at" in selection.resolved_by
    assert select(history, "date:2024-06-01", UTC).version.id == "v_b"


def test_a_year_is_a_number_only_where_such_a_version_exists() -> None:
    history = [version(f"v_{n}", n, f"20{10 + n // 300}-01-01T00:00:{n % 60:02}") for n in range(1, 2050)]
    assert select(history, "2024", UTC).version.number == 2024
    assert select(history, "2500", UTC).version.number == 2049
    assert select(history, "date:2024", UTC).version.number == 2049


def test_an_unreadable_version_is_selected_like_any_other() -> None:
    history = [
        version("v_a", 1, "2024-01-01"),
        version("v_b", 2, "2024-02-01", kind=VersionKind.UNREADABLE, status=VersionStatus.CURRENT),
    ]
    assert select(history, "latest", UTC).version.kind is VersionKind.UNREADABLE
    assert select(history, "2024-03-01", UTC).version.kind is VersionKind.UNREADABLE


@pytest.mark.parametrize("text", ["final", "Final", "label:FINAL"])
def test_a_label_that_two_versions_hold_lists_them(text: str) -> None:
    with pytest.raises(AmbiguousError) as raised:
        chosen(text)
    assert raised.value.code == "ambiguous-version"
    assert [short(v) for v in raised.value.candidates] == ["thirdx", "thirdy"]


def test_an_id_or_commit_that_begins_several_is_ambiguous() -> None:
    history = [
        version("v_abcdefx", 1, "2024-01-01", origin=f"commit:{'ab' * 20}:x"),
        version("v_abcdefy", 2, "2024-01-02", origin=f"commit:{'abac' * 10}:x"),
    ]
    with pytest.raises(AmbiguousError, match="fits 2 versions"):
        select(history, "v_abcdef", UTC)
    assert select(history, "abac", UTC).version.number == 2
    with pytest.raises(AmbiguousError, match="2 commits begin with abab") as raised:
        select(history, "abab", UTC, points({"abab" + "0" * 36: 1}))
    assert [v.number for v in raised.value.candidates] == [1]


def test_two_versions_of_one_commit_are_its_last_state() -> None:
    history = [version(f"v_{n}", n, f"2024-01-0{n}", origin=f"commit:{ONE}:{n}") for n in (1, 2)]
    assert select(history, "commit:1111", UTC).version.number == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("8", r'no version fits "8" — there are versions 1 to 5'),
        ("v9", r'no version fits "v9" — there are versions 1 to 5; the nearest labels are v'),
        ("number:8", r'no version fits number "8"'),
        ("label:2", r'no version fits label "2"'),
        ("v1.0.3", "the nearest labels are v1.0.2"),
        (
            "2022",
            r"no version was effective yet at the end of 2022 — the document begins on 2023-06-01T10:00:00Z",
        ),
        ("2022-01-01", "the document begins on"),
        ("6", r"version 6 was withdrawn by its source — name it by its id: v_taken0"),
        ("v7", "no version fits"),  # a withdrawn version's label
        ("v_sec", "v_sec is too short for a version id — write at least 6 characters after v_"),
        ("v_nothere", "no version fits"),
        ("commit:0abc", "no version fits commit"),  # before the document began
        ("f00d", "no version fits"),
        ("1" * 400, "no version fits"),
        ("nonsense", "no version fits"),
    ],
)
def test_where_nothing_fits_the_error_says_what_there_is(text: str, message: str) -> None:
    with pytest.raises(NotFoundError, match=message) as raised:
        chosen(text)
    assert raised.value.code == "no-such-version"
    assert "\n" not in str(raised.value)


def test_the_only_version_has_none_before_it() -> None:
    history = [version("v_a", 1, "2024-01-01")]
    with pytest.raises(NotFoundError, match="only one version"):
        select(history, "previous", UTC)
    with pytest.raises(NotFoundError, match="there is only version 1"):
        select(history, "2", UTC)


def test_a_document_without_a_line_still_gives_what_is_aside() -> None:
    history = [version("v_aside1", None, None, "v1", status=VersionStatus.ASIDE)]
    assert select(history, "v1", UTC).version.id == "v_aside1"
    for text in ("latest", "1.1", "2024"):
        with pytest.raises(NotFoundError, match="there is only v_aside1"):
            select(history, text, UTC)
    with pytest.raises(NotFoundError, match="there is none"):
        select([], "latest", UTC)


@pytest.mark.parametrize(
    "text",
    ["", "  ", "label:", "number:x", "number:0", "date:3", "date:yesterday", "commit:xyz", "commit:3fa",
     "2024-13-01", "2024-03-01T25:00"],
)  # fmt: skip
def test_what_can_be_nothing_at_all_is_wrong_usage(text: str) -> None:
    with pytest.raises(UsageError):
        chosen(text)


@pytest.mark.parametrize(
    ("text", "value", "reading"),
    [
        ("3", "3", None),
        ("label:v3", "v3", Reading.LABEL),
        ("commit:3FA1", "3FA1", Reading.COMMIT),
        ("date:2024", "2024", Reading.DATE),
        ("2024-03-01T12:00", "2024-03-01T12:00", None),
        ("release:3", "release:3", None),
        ("id:3", "id:3", None),
    ],
)
def test_only_known_prefixes_are_taken_off(text: str, value: str, reading: Reading | None) -> None:
    assert parse_selector(text) == Selector(text, value, reading)


@given(st.text(max_size=12))
def test_any_text_selects_or_says_why_not(text: str) -> None:
    try:
        found = select(HISTORY, text, BERLIN, POINTS).version.id
    except (NotFoundError, AmbiguousError, UsageError) as error:
        found = error.remedy
    assert found
