"""`python -m schemas.generate [--check]`: exit 0 up to date or written, 1 files lag, 2 a schema breaks the rules."""

import sys
from pathlib import Path

from schemas.generate import codec, events, lock
from schemas.generate.model import BadSchema, load

SCHEMAS = Path(__file__).parents[1]


def outputs() -> dict[Path, str]:
    """Text of every generated file. Raises BadSchema."""
    schemas = load()
    locked = lock.read(lock.LOCK.read_text(encoding="utf-8")) if lock.LOCK.exists() else []
    extended = lock.extend(locked, schemas)
    return {
        lock.LOCK: lock.render(extended),
        SCHEMAS / "events.py": events.render(schemas),
        SCHEMAS / "codec.py": codec.render(schemas, extended),
    }


def main(arguments: list[str]) -> int:
    """Writes, or with --check compares, the generated files."""
    try:
        wanted = outputs()
    except BadSchema as error:
        print(error, file=sys.stderr)
        return 2
    lagging = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in arguments:
        for path in lagging:
            print(f"schemas/{path.name} lags behind schemas/avro; run `python -m schemas.generate` and commit it.", file=sys.stderr)
        return 1 if lagging else 0
    for path in lagging:
        path.write_text(wanted[path], encoding="utf-8")
        print(f"written: schemas/{path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
