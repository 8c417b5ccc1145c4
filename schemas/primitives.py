"""Avro's primitives for the generated codec: the tables of its fast paths and the functions of its slow ones.

The codec works on text in which each character stands for one byte (latin-1): slicing and joining text is cheaper in
CPython than decoding and encoding every string by itself. Positions are offsets into the framed value. Functions that
meet the end of the value raise IndexError, those that meet a value that the schema does not allow raise ValueError;
the codec turns both into `Unreadable`. Source: the Avro 1.12 specification, "Binary Encoding".
"""

import struct
from typing import Any, Final

from schemas.frames import FRAME_LENGTH, Unreadable, Unwritable, schema_id_of

_LONG_BITS: Final = 64
_INT_BITS: Final = 32

unpack_quads: Final = struct.Struct("<4H").unpack_from

HEX: Final = bytes(ord("h") if chr(b) in "0123456789abcdef" else b if chr(b) in "-H" else 0 for b in range(256))
"""Translation under which every lower-case UUID with its length byte becomes `UUID`."""
UUID: Final = b"Hhhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh"


def _quad_table(shift: int, last: bool, signed: bool) -> list[Any]:
    """Contribution of two bytes of an 8-byte varint, by their little-endian value; None off the fast path.

    `shift` counts bits before zigzag is undone; `last` is the pair that ends the varint; `signed` the pair that
    carries the sign.
    """
    table: list[Any] = [None] * 65536
    step = 1 << 7 + shift >> 1
    for low in range(128, 256, 2 if signed else 1):
        first = (low & 127) << shift >> 1
        start = low if last else low + 128 * 256
        table[start : start + 128 * 256 : 256] = range(first, first + 128 * step, step)
    return table


Q0: Final = _quad_table(0, last=False, signed=True)
Q1: Final = _quad_table(14, last=False, signed=False)
Q2: Final = _quad_table(28, last=False, signed=False)
Q3: Final = _quad_table(42, last=True, signed=False)
"""A timestamp between 1978 and 3111 is a varint of 8 bytes: the sum of one entry of each table."""


def varint(number: int) -> str:
    """The zigzag varint of any 64-bit number, one character per byte."""
    rest = number << 1 ^ number >> 63
    out = ""
    while rest > 127:
        out += chr(rest & 127 | 128)
        rest >>= 7
    return out + chr(rest)


class _Varints(dict[int, str]):
    """Zigzag varints of small numbers; others are made on demand, and refused outside of the type's range."""

    def __init__(self, bits: int) -> None:
        super().__init__((number, varint(number)) for number in range(-64, 1024))
        self._limit = 1 << bits - 1

    def __missing__(self, number: int) -> str:
        if not -self._limit <= number < self._limit:
            raise Unwritable(f"{number} does not fit into the field.")
        return varint(number)


LONG: Final = _Varints(_LONG_BITS)
INT: Final = _Varints(_INT_BITS)

_GOES_ON: Final = [chr(n | 128) for n in range(128)]
P0: Final = [low + high for high in _GOES_ON for low in _GOES_ON]
P3: Final = [low + chr(high) for high in range(128) for low in _GOES_ON]
"""Two bytes of a varint, not at its end and at its end."""


def read_long(v: bytes, p: int) -> tuple[int, int]:
    """(64-bit number, position after it)."""
    raw = shift = 0
    while True:
        b = v[p]
        p += 1
        raw |= (b & 127) << shift
        if b < 128:
            break
        shift += 7
        if shift > 63:
            raise ValueError("a number has more than 64 bits")
    if raw >> _LONG_BITS:
        raise ValueError("a number has more than 64 bits")
    return raw >> 1 ^ -(raw & 1), p


def read_int(v: bytes, p: int) -> tuple[int, int]:
    """(32-bit number, position after it)."""
    number, p = read_long(v, p)
    if not -(1 << 31) <= number < 1 << 31:
        raise ValueError("a number has more than 32 bits")
    return number, p


def read_span(v: bytes, p: int) -> tuple[int, int]:
    """(start, end) of the bytes that follow a length."""
    length, p = read_long(v, p)
    if length < 0:
        raise ValueError("a length is negative")
    if length > len(v):
        raise IndexError("a length points behind the end")
    return p, p + length


def read_text(v: bytes, start: int, end: int) -> str:
    """UTF-8 text between two positions."""
    if end > len(v):
        raise IndexError("a text goes on behind the end")
    return v[start:end].decode()


def read_count(v: bytes, p: int) -> tuple[int, int]:
    """(items in the next block of an array, position of the first one); 0 items end the array."""
    count, p = read_long(v, p)
    if count < 0:
        _, p = read_long(v, p)
    return abs(count), p


def latin(text: str) -> str:
    """UTF-8 of a text, one character per byte."""
    return str(text.encode(), "latin-1")


def not_a_branch(v: bytes, p: int) -> Exception:
    """What to raise when a nullable value is neither null nor its type."""
    return ValueError(f"byte {v[p]} at {p} selects no branch")


def not_a_uuid(v: bytes, p: int) -> Exception:
    """What to raise when the bytes at `p` are no UUID with its length."""
    if p + len(UUID) > len(v):
        return IndexError("a UUID goes on behind the end")
    return ValueError(f"no lower-case UUID of 36 characters at {p}")


def wrong_end(v: bytes, p: int) -> Exception:
    """What to raise when a record does not end where its bytes end."""
    if p > len(v):
        return IndexError("the last field goes on behind the end")
    return Unreadable("trailing-bytes", f"{len(v) - p} bytes follow the record.", schema_id_of(v))


def unfit(kind: str) -> Unwritable:
    """What to raise when a value does not fit into its field."""
    return Unwritable(f"A {kind} has the wrong length or form.")


FAILURES: Final = (LookupError, ValueError, TypeError, ArithmeticError, AttributeError, struct.error)
"""Everything that reading arbitrary bytes, or writing a wrong record, can raise."""


def unreadable(v: bytes, error: Exception, known: dict[bytes, Any]) -> Unreadable:
    """Explains why a value could not be read. `known` holds the frames of the schemas that were expected."""
    number = schema_id_of(v)
    if v[:FRAME_LENGTH] not in known:
        return Unreadable("unknown-schema", f"No event with schema id {number} is expected here.", number)
    if isinstance(error, (IndexError, struct.error)):
        return Unreadable("truncated", f"The record ends early, after {len(v)} bytes.", number)
    return Unreadable("bad-value", f"A value does not fit its schema ({type(error).__name__}).", number)


def unwritable(body: object, error: Exception) -> Unwritable:
    """Explains why a record could not be written, without any of its content."""
    if isinstance(error, Unwritable):
        return error
    return Unwritable(
        f"{type(body).__name__} cannot be written: a value does not fit its schema ({type(error).__name__})."
    )
