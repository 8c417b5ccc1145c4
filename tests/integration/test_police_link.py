"""The police link with everything real: the connectors process, Kafka, PostgreSQL, the vault, a station, a carrier.

Names, phones, identity numbers and words are planted wherever the link can touch them, and looked for in every byte
that leaves.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import insert

from connectors.tables import claim_store
from ops.demo.places.made import documents
from ops.reference import loading
from ops.reference.loading import By
from schemas import codec, ids
from schemas.events import (
    Acknowledge,
    Actor,
    AnswerHandOver,
    AnswerReference,
    Assignment,
    Category,
    ClaimMeta,
    Dispatched,
    FeedCard,
    HandBack,
    HandedOver,
    Place,
    ReferenceAsked,
    Report,
    Source,
    Subject,
    TextRef,
)
from schemas.wire.settings import HubSettings, KafkaSettings
from tests.builders import T0, fact
from tests.integration import haystacks
from tests.integration.carrying import Carrier, Keys, PoliceStation, going, keys, police_station
from tests.integration.connecting import Feed, Linked, linked, wait_until
from tests.integration.haystacks import Haystack, Search

NAME, PHONE, IDENTITY, WORDS = "欧阳霁月", "13955190701", "15020319420101001X", "半夜总有人敲我家的门"
THEIR_PERSON, THEIR_WORDS = "巴特尔", "民警已到场处理完毕"
NEEDLES = (NAME, "139551907", IDENTITY[:-1], WORDS, THEIR_PERSON, THEIR_WORDS)
CASE = ids.case_id("hotline", "7")
NUMBER = "150271-261127-003-00017-8"


@pytest.fixture
def own(tmp_path: Path) -> Keys:
    return keys(tmp_path / "hub-keys")


@pytest.fixture
def station(tmp_path: Path, own: Keys) -> Iterator[PoliceStation]:
    with police_station(tmp_path / "station", own, interval=0.5, patience=4.0) as made:
        yield made


@pytest.fixture
def hub(
    kafka_settings: KafkaSettings,
    hub_settings: HubSettings,
    dsn: str,
    tmp_path: Path,
    own: Keys,
    station: PoliceStation,
) -> Iterator[Linked]:
    """A hub with the police that ship: their folders and keys are those of the test, the reference that of the zone."""
    with linked(kafka_settings, hub_settings, dsn, tmp_path) as made:
        made.department("xitu-police", shipped(tmp_path, own, station))
        for way in ("to-police", "from-police"):
            (tmp_path / way).mkdir()
        loading.load(kafka_settings, hub_settings, documents("xitu"), By("xitu-centre", "steward"), T0)
        yield made


def shipped(folder: Path, own: Keys, station: PoliceStation) -> str:
    """The department's file as it ships, with what every place must change."""
    text = (resources.files("connectors") / "departments" / "examples" / "xitu-police.toml").read_text("utf-8")
    nobody = "0" * 64
    changes = {
        "/srv/threecross": str(folder),
        "env:THREECROSS_POLICE_SIGNING_KEY": f"file:{own.signing}",
        "env:THREECROSS_POLICE_OPENING_KEY": f"file:{own.opening}",
        f'their_signing_keys = ["{nobody}"]': f'their_signing_keys = ["{station.keys.public_signing}"]',
        f'their_sealing_key = "{nobody}"': f'their_sealing_key = "{station.keys.public_sealing}"',
        "interval_seconds = 900": "interval_seconds = 1",
        "patience_seconds = 3600": "patience_seconds = 4",
        "poll_seconds = 2.0": "poll_seconds = 0.2",
    }
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.fixture
def feed(hub: Linked) -> Feed:
    return hub.feed("xitu-police")


@pytest.fixture
def carrier(hub: Linked, station: PoliceStation) -> Carrier:
    folder = hub.folder
    return Carrier((folder / "to-police", station.incoming), (station.out, folder / "from-police"))


def reported(hub: Linked) -> TextRef:
    """The hotline's report of the case, brought in by a connector of this hub: caller and words are in the vault."""
    person = hub.vault.person("hotline", f"{NAME} {PHONE}")
    text = hub.vault.put_text(WORDS, person)
    claim_id = ids.claim_id("hotline", "7", "report", "1")
    meta = ClaimMeta(claim_id, Subject("case", CASE), T0, Actor("hotline", "operator"), Source("hotline", "7"))
    place = Place("150271001001", None, "富强路口")
    value = codec.encode(meta, Report(Category("xitu", "2026", "0701"), place, "12345", text, reporter=person))
    with hub.engine.begin() as c:
        row = {"connector": "xitu-hotline", "claim_id": claim_id, "subject": CASE, "value": value}
        c.execute(insert(claim_store), [row])
    return text


def tell(feed: Feed, body: Any, seq: int, by: str = "xitu-centre", text: TextRef | None = None) -> None:
    """The outbox tells the police a fact of the case."""
    meta, _ = fact(body, seq, at=T0, by=Actor(by, "dispatcher"))
    place = Place("150271001001", None, "富强路口")
    card = FeedCard(NUMBER, "dispatched", Category("xitu", "2026", "0701"), place=place, source=Source("hotline", "7"))
    feed.tell_fact(replace(meta, subject=Subject("case", CASE)), body, replace(card, text=text))


def said(hub: Linked, made: type) -> list[Any]:
    return [body for _, body in hub.claims() if isinstance(body, made)]


def test_danger_to_life_a_transfer_and_a_question_cross_and_nothing_personal_in_the_open(
    hub: Linked, feed: Feed, station: PoliceStation, carrier: Carrier
) -> None:
    text = reported(hub)
    hub.start()
    with going(carrier):
        tell(feed, HandedOver("110", "police", "danger", hub.vault.put_text(f"{WORDS} {IDENTITY}")), 3, text=text)
        wait_until(lambda: said(hub, AnswerHandOver), "the answer of 110")
        tell(feed, Dispatched((Assignment("police", "lead"),)), 4, text=text)
        tell(feed, ReferenceAsked("police", "identity"), 5, by="civil-affairs")
        wait_until(lambda: said(hub, AnswerReference), "the answer by reference")
        wait_until(lambda: len(said(hub, HandBack)) == 2, "their hand-backs")
        station.ask("/transfer", number="JJ-8", category="0702", text=WORDS, contact=f"{NAME} {PHONE}")
        wait_until(lambda: said(hub, Report), "their report")
        wait_until(lambda: len(station.book()["verdicts"]) >= 6, "verdicts on their lines")
    assert said(hub, AnswerHandOver) == [AnswerHandOver("police", True, None, "JJ-2026-000001")]
    assert said(hub, AnswerReference) == [AnswerReference("police", "identified", "GA-15027-0001")]
    assert said(hub, Acknowledge) == [Acknowledge("police")]
    the_station_has_called_the_caller_once(station)
    every_look_is_recorded(hub)
    nothing_personal_has_left(hub, carrier)


def the_station_has_called_the_caller_once(station: PoliceStation) -> None:
    book = station.book()
    contacts = [json.loads(one["contact"]) for one in book["looks"]]
    assert {json.dumps(one, ensure_ascii=False) for one in contacts} == {f'{{"identity": "{NAME} {PHONE}"}}'}
    assert {one["text"] for one in book["looks"]} == {f"{WORDS} {IDENTITY}", WORDS}
    for look in book["looks"]:
        assert station.ask("/look", capsule=look["capsule"], officer="curious") is None
    assert {one["reason"] for one in station.book()["refused_looks"]} == {"used"}
    (hand_over,) = [json.loads(one["body"]) for one in book["lines"] if one["kind"] == "hand-over"]
    assert hand_over["card"]["police_codes"] == ["150271001001001"]  # T0 lies before the codes were issued anew


def every_look_is_recorded(hub: Linked) -> None:
    looks = hub.rows("SELECT who, role, purpose, kind, granted FROM vault_looks WHERE kind = 'contact'")
    assert [tuple(look.values()) for look in looks] == [
        ("connector:xitu-police", "police_link", "delivery", "contact", True)
    ] * 2


def nothing_personal_has_left(hub: Linked, carrier: Carrier) -> None:
    assert hub.end() == 0
    claims = [Haystack("claims", codec.encode(meta, body)) for meta, body in hub.claims()]
    found = [*carrier.carried, *claims, *haystacks.tables(hub.engine), Haystack("log", hub.log().encode())]
    found += haystacks.files(hub.folder / "data", unless=lambda path: path.name == "vault.key")
    assert Search(*NEEDLES)(found) == []
    public = Search("police", "process started")
    assert {hay.where.partition(" ")[0] for hay in found if public([hay])} >= {"file", "claims", "table", "log"}
    assert len([hay for hay in carrier.carried if hay.where.endswith(".ack")]) >= 2


def test_kills_of_both_sides_and_a_careless_carrier_lose_and_double_nothing(
    hub: Linked, feed: Feed, station: PoliceStation, carrier: Carrier
) -> None:
    reported(hub)
    hub.start()
    station.ask("/mishaps", next=["lose", "twice", "forge", "bad-disk"])
    with going(carrier):
        for number in range(4):
            tell(feed, ReferenceAsked("police", f"purpose-{number}"), 3 + number, by="civil-affairs")
            station.ask("/transfer", number=f"JJ-{number}", category="0702", text=WORDS)
            wait_until(lambda: not station.book()["spool"], "a batch of theirs")
            hub.end(signal.SIGKILL)
            station.kill()
            station.start()
            hub.start()
        wait_until(lambda: len(set(map(str, said(hub, AnswerReference)))) == 4, "four answers")
        wait_until(lambda: len(station.book()["verdicts"]) >= 8, "verdicts on their lines")
    asked = [json.loads(one["body"])["purpose"] for one in station.book()["lines"] if one["kind"] == "question"]
    assert asked == [f"purpose-{number}" for number in range(4)]
    numbers = {meta.source.number for meta, body in hub.claims() if isinstance(body, Report)}
    assert numbers == {f"JJ-{number}" for number in range(4)}
    claim_ids = {meta.claim_id: codec.encode(meta, body) for meta, body in hub.claims()}
    assert all(claim_ids[meta.claim_id] == codec.encode(meta, body) for meta, body in hub.claims())
    assert len(claim_ids) == 8
