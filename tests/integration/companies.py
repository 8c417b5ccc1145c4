"""A hub with its companies: casework, outbox and connectors on real servers, each company a program of its own."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from connectors import department
from tests.feeds import subscription
from tests.integration.connecting import Linked
from tests.integration.counterpart import Company, company
from tests.integration.engine import Hub, Told
from tests.integration.subscribing import subscribe

QUICK = """
[delivery]
first_seconds = 0.2
longest_seconds = 1.0
rest_seconds = 0.5
"""
DONE = ("acknowledged", "confirmed")


class City:
    """The hub, its connectors process and the companies by name."""

    def __init__(self, hub: Hub, linked: Linked, companies: dict[str, Company]) -> None:
        self.hub, self.linked, self.companies = hub, linked, companies

    def start(self) -> None:
        """Start the connectors, and tell the companies where the hub is now."""
        secrets = {f"THREECROSS_{name.upper().replace('-', '_')}_SECRET": "agreed" for name in self.companies}
        secrets |= {f"THREECROSS_{name.upper().replace('-', '_')}_TOKEN": "token" for name in self.companies}
        self.linked.start(**secrets)
        for name, made in self.companies.items():
            made.calls_back(f"http://127.0.0.1:{self.linked.port}/in/{name}/events")

    def kill(self) -> None:
        self.linked.end(signal.SIGKILL)

    def said(self, org: str) -> list[str]:
        """What an organisation has come to say in facts, in their order."""
        return [type(told.body).__name__ for told in self.facts() if told.meta.actor.org == org]

    def facts(self) -> list[Told]:
        return self.hub.facts()

    def owed(self, name: str) -> list[Any]:
        """Deliveries to a company that are not done."""
        query = "SELECT step, state, why, detail FROM deliveries WHERE destination = :name AND NOT state = ANY(:done)"
        return self.linked.rows(query, name=name, done=list(DONE))

    def settled(self, name: str) -> bool:
        """Nothing is owed to a company, nothing is still to happen there, everything was told and taken."""
        book = self.companies[name].book()
        return not self.owed(name) and not book["plans"] and all(row["next_try"] is None for row in book["events"])

    def assert_agreed(self, name: str) -> None:
        """The company's own book holds what the hub has delivered, once each, and the hub what the company has told."""
        book = self.companies[name].book()
        delivered = self.linked.rows(
            "SELECT key::text, step, detail FROM deliveries WHERE destination = :name", name=name
        )
        ours = {row["key"] for row in delivered if "no order" not in row["detail"]}
        theirs = [row["key"] for row in (*book["orders"], *book["instructions"])]
        assert sorted(theirs) == sorted(ours)
        cases = [json.loads(row["content"])["reference"] for row in book["orders"]]
        assert len(set(cases)) == len(cases), "one order a case"
        told = {row["number"] + str(row["sequence"]): row["answered"] for row in book["events"]}
        assert set(told.values()) <= {200, None}
        claims = [told.meta.claim_id for told in self.facts() if told.meta.actor.org == name]
        assert len(set(claims)) == len(claims) == len(book["events"])


@contextmanager
def city(hub: Hub, dsn: str, folder: Path, names: Sequence[str]) -> Iterator[City]:
    """Companies by the names of the shipped examples; started and linked, each subscribed to its own cases."""
    subscribe(hub, *(subscription(name, name, involved_as=("lead", "assist", "summoned")) for name in names))
    hub.casework()
    hub.outbox()
    linked = Linked(hub.kafka, hub.settings, dsn, folder)
    with ExitStack() as stack:
        stack.callback(linked.engine.dispose)
        stack.callback(linked.producer.close)
        options = ("--hang-seconds", "2")
        found = {name: stack.enter_context(company(name, *options, token="token")) for name in names}
        for name, made in found.items():
            example = (department._examples() / f"{name}.toml").read_text("utf-8")
            placed = example.replace(f"https://orders.{name}.example", made.url)
            placed = placed.replace("[rest]\n", "[rest]\ntimeout_seconds = 1\n")
            placed = placed.replace("[rest.call_backs]\n", "[rest.call_backs]\nask_seconds = 4\n")
            linked.department(name, placed + QUICK)
        made_city = City(hub, linked, found)
        made_city.start()
        yield made_city
        if linked.process is not None:
            linked.end()
