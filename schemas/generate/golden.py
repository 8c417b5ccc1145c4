"""`python -m schemas.generate.golden FOLDER`: golden bytes for released versions that have none. Never overwrites.

One JSON file per version: its id and records, each with the value (bytes as hex) and the framed bytes as fastavro
writes them, so that our codec is held against bytes that it did not make.
"""

import io
import json
import sys
from pathlib import Path
from typing import Any

import fastavro

from schemas.frames import frame
from schemas.generate import lock
from schemas.generate.model import Schema, load
from schemas.generate.samples import plain, samples


def file_name(schema: Schema) -> str:
    """Name of the golden file of a version."""
    return f"{schema.full_name}.v{schema.version}.json"


def render(schema: Schema, schema_id: int) -> str:
    """Text of the golden file of a version."""
    parsed = fastavro.parse_schema(plain(schema.json))
    records = []
    for sample in samples(schema.json):
        out = io.BytesIO(frame(schema_id))
        out.seek(0, io.SEEK_END)
        fastavro.schemaless_writer(out, parsed, sample)
        records.append({"bytes": out.getvalue().hex(), "value": _shown(sample)})
    return json.dumps({"id": schema_id, "records": records}, ensure_ascii=False, indent=1) + "\n"


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _shown(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_shown(v) for v in value]
    return value.hex() if isinstance(value, bytes) else value


def main(folder: Path) -> int:
    """Writes what is missing."""
    ids = {(e.name, e.version): e.id for e in lock.read(lock.LOCK.read_text(encoding="utf-8"))}
    for schema in load():
        path = folder / file_name(schema)
        if not path.exists():
            path.write_text(render(schema, ids[schema.full_name, schema.version]), encoding="utf-8")
            print(f"written: {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
