"""What is owed to destinations, in PostgreSQL: intents with the position they come from, attempts, what became of them.

Everything works within a transaction of the caller. One process at a time delivers to a destination; others may look,
and may ask for replays (connectors/delivery/replay.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, func, select, text
from sqlalchemy.dialects.postgresql import insert

from connectors.contract import CallOff, Item, Receipt, Step
from connectors.delivery.bodies import kept
from connectors.delivery.obligation import Obligation, State
from connectors.tables import connector_subjects, deliveries, delivery_attempts, feed_positions
from schemas import ids
from schemas.events import Subject

_OPEN = "('intent', 'attempted', 'parked', 'dead')"


class Due(NamedTuple):
    """A delivery whose turn it is; `body` still holds references, as JSON."""

    id: int
    subject: Subject
    seq: int
    step: str
    key: str
    body: dict[str, Any]
    n: int
    partition: int
    their_number: str | None
    obligation: Obligation
    timed: bool = False
    unless: str | None = None


class FeedPosition(NamedTuple):
    """How far a partition of a feed has been read: offset of the next record, number of the last item."""

    next_offset: int
    n: int


def moment(micros: int) -> datetime:
    """UTC µs as PostgreSQL takes them."""
    return datetime.fromtimestamp(micros / 1_000_000, UTC)


def intend(c: Connection, destination: str, items: Sequence[tuple[Item, Sequence[Step | CallOff]]], now: int) -> int:
    """Write down what items lead to; what is there already stays as it is. Returns how many are new.

    A step behind one that has failed for good is parked at once. What an item calls off is of earlier items.
    """
    c.execute(_WITH_OTHERS, {"destination": destination})
    _know(c, destination, [item for item, _ in items])
    new, rows = 0, list[dict[str, Any]]()
    for item, led in items:
        called_off = [one for one in led if isinstance(one, CallOff)]
        if called_off:
            new, rows = new + _insert(c, rows), []
        for one in called_off:
            _call_off(c, destination, item, one, now)
        rows += [_row(destination, item, one, now) for one in led if isinstance(one, Step)]
    return new + _insert(c, rows)


def _insert(c: Connection, rows: list[dict[str, Any]]) -> int:
    return c.execute(_INTEND, rows).rowcount if rows else 0


def _call_off(c: Connection, destination: str, item: Item, what: CallOff, now: int) -> None:
    given = {"destination": destination, "subject_id": item.subject.id, "unless": what.unless, "at": moment(now)}
    c.execute(_CALL_OFF, given | {"detail": f"Called off by item {item.partition}-{item.n}."})


_CALL_OFF = text("""
    UPDATE deliveries SET state = 'called-off', detail = :detail, done_at = :at
    WHERE destination = :destination AND subject_id = CAST(:subject_id AS uuid) AND unless = :unless
      AND state IN ('intent', 'attempted', 'parked')""")


def _row(destination: str, item: Item, step: Step, now: int) -> dict[str, Any]:
    return {
        "destination": destination,
        "subject_kind": item.subject.kind,
        "subject_id": item.subject.id,
        "seq": item.seq,
        "partition": item.partition,
        "n": item.n,
        "step": step.name,
        "key": ids.delivery_key(destination, item.subject.id, step.name),
        "body": _json(kept(step.body)),
        "at": moment(max(now, step.not_before or now)),
        "timed": step.not_before is not None,
        "unless": step.unless,
    }


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


_INTEND = text("""
    INSERT INTO deliveries (destination, subject_kind, subject_id, seq, partition, n, step, key, body, state, made_at,
                            next_at, timed, unless)
    SELECT :destination, :subject_kind, CAST(:subject_id AS uuid), :seq, :partition, :n, :step, CAST(:key AS uuid),
           CAST(:body AS jsonb), CASE WHEN NOT :timed AND EXISTS (
               SELECT 1 FROM deliveries d WHERE d.destination = :destination AND d.state IN ('parked', 'dead')
               AND d.subject_id = CAST(:subject_id AS uuid) AND NOT d.timed
           ) THEN 'parked' ELSE 'intent' END, :at, :at, :timed, :unless
    ON CONFLICT DO NOTHING""")


def _know(c: Connection, department: str, items: Sequence[Item]) -> None:
    """Remember which subjects the department has heard of, and their numbers."""
    latest = {item.subject.id: item for item in items}
    rows = [
        {"department": department, "subject_id": one.subject.id, "kind": one.subject.kind, "seq": one.seq}
        | {"number": one.card.number}
        for one in latest.values()
    ]
    if rows:
        made = insert(connector_subjects)
        table = connector_subjects.c
        number = func.coalesce(made.excluded.number, table.number)
        changed = {"number": number, "seq": made.excluded.seq}
        c.execute(made.on_conflict_do_update(index_elements=["department", "subject_id"], set_=changed), rows)


def due(c: Connection, destination: str, now: int, limit: int) -> list[Due]:
    """The first open step of each case that may be tried now, and timed ones whose time has come, the oldest first."""
    rows = c.execute(_DUE, {"destination": destination, "now": moment(now), "limit": limit}).mappings()
    return [_due(row) for row in rows]


_DUE = text(f"""
    SELECT d.*, s.their_number FROM deliveries d
    LEFT JOIN connector_subjects s ON s.department = d.destination AND s.subject_id = d.subject_id
    WHERE d.destination = :destination AND d.state IN ('intent', 'attempted') AND d.next_at <= :now
      AND (d.timed OR NOT EXISTS (
          SELECT 1 FROM deliveries e WHERE e.destination = d.destination AND e.subject_id = d.subject_id
          AND e.id < d.id AND e.state IN {_OPEN} AND NOT e.timed))
    ORDER BY d.id LIMIT :limit""")


def _due(row: Any) -> Due:
    obligation = Obligation(
        State(row["state"]),
        row["attempts"],
        row["failures"],
        row["conflicts"],
        row["doubt"],
        row["in_flight"],
        0.0,
        row["why"],
        row["detail"],
    )
    subject = Subject(kind=row["subject_kind"], id=str(row["subject_id"]))
    return Due(
        *(row["id"], subject, row["seq"], row["step"], str(row["key"]), row["body"], row["n"], row["partition"]),
        row["their_number"],
        obligation,
        row["timed"],
        row["unless"],
    )


def mark_attempted(c: Connection, deliveries_due: Sequence[int]) -> set[int]:
    """They are about to be tried: whoever finds them so after a fault knows that they are in doubt. Returns which;
    not those that have been called off."""
    if not deliveries_due:
        return set()
    changed = {"state": State.ATTEMPTED.value, "attempts": deliveries.c.attempts + 1, "in_flight": True}
    mine = deliveries.c.id.in_(deliveries_due), deliveries.c.state != State.CALLED_OFF.value
    return set(c.scalars(deliveries.update().where(*mine).values(changed).returning(deliveries.c.id)))


def called_off(c: Connection, delivery: int) -> bool:
    """Whether it has been called off since it was marked as attempted."""
    query = select(deliveries.c.state).where(deliveries.c.id == delivery)
    return bool(c.scalar(query) == State.CALLED_OFF.value)


def write(c: Connection, standing: Sequence[tuple[int, Obligation]], now: int) -> None:
    """Keep how deliveries stand. What was called off meanwhile stays so, unless it was done all the same."""
    done = (State.ACKNOWLEDGED, State.CONFIRMED)
    rows = [
        {
            **{name: getattr(obligation, name) for name in _KEPT},
            "id": delivery,
            "state": obligation.state.value,
            "next_at": moment(now + int(obligation.wait * 1_000_000)),
            "done_at": moment(now) if obligation.state in done else None,
            "over": obligation.state in done,
        }
        for delivery, obligation in standing
    ]
    c.execute(_WRITE, rows)


_KEPT = ("attempts", "failures", "conflicts", "doubt", "in_flight", "why", "detail")
_WRITE = text(f"""
    UPDATE deliveries SET state = :state, next_at = :next_at, done_at = coalesce(:done_at, done_at),
           {", ".join(f"{name} = :{name}" for name in _KEPT)}
    WHERE id = :id AND (:over OR state <> '{State.CALLED_OFF.value}')""")


def record(c: Connection, tried: Sequence[tuple[int, Obligation, str]], now: int) -> None:
    """Write down one attempt each, and what came of it."""
    at = moment(now)
    rows = [
        {"delivery": delivery, "attempt": now.attempts, "at": at, "outcome": outcome, "detail": now.detail}
        for delivery, now, outcome in tried
    ]
    c.execute(delivery_attempts.insert(), rows)


def know_their_numbers(c: Connection, destination: str, taken: Sequence[tuple[Due, Receipt]]) -> None:
    """Keep the other side's numbers of these cases."""
    rows = [
        {"department": destination, "subject_id": one.subject.id, "kind": one.subject.kind, "seq": one.seq}
        | {"their_number": receipt.their_number}
        for one, receipt in taken
        if receipt.their_number is not None
    ]
    if rows:
        made = insert(connector_subjects)
        changed = {"their_number": made.excluded.their_number}
        c.execute(made.on_conflict_do_update(index_elements=["department", "subject_id"], set_=changed), rows)


def park_behind(c: Connection, destination: str, one: Due) -> int:
    """Later steps of the case wait behind one that has failed for good; returns how many."""
    c.execute(_ALONE, {"destination": destination})  # what is being written down just now would not be seen
    given = {"destination": destination, "subject": one.subject.id, "id": one.id}
    return c.execute(_PARK, given).rowcount


_LOCK = "hashtextextended(current_schema() || 'deliveries to ' || :destination, 0)"
_WITH_OTHERS = text(f"SELECT pg_advisory_xact_lock_shared({_LOCK})")
_ALONE = text(f"SELECT pg_advisory_xact_lock({_LOCK})")

_PARK = text("""
    UPDATE deliveries SET state = 'parked' WHERE destination = :destination AND subject_id = CAST(:subject AS uuid)
    AND id > :id AND state IN ('intent', 'attempted') AND NOT timed""")


def positions(c: Connection, department: str) -> dict[int, FeedPosition]:
    """How far each partition of the department's feed has been read."""
    table = feed_positions.c
    rows = c.execute(feed_positions.select().where(table.department == department))
    return {row.partition: FeedPosition(row.next_offset, row.n) for row in rows}


def keep_position(c: Connection, department: str, partition: int, position: FeedPosition) -> None:
    """Remember it, in the transaction of the intents that it stands for."""
    made = insert(feed_positions).values(department=department, partition=partition, **position._asdict())
    changed = {"next_offset": made.excluded.next_offset, "n": made.excluded.n}
    c.execute(made.on_conflict_do_update(index_elements=["department", "partition"], set_=changed))


def look_up(c: Connection, department: str, system: str, number: str) -> str | None:
    """Subject id of a number that the department uses; None where it has never heard of such a subject."""
    given = {"department": department, "system": system, "number": number, "case": ids.case_id(system, number)}
    found = c.scalar(_KEY if system == "key" else _NUMBER, given)
    return None if found is None else str(found)


_KEY = text("SELECT subject_id FROM deliveries WHERE destination = :department AND key::text = lower(:number)")
_NUMBER = text("""
    SELECT subject_id FROM connector_subjects WHERE department = :department AND (
        (:system = 'hub' AND (number = :number OR subject_id::text = lower(:number)))
        OR (:system = department AND their_number = :number)
        OR subject_id = CAST(:case AS uuid)
    ) LIMIT 1""")
