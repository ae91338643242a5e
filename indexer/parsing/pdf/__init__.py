"""PDF: text in reading order, with headings, lists, tables and page numbers.

`page` and `document` are the only modules that touch pdfium; they give `Run` values. Everything
else is pure functions over runs and lines: `lines` (runs → lines), `columns` (reading order),
`furniture` (running heads and page numbers), `headings`, `tables` and `paragraphs` (lines →
blocks), `words` (characters and hyphens), `properties` (metadata). `reader` puts them together.
"""
