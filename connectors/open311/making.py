"""Putting the two sides together from their settings. Nothing is connected to yet."""

from __future__ import annotations

from contextlib import ExitStack

import httpx
import msgspec
from fastapi import APIRouter
from sqlalchemy.exc import OperationalError

from connectors.contract import (
    BadData,
    Delivery,
    Down,
    Item,
    Made,
    Receipt,
    Refused,
    Step,
    Surroundings,
    Take,
    Undelivered,
)
from connectors.open311 import routes
from connectors.open311.abroad import CouncilSink, CouncilSource
from connectors.open311.client import Client
from connectors.open311.orders import Orders
from connectors.open311.pictures import Pictures
from connectors.open311.posts import Posts
from connectors.open311.register import Register
from connectors.open311.server import Rows, Server
from connectors.open311.settings import Abroad, Endpoint
from connectors.open311.translate import claims, shown


class Showing:
    """The endpoint's own subscription: what it hears is written into the rows from which it answers."""

    reads_back = False

    def __init__(self, endpoint: Endpoint, register: Register) -> None:
        self._endpoint = endpoint
        self._register = register

    def translate(self, item: Item) -> list[Step]:
        return shown.steps(item, self._endpoint)

    def deliver(self, delivery: Delivery) -> Receipt:
        try:
            match delivery.body:
                case {"show": row}:
                    self._register.show(msgspec.convert(row, shown.Row))
                case {"hide": row}:
                    self._register.hide(msgspec.convert(row, shown.Hidden))
        except msgspec.ValidationError:
            raise BadData("the step was left by another version of this connector: replay the case") from None
        except OperationalError as wrong:
            raise Down(f"the rows of the endpoint do not answer ({type(wrong).__name__})") from None
        return Receipt()

    def read_back(self, _delivery: Delivery) -> Receipt | None:
        return None


class Door:
    """The endpoint's routes."""

    def __init__(self, server: Server, endpoint: Endpoint) -> None:
        self._server = server
        self._endpoint = endpoint

    def routes(self, take: Take) -> APIRouter:
        return routes.router(self._server, self._endpoint, take)

    def start(self, take: Take) -> None:
        """Routes are all there is."""

    def stop(self) -> None:
        """Nothing runs of its own."""


def offered(endpoint: Endpoint, around: Surroundings, doors: ExitStack) -> Made:
    """The endpoint that others call. Raises Refused for a table that cannot be used."""
    _refuse(claims.problems(endpoint.said))
    register = Register(around.engine, endpoint.system)
    pictures = Pictures(endpoint.media, doors.enter_context(httpx.Client()))
    rows = Rows(register, Posts(around.engine, endpoint.system))
    server = Server(endpoint, around.department, rows, pictures, around.clock)
    return Made(sink=Showing(endpoint, register), inlet=Door(server, endpoint))


def called(abroad: Abroad, around: Surroundings, doors: ExitStack) -> Made:
    """The council that is called. Raises Refused for a table that cannot be used."""
    _refuse(claims.problems(abroad.said))
    key = around.secret(abroad.api_key) if abroad.api_key else ""
    http = doors.enter_context(httpx.Client(timeout=abroad.timeout_seconds))
    client, orders = Client(abroad, key, http), Orders(around.engine, around.department.name)
    return Made(
        sink=CouncilSink(abroad, around.department, client, orders, around.clock),
        source=CouncilSource(abroad, around.department, client, orders, around.clock),
        check=lambda: _check(abroad, client),
    )


def _refuse(problems: list[str]) -> None:
    if problems:
        raise Refused("; ".join(problems))


def _check(abroad: Abroad, client: Client) -> list[str]:
    try:
        there = {str(each.get("service_code")) for each in client.services()}
    except Undelivered as wrong:
        return [str(wrong)]
    missing = [service.code for service in abroad.services if service.code not in there]
    return [f"{abroad.system} has no service {code}: take it out of the file, or ask the council" for code in missing]
