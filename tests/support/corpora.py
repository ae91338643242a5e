"""Real documents, which are no part of the repository: where they lie, if anywhere.

`$INDEXER_CORPORA` names their folder; without it they are looked for beside the checkout, in
``../shared/corpora``. Tests that want them are skipped where they are not.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

VARIABLE: Final = "INDEXER_CORPORA"
_BESIDE: Final = Path(__file__).parents[2].parent / "shared" / "corpora"


def corpus(name: str) -> Path:
    """The folder of the corpus `name`, such as ``office``; it need not exist."""
    return Path(os.environ.get(VARIABLE) or _BESIDE, name)


def needs_corpus(name: str) -> pytest.MarkDecorator:
    """Skips what it marks where the corpus `name` is not at hand."""
    missing = not corpus(name).is_dir()
    return pytest.mark.skipif(missing, reason=f"no {name} in ${VARIABLE} nor in {_BESIDE}")
