"""The line of every key in a configuration file, whatever stands in between."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from indexer.config.lines import key_lines, line_of


def test_lines_are_found_whatever_stands_in_between() -> None:
    text = '''\
a.b = 1 # [not.a.table]
"quoted.key" = "x = 1"
text = """
[[source]]
name = "no"
"""
literal = \'\'\'
kind = 3\'\'\'
list = [
  # "]"
  "x", "]",
  { name = "y", more = [1,
    2] },
]
[[source]]
name = "one"
[source.deep]
x = 1
[[source]]
  name = "two"
[[source.part]]
y = 1
[[source.part]]
y = 2
[last]
z = 1979-05-27T07:32:00Z
'''
    tomllib.loads(text)
    lines = key_lines(text)
    wanted: dict[tuple[str | int, ...], int] = {
        ("a", "b"): 1,
        ("quoted.key",): 2,
        ("text",): 3,
        ("literal",): 7,
        ("list",): 9,
        ("list", 1): 11,
        ("list", 2, "name"): 12,
        ("list", 2, "more", 1): 13,
        ("source", 0): 15,
        ("source", 0, "deep", "x"): 18,
        ("source", 1, "name"): 20,
        ("source", 1, "part", 0, "y"): 22,
        ("source", 1, "part", 1, "y"): 24,
        ("last", "z"): 26,
    }
    assert {path: lines.get(path) for path in wanted} == wanted
    assert line_of(lines, ("source", 1, "gone")) == 19
    assert line_of(lines, ("nowhere",)) == 1


_scalars = st.one_of(
    st.integers(-9, 9).map(str),
    st.booleans().map(lambda value: str(value).lower()),
    st.sampled_from(
        ['"[[source]]"', "'# no'", '"""\n[a]\nb = 1\n"""', "'''\n\n}'''", '"a\\"b"', '""', '""""x"""""']
    ),
)
_values = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: "[\n# ]\n" + ",\n".join(items) + "\n]"),
        st.lists(inner, max_size=3).map(
            lambda items: "{" + ", ".join(f"k{n} = {item}" for n, item in enumerate(items)) + "}"
        ),
    ),
    max_leaves=6,
)


@given(
    tables=st.lists(
        st.tuples(st.integers(0, 2), st.lists(_values, max_size=3), st.integers(0, 2)), max_size=5
    )
)
def test_the_line_of_every_key_is_the_one_where_it_was_written(
    tables: list[tuple[int, list[str], int]],
) -> None:
    text = ""
    wanted: dict[tuple[str | int, ...], int] = {}
    for position, (blanks, values, comments) in enumerate(tables):
        text += "\n" * blanks + "# [x]\n" * comments + "[[source]]\n"
        wanted[("source", position)] = text.count("\n")
        for number, value in enumerate(values):
            text += f"key{number} = "
            wanted[("source", position, f"key{number}")] = text.count("\n") + 1
            text += f"{value} # end\n"
    tomllib.loads(text)
    lines = key_lines(text)
    assert {path: lines.get(path) for path in wanted} == wanted
