"""The strict checker passes what the specification shows, and catches each twin that breaks one of its rules."""

import json
from typing import Any

import pytest

from tests.open311_checker import CONTENT_TYPES, Answer, problems

DECLARED = b"<?xml version='1.0' encoding='UTF-8'?>\n"
REQUEST: dict[str, Any] = {
    "service_request_id": "638344",
    "status": "closed",
    "status_notes": "Duplicate request.",
    "service_name": "Sidewalk and Curb Issues",
    "service_code": "006",
    "description": None,
    "agency_responsible": None,
    "service_notice": None,
    "requested_datetime": "2010-04-14T06:37:38-08:00",
    "updated_datetime": "2010-04-14T06:37:38-08:00",
    "expected_datetime": "2010-04-15T06:37:38-08:00",
    "address": "8TH AVE and JUDAH ST",
    "address_id": "545483",
    "zipcode": "94122",
    "lat": 37.762221815,
    "long": -122.4651145,
    "media_url": None,
}
SERVICE: dict[str, Any] = {
    "service_code": "001",
    "service_name": "Cans left out",
    "description": "Cans that stay out",
    "metadata": True,
    "type": "realtime",
    "keywords": "can, bin",
    "group": "sanitation",
}
ATTRIBUTE: dict[str, Any] = {
    "variable": True,
    "code": "MAKE",
    "datatype": "singlevaluelist",
    "required": True,
    "datatype_description": None,
    "order": 1,
    "description": "Which make?",
    "values": [{"key": "123", "name": "Ford"}],
}
UPDATE: dict[str, Any] = {
    "update_id": "1",
    "service_request_id": "638344",
    "status": "in_progress",
    "updated_datetime": "2010-04-14T06:37:38Z",
    "description": "On the way",
}
ENDPOINT: dict[str, Any] = {
    "specification": "http://wiki.open311.org/GeoReport_v2",
    "url": "https://city.example/v2",
    "changeset": "2010-11-23 09:01",
    "type": "test",
    "formats": ["text/xml", "application/json"],
}
DISCOVERY: dict[str, Any] = {
    "changeset": "2011-02-03 14:18",
    "contact": "call us",
    "key_service": "write to us",
    "endpoints": [ENDPOINT],
}
GOOD: dict[str, Any] = {
    "requests": [REQUEST, {**REQUEST, "lat": None, "long": None}],
    "request": [REQUEST],
    "services": [SERVICE],
    "definition": {"service_code": "1", "attributes": [ATTRIBUTE]},
    "created": [{"service_request_id": "293944", "service_notice": None}],
    "token": [{"service_request_id": "638344", "token": "12345"}],
    "updates": [UPDATE],
    "taken": [{"update_id": "1"}],
    "discovery": DISCOVERY,
}
ROOTS = {"requests": "service_requests", "request": "service_requests", "created": "service_requests"}
ROOTS |= {"token": "service_requests", "services": "services", "definition": "service_definition"}
ROOTS |= {"updates": "service_request_updates", "taken": "service_request_updates", "discovery": "discovery"}
CHILDREN = {"service_requests": "request", "service_request_updates": "request_update", "services": "service"}
CHILDREN |= {
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
    "errors": "error",
}


def element(name: str, value: Any) -> str:
    match value:
        case list():
            inner = "".join(element(CHILDREN[name], each) for each in value)
        case dict():
            inner = "".join(element(child, each) for child, each in value.items())
        case bool():
            inner = str(value).lower()
        case _:
            inner = "" if value is None else str(value)
    return f"<{name}>{inner}</{name}>"


def written(root: str, value: Any, form: str, status: int = 200) -> Answer:
    body = json.dumps(value).encode() if form == "json" else DECLARED + element(root, value).encode()
    return Answer(status, CONTENT_TYPES[form], body, form)


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize("call", GOOD)
def test_an_answer_as_the_specification_shows_it_passes(call: str, form: str) -> None:
    assert problems(call, written(ROOTS[call], GOOD[call], form)) == []


@pytest.mark.parametrize("form", ["xml", "json"])
def test_errors_pass_under_the_status_of_an_error(form: str) -> None:
    error = [{"code": 403, "description": "Invalid api_key"}]
    assert problems("created", written("errors", error, form, 403)) == []
    assert problems("created", written("errors", error, form, 200))
    assert problems("created", written("errors", [], form, 403))
    assert problems("created", written("errors", [{"code": "no", "description": "x"}], form, 403))


def without(record: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key != name}


TWINS = [
    ("requests", [without(REQUEST, "status")], "lacks status"),
    ("requests", [{**REQUEST, "status": "fixed"}], "not one of open, closed"),
    ("requests", [{**REQUEST, "requested_datetime": "2010-04-14T06:37:38"}], "with a zone"),
    ("requests", [{**REQUEST, "updated_datetime": "2010-04-14T06:37:38.5Z"}], "whole seconds"),
    ("requests", [{**REQUEST, "updated_datetime": "2010-02-30T06:37:38Z"}], "no calendar"),
    ("requests", [{**REQUEST, "expected_datetime": "soon"}], "expected_datetime"),
    ("requests", [{**REQUEST, "lat": 91}], "number from -90"),
    ("requests", [{**REQUEST, "lat": None}], "one of lat and long"),
    ("requests", [{**REQUEST, "phone": "1380000"}], "phone"),
    ("requests", [{**REQUEST, "service_request_id": None}], "empty service_request_id"),
    ("request", [], "0 times"),
    ("request", [REQUEST, REQUEST], "2 times"),
    ("services", [{**SERVICE, "type": "soon"}], "realtime"),
    ("services", [{**SERVICE, "metadata": "yes"}], "true or false"),
    ("services", [without(SERVICE, "group")], "lacks group"),
    ("definition", {"service_code": "1", "attributes": [ATTRIBUTE, ATTRIBUTE]}, "same order"),
    ("definition", {"service_code": "1", "attributes": [{**ATTRIBUTE, "order": 0}]}, "number from 1"),
    ("definition", {"service_code": "1", "attributes": [{**ATTRIBUTE, "datatype": "string"}]}, "values exactly"),
    ("definition", {"service_code": "1", "attributes": [{**ATTRIBUTE, "datatype": "colour"}]}, "singlevaluelist"),
    ("created", [{"token": "1", "service_request_id": "2"}], "either"),
    ("created", [{"service_notice": "soon"}], "either"),
    ("token", [{"token": "1"}], "lacks service_request_id"),
    ("updates", [{**UPDATE, "status": "lovely"}], "not one of"),
    ("updates", [without(UPDATE, "update_id")], "lacks update_id"),
    ("updates", [{**UPDATE, "updated_datetime": None}], "empty updated_datetime"),
    ("discovery", {**DISCOVERY, "endpoints": []}, "0 times"),
    ("discovery", {**DISCOVERY, "endpoints": [{**ENDPOINT, "formats": ["application/json"]}]}, "text/xml"),
    ("discovery", {**DISCOVERY, "endpoints": [{**ENDPOINT, "type": "trial"}]}, "production"),
    ("discovery", without(DISCOVERY, "key_service"), "lacks key_service"),
]


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize(("call", "twin", "about"), TWINS)
def test_a_twin_that_breaks_a_rule_is_caught(call: str, twin: Any, about: str, form: str) -> None:
    found = problems(call, written(ROOTS[call], twin, form))
    assert any(about in problem for problem in found), found


ONE = written("service_requests", [REQUEST], "xml")
JSON = written("service_requests", [REQUEST], "json")


@pytest.mark.parametrize(
    ("twin", "about"),
    [
        (ONE._replace(content_type="application/xml"), "content type"),
        (ONE._replace(content_type="text/xml"), "content type"),
        (ONE._replace(status=302), "status 302"),
        (ONE._replace(status=500), "status 500"),
        (ONE._replace(status=201), "status 201"),
        (ONE._replace(body=ONE.body.removeprefix(DECLARED)), "declaration"),
        (ONE._replace(body=ONE.body.replace(b"<request>", b"<request a='1'>", 1)), "attribute"),
        (ONE._replace(body=ONE.body.replace(b"service_requests>", b"requests>")), "the root"),
        (ONE._replace(body=ONE.body.replace(b"<request>", b"<request>&#10;text", 1)), None),
        (ONE._replace(body=ONE.body.replace(b"<service_requests>", b"<service_requests xmlns='urn:x'>")), "namespace"),
        (ONE._replace(body=ONE.body.replace(b"<lat>", b"<lat>1</lat><lat>")), "twice"),
        (ONE._replace(body=ONE.body[:-5]), "cannot be read"),
        (ONE._replace(body=ONE.body.replace(b"AVE", b"AV\xe9")), "cannot be read"),
        (JSON._replace(body=b'{"service_requests": ' + JSON.body + b"}"), "has to be a list"),
        (JSON._replace(body=JSON.body.replace(b"37.762221815", b'"37.762221815"')), "not a number"),
        (JSON._replace(body=JSON.body.replace(b'"media_url": null', b'"media_url": ""')), "null is meant"),
        (JSON._replace(body=JSON.body.replace(b'"638344"', b"true")), "not a text"),
    ],
)
def test_a_twin_whose_envelope_is_wrong_is_caught(twin: Answer, about: str | None) -> None:
    found = problems("requests", twin)
    assert any((about or "") in problem for problem in found), found
