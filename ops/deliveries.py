"""What is owed to departments and how their connectors stand, asked of the tables: no process need run for that."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from schemas import ids

SILENT_SECONDS = 10
"""A heartbeat older than this is no sign of life."""

_CONNECTORS = text("""
    SELECT s.department AS name, s.kind, s.org, s.wanted, s.state, s.detail, s.breaker, s.born_at, s.heartbeat_at,
           extract(epoch FROM now() - s.heartbeat_at) > :silent AND s.state <> 'stopped' AS silent,
           coalesce(d.open, 0) AS undelivered, coalesce(d.parked, 0) AS parked, coalesce(d.dead, 0) AS dead,
           d.oldest AS oldest_undelivered_at
    FROM connector_states s LEFT JOIN (
        SELECT destination, count(*) AS open, min(made_at) AS oldest,
               count(*) FILTER (WHERE state = 'parked') AS parked, count(*) FILTER (WHERE state = 'dead') AS dead
        FROM deliveries WHERE state IN ('intent', 'attempted', 'parked', 'dead')
          AND NOT (timed AND made_at > now()) GROUP BY destination
    ) d ON d.destination = s.department
    WHERE CAST(:name AS text) IS NULL OR s.department = :name ORDER BY s.department""")


def connectors(c: Connection, name: str | None = None) -> list[dict[str, Any]]:
    """Every connector that this hub has had, or the one of this name: how it stands, what it owes."""
    return [dict(row) for row in c.execute(_CONNECTORS, {"silent": SILENT_SECONDS, "name": name}).mappings()]


class Wanted(NamedTuple):
    """Which deliveries: of one department, in one state, of one case; None: of all."""

    destination: str | None = None
    state: str | None = None
    case: str | None = None
    limit: int = 50


_DELIVERIES = text("""
    SELECT d.id, d.destination, d.subject_id AS case, s.number, s.their_number, d.seq, d.step, d.key, d.state,
           d.attempts, d.why, d.detail, d.made_at, d.next_at, d.done_at
    FROM deliveries d LEFT JOIN connector_subjects s
      ON s.department = d.destination AND s.subject_id = d.subject_id
    WHERE (CAST(:destination AS text) IS NULL OR d.destination = :destination)
      AND (CAST(:state AS text) IS NULL OR d.state = ANY(string_to_array(:state, ',')))
      AND (CAST(:case AS text) IS NULL OR d.subject_id::text = :case OR s.number = :case OR s.their_number = :case
           OR d.subject_id = CAST(:opened AS uuid))
    ORDER BY d.id LIMIT :limit""")


def deliveries(c: Connection, wanted: Wanted) -> list[dict[str, Any]]:
    """Deliveries, the oldest first."""
    opened = opened_by(wanted.case) if wanted.case else None
    rows = c.execute(_DELIVERIES, {**wanted._asdict(), "opened": opened}).mappings()
    return [{**row, "case": str(row["case"]), "key": str(row["key"])} for row in rows]


def opened_by(number: str) -> str | None:
    """Id of the case that SYSTEM:NUMBER opened; None where it has not that shape."""
    system, colon, own = number.partition(":")
    return ids.case_id(system, own) if colon and system and own else None


def attempts(c: Connection, delivery: int) -> list[dict[str, Any]]:
    """Every attempt at one delivery, in order."""
    query = text("SELECT attempt, at, outcome, detail FROM delivery_attempts WHERE delivery = :id ORDER BY number")
    return [dict(row) for row in c.execute(query, {"id": delivery}).mappings()]


def replays(c: Connection, destination: str) -> list[dict[str, Any]]:
    """What operators had tried again or gave up, the newest first."""
    query = text("SELECT * FROM delivery_replays WHERE destination = :d ORDER BY id DESC LIMIT 20")
    return [dict(row) for row in c.execute(query, {"d": destination}).mappings()]


def subject_of(c: Connection, destination: str, number: str) -> str | None:
    """Subject id of a case that the department was told of: by id, the hub's number, the department's own, or the
    number that opened it as SYSTEM:NUMBER."""
    query = text("""
        SELECT subject_id FROM connector_subjects WHERE department = :d
        AND (subject_id::text = lower(:n) OR number = :n OR their_number = :n OR subject_id = CAST(:opened AS uuid))
        LIMIT 1""")
    found = c.scalar(query, {"d": destination, "n": number, "opened": opened_by(number)})
    return None if found is None else str(found)
