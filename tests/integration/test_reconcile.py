"""`threecross connectors reconcile`: a company whose book lost orders is found out, and gets them again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from connectors import department
from schemas import ids
from schemas.events import FeedCard, FeedParty
from schemas.wire.settings import HubSettings, KafkaSettings
from tests.builders import CATEGORY, PLACE
from tests.command_line import Run, runner
from tests.integration.connecting import Linked, linked, wait_until
from tests.integration.counterpart import company

SECRETS = {"THREECROSS_POWER_SECRET": "agreed", "THREECROSS_POWER_TOKEN": "token"}
CASES = [ids.case_id("chat", str(n)) for n in (1, 2, 3)]
CARD = FeedCard(
    "4117", "dispatched", CATEGORY, place=PLACE, lead="power", parties=(FeedParty("power", "lead", "dispatched"),)
)
FOLDERS = '[department]\norg = "street"\nkind = "drop"\nsubscription = "street"\n[drop]\nout = "{0}"\nback = "{0}"\n'


class Book:
    """The company's own database."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def keys(self) -> set[str]:
        with sqlite3.connect(self._path) as db:
            return {key for (key,) in db.execute("SELECT key FROM orders UNION SELECT key FROM instructions")}

    def lose(self, *keys: str) -> None:
        with sqlite3.connect(self._path) as db:
            for key in keys:
                db.execute("DELETE FROM instructions WHERE key = ?", (key,))


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return Book(tmp_path_factory.mktemp("company") / "book.sqlite")


@pytest.fixture(scope="module")
def hub(
    tmp_path_factory: pytest.TempPathFactory, kafka_settings: KafkaSettings, dsn: str, book: Book
) -> Iterator[Linked]:
    folder = tmp_path_factory.mktemp("reconcile")
    with (
        company("power", "--database", str(book._path), token="token") as power,
        linked(kafka_settings, HubSettings(f"t{uuid4().hex[:8]}", partitions=2), dsn, folder) as made,
    ):
        example = (department._examples() / "power.toml").read_text("utf-8")
        made.department("power", example.replace("https://orders.power.example", power.url))
        made.department("street", FOLDERS.format(folder))
        feed = made.feed("power")
        made.feed("street")
        made.start(**SECRETS)
        for case in CASES:
            feed.tell(case, 4, CARD)
        wait_until(lambda: len(confirmed(made)) == 6, "an order and an instruction for each case")
        yield made


@pytest.fixture
def threecross(hub: Linked, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    with runner(capsys, monkeypatch) as run:
        given = {"data_dir": hub.folder / "data", "bootstrap": hub.kafka.bootstrap, "dsn": hub.dsn}
        given |= {"namespace": hub.hub.namespace, "departments": hub.departments}
        for name, value in given.items():
            monkeypatch.setenv(f"THREECROSS_{name.upper()}", str(value))
        for name, value in SECRETS.items():
            monkeypatch.setenv(name, value)
        yield lambda *words: run("connectors", "reconcile", *words)


def confirmed(hub: Linked) -> dict[str, str]:
    """Keys of what was delivered → step."""
    rows = hub.rows("SELECT key::text, step FROM deliveries WHERE destination = 'power' AND state = 'confirmed'")
    return {row["key"]: row["step"] for row in rows}


def test_a_company_that_holds_everything_differs_in_nothing(hub: Linked, threecross: Run) -> None:
    told = threecross("power")
    assert (told.code, told.out) == (0, "power holds all that was delivered to it: 6 steps compared.\n")
    assert threecross("power", "--json").json == {
        "destination": "power",
        "compared": 6,
        "differences": [],
        "tried_again": 0,
    }
    assert hub.rows("SELECT 1 FROM vault_looks") == []


def test_what_it_lost_is_found_and_with_repair_it_has_it_again(hub: Linked, threecross: Run, book: Book) -> None:
    lost = [key for key, step in confirmed(hub).items() if step != "order"][:2]
    before = book.keys()
    book.lose(*lost)
    told = threecross("power", "--json")
    assert told.code == 1
    assert sorted(one["key"] for one in told.json["differences"]) == sorted(lost)
    assert {(one["state"], one["differs"]) for one in told.json["differences"]} == {("confirmed", "missing there")}
    assert "--repair" in threecross("power").out
    assert book.keys() == before - set(lost), "comparing alone changes nothing"
    repaired = threecross("power", "--repair", "--who", "li", "--json")
    assert (repaired.code, repaired.json["tried_again"]) == (1, 2)
    wait_until(lambda: book.keys() == before, "what was lost being there again")
    wait_until(lambda: len(confirmed(hub)) == 6, "all confirmed")
    assert threecross("power").code == 0
    noted = hub.rows("SELECT who, deliveries, again FROM delivery_replays")
    assert noted == [{"who": "li", "deliveries": 1, "again": False}] * 2


def test_what_it_has_though_the_hub_gave_it_up_for_dead_is_confirmed(hub: Linked, threecross: Run) -> None:
    (key,) = [key for key, step in confirmed(hub).items() if step != "order"][:1]
    with hub.engine.begin() as c:  # as after an answer that nobody understood
        c.exec_driver_sql(f"UPDATE deliveries SET state = 'dead', why = 'data' WHERE key = '{key}'")
    told = threecross("power", "--repair", "--json")
    assert [(one["key"], one["differs"]) for one in told.json["differences"]] == [(key, "there, though not delivered")]
    wait_until(lambda: key in confirmed(hub), "its confirmation")


def test_one_case_is_compared_alone(hub: Linked, threecross: Run) -> None:
    assert threecross("power", "--case", "chat:1", "--json").json["compared"] == 2
    assert threecross("power", "--case", CASES[1], "--json").json["compared"] == 2
    assert "never been told" in threecross("power", "--case", "chat:9").err


def test_who_cannot_be_asked_is_said_so(threecross: Run, hub: Linked) -> None:
    told = threecross("street")
    assert (told.code, told.out) == (2, "")
    assert "street cannot be asked what it holds" in told.err
    unknown = threecross("nobody")
    assert (unknown.code, "nobody.toml: cannot be read" in unknown.err) == (2, True)


def test_a_company_that_is_down_is_not_said_to_have_lost_anything(hub: Linked, threecross: Run) -> None:
    text = (hub.departments / "power.toml").read_text("utf-8")
    away = text.replace('url = "http://127.0.0.1:', 'url = "http://127.0.0.2:')
    hub.department("power", away)
    told = threecross("power")
    hub.department("power", text)
    assert (told.code, "power cannot be asked now" in told.err) == (2, True)
