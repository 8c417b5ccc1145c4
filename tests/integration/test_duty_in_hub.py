"""Duty in a hub: the roster of its reference data, real robots and mailboxes, a process that is killed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from ops.reference import loading
from ops.reference.documents import Document
from schemas import ids
from schemas.events import Acknowledged, Duty, Summoned
from schemas.wire.settings import HubSettings, KafkaSettings
from tests.builders import SYSTEM, fact
from tests.integration.connecting import Feed, Linked, linked, wait_until
from tests.integration.engine import now
from tests.integration.messengers import SECRET, TOKEN, Messengers, messengers
from tests.link_samples import CARD
from tests.reference_samples import org

HOUR, MAILS = 3_600_000_000, {"p2": "p2@power.example", "p9": "p9@power.example"}
PHONE = "13800007788"
ROOT = Path(__file__).parents[2]
MINUTES = "answer_minutes = [10, 20]"


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Messengers]:
    with messengers(tmp_path) as made:
        yield made


@pytest.fixture
def hub(
    kafka_settings: KafkaSettings, hub_settings: HubSettings, dsn: str, tmp_path: Path, there: Messengers
) -> Iterator[Linked]:
    """The shipped department, and a roster that has p2 on duty, then p1: its turns would have them the other way."""
    with linked(kafka_settings, hub_settings, dsn, tmp_path) as made:
        duty = Duty("power", "handler", now() - HOUR, now() + HOUR, ("p2", "p1"))
        documents = [Document("organisations", "power", (org("power"),)), Document("rosters", "power", (duty,))]
        loading.load(kafka_settings, hub_settings, documents, loading.By("centre", "steward"), now())
        for name, address in MAILS.items():
            (made.departments / f"power-{name}-mail").write_text(address)
        (made.departments / "power-p1-phone").write_text(PHONE)
        yield made


def example(hub: Linked, there: Messengers, seconds: tuple[float, float]) -> None:
    """The shipped file with this mail server, and in more of a hurry."""
    text = (ROOT / "connectors/departments/examples/duty-notices.toml").read_text("utf-8")
    server = f'host = "127.0.0.1"\nport = {there.mail}\nauthority = "file:{there.authority}"'
    text = text.replace('host = "smtp.power.example"', server)
    assert MINUTES in text
    hub.department("duty", text.replace(MINUTES, f"answer_minutes = {[one / 60 for one in seconds]}"))


def start(hub: Linked, there: Messengers) -> None:
    shapes = {"WECOM": "wecom", "DINGTALK": "dingtalk", "FEISHU": "feishu"}
    given = {f"THREECROSS_POWER_{name}": there.address(shape) for name, shape in shapes.items()}
    secrets = {f"THREECROSS_POWER_{name}_SECRET": SECRET for name in ("DINGTALK", "FEISHU")}
    hub.start(**given, **secrets, THREECROSS_POWER_MAIL_PASSWORD=SECRET)


def call(feed: Feed, number: str) -> None:
    """The department is summoned to a case, just now."""
    meta, body = fact(Summoned(("power",)), 2, number=number)
    feed.tell_fact(meta, body, replace(CARD, number=number), recorded_at=now())


def answer(feed: Feed, number: str) -> None:
    meta, body = fact(Acknowledged("power"), 3, number=number)
    feed.tell_fact(meta, body, replace(CARD, number=number), recorded_at=now())


def steps(hub: Linked, number: str) -> dict[str, str]:
    """Each step of a case and how it stands."""
    query = "SELECT step, state FROM deliveries WHERE subject_id = CAST(:case AS uuid) ORDER BY id"
    return {row["step"]: row["state"] for row in hub.rows(query, case=ids.case_id(SYSTEM, number))}


def test_who_does_not_answer_is_followed_by_the_next_and_the_head_over_a_kill(hub: Linked, there: Messengers) -> None:
    example(hub, there, (10, 11))
    feed = hub.feed("power")
    start(hub, there)
    there.fault(feishu_500=1)
    call(feed, "silent")
    call(feed, "answered")
    wait_until(lambda: len(there.said("dingtalk")) == 2, "p2 being told of both")
    answer(feed, "answered")
    wait_until(lambda: "called-off" in steps(hub, "answered").values(), "the answer being heard")
    hub.end(signal.SIGKILL)
    start(hub, there)
    wait_until(lambda: there.letters(MAILS["p9"]), "the head being told, by mail since the robot fails")
    wait_until(lambda: set(steps(hub, "silent").values()) == {"acknowledged"}, "all being written down")
    hub.end(signal.SIGKILL)
    start(hub, there)
    call(feed, "later")
    wait_until(lambda: there.said("dingtalk", "later"), "p2 being told of another case")
    assert steps(hub, "answered") == {
        "called-2": "acknowledged",
        "called-2-unanswered-1": "called-off",
        "called-2-unanswered-2": "called-off",
    }
    assert [len(there.said(shape, "silent")) for shape in ("wecom", "dingtalk", "feishu")] == [1, 1, 0]
    assert [len(there.said(shape, "answered")) for shape in ("wecom", "dingtalk", "feishu")] == [0, 1, 0]
    (letter,) = there.book()["letters"]
    assert (letter["times"], letter["encrypted"], letter["user"]) == (1, 1, "duty")
    assert {row["mentioned"] for row in there.book()["messages"]} == {PHONE, ""}
    assert PHONE not in hub.log() + str(hub.rows("SELECT * FROM deliveries")) + str(hub.claims())
    assert TOKEN not in hub.log()
    assert MAILS["p9"] not in hub.log() + str(hub.rows("SELECT * FROM connector_notes"))
