"""The kinds of connectors. Each is a folder whose __init__ has KIND, and there are three places for such folders:

- connectors/<name>/, those of the hub;
- packages that are installed beside it and name theirs as entry points of the group `threecross.connectors`;
- <name>/ beside the department's file, for whoever connects a department and installs nothing.

A name is there once: what has the name of another one is refused. A folder beside a file is imported under its own
name, so that its modules import each other as its tests do.
"""

from __future__ import annotations

import pkgutil
import re
import sys
import traceback
from collections.abc import Callable
from functools import partial
from importlib import import_module, metadata, util
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import connectors
from connectors.contract import Kind, Refused

GROUP = "threecross.connectors"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


def names(beside: Path | None = None) -> list[str]:
    """Names of all kinds: the hub's, the installed ones, those beside the files of a folder."""
    own = [found.name for found in pkgutil.iter_modules(connectors.__path__) if found.ispkg and _own(found.name)]
    return sorted({*own, *(point.name for point in metadata.entry_points(group=GROUP)), *_folders(beside)})


def kind(name: str, beside: Path | None = None) -> Kind:
    """The kind of this name; no other one is imported. Raises Refused."""
    own, folders = _own(name), _folders(beside)
    points = [point for point in metadata.entry_points(group=GROUP) if point.name == name]
    if (own is not None) + len(points) + (name in folders) > 1:
        raise Refused(f'there are several kinds of connectors "{name}": rename yours')
    if own is not None:
        return own
    if points:
        return _checked(name, _loaded(f"the installed {points[0].value}", points[0].load))
    if name in folders:
        return _checked(name, getattr(_beside(folders[name]), "KIND", None))
    raise Refused(f'there is no kind of connector "{name}"; there are {", ".join(names(beside)) or "none"}')


def forget(name: str, beside: Path) -> None:
    """Import a kind anew when it is next asked for, if it is a folder beside a file: its code may have changed."""
    known = sys.modules.get(name)
    if known is not None and Path(known.__file__ or "").parent == (beside / name).resolve():
        for module in [found for found in sys.modules if found == name or found.startswith(f"{name}.")]:
            del sys.modules[module]


def _own(name: str) -> Kind | None:
    """The hub's own kind of this name: that of the folder connectors/<name>/."""
    if _NAME.fullmatch(name) is None or not any(
        found.name == name and found.ispkg for found in pkgutil.iter_modules(connectors.__path__)
    ):
        return None
    found = getattr(import_module(f"connectors.{name}"), "KIND", None)
    return found if isinstance(found, Kind) and found.name == name else None


def _folders(beside: Path | None) -> dict[str, Path]:
    """Folders that can be kinds, by name."""
    found = sorted(beside.glob("*/__init__.py")) if beside is not None else []
    return {path.parent.name: path.parent for path in found if _NAME.fullmatch(path.parent.name)}


def _checked(name: str, found: object) -> Kind:
    if not isinstance(found, Kind):
        raise Refused(
            f'the kind of connector "{name}" has no KIND in its __init__.py: make one (connectors.contract.Kind)'
        )
    if found.name != name:
        raise Refused(f'the kind of connector "{name}" calls itself "{found.name}": give both the same name')
    return found


def _beside(folder: Path) -> ModuleType:
    """The package in a folder beside a department's file, imported once. Raises Refused."""
    name, init = folder.name, (folder / "__init__.py").resolve()
    known = sys.modules.get(name)
    if known is not None and Path(known.__file__ or "").resolve() == init:
        return known
    if known is not None or _elsewhere(name, init):
        raise Refused(f"{folder}: Python has a module {name} already: rename the folder")
    spec = util.spec_from_file_location(name, init, submodule_search_locations=[str(init.parent)])
    assert spec is not None  # a path to a .py file has one
    module = sys.modules[name] = util.module_from_spec(spec)
    try:
        _loaded(str(folder), partial(_executed, spec, module))
    except Refused:
        del sys.modules[name]
        raise
    return module


def _elsewhere(name: str, init: Path) -> bool:
    """Whether `import name` would find another module than this one."""
    found = util.find_spec(name)
    return found is not None and Path(found.origin or "").resolve() != init


def _executed(spec: ModuleSpec, module: ModuleType) -> None:
    assert spec.loader is not None  # nor is there a spec of a file without one
    spec.loader.exec_module(module)


def _loaded(what: str, load: Callable[[], object]) -> object:
    """What loading gives. Raises Refused, with the place where it failed: the code is that of whoever reads this."""
    try:
        return load()
    except Exception as wrong:  # noqa: BLE001  somebody else's code may raise anything
        last = traceback.extract_tb(wrong.__traceback__)[-1]
        place = f"{Path(last.filename).name}:{last.lineno}"
        raise Refused(f"{what} cannot be imported: {type(wrong).__name__} in {place}: {wrong}") from None
