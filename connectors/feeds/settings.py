"""Settings of a department that reads its feed over HTTP. Data, read strictly."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

Hash = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One API key: `sha256` of it in hexadecimal, as `threecross feed key` prints it; `about` says whose it is."""

    sha256: Hash
    about: str = ""


class Feeds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[feeds]`. `keys` may read the department's own subscription and nothing else."""

    keys: Annotated[tuple[Key, ...], Meta(min_length=1)]
    opens: bool = True
    """Texts are opened, each look recorded; without it their references are given."""
    most_items: Annotated[int, Meta(ge=1, le=5_000)] = 1_000
    """Items in one answer, at most."""
    most_seconds: Annotated[float, Meta(ge=0, le=300)] = 60.0
    """How long a question may wait for an item."""
    most_readers: Annotated[int, Meta(ge=1, le=1_000)] = 32
    """How many may read at a time."""
