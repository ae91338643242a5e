"""What one commit did to the files of a tree: added, edited, deleted, renamed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import pygit2
from pygit2.enums import DiffFind

from connectors.git.similarity import alike

_REGULAR: Final = 0o100000
_TYPE: Final = 0o170000
_CANDIDATE: Final = 30
"""Percent of libgit2's own measure from which a pair is looked at; it differs a little from Git's."""
_RENAME_LIMIT: Final = 1000
_FEW: Final = 400
"""Pairs that are compared one by one where libgit2 may not be asked."""
_LARGEST: Final = 8 * 1024 * 1024
"""Bytes; larger files are only taken for renamed where they are equal."""

Selected = Callable[[bytes], bool]
"""Whether the file at a path is a document."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one file. Paths are raw bytes."""

    path: bytes
    blob: pygit2.Oid | None
    """What it holds; None: it is gone."""
    previous: bytes | None = None
    """The path that it had before, where it was renamed."""
    edited: bool = True
    """False where it was renamed and holds what it held."""


def tree_changes(
    repository: pygit2.Repository, before: pygit2.Tree | None, after: pygit2.Tree, selected: Selected
) -> list[Change]:
    """The documents that differ between two trees: deleted ones first, then renamed, then all others, by path.

    Only regular files count: a file that becomes a link or a submodule is gone. A change of
    permissions alone is none. Raises what pygit2 raises for objects that are missing.
    """
    diff = _diff(before, after)
    gone, come = _sides(diff, selected)
    edited = (gone.keys() & come.keys()) - _exchanged(gone, come)
    sources = {path: blob for path, blob in gone.items() if path not in edited}
    targets = {path: blob for path, blob in come.items() if path not in edited}
    renamed = _equal(sources, targets)
    if len(renamed) < min(len(sources), len(targets)):
        renamed |= _similar(repository, diff, sources, targets, renamed)
    origins = set(renamed.values())
    # A file that was renamed onto another's path puts that one out, unless that moved on itself.
    lost = (path for path in sources.keys() - origins if path in renamed or path not in targets)
    changes = [Change(path, None) for path in sorted(lost)]
    changes += [
        Change(path, come[path], renamed[path], edited=come[path] != gone[renamed[path]])
        for path in sorted(renamed)
    ]
    changes += [Change(path, come[path]) for path in sorted((edited | targets.keys()) - renamed.keys())]
    return changes


def plain_changes(
    before: pygit2.Tree | None, after: pygit2.Tree, selected: Selected
) -> dict[bytes, pygit2.Oid | None]:
    """Path → what it holds now, None where nothing, of the documents that differ; renames are not looked for."""
    gone, come = _sides(_diff(before, after), selected)
    return dict.fromkeys(gone) | come


def _diff(before: pygit2.Tree | None, after: pygit2.Tree) -> pygit2.Diff:
    return after.diff_to_tree(swap=True) if before is None else before.diff_to_tree(after)


def _sides(diff: pygit2.Diff, selected: Selected) -> tuple[dict[bytes, pygit2.Oid], dict[bytes, pygit2.Oid]]:
    """Path → blob before, and after, of the documents that differ."""
    gone: dict[bytes, pygit2.Oid] = {}
    come: dict[bytes, pygit2.Oid] = {}
    for delta in diff.deltas:
        old, new = delta.old_file, delta.new_file
        if old.mode & _TYPE == _REGULAR and selected(old.raw_path):
            gone[old.raw_path] = old.id
        if new.mode & _TYPE == _REGULAR and selected(new.raw_path):
            come[new.raw_path] = new.id
    for path in gone.keys() & come.keys():
        if gone[path] == come[path]:
            del gone[path], come[path]  # its permissions alone changed
    return gone, come


def _exchanged(gone: dict[bytes, pygit2.Oid], come: dict[bytes, pygit2.Oid]) -> set[bytes]:
    """Paths at which one file made room for another: what they held is elsewhere now, what they hold was elsewhere.

    Git does not see names that were swapped unless it is asked to break edits apart. Only whole
    files count here, so that no edit is ever mistaken.
    """
    both = gone.keys() & come.keys()
    if not both:
        return set()
    left, arrived = set(gone.values()), set(come.values())
    return {path for path in both if gone[path] in arrived and come[path] in left}


def _equal(sources: dict[bytes, pygit2.Oid], targets: dict[bytes, pygit2.Oid]) -> dict[bytes, bytes]:
    """New path → old path of files that hold what they held; the same name is preferred."""
    holders: dict[pygit2.Oid, list[bytes]] = {}
    for path in sorted(sources):
        holders.setdefault(sources[path], []).append(path)
    wanted = sorted(path for path, blob in targets.items() if blob in holders)
    renamed: dict[bytes, bytes] = {}
    for same_name in (True, False):
        for path in wanted:
            free = holders[targets[path]]
            if path in renamed or not free:
                continue
            if same_name:
                found = next((old for old in free if _name(old) == _name(path)), None)
            else:
                found = next((old for old in free if old != path), None)
            if found is not None and found != path:
                renamed[path] = found
                free.remove(found)
    return renamed


def _name(path: bytes) -> bytes:
    return path.rpartition(b"/")[2]


def _similar(
    repository: pygit2.Repository,
    diff: pygit2.Diff,
    sources: dict[bytes, pygit2.Oid],
    targets: dict[bytes, pygit2.Oid],
    known: dict[bytes, bytes],
) -> dict[bytes, bytes]:
    """New path → old path of files that were renamed and edited: libgit2 proposes, Git's own measure decides."""
    taken = set(known.values())
    left = sorted(path for path in sources if path not in taken)
    wanted = sorted(path for path in targets if path not in known)
    if _weighs_too_much(repository, diff):
        # libgit2 would read all of them. The few pairs that there are, as a rule, are looked at in turn.
        proposed = [(old, new) for new in wanted for old in left] if len(left) * len(wanted) <= _FEW else []
    else:
        try:
            diff.find_similar(
                flags=DiffFind.FIND_RENAMES, rename_threshold=_CANDIDATE, rename_limit=_RENAME_LIMIT
            )
        except (KeyError, pygit2.GitError):
            return {}  # a blob is missing: what cannot be compared was not renamed
        proposed = sorted(_proposed(diff.deltas))
    renamed: dict[bytes, bytes] = {}
    for old, new in proposed:
        if old not in sources or new not in targets or new in known or new in renamed or old in taken:
            continue
        if _alike(repository, sources[old], targets[new]):
            renamed[new] = old
            taken.add(old)
    return renamed


def _weighs_too_much(repository: pygit2.Repository, diff: pygit2.Diff) -> bool:
    """Whether a file that came or went is too large to be compared."""
    for delta in diff.deltas:
        file = {"A": delta.new_file, "D": delta.old_file}.get(delta.status_char())
        if file is None or file.mode & _TYPE != _REGULAR:
            continue
        try:
            if repository.odb.read_header(file.id)[1] > _LARGEST:
                return True
        except (KeyError, pygit2.GitError):
            continue  # a partial clone lacks it
    return False


def _proposed(deltas: Iterable[pygit2.DiffDelta]) -> Iterable[tuple[bytes, bytes]]:
    for delta in deltas:
        if delta.old_file.raw_path != delta.new_file.raw_path and delta.status_char() == "R":
            yield delta.old_file.raw_path, delta.new_file.raw_path


def _alike(repository: pygit2.Repository, before: pygit2.Oid, after: pygit2.Oid) -> bool:
    try:
        if max(repository.odb.read_header(blob)[1] for blob in (before, after)) > _LARGEST:
            return False
        return alike(repository[before].read_raw(), repository[after].read_raw())
    except (KeyError, pygit2.GitError):
        return False
