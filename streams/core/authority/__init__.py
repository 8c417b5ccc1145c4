"""Authority as data: who may claim what, in which stage, by tables in the files of this folder.

`load_authority()` reads the tables that ship with the hub; `parse_authority(text)` any other. Both refuse a table
with unknown words, so that a misspelt stage never becomes a rule that no case can meet.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from importlib import resources
from typing import Any

import msgspec

from schemas import events


class Stage(StrEnum):
    """Where a subject stands: a case on the closure loop, any other one open or closed."""

    NONE = "none"
    REPORTED = "reported"
    FILED = "filed"
    DISPATCHED = "dispatched"
    HANDED_BACK = "handed_back"
    PASSED = "passed"
    CLOSED = "closed"
    NOT_FILED = "not_filed"
    WITHDRAWN = "withdrawn"
    VOID = "void"
    MERGED = "merged"
    OPEN = "open"

    __hash__ = str.__hash__  # Enum's own is a function in Python, and tables are asked for every claim


STAGES: dict[str, frozenset[Stage]] = {
    "case": frozenset(Stage) - {Stage.OPEN},
    **dict.fromkeys(("group", "account", "worker", "household"), frozenset({Stage.NONE, Stage.OPEN, Stage.CLOSED})),
}
"""The stages of each kind of subject."""


class Role(StrEnum):
    """In which role somebody speaks."""

    REPORTER = "reporter"
    GRID_WORKER = "grid_worker"
    OPERATOR = "operator"
    DISPATCHER = "dispatcher"
    HANDLER = "handler"
    INSPECTOR = "inspector"
    APPROVER = "approver"
    MEDIATOR = "mediator"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"
    SOURCE = "source"
    LINKS = "links"
    CLOCKS = "clocks"


ROLES: dict[Role, str] = {
    Role.REPORTER: "a resident, or who reports for one",
    Role.GRID_WORKER: "a worker of a grid",
    Role.OPERATOR: "who answers a hotline",
    Role.DISPATCHER: "who files, dispatches and closes at the centre",
    Role.HANDLER: "who disposes, at a department",
    Role.INSPECTOR: "who checks on site",
    Role.APPROVER: "who approves extensions, suspensions and forced closings",
    Role.MEDIATOR: "who mediates between those concerned",
    Role.REVIEWER: "who reviews appeals",
    Role.AUDITOR: "who audits what was self-handled",
    Role.SOURCE: "a system that reports its own history",
    Role.LINKS: "the hub itself, for what a fact of one subject means for another",
    Role.CLOCKS: "the hub itself, for time that runs out in silence",
}


class Relation(StrEnum):
    """What the actor's organisation must be to the subject."""

    ANY = "any"
    REPORTING_SIDE = "reporting-side"
    OWN_PARTY = "own-party"
    ANY_PARTY = "any-party"
    OWN_ORG = "own-org"
    NOT_A_PARTY = "not-a-party"
    VERIFYING_SIDE = "verifying-side"

    __hash__ = str.__hash__  # Enum's own is a function in Python, and tables are asked for every claim


RELATIONS: dict[Relation, str] = {
    Relation.ANY: "every organisation",
    Relation.REPORTING_SIDE: "the organisation that the report came from, who commands it or is commanded by it",
    Relation.OWN_PARTY: "the organisation speaks for itself and is a party with work to do",
    Relation.ANY_PARTY: "the organisation speaks for itself and has been a party",
    Relation.OWN_ORG: "the organisation speaks for itself",
    Relation.NOT_A_PARTY: "no organisation that works in the case, nor one that such commands or has stationed with it",
    Relation.VERIFYING_SIDE: "the reporting side, who filed the case or who was asked to check, and not a party",
}


class AuthorityError(ValueError):
    """The authority table says something that casework does not understand."""


class Permission(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """One row of the table: `stages` and `roles` that may, and the relation that the actor must have.

    `kinds` are the kinds of subjects that it is for; `suspended` says that it may be claimed during a suspension.
    """

    stages: frozenset[Stage]
    roles: frozenset[Role]
    relation: Relation
    kinds: frozenset[events.SubjectKindSymbol] = frozenset({"case"})
    suspended: bool = False


Authority = dict[str, Permission]
"""Permission by claim: the class name, or for Close the class name and the kind (`Close.recorded`)."""


_KEYS = {cls.__name__ for cls in events.CLAIMS.values() if cls is not events.Close} | {
    f"Close.{kind}" for kind in events.ClosingKind.ALL
}


def _permission(claim: str, row: Any) -> Permission:
    if claim not in _KEYS:
        wanted = (
            "name its kind, as in Close.checked"
            if claim.startswith("Close.") or claim == "Close"
            else "see schemas/avro for their names"
        )
        raise AuthorityError(f"authority table, [{claim}]: there is no claim of this name; {wanted}")
    try:
        permission = msgspec.convert(row, Permission)
    except msgspec.ValidationError as error:
        raise AuthorityError(f"authority table, [{claim}]: {error}") from error
    for key in ("stages", "roles", "kinds"):
        if not getattr(permission, key):
            raise AuthorityError(f"authority table, [{claim}]: {key} is empty, so nobody could ever do this")
    for kind in sorted(permission.kinds):
        if not permission.stages & STAGES[kind]:
            raise AuthorityError(f"authority table, [{claim}]: stages name none that a {kind} has")
    if odd := permission.stages - frozenset().union(*(STAGES[kind] for kind in permission.kinds)):
        raise AuthorityError(f"authority table, [{claim}]: stages name {min(odd)}, which its subject never has")
    return permission


def parse_authority(text: str) -> Authority:
    """The table from TOML text; raises AuthorityError naming the claim and the key that is wrong."""
    try:
        rows = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AuthorityError(f"the authority table is not TOML: {error}") from error
    return {claim: _permission(claim, row) for claim, row in rows.items()}


def together(files: Mapping[str, str]) -> Authority:
    """One table from several files (name → TOML text). A claim that stands in two of them is refused."""
    table: Authority = {}
    for name in sorted(files):
        rows = parse_authority(files[name])
        if twice := sorted(table.keys() & rows.keys()):
            raise AuthorityError(f"authority table, [{twice[0]}]: it stands in {name} and in another file")
        table |= rows
    return table


def load_authority() -> Authority:
    """The tables that ship with the hub."""
    folder = resources.files("streams.core.authority")
    return together({file.name: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".toml")})
