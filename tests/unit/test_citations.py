"""Citations: what is read as one, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import UsageError
from indexer.references import Citation, format_citation, parse_citation


@pytest.mark.parametrize(
    ("text", "citation"),
    [
        ("indexer:policies/d_7k2m@v_9abc#p_1def", Citation("policies", "d_7k2m", "v_9abc", "p_1def")),
        (" indexer:policies/d_7k2m@v_9abc ", Citation("policies", "d_7k2m", "v_9abc")),
        ("indexer:my%20wiki%2FHR/d_1@v_2#p_3", Citation("my wiki/HR", "d_1", "v_2", "p_3")),
    ],
)
def test_a_citation_is_read(text: str, citation: Citation) -> None:
    assert parse_citation(text) == citation
    assert format_citation(citation) == text.strip()


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1), st.sampled_from([None, "p_1x"])
)
def test_a_citation_survives_any_name_of_a_source(source: str, passage: str | None) -> None:
    citation = Citation(source, "d_7k2m", "v_9abc", passage)
    assert parse_citation(format_citation(citation)) == citation


@pytest.mark.parametrize(
    "text",
    ["", "indexer:", "policies/d_1@v_2#p_3", "indexer:/d_1@v_2#p_3", "indexer:p/d_1#p_3", "indexer:p/d_1@v_2#",
     "indexer:p/d_1@v_2#p_3 and more", "indexer:a/b/d_1@v_2#p_3"],
)  # fmt: skip
def test_what_is_no_citation_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(UsageError, match=r"is not a citation .*<passage id>"):
        parse_citation(text)
