"""Who commands whom, who is stationed where, who may act in which role, who is on duty."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.events import Duty, Organisation, OrganisationRelation, RelationKindSymbol, RoleGrant
from streams.core.reference.in_force import InForce


def organisation(view: InForce, code: str | None) -> Organisation | None:
    """The organisation with this code."""
    return view.coded(Organisation, code)


def superiors(view: InForce, code: str) -> Iterator[str]:
    """Codes of those who command an organisation, the direct superior first."""
    seen = {code}
    while (found := organisation(view, code)) and found.commanded_by and found.commanded_by not in seen:
        code = found.commanded_by
        seen.add(code)
        yield code


def commands(view: InForce, superior: str, code: str) -> bool:
    """Whether `superior` commands the other one, directly or not."""
    return superior in superiors(view, code)


def common_superior(view: InForce, code: str, other: str) -> str | None:
    """The lowest organisation that commands both; one of the two where it commands the other."""
    above = [code, *superiors(view, code)]
    return next((org for org in (other, *superiors(view, other)) if org in above), None)


def related(view: InForce, org: str, kind: RelationKindSymbol) -> tuple[str, ...]:
    """Codes to which an organisation stands in this relation, in the order of the document."""
    return tuple(found.to for found in view.grouped(OrganisationRelation, _org).get(org, ()) if found.kind == kind)


def relation(view: InForce, org: str, to: str) -> RelationKindSymbol | None:
    """The relation between two organisations as declared from either side; command counts as subordinate."""
    if commands(view, to, org):
        return "subordinate"
    declared = view.grouped(OrganisationRelation, _org)
    found = [r for r in declared.get(org, ()) if r.to == to]
    found += [r for r in declared.get(to, ()) if r.to == org and r.kind == "coordinated"]
    return found[0].kind if found else None


def stationed_at(view: InForce, place: str) -> tuple[str, ...]:
    """Codes of the units that are stationed 派驻 at an organisation."""
    at = view.grouped(OrganisationRelation, _to).get(place, ())
    return tuple(found.org for found in at if found.kind == "stationed")


def may_act(view: InForce, org: str, role: str, person: str | None = None) -> bool:
    """Whether an organisation may act in a role, by this person."""
    grants = view.grouped(RoleGrant, _org).get(org, ())
    return any(grant.role == role and grant.person in (None, person) for grant in grants)


def on_duty(view: InForce, org: str, now: int) -> Duty | None:
    """The line of the duty roster of an organisation that holds at `now`."""
    roster = view.grouped(Duty, _org).get(org, ())
    return next((duty for duty in roster if duty.starts_at <= now < duty.ends_at), None)


def rostered(view: InForce, org: str, now: int) -> bool:
    """Whether the duty roster of an organisation speaks of `now`: from its first shift to the end of its last one."""
    roster = view.grouped(Duty, _org).get(org, ())
    return any(duty.starts_at <= now for duty in roster) and any(now < duty.ends_at for duty in roster)


def persons_on_duty(view: InForce, org: str, now: int) -> tuple[str, ...] | None:
    """Codes of those of an organisation who are on duty at `now`, in order; None where its roster is silent then."""
    if not rostered(view, org, now):
        return None
    shift = on_duty(view, org, now)
    return () if shift is None else shift.persons


def _org(item: OrganisationRelation | RoleGrant | Duty) -> str:
    return item.org


def _to(item: OrganisationRelation) -> str:
    return item.to
