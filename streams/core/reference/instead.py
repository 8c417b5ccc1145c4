"""A reference that never was: some documents say something else in every load of them.

Promise: numbers of versions, names and days stay, and so does every other document; so a fact finds in it the version
that it cites. What was judged without such a document stays without one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from streams.core.reference.loads import Loaded
from streams.core.reference.versions import Reference

Items = tuple[Any, ...]


def instead(reference: Reference, said: Mapping[tuple[str, str], Items]) -> Reference:
    """The reference in which each of these documents (kind, name) says these items, whenever it was loaded.

    Headers keep the digest of what was loaded.
    """
    return Reference(tuple(_saying(load, said.get(load.document)) for load in reference.loads))


def _saying(load: Loaded, items: Items | None) -> Loaded:
    return load if items is None else Loaded(replace(load.header, items=len(items)), items)
