"""Towards another council and back: orders once, their numbers or tokens, and its updates by recorded time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec

from connectors.contract import (
    BadData,
    BadMessage,
    Busy,
    Delivery,
    Department,
    Down,
    Draft,
    FileContent,
    Item,
    LookUp,
    Message,
    Receipt,
    Step,
    Undelivered,
)
from connectors.open311 import times
from connectors.open311.client import Answer, Client, utc
from connectors.open311.orders import Orders
from connectors.open311.settings import Abroad
from connectors.open311.translate import abroad as words
from schemas import ids
from schemas.events import Actor

TOKEN_SECONDS = 5.0
NEAR_DEGREES = 1e-6
TOGETHER = 500
"""Updates that are read at once; the next reading goes on with the rest."""


class CouncilSink:
    """Orders and updates to the council. An order whose answer was lost is looked for before it is sent again."""

    reads_back = True

    def __init__(
        self, abroad: Abroad, department: Department, client: Client, orders: Orders, clock: Callable[[], int]
    ) -> None:
        self._abroad = abroad
        self._org = department.org
        self._client = client
        self._orders = orders
        self._clock = clock

    def translate(self, item: Item) -> list[Step]:
        return words.steps(item, self._org, self._abroad)

    def deliver(self, delivery: Delivery) -> Receipt:
        return self._order(delivery) if delivery.step == words.ORDER else self._update(delivery)

    def read_back(self, delivery: Delivery) -> Receipt | None:
        """What the council shows under our key. An update it shows to nobody: that it was taken is all one can know."""
        known = self._orders.of(delivery.key)
        if known is not None and (known.token or known.service_request_id):
            return self._receipt(delivery.key, known.token, known.service_request_id)
        if delivery.step != words.ORDER:
            return None
        number = self._found(delivery)
        return self._receipt(delivery.key, None, number) if number else None

    def _order(self, delivery: Delivery) -> Receipt:
        if self._orders.of(delivery.key) and (before := self.read_back(delivery)):
            return before
        if not delivery.body.get("service_code"):
            raise BadData(f"{self._abroad.system} has no service for this category: add it to the services of its file")
        files = [each for each in delivery.body.get("evidence") or () if isinstance(each, FileContent)]
        self._orders.keep(delivery.key, None, None, self._clock())
        answer = self._client.order({**_fields(delivery.body), self._abroad.external_id: delivery.key}, files)
        return self._receipt(delivery.key, answer.get("token"), answer.get("service_request_id"))

    def _receipt(self, key: str, token: str | None, number: str | None) -> Receipt:
        """The council has it: under a number, or under a token that tells the number later."""
        found = number or (self._client.token(token) if token else None)
        if token is None and found is None:
            raise Down(f"{self._abroad.system} has answered without a number and without a token")
        self._orders.keep(key, token, found, self._clock())
        return Receipt(found, "" if found else "taken under a token")

    def _found(self, delivery: Delivery) -> str | None:
        """The number of the request that carries our key; where the council tells no keys, of the one at this place."""
        since = self._clock() // times.SECOND - self._abroad.overlap_seconds
        code = str(delivery.body.get("service_code") or "")
        listed = self._client.requests({"service_code": code, "start_date": utc(since)})
        name = self._abroad.external_id.removeprefix("attribute[").removesuffix("]")
        if any(each.get(name) is not None for each in listed):
            return next((_number(each) for each in listed if each.get(name) == delivery.key), None)
        numbers = [number for each in _near(listed, delivery.body) if (number := _number(each))]
        free = sorted(set(numbers) - self._orders.taken(numbers))
        return free[0] if len(free) == 1 else None

    def _update(self, delivery: Delivery) -> Receipt:
        if before := self.read_back(delivery):
            return before
        number = delivery.their_number or self._ordered(delivery)
        if number is None:
            raise Busy(f"{self._abroad.system} has given a token and no number for this case yet", TOKEN_SECONDS)
        fields = _fields({name: value for name, value in delivery.body.items() if name != "updated_at"})
        at = utc(int(delivery.body["updated_at"]) // times.SECOND)
        self._client.update({"service_request_id": number, "updated_datetime": at, **fields})
        self._orders.keep(delivery.key, None, number, self._clock())
        return Receipt(their_number=number)

    def _ordered(self, delivery: Delivery) -> str | None:
        """The number that the order of the case has got since."""
        key = ids.delivery_key(delivery.destination, delivery.subject.id, words.ORDER)
        known = self._orders.of(key)
        return None if known is None else self._receipt(key, known.token, known.service_request_id).their_number


class CouncilSource:
    """The council's updates, asked for again with an overlap: none is missed, and one that comes twice is one claim."""

    def __init__(
        self, abroad: Abroad, department: Department, client: Client, orders: Orders, clock: Callable[[], int]
    ) -> None:
        self._abroad = abroad
        self._actor = Actor(department.org, department.role)
        self._client = client
        self._orders = orders
        self._clock = clock
        self._until = 0

    def read(self, position: dict[str, Any]) -> Iterator[tuple[Message | BadMessage, dict[str, Any]]]:
        """What is said of orders of ours. `until`: second up to which was asked; `seen`: updates that were read and
        that the overlap tells again. One whose order has no number yet is not seen, and is read when it has."""
        now = self._clock()
        end = now // times.SECOND
        kept = max(int(position.get("until", 0)), self._until) or end
        try:
            self._resolve(now)
            told = {
                words.update_id(each): each for each in self._client.updates(kept - self._abroad.overlap_seconds, end)
            }
            keys = self._orders.keys([_concerns(update) for update in told.values()])
        except Undelivered as wrong:
            raise Down(str(wrong)) from None
        seen = [place for place in position.get("seen", ()) if place in told]
        known = set(seen)
        new = [place for place, update in told.items() if place not in known and _concerns(update) in keys]
        for at, place in enumerate(new[:TOGETHER], 1):
            heard = Heard(told[place], keys[_concerns(told[place])], now)
            until = end if at == len(new) else kept
            yield Message(place, heard, msgspec.json.encode(heard.update)), {"until": until, "seen": [*seen, *new[:at]]}
        if not new:
            self._until = end

    def translate(self, message: Message, look_up: LookUp) -> list[Draft]:
        heard: Heard = message.content
        subject = look_up(heard.key)
        if subject is None:
            raise BadMessage(message.place, "the update is about an order that the hub does not know", message.raw)
        try:
            return words.drafts(heard.update, self._abroad, self._actor, subject, heard.read_at)
        except words.Unfit as wrong:
            raise BadMessage(message.place, str(wrong), message.raw) from None

    def done(self, position: dict[str, Any]) -> None:
        """Nothing to acknowledge: GeoReport has no read-mark."""

    def _resolve(self, now: int) -> None:
        """Ask for the numbers of orders that have a token only."""
        for order in self._orders.waiting():
            if number := self._client.token(order.token):
                self._orders.keep(order.key, order.token, number, now)


class Heard(NamedTuple):
    """An update as it was read: what it says, the key of the order that it is about, when."""

    update: Answer
    key: str
    read_at: int


def _concerns(update: Answer) -> str:
    """The council's number of the request that an update is about."""
    return str(update.get("service_request_id") or "")


def _number(request: Answer) -> str | None:
    return str(request["service_request_id"]) if request.get("service_request_id") else None


def _fields(body: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in body.items() if value is not None and name != "evidence"}


def _near(listed: list[Answer], body: dict[str, Any]) -> list[Answer]:
    lat, long = body.get("lat"), body.get("long")
    if lat is None or long is None:
        return []
    return [each for each in listed if _is_near(each, float(lat), float(long))]


def _is_near(request: Answer, lat: float, long: float) -> bool:
    try:
        there = float(request.get("lat") or "nan"), float(request.get("long") or "nan")
    except ValueError:
        return False
    return abs(there[0] - lat) < NEAR_DEGREES and abs(there[1] - long) < NEAR_DEGREES
