"""`python -m schemas.generate [--check]`: exit 0 up to date or written, 1 files lag, 2 a schema breaks the rules."""

import sys

from schemas.generate.build import OUTPUTS, outputs
from schemas.generate.model import BadSchema


def main(arguments: list[str]) -> int:
    """Writes, or with --check compares, the generated files."""
    try:
        wanted = outputs()
    except BadSchema as error:
        print(error, file=sys.stderr)
        return 2
    lagging = [name for name, text in wanted.items() if not _same(name, text)]
    for name in lagging:
        if "--check" in arguments:
            print(f"schemas/{name} lags behind schemas/avro; run `make schemas` and commit it.", file=sys.stderr)
        else:
            (OUTPUTS / name).write_text(wanted[name], encoding="utf-8")
            print(f"written: schemas/{name}")
    if lagging and "--check" not in arguments and any(OUTPUTS.glob("_codec.*")):
        print("The compiled codec is of older schemas and no longer used: run `make compile` again.")
    return 1 if lagging and "--check" in arguments else 0


def _same(name: str, text: str) -> bool:
    path = OUTPUTS / name
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
