"""The kinds of connectors: each is a folder connectors/<name>/ whose __init__ has KIND. Nothing else is registered."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import connectors
from connectors.contract import Kind, Refused


def names() -> list[str]:
    """Names of all kinds that this version has."""
    return sorted(kind.name for kind in _all())


def kind(name: str) -> Kind:
    """The kind of this name. Raises Refused."""
    for found in _all():
        if found.name == name:
            return found
    raise Refused(f'there is no kind of connector "{name}"; there are {", ".join(names()) or "none"}')


def _all() -> list[Kind]:
    folders = [found.name for found in pkgutil.iter_modules(connectors.__path__) if found.ispkg]
    made = [getattr(import_module(f"connectors.{name}"), "KIND", None) for name in folders]
    return [found for found in made if isinstance(found, Kind)]
