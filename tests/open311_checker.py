"""A strict reader of GeoReport v2 answers, written from the specification and sharing nothing with the hub.

`problems(call, answer)` gives one sentence for each thing that is not as the specification says. An empty list is a
pass. The extension with updates is read as British councils use it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from lxml import etree

TWO = ("open", "closed")
EXTENDED = (
    *TWO,
    *("investigating", "in_progress", "action_scheduled", "for_triage", "internal_referral", "reopen", "fixed"),
    *("duplicate", "no_further_action", "not_councils_responsibility"),
)
CONTENT_TYPES = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
REFUSALS = frozenset({400, 401, 403, 404, 405, 410, 413, 415, 429, 503})
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")


class Answer(NamedTuple):
    """What came back over HTTP, for an address that ended in `form`."""

    status: int
    content_type: str
    body: bytes
    form: str


class Field(NamedTuple):
    """A field of a record. `kind` reads its text (or JSON value) and says what is wrong with it."""

    name: str
    kind: Callable[[Any, str], Iterator[str]]
    required: bool = True
    empty: bool = False


class Record(NamedTuple):
    """An element with named children, each at most once."""

    fields: tuple[Field, ...]
    rules: tuple[Callable[[dict[str, Any]], Iterator[str]], ...] = ()


class Array(NamedTuple):
    """An element that repeats one kind of child."""

    child: str
    of: Record | Callable[[Any, str], Iterator[str]]
    least: int = 0
    most: int | None = None


class Shape(NamedTuple):
    """A whole answer: the name of the root element and what is in it."""

    root: str
    of: Record | Array


def text(value: Any, form: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"is {type(value).__name__}, not a text"


def code(value: Any, form: str) -> Iterator[str]:
    if isinstance(value, bool) or not re.fullmatch(r"[1-9]\d{2,3}", str(value)):
        yield f"is {value!r}, not the number of an error"


def one_of(*words: str) -> Callable[[Any, str], Iterator[str]]:
    def check(value: Any, form: str) -> Iterator[str]:
        if value not in words:
            yield f"is {value!r}, not one of {', '.join(words)}"

    return check


def flag(value: Any, form: str) -> Iterator[str]:
    if (form == "json" and not isinstance(value, bool)) or (form == "xml" and value not in ("true", "false")):
        yield f"is {value!r}, not true or false"


def number(low: float, high: float) -> Callable[[Any, str], Iterator[str]]:
    def check(value: Any, form: str) -> Iterator[str]:
        if form == "json" and (isinstance(value, bool) or not isinstance(value, int | float)):
            yield f"is {value!r}, not a number"
            return
        try:
            inside = low <= float(value) <= high
        except (TypeError, ValueError):
            inside = False
        if not inside:
            yield f"is {value!r}, not a number from {low} to {high}"

    return check


def count(value: Any, form: str) -> Iterator[str]:
    yield from number(1, 1e9)(value, form)
    if not re.fullmatch(r"\d+", str(value)):
        yield f"is {value!r}, not a positive integer"


def moment(value: Any, form: str) -> Iterator[str]:
    if not isinstance(value, str) or not TIME.fullmatch(value):
        yield f"is {value!r}, not a W3C time in whole seconds with a zone"
        return
    try:
        datetime.fromisoformat(value)
    except ValueError:
        yield f"is {value!r}, which no calendar has"


def token_or_id(record: dict[str, Any]) -> Iterator[str]:
    if ("token" in record) == ("service_request_id" in record):
        yield "has to have either a service_request_id or a token"


def distinct_orders(record: dict[str, Any]) -> Iterator[str]:
    found = record.get("attributes")
    orders = [each.get("order") for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    if len(set(map(str, orders))) != len(orders):
        yield "gives two attributes the same order"


def lists_have_values(record: dict[str, Any]) -> Iterator[str]:
    if (str(record.get("datatype")).endswith("valuelist")) != bool(record.get("values")):
        yield "has to have values exactly where its datatype is a list"


def with_xml(record: dict[str, Any]) -> Iterator[str]:
    formats = record.get("formats")
    if not isinstance(formats, list) or "text/xml" not in formats:
        yield "does not offer text/xml, which is required"


def both_coordinates(record: dict[str, Any]) -> Iterator[str]:
    if (record.get("lat") in (None, "")) != (record.get("long") in (None, "")):
        yield "has one of lat and long without the other"


DATATYPES = ("string", "number", "datetime", "text", "singlevaluelist", "multivaluelist")
SERVICE = Record(
    (
        Field("service_code", text),
        Field("service_name", text),
        Field("description", text, empty=True),
        Field("metadata", flag),
        Field("type", one_of("realtime", "batch", "blackbox")),
        Field("keywords", text, empty=True),
        Field("group", text, empty=True),
    )
)
VALUE = Record((Field("key", text), Field("name", text)))


def array(of: Array) -> Callable[[Any, str], Iterator[str]]:
    return lambda value, form: _array(value, of, form)


ATTRIBUTE = Record(
    (
        Field("variable", flag),
        Field("code", text),
        Field("datatype", one_of(*DATATYPES)),
        Field("required", flag),
        Field("datatype_description", text, empty=True),
        Field("order", count),
        Field("description", text, empty=True),
        Field("values", array(Array("value", VALUE)), required=False),
    ),
    (lists_have_values,),
)
REQUEST = Record(
    (
        Field("service_request_id", text),
        Field("status", one_of(*TWO)),
        Field("status_notes", text, required=False, empty=True),
        Field("service_name", text),
        Field("service_code", text),
        Field("description", text, empty=True),
        Field("agency_responsible", text, required=False, empty=True),
        Field("service_notice", text, required=False, empty=True),
        Field("requested_datetime", moment),
        Field("updated_datetime", moment),
        Field("expected_datetime", moment, required=False, empty=True),
        Field("address", text, empty=True),
        Field("address_id", text, empty=True),
        Field("zipcode", text, empty=True),
        Field("lat", number(-90, 90), empty=True),
        Field("long", number(-180, 180), empty=True),
        Field("media_url", text, empty=True),
    ),
    (both_coordinates,),
)
CREATED = Record(
    (
        Field("service_request_id", text, required=False),
        Field("token", text, required=False),
        Field("service_notice", text, required=False, empty=True),
        Field("account_id", text, required=False, empty=True),
    ),
    (token_or_id,),
)
RESOLVED = Record((Field("service_request_id", text), Field("token", text)))
UPDATE = Record(
    (
        Field("update_id", text),
        Field("service_request_id", text),
        Field("status", one_of(*EXTENDED)),
        Field("updated_datetime", moment),
        Field("description", text, empty=True),
        Field("media_url", text, required=False, empty=True),
    )
)
TAKEN = Record((Field("update_id", text), Field("account_id", text, required=False, empty=True)))
PROBLEM = Record((Field("code", code), Field("description", text)))
ENDPOINT = Record(
    (
        Field("specification", one_of("http://wiki.open311.org/GeoReport_v2")),
        Field("url", text),
        Field("changeset", text),
        Field("type", one_of("production", "test")),
        Field("formats", array(Array("format", text, least=1))),
    ),
    (with_xml,),
)
DISCOVERY = Record(
    (
        Field("changeset", text),
        Field("contact", text),
        Field("key_service", text),
        Field("endpoints", array(Array("endpoint", ENDPOINT, least=1))),
    )
)
DEFINITION = Record(
    (Field("service_code", text), Field("attributes", array(Array("attribute", ATTRIBUTE)))), (distinct_orders,)
)

SHAPES = {
    "discovery": Shape("discovery", DISCOVERY),
    "services": Shape("services", Array("service", SERVICE)),
    "definition": Shape("service_definition", DEFINITION),
    "created": Shape("service_requests", Array("request", CREATED, least=1, most=1)),
    "token": Shape("service_requests", Array("request", RESOLVED, least=1, most=1)),
    "requests": Shape("service_requests", Array("request", REQUEST, most=1_000)),
    "request": Shape("service_requests", Array("request", REQUEST, least=1, most=1)),
    "updates": Shape("service_request_updates", Array("request_update", UPDATE)),
    "taken": Shape("service_request_updates", Array("request_update", TAKEN, least=1, most=1)),
}
ERRORS = Shape("errors", Array("error", PROBLEM, least=1))


def problems(call: str, answer: Answer) -> list[str]:
    """All that is wrong with the answer to a call (a key of SHAPES)."""
    found = []
    if answer.status not in REFUSALS | {200, 201}:
        found.append(f"status {answer.status} is none that GeoReport knows")
    if answer.status == 201 and call not in ("created", "taken"):
        found.append("status 201 where nothing was made")
    if answer.content_type.lower().replace(" ", "") != CONTENT_TYPES[answer.form].replace(" ", ""):
        found.append(f"content type {answer.content_type!r}, not {CONTENT_TYPES[answer.form]!r}")
    shape = SHAPES[call] if answer.status < 300 else ERRORS
    try:
        answer.body.decode("utf-8")
        value = _xml(answer.body, shape) if answer.form == "xml" else json.loads(answer.body)
    except (ValueError, etree.XMLSyntaxError) as wrong:
        return [*found, f"the body cannot be read: {wrong}"]
    return found + [f"{shape.root}: {wrong}" for wrong in _shape(value, shape.of, answer.form)]


def _shape(value: Any, of: Record | Array, form: str) -> Iterator[str]:
    yield from _array(value, of, form) if isinstance(of, Array) else _record(value, of, form)


def _array(value: Any, of: Array, form: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"has to be a list of {of.child}"
        return
    if len(value) < of.least or (of.most is not None and len(value) > of.most):
        yield f"has {len(value)} times {of.child}"
    for at, each in enumerate(value, 1):
        wrong = _record(each, of.of, form) if isinstance(of.of, Record) else of.of(each, form)
        yield from (f"{of.child} {at} {problem}" for problem in wrong)


def _record(value: Any, of: Record, form: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"is {value!r}, not a record"
        return
    for name in value.keys() - {field.name for field in of.fields}:
        yield f"has {name}, which the specification does not know"
    for field in of.fields:
        if field.name not in value:
            if field.required:
                yield f"lacks {field.name}"
        elif value[field.name] is None or value[field.name] == "":
            if not field.empty:
                yield f"has an empty {field.name}"
            elif form == "json" and value[field.name] == "":
                yield f"writes an empty {field.name} as text, where null is meant"
        else:
            yield from (f"{field.name} {wrong}" for wrong in field.kind(value[field.name], form))
    for rule in of.rules:
        yield from rule(value)


def _xml(body: bytes, shape: Shape) -> Any:
    if not re.match(rb"<\?xml version=['\"]1.0['\"] encoding=['\"](UTF|utf)-8['\"]\?>", body):
        raise ValueError("no XML declaration that says UTF-8")
    root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    for element in root.iter():
        if not isinstance(element.tag, str) or element.tag.startswith("{") or element.nsmap or element.attrib:
            raise ValueError("a namespace, an attribute, a comment or an instruction")
    if root.tag != shape.root:
        raise ValueError(f"the root is {root.tag}, not {shape.root}")
    return _xml_value(root, shape.of)


def _xml_value(element: etree._Element, of: Any) -> Any:
    children = list(element)
    if children and (element.text or "").strip():
        raise ValueError(f"{element.tag} has text beside its elements")
    if isinstance(of, Array):
        if strangers := {str(child.tag) for child in children if child.tag != of.child}:
            raise ValueError(f"{element.tag} has {', '.join(strangers)} where {of.child} belongs")
        return [_xml_value(child, of.of) for child in children]
    if isinstance(of, Record):
        return _xml_record(element, of)
    if children:
        raise ValueError(f"{element.tag} has elements where a text belongs")
    return element.text or ""


def _xml_record(element: etree._Element, of: Record) -> dict[str, Any]:
    inner = {"attributes": Array("attribute", ATTRIBUTE), "values": Array("value", VALUE)}
    inner |= {"endpoints": Array("endpoint", ENDPOINT), "formats": Array("format", text)}
    found: dict[str, Any] = {}
    for child in element:
        name = str(child.tag)
        if name in found:
            raise ValueError(f"{element.tag} has {name} twice")
        found[name] = _xml_value(child, inner.get(name, text))
    return found
