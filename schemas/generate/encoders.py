"""Writes the encoders of the newest versions: pieces of text, one character per byte, joined by one f-string."""

from schemas.generate.decoders import Lines
from schemas.generate.model import Array, Enum, Field, Fixed, Nullable, Primitive, Record, Type, class_name


def literal(text: str) -> str:
    """A text of bytes as it stands in an f-string."""
    return "".join(c if c.isalnum() and c.isascii() else f"\\x{ord(c):02x}" for c in text)


class Encoder(Lines):
    """Writes one record: statements become lines, what they lead to is a piece of an f-string, without quotes."""

    def __init__(self, strict: bool) -> None:
        super().__init__()
        self._strict = strict

    def fields(self, fields: tuple[Field, ...], source: str, path: str) -> str:
        """The piece for the fields of the record in the variable `source`."""
        pieces = []
        for field in fields:
            name = f"{path}{field.name}"
            if not isinstance(field.type, Primitive) or field.type.name in ("string", "bytes"):
                self.add(f"{name} = {source}.{field.name}")
                pieces.append(self.value(field.type, name))
            else:
                pieces.append(self._number(field.type, f"{source}.{field.name}", name))
        return "".join(pieces)

    def value(self, node: Type, name: str) -> str:
        """The piece for the value in the variable `name`."""
        match node:
            case Record():
                return self.fields(node.fields, name, f"{name}_")
            case Nullable(item=item):
                return self._nullable(item, name)
            case Array(items=items):
                return self._array(items, name)
            case Enum(full_name=full):
                return f"{{{class_name(full).upper()}[{name}]}}"
            case Fixed(size=size):
                with self.block(f"if len({name}) != {size}:"):
                    self.add(f'raise unfit("value of {size} bytes")')
                return f"{{str({name}, 'latin-1')}}"
            case Primitive(name="bytes"):
                return f"{{LONG[len({name})]}}{{str({name}, 'latin-1')}}"
            case Primitive(name="string"):
                return self._uuid(name) if node.logical == "uuid" else self._text(name)
            case Primitive():
                return self._number(node, name, name)

    def _uuid(self, name: str) -> str:
        wrong = f"{name}.encode().translate(HEX) != UUID_36" if self._strict else f"len({name}) != 36"
        with self.block(f"if {wrong}:"):
            self.add('raise unfit("UUID")')
        return f"H{{{name}}}"

    def _text(self, name: str) -> str:
        with self.block(f"if not {name}.isascii():"):
            self.add(f"{name} = latin({name})")
        return f"{{LONG[len({name})]}}{{{name}}}"

    def _number(self, node: Primitive, source: str, name: str) -> str:
        match node.name, node.logical:
            case "boolean", _:
                return f"{{FLAGS[{source}]}}"
            case "double", _:
                return f"{{str(pack_1d({source}), 'latin-1')}}"
            case "long", "timestamp-micros":
                return self._micros(source, name)
            case _:
                return f"{{{node.name.upper()}[{source}]}}"

    def _micros(self, source: str, name: str) -> str:
        self.add(f"z = {source} << 1")
        with self.block(f"if {1 << 49} <= z < {1 << 56}:"):  # 8 bytes of 7 bits
            self.add(f'{name}_z = f"{{P0[z & 16383]}}{{P0[z >> 14 & 16383]}}{{P0[z >> 28 & 16383]}}{{P3[z >> 42]}}"')
        with self.block("else:"):
            self.add(f"{name}_z = LONG[{source}]")
        return f"{{{name}_z}}"

    def _nullable(self, item: Type, name: str) -> str:
        with self.block(f"if {name} is None:"):
            self.add(f'{name}_z = "\\x00"')
        with self.block("else:"):
            piece = self.value(item, name)
            self.add(f'{name}_z = f"\\x02{piece}"')
        return f"{{{name}_z}}"

    def _array(self, items: Type, name: str) -> str:
        with self.block(f"if {name}:"):
            self.add(f"{name}_list = [LONG[len({name})]]")
            with self.block(f"for {name}_item in {name}:"):
                piece = self.value(items, f"{name}_item")
                self.add(f'{name}_list.append(f"{piece}")')
            self.add(f'{name}_list.append("\\x00")')
            self.add(f'{name}_z = "".join({name}_list)')
        with self.block("else:"):
            self.add(f'{name}_z = "\\x00"')
        return f"{{{name}_z}}"
