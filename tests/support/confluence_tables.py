"""Writes a `confluence_wiki.Wiki` as the tables of a CSV export (Cloud, 2026)."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from tests.support.confluence_wiki import Item, State, Wiki

CONTENT = (
    "contentid", "hibernateversion", "contenttype", "title", "lowertitle", "version", "creator", "creationdate",
    "lastmodifier", "lastmoddate", "versioncomment", "prevver", "content_status", "pageid", "spaceid",
    "child_position", "parentid", "messageid", "pluginkey", "pluginver", "parentccid", "draftpageid",
    "draftspacekey", "drafttype", "draftpageversion", "parentcommentid", "username", "navigationtype",
)  # fmt: skip
_KINDS = {"page": "PAGE", "blog": "BLOGPOST", "comment": "COMMENT", "attachment": "ATTACHMENT"}

Row = Mapping[str, str]


def csv_files(wiki: Wiki, *, packed: bool = False) -> dict[str, bytes]:
    """Path → bytes of the export. Its tables are called ``.csv.gz`` and are plain, unless `packed`."""
    files = {
        f"{name}.csv.gz": gzip.compress(data, mtime=0) if packed else data
        for name, data in _tables(wiki).items()
    }
    when = wiki.now.astimezone(UTC).strftime("%a %b %d %H:%M:%S UTC %Y")
    descriptor = f"#{when}\nexportFormat=csv\nexportType=space\nsource=cloud\nspaceKey={wiki.space.key}\ntimezoneId=UTC\n"
    files["exportDescriptor.properties.gz"] = descriptor.encode()
    for item in wiki.items:
        for state in item.states:
            if item.kind == "attachment" and state.data is not None and item.container is not None:
                # Earlier versions lie below their own ids, unlike those of XML exports.
                files[f"attachments/{item.container.id}/{state.id}/{state.number}"] = state.data
    return files


def table(columns: Sequence[str], rows: Sequence[Row]) -> bytes:
    """Rows as Confluence writes them: RFC 4180 with CRLF."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _tables(wiki: Wiki) -> dict[str, bytes]:
    states = [
        (item, state, status)
        for item in wiki.items
        for state, status in (
            *((one, one.status) for one in item.states[:-1]),
            (item.present, item.status),
            *((one, "draft") for one in item.drafts),
        )
    ]
    labels = sorted({label for item in wiki.items for label in item.labels})
    return {
        "spaces": table(
            ("spaceid", "spacename", "spacekey", "lowerspacekey", "spacedescid", "homepage", "spacetype", "spacestatus"),
            [
                {
                    "spaceid": space.id, "spacename": space.name, "spacekey": space.key,
                    "lowerspacekey": space.key.lower(), "homepage": space.home.id if space.home else "",
                    "spacetype": "global", "spacestatus": "CURRENT",
                }
                for space in wiki.spaces
            ],
        ),
        "content": table(CONTENT, [_content(*one) for one in states]),
        "bodycontent": table(
            ("bodycontentid", "body", "contentid", "bodytypeid"),
            [
                {
                    "bodycontentid": f"9{state.id}", "body": state.body, "contentid": state.id,
                    "bodytypeid": str(state.body_type),
                }
                for _, state, _ in states
                if state.body is not None
            ],
        ),
        "user_mapping": table(
            ("user_key", "username", "lower_username", "aaid"),
            [
                {"user_key": user.key, "username": user.name, "lower_username": user.name, "aaid": user.account}
                for user in wiki.users.values()
            ],
        ),
        "label": table(
            ("labelid", "name", "owner", "namespace", "creationdate", "lastmoddate"),
            [
                {"labelid": f"70{at}", "name": name, "namespace": "my" if name.startswith("my:") else "global"}
                for at, name in enumerate(labels)
            ],
        ),
        "content_label": table(
            ("id", "labelid", "contentid", "pagetemplateid", "owner", "labelableid", "labelabletype"),
            [
                {
                    "id": f"71{at}{item.id}", "labelid": f"70{at}", "contentid": item.id, "labelableid": item.id,
                    "labelabletype": "CONTENT",
                }
                for at, name in enumerate(labels)
                for item in wiki.items
                if name in item.labels
            ],
        ),
        "contentproperties": table(
            ("propertyid", "propertyname", "stringval", "longval", "dateval", "contentid"), []
        ),
        **_access(wiki),
    }  # fmt: skip


def _content(item: Item, state: State, status: str) -> Row:
    present = state is item.present
    space, parent = "", ""
    if present:
        space = item.space.id if item.kind in ("page", "blog") else ""
        parent = item.parent.id if item.parent else ""
    return {
        "contentid": state.id, "contenttype": _KINDS[item.kind], "title": state.title,
        "lowertitle": state.title.lower(), "version": "" if state.number is None else str(state.number),
        "creator": item.states[0].author, "creationdate": _time(item.states[0].at), "lastmodifier": state.author,
        "lastmoddate": _time(state.at), "versioncomment": state.message, "prevver": "" if present else item.id,
        "content_status": status, "pageid": item.container.id if item.container else "", "spaceid": space,
        "parentid": parent if item.kind == "page" else "",
        "parentcommentid": parent if item.kind == "comment" else "",
    }  # fmt: skip


def _access(wiki: Wiki) -> dict[str, bytes]:
    restricted = [item for item in wiki.items if item.viewers]
    members = [(item, at, viewer) for item in restricted for at, viewer in enumerate(item.viewers)]
    permissions = [
        (space, f"80{at}{space.id}", "VIEWSPACE", viewer)
        for space in wiki.spaces
        for at, viewer in enumerate(space.viewers)
    ]
    permissions += [(space, f"809{space.id}", "EDITSPACE", "group:writers") for space in wiki.spaces]
    return {
        "content_perm_set": table(
            ("id", "cont_perm_type", "content_id", "creationdate", "lastmoddate"),
            [{"id": f"85{item.id}", "cont_perm_type": "View", "content_id": item.id} for item in restricted],
        ),
        "content_perm": table(
            ("id", "cp_type", "username", "groupname", "external_group_id", "cps_id"),
            [
                {
                    "id": f"86{at}{item.id}", "cp_type": "View", "cps_id": f"85{item.id}",
                    "username": _named(viewer, "user"), "groupname": _named(viewer, "group"),
                    "external_group_id": _named(viewer, "group-id"),
                }
                for item, at, viewer in members
            ],
        ),
        "spacepermissions": table(
            (
                "permid", "spaceid", "permtype", "permgroupname", "externalgroupid", "permusername",
                "permalluserssubject", "creator", "creationdate", "lastmodifier", "lastmoddate", "active",
            ),
            [
                {
                    "permid": id_, "spaceid": space.id, "permtype": type_, "active": "true",
                    "permgroupname": _named(viewer, "group"), "externalgroupid": _named(viewer, "group-id"),
                    "permusername": _named(viewer, "user"),
                    "permalluserssubject": "all-licensed-users" if viewer == "everyone:licensed" else "",
                }
                for space, id_, type_, viewer in permissions
            ],
        ),
    }  # fmt: skip


def _named(viewer: str, what: str) -> str:
    found, _, name = viewer.partition(":")
    return name if found == what else ""


def _time(at: datetime) -> str:
    """With the zeros at its end cut off."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f").rstrip("0").rstrip(".")
