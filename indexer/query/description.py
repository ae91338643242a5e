"""What a source says of a document as a whole: read from the attributes that the catalog keeps."""

from __future__ import annotations

import json
from typing import Any, Final

from indexer.errors import DamagedStoreError
from indexer.model import Document
from indexer.query.results import Description
from indexer.query.view import View

LABEL: Final = "label"
"""The attribute whose values are words by which people sort documents."""
PATH: Final = "path"
"""The attribute that says where a document stands in its source's tree, in every spelling."""
ACCESS: Final = "access"
"""The attribute that says who may see a document: one JSON object."""


def described(view: View, document: Document) -> Description:
    """What is said of `document` as believed at the view's instant."""
    said = view.snapshot.attributes([document.no], view.known_at).get(document.no, {})
    # Of several spellings the shortest is the plain one: without the home page, and with the space's key.
    path = min(said.get(PATH, ()), key=lambda spelling: (len(spelling), spelling), default=None)
    return Description(said.get(LABEL, ()), path, _access(document, said.get(ACCESS, ())))


def _access(document: Document, values: tuple[str, ...]) -> dict[str, Any] | None:
    """Raises `DamagedStoreError`: nobody may take what cannot be read for "everybody may see it"."""
    if not values:
        return None
    try:
        access = json.loads(values[0])
        if len(values) > 1 or not isinstance(access, dict):
            raise ValueError("it is not one JSON object")
    except ValueError as error:
        raise DamagedStoreError(
            f"who may see {document.key} cannot be read from the catalog ({error})",
            remedy="put the catalog back from a backup",
        ) from error
    return access
