"""What a Confluence export holds, counted from its raw files by naive means: a referee for the connector.

Shares no code with the connector: the whole of ``entities.xml`` in memory, regular expressions, ElementTree.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from xml.etree import ElementTree

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_PICTURE = re.compile(r"\.(png|jpe?g|gif|bmp|ico|webp|svg|tiff?|mp[34]|zip|gz|jar|exe|bin)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts of one export."""

    pages: int = 0
    """Pages and blog posts, those in the trash included; folders are none."""
    versions: int = 0
    """Their versions, the present ones included; without deleted revisions."""
    drafts: int = 0
    """Objects that are drafts."""
    attachments: int = 0
    """Attachments of pages whose names do not say that they hold no text."""
    comments: int = 0
    without_text: int = 0
    """Versions of pages and comments that have no body, or one of a type that is no text; and pages whose
    present version is missing."""
    labels: frozenset[tuple[str, str]] = frozenset()
    """(page, version number) of everything on a page's line."""

    def row(self) -> tuple[int, ...]:
        """The counts in order."""
        return tuple(getattr(self, f.name) for f in fields(self) if f.name != "labels")


@dataclass(frozen=True, slots=True)
class _Object:
    id: str
    kind: str
    title: str
    status: str
    original: str | None
    version: str
    container: str | None
    folder: bool


def count(export: Path) -> Counted:
    """Count an unpacked export in XML, or a zip in the CSV format."""
    if export.suffix == ".zip":
        return _count(*_csv(export), files=True)
    return _count(*_xml(export), files=(export / "attachments").is_dir())


def count_html(export: Path) -> Counted:
    """Count the pages of an unpacked HTML export."""
    pages = [f for f in export.rglob("*.html") if re.search(r"(?:^|_)\d+\.html$", f.name)]
    texts = [page.read_text(encoding="utf-8", errors="replace") for page in pages]
    attachments = 0
    for text in texts:
        section = re.search(r'<div class="greybox".*?</div>', text, re.DOTALL)
        names = re.findall(r"<a href=\"attachments/[^\"]*\">([^<]*)</a>", section[0]) if section else []
        attachments += sum(not _PICTURE.search(name) for name in names)
    comments = sum(len(re.findall(r'<a name="comment-\d+"', text)) for text in texts)
    return Counted(len(pages), len(pages), 0, attachments, comments, 0)


def _count(objects: Iterable[_Object], bodies: dict[str, tuple[int, str]], *, files: bool) -> Counted:
    found = {one.id: one for one in objects}
    drafts = [o for o in found.values() if o.status == "draft" and o.kind in _DOCUMENTS]
    kept = [o for o in found.values() if o.status != "draft"]
    groups: dict[tuple[str, str], list[_Object]] = defaultdict(list)
    for one in kept:
        groups[one.kind, one.original or one.id].append(one)
    tally: Counter[str] = Counter()
    labels = set()
    for (kind, whole), members in groups.items():
        present = found.get(whole)
        if present is not None and (present.status == "draft" or present.kind != kind):
            present = None
        last = present or members[-1]
        owner = found.get(last.container or "")
        if last.folder or (owner and owner.status == "draft" and not owner.original):
            continue
        if kind in ("Page", "BlogPost"):
            tally["pages"] += 1
            alive = [m for m in members if m.status != "deleted" or m is present]
            # The same number with the same text, be it twice, is one version.
            tally["versions"] += len({(m.version, bodies.get(m.id)) for m in alive})
            labels |= {(whole, m.version) for m in members if m.version}
            tally["without_text"] += sum(not _text(bodies, m) for m in alive) + (present is None)
        elif kind == "Comment":
            tally["comments"] += 1
            tally["without_text"] += sum(not _text(bodies, m) for m in members) + (present is None)
        elif files and not _PICTURE.search(last.title) and not (owner and owner.kind == "SpaceDescription"):
            tally["attachments"] += kind == "Attachment"
    return Counted(
        tally["pages"],
        tally["versions"],
        len(drafts),
        tally["attachments"],
        tally["comments"],
        tally["without_text"],
        frozenset(labels),
    )


def _text(bodies: dict[str, tuple[int, str]], one: _Object) -> bool:
    return one.id in bodies and bodies[one.id][0] in (0, 2)


_DOCUMENTS = ("Page", "BlogPost", "Comment", "Attachment")


def _xml(export: Path) -> tuple[list[_Object], dict[str, tuple[int, str]]]:
    text = _CONTROLS.sub("", (export / "entities.xml").read_bytes().decode("utf-8", "replace"))
    root = ElementTree.fromstring(text.encode())
    objects: dict[str, _Object] = {}
    bodies: dict[str, tuple[int, str]] = {}
    owners = {
        element.findtext("id", "").strip(): one.findtext("id", "").strip()
        for one in root.findall("object")
        for collection in one.findall("collection[@name='bodyContents']")
        for element in collection.findall("element")
    }
    named = {
        element.findtext("id", "").strip(): one.findtext("id", "").strip()
        for one in root.findall("object")
        for collection in one.findall("collection[@name='historicalVersions']")
        for element in collection.findall("element")
    }
    for one in root.findall("object"):
        kind, number = one.get("class", ""), one.findtext("id", "").strip()
        values = {p.get("name"): (p.findtext("id") or p.text or "").strip() for p in one.findall("property")}
        if kind == "BodyContent":
            owner = values.get("content") or owners.get(number)
            if owner:
                bodies.setdefault(owner, (int(values.get("bodyType") or 0), values.get("body", "")))
        elif kind in (*_DOCUMENTS, "SpaceDescription"):
            original = values.get("originalVersion") or values.get("originalVersionId") or None
            container = values.get("containerContent") or values.get("content") or values.get("owner")
            objects.setdefault(
                number,
                _Object(
                    number,
                    kind,
                    values.get("title") or values.get("fileName") or "",
                    (values.get("contentStatus") or "current").lower(),
                    original,
                    values.get("version") or "",
                    container,
                    values.get("isFolder") == "true",
                ),
            )
    for number, owner in named.items():
        one = objects.get(number)
        above = objects.get(owner)
        if one is not None and one.original is None and above not in (None, one) and above.kind == one.kind:
            objects[number] = replace(one, original=owner)
    return list(objects.values()), bodies


def _csv(export: Path) -> tuple[list[_Object], dict[str, tuple[int, str]]]:
    csv.field_size_limit(50_000_000)
    names = {
        "PAGE": "Page", "BLOGPOST": "BlogPost", "COMMENT": "Comment", "ATTACHMENT": "Attachment",
        "SPACEDESCRIPTION": "SpaceDescription",
    }  # fmt: skip
    with zipfile.ZipFile(export) as archive:

        def table(name: str) -> list[dict[str, str]]:
            return list(
                csv.DictReader(io.StringIO(archive.read(f"{name}.csv.gz").decode("utf-8"), newline=""))
            )

        bodies = {
            row["contentid"]: (int(row["bodytypeid"] or 0), row["body"]) for row in table("bodycontent")
        }
        objects = [
            _Object(
                row["contentid"],
                names[row["contenttype"]],
                row["title"],
                row["content_status"].lower(),
                row["prevver"] or None,
                row["version"],
                row["pageid"] or None,
                folder=False,
            )
            for row in table("content")
            if row["contenttype"] in names
        ]
    return objects, bodies
