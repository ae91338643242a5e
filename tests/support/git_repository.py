"""Small Git repositories for tests, made object by object: `GitRepository`.

    repository = GitRepository(folder)
    first = repository.write("leave.md", "Twenty days.").commit("Leave")
    repository.move("leave.md", "hr/leave.md").commit()
    repository.switch("draft").write("draft.md", "…").commit()
    repository.switch("main").merge("draft")
    repository.reset(first)                     # a force push

Nothing is checked out: the connector reads objects only. Each commit is an hour later than the one
before, unless it is told when it is.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pygit2
from pygit2.enums import ObjectType

from tests.support.git_remotes import run_git

FILE: Final = 0o100644
PROGRAM: Final = 0o100755
LINK: Final = 0o120000
SUBMODULE: Final = 0o160000
_TREE: Final = 0o040000

BEGIN: Final = 1_704_103_200
"""2024-01-01T10:00:00Z, in seconds: when the first commit is made."""
HOUR: Final = 3600

Files = dict[bytes, tuple[int, str]]
"""Path → (mode, id of the object)."""
Path_ = str | bytes


def seconds(date: str) -> int:
    """The instant of a date or time, in UTC, as Git counts."""
    return int(datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp())


class GitRepository:
    """A repository with a ``.git`` folder (or a bare one) and what the next commit of its branch will hold."""

    def __init__(self, folder: Path, *, bare: bool = False) -> None:
        self.folder = folder
        self.handle = pygit2.init_repository(str(folder), bare=bare, initial_head="main")
        self.branch = "main"
        self.now = BEGIN
        """Committer time of the next commit, in seconds."""
        self.files: Files = {}

    @property
    def store(self) -> Path:
        """The folder that holds the objects and references."""
        return Path(self.handle.path)

    @property
    def tip(self) -> str:
        """The last commit of the branch."""
        return str(self.handle.references[f"refs/heads/{self.branch}"].target)

    def git(self, *arguments: str) -> str:
        """Run git here."""
        return run_git(self.folder, *arguments)

    # --- what the next commit holds -----------------------------------------------------------

    def write(self, path: Path_, text: str | bytes, mode: int = FILE) -> GitRepository:
        """A file with these bytes; with other modes a link to them, say."""
        self.files[_raw(path)] = (mode, self._put(ObjectType.BLOB, _raw(text)))
        return self

    def place(self, path: Path_, mode: int, object_id: str) -> GitRepository:
        """An entry that stands at any object, there or not, such as a submodule."""
        self.files[_raw(path)] = (mode, object_id)
        return self

    def remove(self, *paths: Path_) -> GitRepository:
        """These files go."""
        for path in paths:
            del self.files[_raw(path)]
        return self

    def move(self, path: Path_, to: Path_) -> GitRepository:
        """The file gets another path, in place of any that was there."""
        self.files[_raw(to)] = self.files.pop(_raw(path))
        return self

    def rotate(self, *paths: Path_) -> GitRepository:
        """What the first holds goes to the second, and so on; what the last holds to the first."""
        held = [self.files[_raw(path)] for path in paths]
        for path, entry in zip(paths, held[-1:] + held[:-1], strict=True):
            self.files[_raw(path)] = entry
        return self

    # --- commits ------------------------------------------------------------------------------

    def commit(
        self,
        message: str | bytes = "a change",
        *,
        at: int | str | None = None,
        author: str | bytes = "Someone",
        encoding: str | bytes | None = None,
        parents: list[str] | None = None,
        amend: bool = False,
    ) -> str:
        """Commit what there is on the branch; its id. `at` in seconds, or a date. `amend` replaces the last one."""
        if at is not None:
            self.now = seconds(at) if isinstance(at, str) else at
        reference = f"refs/heads/{self.branch}"
        if parents is None:
            held = self.handle.references.get(reference)
            parents = [] if held is None else [str(held.target)]
            if amend:
                parents = [str(parent) for parent in self.handle[parents[0]].parent_ids]
        person = _raw(author) + b" <someone@example.org> %d +0000" % self.now
        lines = [b"tree " + self.tree(self.files).encode()]
        lines += [b"parent " + parent.encode() for parent in parents]
        lines += [b"author " + person, b"committer " + person]
        if encoding is not None:
            lines.append(b"encoding " + _raw(encoding))
        made = self._put(ObjectType.COMMIT, b"\n".join(lines) + b"\n\n" + _raw(message))
        self.handle.references.create(reference, made, force=True)
        self.now += HOUR
        return made

    def merge(self, *branches: str, message: str = "a merge", at: int | str | None = None) -> str:
        """Take over what each of these branches changed since it left this one, and commit with all as parents."""
        parents = [self.tip]
        for branch in branches:
            other = str(self.handle.references[f"refs/heads/{branch}"].target)
            base = self.read(str(self.handle.merge_base(self.tip, other)))
            theirs = self.read(other)
            for path in base.keys() | theirs.keys():
                if base.get(path) != theirs.get(path):
                    self.files.pop(path, None)
                    if path in theirs:
                        self.files[path] = theirs[path]
            parents.append(other)
        return self.commit(message, at=at, parents=parents)

    def switch(self, branch: str, start: str | None = None) -> GitRepository:
        """Go to a branch; a new one begins at `start` (here, if None)."""
        reference = f"refs/heads/{branch}"
        if self.handle.references.get(reference) is None:
            self.handle.references.create(reference, start or self.tip)
        self.branch = branch
        self.files = self.read(self.tip)
        return self

    def orphan(self, branch: str) -> GitRepository:
        """Go to a new branch that shares nothing with the others; its first commit creates it."""
        self.branch, self.files = branch, {}
        return self

    def reset(self, commit: str) -> GitRepository:
        """The branch stands at this commit from now on."""
        self.handle.references.create(f"refs/heads/{self.branch}", commit, force=True)
        self.files = self.read(commit)
        return self

    def tag(self, name: str, commit: str | None = None, *, annotated: bool = False) -> GitRepository:
        """A tag at a commit (the tip); it moves if there is one."""
        target = commit or self.tip
        if annotated:
            said = f"object {target}\ntype commit\ntag {name}\ntagger Someone <someone@example.org> {BEGIN} +0000\n\n{name}\n"
            target = self._put(ObjectType.TAG, said.encode())
        self.handle.references.create(f"refs/tags/{name}", target, force=True)
        return self

    def untag(self, name: str) -> GitRepository:
        """The tag is deleted."""
        self.handle.references.delete(f"refs/tags/{name}")
        return self

    # --- other repositories -------------------------------------------------------------------

    def clone(self, folder: Path, *options: str) -> Path:
        """A bare clone as git makes it with these options, over the protocol; all branches and tags."""
        self.handle.config["uploadpack.allowFilter"] = True
        self.handle.config["uploadpack.allowAnySHA1InWant"] = True
        self.git("clone", "--quiet", "--bare", *options, f"file://{self.folder}", str(folder))
        return folder

    def repack(self) -> None:
        """Everything into one pack; what no reference reaches is removed at once."""
        self.git("-c", "gc.reflogExpire=now", "gc", "--quiet", "--prune=now")

    def damage_packs(self) -> None:
        """Cut every pack off in its middle."""
        for pack in (self.store / "objects" / "pack").glob("*.pack"):
            pack.chmod(0o644)
            with pack.open("r+b") as file:
                file.truncate(pack.stat().st_size // 2)

    def take_away(self, to: Path) -> None:
        """Move the whole repository elsewhere."""
        shutil.move(str(self.folder), str(to))

    # --- objects ------------------------------------------------------------------------------

    def tree(self, files: Mapping[bytes, tuple[int, str]]) -> str:
        """The tree that holds these files."""
        entries: Files = {}
        below: dict[bytes, Files] = {}
        for path, entry in files.items():
            folder, slash, rest = path.partition(b"/")
            if slash:
                below.setdefault(folder, {})[rest] = entry
            else:
                entries[path] = entry
        entries |= {folder: (_TREE, self.tree(inside)) for folder, inside in below.items()}
        ordered = sorted(entries, key=lambda name: name + b"/" * (entries[name][0] == _TREE))
        data = b"".join(
            b"%o %s\0" % (entries[name][0], name) + bytes.fromhex(entries[name][1]) for name in ordered
        )
        return self._put(ObjectType.TREE, data)

    def read(self, commit: str) -> Files:
        """What a commit holds."""
        return _flat(self.handle[commit].peel(pygit2.Tree))

    def delete_object(self, object_id: str) -> bytes:
        """Remove a loose object, as if it had never been fetched; its bytes on disk, for `restore_object`."""
        place = self.store / "objects" / object_id[:2] / object_id[2:]
        data = place.read_bytes()
        place.chmod(0o644)
        place.unlink()
        return data

    def restore_object(self, object_id: str, data: bytes) -> None:
        """Undo `delete_object`."""
        place = self.store / "objects" / object_id[:2] / object_id[2:]
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(data)

    def _put(self, kind: ObjectType, data: bytes) -> str:
        return str(self.handle.write(kind, data))


def _raw(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _flat(tree: pygit2.Tree, above: bytes = b"") -> Files:
    found: Files = {}
    for entry in tree:
        path = above + entry.raw_name
        if isinstance(entry, pygit2.Tree):
            found |= _flat(entry, path + b"/")
        else:
            found[path] = (int(entry.filemode), str(entry.id))
    return found
