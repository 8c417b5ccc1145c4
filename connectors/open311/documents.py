"""One tree of plain values, written as XML or as JSON by the Spark convention of GeoReport, and read back from either.

A mapping is an element with children, `Many` an element that repeats one kind of child and an array in JSON; texts,
numbers, true and false are themselves, None is an empty element and null.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lxml import etree

XML, JSON = "xml", "json"
MEDIA_TYPES = {XML: "text/xml; charset=utf-8", JSON: "application/json; charset=utf-8"}
MAX_DEPTH = 8

Value = Mapping[str, Any] | str | int | float | bool | None
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Many(NamedTuple):
    """Children of one kind: `<attributes><attribute>…`, in JSON an array."""

    child: str
    values: Sequence[Value]


class Document(NamedTuple):
    """A whole answer: the name of its root element, and what is in it."""

    root: str
    content: Mapping[str, Any] | Many


class Unreadable(ValueError):
    """An answer of another system that is not what GeoReport says; one sentence."""


def write(document: Document, form: str) -> bytes:
    """The answer in UTF-8, as `form` ("xml" or "json")."""
    if form == JSON:
        return json.dumps(_plain(document.content), ensure_ascii=False, separators=(",", ":")).encode()
    return etree.tostring(_element(document.root, document.content), encoding="UTF-8", xml_declaration=True)


def _plain(value: Any) -> Any:
    match value:
        case Many(_, values):
            return [_plain(each) for each in values]
        case Mapping():
            return {name: _plain(each) for name, each in value.items()}
        case str():
            return _NOT_XML.sub("\ufffd", value)
    return value


def _element(name: str, value: Any) -> etree._Element:
    made = etree.Element(name)
    match value:
        case Many(child, values):
            made.extend(_element(child, each) for each in values)
        case Mapping():
            made.extend(_element(child, each) for child, each in value.items())
        case bool():
            made.text = "true" if value else "false"
        case None:
            pass
        case _:
            made.text = _NOT_XML.sub("\ufffd", str(value))
    return made


def read(body: bytes, form: str) -> Any:
    """What another system says, as mappings, lists and texts (None for what is empty). Raises Unreadable.

    A list under one name (`{"service_requests": […]}`), as some systems write JSON, is the list itself.
    """
    try:
        return _unwrapped(_texts(json.loads(body), 0)) if form == JSON else _of_element(_parsed(body), 0)
    except (ValueError, RecursionError, etree.XMLSyntaxError):
        raise Unreadable(f"the answer is no {form.upper()} of GeoReport") from None


def _parsed(body: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    return etree.fromstring(body, parser)


def _of_element(element: etree._Element, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise Unreadable("the answer is nested too deep")
    children = list(element)
    names = [etree.QName(child).localname for child in children]
    if not children:
        return (element.text or "").strip() or (None if depth else [])
    values = [_of_element(child, depth + 1) for child in children]
    if len(set(names)) == 1 and _is_list(etree.QName(element).localname, names[0]):
        return values
    return dict(zip(names, values, strict=True))


def _is_list(name: str, child: str) -> bool:
    return name in LISTS or name in (f"{child}s", f"{child}es")


LISTS = frozenset({"service_requests", "service_request_updates", "service_requests_updates"})
"""Elements whose children are not named like them in the singular; the third is how FixMyStreet spells it."""


def _texts(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise Unreadable("the answer is nested too deep")
    match value:
        case dict():
            return {name: _texts(each, depth + 1) for name, each in value.items()}
        case list():
            return [_texts(each, depth + 1) for each in value]
        case bool():
            return "true" if value else "false"
        case None | "":
            return None
    return str(value)


def _unwrapped(value: Any) -> Any:
    match value:
        case {**named} if len(named) == 1 and isinstance(only := next(iter(named.values())), list):
            return only
    return value
