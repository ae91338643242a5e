"""Reads the pages of Confluence: its storage format, its older wiki markup, and pages exported as HTML.

Each of the three becomes a tree of plain HTML, whose blocks are found as those of any HTML document.
"""
