"""Writes the decoders: for every released version one function in straight lines that yields the newest class.

The position is tracked while writing: it is a number until the first field of variable length, then `p` plus a number.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from zlib import crc32

from schemas.generate.events import ordered, python_default
from schemas.generate.model import Array, BadSchema, Enum, Field, Fixed, Nullable, Primitive, Record, Type, class_name


class Lines:
    """Lines of a function under construction, with their indentation."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._depth = 1

    def add(self, line: str) -> None:
        """Appends a line."""
        self.lines.append("    " * self._depth + line)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Appends a compound statement; lines added within are its body."""
        self.add(head)
        self._depth += 1
        yield
        self._depth -= 1


class Decoder(Lines):
    """Reads one writer's record; `newest` has the newest record or enum of each full name."""

    def __init__(self, newest: dict[str, Record | Enum], strict: bool, start: int | None) -> None:
        super().__init__()
        self._newest = newest
        self._strict = strict
        self._variable = start is None
        self._offset = start or 0

    def at(self, ahead: int = 0) -> str:
        """Expression of the position, `ahead` bytes further."""
        offset = self._offset + ahead
        if not self._variable:
            return str(offset)
        return f"p + {offset}" if offset else "p"

    def settle(self) -> None:
        """Brings the position into `p`."""
        if self.at() != "p":
            self.add(f"p = {self.at()}")
        self._move()

    def _move(self, offset: int = 0) -> None:
        self._variable, self._offset = True, offset

    def record(self, writer: Record, fields: tuple[Field, ...], path: str) -> str:
        """Reads the fields of a record; returns the expression that constructs the newest class."""
        newest = self._newest[writer.full_name]
        assert isinstance(newest, Record)
        names: dict[str, str] = {}
        for doubles, group in groupby(fields, key=lambda f: f.type == Primitive("double")):
            run = list(group)
            names |= (
                self._doubles(run, path) if doubles else {f.name: self.value(f.type, f"{path}{f.name}") for f in run}
            )
        wanted = newest.fields if fields is writer.fields else newest.fields[1:]
        return f"{class_name(writer.full_name)}({', '.join(_argument(f, writer, names) for f in ordered(wanted))})"

    def _doubles(self, fields: list[Field], path: str) -> dict[str, str]:
        names = {f.name: f"{path}{f.name}" for f in fields}
        self.add(f"{', '.join(names.values())}{',' * (len(names) == 1)} = unpack_{len(names)}d(v, {self.at()})")
        self._offset += 8 * len(names)
        return names

    def value(self, node: Type, name: str) -> str:
        """Reads a value into the variable `name` (or returns the expression that makes it)."""
        match node:
            case Record():
                return self.record(node, node.fields, f"{name}_")
            case Nullable(item=item):
                self._nullable(item, name)
            case Array(items=items):
                self._array(items, name)
            case Enum():
                self.add(f"{name} = {enum_table(node)}[v[{self.at()}]]")
                self._offset += 1
            case Fixed(size=size):
                self.add(f"{name} = v[{self.at()}:{self.at(size)}]")
                self._offset += size
            case Primitive():
                self._primitive(node, name)
        return name

    def _primitive(self, node: Primitive, name: str) -> None:
        match node.name, node.logical:
            case "string", "uuid":
                self._uuid(name)
            case "string", _:
                self._span()
                self.add(f"{name} = s[a:p]")
                with self.block(f"if not {name}.isascii():"):
                    self.add(f"{name} = read_text(v, a, p)")
            case "bytes", _:
                self._span()
                self.add(f"{name} = v[a:p]")
            case "boolean", _:
                self.add(f"{name} = BOOLEANS[v[{self.at()}]]")
                self._offset += 1
            case "long", "timestamp-micros":
                self._micros(name)
            case "long" | "int", _:
                self._number(name, node.name)
            case "double", _:
                self.add(f"{name}, = unpack_1d(v, {self.at()})")
                self._offset += 8

    def _uuid(self, name: str) -> None:
        wrong = f"v[{self.at()}:{self.at(37)}].translate(HEX) != UUID" if self._strict else f"v[{self.at()}] != 72"
        with self.block(f"if {wrong}:"):
            self.add(f"raise not_a_uuid(v, {self.at()})")
        self.add(f"{name} = s[{self.at(1)}:{self.at(37)}]")
        self._offset += 37

    def _span(self) -> None:
        self.add(f"n = v[{self.at()}]")
        with self.block("if n & 129:"):
            self.add(f"a, p = read_span(v, {self.at()})")
        with self.block("else:"):
            self.add(f"a = {self.at(1)}")
            self.add("p = a + (n >> 1)")
        self._move()

    def _micros(self, name: str) -> None:
        with self.block("try:"):
            self.add(f"q0, q1, q2, q3 = unpack_quads(v, {self.at()})")
            self.add(f"{name} = Q0[q0] + Q1[q1] + Q2[q2] + Q3[q3]")
            self.add(f"p = {self.at(8)}")
        with self.block("except NO_QUAD:"):
            self.add(f"{name}, p = read_long(v, {self.at()})")
        self._move()

    def _number(self, name: str, kind: str) -> None:
        self.add(f"n = v[{self.at()}]")
        with self.block("if n & 129:"):
            self.add(f"{name}, p = read_{kind}(v, {self.at()})")
        with self.block("else:"):
            self.add(f"{name} = n >> 1")
            self.add(f"p = {self.at(1)}")
        self._move()

    def _nullable(self, item: Type, name: str) -> None:
        before = self._variable, self._offset
        self.add(f"n = v[{self.at()}]")
        with self.block("if n == 2:"):
            self._offset += 1
            made = self.value(item, name)
            if made != name:
                self.add(f"{name} = {made}")
            self.settle()
        self._variable, self._offset = before
        with self.block("elif n == 0:"):
            self.add(f"{name} = None")
            self.add(f"p = {self.at(1)}")
        with self.block("else:"):
            self.add(f"raise not_a_branch(v, {self.at()})")
        self._move()

    def _array(self, items: Type, name: str) -> None:
        if minimal_size(items) == 0:
            raise BadSchema(f"The items of {name} can be empty on the wire; give them a field.")
        self.add(f"n = v[{self.at()}]")
        before = self._variable, self._offset
        with self.block("if n:"):
            self.add(f"{name}_list = []")
            self.add(f"n, p = read_count(v, {self.at()})")
            self._move()
            with self.block("while n:"):
                with self.block("for _ in range(n):"):
                    self.add(f"{name}_list.append({self.value(items, f'{name}_item')})")
                    self.settle()
                self.add("n, p = read_count(v, p)")
            self.add(f"{name} = tuple({name}_list)")
        self._variable, self._offset = before
        with self.block("else:"):
            self.add(f"{name} = ()")
            self.add(f"p = {self.at(1)}")
        self._move()


def _argument(field: Field, writer: Record, names: dict[str, str]) -> str:
    if field.name in names:
        return names[field.name]
    if field.default is None:
        raise BadSchema(f"{writer.full_name} lacks {field.name} in an older version; give the field a default.")
    return python_default(field)


def enum_table(enum: Enum) -> str:
    """Name of the table that holds the symbols of a writer's enum by their byte."""
    return f"{class_name(enum.full_name).upper()}_{crc32(' '.join(enum.symbols).encode()):08X}"


def minimal_size(node: Type) -> int:
    """Smallest number of bytes that a value takes."""
    match node:
        case Fixed(size=size):
            return size
        case Record(fields=fields):
            return sum(minimal_size(f.type) for f in fields)
        case Primitive(name="double"):
            return 8
        case _:
            return 1
