"""Keeps ONNX exports, a folder each, named by the embedding fingerprint; makes those that are missing.

An export is written beside its place, made durable and renamed, so that a reader finds all of it or
nothing. ``export.json`` names its files with their hashes: what was damaged since is noticed and made
again. The files are plain ONNX, which any later onnxruntime reads.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from blake3 import blake3

from indexer.embedding.model_folder import ModelFolder
from indexer.embedding.onnx_model import OnnxModel
from indexer.embedding.precision import Precision
from indexer.embedding.runtime import Role, first_line
from indexer.errors import EmbeddingError

MANIFEST: Final = "export.json"
FORMAT: Final = 1
"""Of the folder, and of how exports are made. One with another number is made again."""
TIME_LIMIT: Final = 900.0
"""Seconds for one export; the bundled model takes 10."""
_UNFINISHED: Final = ".unfinished"
_LOCK: Final = ".lock"
_log = logging.getLogger("indexer.embedding")


class NoExportError(Exception):
    """There is no ONNX export to use, and none can be made here; the message says why."""


class _DamagedError(Exception):
    """An export is there that cannot be used."""


class ExportCache:
    """The exports under one folder, such as ``<data_dir>/models``, which need not exist yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def obtain(
        self, model: ModelFolder, fingerprint: str, precision: Precision, threads: int | None = None
    ) -> OnnxModel:
        """The export of this fingerprint, loaded to run in `threads`; made first where it is missing or damaged.

        Raises `NoExportError`, and `EmbeddingError` where the model's own files are of no use. Of two
        processes that want the same one, the second waits for what the first makes.
        """
        place = self._folder / fingerprint
        try:
            return _load(place, threads)
        except FileNotFoundError:
            pass
        except _DamagedError as error:
            _log.warning("the ONNX export in %s cannot be used (%s): making it again", place, error)
        with self._making(fingerprint):
            try:
                return _load(place, threads)  # somebody else made it meanwhile
            except (FileNotFoundError, _DamagedError):
                pass
            _log.info("exporting the embedding model %s to ONNX, once: it takes a moment", model.name)
            self._make(model, place, precision)
            try:
                return _load(place, threads)
            except (FileNotFoundError, _DamagedError) as error:
                raise NoExportError(f"what was written to {place} cannot be read back ({error})") from error

    @contextmanager
    def _making(self, fingerprint: str) -> Iterator[None]:
        """Hold the right to write this export; the lock goes with the process."""
        try:
            self._folder.mkdir(exist_ok=True)
            with open(self._folder / f"{fingerprint}{_LOCK}", "wb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise NoExportError(f"{self._folder} cannot be written ({error.strerror})") from error

    def _make(self, model: ModelFolder, place: Path, precision: Precision) -> None:
        fresh = place.with_name(place.name + _UNFINISHED)
        shutil.rmtree(fresh, ignore_errors=True)  # of a process that died: the lock is ours
        fresh.mkdir()
        try:
            found = _export(model, fresh, precision)
            files = {file.name: _digest(file) for file in sorted(fresh.iterdir())}
            manifest = {"format": FORMAT, "precision": precision, **found, "files": files}
            (fresh / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
            for path in (*fresh.iterdir(), fresh):
                _sync(path)
            if place.is_dir():
                shutil.rmtree(place)
            else:
                place.unlink(missing_ok=True)
            fresh.rename(place)
            _sync(place.parent)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def _load(place: Path, threads: int | None) -> OnnxModel:
    """The export in `place`. Raises FileNotFoundError if there is none, `_DamagedError` if it cannot be used."""
    try:
        text = (place / MANIFEST).read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError) as error:
        if place.exists():
            raise _DamagedError(f"{MANIFEST} is missing") from error
        raise FileNotFoundError(place) from error
    except (OSError, ValueError) as error:
        raise _DamagedError(f"{MANIFEST}: {first_line(error)}") from error
    try:
        manifest = json.loads(text)
        if manifest["format"] != FORMAT:
            raise _DamagedError(f"it has format {manifest['format']}, not {FORMAT}")
        files: Mapping[str, str] = manifest["files"]
        for name, digest in files.items():
            if _digest(place / name) != digest:
                raise _DamagedError(f"{name} is not what was written")
        prompts = {role: str(manifest["prompts"][role]) for role in Role}
        return OnnxModel(place, int(manifest["dimension"]), prompts, threads=threads)
    except _DamagedError:
        raise
    except Exception as error:
        raise _DamagedError(first_line(error)) from error


def _export(model: ModelFolder, folder: Path, precision: Precision) -> dict[str, Any]:
    """Run the exporter, which leaves its files in `folder`; what it verified."""
    from indexer.embedding.onnx_export import REFUSED, VERIFIED

    words = [sys.executable, "-m", "indexer.embedding.onnx_export", str(model.path), str(folder), precision]
    # The same modules as here, wherever they come from.
    surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter, a module of this package
            words,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=TIME_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NoExportError(f"the exporter was not done after {TIME_LIMIT:.0f} s") from error
    if done.returncode == 0 and (folder / VERIFIED).exists():
        found: dict[str, Any] = json.loads((folder / VERIFIED).read_bytes())
        (folder / VERIFIED).unlink()
        return found
    if (folder / REFUSED).exists():
        refused = json.loads((folder / REFUSED).read_bytes())
        if refused.get("unusable"):
            raise EmbeddingError(refused["reason"], remedy=refused["remedy"])
        raise NoExportError(refused["reason"])
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    raise NoExportError(f"the exporter ended with {done.returncode}: {said[-1] if said else 'no word'}")


def _digest(file: Path) -> str:
    return f"b3:{blake3(max_threads=blake3.AUTO).update_mmap(file).hexdigest()}"


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
