"""How one case is printed: what it is, its flags, its parties, and the three-cross view."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ops.cli.common import colour, console, local_time, table

if TYPE_CHECKING:
    from ops.queries import CaseFile, Row

SAYS = {"yes": "bold red", "no": "green", "unknown": "yellow"}
LIGHTS = {"green": "green", "yellow": "yellow", "red": "bold red"}
STEPS = (
    ("opened_at", "reported"),
    ("filed_at", "filed"),
    ("dispatched_at", "dispatched"),
    ("handed_back_at", "handed back"),
    ("checked_at", "checked"),
    ("closed_at", "closed"),
)


ANSWERS = {None: "not answered yet", True: "taken", False: "refused"}


def show(file: CaseFile, zone: str, *, only_three_cross: bool = False) -> None:
    """Print a case, or only its three-cross view."""
    where, row = console(), file.case
    title = f"Case {row['number']}" if row["number"] else f"Case {row['case_id']} (not filed)"
    where.print(table(title, ("", ""), _facts(file, zone)[: 3 if only_three_cross else None]))
    if row["blocks"] is not None:
        where.print(f"Closing: {row['blocks'] or 'nothing stands in its way.'}", soft_wrap=True)
    if file.parties:
        where.print(_parties(file, zone))
    if file.clocks:
        where.print(_clocks(file, zone))
    for section in _sections(file, zone):
        where.print(section)
    if file.refusals and not only_three_cross:
        refused = [[r["seq"], r["claim_type"].split(".")[-1], r["rule"], r["detail"]] for r in file.refusals]
        where.print(table("Refused claims", ("fact", "claim", "rule", "what stands against it"), refused))


def _facts(file: CaseFile, zone: str) -> list[list[Any]]:
    row = file.case
    category = " ".join(
        str(row[f"category_{part}"]) for part in ("scheme", "version", "code") if row[f"category_{part}"]
    )
    lines: list[list[Any]] = [
        ["id", row["case_id"]],
        ["known as", ", ".join(f"{a['system']}:{a['number']}" for a in file.aliases)],
        ["stage", row["stage"] + (f" ({row['closing_kind']})" if row["closing_kind"] else "")],
        ["category", category],
        ["place", _place(row)],
        *([word, local_time(row[name], zone)] for name, word in STEPS if row[name] is not None),
        ["due", _due(row, zone)],
        ["status there", row["upstream_status"]],
        ["reworks", row["reworks"] or None],
        *_flags(row["more"] or {}, zone),
        ["restricted", "only some may see it" if row["restricted"] else None],
        ["against rules", ", ".join(row["irregular"]) or None],
        ["facts", f"{row['seq']}, partition {row['partition']}, offsets {row['first_offset']} to {row['last_offset']}"],
    ]
    return [line for line in lines if line[1] not in (None, "")]


def _flags(more: Row, zone: str) -> Iterator[list[Any]]:
    """What only some cases have, in a few words."""
    resting = more.get("suspension")
    if resting:
        yield ["suspended", f"until {local_time(resting['until'], zone)} ({resting['reason']})"]
    for name in ("supervision", "regime", "level", "audit", "ended_because"):
        yield [name.replace("_", " "), more.get(name)]
    for name in ("reopened", "urged"):
        yield [name, f"{more[name]} times" if more.get(name) else None]
    for back in more.get("returns", []):
        yield ["returned", f"by {back['party']}: {back['reason']}"]
    for asked in more.get("extensions", []):
        yield ["extension", f"of {asked['party']}: {asked.get('outcome', 'asked')} ({asked['reason']})"]
    for over in more.get("hand_overs", []):
        yield ["handed over", f"to {over['service']}, {over['org']}: {ANSWERS[over.get('accepted')]}"]
    for appeal in more.get("appeals", []):
        exempt = (
            "exempt" if appeal["party"] in more.get("exempted", []) else f"{len(appeal.get('reviews', []))} reviews"
        )
        yield ["appeal", f"of {appeal['party']}: {exempt}"]
    for question in more.get("questions", []):
        yield [
            "by reference",
            f"{question['by']} asked {question['party']}: {question.get('outcome') or 'no answer yet'}",
        ]


def _place(row: Row) -> str:
    place = [row["division"], row["grid"]]
    if row["longitude"] is not None:
        place.append(f"{row['longitude']:.6f}, {row['latitude']:.6f}")
    return " · ".join(part for part in place if part)


def _due(row: Row, zone: str) -> Any:
    if row["due_at"] is None:
        return None
    promised = " (promised)" if row["committed_due_at"] else ""
    word = {"red": "late", "yellow": "more than 80 % used", "green": "in time"}[row["light"]]
    return colour(f"{local_time(row['due_at'], zone)}{promised} · {word}", LIGHTS[row["light"]])


def _sections(file: CaseFile, zone: str) -> Iterator[Any]:
    """Tables of the view, those that have something to say."""
    from ops.crossings import PARTS, document

    view = document(file)
    yield table("Three-cross", ("part", "", "why", "facts"), [_part(name, view[name]) for name in PARTS])
    if view["whistles"]:
        rows = [[w["by"], w["need"], _joined(w.get("targets")), local_time(w["at"], zone)] for w in view["whistles"]]
        yield table("Whistles", ("by", "need", "for", "at"), rows)
    if view["summons"]:
        yield table("Called", ("org", "called", "until", "reported in"), [_called(s, zone) for s in view["summons"]])
    if bonds := [*_bonds(view, zone)]:
        yield table("Hangs together with", ("what", "which", "since"), bonds)
    if view["words"]:
        said = [[w["system"], w["org"], w["status"]] for w in view["words"]]
        yield table("In their own words", ("system", "org", "status"), said)


def _part(name: str, part: Row) -> list[Any]:
    return [name, colour(part["says"], SAYS[part["says"]]), part["why"], _joined(part["facts"])]


def _joined(values: Any) -> str:
    return ", ".join(str(value) for value in values or ())


def _called(one: Row, zone: str) -> list[Any]:
    came = local_time(one["reported_in_at"], zone) or colour("not yet", "yellow")
    if one["in_time"] is False:
        came = colour(f"{came} · late", "bold red")
    called = local_time(one["called_at"], zone) or "came uncalled"
    return [one["org"], called, local_time(one["due_at"], zone) or "the city's rule", came]


def _bonds(view: Row, zone: str) -> Iterator[list[Any]]:
    for link in (*view["links"], *view["duplicates"]):
        yield [link["kind"], link["other"], local_time(link["at"], zone)]
    for link in view["linked_from"]:
        yield [f"{link['kind']} (says the other)", link["number"] or link["case_id"], local_time(link["since"], zone)]
    for group in view["groups"]:
        yield ["group", group, ""]


def _parties(file: CaseFile, zone: str) -> Any:
    """The parties with their own times and lights."""
    columns = ("role", "org", "status", "dispatched", "acknowledged", "handed back", "due")
    times = ("dispatched_at", "acknowledged_at", "handed_back_at")
    rows = [
        [p["role"], p["org"], p["status"], *(local_time(p[t], zone) for t in times), _own_due(p, zone)]
        for p in file.parties
    ]
    return table("Parties", columns, rows)


def _clocks(file: CaseFile, zone: str) -> Any:
    """Every clock: of the case, and of each party its own."""
    rows = [
        [
            c["clock"].replace("_", " "),
            c["party"],
            c["verdict"],
            local_time(c["opened_at"], zone),
            local_time(c["closed_at"], zone),
            colour(local_time(c["due_at"], zone) or c["trouble"], LIGHTS.get(c["light"] or "", "")),
            c["basis"],
        ]
        for c in file.clocks
    ]
    return table("Clocks", ("clock", "party", "", "began", "ended", "due", "by"), rows)


def _own_due(party: Row, zone: str) -> Any:
    return colour(local_time(party["due_at"], zone), LIGHTS.get(party["light"] or "", ""))
