"""The columns of the passages table, and rows to and from Arrow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from indexer.model import Instant, Row
from indexer.ports import StoredPassage

KEY: Final = "row_no"
"""What a commit merges on."""
TEXT: Final = "embedded"
VECTOR: Final = "vector"
MATCH: Final = (KEY, "passage_no", "document_no")
"""What a search reads of each row that it found."""
PLACE: Final = "_rowid"
"""Where LanceDB has a row, at this version of the table: the quickest way to read it. No column, but asked for like one."""
_NUMBERS: Final = {
    # field of Row -> column; the narrow ones are narrow for the sake of filtered scans
    "no": (KEY, "int64"),
    "passage_no": ("passage_no", "int64"),
    "document_no": ("document_no", "int32"),
    "source_no": ("source_no", "int32"),
    "embed_no": ("embed_no", "int64"),
    "valid_from": ("valid_from", "int64"),
    "valid_to": ("valid_to", "int64"),
    "recorded_from": ("recorded_from", "int64"),
    "recorded_to": ("recorded_to", "int64"),
    "closed_recorded": ("closed_recorded", "int64"),
}
INSTANTS: Final = ("valid_from", "valid_to", "recorded_from", "recorded_to", "closed_recorded")
_PERIOD_BITS: Final = 40
PERIOD: Final[Instant] = 2**_PERIOD_BITS
"""Microseconds of a period: 12.7 days. Of each instant its period is stored as well: there are few
different ones, so that an index finds all rows before or after a period at once, and only the
instants within one period remain to be compared."""


def period_column(column: str) -> str:
    """The column that holds the periods of an instant's column."""
    return f"{column}_period"


def period(instant: Instant) -> int:
    """The period in which `instant` lies; 32 bits hold that of every instant."""
    return instant // PERIOD


def missing_periods(table: Any) -> dict[str, str]:
    """What to add to a table that has no periods yet, as the first layout had none: column → SQL."""
    present = table.schema.names
    return {
        period_column(column): f"cast({column} >> {_PERIOD_BITS} as int)"
        for column in INSTANTS
        if period_column(column) not in present
    }


def schema(dimension: int) -> Any:
    """The Arrow schema of a table of vectors of this length."""
    import pyarrow as pa

    fields = [pa.field(column, kind, nullable=False) for column, kind in _NUMBERS.values()]
    fields += [pa.field(period_column(column), "int32", nullable=False) for column in INSTANTS]
    fields.append(pa.field(TEXT, pa.string(), nullable=False))
    fields.append(pa.field(VECTOR, pa.list_(pa.float32(), dimension), nullable=False))
    return pa.schema(fields)


def to_arrow(passages: Sequence[StoredPassage], dimension: int) -> Any:
    """An Arrow table of `passages`. Raises ValueError for a vector of another length."""
    import pyarrow as pa

    arrays: list[Any] = [
        pa.array([getattr(passage.row, field) for passage in passages], kind)
        for field, (_, kind) in _NUMBERS.items()
    ]
    arrays += [
        pa.array([period(getattr(passage.row, column)) for passage in passages], "int32")
        for column in INSTANTS
    ]
    # A lone surrogate cannot be stored; the catalog has the text as it is, this one is only searched.
    arrays.append(
        pa.array([passage.embedded.encode("utf-8", "replace").decode() for passage in passages], pa.string())
    )
    vectors = np.empty((len(passages), dimension), dtype=np.float32)
    for place, passage in enumerate(passages):
        if passage.vector.shape != (dimension,):
            raise ValueError(f"a vector of shape {passage.vector.shape} for a table of length {dimension}")
        vectors[place] = passage.vector
    arrays.append(pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), dimension))
    return pa.Table.from_arrays(arrays, schema=schema(dimension))


def from_arrow(batch: Any) -> list[StoredPassage]:
    """The passages of an Arrow table or record batch that has all columns.

    Raises ValueError where a period is not its instant's: searches would miss or add rows.
    """
    for column in INSTANTS:
        if period_column(column) not in batch.schema.names:
            continue  # no writer has had this table yet since periods were introduced
        periods = batch.column(period_column(column)).to_numpy()
        if not np.array_equal(batch.column(column).to_numpy() // PERIOD, periods):
            raise ValueError(f"the column {period_column(column)} disagrees with {column}")
    numbers = [batch.column(column).to_pylist() for column, _ in _NUMBERS.values()]
    rows = [Row(**dict(zip(_NUMBERS, values, strict=True))) for values in zip(*numbers, strict=True)]
    texts = batch.column(TEXT).to_pylist()
    return [
        StoredPassage(row, text, vector)
        for row, text, vector in zip(rows, texts, vectors(batch), strict=True)
    ]


def vectors(batch: Any) -> np.ndarray[Any, np.dtype[np.float32]]:
    """The vectors of an Arrow table or record batch, one a line."""
    column = batch.column(VECTOR)
    if hasattr(column, "combine_chunks"):
        column = column.combine_chunks()
    if not len(column):
        return np.zeros((0, column.type.list_size), dtype=np.float32)
    flat = column.flatten().to_numpy(zero_copy_only=False)
    return np.array(flat, dtype=np.float32).reshape(len(column), column.type.list_size)
