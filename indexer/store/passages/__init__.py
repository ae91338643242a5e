"""The passages table: what searches run on, one LanceDB table per embedding fingerprint.

Importing this loads neither LanceDB nor pyarrow; the first touch of a table does.
"""

from indexer.store.passages.table import LancePassages
from indexer.store.passages.upkeep import UpkeepBounds

__all__ = ["LancePassages", "UpkeepBounds"]
