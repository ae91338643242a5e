"""What a model's folder says without loading it: where it is, its dimension, prompts and fingerprint."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from blake3 import blake3

from indexer.embedding.precision import Precision
from indexer.embedding.tokens import bundled_model_folder
from indexer.errors import EmbeddingError

BUNDLED_NAME: Final = "all-minilm-l6-v2"
_PROCEDURES: Final = {
    Precision.FLOAT32: "sentence-transformers; l2; float32; 1",
    Precision.INT8: "onnx; l2; int8, dynamic, per channel; 1",
}
"""What is done around the model files. Change one, and every vector of it is made anew."""
_HUB_NAME: Final = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_WEIGHTS: Final = (".safetensors", ".bin")
_OTHER_FORMATS: Final = (
    "*.onnx",
    "*.h5",
    "*.msgpack",
    "*.ot",
    "*.gguf",
    "*.xml",
    "onnx/*",
    "openvino/*",
    "coreml/*",
)
"""The same weights for other runtimes: neither loaded nor downloaded nor hashed."""
_DESCRIPTIONS: Final = ("*.md", "*.txt.sig", ".*", "LICENSE*", "data_config.json", "train_script.py")
"""Files that say something about a model and change no vector."""


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A sentence-transformers model on disk."""

    name: str
    path: Path

    def dimension(self) -> int:
        """Length of the vectors. Raises `EmbeddingError` where the folder does not say."""
        for module in reversed(self._modules()):
            kind = str(module.get("type", "")).rpartition(".")[2]
            configuration = f"{module.get('path', '')}/config.json".lstrip("/")
            found = _module_dimension(kind, self._read(configuration) if kind != "Normalize" else {})
            if found is not None:
                return found
        raise EmbeddingError(
            f"{self.path} does not say how long its vectors are", remedy="name the folder of a complete model"
        )

    def fingerprint(self, precision: Precision = Precision.FLOAT32) -> str:
        """``<name>-<dimension>-<16 hexadecimal digits>``, over every file that makes the vectors what they are.

        Other precisions than float32 stand before the dimension.

        Pooling, truncation, prompts and normalisation stand in those files; what this package adds
        stands in `_PROCEDURES`. Reads the weights once, memory-mapped: 20 ms for 90 MB when cached.
        """
        hasher = blake3(_PROCEDURES[precision].encode())
        for file in self._files():
            for part in (file.relative_to(self.path).as_posix().encode(), _file_digest(file)):
                hasher.update(len(part).to_bytes(8, "big"))
                hasher.update(part)
        slug = re.sub(r"[^a-z0-9._]+", "-", self.name.lower()).strip("-.") or "model"
        exactness = "" if precision is Precision.FLOAT32 else f"-{precision}"
        return f"{slug[:60]}{exactness}-{self.dimension()}-{hasher.hexdigest()[:16]}"

    def document_prompt(self) -> str:
        """What the model wants before every passage; empty for most."""
        if not (self.path / "config_sentence_transformers.json").exists():
            return ""
        settings = self._read("config_sentence_transformers.json")
        prompts: dict[str, str] = settings.get("prompts") or {}
        for role in ("document", "passage", "corpus"):
            if prompts.get(role):
                return prompts[role]
        return prompts.get(settings.get("default_prompt_name") or "", "")

    def _modules(self) -> list[dict[str, Any]]:
        if (self.path / "modules.json").exists():
            modules = self._read("modules.json")
            return modules if isinstance(modules, list) else []
        if (self.path / "config_sentence_transformers.json").exists():
            raise self._incomplete("modules.json")
        # A bare transformer: sentence-transformers puts mean pooling behind it.
        return [{"path": "", "type": "Transformer"}]

    def _files(self) -> list[Path]:
        for needed in ("config.json", "tokenizer.json"):
            if not (self.path / needed).is_file():
                raise self._incomplete(needed)
        files = [file for file in sorted(self.path.rglob("*")) if file.is_file() and not self._ignored(file)]
        if not any(file.suffix in _WEIGHTS for file in files):
            raise EmbeddingError(
                f"{self.path} holds no weights (*.safetensors)", remedy="copy the model again, completely"
            )
        # Where both formats stand side by side, only safetensors are loaded.
        safe = {file.parent for file in files if file.suffix == ".safetensors"}
        return [file for file in files if not (file.suffix == ".bin" and file.parent in safe)]

    def _incomplete(self, missing: str) -> EmbeddingError:
        return EmbeddingError(
            f"{self.path} holds no complete embedding model ({missing} is missing)",
            remedy="name the folder of a complete sentence-transformers model",
        )

    def _ignored(self, file: Path) -> bool:
        relative = file.relative_to(self.path)
        if any(part.startswith(".") for part in relative.parts):
            return True
        return any(relative.match(pattern) for pattern in (*_OTHER_FORMATS, *_DESCRIPTIONS))

    def _read(self, file: str) -> Any:
        try:
            return json.loads((self.path / file).read_bytes())
        except OSError as error:
            raise EmbeddingError(
                f"cannot read {self.path / file}: {error.strerror}",
                remedy="name the folder of a complete sentence-transformers model",
            ) from error
        except ValueError as error:
            raise EmbeddingError(
                f"{self.path / file} is not JSON: {error}", remedy="copy the model again"
            ) from error


def find_model(model: str | None) -> ModelFolder:
    """The folder of `model`: None is the bundled one, else a path, else a name on the Hugging Face hub.

    Only a hub name that is not on this machine yet makes a network connection, once. Raises
    `EmbeddingError`.
    """
    if model is None:
        return ModelFolder(BUNDLED_NAME, bundled_model_folder())
    path = Path(model).expanduser()
    if path.is_dir():
        return ModelFolder(path.resolve().name, path.resolve())
    if _HUB_NAME.fullmatch(model) and not model.startswith((".", "~")):
        return ModelFolder(model, _hub_snapshot(model))
    raise EmbeddingError(
        f"there is no embedding model at {model}",
        remedy="name an existing folder, or a hub model as owner/name",
    )


def _hub_snapshot(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    ignored = list(_OTHER_FORMATS)
    try:
        return Path(snapshot_download(name, ignore_patterns=ignored, local_files_only=True))
    except (LocalEntryNotFoundError, OSError):
        # Not on this machine yet: the configuration names a hub model, so that it may be fetched.
        pass
    try:
        return Path(snapshot_download(name, ignore_patterns=ignored))
    except Exception as error:
        raise EmbeddingError(
            f"cannot get the embedding model {name} from the hub: {_first_line(error)}",
            remedy="check the name and the network, or download the model and configure its folder",
        ) from error


def _module_dimension(kind: str, configuration: dict[str, Any]) -> int | None:
    if kind == "Dense":
        found = configuration.get("out_features")
    elif kind == "Pooling":
        size = configuration.get("word_embedding_dimension") or configuration.get("embedding_dimension")
        modes = sum(value is True for key, value in configuration.items() if key.startswith("pooling_mode_"))
        found = size * max(modes, 1) if isinstance(size, int) else None
    elif kind == "Transformer":
        found = configuration.get("hidden_size")
    else:
        found = None
    return found if isinstance(found, int) else None


def _file_digest(file: Path) -> bytes:
    try:
        return blake3(max_threads=blake3.AUTO).update_mmap(file).digest()
    except OSError as error:
        raise EmbeddingError(
            f"cannot read {file}: {error.strerror}", remedy="check its permissions"
        ) from error


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
