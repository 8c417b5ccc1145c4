"""The yardstick job written down plainly, with fastavro and dicts: what Python rivals run and what tests compare with.

Needs nothing but fastavro, so that a rival's own environment can import it.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from fastavro import parse_schema, schemaless_reader, schemaless_writer

AVRO = Path(__file__).parent / "kafka-streams/src/main/avro"
CLAIM, FACT = b"\0\0\0\0\x65", b"\0\0\0\0\x66"
HOUR = 3_600_000
LIMITS = {"waste": 24, "noise": 4, "road": 72, "water": 12, "lighting": 48, "parking": 2, "stall": 6}
STAGES = ("none", "reported", "dispatched", "disposed", "verified")
KINDS = ("report", "dispatch", "disposal", "verification")
NEXT = ((1, 2, 3, 0), (1, 2, 3, 1), (2, 2, 3, 2), (3, 2, 3, 4), (1, 2, 4, 4))


def schema(name: str) -> Any:
    return parse_schema(json.loads((AVRO / name).read_text("utf-8")))


class PlainJob:
    """State of the cases; `handle` gives the bytes of a claim's fact, or None for a repeated claim."""

    def __init__(self) -> None:
        self.claim = schema("bench-claim.avsc")
        self.fact = schema("bench-fact.avsc")
        self.states: dict[bytes, dict[str, Any]] = {}

    def handle(self, key: bytes, value: bytes, offset: int) -> bytes | None:
        if value[:5] != CLAIM:
            raise ValueError("unknown frame")
        claim: Any = schemaless_reader(io.BytesIO(value[5:]), self.claim, None)
        state = self.states.get(key)
        if state is None:
            state = {"stage": 0, "last_seq": -1, "events": [0, 0, 0, 0], "opened_at": -1, "due_at": -1, "recent": []}
            self.states[key] = state
        if claim["event_id"] in state["recent"]:
            return None
        before, kind = state["stage"], KINDS.index(claim["kind"])
        self._step(state, claim, kind)
        out = io.BytesIO()
        out.write(FACT)
        schemaless_writer(out, self.fact, fact_of(state, claim, before, offset))
        return out.getvalue()

    def _step(self, state: dict[str, Any], claim: dict[str, Any], kind: int) -> None:
        state["stage"] = NEXT[state["stage"]][kind]
        state["last_seq"] = max(state["last_seq"], claim["seq"])
        state["events"][kind] += 1
        if state["opened_at"] < 0:
            state["opened_at"] = claim["occurred_at"]
        if kind == 1:
            state["due_at"] = claim["occurred_at"] + LIMITS.get(claim["category"], 24) * HOUR
        state["recent"] = [*state["recent"][-7:], claim["event_id"]]


def fact_of(state: dict[str, Any], claim: dict[str, Any], before: int, offset: int) -> dict[str, Any]:
    due = state["due_at"]
    return {
        "event_id": claim["event_id"],
        "case_id": claim["case_id"],
        "event_kind": claim["kind"],
        "seq": claim["seq"],
        "stage": STAGES[state["stage"]],
        "prev_stage": STAGES[before],
        "occurred_at": claim["occurred_at"],
        "opened_at": state["opened_at"],
        "due_at": None if due < 0 else due,
        "overdue": 0 <= due < claim["occurred_at"],
        "events": sum(state["events"]),
        "source_offset": offset,
    }
