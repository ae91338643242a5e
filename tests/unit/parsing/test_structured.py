from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.parsing.reading import parsed, shapes

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


def test_json_keeps_its_text_and_is_cut_at_its_entries() -> None:
    source = '{\n  "version": 1.10,\n  "name": "x",\n  "deep": {\n    "a": "]"\n  },\n  "last": 1\n}\n'
    assert shapes(source, "a.json") == [
        ("code", "{", '  "version": 1.10,', '  "name": "x",'),
        ("code", '  "deep": {', '    "a": "]"', "  },"),
        ("code", '  "last": 1', "}"),
    ]


@given(st.lists(VALUES, max_size=5))
def test_long_lines_of_json_are_laid_out_with_the_same_content(values: list[object]) -> None:
    value = [*values, "x" * 2100]
    text = "\n".join(line for block in parsed(json.dumps(value), "a.json").blocks for line in block.parts)
    assert json.loads(text) == value


def test_laid_out_json_keeps_the_spelling_of_numbers() -> None:
    [block, *_] = parsed('{"version": 1.10, "big": 1' + "0" * 5000 + "}", "a.json").blocks
    assert '"version": 1.10,' in " ".join(block.parts)


def test_json_lines_are_lines() -> None:
    assert shapes('{"a": 1}\n\n{"a": 2}\n', "a.jsonl") == [("code", '{"a": 1}', '{"a": 2}')]


def test_invalid_json_is_plain_text() -> None:
    assert shapes("{broken\n\nsecond", "a.json") == [("paragraph", "{broken"), ("paragraph", "second")]
    assert shapes("[" * 100_000, "a.json")[0][0] == "paragraph"


def test_yaml_keeps_its_text_and_is_cut_at_its_entries() -> None:
    source = "# about\nname: x\nversion: 1.10\non:\n  push: [a]\n# the jobs\njobs:\n- a\n- b\n---\n- one\n- two:\n    deep\n"
    assert shapes(source, "a.yaml") == [
        ("code", "# about", "name: x", "version: 1.10"),
        ("code", "on:", "  push: [a]"),
        ("code", "# the jobs", "jobs:", "- a", "- b"),
        ("code", "---", "- one"),
        ("code", "- two:", "    deep"),
    ]


def test_yaml_is_never_constructed() -> None:
    for source in ("a: !!python/object/apply:os.abort []", "a: &a [*a]", "[" * 100_000, "a: [b\nc: {"):
        assert parsed(source, "a.yaml").parser == "yaml/1"
