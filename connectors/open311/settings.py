"""What a department that speaks Open311 says of itself: the endpoint it offers, or the endpoint it calls. Data only."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from connectors.contract import Secret
from schemas.events import Category

Datatype = Literal["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]
Code = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
Count = Annotated[int, Meta(ge=1)]

STATUSES = (
    "open",
    "closed",
    "investigating",
    "in_progress",
    "action_scheduled",
    "for_triage",
    "internal_referral",
    "reopen",
    "fixed",
    "duplicate",
    "no_further_action",
    "not_councils_responsibility",
)
"""Statuses of updates: those of the specification, then those that British councils add."""

ENDED = frozenset({"closed", "fixed", "duplicate", "no_further_action", "not_councils_responsibility"})
"""Of these, the ones that are `closed` where the specification knows only two."""


class Option(Struct, frozen=True, forbid_unknown_fields=True):
    """One value of a list to choose from."""

    key: str
    name: str


class Attribute(Struct, frozen=True, forbid_unknown_fields=True):
    """A question of a service; `variable` false is a text to read."""

    code: Code
    description: str
    datatype: Datatype = "string"
    required: bool = False
    variable: bool = True
    datatype_description: str = ""
    values: tuple[Option, ...] = ()


class Service(Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of request, and the category of the hub that it is. `batch` answers with a token."""

    code: Code
    name: str
    category: Category
    description: str = ""
    group: str = ""
    keywords: tuple[str, ...] = ()
    type: Literal["realtime", "batch"] = "realtime"
    notice: str = ""
    attributes: tuple[Attribute, ...] = ()


class Jurisdiction(Struct, frozen=True, forbid_unknown_fields=True):
    """A jurisdiction_id and the division whose matters it serves."""

    id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,128}$")]
    division: Annotated[str, Meta(pattern=r"^[0-9]{6,12}$")]


class Caller(Struct, frozen=True, forbid_unknown_fields=True):
    """Who may write: a name, and the SHA-256 (hex) of its api_key, which is long and random; `per_minute` posts in the
    long run, `burst` at once."""

    name: Code
    key_sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    per_minute: Count = 600
    burst: Count = 600


class Status(Struct, frozen=True, forbid_unknown_fields=True):
    """What a fact means outside. `fact` is its name without namespace, `reason` that of the fact where given, `stage`
    that of the case afterwards where given. The first row that fits counts. An empty `note` says nothing more."""

    status: str
    fact: str = ""
    reason: str = ""
    stage: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise ValueError(f'"{self.status}" is no status of Open311: there are {", ".join(STATUSES)}')


class Said(Struct, frozen=True, forbid_unknown_fields=True):
    """What an update from outside claims: `status` of the update, the claim, its reason where it needs one."""

    status: str
    claim: str
    reason: str = ""
    already_done: bool = False

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise ValueError(f'"{self.status}" is no status of Open311: there are {", ".join(STATUSES)}')


class Media(Struct, frozen=True, forbid_unknown_fields=True):
    """Which files may come with a request. Pictures that it names by address are fetched where that begins with one of
    `fetch_from`, for example "https://pictures.app.example/"; from nowhere else."""

    types: tuple[str, ...] = ("image/jpeg", "image/png", "image/webp")
    max_bytes: Count = 8 << 20
    max_files: Count = 3
    fetch_from: tuple[Annotated[str, Meta(pattern=r"^https?://[^/]+/")], ...] = ()


class Endpoint(Struct, frozen=True, forbid_unknown_fields=True):
    """The endpoint that is offered. `system` names it in claims; `url` is its public address; `changeset` is raised
    whenever services change; `same_by` are attributes by which a sender numbers its requests; without one of them the
    same form within `same_for_minutes` is the same request."""

    system: Code
    url: str
    contact: str
    key_service: str
    changeset: str
    jurisdictions: tuple[Jurisdiction, ...]
    services: tuple[Service, ...]
    statuses: tuple[Status, ...]
    said: tuple[Said, ...] = ()
    callers: tuple[Caller, ...] = ()
    agencies: dict[str, str] = {}
    same_by: tuple[str, ...] = ("external_id", "fixmystreet_id")
    type: Literal["production", "test"] = "production"
    media: Media = Media()
    page_size: Count = 1_000
    max_updates: Count = 10_000
    clock_skew_seconds: Annotated[int, Meta(ge=0, le=3_600)] = 60
    same_for_minutes: Count = 60

    def __post_init__(self) -> None:
        _unique("service", [service.code for service in self.services])
        _unique("jurisdiction", [each.id for each in self.jurisdictions])
        _unique("caller", [caller.name for caller in self.callers])
        if not self.jurisdictions or not self.services or not self.statuses:
            raise ValueError("an endpoint has at least one of jurisdictions, services and statuses")


class Abroad(Struct, frozen=True, forbid_unknown_fields=True):
    """The endpoint of another council that is called. `external_id` is the field in which our key travels and by which
    a request is found again; `services` maps its codes to categories of the hub; `page_size` 0 asks without pages."""

    system: Code
    url: str
    services: tuple[Service, ...]
    said: tuple[Said, ...]
    api_key: Secret | None = None
    jurisdiction_id: str = ""
    format: Literal["xml", "json"] = "xml"
    external_id: str = "attribute[external_id]"
    overlap_seconds: Count = 7_200
    page_size: Annotated[int, Meta(ge=0)] = 0
    timeout_seconds: Count = 20


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    """Open311 GeoReport v2: the endpoint that is offered to others, the council abroad that is called, or both."""

    endpoint: Endpoint | None = None
    abroad: Abroad | None = None

    def __post_init__(self) -> None:
        if self.endpoint is None and self.abroad is None:
            raise ValueError("say what is offered (endpoint) or who is called (abroad)")


def _unique(what: str, names: list[str]) -> None:
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"{what} {min(twice)} stands there twice")
