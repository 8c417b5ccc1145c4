"""Rows of a document's items, each with the line where it stands: from the TOML itself, a CSV table, or GeoJSON."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.reference.problems import bad

_ITEM = re.compile(r"^\s*(?:\[\[items\]\]|\{)")
_FEATURE = re.compile(r'"type"\s*:\s*"Feature"')


@dataclass(frozen=True, slots=True)
class Row:
    """Field → value, where the row stands, and what the file calls a field (a header, a key)."""

    path: Path
    line: int
    values: Mapping[str, Any]
    columns: Mapping[str, str]

    def named(self, field: str) -> str:
        """What stands over the field in the file: `column 3 (网格编码)` of a table, a key elsewhere."""
        first = field.partition(".")[0]
        return self.columns.get(first, f"key {field}")


def of_toml(path: Path, text: str, items: list[dict[str, Any]]) -> Iterator[Row]:
    """The items in the document itself. A line is that of `[[items]]` or, in a list, of the item's brace."""
    lines = [number for number, line in enumerate(text.splitlines(), 1) if _ITEM.match(line)]
    for n, values in enumerate(items):
        yield Row(path, lines[n] if n < len(lines) else 0, values, {})


def decoded(path: Path) -> str:
    """Text of a file in UTF-8 or GB18030. Raises BadDocuments."""
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
    raise bad(path, line, "", "it is neither UTF-8 nor GB18030; save it again as UTF-8")


def of_csv(path: Path, renamed: Mapping[str, str]) -> Iterator[Row]:
    """The rows of a table. `renamed`: header in the file → field. Raises BadDocuments."""
    reader = csv.reader(io.StringIO(decoded(path), newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if twice := [h for n, h in enumerate(header) if h in header[:n]]:
            raise bad(path, 1, f"column {twice[0]}", "stands twice")
        fields = [renamed.get(cell, cell) for cell in header]
        columns = {f: f"column {n} ({h})" for n, (f, h) in enumerate(zip(fields, header, strict=True), 1)}
        line = reader.line_num + 1
        for cells in reader:
            if any(cells):
                if len(cells) != len(fields):
                    raise bad(path, line, f"column {len(cells)}", f"{len(cells)} cells where {len(fields)} belong")
                yield Row(path, line, dict(zip(fields, cells, strict=True)), columns)
            line = reader.line_num + 1
    except csv.Error as error:
        raise bad(path, reader.line_num, "", f"it is no table: {error}") from None


def of_geojson(path: Path, renamed: Mapping[str, str]) -> Iterator[Row]:
    """The features of a collection: properties are fields, the geometry is the field `geometry`."""
    text = decoded(path)
    try:
        document = json.loads(text)
        features = [(f["properties"] or {}, f["geometry"]) for f in document["features"]]
    except json.JSONDecodeError as error:
        raise bad(path, error.lineno, f"column {error.colno}", "it is no JSON") from None
    except (KeyError, TypeError):
        raise bad(path, 0, "", "it is no GeoJSON collection of features with properties and geometry") from None
    starts = [match.start() for match in _FEATURE.finditer(text)]
    line, before = 1, 0
    for n, (properties, geometry) in enumerate(features):
        if n < len(starts):
            line, before = line + text.count("\n", before, starts[n]), starts[n]
        values = {renamed.get(key, key): value for key, value in properties.items()} | {"geometry": geometry}
        names = {renamed.get(key, key): f"property {key}" for key in properties}
        yield Row(path, line, values, names | {"geometry": f"geometry of feature {n + 1}"})
