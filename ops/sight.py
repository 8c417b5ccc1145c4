"""What an asker may see of the tables: one case by `streams.core.visibility`, lists by the same rules in SQL."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select, true

from streams.core.blocking import sentence
from streams.core.visibility import CENTRE_ROLES, Asker, visible
from streams.views.more import More
from streams.views.shape import GONE, CaseRow
from streams.views.sight import more_as_seen, scope_of
from streams.views.tables import case_links, cases, parties

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIMES = ("at", "until")
_decode = msgspec.msgpack.Decoder(CaseRow).decode


def may_see(asker: Asker | None) -> ColumnElement[bool]:
    """Whether the asker may see a row of `cases`."""
    if asker is None:
        return true()
    partner = and_(parties.c.case_id == cases.c.case_id, parties.c.org == asker.org, parties.c.status.notin_(GONE))
    ways = [
        ~cases.c.restricted,
        cases.c.reporting_org == asker.org,
        cases.c.more["visible_to"].contains([asker.org]),
        select(parties.c.case_id).where(partner).exists(),
    ]
    if asker.role in CENTRE_ROLES:
        ways.append(cases.c.centre == asker.org)
    return or_(*ways)


def as_seen(connection: Connection, row: dict[str, Any], asker: Asker | None, now: int) -> dict[str, Any] | None:
    """A row of `cases` without its state, times in `more` as times, `blocks` as of `now` (UTC µs).

    None where the asker may not see it.
    """
    folded: CaseRow = _decode(row.pop("state"))
    if not visible(scope_of(folded, row["centre"]), asker):
        return None
    row["more"] = None
    row["blocks"] = None if folded.case.ended else sentence(folded.case, now)
    if folded.more is not None:
        others = (link.other for link in folded.more.links)
        row["more"] = timed(more_as_seen(folded.more, asker, unseen(connection, others, asker)))
    return row


def unseen(connection: Connection, others: Iterable[str], asker: Asker | None) -> set[str]:
    """Which of these cases the asker may not see; one that the views have not met yet counts as such."""
    wanted = set(others)
    if asker is None or not wanted:
        return set()
    seen = select(cases.c.case_id).where(cases.c.case_id.in_(wanted), may_see(asker))
    return wanted - set(connection.scalars(seen))


def centre_of(connection: Connection, case_id: str) -> str | None:
    """The centre that the views know of a case."""
    found: str | None = connection.scalar(select(cases.c.centre).where(cases.c.case_id == case_id))
    return found


def linked_from(case_id: str, asker: Asker | None) -> Select[Any]:
    """Links by which other cases name this one, from those that the asker may see."""
    return (
        select(case_links.c.case_id, cases.c.number, case_links.c.kind, case_links.c.since)
        .join(cases, cases.c.case_id == case_links.c.case_id)
        .where(case_links.c.other == case_id, may_see(asker))
        .order_by(case_links.c.since, case_links.c.case_id)
    )


def timed(more: More) -> dict[str, Any]:
    """As plain values, with times instead of microseconds."""
    found: dict[str, Any] = _timed(msgspec.to_builtins(more))
    return found


def _timed(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _timed(inner, key) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_timed(inner) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool) and (name.endswith("_at") or name in _TIMES):
        return _EPOCH + timedelta(microseconds=value)
    return value
