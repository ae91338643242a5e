"""Which documents are editions of one work, and in which order."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.families import Described, EditionKind, Family, group
from tests.unit.families.test_names import CASES

KEYS: Final = tuple(CASES)


def documents(*keys: str) -> list[Described]:
    return [Described(key) for key in keys]


def labels(*keys: str) -> list[list[str]]:
    """The labels of the families among these documents, the oldest edition first."""
    return [[edition.label for edition in family.editions] for family in group(documents(*keys))]


# --- order -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "ordered"),
    [
        ("spec-1.10.md spec-1.9.md spec-2.0.md spec-1.9.1.md", "1.9 1.9.1 1.10 2.0"),
        (
            "spec_v1.0.md spec_v1.0-rc1.md spec_v1.0-beta2.md spec_v1.0-rc2.md",
            "1.0-beta2 1.0-rc1 1.0-rc2 1.0",
        ),
        ("policy_v10.md policy_v9.md policy_v1.5.md", "1.5 9 10"),
        ("plan_rev-C.pdf plan_rev-A.pdf plan_rev-B.pdf", "A B C"),
        ("policy-2024-03.md policy-2023-12.md policy-2024-03-02.md", "2023-12 2024-03 2024-03-02"),
        ("policy-final.md policy-draft.md policy-approved.md", "draft final approved"),
        ("policy_v2.md policy_v2_final.md policy_v1.md", "1 2 2_final"),
        ("v2/spec.md v10/spec.md v1/spec.md", "1 2 10"),
        ("report-2023.md report-2022.md", "2022 2023"),
        ("policy_v3_2024-03-01.md policy_v2_2024-05-01.md", "2 3"),
    ],
)
def test_editions_stand_in_their_order(keys: str, ordered: str) -> None:
    assert labels(*keys.split()) == [ordered.split()]


# --- what belongs together ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "families"),
    [
        ("policy_v1.md", 0),
        ("policy.md policy_v2.md", 0),
        ("policy_v1.md handbook_v2.md", 0),
        ("hr/policy_v1.md it/policy_v2.md", 0),
        ("policy_v1_de.md policy_v1_en.md", 0),
        ("policy_v1_de.md policy_v2_en.md", 0),
        ("policy_v1_de.md policy_v2_de.md policy_v1_en.md policy_v2_en.md", 2),
        ("v1/spec.md v2/other.md", 0),
        ("v1/spec.md v2/spec.md v1/guide.md v2/guide.md", 2),
        ("chapter-01.md chapter-02.md chapter-03.md", 0),
        ("001-intro.md 002-setup.md", 0),
        ("invoice-2024-001.pdf invoice-2024-002.pdf invoice-2023-001.pdf", 0),
        ("pep-0008.txt pep-0020.txt rfc2616.txt rfc9110.txt", 0),
        ("policy_v1.docx policy_v1.pdf", 0),
        ("policy_v1.docx policy_v2.pdf", 1),
        ("policy_v2.md policy_2024-03.md", 0),
        ("1.1_Summary.md 2.1_Summary.md", 0),
    ],
)
def test_only_editions_of_one_work_make_a_family(keys: str, families: int) -> None:
    assert len(group(documents(*keys.split()))) == families


def test_the_files_of_a_public_benchmark_are_four_families() -> None:
    keys = [
        *(f"Spark Release {v} _ Apache Spark.pdf" for v in ("2.4.7", "3.3.4", "3.5.5")),
        *(f"Release v{v} · twbs_bootstrap.md" for v in ("5.3.5", "5.2.3")),
        *(f"assert nodejs {v}.md" for v in ("11.15.0", "23.11.0", "9.0.0")),
        *(f"errors nodejs {v}.md" for v in ("15.14.0", "16.20.2")),
    ]
    families = group(documents(*keys))
    assert [(family.name, [edition.label for edition in family.editions]) for family in families] == [
        ("assert nodejs", ["9.0.0", "11.15.0", "23.11.0"]),
        ("errors nodejs", ["15.14.0", "16.20.2"]),
        ("Spark Apache Spark", ["2.4.7", "3.3.4", "3.5.5"]),
        ("twbs bootstrap", ["5.2.3", "5.3.5"]),
    ]


def test_minutes_are_a_series_and_a_dated_policy_is_not() -> None:
    minutes = group(documents("minutes-2024-03-01.md", "minutes-2024-04-01.md"))
    policy = group(documents("leave-policy-2024-03.md", "leave-policy-2024-04.md"))
    assert ([f.kind for f in minutes], [f.kind for f in policy]) == ([EditionKind.SERIES], [EditionKind.DATE])


def test_two_documents_of_one_label_are_told() -> None:
    (family,) = group(documents("policy_v1.md", "policy_v2.docx", "policy_v2.pdf"))
    assert family.duplicates == (("policy_v2.docx", "policy_v2.pdf"),)


# --- what documents state ----------------------------------------------------------------------


def test_a_title_names_an_edition_where_the_key_does_not() -> None:
    found = group(
        [Described("a/17.html", "Leave policy, version 2"), Described("a/18.html", "Leave policy, version 3")]
    )
    assert [[edition.label for edition in family.editions] for family in found] == [["2", "3"]]
    assert found[0].name == "Leave policy"


def test_documents_of_one_title_are_told_apart_by_the_version_that_they_state() -> None:
    old, new = (
        Described("a/old.md", "Leave policy", ("1.9",)),
        Described("a/new.md", "Leave policy", ("1.10",)),
    )
    elsewhere = Described("b/new.md", "Leave policy", ("3",))
    (family,) = group([new, old, elsewhere])
    assert [edition.key for edition in family.editions] == ["a/old.md", "a/new.md"]


def test_what_a_document_states_beside_its_name_is_kept() -> None:
    (family,) = group(
        [Described("policy_v1.md", labels=("1",)), Described("policy_v2.md", labels=("2.0.1",))]
    )
    assert [edition.stated for edition in family.editions] == [(), ("2.0.1",)]


# --- what is configured ------------------------------------------------------------------------


def test_a_pattern_says_what_work_and_edition_are() -> None:
    pattern = re.compile(r"^arch/(?P<edition>\d{4}-\d{2})-(?P<work>\w+)")
    families = group(
        documents("arch/2024-03-sales.csv", "arch/2024-04-sales.csv", "arch/2024-04-costs.csv"), [pattern]
    )
    assert [(f.work, f.kind, [e.label for e in f.editions]) for f in families] == [
        ("sales", EditionKind.DATE, ["2024-03", "2024-04"])
    ]


def test_a_pattern_without_a_work_takes_the_rest_of_the_key() -> None:
    pattern = re.compile(r"chapter-(?P<edition>\d+)")
    assert labels_by(pattern, "a/chapter-10.md", "a/chapter-2.md", "b/chapter-3.md") == [["2", "10"]]


def test_keys_that_are_one_family_are_so_whatever_they_are_called() -> None:
    keys = ("terms 2019.md", "conditions v2.md", "misc.md")
    (family,) = group(documents(*keys, "other.md"), together=[keys])
    assert {edition.key for edition in family.editions} == set(keys)


def test_editions_whose_labels_cannot_be_compared_are_in_the_order_in_which_they_are_listed() -> None:
    keys = ("terms 2019.md", "conditions v2.md", "agb.md")
    (mixed,) = group(documents(*keys), together=[keys])
    (numbered,) = group(
        documents("b_v2.md", "a_v0.md", "c_v1.md"), together=[("b_v2.md", "a_v0.md", "c_v1.md")]
    )
    assert [edition.key for edition in mixed.editions] == list(keys)
    assert [edition.label for edition in numbered.editions] == ["0", "1", "2"]


def test_a_date_beside_a_number_makes_no_other_edition() -> None:
    keys = ("policy_v1.md", "policy_v2_2024-05-01.md", "policy_v2_2024-03-01.md")
    (family,) = group(documents(*keys))
    assert [edition.key for edition in family.editions] == [keys[0], keys[2], keys[1]]
    assert family.duplicates == ((keys[2], keys[1]),)


def test_keys_that_are_no_family_are_none() -> None:
    keys = ("model_v3.md", "model_v4.md")
    assert group(documents(*keys)) != ()
    assert group(documents(*keys), apart=[keys]) == ()


def test_keys_that_are_overruled_and_not_there_do_nothing() -> None:
    keys = ("policy_v1.md", "policy_v2.md")
    assert group(documents(*keys), together=[("gone.md",)], apart=[("lost.md",)]) == group(documents(*keys))


# --- properties --------------------------------------------------------------------------------

names = st.lists(
    st.sampled_from(KEYS) | st.builds("{}_v{}.md".format, st.sampled_from("ab"), st.integers(1, 12)),
    unique=True,
)


@given(names, st.randoms(use_true_random=False))
def test_the_order_of_documents_makes_no_difference(keys: list[str], random: object) -> None:
    shuffled = list(keys)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert group(documents(*shuffled)) == group(documents(*keys))


@given(names)
def test_editions_are_in_one_total_order(keys: list[str]) -> None:
    for family in group(documents(*keys)):
        places = [(edition.order, edition.key) for edition in family.editions]
        assert len(set(places)) == len(places)
        assert all(before.order <= after.order for before, after in pairwise(family.editions))
        assert len({edition.label.casefold() for edition in family.editions}) > 1


@given(names, st.sampled_from(["unrelated.md", "other work_v7.md", "x/y/z.txt"]))
def test_an_unrelated_document_changes_nothing(keys: list[str], another: str) -> None:
    assert group(documents(*keys, another)) == group(documents(*keys))


@given(names)
def test_no_document_is_in_two_families(keys: list[str]) -> None:
    members = [edition.key for family in group(documents(*keys)) for edition in family.editions]
    assert len(members) == len(set(members))


def labels_by(pattern: re.Pattern[str], *keys: str) -> list[list[str]]:
    families: tuple[Family, ...] = group(documents(*keys), [pattern])
    return [[edition.label for edition in family.editions] for family in families]
