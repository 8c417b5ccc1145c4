"""What the tables of the views should say: a second fold of the facts, written from the contract and not from the code.

Rows are dicts by column name, as PostgreSQL gives them; facts are as fastavro decodes them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

Row = dict[str, Any]
Event = dict[str, Any]

_TIMES = ("opened", "filed", "dispatched", "handed_back", "checked", "closed", "committed_due", "yellow", "due")
_TEXTS = (
    *("number", "category_scheme", "category_version", "category_code", "division", "grid", "inlet"),
    *("closing_kind", "lead", "upstream_status", "longitude", "latitude"),
)


def _blank(partition: int, offset: int) -> Row:
    zero = {"seq": 0, "reworks": 0, "refused": 0, "system": "", "source_number": "", "stage": "none", "irregular": []}
    unknown = dict.fromkeys([*(f"{name}_at" for name in _TIMES), *_TEXTS])
    return {**unknown, **zero, "partition": partition, "first_offset": offset}


class Tables:
    """The tables `cases`, `parties`, `aliases` and `refusals`, after every fact told so far."""

    def __init__(self) -> None:
        self.cases: dict[str, Row] = {}
        self.parties: dict[tuple[str, str], Row] = {}
        self.aliases: dict[tuple[str, str], str] = {}
        self.refusals: dict[str, tuple[Any, ...]] = {}
        self._orgs: dict[str, list[str]] = {}

    def tell(self, partition: int, offset: int, name: str, event: Event) -> None:
        """One more fact."""
        meta = event["meta"]
        case_id = str(meta["subject"]["id"])
        case = self.cases.get(case_id) or self.cases.setdefault(case_id, _blank(partition, offset))
        case["seq"], case["last_offset"], case["last_recorded_at"] = meta["seq"], offset, meta["recorded_at"]
        case["irregular"] += [rule for rule in meta["irregular"] if rule not in case["irregular"]]
        case["upstream_status"] = event.get("upstream_status") or case["upstream_status"]
        handler = _HANDLERS.get(name)
        if handler is not None:
            handler(self, case_id, case, event, meta["occurred_at"])

    # ------------------------------------------------------------ one method for each fact that changes more

    def _reported(self, case_id: str, case: Row, event: Event, at: datetime) -> None:
        place, category, source = event["place"], event["category"], event["meta"]["source"]
        position = place["position"] or {}
        case |= {"stage": "reported", "opened_at": at, "inlet": event["inlet"]}
        case |= {"system": source["system"], "source_number": source["number"]}
        case |= {"division": place["division"], "grid": place["grid"]}
        case |= {f"category_{part}": category[part] for part in ("scheme", "version", "code")}
        case |= {axis: position.get(axis) for axis in ("longitude", "latitude")}
        self.aliases.setdefault((source["system"], source["number"]), case_id)

    def _alias(self, case_id: str, _case: Row, event: Event, _at: datetime) -> None:
        self.aliases.setdefault((event["system"], event["number"]), case_id)

    def _filed(self, _case_id: str, case: Row, event: Event, at: datetime) -> None:
        case |= {"stage": "filed", "number": event["number"], "filed_at": at}

    def _not_filed(self, _case_id: str, case: Row, _event: Event, _at: datetime) -> None:
        case["stage"] = "not_filed"

    def _dispatched(self, case_id: str, case: Row, event: Event, at: datetime) -> None:
        leads = [party["org"] for party in event["parties"] if party["role"] == "lead"]
        case |= {"stage": "dispatched", "dispatched_at": at, "lead": leads[0] if leads else None}
        self._orgs[case_id] = [party["org"] for party in event["parties"]]
        for party in event["parties"]:
            start = {"role": party["role"], "status": "dispatched", "dispatched_at": at}
            self.parties[case_id, party["org"]] = {**start, "acknowledged_at": None, "handed_back_at": None}

    def _acknowledged(self, case_id: str, _case: Row, event: Event, at: datetime) -> None:
        self._update(case_id, event["party"], status="acknowledged", acknowledged_at=at)

    def _handed_back(self, case_id: str, case: Row, event: Event, at: datetime) -> None:
        self._update(case_id, event["party"], status="handed_back", handed_back_at=at)
        mine = [self.parties[case_id, org] for org in self._orgs.get(case_id, [])]
        working = [party for party in mine if party["role"] != "inform"]
        led = any(party["role"] == "lead" for party in working)  # a hand-back that overtook its dispatch ends nothing
        if led and case["stage"] == "dispatched" and all(party["status"] == "handed_back" for party in working):
            case |= {"stage": "handed_back", "handed_back_at": at}

    def _rework(self, case_id: str, case: Row, event: Event, _at: datetime) -> None:
        case |= {"stage": "dispatched", "reworks": case["reworks"] + 1}
        for org in event["parties"]:
            self._update(case_id, org, status="rework")

    def _committed(self, _case_id: str, case: Row, event: Event, at: datetime) -> None:
        due = event["due_at"]
        start = case["dispatched_at"] or case["filed_at"] or case["opened_at"] or at
        used = max(0, (due - start) // timedelta(microseconds=1))
        yellow = start + timedelta(microseconds=int(used * 0.8))
        case |= {"committed_due_at": due, "due_at": due, "yellow_at": yellow}

    def _checked(self, _case_id: str, case: Row, event: Event, at: datetime) -> None:
        case |= {"checked_at": at, "stage": "passed" if event["result"] == "passed" else case["stage"]}

    def _closed(self, _case_id: str, case: Row, event: Event, at: datetime) -> None:
        case |= {"stage": "closed", "closed_at": at, "closing_kind": event["kind"]}

    def _refused(self, case_id: str, case: Row, event: Event, _at: datetime) -> None:
        case["refused"] += 1
        meta = event["meta"]
        why = (event["claim_type"], event["rule"], event["detail"])
        self.refusals[str(meta["fact_id"])] = (case_id, meta["seq"], *why, meta["recorded_at"])

    def _update(self, case_id: str, org: str, **changes: Any) -> None:
        if (case_id, org) in self.parties:
            self.parties[case_id, org] |= changes


_HANDLERS: dict[str, Callable[[Tables, str, Row, Event, datetime], None]] = {
    "Reported": Tables._reported,
    "AliasAdded": Tables._alias,
    "Filed": Tables._filed,
    "FilingRefused": Tables._not_filed,
    "Dispatched": Tables._dispatched,
    "Acknowledged": Tables._acknowledged,
    "HandedBack": Tables._handed_back,
    "ReworkOrdered": Tables._rework,
    "Committed": Tables._committed,
    "Checked": Tables._checked,
    "Closed": Tables._closed,
    "Refused": Tables._refused,
}


def as_found(connection: Any) -> Tables:
    """The same tables as PostgreSQL has them, asked in plain SQL."""
    found = Tables()
    columns = ", ".join(name for name in _blank(0, 0) if name != "case_id")
    for row in _rows(connection, f"SELECT case_id::text, {columns}, last_offset, last_recorded_at FROM cases"):
        found.cases[row.pop("case_id")] = row
    told = "case_id, org, role, status, dispatched_at, acknowledged_at, handed_back_at"
    for row in _rows(connection, f"SELECT {told} FROM parties"):
        found.parties[str(row.pop("case_id")), row.pop("org")] = row
    for row in _rows(connection, "SELECT * FROM aliases"):
        found.aliases[row["system"], row["number"]] = str(row["case_id"])
    for row in _rows(connection, "SELECT * FROM refusals"):
        why = (row["claim_type"], row["rule"], row["detail"])
        found.refusals[str(row["fact_id"])] = (str(row["case_id"]), row["seq"], *why, row["recorded_at"])
    return found


def _rows(connection: Any, query: str) -> list[Row]:
    cursor = connection.execute(query)
    names = [column.name for column in cursor.description]
    return [dict(zip(names, values, strict=True)) for values in cursor]


def differences(expected: Tables, found: Tables) -> list[str]:
    """Where what was found is not what the facts say, one sentence each."""
    wrong = []
    for table in ("cases", "parties", "aliases", "refusals"):
        ours, theirs = getattr(expected, table), getattr(found, table)
        keys = [key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key)]
        wrong += [f"{table} {key}: {_differing(ours.get(key), theirs.get(key))}" for key in keys]
    return wrong


def _differing(ours: Any, theirs: Any) -> str:
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        return f"is {theirs}, by the facts {ours}"
    named = [name for name in ours if ours[name] != theirs.get(name)]
    return ", ".join(f"{name} is {theirs.get(name)}, by the facts {ours[name]}" for name in named)
