"""A share that somebody works on without rest: files and folders are edited, moved, copied, deleted and taken back."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

from benchmarks.texts import Author

FOLDERS = ("hr", "it", "legal", "sales", "hr/policies", "it/servers", "it/desks", "legal/contracts")
_DAY = 86_400_000_000_000  # [ns]


class Work:
    """Operations on a folder; equal seeds make equal operations, as long as the folder began empty."""

    def __init__(self, root: Path, documents: int, seed: int) -> None:
        self.root = root
        self._random = random.Random(seed)
        self._author = Author(seed)
        self._about = documents
        self._names = 0
        self._former: list[tuple[bytes, int]] = []
        """Contents that were replaced, with their times of modification [ns]."""
        self.done: dict[str, int] = {}
        """How often each kind of operation was done."""
        self.content = 0
        """Bytes of all that was ever written."""
        root.mkdir(parents=True, exist_ok=True)
        for _ in range(documents):
            self._create()
        self._kinds: dict[str, tuple[int, Callable[[], None]]] = {
            "edit": (48, self._edit),
            "create": (10, self._create),
            "delete": (9, self._delete),
            "rename": (7, self._rename),
            "move": (7, self._move),
            "rename a folder": (2, self._rename_folder),
            "copy": (4, self._copy),
            "revert": (6, self._revert),
            "rewrite through a temporary file": (5, self._replace),
            "delete and write again": (2, self._recreate),
        }

    def step(self) -> None:
        """One operation."""
        kinds = list(self._kinds)
        kind = self._random.choices(kinds, [self._kinds[kind][0] for kind in kinds])[0]
        self._kinds[kind][1]()
        self.done[kind] = self.done.get(kind, 0) + 1

    def files(self) -> list[Path]:
        """All documents, by path."""
        return sorted(
            Path(place, name) for place, _, names in os.walk(self.root) for name in names if name[0] != "."
        )

    def contents(self) -> dict[str, bytes]:
        """Key → bytes of every document."""
        return {file.relative_to(self.root).as_posix(): file.read_bytes() for file in self.files()}

    # --- operations ---------------------------------------------------------------------------

    def _edit(self) -> None:
        file = self._any()
        self._write(file, self._edited(file))

    def _create(self) -> None:
        # Few documents are edited, deleted and created as often as they are, so that there are always about as many.
        if self.done and len(self.files()) > 1.2 * self._about:
            self._delete()
            return
        passages = self._random.choice((1, 1, 2, 3, 5))
        self._write(self._new_place(), self._author.document(passages).encode())

    def _delete(self) -> None:
        if len(self.files()) < 0.8 * self._about:
            self._create()
            return
        self._forget(self._any()).unlink()

    def _rename(self) -> None:
        file = self._any()
        file.rename(file.with_name(self._name()))

    def _move(self) -> None:
        self._any().rename(self._new_place())

    def _rename_folder(self) -> None:
        folders = [Path(place) for place, _, _ in os.walk(self.root) if Path(place) != self.root]
        folder = self._random.choice(sorted(folders))
        self._names += 1
        folder.rename(folder.with_name(f"{folder.name.partition('-')[0]}-{self._names}"))

    def _copy(self) -> None:
        if len(self.files()) < 1.2 * self._about:
            shutil.copyfile(self._any(), self._new_place())

    def _revert(self) -> None:
        """What was replaced comes back, half of the time with a time of the day before, as from a backup."""
        if self._former:
            data, modified = self._random.choice(self._former)
            file = self._any()
            self._write(file, data)
            if self._random.random() < 0.5:
                os.utime(file, ns=(modified - _DAY, modified - _DAY))

    def _replace(self) -> None:
        file = self._any()
        data = self._edited(file)
        temporary = file.with_name(f".{file.name}.tmp")
        temporary.write_bytes(data)
        temporary.replace(file)
        self.content += len(data)

    def _recreate(self) -> None:
        file = self._any()
        data = self._edited(file)
        self._forget(file).unlink()
        self._write(file, data)

    # --- parts ----------------------------------------------------------------------------------

    def _any(self) -> Path:
        return self._random.choice(self.files())

    def _edited(self, file: Path) -> bytes:
        return self._author.edit(file.read_text(encoding="utf-8"))[0].encode() or b"Nothing is left.\n"

    def _write(self, file: Path, data: bytes) -> None:
        if file.exists():
            self._forget(file)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        self.content += len(data)

    def _forget(self, file: Path) -> Path:
        if len(self._former) < 200 or self._random.random() < 0.05:
            if len(self._former) == 200:
                self._former.pop(self._random.randrange(200))
            self._former.append((file.read_bytes(), file.stat().st_mtime_ns))
        return file

    def _new_place(self) -> Path:
        folders = sorted(
            {*(file.parent for file in self.files()), *(self.root / name for name in FOLDERS[:2])}
        )
        if len(folders) < len(FOLDERS):
            folders.append(self.root / self._random.choice(FOLDERS))
        folder = self._random.choice(folders)
        folder.mkdir(parents=True, exist_ok=True)
        return folder / self._name()

    def _name(self) -> str:
        self._names += 1
        return f"document-{self._names:06}.md"
