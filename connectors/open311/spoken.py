"""The calls of the endpoint as its OpenAPI document tells them: addresses, parameters, forms, answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from connectors.open311.settings import STATUSES

Schema = dict[str, Any]


class Call(NamedTuple):
    """One call. `query` and `fields`: name → what it is; names that end in `!` must be there. `gives`: schema of the
    answer in JSON."""

    name: str
    path: str
    summary: str
    gives: Schema
    query: Mapping[str, str] = {}
    fields: Mapping[str, str] = {}


TEXT: Schema = {"type": "string"}
EMPTY: Schema = {"type": ["string", "null"]}
FLAG: Schema = {"type": "boolean"}
NUMBER: Schema = {"type": ["number", "null"]}


def _record(**fields: Schema) -> Schema:
    return {"type": "object", "properties": fields, "additionalProperties": False}


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


ENDPOINT = _record(specification=TEXT, url=TEXT, changeset=TEXT, type=TEXT, formats=_list(TEXT))
DISCOVERY = _record(changeset=TEXT, contact=TEXT, key_service=TEXT, endpoints=_list(ENDPOINT))
SERVICE = _record(
    service_code=TEXT, service_name=TEXT, description=EMPTY, metadata=FLAG, type=TEXT, keywords=EMPTY, group=EMPTY
)
ATTRIBUTE = _record(
    variable=FLAG,
    code=TEXT,
    datatype=TEXT,
    required=FLAG,
    datatype_description=EMPTY,
    order={"type": "integer"},
    description=EMPTY,
    values=_list(_record(key=TEXT, name=TEXT)),
)
DEFINITION = _record(service_code=TEXT, attributes=_list(ATTRIBUTE))
REQUEST = _record(
    **dict.fromkeys(("service_request_id", "service_name", "service_code"), TEXT),
    **dict.fromkeys(("requested_datetime", "updated_datetime"), TEXT),
    **dict.fromkeys(("status_notes", "description", "agency_responsible", "service_notice", "media_url"), EMPTY),
    **dict.fromkeys(("expected_datetime", "address", "address_id", "zipcode"), EMPTY),
    status={"enum": ["open", "closed"]},
    lat=NUMBER,
    long=NUMBER,
)
CREATED = _record(service_request_id=TEXT, token=TEXT, service_notice=EMPTY)
UPDATE = _record(
    update_id=TEXT,
    service_request_id=TEXT,
    status={"enum": list(STATUSES)},
    updated_datetime=TEXT,
    description=EMPTY,
    media_url=EMPTY,
)
ERRORS = _list(_record(code={"type": "integer"}, description=TEXT))

WHERE = {"jurisdiction_id": "which jurisdiction; needed where the endpoint serves several"}
TIMES = "W3C time with a zone, included"
PAGES = {"page": "from 1", "page_size": "how many on a page"}

READ = (
    Call("discovery", "/discovery", "Where the endpoint is, and what it speaks", DISCOVERY),
    Call("services", "/services", "Services that can be asked for", _list(SERVICE), WHERE),
    Call("definition", "/services/{number}", "Questions of one service, by its code", DEFINITION, WHERE),
    Call(
        "requests",
        "/requests",
        "Service requests, in the order in which they became known",
        _list(REQUEST),
        {
            **WHERE,
            "service_request_id": "comma delimited; overrides all others",
            "service_code": "comma delimited",
            "start_date": f"requested from; {TIMES}",
            "end_date": f"requested until; {TIMES}; at most 90 days after start_date",
            "status": "open, closed; comma delimited",
            "updated_after": f"updated from; {TIMES}",
            "updated_before": f"updated until; {TIMES}",
            **PAGES,
        },
    ),
    Call("request", "/requests/{number}", "One service request, by its id", _list(REQUEST), WHERE),
    Call("token", "/tokens/{number}", "The service_request_id of a token", _list(CREATED), WHERE),
    Call(
        "updates",
        "/servicerequestupdates",
        "Updates by the second in which they were recorded: nothing is ever added to a window that was answered",
        _list(UPDATE),
        {**WHERE, "start_date": f"from; {TIMES}", "end_date": f"until, else now; {TIMES}", **PAGES},
    ),
)

PERSON = dict.fromkeys(("account_id", "device_id", "email", "first_name", "last_name", "phone"), "goes to the vault")
WRITE = (
    Call(
        "post_request",
        "/requests",
        "Ask for a service",
        _list(CREATED),
        fields={
            "api_key!": "who may write",
            **WHERE,
            "service_code!": "of the list of services",
            "lat": "WGS84",
            "long": "WGS84",
            "address_string": "goes to the vault",
            "address_id": "goes to the vault",
            "description": "at most 4,000 characters; goes to the vault",
            "media_url": "goes to the vault",
            **PERSON,
        },
    ),
    Call(
        "post_update",
        "/servicerequestupdates",
        "Say more about a service request",
        _list(_record(update_id=TEXT)),
        fields={
            "api_key!": "who may write",
            **WHERE,
            "service_request_id!": "which request",
            "update_id!": "the sender's own number of the update",
            "status!": "as in updates, in capitals or not",
            "updated_datetime!": "W3C time with a zone",
            "description": "goes to the vault",
        },
    ),
)

CALLS = (*READ, *WRITE)

PLAIN, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"
WRONG = {
    400: "Something is missing or cannot be read, each error in one sentence",
    404: "Not known",
    410: "Not public any more",
    503: "Not just now: the same again later",
}
WRONG_FORM = {
    **WRONG,
    403: "api_key is missing or invalid, or may not say this",
    413: "Too long",
    415: "Another type",
    429: "Too often",
}


def is_address(call: Call, path: str) -> bool:
    """Whether a path, without its format, is the address of a call."""
    ours, given = call.path.split("/"), path.split("/")
    return len(ours) == len(given) and all(part in ("{number}", there) for part, there in zip(ours, given, strict=True))


def parameters(call: Call) -> list[Schema]:
    """What may stand in the URL; anything else is not looked at."""
    found = [{"name": name, "in": "query", "description": about, "schema": TEXT} for name, about in call.query.items()]
    if call.fields:
        about = "the same key, the same request: sent again it does nothing"
        found.append(
            {"name": "Idempotency-Key", "in": "header", "description": about, "schema": {**TEXT, "maxLength": 200}}
        )
    return found


def body(call: Call) -> Schema:
    """The form of a call."""
    named = {name.rstrip("!"): {**TEXT, "description": about} for name, about in call.fields.items()}
    schema = {
        "type": "object",
        "required": [name.rstrip("!") for name in call.fields if name.endswith("!")],
        "properties": named,
        "additionalProperties": TEXT,
    }
    return {"required": True, "content": {PLAIN: {"schema": schema}, PARTS: {"schema": schema}}}


def responses(call: Call, form: str) -> dict[int | str, dict[str, Any]]:
    """The answers of a call in one format."""
    wrong = WRONG_FORM if call.fields else WRONG
    found: dict[int | str, dict[str, Any]] = {200: {"description": call.summary, "content": _content(call.gives, form)}}
    for status, about in wrong.items():
        found[status] = {"description": about, "content": _content(ERRORS, form)}
    return {**found, "4XX": {"description": "Any other error of the call", "content": _content(ERRORS, form)}}


def _content(schema: Schema, form: str) -> Schema:
    return {"application/json": {"schema": schema}} if form == "json" else {"text/xml": {"schema": TEXT}}
