"""Trying again, to one destination, and giving up: what an operator may decide about what is owed. Each is recorded.

Under the same keys, which is usual, a department that has got something already does nothing about it; one that lost
it (its database was restored, say) takes it again. Under new keys it does everything once more: that is for a
department that wants it so, and is said with `again`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, text

from connectors.contract import Refused
from connectors.tables import delivery_replays
from schemas import ids


class Span(NamedTuple):
    """Obligations that arose from `since` on and before `until`."""

    since: datetime
    until: datetime


class Replay(NamedTuple):
    """What is tried again towards `destination`: one delivery, one dead letter, one case or a time range."""

    destination: str
    who: str
    delivery: int | None = None
    letter: str | None = None
    case: str | None = None
    span: Span | None = None
    again: bool = False


def replay(c: Connection, wanted: Replay) -> int:
    """Have it tried again, in its order; returns how many steps. Raises Refused where there is nothing such."""
    where, given = _which(c, wanted)
    given |= {"destination": wanted.destination}
    number = _record(c, wanted.destination, wanted.who, _told(wanted), again=wanted.again)
    rows = c.execute(text(f"SELECT id, subject_id, step FROM deliveries WHERE {where}"), given).all()
    if not rows:
        raise Refused(f"there is nothing such owed to {wanted.destination}: see threecross connectors deliveries")
    for row in rows:
        key = (
            ids.delivery_key(wanted.destination, str(row.subject_id), f"{row.step}~{number}") if wanted.again else None
        )
        c.execute(_AGAIN, {"id": row.id, "key": key, "again": wanted.again})
    for subject in {str(row.subject_id) for row in rows}:
        _release(c, wanted.destination, subject)
    c.execute(delivery_replays.update().where(delivery_replays.c.id == number).values(deliveries=len(rows)))
    return len(rows)


def give_up(c: Connection, destination: str, delivery: int, who: str, reason: str) -> int:
    """Never try a step that has failed for good again; returns how many steps of its case go on. Raises Refused."""
    given = {"destination": destination, "id": delivery, "detail": f"Given up by {who}: {reason}"}
    subject = c.scalar(_GIVE_UP, given)
    if subject is None:
        raise Refused(f"{destination} has no delivery {delivery} that has failed for good: see --state dead")
    _record(c, destination, who, {"given_up": delivery, "reason": reason}, again=False)
    return _release(c, destination, str(subject))


_AGAIN = text("""
    UPDATE deliveries SET state = 'intent', failures = 0, conflicts = 0, doubt = attempts > 0 AND NOT :again,
        unless = NULL, in_flight = false, why = '', detail = '', next_at = now(), done_at = NULL,
        key = coalesce(CAST(:key AS uuid), key)
    WHERE id = :id""")

_GIVE_UP = text("""
    UPDATE deliveries SET state = 'given-up', detail = :detail
    WHERE destination = :destination AND id = :id AND state = 'dead' RETURNING subject_id""")

_RELEASE = text("""
    UPDATE deliveries d SET state = 'intent', next_at = now() WHERE d.destination = :destination
    AND d.subject_id = CAST(:subject AS uuid) AND d.state = 'parked' AND NOT EXISTS (
        SELECT 1 FROM deliveries e WHERE e.destination = d.destination AND e.subject_id = d.subject_id
        AND e.id < d.id AND e.state = 'dead' AND NOT e.timed)""")


def _release(c: Connection, destination: str, subject: str) -> int:
    """What waited behind nothing any more goes on; returns how many steps."""
    return c.execute(_RELEASE, {"destination": destination, "subject": subject}).rowcount


def _which(c: Connection, wanted: Replay) -> tuple[str, dict[str, Any]]:
    """Condition and parameters for the rows that are meant."""
    mine = "destination = :destination AND "
    if wanted.letter is not None:
        found = c.scalar(_LETTER, {"destination": wanted.destination, "id": wanted.letter})
        if found is None:
            raise Refused(f"there is no dead letter {wanted.letter} of a delivery to {wanted.destination}")
        return f"{mine} id = :id", {"id": int(found)}
    if wanted.delivery is not None:
        return f"{mine} id = :id", {"id": wanted.delivery}
    if wanted.case is not None:
        return f"{mine} subject_id = CAST(:subject AS uuid) AND {_OWED} ORDER BY id", {"subject": wanted.case}
    if wanted.span is not None:
        return (
            f"{mine} made_at >= :since AND made_at < :until AND {_OWED} ORDER BY id",
            wanted.span._asdict(),
        )
    raise Refused("say what is to be tried again: a delivery, a dead letter, a case or a time range")


_OWED = "state NOT IN ('given-up', 'called-off') AND NOT (timed AND state = 'intent')"
"""What was called off, or has its time yet to come, is tried again by its own number alone."""

_LETTER = text("""
    SELECT position ->> 'delivery' FROM connector_dead_letters
    WHERE connector = :destination AND id::text = lower(:id) AND position ? 'delivery'""")


def _told(wanted: Replay) -> dict[str, Any]:
    told = {name: value for name, value in wanted._asdict().items() if value is not None}
    kept = {name: told[name] for name in ("delivery", "letter", "case") if name in told}
    return kept | ({"since": str(wanted.span.since), "until": str(wanted.span.until)} if wanted.span else {})


def _record(c: Connection, destination: str, who: str, what: dict[str, Any], *, again: bool) -> int:
    row = {"who": who, "destination": destination, "what": msgspec.to_builtins(what), "again": again, "deliveries": 0}
    made = c.execute(delivery_replays.insert().values(row).returning(delivery_replays.c.id))
    return int(made.scalar_one())
