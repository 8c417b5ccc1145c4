"""Which subjects a subscription wants, and whether its owner may see them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection

import msgspec

from schemas.events import InvolvementSymbol, Subscription
from streams.core.reference import Reference
from streams.core.visibility import Asker, visible
from streams.outbox.known import Known, scope
from streams.views.shape import GONE, CaseRow

_CASES = ("case",)


def shows(subscription: Subscription, known: Known, reference: Reference) -> bool:
    """Whether the subject belongs into the feed as it stands. Raises NotReadYet."""
    return wants(subscription, known) and visible(scope(known, reference), asker(subscription))


def asker(subscription: Subscription) -> Asker:
    """As whom the owner sees."""
    return Asker(subscription.owner, subscription.role)


def wants(subscription: Subscription, known: Known) -> bool:
    """Whether the subscription asks for such a subject. Of one that is no case only its kind is asked."""
    if known.kind not in (subscription.kinds or _CASES):
        return False
    row = known.row
    return row is None or (
        _begins(row.grid, subscription.grids)
        and _begins(row.division, subscription.divisions)
        and _of_category(subscription, row)
        and _involved(subscription, row)
    )


def _begins(code: str | None, wanted: Collection[str]) -> bool:
    return not wanted or (code is not None and any(code.startswith(prefix) for prefix in wanted))


def _of_category(subscription: Subscription, row: CaseRow) -> bool:
    if not subscription.categories:
        return True
    of, code = (row.category_scheme, row.category_version), row.category_code or ""
    return any((c.scheme, c.version) == of and code.startswith(c.code) for c in subscription.categories)


def has_a_part(subscription: Subscription) -> bool:
    """Whether only cases are wanted in which the owner has a part."""
    return bool(subscription.involved_as) or subscription.asked


def _involved(subscription: Subscription, row: CaseRow) -> bool:
    if not has_a_part(subscription):
        return True
    owner = subscription.owner
    return (subscription.asked and owner in _asked(row)) or any(
        _IS[role](owner, row) for role in subscription.involved_as
    )


def involved(known: Known) -> frozenset[str]:
    """Organisations that are anything in a case, now or once."""
    row = known.row
    if row is None:
        return frozenset(known.owners)
    called = row.more.summons if row.more is not None else ()
    parts = (*(p.org for p in row.parties), *(s.org for s in called), *_asked(row))
    return frozenset([row.reporting_org or "", *parts])


def _asked(row: CaseRow) -> tuple[str, ...]:
    """Organisations that were asked something, whether they have answered or not."""
    return tuple([question.party for question in row.more.questions]) if row.more is not None else ()


def _party(role: str) -> Callable[[str, CaseRow], bool]:
    return lambda org, row: any(p.org == org and p.role == role and p.status not in GONE for p in row.parties)


_IS: dict[InvolvementSymbol, Callable[[str, CaseRow], bool]] = {
    "lead": _party("lead"),
    "assist": _party("assist"),
    "inform": _party("inform"),
    "summoned": lambda org, row: row.more is not None and any(s.org == org for s in row.more.summons),
    "reporting": lambda org, row: row.reporting_org == org,
}
"""What an organisation is in a case → whether it is."""


class Version(msgspec.Struct, frozen=True):
    """A version of a subscription: `version` of the reference brought it, it holds from `from_offset` on.

    `open_before`: the subjects that were open before are introduced first.
    """

    version: int
    from_offset: int
    open_before: bool
    subscription: Subscription


def version_at(versions: tuple[Version, ...], offset: int) -> Version | None:
    """The version that holds for the fact at an offset; None: the feed begins later."""
    for version in reversed(versions):
        if version.from_offset <= offset:
            return version
    return None


def has(versions: tuple[Version, ...], known: Known | None, reference: Reference) -> bool:
    """Whether the subject is in the feed as its last fact has left it. Raises NotReadYet."""
    if known is None:
        return False
    version = version_at(versions, known.offset)
    if version is not None:
        return shows(version.subscription, known, reference)
    return versions[0].open_before and not known.ended and shows(versions[0].subscription, known, reference)
