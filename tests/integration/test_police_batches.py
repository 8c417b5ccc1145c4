"""The batch connector against a police station in a process of its own, which knows the format and nothing of the hub.

Here the runner's part is played by a few lines, so that every byte and every claim can be looked at; the whole hub is
in test_police_link.py.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import structlog
from prometheus_client import CollectorRegistry

from connectors.batches import KIND
from connectors.batches.config import Config, TheirCategory
from connectors.contract import BadData, BadMessage, Delivery, Department, Down, Draft, Secret, Surroundings
from connectors.metrics import ConnectorMetrics
from schemas import ids
from schemas.events import AnswerHandOver, AnswerReference, HandBack, PoliceCode, Report, Subject
from tests.integration.carrying import Carrier, Keys, PoliceStation, keys, police_station, until
from tests.integration.haystacks import Haystack, Search

NAME, PHONE, IDENTITY, WORDS = "欧阳霁月", "13955190701", "15020319420101001X", "半夜总有人敲我家的门"
THEIR_PERSON = "巴特尔"
NEEDLES = (NAME, PHONE, IDENTITY, WORDS, THEIR_PERSON)
CASE = ids.case_id("hotline", "7")
NOTHING: Any = None
CODES = [PoliceCode("150271001001", "150271001001101", 0)]


class Link:
    """A connector, run by hand: what it delivers, what became of what it read."""

    def __init__(self, folder: Path, own: Keys, station: PoliceStation) -> None:
        self.folder = folder
        self._config = Config(
            outgoing=str(folder / "out"),
            incoming=str(folder / "in"),
            us="xitu-hub",
            them="xitu-police",
            signing_key=Secret(f"file:{own.signing}"),
            opening_key=Secret(f"file:{own.opening}"),
            their_signing_keys=(station.keys.public_signing,),
            their_sealing_key=station.keys.public_sealing,
            system="police-110",
            interval_seconds=1,
            patience_seconds=3,
            categories={"0301": TheirCategory("xitu", "2026", "0701")},
        )
        for way in ("out", "in"):
            (folder / way).mkdir(parents=True, exist_ok=True)
        self.drafts: list[Draft] = []
        self.bad: list[BadMessage] = []
        self.known = {CASE}
        self.open()

    def open(self) -> None:
        self.registry = CollectorRegistry()
        around = Surroundings(
            department=Department("xitu-police", "police", "handler", ZoneInfo("Asia/Shanghai")),
            clock=lambda: int(datetime.now(UTC).timestamp() * 1_000_000),
            look_up=lambda _system, number: number if number in self.known else None,
            secret=lambda secret: Path(secret.removeprefix("file:")).read_text("ascii"),
            folder=self.folder / "own",
            vault=NOTHING,  # what is personal is handed over in the drafts
            log=structlog.get_logger(),
            metrics=ConnectorMetrics(self.registry),
            engine=NOTHING,  # it keeps its journal in its folder
            police_codes=lambda: CODES,
        )
        self.made = KIND.make(self._config, around)
        assert self.made.inlet is not None
        self.made.inlet.start(NOTHING)

    def close(self) -> None:
        assert self.made.inlet is not None
        self.made.inlet.stop()
        self.made.close()

    def deliver(self, kind: str, key: str, lane: str = "regular", **body: Any) -> None:
        assert self.made.sink is not None
        capsule = body.pop("capsule", {})
        told = {"lane": lane, "case": f"hub:{CASE}", "kind": kind, "body": {"at": 1, **body}, "capsule": capsule}
        self.made.sink.deliver(Delivery(key, "xitu-police", Subject("case", CASE), 1, f"{kind}-1", 1, told))

    def read(self, kill_before_done: bool = False) -> None:
        """One round as the runner makes it."""
        source = self.made.source
        assert source is not None
        found = list(source.read({}))
        for message, _ in found:
            if isinstance(message, BadMessage):
                self.bad.append(message)
                continue
            try:
                drafts = source.translate(message, lambda number: number if number in self.known else None)
            except BadMessage as wrong:
                self.bad.append(wrong)
            else:
                known = {draft.meta.claim_id for draft in self.drafts}
                self.drafts += [draft for draft in drafts if draft.meta.claim_id not in known]
        if found and not kill_before_done:
            source.done(found[-1][1])

    def said(self, made: type) -> list[Any]:
        return [draft.body for draft in self.drafts if isinstance(draft.body, made)]


@pytest.fixture
def own(tmp_path: Path) -> Keys:
    return keys(tmp_path / "hub/keys")


@pytest.fixture
def station(tmp_path: Path, own: Keys) -> Iterator[PoliceStation]:
    with police_station(tmp_path / "station", own) as made:
        yield made


@pytest.fixture
def link(tmp_path: Path, own: Keys, station: PoliceStation) -> Iterator[Link]:
    made = Link(tmp_path / "hub", own, station)
    yield made
    made.close()


@pytest.fixture
def carrier(link: Link, station: PoliceStation) -> Carrier:
    return Carrier((link.folder / "out", station.incoming), (station.out, link.folder / "in"))


def turn(link: Link, carrier: Carrier) -> None:
    carrier.go()
    link.read()


CARD: dict[str, Any] = {"card": {"division": "150271001001", "number": "N-1"}}
CALLER: dict[str, Any] = {"text": f"{NAME}：{WORDS}", "contact": {"identity": f"{NAME} {PHONE}"}}


def test_danger_to_life_is_taken_at_once_and_the_caller_is_called_once(
    link: Link, carrier: Carrier, station: PoliceStation
) -> None:
    link.deliver("hand-over", "k-1", "urgent", service="110", reason="danger", capsule=CALLER, **CARD)
    until(lambda: link.said(HandBack), lambda: turn(link, carrier))
    assert link.said(AnswerHandOver) == [AnswerHandOver("police", True, None, "JJ-2026-000001")]
    book = station.book()
    (line,) = [one for one in book["lines"] if one["kind"] == "hand-over"]
    assert json.loads(line["body"])["card"]["police_codes"] == ["150271001001101"]
    (look,) = book["looks"]
    assert json.loads(look["contact"]) == CALLER["contact"]
    assert station.ask("/look", capsule=look["capsule"], officer="somebody else") is None
    assert [one["reason"] for one in station.book()["refused_looks"]] == ["used"]


def test_a_capsule_that_has_expired_is_not_opened(link: Link, carrier: Carrier, station: PoliceStation) -> None:
    link.deliver("question", "k-1", purpose="identity", by="civil-affairs", capsule={"text": WORDS}, **CARD)
    until(lambda: station.book()["lines"], lambda: turn(link, carrier))
    (capsule,) = [json.loads(one["capsule"])["id"] for one in station.book()["lines"] if one["capsule"] != "null"]
    late = int(datetime.now(UTC).timestamp() * 1_000_000) + 2 * 86_400_000_000
    assert station.ask("/look", capsule=capsule, officer="late", now=late) is None
    assert station.ask("/look", capsule=capsule, officer="in time") == {"text": WORDS}


def test_a_question_is_answered_by_reference_only(link: Link, carrier: Carrier, station: PoliceStation) -> None:
    link.deliver("question", "k-1", purpose="identity", by="civil-affairs", **CARD)
    (answer,) = until(lambda: link.said(AnswerReference), lambda: turn(link, carrier))
    assert answer == AnswerReference("police", "identified", "GA-15027-0001")
    assert station.book()["persons"][0]["name"] == THEIR_PERSON
    assert Search(*NEEDLES)(carrier.carried) == []


def test_a_matter_of_the_police_becomes_a_report_of_the_hotline(
    link: Link, carrier: Carrier, station: PoliceStation
) -> None:
    words = {"text": WORDS, "contact": f"{NAME} {PHONE}"}
    told = {"category": "0301", "police_code": "150271001001101", "place": "富强路口", **words}
    station.ask("/transfer", number="JJ-7", **told)
    station.ask("/transfer", number="JJ-8", category="9999")
    until(lambda: len(station.book()["verdicts"]) == 2, lambda: turn(link, carrier))
    (draft,) = link.drafts
    assert isinstance(draft.body, Report)
    assert (draft.body.place.division, draft.meta.subject.id) == ("150271001001", ids.case_id("police-110", "JJ-7"))
    assert (draft.personal.text, draft.personal.person) == (WORDS, f"{NAME} {PHONE}")
    verdicts = {one["key"]: (one["outcome"], one["reason"], one["number"]) for one in station.book()["verdicts"]}
    assert verdicts["regular/110:JJ-7/1"] == ("accepted", None, draft.meta.subject.id)
    assert verdicts["regular/110:JJ-8/1"] == ("refused", "unknown-category", None)
    assert Search(*NEEDLES)(carrier.carried) == []


@pytest.mark.parametrize("mishap", ["lose", "twice", "forge", "bad-disk", "other-content"])
def test_whatever_goes_wrong_with_a_batch_each_matter_comes_once(
    mishap: str, link: Link, carrier: Carrier, station: PoliceStation
) -> None:
    station.ask("/mishaps", next=[mishap])
    for number in range(3):
        station.ask("/transfer", number=f"JJ-{number}", category="0301", text=WORDS)
        until(lambda: not station.book()["spool"], lambda: turn(link, carrier))
    until(lambda: len(station.book()["verdicts"]) == 3, lambda: turn(link, carrier))
    assert Counter(draft.meta.source.number for draft in link.drafts) == Counter(["JJ-0", "JJ-1", "JJ-2"])
    aside = [bad for bad in link.bad if "set aside" in bad.reason]
    assert len(aside) == (1 if mishap in ("forge", "bad-disk", "other-content") else 0), [str(bad) for bad in link.bad]
    assert all(bad.raw for bad in aside)
    told = {"connector": "xitu-police", "outcome": "set_aside"}
    assert (link.registry.get_sample_value("threecross_connector_told_total", told) or 0) == len(aside)


def test_kills_between_kafka_and_the_acknowledgement_change_nothing(
    link: Link, carrier: Carrier, station: PoliceStation
) -> None:
    station.ask("/transfer", number="JJ-1", category="0301", text=WORDS)

    def turn_and_die() -> None:
        carrier.go()
        link.read(kill_before_done=True)

    until(lambda: link.drafts, turn_and_die)
    link.close()
    link.open()
    until(lambda: station.book()["verdicts"], lambda: turn(link, carrier))
    assert len(link.drafts) == 1


def test_a_station_that_is_killed_takes_each_line_once(link: Link, carrier: Carrier, station: PoliceStation) -> None:
    for number in range(4):
        link.deliver("question", f"k-{number}", purpose=f"p{number}", by="civil-affairs", **CARD)
        until(lambda: not list((link.folder / "in").iterdir()), lambda: turn(link, carrier))
        station.kill()
        station.start()
    until(lambda: len(link.said(AnswerReference)) == 4, lambda: turn(link, carrier))
    assert sorted(one["key"] for one in station.book()["lines"]) == [f"k-{number}" for number in range(4)]


def test_what_is_personal_does_not_leave_in_the_open(link: Link, carrier: Carrier, station: PoliceStation) -> None:
    link.deliver("hand-over", "k-1", "urgent", service="110", reason="danger", capsule=CALLER, **CARD)
    link.deliver("transfer", "k-2", role="lead", capsule=CALLER, **CARD)
    link.deliver("question", "k-3", purpose="identity", by="x", capsule={"text": f"{WORDS} {IDENTITY}"}, **CARD)
    for number in (PHONE, IDENTITY):
        with pytest.raises(BadData) as bad:
            link.deliver("news", "k-4", by=f"call {number}")
        assert number not in str(bad.value)
    station.ask("/transfer", number="JJ-1", category="0301", text=WORDS, contact=f"{NAME} {PHONE}")
    station.ask("/say", case=f"hub:{CASE}", kind="reference", body={"outcome": "identified", "reference": IDENTITY})
    until(lambda: station.book()["verdicts"][2:], lambda: turn(link, carrier))
    own = [Haystack(str(path), path.read_bytes()) for path in (link.folder / "own").rglob("*") if path.is_file()]
    refused = [bad for bad in link.bad if "personal" in bad.reason or "phone or identity" in bad.reason]
    assert [str(bad).count(IDENTITY) for bad in refused] == [0]
    plain = [hay for hay in [*carrier.carried, *own] if IDENTITY.encode() not in hay.content]
    assert Search(*NEEDLES)(plain) == []
    assert len(carrier.carried) - len([hay for hay in carrier.carried if hay in plain]) == 1  # what the police let slip
    assert Search("150271001001101", "N-1")(carrier.carried), "the same search finds what is public"


def test_a_folder_that_is_gone_is_waited_for_and_told(link: Link, carrier: Carrier, station: PoliceStation) -> None:
    carrier.go()
    moved = (link.folder / "out").rename(link.folder / "elsewhere")
    with pytest.raises(Down):
        link.deliver("hand-over", "k-1", "urgent", service="110", reason="danger", **CARD)
    assert "no folder" in link.made.check()[0]
    moved.rename(link.folder / "out")
    link.deliver("hand-over", "k-1", "urgent", service="110", reason="danger", **CARD)
    until(lambda: link.said(AnswerHandOver), lambda: turn(link, carrier))
    assert [one["key"] for one in station.book()["lines"]] == ["k-1"]
