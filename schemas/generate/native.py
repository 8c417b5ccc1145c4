"""Renders the compiled twin of schemas/codec.py: one C function per shape of a record, in Cython, on runtime.pxi.

The text exists only while it is compiled (`make compile`); its functions keep the promises of schemas/codec.py.
"""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from schemas.frames import frame
from schemas.generate.events import ordered, python_default, types_of
from schemas.generate.lock import Locked
from schemas.generate.model import (
    Array,
    Enum,
    Field,
    Fixed,
    Nullable,
    Primitive,
    Record,
    Schema,
    Type,
    class_name,
    newest,
)

_RUNTIME = Path(__file__).with_name("runtime.pxi")
_API = Path(__file__).with_name("api.pxi")
_HEAD = """\
# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, binding=False
from schemas.events import *
from schemas.primitives import FAILURES, unfit, unreadable, unwritable, wrong_end
"""


class Native:
    """Functions for the shapes of records, made once each."""

    def __init__(self, schemas: list[Schema]) -> None:
        self._types = types_of(schemas)
        self._known: dict[str, str] = {}
        self.out: list[str] = []

    def reader(self, record: Record, fields: tuple[Field, ...], strict: bool) -> str:
        """Name of the function that reads these fields of a record into the newest class."""
        return self._once("read", record, (fields, strict), lambda name: self._reader(name, record, fields, strict))

    def writer(self, record: Record, fields: tuple[Field, ...], strict: bool) -> str:
        """Name of the function that writes these fields of a newest class."""
        return self._once("write", record, (fields, strict), lambda name: self._writer(name, fields, strict))

    def _once(self, verb: str, record: Record, key: object, make: Callable[[str], str]) -> str:
        text = f"{verb} {record.full_name} {key!r}"
        if text not in self._known:
            name = f"{verb}_{class_name(record.full_name)}_{len(self._known)}"
            self._known[text] = name
            self.out.append(make(name))
        return self._known[text]

    def _reader(self, name: str, record: Record, fields: tuple[Field, ...], strict: bool) -> str:
        lines = [f"cdef object {name}(Reader *r):"]
        for field in fields:
            lines += self._read(field.type, f"f_{field.name}", strict, "    ")
        target = self._types[record.full_name]
        assert isinstance(target, Record)
        wanted = target.fields if fields is record.fields else target.fields[1:]
        present = {field.name for field in fields}
        values = [f"f_{f.name}" if f.name in present else python_default(f) for f in ordered(wanted)]
        return "\n".join([*lines, f"    return {class_name(record.full_name)}({', '.join(values)})"])

    def _read(self, node: Type, name: str, strict: bool, indent: str) -> list[str]:
        match node:
            case Nullable(item=item):
                inner = self._read(item, name, strict, indent + "    ")
                return [f"{indent}if get_present(r):", *inner, f"{indent}else:", f"{indent}    {name} = None"]
            case Array(items=items):
                return self._read_array(items, name, strict, indent)
            case Record():
                return [f"{indent}{name} = {self.reader(node, node.fields, strict)}(r)"]
            case Enum():
                return [f"{indent}{name} = get_symbol(r, {self._symbols(node)})"]
            case Fixed(size=size):
                return [f"{indent}{name} = get_fixed(r, {size})"]
            case Primitive(logical="uuid"):
                return [f"{indent}{name} = get_uuid(r, {strict})"]
            case Primitive(name=kind):
                return [f"{indent}{name} = get_{kind}(r)"]

    def _read_array(self, items: Type, name: str, strict: bool, indent: str) -> list[str]:
        inner = self._read(items, f"{name}_item", strict, indent + "        ")
        return [
            f"{indent}{name} = ()",
            f"{indent}{name}_count = get_count(r)",
            f"{indent}if {name}_count:",
            f"{indent}    {name}_list = []",
            f"{indent}while {name}_count:",
            f"{indent}    while {name}_count:",
            *inner,
            f"{indent}        {name}_list.append({name}_item)",
            f"{indent}        {name}_count -= 1",
            f"{indent}    {name}_count = get_count(r)",
            f"{indent}    if not {name}_count:",
            f"{indent}        {name} = tuple({name}_list)",
        ]

    def _symbols(self, writer: Enum) -> str:
        reader = self._types[writer.full_name]
        assert isinstance(reader, Enum)
        seen = tuple(s if s in reader.symbols else reader.default for s in writer.symbols)
        return self._constant("tuple", writer.full_name, repr(seen))

    def _constant(self, kind: str, full_name: str, value: str) -> str:
        text = f"{kind} {full_name} {value}"
        if text not in self._known:
            self._known[text] = f"{kind}_{class_name(full_name)}_{len(self._known)}"
            self.out.append(f"cdef {kind} {self._known[text]} = {value}")
        return self._known[text]

    def _writer(self, name: str, fields: tuple[Field, ...], strict: bool) -> str:
        lines = [f"cdef int {name}(Writer *w, object x) except -1:"]
        for field in fields:
            lines += self._write(field.type, f"x.{field.name}", strict, "    ", field.name)
        return "\n".join([*lines, "    return 0"])

    def _write(self, node: Type, source: str, strict: bool, indent: str, name: str) -> list[str]:
        match node:
            case Nullable(item=item):
                inner = self._write(item, f"v_{name}", strict, indent + "    ", name)
                return [f"{indent}v_{name} = {source}", f"{indent}if put_present(w, v_{name}):", *inner]
            case Array(items=items):
                inner = self._write(items, f"i_{name}", strict, indent + "        ", f"{name}_item")
                head = [
                    f"{indent}v_{name} = {source}",
                    f"{indent}if v_{name}:",
                    f"{indent}    put_number(w, len(v_{name}))",
                ]
                return [*head, f"{indent}    for i_{name} in v_{name}:", *inner, f"{indent}put_byte(w, 0)"]
            case Record():
                return [f"{indent}{self.writer(node, node.fields, strict)}(w, {source})"]
            case Enum(symbols=symbols):
                table = self._constant("dict", node.full_name, repr({s: 2 * n for n, s in enumerate(symbols)}))
                return [f"{indent}put_symbol(w, {source}, {table})"]
            case Fixed(size=size):
                return [f"{indent}put_fixed(w, {source}, {size})"]
            case Primitive(logical="uuid"):
                return [f"{indent}put_uuid(w, {source}, {strict})"]
            case Primitive(name=kind):
                return [f"{indent}put_{kind}(w, {source})"]


def render(schemas: list[Schema], locked: list[Locked]) -> tuple[str, str]:
    """(text of the Cython module, its digest); codec.py carries the same digest and uses no other module."""
    text = _text(schemas, locked)
    digest = sha256(text.encode()).hexdigest()
    return f'{text}\nDIGEST = "{digest}"\n', digest


def _text(schemas: list[Schema], locked: list[Locked]) -> str:
    native = Native(schemas)
    ids = {(e.name, e.version): e.id for e in locked}
    readers: dict[str, list[str]] = {"read_event": [], "read_meta": [], "read_hub": []}
    writers: list[str] = []
    for schema in schemas:
        number = ids[schema.full_name, schema.version]
        for function, result in _reads(native, schema):
            readers[function].append(f"if number == {number}:\n        return {result}")
    for schema in newest(schemas):
        number = ids[schema.full_name, schema.version]
        writers.append(f"if number == {number}:\n        {_writes(native, schema)}")
    parts = [_HEAD, _RUNTIME.read_text(encoding="utf-8"), *native.out]
    parts += [_chain(f"cdef object {name}(Reader *r):", "schema_number(r)", cases) for name, cases in readers.items()]
    parts.append(
        _chain("cdef int write_any(Writer *w, int wanted, object meta, object body) except -1:", "wanted", writers)
    )
    return "\n\n".join([*parts, _tables(schemas, ids), _API.read_text(encoding="utf-8")])


def _reads(native: Native, schema: Schema) -> list[tuple[str, str]]:
    strict = schema.side == "claim"
    body = native.reader(schema.record, schema.body if schema.meta else schema.record.fields, strict)
    if schema.meta is None:
        return [("read_hub", f"{body}(r)")]
    meta = native.reader(schema.meta, schema.meta.fields, strict)
    return [("read_event", f"({meta}(r), {body}(r))"), ("read_meta", f"{meta}(r)")]


def _writes(native: Native, schema: Schema) -> str:
    strict = schema.side == "claim"
    body = f"return {native.writer(schema.record, schema.body, strict)}(w, body)"
    if schema.meta is None:
        return body
    return f"{native.writer(schema.meta, schema.meta.fields, strict)}(w, meta)\n        {body}"


def _chain(head: str, number: str, cases: list[str]) -> str:
    body = "\n    el".join(cases)
    return f"{head}\n    cdef Py_ssize_t number = {number}\n    {body}\n    raise KeyError(number)"


def _tables(schemas: list[Schema], ids: dict[tuple[str, int], int]) -> str:
    tables: dict[str, list[str]] = {"EVENTS": [], "HUBS": [], "EVENT_NUMBERS": [], "HUB_NUMBERS": []}
    for schema in schemas:
        known = tables["EVENTS" if schema.meta else "HUBS"]
        known.append(f"{frame(ids[schema.full_name, schema.version])!r}: None")
    for schema in newest(schemas):
        numbers = tables["EVENT_NUMBERS" if schema.meta else "HUB_NUMBERS"]
        numbers.append(f"{class_name(schema.full_name)}: {ids[schema.full_name, schema.version]}")
    return "\n".join(f"cdef dict {name} = {{{', '.join(rows)}}}" for name, rows in tables.items())
