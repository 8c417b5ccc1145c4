"""From the schemas to the text of every generated file, with all rules checked on the way."""

from pathlib import Path

from schemas.generate import codec, events, lock, style
from schemas.generate.model import AVRO, BadSchema, load

OUTPUTS = AVRO.parent


def outputs(avro: Path = AVRO, locked: Path = lock.LOCK) -> dict[str, str]:
    """File name → text, for the schemas below `avro` and the ids in `locked`. Raises BadSchema with every complaint."""
    from schemas import compat  # needs Apache avro, which only those have who change schemas

    schemas = load(avro)
    if complaints := style.check(schemas) or compat.check(schemas):
        raise BadSchema("\n".join(complaints))
    entries = lock.extend(lock.read(locked.read_text(encoding="utf-8")) if locked.exists() else [], schemas)
    return {
        locked.name: lock.render(entries),
        "events.py": events.render(schemas),
        "codec.py": codec.render(schemas, entries),
    }
