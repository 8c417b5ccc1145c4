"""Renders schemas/codec.py from the decoders, the encoders and the ids."""

from schemas.frames import FRAME_LENGTH, frame
from schemas.generate import native
from schemas.generate.codec_text import API, HEAD, HELPERS, TAIL
from schemas.generate.decoders import Decoder, enum_table
from schemas.generate.encoders import Encoder, literal
from schemas.generate.events import types_of
from schemas.generate.lock import Locked
from schemas.generate.model import Enum, Record, Schema, class_name, newest, walk


def render(schemas: list[Schema], locked: list[Locked]) -> str:
    """Text of codec.py."""
    ids = {(e.name, e.version): e.id for e in locked}
    types = {name: t for name, t in types_of(schemas).items() if isinstance(t, Record | Enum)}
    metas = _meta_names(schemas)
    parts = [HEAD, _imports(types), _enums(schemas, types)]
    parts += [_meta_decoder(name, meta, types) for name, meta in metas.values()]
    parts += [_decoder(s, types, metas) for s in schemas]
    parts += [_meta_encoder(s) for s in {s.side: s for s in newest(schemas) if s.meta}.values()]
    parts += [_encoder(s, ids) for s in newest(schemas)]
    _, digest = native.render(schemas, locked)
    return "".join([*parts, _tables(schemas, ids, metas), API, TAIL.replace("DIGEST_TEXT", digest)])


def _imports(types: dict[str, Record | Enum]) -> str:
    classes = [class_name(n) for n, t in types.items() if isinstance(t, Record)]
    names = "".join(f"    {name},\n" for name in sorted([*classes, "Event", "Meta", "Plain"]))
    return (
        f"from schemas.events import (\n{names})\nfrom schemas.primitives import (\n"
        + "".join(f"    {name},\n" for name in HELPERS)
        + ")\n"
    )


def _enums(schemas: list[Schema], types: dict[str, Record | Enum]) -> str:
    writers = {enum_table(e): e for s in schemas for e in walk(s.record) if isinstance(e, Enum)}
    out = ["\nNO_QUAD: Final = (TypeError, struct.error)\nUUID_36: Final = UUID[1:]\n"]
    out += ['BOOLEANS: Final = {0: False, 1: True}\nFLAGS: Final = {False: "\\x00", True: "\\x01"}\n']
    for n in range(1, 9):
        out.append(f'unpack_{n}d: Final = struct.Struct("<{n}d").unpack_from\n')
    out.append('pack_1d: Final = struct.Struct("<d").pack\n')
    for name, enum in sorted(writers.items()):
        out.append(f"{name}: Final[dict[int, Any]] = {{{', '.join(_symbols(enum, types[enum.full_name]))}}}\n")
    for reader in types.values():
        if isinstance(reader, Enum):
            pairs = ", ".join(f'"{s}": "\\x{2 * n:02x}"' for n, s in enumerate(reader.symbols))
            out.append(f"{class_name(reader.full_name).upper()}: Final[dict[str, str]] = {{{pairs}}}\n")
    return "".join(out)


def _symbols(writer: Enum, reader: Record | Enum) -> list[str]:
    assert isinstance(reader, Enum)
    return [f'{2 * n}: "{s if s in reader.symbols else reader.default}"' for n, s in enumerate(writer.symbols)]


def _meta_names(schemas: list[Schema]) -> dict[str, tuple[str, Record]]:
    """Distinct metas of all versions: their content → (name of the function, record)."""
    found: dict[str, tuple[str, Record]] = {}
    for schema in schemas:
        if schema.meta and repr(schema.meta) not in found:
            count = sum(name.startswith(f"_{schema.side}_meta") for name, _ in found.values())
            found[repr(schema.meta)] = (f"_{schema.side}_meta_{count + 1}", schema.meta)
    return found


def _meta_decoder(name: str, meta: Record, types: dict[str, Record | Enum]) -> str:
    code = Decoder(types, strict="claim" in name, start=FRAME_LENGTH)
    made = code.record(meta, meta.fields, "")
    code.settle()
    code.add(f"return {made}, p")
    return (
        f"\n\ndef {name}(v: bytes, s: str) -> tuple[{class_name(meta.full_name)}, int]:\n"
        + "\n".join(code.lines)
        + "\n"
    )


def _suffix(schema: Schema) -> str:
    return f"{class_name(schema.full_name)}_{schema.version}"


def _decoder(
    schema: Schema,
    types: dict[str, Record | Enum],
    metas: dict[str, tuple[str, Record]],
) -> str:
    code = Decoder(types, strict=schema.side == "claim", start=None if schema.meta else FRAME_LENGTH)
    code.add('s = str(v, "latin-1")')
    if schema.meta:
        code.add(f"meta, p = {metas[repr(schema.meta)][0]}(v, s)")
    made = code.record(schema.record, schema.body if schema.meta else schema.record.fields, "")
    code.settle()
    with code.block("if p != len(v):"):
        code.add("raise wrong_end(v, p)")
    code.add(f"return meta, {made}" if schema.meta else f"return {made}")
    result = (
        f"tuple[{class_name(schema.meta.full_name)}, {class_name(schema.full_name)}]"
        if schema.meta
        else class_name(schema.full_name)
    )
    return f"\n\ndef _decode_{_suffix(schema)}(v: bytes) -> {result}:\n" + "\n".join(code.lines) + "\n"


def _meta_encoder(schema: Schema) -> str:
    assert schema.meta
    code = Encoder(strict=schema.side == "claim")
    piece = code.fields(schema.meta.fields, "meta", "")
    code.add(f'return f"{piece}"')
    return (
        f"\n\ndef _text_{schema.side}_meta(meta: {class_name(schema.meta.full_name)}) -> str:\n"
        + "\n".join(code.lines)
        + "\n"
    )


def _encoder(schema: Schema, ids: dict[tuple[str, int], int]) -> str:
    code = Encoder(strict=schema.side == "claim")
    piece = code.fields(schema.body, "body", "")
    prefix = literal(frame(ids[schema.full_name, schema.version]).decode("latin-1"))
    meta = f"{{_text_{schema.side}_meta(meta)}}" if schema.meta else ""
    code.add(f'return f"{prefix}{meta}{piece}".encode("latin-1")')
    argument = f"meta: {class_name(schema.meta.full_name)}, " if schema.meta else ""
    head = f"def _encode_{class_name(schema.full_name)}({argument}body: {class_name(schema.full_name)}) -> bytes:\n"
    return f"\n\n{head}" + "\n".join(code.lines) + "\n"


def _tables(schemas: list[Schema], ids: dict[tuple[str, int], int], metas: dict[str, tuple[str, Record]]) -> str:
    def key(s: Schema) -> str:
        return f'b"{literal(frame(ids[s.full_name, s.version]).decode("latin-1"))}"'

    events, plain = [s for s in schemas if s.meta], [s for s in schemas if not s.meta]
    tables = [
        ("_DECODERS", "bytes, Callable[[bytes], Any]", [f"{key(s)}: _decode_{_suffix(s)}" for s in events]),
        ("_METAS", "bytes, Callable[[bytes, str], Any]", [f"{key(s)}: {metas[repr(s.meta)][0]}" for s in events]),
        ("_HUB_DECODERS", "bytes, Callable[[bytes], Any]", [f"{key(s)}: _decode_{_suffix(s)}" for s in plain]),
        (
            "_ENCODERS",
            "type, Callable[[Any, Any], bytes]",
            [f"{class_name(s.full_name)}: _encode_{class_name(s.full_name)}" for s in newest(events)],
        ),
        (
            "_HUB_ENCODERS",
            "type, Callable[[Any], bytes]",
            [f"{class_name(s.full_name)}: _encode_{class_name(s.full_name)}" for s in newest(plain)],
        ),
        ("_IDS", "type, int", [f"{class_name(s.full_name)}: {ids[s.full_name, s.version]}" for s in newest(schemas)]),
    ]
    return (
        "".join(
            f"\n\n{n}: Final[dict[{t}]] = {{\n" + "".join(f"    {row},\n" for row in rows) + "}"
            for n, t, rows in tables
        )
        + "\n"
    )
