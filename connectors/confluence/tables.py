"""What an export holds, row by row, whatever its format: the tables of Confluence's own database.

Readers write these rows into a `Staging`, in any order; references are ids that may point forwards or
nowhere. All ids are texts as they stand in the export. Times stay the export's own words: what zone
they are in may be known only at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Kind(StrEnum):
    """What a content object is."""

    PAGE = "page"
    BLOG = "blog"
    COMMENT = "comment"
    ATTACHMENT = "attachment"
    DESCRIPTION = "description"
    """A space's own description: no document, but attachments may hang on it."""


class BodyType(IntEnum):
    """How a body is written: the numbers that exports use, and one for HTML exports."""

    WIKI = 0
    RAW = 1
    """JSON of an app: no text for readers."""
    STORAGE = 2
    VIEW = -1
    """Rendered HTML."""
    TOO_LARGE = -2
    """It was larger than `reading.LARGEST_BODY`, and its text was left out."""


@dataclass(frozen=True, slots=True)
class Space:
    """A space."""

    id: str
    key: str
    name: str
    description: str | None = None
    """Id of its description."""
    home: str | None = None
    """Id of its home page."""
    status: str = "CURRENT"


@dataclass(frozen=True, slots=True)
class ContentObject:
    """A page, a comment or the like in one of its versions, as it stands in the export."""

    id: str
    kind: Kind
    title: str = ""
    """Of a page; of an attachment its file name."""
    version: int | None = None
    status: str = "current"
    """``current``, ``draft``, ``deleted`` or ``archived``, in lower case; a historical version says current as well."""
    original: str | None = None
    """Id of the present object, where this is an earlier version (or a draft) of it."""
    space: str | None = None
    parent: str | None = None
    """Id of the page above a page; of the comment that a comment answers."""
    container: str | None = None
    """Id of what a comment or an attachment belongs to."""
    author: str | None = None
    """Key, account id or name of the last modifier, whichever the export has; resolved by `Staging.person`."""
    modified: str | None = None
    """When this version was made, in the export's own words."""
    message: str | None = None
    """The version comment."""
    media_type: str | None = None
    size: int | None = None
    """Bytes of an attachment."""
    folder: bool = False
    """A folder of the page tree: it has a title and a place, and never a body."""
    file: str | None = None
    """Where an attachment lies in the export, if the reader knows it better than the path rules do."""


@dataclass(frozen=True, slots=True)
class Body:
    """The text of one content object."""

    id: str
    type: int
    """A `BodyType`, or whatever other number the export has."""
    text: str
    content: str | None = None
    """Id of its owner; where it is missing, the owner refers to it (`Staging.refer`)."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody."""

    key: str
    name: str
    """What people call them: the full name where the export has it, else the user name."""
    username: str | None = None
    account: str | None = None
    """Account id (Cloud)."""


@dataclass(frozen=True, slots=True)
class Property:
    """A content property: one that is needed (see `PROPERTIES`)."""

    id: str
    name: str
    value: str
    content: str | None = None


PROPERTIES = frozenset({"MEDIA_TYPE", "FILESIZE"})
"""Names of the properties that are worth keeping; there may be dozens for each page."""


@dataclass(frozen=True, slots=True)
class RestrictionSet:
    """Who may view (or edit) one page: everybody in it, and nobody else."""

    id: str
    type: str
    """``View`` or ``Edit``."""
    content: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """One subject that a restriction set or a space permission names."""

    user: str | None = None
    """Key, account id or name."""
    group: str | None = None
    """Its name."""
    group_id: str | None = None
    everyone: str | None = None
    """``anonymous`` or ``licensed``: all of them."""


@dataclass(frozen=True, slots=True)
class Restriction:
    """A member of a restriction set."""

    id: str
    grant: Grant
    set: str | None = None


class Reference(StrEnum):
    """Collections through which an owner names what belongs to it, where that does not name its owner."""

    BODY = "body"
    HISTORY = "history"
    """A present object names one of its historical ones."""
    PROPERTY = "property"
    RESTRICTION_SET = "restriction-set"
    RESTRICTION = "restriction"
    """A restriction set names a member."""


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something wrong with one object that did not keep the rest from being read."""

    reason: str
    """A code such as ``duplicate-id``."""
    detail: str
    """One line: which file, which object, what is wrong."""
