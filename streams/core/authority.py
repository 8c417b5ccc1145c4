"""Authority as data: who may claim what, in which stage, by a table that a file holds.

`load_authority()` reads the table that ships with the hub; `parse_authority(text)` any other. Both refuse a table
with unknown words, so that a misspelt stage never becomes a rule that no case can meet.
"""

from __future__ import annotations

import tomllib
from enum import StrEnum
from importlib import resources
from typing import Any

import msgspec

from schemas import events


class Stage(StrEnum):
    """Where a case stands on the closure loop."""

    NONE = "none"
    REPORTED = "reported"
    FILED = "filed"
    DISPATCHED = "dispatched"
    HANDED_BACK = "handed_back"
    PASSED = "passed"
    CLOSED = "closed"
    NOT_FILED = "not_filed"


class Relation(StrEnum):
    """What the actor's organisation must be to the case."""

    ANY = "any"
    REPORTING_SIDE = "reporting-side"
    OWN_PARTY = "own-party"
    NOT_A_PARTY = "not-a-party"


class AuthorityError(ValueError):
    """The authority table says something that casework does not understand."""


class Permission(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """One row of the table: `stages` and `roles` that may, and the relation that the actor must have."""

    stages: frozenset[Stage]
    roles: frozenset[str]
    relation: Relation


Authority = dict[str, Permission]
"""Permission by claim: the class name, or for Close the class name and the kind (`Close.recorded`)."""


_KEYS = {cls.__name__ for cls in events.CLAIMS.values() if cls is not events.Close} | {
    f"Close.{kind}" for kind in events.ClosingKind.ALL
}


def _permission(claim: str, row: Any) -> Permission:
    if claim not in _KEYS:
        wanted = (
            "name its kind, as in Close.checked" if claim.startswith("Close") else "see schemas/avro for their names"
        )
        raise AuthorityError(f"authority table, [{claim}]: there is no claim of this name; {wanted}")
    try:
        permission = msgspec.convert(row, Permission)
    except msgspec.ValidationError as error:
        raise AuthorityError(f"authority table, [{claim}]: {error}") from error
    for key in ("stages", "roles"):
        if not getattr(permission, key):
            raise AuthorityError(f"authority table, [{claim}]: {key} is empty, so nobody could ever do this")
    return permission


def parse_authority(text: str) -> Authority:
    """The table from TOML text; raises AuthorityError naming the claim and the key that is wrong."""
    try:
        rows = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AuthorityError(f"the authority table is not TOML: {error}") from error
    return {claim: _permission(claim, row) for claim, row in rows.items()}


def load_authority() -> Authority:
    """The table that ships with the hub."""
    return parse_authority(resources.files("streams.core").joinpath("authority.toml").read_text("utf-8"))
