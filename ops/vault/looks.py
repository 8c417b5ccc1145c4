"""Every look into the vault, granted or not: who, in which role, for which purpose, when, at what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, insert, select

from ops.vault.errors import Erased, NotAllowed, NotInVault, Unreadable, VaultError
from ops.vault.tables import vault_looks as table


class Viewer(NamedTuple):
    """Who looks, in which role and for which purpose."""

    who: str
    role: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Look:
    """One recorded look; `at` is UTC, `outcome` shown, destroyed, erased, not-allowed, not-in-vault or unreadable."""

    at: datetime
    ref: str
    kind: str | None
    who: str
    role: str
    purpose: str
    granted: bool
    outcome: str


_OUTCOMES: Final = {
    Erased: "erased",
    NotAllowed: "not-allowed",
    NotInVault: "not-in-vault",
    Unreadable: "unreadable",
}


def record(c: Connection, viewer: Viewer, ref: str, kind: str | None, outcome: str | VaultError) -> None:
    """Write down a look in the transaction of the look itself. An error as outcome stands for its refusal."""
    if not viewer.who.strip():
        raise ValueError("whoever looks into the vault must say who it is")
    shown = isinstance(outcome, str)
    name = outcome if isinstance(outcome, str) else _OUTCOMES[type(outcome)]
    c.execute(insert(table).values(ref=ref, kind=kind, granted=shown, outcome=name, **viewer._asdict()))


def looks_at(c: Connection, ref: str) -> list[Look]:
    """All looks at one reference, oldest first."""
    columns = [table.c[name] for name in Look.__dataclass_fields__]
    return [Look(*row) for row in c.execute(select(*columns).where(table.c.ref == ref).order_by(table.c.id))]
