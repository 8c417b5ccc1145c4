"""Bodies of steps keep references until the moment of delivery; every look is the reader's."""

import json
from typing import Any

import pytest

from connectors.contract import BadData, CallerRef, ContactRef, FileContent, NumberRef
from connectors.delivery.bodies import kept, opened, restored
from schemas.events import FileRef, TextRef

TEXT = TextRef("11111111-1111-4111-8111-111111111111", b"\x01" * 32)
FILE = FileRef("22222222-2222-4222-8222-222222222222", b"\x02" * 32, "image/png", 7)
BODY = {"a": [TEXT, {"b": FILE}], "c": ContactRef("p"), "d": CallerRef(), "e": NumberRef("n"), "f": 1, "g": None}


class Reader:
    """Opens whatever it is asked for, and remembers it."""

    def __init__(self) -> None:
        self.looks: list[str] = []

    def _look(self, name: str) -> str:
        self.looks.append(name)
        return name

    def text(self, ref: TextRef) -> str:
        return self._look(f"text {ref.ref[0]}")

    def file(self, ref: FileRef) -> FileContent:
        self._look(f"file {ref.ref[0]}")
        return FileContent(b"content", ref.media_type)

    def contact(self, person: str) -> dict[str, str]:
        return {"identity": self._look(f"contact {person}")}

    def caller(self, subject: str) -> dict[str, str]:
        return {"identity": self._look(f"caller of {subject}")}

    def number(self, alias: str) -> str:
        return self._look(f"number {alias}")


def test_a_body_is_kept_as_json_and_comes_back_as_it_was() -> None:
    assert restored(json.loads(json.dumps(kept(BODY)))) == BODY


def test_each_reference_is_opened_once_and_the_rest_stays() -> None:
    reader = Reader()
    assert opened(kept(BODY), reader, "case") == {
        "a": ["text 1", {"b": FileContent(b"content", "image/png")}],
        "c": {"identity": "contact p"},
        "d": {"identity": "caller of case"},
        "e": "number n",
        "f": 1,
        "g": None,
    }
    assert len(reader.looks) == 5


def test_what_the_reader_refuses_is_not_delivered() -> None:
    class Refusing(Reader):
        def caller(self, subject: str) -> dict[str, str]:
            raise BadData("its role may not see a contact")

    with pytest.raises(BadData):
        opened(kept(BODY), Refusing(), "case")


@pytest.mark.parametrize("bad", [{1, 2}, b"bytes", object()])
def test_a_body_that_is_no_json_is_an_error_of_the_translation(bad: Any) -> None:
    with pytest.raises(TypeError):
        kept({"a": bad})
