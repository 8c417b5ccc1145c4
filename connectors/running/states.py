"""How each connector is: birth, heartbeat, state; and what an operator wishes of it. One row for each department."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from connectors.delivery.store import moment
from connectors.tables import connector_states as table

RUNNING, PAUSED, FAILED, STOPPED = "running", "paused", "failed", "stopped"


class Wish(NamedTuple):
    """What an operator wants: running or paused; a rising number of restarts."""

    wanted: str = RUNNING
    restarts: int = 0


class Standing(NamedTuple):
    """How a connector stands, as its process says."""

    state: str
    detail: str = ""
    breaker: str = "closed"


def born(c: Connection, department: str, kind: str, org: str, now: int) -> None:
    """It has started."""
    at = moment(now)
    row = {"department": department, "kind": kind, "org": org, "state": RUNNING, "born_at": at, "heartbeat_at": at}
    made = insert(table).values(**row, detail="")
    changed = {name: made.excluded[name] for name in (*row, "detail") if name != "department"}
    c.execute(made.on_conflict_do_update(index_elements=["department"], set_=changed))


def beat(c: Connection, department: str, standing: Standing, now: int) -> None:
    """It is there, and this is how."""
    changed = {**standing._asdict(), "heartbeat_at": moment(now)}
    c.execute(table.update().where(table.c.department == department).values(changed))


def wishes(c: Connection) -> dict[str, Wish]:
    """What is wanted of every connector that this hub has had."""
    rows = c.execute(select(table.c.department, table.c.wanted, table.c.restarts))
    return {row.department: Wish(row.wanted, row.restarts) for row in rows}


def want_new(c: Connection, department: str, kind: str, org: str, now: int) -> None:
    """Wish a department to be read from its file and started, by whichever process has the connectors."""
    at = moment(now)
    row = {"department": department, "kind": kind, "org": org, "state": STOPPED, "born_at": at, "heartbeat_at": at}
    changed = {"restarts": table.c.restarts + 1, "wanted": RUNNING}
    made = insert(table).values(**row).on_conflict_do_update(index_elements=["department"], set_=changed)
    c.execute(made)


def want(c: Connection, department: str, wanted: str) -> bool:
    """Wish it running or paused, over restarts too; False where there is no such connector."""
    return bool(c.execute(table.update().where(table.c.department == department).values(wanted=wanted)).rowcount)


def want_restart(c: Connection, department: str) -> bool:
    """Wish it started anew; False where there is no such connector."""
    changed = {"restarts": table.c.restarts + 1}
    return bool(c.execute(table.update().where(table.c.department == department).values(changed)).rowcount)
