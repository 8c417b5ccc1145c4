"""Sample values of a schema, made without chance: golden bytes and the compatibility check use them."""

import json
from itertools import chain
from typing import Any

_NUMBERS: dict[str, list[Any]] = {"boolean": [True, False], "int": [7, -1], "long": [1, 300], "double": [113.97, -0.5]}
_MICROS = [1_795_000_000_000_000, 1_795_000_000_000_001]


def plain(document: Any) -> Any:
    """A schema without logical types, so that readers yield the bare values."""
    if isinstance(document, dict):
        return {k: plain(v) for k, v in document.items() if k != "logicalType"}
    return [plain(v) for v in document] if isinstance(document, list) else document


def samples(document: Any) -> list[Any]:
    """Values of a schema that visit every branch, every symbol, empty and filled arrays. The first one is full."""
    return _samples(document, {}, "")


def _samples(node: Any, named: dict[str, Any], path: str) -> list[Any]:
    if isinstance(node, list):
        branches = sorted(node, key=lambda branch: branch == "null")
        return list(chain.from_iterable(_samples(branch, named, path) for branch in branches))
    if isinstance(node, str):
        return _samples(named[node], named, path) if node in named else _primitive(node, "", path)
    kind = node["type"]
    if kind in ("record", "enum", "fixed"):
        named[f"{node['namespace']}.{node['name']}"] = named[node["name"]] = node
    if kind == "record":
        return _records(node, named, path)
    if kind == "enum":
        return list(node["symbols"])
    if kind == "fixed":
        return [bytes((len(path) + n) % 256 for n in range(node["size"]))]
    if kind == "array":
        items = _samples(node["items"], named, path)
        return [(items * 2)[: max(2, len(items))], []]
    return _primitive(kind, node.get("logicalType", ""), path)


def _records(node: Any, named: dict[str, Any], path: str) -> list[Any]:
    columns = {f["name"]: _samples(f["type"], named, f"{path}/{f['name']}") for f in node["fields"]}
    rows = max(map(len, columns.values()))
    return [{name: values[row % len(values)] for name, values in columns.items()} for row in range(rows)]


def _primitive(name: str, logical: str, path: str) -> list[Any]:
    if name == "null":
        return [None]
    if logical == "uuid":
        return [_uuid(path)]
    if logical:
        return list(_MICROS)
    if name in ("string", "bytes"):
        texts = [f"{path} 春晓街", "x" * 70, ""]
        return texts if name == "string" else [t.encode() for t in texts]
    return [*_NUMBERS[name]]


def _uuid(path: str) -> str:
    seed = json.dumps(path).encode().hex().rjust(32, "0")[-32:]
    return f"{seed[:8]}-{seed[8:12]}-5{seed[13:16]}-8{seed[17:20]}-{seed[20:]}"
