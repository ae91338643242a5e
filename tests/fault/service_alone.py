"""A service in a mount namespace of its own: `unshare -rm python -m tests.fault.service_alone STORY FOLDER`.

There disks can be small, and shares come and go, without anybody else noticing. Ends with status 0 if
all went as the story claims.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random  # noqa: TID251 - seeded: the same texts in every run

from tests.support.running import Indexed, Running, needs_repair, problems

CONFIGURATION = """\
timezone = "UTC"
data_dir = "{data}"
[embedding]
model = "hashing"
[[source]]
name = "docs"
kind = "files"
root = "docs"
poll_interval = 1
[[source]]
name = "other"
kind = "files"
root = "other"
"""
QUICK = "from indexer.daemon import agenda, room; room.PAUSE = 0.3; agenda.FIRST_RETRY = agenda.LONGEST_RETRY = 0.5"
"""A full disk, and a share that is away, are looked at more often than they would be."""
KIB = 1024


def root_unmounted(place: Path) -> None:
    """A share that is unmounted buries nothing, holds up no other source, and is followed again when it is back."""
    config, docs = _begin(place), place / "docs"
    kept = place / "kept"
    kept.mkdir()
    (kept / "a.md").write_text("Alpha.")
    _run("mount", "--bind", kept, docs)
    with Running(config, prelude=QUICK) as service:
        service.until("indexed", source="docs")
        _run("umount", docs)
        # What is there now is an empty folder on another file system.
        service.until_told("STATUS=watching 2 sources, 1 document")
        service.until("events were lost", source="docs")
        _goes_on(service, config, place)
        assert "a.md" in Indexed(config).texts
        _run("mount", "--bind", kept, docs)
        (kept / "a.md").write_text("Alpha, the second.")
        service.wait(lambda: Indexed(config).texts["a.md"] == "Alpha, the second.", "the share")
        assert service.stop() == 0
    assert [state.kind for state in Indexed(config).line("a.md")] == ["content", "content"]
    assert problems(config) == []


def root_replaced(place: Path) -> None:
    """Another file system in the place of a share buries nothing, however many documents it lacks."""
    config, docs = _begin(place), place / "docs"
    for number in range(3):
        (docs / f"{number}.md").write_text(f"Text {number}.")
    with Running(config, prelude=QUICK) as service:
        service.until("indexed", source="docs")
        _run("mount", "-t", "tmpfs", "none", docs)
        (docs / "foreign.md").write_text("Foreign.")
        service.until_told("STATUS=watching 2 sources")
        service.until("events were lost", source="docs", code="root-replaced")
        _goes_on(service, config, place)
        assert {f"{number}.md" for number in range(3)} <= Indexed(config).texts.keys()
        _run("umount", docs)
        (docs / "3.md").write_text("Text 3.")
        service.wait(lambda: "3.md" in Indexed(config).texts, "the share")
        assert service.stop() == 0
    found = Indexed(config)
    assert all(len(found.line(f"{number}.md")) == 1 for number in range(4))
    assert problems(config) == []


def disk_full(place: Path) -> None:
    """At whichever write of the commit protocol the disk is full: it is said once, waited for, and made up for."""
    small = place / "small"
    small.mkdir()
    _run("mount", "-t", "tmpfs", "-o", "size=40m", "none", small)
    config, chance = _begin(place, data="small/data"), Random(1)
    full_for: Counter[str] = Counter()
    (place / "docs" / "first.md").write_text("First.")
    with Running(config, prelude=QUICK) as service:
        service.until("indexed", source="docs")
        expected = {"first.md": "First."}
        for number, free in enumerate((0, 8, 48, 96, 128, 160, 192, 224, 256, 320, 400)):
            # Does not compress, so that each of the stores takes its size: about 64 KiB.
            text = "\n\n".join(chance.randbytes(1500).hex() for _ in range(40))
            ballast = small / "ballast"
            _fill(ballast, small, free * KIB)
            service.wait(lambda: "waiting for room" not in service.status, "an end of the last one")
            before = len(service.journal)
            (place / "docs" / f"{number}.md").write_text(text)
            expected[f"{number}.md"] = text
            service.wait(
                lambda before=before: any(
                    line["event"] == "indexed" or line["event"].startswith("the disk is full")
                    for line in service.journal[before:]
                ),
                "an end",
            )
            if any(line["event"] == "indexed" for line in service.journal[before:]):
                ballast.unlink()
                continue
            full_for[
                _which(
                    service.until("the disk is full: no work is taken until there is room", after=before)[
                        "detail"
                    ]
                )
            ] += 1
            service.wait(lambda: "waiting for room on the disk" in service.status, "its status")
            assert set(Indexed(config).texts) == expected.keys() - {f"{number}.md"}
            ballast.unlink()
            service.until("there is room on the disk again", after=before)
            service.until("indexed", after=before, source="docs")
            full = [line for line in service.journal[before:] if line["level"] == "error"]
            assert len(full) == 1, full
            assert not needs_repair(config)
        assert service.stop() == 0
    assert Indexed(config).texts == expected
    assert problems(config) == []
    assert full_for.keys() == {"originals", "passages", "catalog"}, full_for


def _which(detail: str) -> str:
    """Which store found no room."""
    return "originals" if "an original" in detail else "passages" if "passages" in detail else "catalog"


def _fill(ballast: Path, folder: Path, free: int) -> None:
    """Leave so many bytes free."""
    found = os.statvfs(folder)
    size = found.f_bavail * found.f_frsize - free
    with open(ballast, "wb") as file:
        while True:
            try:
                return os.posix_fallocate(file.fileno(), 0, size)
            except OSError:
                size -= found.f_frsize


def _goes_on(service: Running, config: Path, place: Path) -> None:
    """The other source is as fresh as ever."""
    (place / "other" / "b.md").write_text("Beta.")
    service.wait(lambda: Indexed(config).texts.get("b.md") == "Beta.", "the other source")


def _begin(place: Path, *, data: str = "data") -> Path:
    for name in ("docs", "other"):
        (place / name).mkdir()
    config = place / "config.toml"
    config.write_text(CONFIGURATION.format(data=data))
    return config


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True)


STORIES = (root_unmounted, root_replaced, disk_full)

if __name__ == "__main__":
    {story.__name__: story for story in STORIES}[sys.argv[1]](Path(sys.argv[2]))
