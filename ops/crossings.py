"""The three-cross view of one case, as a document: which parts and why, who came, who works, what hangs on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ops.queries import CaseFile, Row

PARTS = ("region", "department", "authority")
DUPLICATES = frozenset({"suspected", "dismissed", "merged", "absorbed"})

NOT_JUDGED = "not judged: no reference was loaded when its facts were decided, or nobody works in it yet"


def document(file: CaseFile) -> Row:
    """The view. Times are datetimes; an empty list says that it has not happened."""
    case, more = file.case, file.case["more"] or {}
    return {
        "case_id": case["case_id"],
        "number": case["number"],
        "stage": case["stage"],
        "restricted": case["restricted"],
        **_parts(file.three_cross),
        "whistles": more.get("whistles", []),
        "summons": [_summons(one) for one in more.get("summons", [])],
        "lead": case["lead"],
        "assists": [p["org"] for p in standing(file) if p["role"] == "assist"],
        "informed": [p["org"] for p in standing(file) if p["role"] == "inform"],
        "parties": file.parties,
        "clocks": file.clocks,
        "blocks": case["blocks"],
        "returns": more.get("returns", []),
        "hand_overs": more.get("hand_overs", []),
        "links": [link for link in more.get("links", []) if link["kind"] not in DUPLICATES],
        "duplicates": [link for link in more.get("links", []) if link["kind"] in DUPLICATES],
        "linked_from": file.linked,
        "groups": more.get("groups", []),
        "known_as": [{"system": a["system"], "number": a["number"]} for a in file.aliases],
        "words": words(file),
    }


def _parts(crossing: Row | None) -> Row:
    """The three parts: what each says, why, and the facts that it rests on."""
    if crossing is None:
        unknown = {"says": "unknown", "why": NOT_JUDGED, "facts": []}
        return {"rule": None, "reference": None, "three_cross": None, **dict.fromkeys(PARTS, unknown)}
    parts = {name: crossing["why"][name] for name in PARTS}
    crosses = [name for name in PARTS if crossing[name]]
    return {"rule": crossing["rule"], "reference": crossing["reference"], "three_cross": crosses, **parts}


def standing(file: CaseFile) -> list[Row]:
    """Parties that are not gone."""
    return [party for party in file.parties if party["gone_at"] is None]


def _summons(one: Row) -> Row:
    called = one.get("called", True)
    came: datetime | None = one.get("reported_in_at")
    due: datetime | None = one.get("due_at")
    return {
        "org": one["org"],
        "called_at": one["at"] if called else None,
        "due_at": due,
        "reported_in_at": came,
        "in_time": came <= due if came and due else None,
        "facts": [seq for seq in (one["seq"], one.get("reported_in_seq")) if seq],
    }


def words(file: CaseFile) -> list[Row]:
    """Each side's own word for the state, where they are not all the same; else nothing."""
    case = file.case
    own = [{"system": case["system"], "org": case["reporting_org"], "status": case["upstream_status"]}]
    others: list[dict[str, Any]] = [
        {"system": w["system"], "org": w["org"], "status": w["status"]} for w in (case["more"] or {}).get("words", [])
    ]
    said = [word for word in (*own, *others) if word["status"]]
    return said if len({word["status"] for word in said}) > 1 else []
