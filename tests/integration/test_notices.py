"""Persons on duty are told by robots that verify signatures and clocks, and by a mail server that asks for a log-in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from connectors.contract import BadData, Busy, Delivery, Down, Refused, Secret
from connectors.notices.connector import Telling
from connectors.notices.settings import Mail, Notice, Notices, Person, Robot
from schemas import ids
from schemas.events import Subject
from tests.integration.engine import now
from tests.integration.messengers import OTHER, SECRET, Messengers, messengers
from tests.link_samples import Clock, Notepad, around

PHONE, P2, P9 = "13800007788", "p2@power.example", "p9@power.example"
CONFIG = Notices(
    head="p9",
    persons={
        "p1": Person(robot="crew", mention=Secret("phone")),
        "p2": Person(robot="office", mail=Secret("p2")),
        "p3": Person(robot="others"),
        "p9": Person(mail=Secret("p9")),
    },
    notices=(Notice("called", ("Summoned",), "{number}"),),
    robots={
        "crew": Robot("wecom", Secret("wecom")),
        "office": Robot("dingtalk", Secret("dingtalk"), Secret("secret")),
        "others": Robot("feishu", Secret("feishu"), Secret("secret")),
    },
    mail=Mail("127.0.0.1", "duty@power.example", user="duty", password=Secret("secret"), authority=Secret("authority")),
    timeout_seconds=1.0,
)


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Messengers]:
    with messengers(tmp_path_factory.mktemp("messengers")) as made:
        yield made


class Duty:
    """A department whose duty is `persons`, at a clock of its own."""

    def __init__(self, there: Messengers, folder: Path, *persons: str, **secrets: str) -> None:
        assert there.authority is not None
        known = {shape: there.address(shape) for shape in ("wecom", "dingtalk", "feishu")}
        known |= {"secret": SECRET, "phone": PHONE, "p2": P2, "p9": P9, "authority": there.authority.read_text()}
        self.clock, self.notes, self.secrets = Clock(now()), Notepad(), known | secrets
        config = replace(CONFIG, mail=CONFIG.mail and replace(CONFIG.mail, port=there.mail))
        given = around(folder, clock=self.clock, registry=CollectorRegistry())
        self._given = given._replace(secret=self._secret, on_duty=lambda _org, _at: persons)
        self.sink = Telling(config, self._given, self.notes)

    def _secret(self, name: Secret) -> str:
        if name not in self.secrets:
            raise Refused(f"the environment has no {name}")
        return self.secrets[name]

    def tell(self, text: str, **changed: Any) -> str:
        return self.sink.deliver(delivery(text, **changed)).detail


def delivery(text: str, *, rung: int = 0, last: bool = False, **given: Any) -> Delivery:
    body = {"text": text, "notice": f"called-{text}", "rung": rung, "last": last}
    body |= {"apart_seconds": given.get("apart", 0)}
    key = ids.delivery_key("power", "1", given.get("key", f"{text}-{rung}"))
    return Delivery(key, "power", Subject("case", "1"), 4, "called-4", 1, body)


@pytest.fixture
def duty(there: Messengers, tmp_path: Path) -> Iterator[Any]:
    made: list[Duty] = []

    def on(*persons: str, **secrets: str) -> Duty:
        made.append(Duty(there, tmp_path, *persons, **secrets))
        return made[-1]

    yield on
    there.fast(0)
    for one in made:
        one.sink.close()


@pytest.mark.parametrize(("person", "shape"), [("p1", "wecom"), ("p2", "dingtalk"), ("p3", "feishu")])
def test_a_robot_says_it_in_its_group_once(duty: Any, there: Messengers, person: str, shape: str) -> None:
    power = duty(person)
    assert {power.tell(f"once {shape}") for _ in range(2)} == {f"{person} by {CONFIG.persons[person].robot}"}
    assert len(there.said(shape, f"once {shape}")) == 1


def test_whoever_has_a_phone_is_called_up_in_the_group(duty: Any, there: Messengers) -> None:
    duty("p1").tell("called up")
    (row,) = [row for row in there.book()["messages"] if row["text"] == "called up"]
    assert row["mentioned"] == PHONE


@pytest.mark.parametrize(("person", "shape"), [("p2", "dingtalk"), ("p3", "feishu")])
def test_a_wrong_secret_and_a_wrong_clock_are_down_and_no_fault_of_the_notice(
    duty: Any, there: Messengers, person: str, shape: str
) -> None:
    wrong, late = duty(person, secret="SECother"), duty(person)
    del wrong.secrets["p2"], late.secrets["p2"]
    with pytest.raises(Down):
        wrong.tell(f"forged {shape}")
    there.fast(2 * 3600)
    with pytest.raises(Down):
        late.tell(f"forged {shape}")
    there.fast(0)
    assert there.said(shape, "forged") == []
    assert late.tell(f"forged {shape}").startswith(person)


@pytest.mark.parametrize(("person", "shape"), [("p1", "wecom"), ("p3", "feishu")])
def test_an_address_that_no_robot_has_is_down(duty: Any, there: Messengers, person: str, shape: str) -> None:
    with pytest.raises(Down) as told:
        duty(person, **{shape: there.address(shape, "guessed")}).tell("nobody")
    assert "guessed" not in str(told.value)


def test_a_robot_is_never_told_more_than_it_takes(duty: Any, there: Messengers) -> None:
    power, refused = duty("p1", wecom=there.address("wecom", OTHER)), len(there.book()["refusals"])
    for number in range(20):
        power.tell(f"flood {number}")
        power.clock.pass_seconds(1)
    with pytest.raises(Busy) as told:
        power.tell("flood 20")
    assert told.value.retry_after == pytest.approx(40)
    assert not told.value.whole
    assert len(there.book()["refusals"]) == refused
    forgetful = duty("p1", wecom=there.address("wecom", OTHER))
    with pytest.raises(Busy, match="45009"):
        forgetful.tell("flood 20")


@pytest.mark.parametrize("trouble", ["dingtalk_130101", "dingtalk_500", "dingtalk_429", "dingtalk_lost"])
def test_who_has_another_way_is_told_by_that_one(duty: Any, there: Messengers, trouble: str) -> None:
    power = duty("p2")
    there.fault(**{trouble: 1})
    assert power.tell(f"other way {trouble}") == "p2 by mail"
    (letter,) = [row for row in there.letters(P2) if row["text"].strip() == f"other way {trouble}"]
    identity = f"<{delivery(f'other way {trouble}').key}@power.example>"
    assert (letter["encrypted"], letter["user"], letter["message_id"]) == (1, "duty", identity)
    assert power.tell(f"still {trouble}") == "p2 by mail"
    power.clock.pass_seconds(601)
    assert power.tell(f"again {trouble}") == "p2 by office"


def test_too_many_without_another_way_waits_as_long_as_the_robot_rests(duty: Any, there: Messengers) -> None:
    there.fault(wecom_45009=1)
    with pytest.raises(Busy) as told:
        duty("p1").tell("too many")
    assert (told.value.retry_after, told.value.whole) == (60, False)


def test_a_mail_that_comes_again_is_the_same_one(duty: Any, there: Messengers) -> None:
    power = duty()
    there.fault(mail_lost=1)
    with pytest.raises(Down):
        power.tell("lost")
    assert power.tell("lost") == "p9 by mail"
    (letter,) = [row for row in there.letters(P9) if row["text"].strip() == "lost"]
    assert letter["times"] == 2


@pytest.mark.parametrize(("code", "failure"), [(451, Busy), (421, Down), (550, BadData)])
def test_not_now_and_never_are_told_apart(duty: Any, there: Messengers, code: int, failure: type[Exception]) -> None:
    there.fault(**{f"mail_{code}": 1})
    with pytest.raises(failure) as told:
        duty().tell(f"mail {code}")
    assert P9 not in str(told.value)


def test_a_mailbox_that_is_busy_holds_up_no_other_one(duty: Any, there: Messengers) -> None:
    power = duty("p2", dingtalk="nowhere://")
    there.fault(mail_451=1)
    with pytest.raises(Down):
        power.tell("grey")
    assert power.tell("grey", rung=1, last=True) == "p9 by mail"


@pytest.mark.parametrize("address", ["", "somebody", "p9@power.example\nBcc: all@power.example"])
def test_no_mail_goes_to_what_is_no_address(duty: Any, there: Messengers, address: str) -> None:
    with pytest.raises(Down):
        duty(p9=address).tell("no address")
    assert not [row for row in there.book()["letters"] if "no address" in row["text"]]


@pytest.mark.parametrize("address", ["", "nowhere://", "http://[", "http://127.0.0.1:1/x"])
def test_what_is_no_address_of_a_robot_is_down(duty: Any, address: str) -> None:
    with pytest.raises(Down):
        duty("p1", wecom=address).tell("no robot")


@pytest.mark.parametrize("changed", [{"secret": "guessed"}, {"authority": ""}])
def test_who_is_not_let_in_or_does_not_trust_the_server_sends_nothing(
    duty: Any, there: Messengers, changed: Mapping[str, str]
) -> None:
    with pytest.raises(Down):
        duty(**changed).tell("not let in")
    assert not [row for row in there.letters(P9) if "not let in" in row["text"]]


def test_the_next_one_is_told_then_the_head_and_nobody_twice(duty: Any, there: Messengers) -> None:
    power = duty("p1", "p3")
    rungs = [power.tell("ladder", rung=rung, last=rung == 2) for rung in (0, 1, 1, 2)]
    assert rungs == ["p1 by crew", "p3 by others", "p3 by others", "p9 by mail"]
    assert power.tell("ladder", rung=2, last=True, key="another") == "everybody has been told"
    assert [len(there.said(shape, "ladder")) for shape in ("wecom", "feishu")] == [1, 1]


def test_who_was_told_late_has_time_to_answer(duty: Any) -> None:
    power = duty("p1", "p3")
    power.tell("late")
    with pytest.raises(Busy) as told:
        power.tell("late", rung=1, apart=300)
    assert (told.value.retry_after, told.value.whole) == (300, False)
    power.clock.pass_seconds(300)
    assert power.tell("late", rung=1, apart=300) == "p3 by others"


def test_a_phone_that_is_not_where_it_should_be_holds_up_its_person_alone(duty: Any) -> None:
    power = duty("p1", "p3")
    del power.secrets["phone"]
    with pytest.raises(Down, match="environment has no phone"):
        power.tell("no phone")
    assert power.tell("no phone", rung=1) == "p3 by others"


def test_its_check_says_who_cannot_be_told_and_what_cannot_be_reached(duty: Any, there: Messengers) -> None:
    assert duty("p1").sink.check() == []
    (told,) = duty("p1", "p7").sink.check()
    assert "p7" in told
    there.down("mail")
    (told,) = duty("p1").sink.check()
    assert told.startswith("Mail: ")
    there.up("mail")
