"""Writes a `confluence_wiki.Wiki` as ``entities.xml`` and its descriptor, in the dialects of three eras."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from zoneinfo import ZoneInfo

from tests.support.confluence_wiki import Item, Space, State, Wiki


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one version of Confluence writes."""

    name: str
    zone: str
    """Of the times in the export; people's names in the descriptor: `timezoneId`, or the abbreviation in its comment."""
    declared: bool = True
    """Whether the file begins with an XML declaration, and short values are CDATA."""
    collections: bool = True
    """Whether owners list what belongs to them."""
    old: bool = False
    """As before 5.x: people by name, attachments with their own properties."""


CLOUD = Dialect("cloud", "UTC")
SERVER_4 = Dialect("server-4", "Europe/Berlin", old=True)
DATA_CENTER_8 = Dialect("data-center-8", "America/New_York", declared=False, collections=False)
DIALECTS = (CLOUD, SERVER_4, DATA_CENTER_8)

_CLASSES = {"page": "Page", "blog": "BlogPost", "comment": "Comment", "attachment": "Attachment"}


def xml_files(wiki: Wiki, dialect: Dialect = CLOUD, *, order: str = "mixed") -> dict[str, bytes]:
    """Path → bytes of the export. `order` of the objects: ``present-first``, ``history-first`` or ``mixed``."""
    writer = _Writer(wiki, dialect)
    objects = [*writer.present(), *writer.history()]
    if order == "history-first":
        objects.reverse()
    elif order == "mixed":
        objects.sort(key=lambda text: hashlib.sha256(text.encode()).digest())  # the same disorder each time
    head = '<?xml version="1.0" encoding="UTF-8"?>\n' if dialect.declared else ""
    when = wiki.now.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    text = f'{head}<hibernate-generic datetime="{when}">\n{"".join(objects)}</hibernate-generic>\n'
    files = {"entities.xml": text.encode(), "exportDescriptor.properties": _descriptor(wiki, dialect)}
    for item in wiki.items:
        for state in item.states:
            if item.kind == "attachment" and state.data is not None and item.container is not None:
                files[f"attachments/{item.container.id}/{item.id}/{state.number}"] = state.data
    return files


def _descriptor(wiki: Wiki, dialect: Dialect) -> bytes:
    local = wiki.now.astimezone(ZoneInfo(dialect.zone))
    lines = [f"#{local.strftime('%a %b %d %H:%M:%S %Z %Y')}", "exportType=space", "backupAttachments=true"]
    if not dialect.old:
        lines += [f"spaceKey={wiki.space.key}", "buildNumber=8703"]
    if dialect is CLOUD:
        lines += ["source=cloud", "timezoneId=UTC"]
    return ("\n".join(lines) + "\n").encode()


class _Writer:
    def __init__(self, wiki: Wiki, dialect: Dialect) -> None:
        self._wiki = wiki
        self._dialect = dialect

    def present(self) -> list[str]:
        """Everything but earlier versions and drafts."""
        found = [one for space in self._wiki.spaces for one in self._space(space)]
        found += [
            self._object(
                "ConfluenceUserImpl", user.key, self._value("name", user.name)
                + self._value("lowerName", user.name.lower())
                + self._value("atlassianAccountId", user.account), package="user", key="key",
            )
            for user in self._wiki.users.values()
            if not self._dialect.old
        ]  # fmt: skip
        for number, label in enumerate(sorted({one for item in self._wiki.items for one in item.labels})):
            id_ = f"70{number}"
            namespace = "my" if label.startswith("my:") else "global"
            found.append(
                self._object(
                    "Label", id_, self._value("name", label) + self._value("namespace", namespace), package="labels"
                )
            )  # fmt: skip
            found += [
                self._object(
                    "Labelling", f"71{number}{item.id}", self._ref("label", id_, "Label")
                    + self._ref("content", item.id, "ContentEntityObject")
                    + self._value("labelableId", item.id) + self._value("labelableType", "CONTENT"),
                    package="labels",
                )
                for item in self._wiki.items if label in item.labels
            ]  # fmt: skip
        for item in self._wiki.items:
            found += self._content(item, item.present)
            found += self._restrictions(item)
        return found

    def history(self) -> list[str]:
        """Earlier versions and drafts."""
        found: list[str] = []
        for item in self._wiki.items:
            for state in item.states[:-1]:
                found += self._content(item, state)
            for state in item.drafts:
                found += self._content(item, state, draft=True)
        return found

    # --- objects -------------------------------------------------------------------------------

    def _space(self, space: Space) -> Iterable[str]:
        yield self._object(
            "Space", space.id, self._value("name", space.name) + self._value("key", space.key)
            + (self._ref("homePage", space.home.id) if space.home else "")
            + '<property name="spaceStatus" enum-class="SpaceStatus" package="x">CURRENT</property>',
            package="spaces",
        )  # fmt: skip
        for number, viewer in enumerate(space.viewers):
            yield self._object(
                "SpacePermission", f"80{number}{space.id}", self._ref("space", space.id, "Space")
                + self._value("type", "VIEWSPACE") + self._subject(viewer), package="security",
            )  # fmt: skip
        yield self._object(
            "SpacePermission", f"809{space.id}", self._ref("space", space.id, "Space")
            + self._value("type", "EDITSPACE") + self._subject("group:writers"), package="security",
        )  # fmt: skip

    def _content(self, item: Item, state: State, *, draft: bool = False) -> list[str]:
        dialect, present = self._dialect, state is item.present
        attachment = item.kind == "attachment"
        inner = [self._value("fileName" if attachment and dialect.old else "title", state.title)]
        if state.number is not None:
            name = "attachmentVersion" if attachment and dialect.old else "version"
            inner.append(self._value(name, str(state.number), plain=True))
        status = "draft" if draft else item.status if present else state.status
        if not (dialect.old and attachment):
            inner.append(self._value("contentStatus", status))
        inner += self._people(item, state)
        message = "comment" if attachment and dialect.old else "versionComment"
        inner.append(self._value(message, state.message))
        if present or draft:
            inner.append(self._ref("space", item.space.id, "Space"))
            if item.parent is not None:
                inner.append(self._ref("parent", item.parent.id, _CLASSES[item.parent.kind]))
        if not present:
            inner.append(self._ref("originalVersion", item.id, _CLASSES[item.kind]))
            inner.append(self._value("originalVersionId", item.id, plain=True))
        else:
            inner.append('<property name="originalVersionId"/>')
            if dialect.collections and len(item.states) > 1:
                ids = [one.id for one in item.states[:-1]]
                inner.append(self._many("historicalVersions", ids[::-1], _CLASSES[item.kind]))
        if item.container is not None:
            inner.append(self._container(item, item.container, present=present))
        if item.folder:
            inner.append(self._value("isFolder", "true", plain=True))
        found = []
        if state.body is not None:
            if dialect.collections:
                inner.append(self._many("bodyContents", [f"9{state.id}"], "BodyContent"))
            found.append(self._body(item, state))
        if present and item.viewers and dialect.collections:
            inner.append(self._many("contentPermissionSets", [f"85{item.id}"], "ContentPermissionSet"))
        return [self._object(_CLASSES[item.kind], state.id, "".join(inner)), *found]

    def _container(self, item: Item, container: Item, *, present: bool) -> str:
        name = "containerContent"
        if self._dialect.old:
            name = "content" if item.kind == "attachment" else "owner"
        # Earlier versions need not say what they hang on.
        return self._ref(name, container.id, _CLASSES[container.kind]) if present else ""

    def _people(self, item: Item, state: State) -> Iterable[str]:
        for role, key in (("creator", item.states[0].author), ("lastModifier", state.author)):
            if self._dialect.old:
                yield self._value(f"{role}Name", self._wiki.users[key].name)
            else:
                yield self._ref(role, key, "ConfluenceUserImpl", key="key")
        yield self._value("creationDate", self._time(item.states[0].at), plain=True)
        yield self._value("lastModificationDate", self._time(state.at), plain=True)

    def _body(self, item: Item, state: State) -> str:
        assert state.body is not None
        body = state.body.replace("]]>", "]] >")
        return self._object(
            "BodyContent", f"9{state.id}", f'<property name="body"><![CDATA[{body}]]></property>'
            + self._ref("content", state.id, _CLASSES[item.kind])
            + self._value("bodyType", str(state.body_type), plain=True), package="core",
        )  # fmt: skip

    def _restrictions(self, item: Item) -> Iterable[str]:
        if not item.viewers:
            return
        set_id = f"85{item.id}"
        members = [f"86{number}{item.id}" for number in range(len(item.viewers))]
        yield self._object(
            "ContentPermissionSet", set_id, self._value("type", "View")
            + self._ref("owningContent", item.id, _CLASSES[item.kind])
            + (self._many("contentPermissions", members, "ContentPermission") if self._dialect.collections else ""),
            package="security",
        )  # fmt: skip
        for member, viewer in zip(members, item.viewers, strict=True):
            yield self._object(
                "ContentPermission", member, self._value("type", "View")
                + self._ref("owningSet", set_id, "ContentPermissionSet") + self._subject(viewer), package="security",
            )  # fmt: skip

    def _subject(self, viewer: str) -> str:
        what, _, name = viewer.partition(":")
        if what == "group":
            return self._value("groupName" if self._dialect.old else "group", name)
        if what == "group-id":
            return self._value("groupId", name)
        if what == "everyone":
            return self._value("allUsersSubject", f"{name}-users")
        if self._dialect.old:
            return self._value("userName", self._wiki.users[name].name if name in self._wiki.users else name)
        return self._ref("userSubject", name, "ConfluenceUserImpl", key="key")

    # --- XML -----------------------------------------------------------------------------------

    def _object(self, class_: str, id_: str, inner: str, *, package: str = "pages", key: str = "id") -> str:
        id_ = f"<![CDATA[{id_}]]>" if key == "key" else id_
        place = f"com.atlassian.confluence.{package}"
        return f'<object class="{class_}" package="{place}">\n<id name="{key}">{id_}</id>\n{inner}</object>\n'

    def _value(self, name: str, text: str, *, plain: bool = False) -> str:
        if not text:
            return f'<property name="{name}"/>'
        if plain or not self._dialect.declared:
            return f'<property name="{name}">{escape(text, quote=False)}</property>\n'
        return f'<property name="{name}"><![CDATA[{text.replace("]]>", "]] >")}]]></property>\n'

    def _ref(self, name: str, id_: str, class_: str = "Page", key: str = "id") -> str:
        id_ = f"<![CDATA[{id_}]]>" if key == "key" else id_
        place = "com.atlassian.confluence.pages"
        return f'<property name="{name}" class="{class_}" package="{place}"><id name="{key}">{id_}</id>\n</property>\n'

    def _many(self, name: str, ids: Iterable[str], class_: str) -> str:
        kind = "java.util.Collection"
        if self._dialect is CLOUD:
            kind += f"(com.atlassian.confluence.core.ContentEntityObject.{name})"
        elements = "".join(
            f'<element class="{class_}" package="com.atlassian.confluence.pages"><id name="id">{id_}</id>\n</element>\n'
            for id_ in ids
        )
        return f'<collection name="{name}" class="{kind}">{elements}</collection>\n'

    def _time(self, at: datetime) -> str:
        return at.astimezone(ZoneInfo(self._dialect.zone)).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
