"""Puts the objects of an ``entities.xml`` into the staging tables, class by class, as all versions of Confluence write them.

What is not named here is never read: whole-site exports hold password hashes, tokens and sessions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from connectors.confluence.reading import LARGEST_BODY
from connectors.confluence.staging import Staging
from connectors.confluence.tables import (
    PROPERTIES,
    Body,
    BodyType,
    ContentObject,
    Grant,
    Kind,
    Oddity,
    Property,
    Reference,
    Restriction,
    RestrictionSet,
    Space,
    User,
)
from connectors.confluence.xml_stream import Wanted, XmlObject

_KINDS: Final = {
    "Page": Kind.PAGE,
    "BlogPost": Kind.BLOG,
    "Comment": Kind.COMMENT,
    "Attachment": Kind.ATTACHMENT,
    "SpaceDescription": Kind.DESCRIPTION,
}
_CONTENT: Final = Wanted(
    frozenset({
        "title", "fileName", "version", "attachmentVersion", "contentStatus", "originalVersion", "originalVersionId",
        "space", "parent", "containerContent", "content", "owner", "creator", "creatorName", "lastModifier",
        "lastModifierName", "creationDate", "lastModificationDate", "versionComment", "comment", "contentType",
        "fileSize", "isFolder",
    }),
    frozenset({"historicalVersions", "bodyContents", "contentProperties", "contentPermissionSets"}),
)  # fmt: skip
_SUBJECTS: Final = frozenset(
    {"userName", "userSubject", "group", "groupName", "groupId", "groupIds", "allUsersSubject"}
)
WANTED: Final[Mapping[str, Wanted]] = {
    **dict.fromkeys(_KINDS, _CONTENT),
    "Space": Wanted(frozenset({"name", "key", "description", "homePage", "spaceStatus"})),
    "BodyContent": Wanted(frozenset({"body", "bodyType", "content"}), limits={"body": LARGEST_BODY}),
    "ContentProperty": Wanted(frozenset({"name", "stringValue", "longValue", "content"})),
    "Label": Wanted(frozenset({"name", "namespace"})),
    "Labelling": Wanted(frozenset({"label", "content", "labelableId", "labelableType"})),
    "ContentPermissionSet": Wanted(frozenset({"type", "owningContent"}), frozenset({"contentPermissions"})),
    "ContentPermission": Wanted(frozenset({"owningSet"}) | _SUBJECTS, frozenset({"groupIds"})),
    "SpacePermission": Wanted(frozenset({"space", "type", "active"}) | _SUBJECTS, frozenset({"groupIds"})),
    "ConfluenceUserImpl": Wanted(frozenset({"name", "lowerName", "fullName", "atlassianAccountId"})),
}
"""Class → what is read of it; of all other classes nothing."""
_REFERENCES: Final = {
    "historicalVersions": Reference.HISTORY,
    "bodyContents": Reference.BODY,
    "contentPermissionSets": Reference.RESTRICTION_SET,
}

_CDATA_END: Final = re.compile(r"\]\] >(?=</|<!\[CDATA\[|\s*\Z)")
_ANY_END: Final = re.compile(r"\]\] >")


class XmlRows:
    """Makes rows of objects. Each is complete in itself; whatever order they come in."""

    def __init__(self, staging: Staging, name: str) -> None:
        """`name`: of the file, for messages."""
        self._staging = staging
        self._name = name
        self._nameless = 0
        self._rows: Mapping[str, Callable[[XmlObject], None]] = {
            **dict.fromkeys(_KINDS, self._content),
            "Space": self._space,
            "BodyContent": self._body,
            "ContentProperty": self._property,
            "Label": self._label,
            "Labelling": self._labelling,
            "ContentPermissionSet": self._restriction_set,
            "ContentPermission": self._restriction,
            "SpacePermission": self._space_permission,
            "ConfluenceUserImpl": self._user,
        }

    def add(self, found: XmlObject) -> None:
        """Stage one object."""
        if not found.id:
            self._nameless += 1
            number = f"{found.name} number {self._nameless:,} without an id"
            self._note("missing-id", f"{number} is left out; nothing can refer to it")
            if found.name != "ContentPermissionSet":
                return
            # Left out it would let everybody see the page. Kept, its members cannot be found, and nobody may.
            found.id = f"without-id-{self._nameless}"
        self._rows[found.name](found)
        for member in sorted(found.cut):
            self._note(
                "too-large",
                f"{found.name} {found.id}: its {member} is larger than any that is read; it is left out",
            )

    # --- contents ------------------------------------------------------------------------------

    def _content(self, found: XmlObject) -> None:
        texts, kind = found.texts, _KINDS[found.name]
        version = self._number(found, "attachmentVersion" if "attachmentVersion" in texts else "version")
        first = version in (None, 1)
        original = found.references.get("originalVersion") or _text(found, "originalVersionId")
        if original == found.id:
            self._note(
                "own-version", f"{found.name} {found.id} calls itself an earlier version of itself; it is not"
            )
            original = None
        parent, container = found.references.get("parent"), None
        if kind is Kind.COMMENT:
            container = found.references.get("containerContent") or found.references.get("owner")
        elif kind is Kind.ATTACHMENT:
            container = found.references.get("containerContent") or found.references.get("content")
        author = found.references.get("lastModifier") or _text(found, "lastModifierName")
        modified = _text(found, "lastModificationDate")
        if first:
            # Creator and date of creation are the page's, on every version: of the first they are its own.
            author = author or found.references.get("creator") or _text(found, "creatorName")
            modified = modified or _text(found, "creationDate")
        self._staging.add_content(
            ContentObject(
                id=found.id,
                kind=kind,
                title=_text(found, "title") or _text(found, "fileName") or "",
                version=version,
                status=(_text(found, "contentStatus") or "current").lower(),
                original=original,
                space=found.references.get("space") or None,
                parent=(parent or None) if kind in (Kind.PAGE, Kind.COMMENT) else None,
                container=container or None,
                author=author,
                modified=modified,
                message=_text(found, "versionComment") or _text(found, "comment"),
                media_type=_text(found, "contentType"),
                size=self._number(found, "fileSize"),
                folder=_text(found, "isFolder") == "true",
            )
        )
        for collection, kind_of_reference in _REFERENCES.items():
            for id_ in found.elements.get(collection, ()):
                self._staging.refer(kind_of_reference, found.id, id_)
        if kind is Kind.ATTACHMENT:
            # Pages have dozens of properties, and none that is kept.
            for id_ in found.elements.get("contentProperties", ()):
                self._staging.refer(Reference.PROPERTY, found.id, id_)

    def _body(self, found: XmlObject) -> None:
        number = self._number(found, "bodyType")
        type_ = BodyType.WIKI if number is None else number
        if "body" in found.cut:
            type_ = BodyType.TOO_LARGE
        text = found.texts.get("body", "")
        if "]] >" in text:
            # An end of CDATA inside CDATA is written with a blank in it. In the storage format such an end stands
            # before an end tag, the next section or nothing; elsewhere the blank is the writer's own (`a[b[0]] > 1`).
            text = (_CDATA_END if type_ == BodyType.STORAGE else _ANY_END).sub("]]>", text)
        self._staging.add_body(Body(found.id, type_, text, found.references.get("content") or None))

    def _property(self, found: XmlObject) -> None:
        name = _text(found, "name")
        value = _text(found, "stringValue") or _text(found, "longValue")
        if name in PROPERTIES and value is not None:
            content = found.references.get("content") or None
            self._staging.add_property(Property(found.id, name, value, content))

    # --- spaces, people, labels ----------------------------------------------------------------

    def _space(self, found: XmlObject) -> None:
        key = _text(found, "key")
        if key is None:
            self._note("missing-key", f"Space {found.id} has no key; it is left out")
            return
        self._staging.add_space(
            Space(
                id=found.id,
                key=key,
                name=_text(found, "name") or key,
                description=found.references.get("description") or None,
                home=found.references.get("homePage") or None,
                status=(_text(found, "spaceStatus") or "CURRENT").upper(),
            )
        )

    def _user(self, found: XmlObject) -> None:
        username = _text(found, "name") or _text(found, "lowerName")
        self._staging.add_user(
            User(
                key=found.id,
                name=_text(found, "fullName") or username or found.id,
                username=username,
                account=_text(found, "atlassianAccountId"),
            )
        )

    def _label(self, found: XmlObject) -> None:
        # One without a namespace might be somebody's own.
        name = _text(found, "name")
        if name is not None:
            self._staging.add_label(found.id, name, _text(found, "namespace") or "")

    def _labelling(self, found: XmlObject) -> None:
        content = found.references.get("content")
        if not content and (_text(found, "labelableType") or "").upper() == "CONTENT":
            content = _text(found, "labelableId")
        label = found.references.get("label")
        # Templates have labels as well, and are not read.
        if label and content:
            self._staging.add_labelling(label, content)

    # --- who may see what: whatever is not understood lets nobody in --------------------------------

    def _restriction_set(self, found: XmlObject) -> None:
        type_ = (_text(found, "type") or "View").capitalize()
        content = found.references.get("owningContent") or None
        self._staging.add_restriction_set(RestrictionSet(found.id, type_, content))
        for id_ in found.elements.get("contentPermissions", ()):
            self._staging.refer(Reference.RESTRICTION, found.id, id_)

    def _restriction(self, found: XmlObject) -> None:
        owner = found.references.get("owningSet") or None
        for number, grant in enumerate(self._grants(found)):
            id_ = f"{found.id}/{number}" if number else found.id
            self._staging.add_restriction(Restriction(id_, grant, owner))

    def _space_permission(self, found: XmlObject) -> None:
        space = found.references.get("space")
        if _text(found, "type") != "VIEWSPACE" or not space:
            return  # what one may do there, or anywhere at all
        if (_text(found, "active") or "true").lower() in ("false", "0"):
            return
        for number, grant in enumerate(self._grants(found, nobody_is_anonymous=True)):
            id_ = f"{found.id}/{number}" if number else found.id
            self._staging.add_space_permission(id_, space, "VIEWSPACE", grant)

    def _grants(self, found: XmlObject, *, nobody_is_anonymous: bool = False) -> list[Grant]:
        """Whom a permission names: one subject, or several groups."""
        user = found.references.get("userSubject") or _text(found, "userName")
        group = _text(found, "groupName") or _text(found, "group")
        group_ids = [
            id_
            for id_ in (
                found.references.get("group"), found.references.get("groupName"), _text(found, "groupId"),
                *(_text(found, "groupIds") or "").replace(",", " ").split(), *found.elements.get("groupIds", ()),
            )
            if id_
        ]  # fmt: skip
        subject = _text(found, "allUsersSubject")
        everyone = None
        if subject is not None:
            everyone = _everyone(subject)
            if everyone is None:
                self._note(
                    "unknown-subject", f"{found.name} {found.id} is for users of a kind that is not known"
                )
        elif nobody_is_anonymous and not (_SUBJECTS & found.references.keys() or _SUBJECTS & found.cut):
            everyone = None if user or group or group_ids else "anonymous"
        if len(group_ids) > 1:
            return [
                Grant(user, group, group_ids[0], everyone),
                *(Grant(group_id=id_) for id_ in group_ids[1:]),
            ]
        return [Grant(user, group, group_ids[0] if group_ids else None, everyone)]

    # --- values ----------------------------------------------------------------------------------

    def _number(self, found: XmlObject, name: str) -> int | None:
        text = _text(found, name)
        if text is None:
            return None
        if text.isascii() and text.removeprefix("-").isdigit() and len(text) <= _DIGITS:
            return int(text)
        self._note("bad-number", f"{found.name} {found.id}: its {name} is no number; it is left out")
        return None

    def _note(self, reason: str, what: str) -> None:
        self._staging.note(Oddity(reason, f"{self._name}: {what}"))


_DIGITS: Final = 18
"""Of a number that fits into 64 bits with its sign."""


def _everyone(subject: str) -> str | None:
    word = subject.lower().replace("_", "-")
    if "anonymous" in word:
        return "anonymous"
    return "licensed" if "licensed" in word or "authenticated" in word else None


def _text(found: XmlObject, name: str) -> str | None:
    """The text of a property, without blanks around it; None where there is none."""
    return found.texts.get(name, "").strip() or None
