"""What a source shows: events about documents, their versions, and what could not be seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from indexer.model import Instant, TimeBasis


@dataclass(frozen=True, slots=True)
class SourceTime:
    """A time that the source gives for a state, and which clock it was read from."""

    instant: Instant
    basis: TimeBasis


@dataclass(frozen=True, slots=True)
class Content:
    """A document's bytes, with the stat that belongs to exactly these bytes."""

    data: bytes
    etag: str | None = None
    """Replaces the listing's etag: the file may have changed since it was listed."""
    times: tuple[SourceTime, ...] = ()
    settled: bool = True
    """False when a later edit could leave the same etag (the clock's granularity): read it again next time."""
    file_id: str | None = None
    """Replaces the listing's: another file may have been moved to the key since."""


@dataclass(frozen=True, slots=True)
class Observed:
    """A document has this state.

    A *snapshot* source (a folder) leaves `origin` None: it knows only the present, so the core
    compares etags and contents with what is recorded, finds renames, and assigns the instant from
    `times` (best first). A *history* source (Git, a wiki) names each state by an immutable
    `origin`; observing a known one again changes nothing.
    """

    key: str
    """Without two slashes in a row: such keys are those of attachments."""
    read: Callable[[], Content]
    """Reads the bytes; called only when the core needs them. Raises `ReadError`, or `SourceError` where it is the
    whole source that went away."""
    times: tuple[SourceTime, ...] = ()
    origin: str | None = None
    etag: str | None = None
    """Cheap to compute; equal etags mean equal bytes, so that nothing is read."""
    file_id: str | None = None
    """Survives a rename (an inode). A hint that is checked, since numbers are used again."""
    size: int | None = None
    lineage: str | None = None
    """The source's own immutable identity of the document (a page id). Without it the key, followed through renames, is its identity."""
    sequence: int | None = None
    """The state's place in its document's history, increasing; None puts it after all that is known. Lower than known ones: late history."""
    previous_key: str | None = None
    """Renamed and edited in one step: the key that it had before."""
    exchanged: bool = False
    """`previous_key` means the document that was there until another one was renamed onto it, at whatever
    time: names were swapped in several steps that are told as one."""
    aside: bool = False
    """Never was on the line of history (a tag's own content): reachable by label, never as-of."""
    author: str | None = None
    message: str | None = None
    title: str | None = None
    labels: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Renamed:
    """A document got another key and kept its content: a version with the same manifest."""

    key: str
    previous_key: str
    origin: str
    time: SourceTime
    lineage: str | None = None
    sequence: int | None = None
    author: str | None = None
    message: str | None = None
    exchanged: bool = False
    """As of `Observed`."""


@dataclass(frozen=True, slots=True)
class Absent:
    """The source says outright that the document is gone (a commit that deletes it). Always buries."""

    key: str
    time: SourceTime
    origin: str
    lineage: str | None = None
    sequence: int | None = None
    author: str | None = None
    message: str | None = None
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The source took states back (history rewritten): they stay citable and known-at finds them."""

    key: str
    origins: tuple[str, ...]
    lineage: str | None = None


@dataclass(frozen=True, slots=True)
class Unwanted:
    """The settings leave a document out: all its states are taken back, as by `Withdrawn`, until they are told again."""

    key: str
    lineage: str


@dataclass(frozen=True, slots=True)
class Relabelled:
    """A state's labels are now exactly these (a tag moved)."""

    key: str
    origin: str
    labels: tuple[str, ...]
    lineage: str | None = None


@dataclass(frozen=True, slots=True)
class Described:
    """What the source says of a document as a whole, apart from its versions. Documents with a lineage only.

    It replaces what was said before, unless the `Survey` that it belongs to is a late or an incomplete one: that
    only fills in what nothing is known of yet. A name without values says that there are none; one that is
    left out says nothing.
    """

    key: str
    lineage: str
    attributes: Mapping[str, tuple[str, ...]]
    """Name → values, sorted. The core knows ``label`` (words by which people sort documents), ``path``
    (where it stands in the source's own tree, parts joined by slashes) and ``access`` (who may see it: one JSON
    object, see `docs/confluence.md`)."""


@dataclass(frozen=True, slots=True)
class Survey:
    """From here to `Surveyed`, what is told is what one look at a scope saw: each document with all its states there.

    For sources that are looked at as a whole, again and again, and in whatever order (exports). Documents have
    lineages, all events of one stand together, and the last says how the look found it: `Observed`, or `Absent`.
    Recorded states that are not told again stand all the same. States of one document at one `sequence`
    whose origins begin differently, up to the first colon, are one state in two renderings: the recorded one stands.
    """

    scope: str
    """How the lineages of its documents begin."""
    time: SourceTime
    """When the look was taken."""
    complete: bool = True
    """False: what is not told of may still be there."""
    superseded: SourceTime | None = None
    """Set where a later look was told before: the time of the first one after this. This look then only fills in
    history; a document that no later look has is gone since then."""


@dataclass(frozen=True, slots=True)
class Surveyed:
    """The end of a `Survey`: where it is complete, live documents of its scope of which nothing was told are gone
    since it was taken. A `Checkpoint` or `ListingEnd` follows.
    """


@dataclass(frozen=True, slots=True)
class Working:
    """Nothing to tell yet, though the source is being looked at. Anywhere in a listing, and it means nothing for that.

    A connector says so about once a second or more often while it tells nothing else, so that whoever listens can look at
    something more urgent in between, or stop.
    """


@dataclass(frozen=True, slots=True)
class Remark:
    """Something odd about the source that cost no document: told once, for people to see."""

    detail: str
    """One line: what, where, what to do."""


@dataclass(frozen=True, slots=True)
class Retold:
    """The first event of a listing that tells the whole history from its beginning, whatever is known.

    States are matched by their origins, so that nothing depends on what was at a key when it was
    committed: known states change nothing, and documents of which nothing is told are gone (see
    `ListingEnd.complete`). It has no checkpoints: the core folds document by document, commits as
    it likes, and is told everything again after an interruption.
    """

    history_open: bool = False
    """Older history may be told later, so that version numbers are provisional."""
    exact: bool = False
    """True: known states that are not told again were taken back. False: only those of revisions that
    have not `Landed` again; the others stand."""


@dataclass(frozen=True, slots=True)
class Formerly:
    """After a `Retold`: the document at `key`, at this point of the listing, once had a state told as `origin`.

    That state is not told any more, where the listing is exact; it only says which document it is.
    """

    key: str
    origin: str
    lineage: str | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """A state of the whole source on its line, such as a commit of the branch."""

    id: str
    """Its full name, hexadecimal digits in lower case."""
    sequence: int
    """Its place: of each document it shows the state with the greatest `sequence` up to this one."""


@dataclass(frozen=True, slots=True)
class Landed:
    """These revisions are on the source's line from now on, so that they can select versions.

    After a `Retold` the line consists of exactly those told in that listing.
    """

    revisions: tuple[Revision, ...]


@dataclass(frozen=True, slots=True)
class Offshoot:
    """A revision beside the line, told by how it differs from the line at one place."""

    sequence: int
    """The place on the line that it is compared with."""
    states: Mapping[str, str | None]
    """Key → the origin of the state that it has there instead (one that was told on the line, or one of
    `aside`); None where it has nothing at a key at which the line has something."""
    aside: tuple[Observed, ...]
    """States that never were on the line, each `aside` and with the offshoot's `sequence`."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """Every tag of the source: name → the full name of the revision that it stands at.

    The last event but `Unknown` and `ListingEnd`; behind a `Checkpoint`, unless everything is `Retold`.
    Tags that are not among these were deleted. They are labels of whatever version a document has
    at that revision, which is resolved when somebody asks.
    """

    tags: Mapping[str, str]
    look: Callable[[str], Offshoot | None]
    """Looks at a revision that is not on the line; called only for those that are not known yet, before
    the listing goes on. None where it cannot be compared with anything that was told."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A scope could not be seen: nothing missing under it counts as deleted. What is observed in it counts."""

    scope: str
    """A key prefix without a trailing slash; empty for the whole source."""
    reason: str
    """A code: ``permission``, ``missing``, ``other-device``, ``damaged``, ``network`` …"""
    detail: str
    """One line for people: what, where, what to do."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything before this is safe to commit together with `cursor`; a restart goes on from it.

    What lies between two checkpoints is held in memory and commits as one: a history source puts
    one at least every few hundred events.
    """

    cursor: str
    done: int = 0
    """How far the listing is, of `total`, in whatever unit the source counts; 0 where it does not."""
    total: int = 0


@dataclass(frozen=True, slots=True)
class ListingEnd:
    """The last event of every listing."""

    complete: bool
    """True: every document that exists was observed in this very listing or lies under an `Unknown`, so
    that omission buries. A listing that goes on from a checkpoint is never complete."""
    cursor: str | None


Event = (
    Observed
    | Renamed
    | Absent
    | Withdrawn
    | Unwanted
    | Relabelled
    | Described
    | Survey
    | Surveyed
    | Remark
    | Working
    | Retold
    | Formerly
    | Landed
    | Tagged
    | Unknown
    | Checkpoint
    | ListingEnd
)
