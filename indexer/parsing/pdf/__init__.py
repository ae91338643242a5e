"""PDF: text in reading order, with headings, lists, tables and page numbers.

`document`, `page`, `annotations`, `structure` and `buffers` are the only modules that touch pdfium;
they give `Run` values. Everything else is pure functions over runs and lines: `runs` (characters → runs), `lines` (runs → lines), `columns` (reading order),
`furniture` (running heads and page numbers), `headings`, `tables` and `paragraphs` (lines →
blocks), `words` (characters and hyphens), `properties` (metadata). `reader` puts them together.
"""
