"""What people write to name a version."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.clock import to_instant
from indexer.errors import AmbiguousError, NotFoundError, UsageError
from indexer.model import Point, TimeBasis, Version, VersionKind, VersionStatus
from indexer.points import KnownPoints
from indexer.selectors import Reading, Selector, parse_selector, select, tag_for_all

BERLIN = ZoneInfo("Europe/Berlin")


def version(
    id: str,  # noqa: A002 - the field's name
    number: int | None,
    day: str | None,
    *labels: str,
    status: VersionStatus = VersionStatus.PAST,
    kind: VersionKind = VersionKind.CONTENT,
    was_number: int | None = None,
    origin: str = "",
    sequence: int | None = None,
    key: str = "a.md",
) -> Version:
    if sequence is None:
        sequence = next((place for commit, place in COMMITS.items() if commit in origin), number or 0)
    begin = None if day is None else to_instant(datetime.fromisoformat(day).replace(tzinfo=UTC))
    return Version(
        no=1,
        id=id,
        document_no=1,
        kind=kind,
        status=status,
        number=number,
        was_number=was_number,
        key=key,
        title="A",
        valid_from=begin,
        valid_to=None,
        time_basis=TimeBasis.COMMIT,
        recorded_from=0,
        recorded_to=None,
        source_time=begin,
        author=None,
        message=None,
        origin=origin,
        sequence=sequence,
        content_hash=None,
        text_hash=None,
        passages=1,
        labels=labels,
    )


ONE, TWO, THREE, FOUR, FIVE = (character * 40 for character in "12abc")
COMMITS = {
    ONE: 10,
    TWO: 20,
    "2fff" + "0" * 36: 25,
    THREE: 30,
    FOUR: 40,
    "3fa1" + "0" * 36: 35,
    "0abc" + "0" * 36: 1,
    FIVE: 50,
}


def points(commits: Mapping[str, int], tags: Mapping[str, Point] | None = None) -> KnownPoints:
    """A source whose line consists of `commits` (name → place), with tags."""
    tagged = tags or {}
    places = {name: Point(name, place) for name, place in commits.items()}
    places |= {point.revision: point for point in tagged.values()}
    return KnownPoints(
        lambda prefix: {name: place for name, place in commits.items() if name.startswith(prefix)},
        lambda: {name: point.revision for name, point in tagged.items()},
        places.__getitem__,
    )


POINTS = points(COMMITS)
HISTORY = [
    version("v_first000000000000000", 1, "2023-06-01T10:00", "1.0", "rev A", origin=f"commit:{ONE}:a.md"),
    version("v_second00000000000000", 2, "2024-03-01T09:00", "v3", "rev B", origin=f"commit:{TWO}:a.md"),
    version("v_thirdx00000000000000", 3, "2024-03-01T15:00", "v1.0.2", "Final", "2020", origin=THREE),
    version(
        "v_gone0000000000000000", 4, "2024-05-05T12:00", kind=VersionKind.TOMBSTONE, origin=f"commit:{FOUR}:a.md"
    ),
    version(
        "v_thirdy00000000000000",
        5,
        "2024-08-01T12:00",
        "final",
        status=VersionStatus.CURRENT,
        origin=f"commit:{FIVE}:b.md",
    ),
    version(
        "v_aside000000000000000", None, None, "v9-hotfix", status=VersionStatus.ASIDE, origin=f"commit:{'d' * 40}:a.md"
    ),
    version(
        "v_taken000000000000000",
        None,
        "2024-09-01T00:00",
        "v7",
        status=VersionStatus.WITHDRAWN,
        was_number=6,
        origin=f"commit:{'e' * 40}:a.md",
    ),
]  # fmt: skip


def chosen(text: str, history: list[Version] = HISTORY) -> tuple[str, list[str]]:
    """The selected version and the alternatives, as the first word of their ids."""
    selection = select(history, text, BERLIN, POINTS)
    return _name(selection.version), [_name(v) for v in selection.alternatives]


def _name(found: Version) -> str:
    return found.id.removeprefix("v_").rstrip("0")


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
    assert [_name(v) for v in raised.value.candidates] == ["thirdx", "thirdy"]


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


def tagged(**tags: Point) -> KnownPoints:
    return points(COMMITS, tags)


def at(place: int | None, name: str | None = None, keys: str = "", *origins: str) -> Point:
    return Point(name or f"{place:040x}", place, frozenset(keys.split()), frozenset(origins))


@pytest.mark.parametrize(
    ("text", "expected", "resolved_by"),
    [
        ("stable", "second", 'tag "stable"'),
        ("STABLE", "second", 'tag "stable"'),
        ("label:stable", "second", 'tag "stable"'),
        ("v1.0.2", "first", 'tag "V1.0.2"'),  # a tag comes before a label
        ("1.0.2", "first", 'tag "V1.0.2"'),  # both without their v
        ("1.0", "first", 'label "1.0"'),  # a label as it is written comes before a tag without its v
        ("v3", "second", 'label "v3" (number 3 is another version: v_thirdx00000000000000)'),
        ("3", "thirdx", 'tag "3"'),
        ("v1.0", "second", 'tag "v1.0"'),
        ("2", "first", 'tag "V2" (number 2 is another version: v_second00000000000000)'),
        ("latest", "thirdy", "latest"),
        ("v_second", "second", "version id v_second"),
        ("deadbeef", "second", 'tag "deadbeef"'),
        ("dead", "second", "the state at commit dead00000000"),  # of a tag beside the line
    ],
)
def test_a_tag_comes_before_a_label_that_is_written_alike(text: str, expected: str, resolved_by: str) -> None:
    known = points(
        COMMITS,
        {
            "stable": at(25), "V1.0.2": at(10), "v1.0": at(20), "3": at(30), "V2": at(12), "latest": at(10), "v_second": at(10),
             "deadbeef": at(20, "dead" + "0" * 36, "x.md"),
        },
    )  # fmt: skip
    found = select(HISTORY, text, BERLIN, known)
    assert (_name(found.version), found.resolved_by) == (expected, resolved_by)


@pytest.mark.parametrize("point", [at(45), at(5), at(20, "dead" * 10, "a.md other.md")])
def test_a_document_that_was_not_there_is_not_at_the_tag(point: Point) -> None:
    """Deleted then, not begun then, and something else in its place beside the line."""
    with pytest.raises(
        NotFoundError, match="the document did not exist at tag v3 — there are versions 1 to 5"
    ) as raised:
        select(HISTORY, "v3", BERLIN, tagged(v3=point))
    assert raised.value.code == "no-such-version"
    assert "number:3 is read as a number alone" in str(raised.value)
    assert select(HISTORY, "number:3", BERLIN, tagged(v3=point)).version.number == 3


def test_a_tag_whose_commit_could_not_be_looked_at_says_so() -> None:
    with pytest.raises(
        NotFoundError, match=r"what is at tag v3 is not known: its commit deaddeaddead could not"
    ):
        select(HISTORY, "v3", BERLIN, tagged(v3=at(None, "dead" * 10)))


def test_beside_the_line_a_tag_means_the_state_that_is_named_there() -> None:
    origins = {v.id: v.origin for v in HISTORY}
    for id_, origin in origins.items():
        known = tagged(tag=at(20, "dead" * 10, "a.md", origin, "commit:unknown"))
        if id_.startswith("v_gone"):
            with pytest.raises(NotFoundError, match="did not exist"):
                select(HISTORY, "tag", BERLIN, known)
        else:  # a withdrawn one too: the tag still shows it
            assert select(HISTORY, "tag", BERLIN, known).version.id == id_


def test_a_state_of_a_tree_is_selected_by_its_commit() -> None:
    aside = version("v_tree", None, None, status=VersionStatus.ASIDE, origin=f"tree:{'d0' * 20}:a.md")
    assert select([*HISTORY, aside], "d0d0", BERLIN, POINTS).version.id == "v_tree"
    other = version("v_blob", None, None, status=VersionStatus.ASIDE, origin=f"blob:{'d0' * 20}:a.md")
    with pytest.raises(NotFoundError):
        select([*HISTORY, other], "d0d0", BERLIN, POINTS)


@pytest.mark.parametrize(
    ("text", "place"),
    [("v1.0", 20), ("V1.0", 20), ("label:v1.0", 20), ("1.0", None), ("latest", None), ("v_abcdef", None),
     ("number:3", None), ("nothing", None), ("one", None)],
)  # fmt: skip
def test_a_tag_that_is_written_in_full_decides_for_all_documents(text: str, place: int | None) -> None:
    """Not where a version's own label, word or id may come first, nor where two tags differ by case alone."""
    known = tagged(**{"v1.0": at(20), "latest": at(10), "v_abcdef": at(10), "One": at(10), "ONE": at(20)})
    found = tag_for_all(text, known)
    assert (None if found is None else found.place) == place


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
