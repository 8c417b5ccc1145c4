"""Our client against another council in a process of its own, and against our own endpoint."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import httpx
import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from connectors.contract import BadData, Busy, Conflict, Delivery, Department, Down, FileContent, Message, Undelivered
from connectors.open311.abroad import CouncilSink, CouncilSource
from connectors.open311.client import Client
from connectors.open311.orders import Orders
from connectors.open311.settings import Abroad
from schemas import ids
from schemas.events import Closed, HandBack, Subject
from tests.integration.counterpart import counterpart
from tests.integration.engine import now
from tests.integration.open311.conftest import Speaking
from tests.open311_samples import CASE, KEY, SECOND, card, council, item

Form = Literal["xml", "json"]
FORMS: list[Form] = ["xml", "json"]
ORDER = {"service_code": "lamp", "lat": 32.9, "long": 114.0, "address_string": None, "description": "out"}
DEPARTMENT = Department("council", "neighbour-council", "handler", ZoneInfo("Asia/Shanghai"))


class Link:
    """One council as the hub is linked to it."""

    def __init__(self, abroad: Abroad, key: str, rows: Engine, name: str) -> None:
        self.http = httpx.Client(timeout=2)
        self.client = Client(abroad, key, self.http)
        self.orders = Orders(rows, name)
        self.sink = CouncilSink(abroad, DEPARTMENT, self.client, self.orders, now)
        self.source = CouncilSource(abroad, DEPARTMENT, self.client, self.orders, now)

    def deliver(self, case: str, step: str = "order", number: str | None = None, **body: Any) -> str | None:
        return self.sink.deliver(delivery(case, step, number, **body)).their_number

    def drafts(self, position: dict[str, Any] | None = None) -> list[Any]:
        """What the council's updates claim, for a hub that knows every key of ours."""
        messages = [message for message, _ in self.source.read(position or {}) if isinstance(message, Message)]
        return [draft for each in messages for draft in self.source.translate(each, known)]


def known(number: str) -> str | None:
    return CASE.id if len(number) == 36 else None


def delivery(case: str, step: str = "order", number: str | None = None, **body: Any) -> Delivery:
    subject = Subject("case", ids.case_id("council", case))
    key = ids.delivery_key("council", subject.id, step)
    return Delivery(key, "council", subject, 3, step, 1, {**ORDER, **body}, number)


class There:
    """The council's own side."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._http = httpx.Client(base_url=self.url, timeout=10)

    def tell(self, path: str, **content: Any) -> None:
        self._http.post(path, json=content).raise_for_status()

    def database(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = self._http.get("/database").json()
        return found

    def close(self) -> None:
        self._http.close()


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[There]:
    database: Path = tmp_path_factory.mktemp("council") / "council.sqlite"
    with counterpart("council", ["--database", str(database)]) as ports:
        made = There(ports["port"])
        yield made
        made.close()


@pytest.fixture(params=FORMS)
def link(request: pytest.FixtureRequest, there: There, rows: Engine) -> Iterator[Link]:
    """A council that behaves, in either format, and knows nothing of earlier tests."""
    there.tell("/behave", api_key="agreed")
    made = Link(replace(council(), url=there.url, format=request.param), "agreed", rows, request.node.name)
    yield made
    made.http.close()


def test_an_order_gets_the_councils_number(link: Link, there: There) -> None:
    number = link.deliver("one")
    (row,) = [row for row in there.database()["requests"] if str(row["id"]) == number]
    form = json.loads(row["form"])
    assert (form["lat"], form["long"], form["description"]) == ("32.9", "114.0", "out")
    assert form["attribute[external_id]"] == delivery("one").key
    assert "api_key" not in form
    assert "address_string" not in form


def test_files_go_with_the_form(link: Link) -> None:
    assert link.deliver("two", evidence=[FileContent(b"\xff\xd8\xff", "image/jpeg")])


@pytest.mark.parametrize(
    ("behaves", "kind"),
    [
        ({"mode": "500", "calls": 1}, Down),
        ({"mode": "lost", "calls": 1}, Down),
        ({"mode": "429", "calls": 1}, Busy),
        ({"mode": "409", "calls": 1}, Conflict),
        ({"mode": "404", "calls": 1}, BadData),
        ({"mode": "302", "calls": 1}, Down),
        ({"services": []}, BadData),
    ],
)
def test_each_failure_has_its_kind(link: Link, there: There, behaves: dict[str, Any], kind: type[Undelivered]) -> None:
    there.tell("/behave", api_key="agreed", **behaves)
    with pytest.raises(kind):
        link.deliver("three")


def test_a_council_that_is_busy_says_for_how_long(link: Link, there: There) -> None:
    there.tell("/behave", api_key="agreed", mode="429", calls=1)
    with pytest.raises(Busy) as busy:
        link.deliver("four")
    assert busy.value.retry_after == 1.0


def test_a_key_that_is_refused_loses_no_order(there: There, rows: Engine) -> None:
    there.tell("/behave", api_key="agreed")
    with pytest.raises(Busy, match="refuses our api_key"):
        Link(replace(council(), url=there.url), "old", rows, "refused").deliver("five")


def test_a_council_that_is_not_there_is_down(rows: Engine, free_port: int) -> None:
    gone = Link(replace(council(), url=f"http://127.0.0.1:{free_port}"), "agreed", rows, "gone")
    with pytest.raises(Down):
        gone.deliver("six")
    with pytest.raises(Down):
        gone.drafts()


def test_a_category_without_a_service_is_a_dead_letter(link: Link) -> None:
    with pytest.raises(BadData, match="add it to the services"):
        link.deliver("seven", service_code=None)


@pytest.mark.parametrize("tells", [True, False])
def test_an_order_whose_answer_was_lost_is_found_again(link: Link, there: There, tells: bool) -> None:
    requests = len(there.database()["requests"])
    case = f"lost {requests}"
    place: dict[str, Any] = {"lat": 30 + requests / 100}
    assert link.sink.read_back(delivery(case, **place)) is None
    there.tell("/behave", api_key="agreed", mode="lost", calls=1, keys_tell=tells)
    with pytest.raises(Down):
        link.deliver(case, **place)
    seen = link.sink.read_back(delivery(case, **place))
    assert seen is not None
    assert seen.their_number == str(there.database()["requests"][-1]["id"])


def test_two_orders_at_one_place_are_not_taken_for_one_another(link: Link, there: There) -> None:
    place: dict[str, Any] = {"lat": 40 + len(there.database()["requests"]) / 100}
    link.deliver("nine", **place)
    assert link.sink.read_back(delivery("ten", **place)) is None


def test_a_token_becomes_a_number_when_the_council_knows_it(link: Link, there: There) -> None:
    there.tell("/behave", api_key="agreed", tokens=True)
    assert link.deliver("eleven") is None
    with pytest.raises(Busy, match="no number for this case yet"):
        link.deliver("eleven", "update-5", status="OPEN", update_id="u", updated_at=now())
    there.tell("/resolve")
    number = str(there.database()["requests"][-1]["id"])
    there.tell("/desk", request=int(number), status="fixed", note="done")
    assert [type(draft.body) for draft in link.drafts() if draft.meta.source.number == number] == [HandBack]
    assert link.deliver("eleven", "update-5", status="OPEN", update_id=f"u{number}", updated_at=now()) == number
    assert there.database()["told"][-1]["request"] == number


def test_updates_are_read_page_by_page_and_again_with_the_overlap(there: There, rows: Engine) -> None:
    there.tell("/behave", api_key="agreed")
    link = Link(replace(council(), url=there.url, page_size=2), "agreed", rows, "paged")
    number = link.deliver("twelve")
    assert number is not None
    for status in ("investigating", "in_progress", "action_scheduled", "open", "fixed"):
        there.tell("/desk", request=int(number), status=status)
    first = [draft for draft in link.drafts() if draft.meta.source.number == number]
    again = [draft for draft in link.drafts({"until": now() // SECOND}) if draft.meta.source.number == number]
    assert [type(draft.body).__name__ for draft in first] == ["Acknowledge", "Progress", "Progress", "HandBack"]
    assert [draft.meta.claim_id for draft in again] == [draft.meta.claim_id for draft in first]


@pytest.mark.parametrize("clock", [-600, 600])
def test_a_councils_clock_may_be_wrong(there: There, rows: Engine, clock: int) -> None:
    there.tell("/behave", api_key="agreed", clock=clock)
    link = Link(replace(council(), url=there.url), "agreed", rows, f"clock {clock}")
    number = link.deliver(f"clock {clock}")
    there.tell("/desk", request=int(number or 0), status="fixed")
    heard = [draft for draft in link.drafts() if draft.meta.source.number == number]
    assert len(heard) == (1 if clock < 0 else 0)  # what is stamped with tomorrow is heard of tomorrow
    assert all(draft.meta.occurred_at <= now() for draft in heard)


def test_what_concerns_no_order_of_ours_claims_nothing(link: Link, there: There) -> None:
    there.tell("/desk", request=99_999, status="fixed")
    assert [draft for draft in link.drafts() if draft.meta.source.number == "99999"] == []


@pytest.mark.parametrize("form", FORMS)
def test_our_client_and_our_endpoint_understand_each_other(speaking: Speaking, rows: Engine, form: Form) -> None:
    speaking.now = now()
    here = replace(council(), url=str(speaking.http.base_url), format=form, jurisdiction_id="yicheng.example")
    link = Link(here, KEY, rows, f"{speaking.endpoint.system} {form}")
    number = link.deliver("pole", service_code="pole")
    assert link.deliver("pole", service_code="pole") == number  # sent again
    (draft,) = speaking.handed.drafts
    assert number == draft.meta.subject.id
    speaking.show(item(1, subject=draft.meta.subject, at=now()))
    speaking.show(item(2, Closed("checked"), card("closed"), subject=draft.meta.subject, at=now()))
    assert [type(each.body) for each in link.drafts()] == [HandBack]
    link.deliver("pole", "update-7", number, status="OPEN", update_id="7", updated_at=now())
    assert speaking.handed.drafts[-1].personal.text == "out"
    assert {each["service_code"] for each in link.client.services()} == {"pole", "lamp"}
    link.http.close()
