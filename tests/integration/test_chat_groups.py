"""Chat groups on real servers: what members write, what the hub files, what comes back into their groups."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from connectors import department
from ops.reference import loading
from ops.reference.documents import Document
from schemas import ids
from schemas.events import (
    Actor,
    AnswerReporter,
    ChatGroup,
    Division,
    Grid,
    Policy,
    RefuseFiling,
    Reported,
    Source,
    Subject,
    TextRef,
)
from schemas.wire.settings import HubSettings, KafkaSettings
from tests.builders import Said, claim
from tests.feeds import subscription
from tests.integration.companies import QUICK
from tests.integration.connecting import Linked
from tests.integration.counterpart import Groups, chat_groups
from tests.integration.engine import Hub, Told, now, running_hub, wait_until
from tests.integration.subscribing import subscribe

NAME = "yicheng-chat"
GROUP, OTHER_GROUP, STRANGE = "yc-0001", "yc-0002", "yc-9999"
DIVISION = "411702007003"
PLACE = {"address": "春晓街 12 号旁", "point": {"x": 114.0203, "y": 32.9772, "system": "GCJ-02"}}
PHONE = "13900000000"


class City(NamedTuple):
    """A hub with its connectors, and the groups of a city in a program of their own."""

    hub: Hub
    linked: Linked
    groups: Groups

    def write(self, identity: str, text: str = "电线杆斜了", group: str = GROUP, **more: Any) -> dict[str, Any]:
        """A member writes; the message once the hub has answered for good."""
        self.groups.write(
            identity, group, text, name="王春晓", phone=PHONE, **{"place": PLACE, "photos": ["street"], **more}
        )
        wait_until(lambda: not self.groups.message(identity)["waits"], f"an answer to {identity}")
        return self.groups.message(identity)

    def facts(self, number: str) -> list[Told]:
        """Facts about the report with this number."""
        case = ids.case_id("chat", number)
        return [told for told in self.hub.facts() if told.meta.subject.id == case]

    def start(self) -> None:
        """The connectors process, and where the assistant finds it."""
        self.linked.start(THREECROSS_YICHENG_CHAT_SECRET="agreed", THREECROSS_YICHENG_CHAT_ROBOT_SECRET="agreed")
        self.groups.hub_is_at(f"http://127.0.0.1:{self.linked.port}/in/{NAME}")

    def reports(self) -> set[str]:
        """Numbers of all that has been reported."""
        return {told.meta.source.number for told in self.hub.facts() if isinstance(told.body, Reported)}

    def hears(self, number: str, words: str, group: str = GROUP, times: int = 1) -> None:
        """Waits until the group has heard it, and sees that it has not heard it more often."""

        def heard() -> int:
            return len([text for text in self.groups.said(group) if number in text and words in text])

        wait_until(lambda: heard() >= times, f"the group hearing {words} of {number}")
        assert heard() == times

    def say(self, number: str, body: Any, by: Actor) -> None:
        """Somebody at a desk says something about a report."""
        meta, said = claim(body, by=by, at=now())
        about = Subject("case", ids.case_id("chat", number))
        named = ids.claim_id("chat", number, type(body).__name__, str(now()))
        self.hub.send([Said(replace(meta, claim_id=named, subject=about, source=Source("chat", number)), said)])

    def text(self, words: str) -> TextRef:
        return self.linked.vault.put_text(words)


@pytest.fixture(scope="module")
def city(kafka_settings: KafkaSettings, dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    folder = tmp_path_factory.mktemp("chat")
    settings = HubSettings(namespace="chat", partitions=2)
    with running_hub(kafka_settings, settings, dsn, folder) as hub, chat_groups("--hang-seconds", "2") as groups:
        _reference(hub)
        subscribe(hub, subscription("chat", NAME, role="reporter", involved_as=("reporting",)))
        for start in (hub.casework, hub.outbox, hub.clocks):
            start()
        linked = Linked(hub.kafka, hub.settings, dsn, folder)
        example = (department._examples() / f"{NAME}.toml").read_text("utf-8")
        placed = example.replace("https://chat.yicheng.example/robot", groups.url)
        linked.department(NAME, placed.replace("[chat.robot]\n", "[chat.robot]\ntimeout_seconds = 1\n") + QUICK)
        groups.exist(GROUP, OTHER_GROUP, STRANGE)
        made = City(hub, linked, groups)
        made.start()
        yield made
        linked.end()
        linked.producer.close()
        linked.engine.dispose()


def _reference(hub: Hub) -> None:
    grids = [Grid(f"{DIVISION}00{n}", "yicheng", "residential", "grid", division=DIVISION) for n in (1, 2)]
    groups = [ChatGroup("chat", name, grid.code) for name, grid in zip((GROUP, OTHER_GROUP), grids, strict=True)]
    policy = Policy(DIVISION, False, 3, 30, 10, 60, (), 1_440, at_once=False)
    said = [
        Document("divisions", "small", (Division(DIVISION, "春晓社区", "community"),)),
        Document("grids", "small", tuple(grids)),
        Document("chat-groups", "small", tuple(groups)),
        Document("policies", "small", (policy,)),
    ]
    loading.load(hub.kafka, hub.settings, said, loading.By("centre", "steward"), now())


def test_a_message_gets_its_number_and_its_first_answer_back_into_its_group_in_time(city: City) -> None:
    number = city.write("pole")["number"]
    city.hears(number, "已收到")
    (reported,) = city.facts(number)
    assert isinstance(reported.body, Reported)
    assert (reported.body.inlet, reported.body.place.grid) == ("chat", f"{DIVISION}001")
    assert len(reported.body.evidence) == 1
    asked = city.text("正在核实。")
    city.say(number, AnswerReporter("chat", asked), Actor("chunxiao", "operator"))
    city.hears(number, "答复：正在核实。")
    written = city.groups.message("pole")["at"]
    (answered,) = [row for row in city.groups.messages() if "答复" in row["text"] and row["number"] == number]
    assert answered["at"] - written < 3_600, "within the hour that the policy gives"
    assert not [one for one in city.facts(number) if type(one.body).__name__ == "RanOut"]
    city.say(number, RefuseFiling("not-ours"), Actor("centre", "dispatcher"))
    city.hears(number, "不予立案")
    assert not [text for text in city.groups.said(OTHER_GROUP) if "答复" in text]


def test_whoever_has_the_number_is_told_how_it_stands_and_nothing_personal(city: City) -> None:
    number = city.write("asked about")["number"]
    city.hears(number, "已收到")
    answer = city.write("how", f"状态 {number.lower()}", OTHER_GROUP, place=None, photos=[])
    assert answer["outcome"] == "answered"
    (reply,) = [text for text in city.groups.said(OTHER_GROUP) if number in text]
    assert "已受理，正在核实" in reply
    assert not [word for word in ("王春晓", PHONE, "12 号") if word in reply]


def test_the_same_message_told_twice_is_one_report_with_one_number(city: City) -> None:
    city.groups.fault(twice=1)
    number = city.write("twice")["number"]
    city.hears(number, "已收到")
    assert [type(told.body).__name__ for told in city.facts(number)] == ["Reported"]


def test_nothing_is_filed_of_a_strange_group_and_the_group_is_told_why(city: City) -> None:
    before = city.reports()
    told = city.write("strange", group=STRANGE)
    assert told["outcome"] == "unknown_group"
    assert [text for text in city.groups.said(STRANGE) if "没有登记" in text]
    for name, more, outcome in (("bare", {"place": None}, "no_place"), ("odd", {"photos": ["MZ"]}, "wrong_type")):
        assert city.write(name, **more)["outcome"] == outcome
    assert city.reports() == before


@pytest.mark.parametrize("mishap", ["forged", "stale"])
def test_what_is_not_believed_is_not_filed(city: City, mishap: str) -> None:
    before = city.reports()
    city.groups.fault(**{mishap: 1})
    assert city.write(mishap)["outcome"] == {"forged": "forged", "stale": "late"}[mishap]
    assert city.reports() == before


def test_a_robot_that_fails_is_told_until_it_has_said_it_and_says_it_once(city: City) -> None:
    """Errors, too busy, taken but silent, gone for a while: each message stands once in the group in the end."""
    city.groups.fault(_500=1, _429=1, hang=1)
    numbers = [city.write(f"mishap {n}")["number"] for n in range(3)]
    for number in numbers:
        city.hears(number, "已收到")
    city.groups.down()
    city.say(numbers[0], RefuseFiling("duplicate"), Actor("centre", "dispatcher"))
    wait_until(lambda: len(city.facts(numbers[0])) == 2, "the refusal")
    city.groups.up()
    city.hears(numbers[0], "重复上报")


def test_a_kill_while_the_robot_speaks_leaves_each_word_once_in_the_group(city: City) -> None:
    """Said and not answered for, then killed; meanwhile a member writes to a hub that is not there."""
    city.groups.fault(hang=1)
    numbers = [city.write(f"killed {n}")["number"] for n in range(2)]
    wait_until(
        lambda: [text for text in city.groups.said(GROUP) if text.startswith(tuple(numbers))], "the robot speaking"
    )
    city.linked.end(signal.SIGKILL)
    city.groups.write("away", GROUP, "电线杆斜了", place=PLACE, photos=["street"])
    city.start()
    wait_until(lambda: not city.groups.message("away")["waits"], "an answer to who wrote meanwhile")
    for number in (*numbers, city.groups.message("away")["number"]):
        city.hears(number, "已收到")


def test_the_groups_own_book_agrees_with_the_hub(city: City) -> None:
    """Every delivery with words stands once in a group, and nothing else; what the hub has taken is a case."""

    def ours() -> list[Any]:
        return city.linked.rows("SELECT key::text, state, detail FROM deliveries WHERE destination = :name", name=NAME)

    wait_until(lambda: all(row["state"] in ("acknowledged", "confirmed") for row in ours()), "everything delivered")
    said = [row for row in city.groups.messages() if row["writer"] == "robot" and not row["key"].startswith("reply")]
    assert sorted(row["key"] for row in said) == sorted(
        row["key"] for row in ours() if "told nothing" not in row["detail"]
    )
    written = {row["number"] for row in city.groups.messages() if row["outcome"] in ("taken", "repeated")}
    assert written == city.reports()


def test_names_phones_and_words_stand_in_no_record_of_kafka_and_no_log(city: City) -> None:
    told = "".join(
        str(record.value) for topic in ("claims", "facts", "feed.chat") for record in city.hub.records(topic)
    )
    for personal in ("王春晓", PHONE, "12 号旁", "电线杆斜了"):
        assert str(personal.encode())[2:-1] not in told
        assert personal not in city.linked.log()
