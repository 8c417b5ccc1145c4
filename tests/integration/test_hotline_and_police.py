"""12345 and 110 over one hub: a whole `threecross up`, the hotline's sheets on one side, batches of the police on the
other, both counterparts in processes of their own. At the end each one's own book agrees with the hub.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from ops.brokers import reader
from ops.demo.places.made import SINCE, documents
from ops.embedded.datadir import DataDir
from ops.reference import loading
from ops.reference.loading import By
from ops.scenario.facts import Facts
from schemas import ids
from schemas.wire.settings import HubSettings, KafkaSettings
from tests.integration.carrying import Carrier, Keys, PoliceStation, going, keys, police_station
from tests.integration.connecting import wait_until
from tests.integration.counterpart import counterpart
from tests.integration.haystacks import Search
from tests.integration.test_hotline_orders import Hotline
from tests.integration.test_police_link import shipped
from tests.integration.up import ROOT, argv, environment, up

SETTINGS = HubSettings(partitions=2)
NAME, PHONE, WORDS = "欧阳霁月", "13955190701", "一位老人说不清自己的姓名和住址"


@dataclass
class City:
    """The hub, both counterparts, the carrier between two of them."""

    data_dir: Path
    told: Facts
    station: PoliceStation
    hotline: Hotline
    carrier: Carrier

    def claim(self, claim: str, about: str, by: str, **fields: Any) -> None:
        """Somebody of the zone says one thing."""
        words = ("claim", claim, about, "--by", by, "--fields", json.dumps(fields), "--data-dir", self.data_dir)
        done = subprocess.run(argv(*words), cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def facts(self, case: str) -> list[str]:
        """Names of the facts of a case."""
        self.told.until(lambda: False, patience=0.2)
        return [fact.name for fact in self.told.of(case)]

    def order(self, number: str) -> dict[str, Any]:
        (found,) = [one for one in self.hotline.book()["orders"] if one["number"] == number]
        return found


@pytest.fixture
def own(tmp_path: Path) -> Keys:
    return keys(tmp_path / "hub-keys")


@pytest.fixture
def city(tmp_path: Path, own: Keys) -> Iterator[City]:
    hotline = (resources.files("connectors") / "departments" / "examples" / "xitu-hotline.toml").read_text("utf-8")
    hotline = hotline.replace("/srv/threecross/hotline", str(tmp_path / "drop"))
    hotline = hotline.replace('kind = "orders"', 'kind = "orders"\npoll_seconds = 0.3')
    for way in ("departments", "to-police", "from-police"):
        (tmp_path / way).mkdir()
    (tmp_path / "departments/xitu-hotline.toml").write_text(hotline, "utf-8")
    drop = ("--folder", str(tmp_path / "drop"), "--database", str(tmp_path / "hotline.sqlite"))
    with (
        police_station(tmp_path / "station", own, interval=0.5, patience=5.0) as station,
        counterpart("hotline", drop) as told,
    ):
        (tmp_path / "departments/xitu-police.toml").write_text(shipped(tmp_path, own, station), "utf-8")
        carrier = Carrier((tmp_path / "to-police", station.incoming), (station.out, tmp_path / "from-police"))
        with up(tmp_path / "hub", "--partitions", "2", "--departments", tmp_path / "departments"), going(carrier):
            running = DataDir(tmp_path / "hub").running()
            assert running is not None
            kafka = KafkaSettings(running.bootstrap)
            loading.load(kafka, SETTINGS, documents("xitu"), By("xitu-centre", "steward"), SINCE)
            with reader(kafka) as consumer:
                yield City(tmp_path / "hub", Facts(consumer, SETTINGS), station, Hotline(told["port"]), carrier)


def test_a_person_without_identity_goes_from_the_hotline_to_the_police_and_comes_back_by_reference(city: City) -> None:
    case = ids.case_id("xitu-12345", "GD-1")
    city.hotline.order("GD-1", category="走失人员", text=WORDS, caller=NAME, phone=PHONE)
    city.hotline.ask("/export")
    wait_until(lambda: city.order("GD-1")["outcome"] == "已受理", "the verdict on the order")
    wait_until(lambda: "Reported" in city.facts(case), "the report")
    city.claim("File", "xitu-12345:GD-1", "xitu-centre:dispatcher")
    wait_until(lambda: "Acknowledged" in city.facts(case), "the police taking it")
    city.claim("AskReference", "xitu-12345:GD-1", "civil-affairs:handler", party="police", purpose="identity")
    wait_until(lambda: "ReferenceAnswered" in city.facts(case), "the answer by reference")
    wait_until(lambda: kinds(city)["refused"], "the police hearing that the lead may not finish before an assist")
    city.claim("HandBack", "xitu-12345:GD-1", "civil-affairs:handler", party="civil-affairs")
    city.station.ask("/say", case=f"hub:{case}", kind="hand-back", sealed={"text": WORDS})
    wait_until(lambda: city.facts(case).count("HandedBack") == 2, "their hand-back")
    wait_until(lambda: city.order("GD-1")["status"] in ("办理中", "待核查"), "the hotline knowing how it stands")
    book = city.station.book()
    assert {json.loads(one["contact"])["identity"] for one in book["looks"]} == {f"{NAME} {PHONE}"}
    (person,) = book["persons"]
    assert person["case_name"] == f"hub:{case}"
    assert city.facts(case).count("Refused") == 1
    assert Search(NAME, PHONE, WORDS, person["name"])(city.carrier.carried) == []


def test_what_is_no_matter_for_110_is_taken_by_12345_and_both_know(city: City) -> None:
    told = {"category": "0301", "police_code": "150271001001101", "text": WORDS, "contact": f"{NAME} {PHONE}"}
    for number in ("JJ-1", "JJ-2"):
        city.station.ask("/transfer", number=number, **told)
    taken, refused = (ids.case_id("xitu-police-110", number) for number in ("JJ-1", "JJ-2"))
    wait_until(lambda: city.facts(taken) == city.facts(refused) == ["Reported"], "two reports")
    city.claim("File", "xitu-police-110:JJ-1", "xitu-centre:dispatcher")
    city.claim("RefuseFiling", "xitu-police-110:JJ-2", "xitu-centre:dispatcher", reason="not-ours")
    wait_until(lambda: len(answers(city)) == 2, "two answers")
    assert answers(city)["110:JJ-2"] == (False, "not-ours")
    accepted, number = answers(city)["110:JJ-1"]
    assert accepted
    assert str(number).startswith("150271-")
    stages = {one["case_name"]: one["stage"] for one in city.station.book()["cases"]}
    assert stages == {"110:JJ-1": "taken over", "110:JJ-2": "refused"}


def kinds(city: City) -> Counter[str]:
    """How many lines of each kind the police have heard."""
    return Counter(one["kind"] for one in city.station.book()["lines"])


def answers(city: City) -> dict[str, tuple[bool, str]]:
    """What the police were told about what they handed over: taken with a number, or refused with a reason."""
    lines = [one for one in city.station.book()["lines"] if one["kind"] == "transfer-answer"]
    found = {one["case_name"]: json.loads(one["body"]) for one in lines}
    return {case: (body["accepted"], body["number"] or body["reason"]) for case, body in found.items()}
