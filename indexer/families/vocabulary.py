"""Words of file names, in the languages that files were seen in."""

from __future__ import annotations

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NOUNS: Final = (
    "version|versión|versione|versie|wersja|vers|ver|revision|révision|revisión|rev|release|rel|edition|édition|edición|edizione|ed(?=[ _.-])|"
    "ausgabe|auflage|fassung"
)
"""What is written before an edition, as part of a pattern; longer ones first."""
LETTERED: Final = "version|revision|révision|rev|ausgabe|issue|edition"
"""Those that a letter may follow."""
ORDINALS: Final = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
}  # fmt: skip
STAGES: Final = {
    "alpha": -5, "beta": -4, "pre": -3, "rc": -3, "draft": -2, "entwurf": -2, "brouillon": -2, "wip": -2, "review": -1,
    "final": 1, "endfassung": 1, "approved": 2, "freigegeben": 2, "signed": 3, "unterschrieben": 3,
}  # fmt: skip
"""How far an edition had come: beside a number, below zero before it and above zero after it; alone, in this order."""
WORDS: Final = (
    "draft",
    "entwurf",
    "brouillon",
    "wip",
    "final",
    "endfassung",
    "approved",
    "freigegeben",
    "signed",
)
"""Stages that are an edition of their own where there is no number: ``policy-draft``, ``policy-final``."""
MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier", "february feb februar février", "march mar märz mars", "april apr avril", "may mai",
            "june jun juni juin", "july jul juli juillet", "august aug août", "september sep sept septembre",
            "october oct oktober okt octobre", "november nov novembre", "december dec dezember dez décembre",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
COUNTED: Final = _words(
    "chapter kapitel section abschnitt part teil page seite lesson lektion module modul unit week woche day tag "
    "sprint episode lecture vorlesung exercise übung figure fig table tabelle appendix anhang annex volume vol "
    "band no nr number item room raum form formular ticket bug pr order bestellung invoice rechnung receipt rfc "
    "pep adr cve step slide folie track article artikel clause question photo img image dsc scan id case line "
    "phase level test build bill quote offer angebot customer member ip"
)
"""What is counted and not revised: a number after these is no edition."""
EVENTS: Final = _words(
    "minutes meeting meetings note notes log logs journal diary statement payslip payroll newsletter standup "
    "retro retrospective weekly daily monthly agenda protokoll sitzung besprechung backup dump screenshot letter "
    "brief mail email timesheet call interview transcript post blog incident outage visit receipt news "
    "bulletin session workshop talk kontoauszug gehaltsabrechnung lohnabrechnung invoice rechnung img photo scan "
    "recording memo"
)
"""Documents of these names follow each other, and none replaces another."""
WORKS: Final = _words(
    "policy policies handbook manual guide guideline guidelines spec specification standard rules rulebook "
    "regulation regulations terms conditions contract agreement procedure procedures instruction instructions "
    "catalog catalogue pricelist prices price faq template checklist curriculum syllabus bylaws charter statutes "
    "code license licence plan strategy concept richtlinie richtlinien handbuch anleitung satzung ordnung "
    "leitfaden vertrag vereinbarung preisliste konzept merkblatt anweisung dienstanweisung norm agb sop datasheet "
    "privacy security documentation docs"
)
"""Documents of these names are revised."""
RELEASES: Final = frozenset(
    ["release", "releases", "version", "versions", "changelog", "whatsnew", "edition"]
)
