from __future__ import annotations

from collections.abc import Iterator

from docutils import nodes
from docutils.core import publish_doctree

from tests.unit.parsing.reading import outline, parsed, shapes

PEP = """PEP: 9999
Title: A ``sample`` of everything
Author: A. Person <a@example.org>,
        B. Person
Version: $Revision: 1.10 $
Last-Modified: $Date$

Abstract
========

Some text, see :pep:`1` and `the site <https://example.org>`_.

.. a comment that
   nobody sees

Code follows::

    if x:

        y()

After the code.

Details of ``__init__`` and *this*
----------------------------------

* one
* two

  more of two::

      code in two

1. first
2. second

A. Turing wrote this, which
is no list.

.. note:: Take care.

   Unknown words stay.

.. made-up:: argument

   Content of an unknown directive.

.. code-block:: python
   :linenos:

   def f():

       return 1

Deep
''''

=====  ===
 Col   B
=====  ===
x      1
       goes on
y      2
=====  ===

+-----+-----+
| h   | i   |
+=====+=====+
| 1   | 2   |
+-----+-----+
| 3   | 4   |
|     | 5   |
+-----+-----+

.. list-table:: Caption
   :header-rows: 1

   * - h
     - i
   * - 1
     - 2

term
    Its definition.

    Second paragraph.

>>> 1 + 1
2

----

Second section
==============

.. [1] A footnote
   of two lines
.. _target: https://example.org/a
.. _other: https://example.org/b
"""


def test_blocks_keep_the_lines_of_the_source() -> None:
    assert shapes(PEP, "a.rst") == [
        (
            "list",
            "PEP: 9999",
            "Title: A ``sample`` of everything",
            "Author: A. Person <a@example.org>,\n        B. Person",
            "Version: $Revision: 1.10 $",
            "Last-Modified: $Date$",
        ),
        ("heading", "Abstract\n========"),
        ("paragraph", "Some text, see :pep:`1` and `the site <https://example.org>`_."),
        ("paragraph", "Code follows::"),
        ("code", "    if x:", "", "        y()"),
        ("paragraph", "After the code."),
        ("heading", "Details of ``__init__`` and *this*\n----------------------------------"),
        ("list", "* one", "* two\n\n  more of two::\n\n      code in two"),
        ("list", "1. first", "2. second"),
        ("paragraph", "A. Turing wrote this, which\nis no list."),
        ("paragraph", ".. note:: Take care."),
        ("paragraph", "   Unknown words stay."),
        ("paragraph", ".. made-up:: argument"),
        ("paragraph", "   Content of an unknown directive."),
        ("code", ".. code-block:: python", "   :linenos:", "", "   def f():", "", "       return 1"),
        ("heading", "Deep\n''''"),
        ("table", "=====  ===\n Col   B\n=====  ===", "x      1\n       goes on", "y      2\n=====  ==="),
        (
            "table",
            "+-----+-----+\n| h   | i   |\n+=====+=====+",
            "| 1   | 2   |\n+-----+-----+",
            "| 3   | 4   |\n|     | 5   |\n+-----+-----+",
        ),
        ("table", ".. list-table:: Caption\n   :header-rows: 1", "   * - h\n     - i", "   * - 1\n     - 2"),
        ("paragraph", "term\n    Its definition."),
        ("paragraph", "    Second paragraph."),
        ("code", ">>> 1 + 1", "2"),
        ("heading", "Second section\n=============="),
        ("paragraph", ".. [1] A footnote\n   of two lines\n.. _target: https://example.org/a\n.. _other: https://example.org/b"),
    ]  # fmt: skip


def test_tables_know_their_header() -> None:
    tables = [block for block in parsed(PEP, "a.rst").blocks if block.kind == "table"]
    assert [table.header_parts for table in tables] == [1, 1, 2]


def test_a_preamble_becomes_metadata() -> None:
    document = parsed(PEP, "a.rst")
    assert document.metadata == {
        "author": "A. Person <a@example.org>, B. Person",
        "pep": "9999",
        "title": "A sample of everything",
        "version": "1.10",
    }
    assert document.title == "A sample of everything"
    assert document.labels == ("1.10",)


def test_a_field_list_below_the_title_becomes_metadata() -> None:
    document = parsed(
        "Guide\n=====\n\n:Version: 2.0\n:Authors: A\n          B\n\nText\n\n:not: this\n", "a.rst"
    )
    assert document.metadata == {"authors": "A B", "version": "2.0"}
    assert document.title == "Guide"
    assert document.labels == ("2.0",)


def test_quoted_literal_blocks_and_lone_colons() -> None:
    assert shapes("Said::\n\n> a\n> b\n\nText\n\n::\n\n   code\n", "a.rst") == [
        ("paragraph", "Said::"),
        ("code", "> a", "> b"),
        ("paragraph", "Text"),
        ("code", "   code"),
    ]


OUTLINES = (
    PEP.partition("\n\n")[2],
    "=====\nTitle\n=====\n\nSub\n===\n\nText\n\nSub 2\n===\n\n Deeper\n--------\n\nOther\n=====\n",
    "Title\n=====\nNo blank below\n--------------\n1. Numbered\n~~~~~~~~~~~\n\ntext\nText\n====\n\nabc\n===\n",
    "A\n=\n\nab\n--\n\n- item\n\nBack_ to ``x_`` and `y`_, not __init__ or a_b\n---------------------------------------------\n\n.. _Back: x\n.. _y: z\n",
    "  Quote\n  =====\n\nT\n=\n\n::\n\n  S\n  -\n\nU\n=\n\nEscaped \\*star\\* and *args*\n~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\n",
)


def test_headings_are_those_that_docutils_finds() -> None:
    for source in OUTLINES:
        tree = publish_doctree(
            source,
            settings_overrides={
                "report_level": 5,
                "halt_level": 5,
                "doctitle_xform": False,
                "docinfo_xform": False,
                "file_insertion_enabled": False,
                "warning_stream": False,
                "_disable_config": True,
            },
        )
        assert outline(parsed(source, "a.rst")) == list(sections(tree, 1))


def sections(node: nodes.Element, level: int) -> Iterator[tuple[int, str]]:
    for child in node.children:
        if isinstance(child, nodes.section):
            yield level, " ".join(child[0].astext().split())
            yield from sections(child, level + 1)
