"""A small wiki that keeps its versions as Confluence does; `confluence_exports` writes it in each format.

wiki = Wiki()                                      # one space, HR, with a home page
page = wiki.page("Leave policy", "<p>Twenty days.</p>", labels=["approved"])
wiki.edit(page, "<p>Thirty days.</p>", message="more")
wiki.attach(page, "form.txt", b"Name:")
write_xml(wiki, folder / "one.zip")

A present object keeps its id for ever, and each edit makes a new object of what was before. Every act
takes an hour of the wiki's clock, and so does an export.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

START = datetime(2025, 1, 6, 9, 0, 0, 250_000, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class User:
    """Somebody. Cloud knows them by the account, everything else by the key."""

    key: str
    name: str
    account: str


@dataclass(slots=True)
class State:
    """One version of an item."""

    id: str
    """Of the object that holds it: the item's own for the present one."""
    number: int | None
    title: str
    body: str | None
    """In storage format; None: an export has no body of it."""
    author: str
    """Key of a user."""
    at: datetime
    message: str = ""
    data: bytes | None = None
    """Of an attachment; None: an export lacks the file."""
    status: str = "current"
    body_type: int = 2


@dataclass(slots=True)
class Space:
    """A space."""

    id: str
    key: str
    name: str
    home: Item | None = None
    viewers: list[str] = field(default_factory=lambda: ["group:staff"])
    """``group:NAME``, ``user:KEY``, ``group-id:ID`` or ``everyone:licensed``."""


@dataclass(slots=True)
class Item:
    """A page, post, comment or attachment with its versions, the present one last."""

    id: str
    kind: str
    """``page``, ``blog``, ``comment`` or ``attachment``."""
    space: Space
    states: list[State]
    parent: Item | None = None
    """The page above; the comment that is answered."""
    container: Item | None = None
    status: str = "current"
    labels: list[str] = field(default_factory=list)
    viewers: list[str] = field(default_factory=list)
    """As those of a space; empty: no restriction of its own."""
    drafts: list[State] = field(default_factory=list)
    folder: bool = False

    @property
    def present(self) -> State:
        """Its present version."""
        return self.states[-1]

    @property
    def title(self) -> str:
        """Its present title; of an attachment the file's name."""
        return self.present.title


class Wiki:
    """A site. Exports take it as it is at the moment."""

    def __init__(self, key: str = "HR", name: str = "Human Resources", *, first_id: int = 100) -> None:
        self._last_id = first_id
        self.now = START
        self.users = {
            "8a7f01": User("8a7f01", "anna", "557058:anna"),
            "8a7f02": User("8a7f02", "ben", "557058:ben"),
        }
        self.spaces: list[Space] = []
        self.items: list[Item] = []
        self.space = self.add_space(key, name)

    def draw_id(self) -> str:
        """An id that nothing has yet."""
        self._last_id += 1
        return str(self._last_id)

    def tick(self) -> datetime:
        """The time after one more hour."""
        self.now += HOUR
        return self.now

    # --- what people make ----------------------------------------------------------------------

    def add_space(self, key: str, name: str) -> Space:
        """A further space with a home page."""
        space = Space(self.draw_id(), key, name)
        self.spaces.append(space)
        space.home = self._item("page", space, f"{name} Home", "<p>Welcome.</p>")
        return space

    def page(
        self,
        title: str,
        body: str | None = "<p>Some words.</p>",
        *,
        parent: Item | None = None,
        space: Space | None = None,
        labels: list[str] | None = None,
    ) -> Item:
        """A new page, below the home page unless it is said where."""
        space = space or (parent.space if parent else self.space)
        item = self._item("page", space, title, body)
        item.parent = parent or space.home
        item.labels = list(labels or [])
        return item

    def blog(self, title: str, body: str) -> Item:
        """A new post."""
        return self._item("blog", self.space, title, body)

    def comment(self, on: Item, body: str, *, answers: Item | None = None) -> Item:
        """A new comment on a page."""
        item = self._item("comment", on.space, "", body)
        item.container, item.parent = on, answers
        return item

    def attach(self, to: Item, name: str, data: bytes | None) -> Item:
        """A new attachment."""
        item = self._item("attachment", to.space, name, None)
        item.present.data, item.container = data, to
        return item

    # --- what people change --------------------------------------------------------------------

    def edit(
        self,
        item: Item,
        body: str | None = None,
        *,
        title: str | None = None,
        data: bytes | None = None,
        message: str = "",
        author: str = "8a7f02",
    ) -> State:
        """A new version; what is not said stays."""
        before = item.present
        item.states[-1] = replace(before, id=self.draw_id())
        after = replace(
            before,
            number=None if before.number is None else before.number + 1,
            title=before.title if title is None else title,
            body=before.body if body is None else body,
            data=before.data if data is None else data,
            message=message,
            author=author,
            at=self.tick(),
        )
        item.states.append(after)
        return after

    def draft(self, item: Item, body: str) -> None:
        """Words that nobody published."""
        item.drafts.append(replace(item.present, id=self.draw_id(), number=1, body=body, at=self.tick()))

    def trash(self, *items: Item) -> None:
        """Put into the trash, from where it can be restored."""
        self.tick()
        for item in items:
            item.status = "deleted"

    def restore(self, item: Item) -> None:
        """Take out of the trash."""
        self.tick()
        item.status = "current"

    def remove(self, item: Item) -> None:
        """Delete for good, with all that hangs on it; pages below move up."""
        self.tick()
        for other in list(self.items):
            if other.container is item:
                self.remove(other)
            elif other.parent is item:
                other.parent = item.parent
        self.items.remove(item)

    def forget(self, item: Item, *numbers: int) -> None:
        """Lose earlier versions, as retention rules do."""
        item.states = [state for state in item.states if state.number not in numbers]

    def discard(self, item: Item, number: int) -> None:
        """Delete one earlier version, so that only its head remains."""
        for state in item.states[:-1]:
            if state.number == number:
                state.status = "deleted"

    # --- inside --------------------------------------------------------------------------------

    def _item(self, kind: str, space: Space, title: str, body: str | None) -> Item:
        id_ = self.draw_id()
        item = Item(id_, kind, space, [State(id_, 1, title, body, "8a7f01", self.tick())])
        self.items.append(item)
        return item
