"""Fold version: a digest of everything that a fold depends on. Rows and snapshots of another version are refolded."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

FOLDED_BY = ("schemas.avro", "streams.core")


@cache
def fold_version(*packages: str) -> str:
    """Hex digest (16 characters) over the sources in FOLDED_BY and in `packages`, names and bytes."""
    digest = hashlib.sha256()
    for package in (*FOLDED_BY, *packages):
        parent, name = package.split(".", 1)
        _add(digest, resources.files(parent).joinpath(name))
    return digest.hexdigest()[:16]


def _add(digest: hashlib._Hash, node: Traversable) -> None:
    if node.is_dir():
        for child in sorted(node.iterdir(), key=lambda c: c.name):
            _add(digest, child)
    elif node.name.endswith((".py", ".avsc", ".toml")):
        digest.update(node.name.encode() + b"\0" + node.read_bytes() + b"\0")
