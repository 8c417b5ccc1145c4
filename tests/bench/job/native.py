"""The compiled twin of job/codec.py, made by the generator that makes the hub's own compiled codec."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from schemas.generate.compile import FILE_NAME, compile_text
from schemas.generate.model import Enum, Field, Record, Type, walk
from schemas.generate.native import _RUNTIME, Native
from tests.bench.job.generate import CLAIM, ENTRY, FACT, load

_HEAD = """\
# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, binding=False
from schemas.primitives import unfit, wrong_end
from tests.bench.job.codec import Claim, Fact
"""
_API = """\
def decode_claim(value):
    cdef Reader r
    opened(value, &r)
    if schema_number(&r) != {claim_id}:
        raise ValueError("unknown frame")
    found = {read_claim}(&r)
    at_end(value, &r)
    return found


def decode_fact(value):
    cdef Reader r
    opened(value, &r)
    if schema_number(&r) != {fact_id}:
        raise ValueError("unknown frame")
    found = {read_fact}(&r)
    at_end(value, &r)
    return found


def encode_fact(body):
    cdef uint8_t stack[STACK]
    cdef Writer w
    w.data, w.length, w.room, w.grown = stack, 0, STACK, False
    try:
        put_raw(&w, <const char *> b"\\0\\0\\0\\0\\x{fact_id:02x}", 5)
        {write_fact}(&w, body)
        return PyBytes_FromStringAndSize(<const char *> w.data, w.length)
    finally:
        if w.grown:
            free(w.data)
"""


class MapNative(Native):
    """Functions for records with maps (see generate.py)."""

    def __init__(self, records: tuple[Record, ...]) -> None:
        self._types = {t.full_name: t for r in records for t in walk(r) if isinstance(t, Record | Enum)}
        self._known = {}
        self.out = []

    def _read_array(self, items: Type, name: str, strict: bool, indent: str) -> list[str]:
        if not (isinstance(items, Record) and items.name == ENTRY):
            return super()._read_array(items, name, strict, indent)
        inner = [line for f in items.fields for line in self._entry(f, name, strict, indent)]
        return [
            f"{indent}{name} = {{}}",
            f"{indent}{name}_count = get_count(r)",
            f"{indent}while {name}_count:",
            f"{indent}    while {name}_count:",
            *inner,
            f"{indent}        {name}[{name}_key] = {name}_value",
            f"{indent}        {name}_count -= 1",
            f"{indent}    {name}_count = get_count(r)",
        ]

    def _entry(self, field: Field, name: str, strict: bool, indent: str) -> list[str]:
        return self._read(field.type, f"{name}_{field.name}", strict, indent + "        ")


def render() -> str:
    """Text of the Cython module."""
    claim, fact = load("bench-claim.avsc"), load("bench-fact.avsc")
    native = MapNative((claim, fact))
    names = {
        "claim_id": CLAIM,
        "fact_id": FACT,
        "read_claim": native.reader(claim, claim.fields, True),
        "read_fact": native.reader(fact, fact.fields, True),
        "write_fact": native.writer(fact, fact.fields, True),
    }
    return "\n\n".join([_HEAD, _RUNTIME.read_text("utf-8"), *native.out, _API.format(**names)])


def build(folder: Path) -> Path:
    """Compiles into `folder`. Raises CannotCompile where there is no C compiler."""
    return compile_text(render(), folder)


def loaded(folder: Path) -> ModuleType:
    """The module that `build` made."""
    spec = importlib.util.spec_from_file_location("_codec", folder / FILE_NAME)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def use(folder: Path) -> None:
    """Lets job/codec.py hand out the compiled functions; to be called before job/fold.py is imported."""
    from tests.bench.job import codec

    compiled = loaded(folder)
    for name in ("decode_claim", "decode_fact", "encode_fact"):
        setattr(codec, name, getattr(compiled, name))
