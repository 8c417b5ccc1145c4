"""Work orders and call-backs against a company that is a program of its own, and that fails in every way."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import pytest
import uvicorn
from fastapi import FastAPI
from msgspec.structs import replace

from connectors import department
from connectors.contract import BadData, Busy, Conflict, Delivery, Down, FileContent
from connectors.rest.asking import OpenOrders
from connectors.rest.callbacks import CallBacks
from connectors.rest.transport import Orders
from ops.embedded.process import free_port
from schemas import ids
from schemas.events import Subject
from tests.integration.counterpart import Company, company
from tests.integration.engine import now, wait_until
from tests.link_samples import Kept, Notepad, around

CASE = ids.case_id("hotline", "1")


@pytest.fixture(scope="module")
def power() -> Iterator[Company]:
    """The power company, which asks for a token and hangs for two seconds."""
    with company("power", "--hang-seconds", "2", token="token") as made:
        yield made


@pytest.fixture
def orders(power: Company) -> Iterator[Orders]:
    made = Orders(power.url, "/orders", "token", 1.0)
    yield made
    made.close()


def delivery(name: str, number: str | None = None, *, step: str = "order", **data: Any) -> Delivery:
    """A step about a case that is named by a test."""
    subject = ids.case_id("hotline", name)
    body = {"do": "open" if step == "order" else "update", "if_there": False, "data": data}
    return Delivery(
        ids.delivery_key("power", subject, step), "power", Subject("case", subject), 1, step, 1, body, number
    )


def ordered(power: Company, name: str) -> list[dict[str, Any]]:
    """Orders of a case in the company's own book."""
    subject = ids.case_id("hotline", name)
    return [row for row in power.book()["orders"] if json.loads(row["content"])["reference"] == subject]


# ------------------------------------------------------------ work orders


def test_an_order_is_made_once_however_often_it_is_delivered(power: Company, orders: Orders) -> None:
    one = delivery("once", address="春晓街 12", photos=[FileContent(b"hi", "image/png")])
    numbers = {orders.deliver(one).their_number for _ in range(3)}
    (row,) = ordered(power, "once")
    assert numbers == {row["number"]}
    content = json.loads(row["content"])
    assert content["address"] == "春晓街 12"
    assert content["photos"] == [{"media_type": "image/png", "content": "aGk="}]


def test_an_instruction_counts_once(power: Company, orders: Orders) -> None:
    number = orders.deliver(delivery("instruct")).their_number
    for _ in range(2):
        orders.deliver(delivery("instruct", number, step="urge-5", kind="urge"))
    assert [row["kind"] for row in power.book()["instructions"] if row["number"] == number] == ["urge"]


@pytest.mark.parametrize(
    ("kind", "failure"), [("_500", Down), ("_409", Conflict), ("_429", Busy), ("_503", Busy)], ids=str
)
def test_each_failure_is_of_its_kind_and_the_next_attempt_succeeds(
    power: Company, orders: Orders, kind: str, failure: type[Exception]
) -> None:
    power.fault(**{kind: 1})
    one = delivery(f"fails with {kind}")
    with pytest.raises(failure) as told:
        orders.deliver(one)
    assert getattr(told.value, "retry_after", 1.0) == 1.0
    orders.deliver(one)
    assert len(ordered(power, f"fails with {kind}")) == 1


def test_what_the_company_will_never_take_is_bad_data(power: Company, orders: Orders) -> None:
    orders.deliver(delivery("first", address="a"))
    with pytest.raises(BadData, match="422"):
        orders.deliver(delivery("first", address="another content under the same key"))
    with pytest.raises(BadData, match="404"):
        orders.deliver(delivery("first", "GD-999999", step="urge-1", kind="urge"))
    with pytest.raises(BadData, match="without an order"):
        orders.deliver(delivery("first", None, step="urge-1", kind="urge"))


def test_what_was_taken_before_the_time_ran_out_is_found_by_its_key_and_not_made_again(
    power: Company, orders: Orders
) -> None:
    power.fault(hang=1)
    one = delivery("taken in silence")
    with pytest.raises(Down, match="no answer in time"):
        orders.deliver(one)
    found = orders.read_back(one)
    assert found is not None
    assert orders.deliver(one).their_number == found.their_number
    assert len(ordered(power, "taken in silence")) == 1


def test_what_was_never_taken_is_not_there_when_read_back(orders: Orders) -> None:
    assert orders.read_back(delivery("never sent")) is None


def test_a_company_that_is_gone_is_down_and_takes_the_same_when_it_is_back(power: Company, orders: Orders) -> None:
    one = delivery("through the night")
    power.down()
    try:
        with pytest.raises(Down, match="cannot be reached"):
            orders.deliver(one)
        with pytest.raises(Down):
            orders.read_back(one)
        assert orders.check() != []
    finally:
        power.up()
    assert orders.check() == []
    orders.deliver(one)
    assert len(ordered(power, "through the night")) == 1


def test_a_token_that_is_not_accepted_is_told_by_the_check_and_loses_nothing(power: Company) -> None:
    stranger = Orders(power.url, "/orders", "guessed", 1.0)
    assert "token" in stranger.check()[0]
    with pytest.raises(Down, match="renew it"):
        stranger.deliver(delivery("with a wrong token"))
    stranger.close()


def test_an_order_that_is_not_there_has_nothing_to_be_closed(orders: Orders) -> None:
    one = delivery("never ordered", None, step="closed-9", kind="closed")
    body = {"do": "update", "if_there": True, "data": {"kind": "closed"}}
    assert "no order" in orders.deliver(replace(one, body=body)).detail


# ------------------------------------------------------------ call-backs


class Inlet:
    """The hub's door for one company, on a port of its own; what it takes is kept."""

    def __init__(self, orders: Orders, folder: Path, name: str) -> None:
        self.take = Kept()
        config = department.example(name).options
        given = around(folder, org=name, clock=now, look_up=lambda _system, _number: CASE)
        notes = Notepad()
        self.open = OpenOrders(notes, now)
        inlet = CallBacks(config, given, orders.events, notes, self.open)
        app = FastAPI()
        app.include_router(inlet.routes(self.take), prefix=f"/in/{name}")
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/in/{name}/events"
        self._server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off"))
        self._thread = threading.Thread(target=self._server.run)

    def __enter__(self) -> Self:
        self._thread.start()
        wait_until(lambda: self._server.started, "the inlet")
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()

    def said(self) -> list[str]:
        return [type(draft.body).__name__ for draft in self.take.drafts]


@contextmanager
def called_back(name: str, folder: Path, *, secret: str = "agreed") -> Iterator[tuple[Company, Orders, Inlet]]:
    """A company that has an order of one case, and calls the hub back."""
    with company(name, secret=secret) as made:
        orders = Orders(made.url, "/orders", None, 5.0)
        with Inlet(orders, folder, name) as inlet:
            made.calls_back(inlet.url)
            yield made, orders, inlet
        orders.close()


def told_to_work(orders: Orders, word: str = "work") -> None:
    number = orders.deliver(delivery("work")).their_number
    orders.deliver(delivery("work", number, step=f"{word}-4", kind=word))


def settled(made: Company) -> bool:
    """Whether everything has happened there and was told."""
    book = made.book()
    return bool(book["events"]) and not book["plans"] and all(row["next_try"] is None for row in book["events"])


STORY = ["Acknowledge", "Commit", "Progress", "HandBack"]


@pytest.mark.parametrize("fault", ["none", "twice", "reordered", "forged", "skewed", "lost"])
def test_however_a_company_calls_back_its_case_has_the_same_history(tmp_path: Path, fault: str) -> None:
    with called_back("power", tmp_path) as (made, orders, inlet):
        if fault != "none":
            made.fault(**{fault: 2})
        told_to_work(orders)
        wait_until(lambda: settled(made), "every call-back")
        assert inlet.said() == STORY
        happened = [draft.meta.occurred_at for draft in inlet.take.drafts]
        assert happened == sorted(happened)
        assert [row["answered"] for row in made.book()["events"] if row["answered"]] != []


def test_while_the_hub_takes_nothing_the_company_tells_again(tmp_path: Path) -> None:
    with called_back("power", tmp_path) as (made, orders, inlet):
        inlet.take.refuses = True
        told_to_work(orders)
        wait_until(lambda: any(row["answered"] == 503 for row in made.book()["events"]), "a refusal")
        inlet.take.refuses = False
        wait_until(lambda: settled(made), "every call-back")
        assert inlet.said() == STORY


def test_who_does_not_know_the_secret_is_not_believed_however_often_he_tries(tmp_path: Path) -> None:
    with called_back("power", tmp_path, secret="stolen badly") as (made, orders, inlet):
        told_to_work(orders)
        wait_until(lambda: sum(row["tries"] for row in made.book()["events"]) >= 5, "several attempts")
        assert inlet.said() == []


@pytest.mark.parametrize(
    ("name", "word", "story"),
    [
        ("water", "work", ["Acknowledge", "HandBack"]),
        ("gas", "work", ["Return"]),
        ("heat", "work", ["Acknowledge", "AskExtension", "HandBack"]),
        ("telecom-b", "PD", ["Acknowledge", "Progress", "HandBack"]),
        ("telecom-b", "ZJ", ["ReportIn"]),
    ],
)
def test_companies_answer_each_in_its_own_way(tmp_path: Path, name: str, word: str, story: list[str]) -> None:
    with called_back(name, tmp_path) as (made, orders, inlet):
        told_to_work(orders, word)
        wait_until(lambda: settled(made), "every call-back")
        assert inlet.said() == story


def test_a_silent_company_takes_its_order_and_says_nothing(tmp_path: Path) -> None:
    with called_back("telecom-a", tmp_path) as (made, orders, inlet):
        told_to_work(orders)
        book = made.book()
        assert (len(book["orders"]), len(book["instructions"])) == (1, 1)
        assert (book["plans"], book["events"], inlet.said()) == ([], [], [])
