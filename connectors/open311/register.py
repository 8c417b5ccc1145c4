"""The rows behind an endpoint: what it has been told by its feed.

Promise: an update is shown under a second that nobody has been answered for yet. That is the second in which the hub
recorded the fact, unless a poller has already been told all of it; then the first one after. So whoever asks again from
where its last answer ended misses nothing, however late the feed is and whichever part of a second is over; and a page,
once given, does not change.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Row, Select, and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from connectors.open311.settings import ENDED
from connectors.open311.tables import registers, requests, updates
from connectors.open311.times import SECOND
from connectors.open311.translate import shown

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Window(NamedTuple):
    """A page of what lies from `start` to `end`, both included, UTC seconds."""

    start: int
    end: int
    page: int
    size: int


class Wanted(NamedTuple):
    """What of the requests is asked for. Empty tuples and None ask for all. Times are UTC seconds, both included."""

    jurisdiction: str
    ids: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    requested: tuple[int, int] | None = None
    updated: tuple[int, int] | None = None
    page: int = 1
    size: int = 1_000


class Register:
    """The rows of one endpoint. Threads may share it; each call is a transaction."""

    def __init__(self, engine: Engine, endpoint: str) -> None:
        self._engine = engine
        self._endpoint = endpoint

    # from the feed

    def show(self, row: shown.Row) -> None:
        """Take a row in, with an update where something has changed that others can see. Again changes nothing."""
        with self._engine.begin() as c:
            answered = self._locked(c)
            before = self._before(c, row.service_request_id)
            if before is not None and before.seq > row.seq:
                return
            status, note = _status(row, before)
            second = max(row.recorded_at // SECOND, answered + 1)
            if before is None or before.hidden:
                at, told = _seconds(second), status != "open"
            elif (before.status, before.note, before.expected_at) != (status, note, _time(row.expected_at)):
                at, told = _seconds(second), True
            else:
                at, told = before.updated_at, False
            self._keep(c, _request(self._endpoint, row, status, note, at))
            if told:
                self._tell(c, row, status, note, second)

    def hide(self, row: shown.Hidden) -> None:
        """Show nothing more of a request. One that was never shown stays unknown."""
        with self._engine.begin() as c:
            self._locked(c)
            where = and_(self._of(requests), requests.c.service_request_id == row.service_request_id)
            c.execute(update(requests).where(where, requests.c.seq <= row.seq).values(hidden=True, seq=row.seq))

    def _locked(self, c: Connection) -> int:
        """The second up to which was answered; nobody is answered and nothing shown until this transaction ends."""
        c.execute(insert(registers).values(endpoint=self._endpoint, answered=0).on_conflict_do_nothing())
        return c.scalar(select(registers.c.answered).where(self._of(registers)).with_for_update()) or 0

    def _before(self, c: Connection, request: str) -> Row[Any] | None:
        return c.execute(select(requests).where(self._of(requests), requests.c.service_request_id == request)).first()

    def _keep(self, c: Connection, values: dict[str, Any]) -> None:
        made = insert(requests).values(values)
        key = ["endpoint", "service_request_id"]
        c.execute(
            made.on_conflict_do_update(
                index_elements=key, set_={name: made.excluded[name] for name in values if name not in key}
            )
        )

    def _tell(self, c: Connection, row: shown.Row, status: str, note: str, second: int) -> None:
        made = insert(updates).values(
            endpoint=self._endpoint,
            update_id=row.update_id,
            service_request_id=row.service_request_id,
            status=status,
            note=note,
            recorded=second,
        )
        c.execute(made.on_conflict_do_nothing())

    # for those who ask

    def updates(self, jurisdiction: str, window: Window, horizon: int) -> Sequence[Row[Any]]:
        """A page of updates. What is recorded from now on lies behind the window, as far as that does not reach beyond
        `horizon`: the present second and some more, for clocks that go ahead."""
        visible = and_(~requests.c.hidden, requests.c.jurisdiction == jurisdiction)
        joined = updates.join(
            requests,
            and_(
                requests.c.endpoint == updates.c.endpoint, requests.c.service_request_id == updates.c.service_request_id
            ),
        )
        inside = updates.c.recorded.between(window.start, window.end)
        query = select(updates).select_from(joined).where(self._of(updates), visible, inside)
        with self._engine.begin() as c:
            self._answer(c, min(window.end, horizon))
            return c.execute(
                _page(query.order_by(updates.c.recorded, updates.c.number), window.page, window.size)
            ).all()

    def _answer(self, c: Connection, second: int) -> None:
        answered = max(self._locked(c), second)
        c.execute(update(registers).where(self._of(registers)).values(answered=answered))

    def requests(self, wanted: Wanted, horizon: int) -> Sequence[Row[Any]]:
        """A page of requests, in the order in which they became known here, so that pages stay as they are. A window of
        updates is kept as `updates` keeps it, up to `horizon`."""
        query = select(requests).where(self._of(requests), ~requests.c.hidden)
        query = query.where(requests.c.jurisdiction == wanted.jurisdiction)
        if wanted.ids:
            query = query.where(requests.c.service_request_id.in_(wanted.ids))
        else:
            query = query.where(*_filters(wanted))
        with self._engine.begin() as c:
            if wanted.updated is not None:
                self._answer(c, min(wanted.updated[1], horizon))
            return c.execute(_page(query.order_by(requests.c.number), wanted.page, wanted.size)).all()

    def request(self, service_request_id: str) -> Row[Any] | None:
        """One request, hidden or not."""
        with self._engine.begin() as c:
            return self._before(c, service_request_id)

    def _of(self, table: Any) -> Any:
        return table.c.endpoint == self._endpoint


def _status(row: shown.Row, before: Row[Any] | None) -> tuple[str, str]:
    """What the fact says; else what the stage says, where it is another one; else what held before."""
    if row.status is not None:
        return row.status, row.note
    if before is None or before.stage != row.stage:
        return row.by_stage, row.note_by_stage
    return before.status, before.note


def _request(endpoint: str, row: shown.Row, status: str, note: str, at: datetime) -> dict[str, Any]:
    return {
        "endpoint": endpoint,
        "service_request_id": row.service_request_id,
        "seq": row.seq,
        "hidden": False,
        "stage": row.stage,
        "jurisdiction": row.jurisdiction,
        "service_code": row.service_code,
        "status": status,
        "note": note,
        "agency": row.agency,
        "requested_at": _time(row.requested_at),
        "updated_at": at,
        "expected_at": _time(row.expected_at),
        "address": row.address,
        "longitude": row.longitude,
        "latitude": row.latitude,
    }


def _filters(wanted: Wanted) -> list[Any]:
    found: list[Any] = []
    if wanted.services:
        found.append(requests.c.service_code.in_(wanted.services))
    if wanted.statuses:
        ended = requests.c.status.in_(ENDED)
        found.append(or_(*(ended if status == "closed" else ~ended for status in wanted.statuses)))
    for column, window in ((requests.c.requested_at, wanted.requested), (requests.c.updated_at, wanted.updated)):
        if window is not None:
            found.append(and_(column >= _seconds(window[0]), column < _seconds(window[1] + 1)))
    return found


def _page(query: Select[Any], page: int, size: int) -> Select[Any]:
    return query.limit(size).offset((page - 1) * size)


def _seconds(second: int) -> datetime:
    return _EPOCH + timedelta(seconds=second)


def _time(at: int | None) -> datetime | None:
    return None if at is None else _EPOCH + timedelta(microseconds=at)
