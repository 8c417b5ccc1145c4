"""Messages of sensors become claims: what they say, where they stand, what is told again, what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors import department
from connectors.mqtt import reading
from connectors.mqtt.listening import Arrived, Work, filters
from connectors.mqtt.sensors import Sensors
from connectors.mqtt.settings import Limit, Mqtt
from schemas import ids
from schemas.events import Report, Supplement
from schemas.wire import coordinates
from tests.builders import T0
from tests.link_samples import SHANGHAI, Clock, Kept, Notepad, around

EXAMPLE = department.example("sensors").options
SMOKE = "yicheng/smoke/YG-0001/reading"
COVER = "yicheng/manhole/JG-0107/reading"


def grid_at(longitude: float, latitude: float) -> str | None:
    """One grid, at the cover's true place: the phone map's coordinates lie outside of it."""
    return "411702007003009" if 114.0 < longitude < 114.016 and 32.97 < latitude < 32.99 else None


class Silence:
    """Nothing is listened to here: tests hand messages over themselves."""

    def start(self, work: Work) -> None: ...

    def stop(self) -> None: ...


class Centre:
    """The inlet, handed messages as the broker would bring them."""

    def __init__(self, folder: Path, notes: Notepad | None = None, config: Mqtt = EXAMPLE) -> None:
        self.take, self.clock = Kept(), Clock(T0)
        self.notes = Notepad() if notes is None else notes
        self.around = around(folder, org="yicheng-centre", role="operator", clock=self.clock, grid_at=grid_at)
        self.sensors = Sensors(config, self.around, Silence(), self.notes)
        self.sensors.start(self.take)

    def hear(self, topic: str, payload: Any) -> bool:
        content = payload if isinstance(payload, bytes) else payload.encode()
        return self.sensors.work(self.take, [Arrived(topic, content, self.clock(), 1, 1)])

    def smoke(self, ppm: float, at: float | None = None) -> bool:
        seconds = self.clock() / 1_000_000 if at is None else at
        return self.hear(SMOKE, json.dumps({"ts": round(seconds * 1000), "ppm": ppm}))

    def wait(self, seconds: float) -> bool:
        self.clock.pass_seconds(seconds)
        return self.sensors.work(self.take, [])

    def said(self) -> list[str]:
        return [type(draft.body).__name__ for draft in self.take.drafts]


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    return Centre(tmp_path)


def test_an_alarm_becomes_a_report_with_the_place_where_the_sensor_stands(centre: Centre) -> None:
    centre.smoke(512)
    assert centre.said() == []
    centre.wait(5)
    (draft,) = centre.take.drafts
    assert isinstance(draft.body, Report)
    assert (draft.body.inlet, draft.body.place.grid) == ("sensor", "411702007003001")
    assert draft.body.place.position is not None
    assert draft.body.place.position.original_system == "CGCS2000"
    assert draft.meta.occurred_at == T0, "when the alarm began, not when it had lasted"
    assert draft.meta.source.number == f"YG-0001@{T0}"
    assert draft.meta.subject.id == ids.case_id("yicheng-sensors", f"YG-0001@{T0}")
    assert "512 ppm" in (draft.personal.text or "")


def test_coordinates_of_a_phone_map_are_turned_and_the_original_is_kept(centre: Centre) -> None:
    centre.hear(COVER, json.dumps({"ts": T0 / 1e6, "tilt": 40, "lon": 114.0203, "lat": 32.9772}))
    centre.wait(10)
    position = centre.take.drafts[0].body.place.position
    assert position == coordinates.position(114.0203, 32.9772, "GCJ-02")
    assert abs(position.longitude - 114.0203) > 0.003, "hundreds of metres, had they been taken as they are"
    assert centre.take.drafts[0].body.asset == "YC-C-0107"


def test_a_sensor_that_nobody_has_placed_lies_in_the_grid_of_its_true_position(tmp_path: Path) -> None:
    centre = Centre(tmp_path, config=msgspec.structs.replace(EXAMPLE, sensors={}))
    centre.hear(COVER, json.dumps({"ts": T0 / 1e6, "tilt": 40, "lon": 114.0203, "lat": 32.9772}))
    centre.wait(10)
    assert centre.take.drafts[0].body.place.grid == "411702007003009"


def test_what_flaps_is_one_report(centre: Centre) -> None:
    for ppm in (512, 100, 512, 512, 100, 512, 512):
        centre.smoke(ppm)
        centre.wait(6)
    assert centre.said() == ["Report"]
    centre.smoke(20)
    centre.wait(300)
    assert centre.said() == ["Report", "Supplement"]
    assert len({draft.meta.subject.id for draft in centre.take.drafts}) == 1


def test_a_message_that_comes_again_changes_nothing(centre: Centre, tmp_path: Path) -> None:
    centre.smoke(512)
    centre.wait(6)
    for _ in range(3):
        centre.smoke(512, at=T0 / 1e6)
    assert centre.said() == ["Report"]
    later = Centre(tmp_path, centre.notes)
    later.clock.pass_seconds(3600)
    later.smoke(512, at=T0 / 1e6)
    later.wait(60)
    assert later.said() == [], "a retained message, told again after a restart"


def test_while_kafka_is_gone_nothing_is_forgotten_and_the_same_leads_to_the_same(centre: Centre) -> None:
    centre.take.refuses = True
    centre.smoke(512)
    assert centre.wait(6) is False, "not to be acknowledged to the broker"
    centre.take.refuses = False
    assert centre.wait(1) is True
    assert centre.said() == ["Report"]


def test_killed_between_kafka_and_the_notebook_the_same_message_leads_to_the_same_claim(tmp_path: Path) -> None:
    first, second = Centre(tmp_path), Centre(tmp_path)
    for centre in (first, second):
        centre.smoke(512)
        centre.wait(6)
    assert first.take.drafts[0].meta == second.take.drafts[0].meta


def test_a_sensor_whose_last_will_comes_is_reported_once_and_its_return_is_told(centre: Centre) -> None:
    centre.hear("yicheng/smoke/YG-0002/status", "online")
    centre.hear("yicheng/smoke/YG-0002/status", "offline")
    centre.wait(299)
    assert centre.said() == []
    centre.wait(1)
    centre.hear("yicheng/smoke/YG-0002/status", "offline")
    (report,) = centre.take.drafts
    assert report.body.category.code == "0199"
    assert report.body.place.address == "春晓街 8 号楼 2 单元"
    centre.hear("yicheng/smoke/YG-0002/status", "online")
    assert centre.said() == ["Report", "Supplement"]
    assert isinstance(centre.take.drafts[1].body, Supplement)


def test_a_sensor_that_is_back_in_time_is_not_reported(centre: Centre) -> None:
    centre.hear("yicheng/smoke/YG-0002/status", "offline")
    centre.wait(200)
    centre.hear("yicheng/smoke/YG-0002/status", "online")
    centre.wait(900)
    assert centre.said() == []


BAD = {
    "no JSON": (SMOKE, b"\x00"),
    "no time": (SMOKE, b'{"ppm": 512}'),
    "no value": (SMOKE, b'{"ts": 1}'),
    "no number": (SMOKE, b'{"ts": 1, "ppm": [1]}'),
    "coordinates exchanged": (COVER, b'{"ts": 1, "tilt": 1, "lon": 32.9, "lat": 114.0}'),
    "half of the coordinates": (COVER, b'{"ts": 1, "tilt": 1, "lon": 114.0}'),
    "a word nobody knows": ("yicheng/smoke/YG-0002/status", b"asleep"),
    "no code": ("yicheng/smoke//reading", b'{"ts": 1, "ppm": 1}'),
    "a topic nobody knows": ("elsewhere", b"{}"),
    "too large": (SMOKE, b" " * 70_000),
}


@pytest.mark.parametrize(("topic", "payload"), BAD.values(), ids=BAD.keys())
def test_what_is_not_understood_is_kept_once_and_holds_nothing_up(centre: Centre, topic: str, payload: bytes) -> None:
    assert centre.hear(topic, payload) is True
    assert centre.hear(topic, payload) is True
    assert {letter.place for letter in centre.take.letters} == {centre.take.letters[0].place}
    assert centre.said() == []
    centre.smoke(512)
    centre.wait(6)
    assert centre.said() == ["Report"]


def test_a_clock_that_runs_ahead_does_not_make_alarms_of_the_future(centre: Centre) -> None:
    centre.smoke(512, at=T0 / 1e6 + 86_400)
    centre.wait(6)
    assert centre.take.drafts[0].meta.occurred_at == T0


@pytest.mark.parametrize(
    ("wanted", "topic", "fits"),
    [
        ("a/+/c", "a/b/c", True),
        ("a/+/c", "a/b/d", False),
        ("a/#", "a/b/c", True),
        ("a/+", "a/b/c", False),
        ("a/b/c", "a/b", False),
    ],
)
def test_filters_are_those_of_mqtt(wanted: str, topic: str, fits: bool) -> None:
    assert reading.matches(wanted, topic) is fits


@pytest.mark.parametrize(
    ("written", "micros"),
    [
        ("1763856000", T0),
        ("1763856000.5", T0 + 500_000),
        ("1763856000500", T0 + 500_000),
        ('"2025-11-23T08:00:00"', T0),
        ('"2025-11-23T00:00:00Z"', T0),
    ],
)
def test_times_are_seconds_milliseconds_or_iso(written: str, micros: int) -> None:
    payload = b'{"ts": %s, "ppm": 1}' % written.encode()
    assert reading.read(EXAMPLE.topics[0], SMOKE, payload, 2 * T0, SHANGHAI).at == micros


@pytest.mark.parametrize("limit", [{}, {"above": 1.0, "below": 2.0}, {"above": 1.0, "words": ("x",)}])
def test_a_limit_is_one_thing(limit: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="one of above, below, words"):
        Limit(**limit)


def test_words_can_be_alarms_too() -> None:
    assert Limit(words=("ALARM", "true")).holds("ALARM")
    assert not Limit(words=("ALARM",)).holds("OK")
    assert not Limit(above=3.0).holds("ALARM")


def test_each_filter_is_subscribed_to_once() -> None:
    assert len(filters(EXAMPLE)) == len(set(filters(EXAMPLE))) == 4


BROKEN = {
    "coordinates without their system": ('coordinates = "GCJ-02"\n', "", "go together"),
    "a system that is none": ('coordinates = "GCJ-02"', 'coordinates = "GCJ-2"', "GCJ-2"),
    "a level that the topic lacks": ('sensor = 3\nkind = "烟感"', 'sensor = 9\nkind = "烟感"', "no level 9"),
    "an unknown key": ("quiet_seconds = 300", "quite_seconds = 300", "quite_seconds"),
}


@pytest.mark.parametrize(("old", "new", "told"), BROKEN.values(), ids=BROKEN.keys())
def test_a_file_that_says_what_nobody_understands_is_refused(old: str, new: str, told: str) -> None:
    content = (department._examples() / "sensors.toml").read_text("utf-8")
    assert old in content
    with pytest.raises(department.BadDepartment, match=told):
        department.parse("sensors", content.replace(old, new).encode())
