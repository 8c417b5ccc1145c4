"""Call-backs: whom the hub believes, what they become, and what changes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry

from connectors import department
from connectors.contract import Down
from connectors.rest import event, signing
from connectors.rest.asking import OpenOrders
from connectors.rest.callbacks import CallBacks
from connectors.rest.event import Event
from connectors.rest.translate import drafts
from schemas.events import Acknowledge, AskExtension, Commit, HandBack, Progress, ReportIn, Return
from tests.builders import T0
from tests.link_samples import SHANGHAI, Clock, Kept, Notepad, Numbers, around

CASE = "5f0c6f6e-0000-5000-8000-000000000001"
POWER = department.example("power").options
WATER = department.example("water").options
TELECOM_B = department.example("telecom-b").options
NOW = T0 + 60_000_000
AT = "2025-11-23T08:00:30+08:00"
MINE = {("power", "GD-1"): CASE, ("key", "k-1"): CASE}


class History:
    """A company's history of an order, for the inlet to ask; `events` None: it is down."""

    def __init__(self) -> None:
        self.found: list[dict[str, Any]] | None = []
        self.asked = 0

    def __call__(self, _number: str) -> list[dict[str, Any]]:
        self.asked += 1
        if self.found is None:
            raise Down("down")
        return self.found


class Hub:
    """The inlet of one company, spoken to as over HTTP."""

    def __init__(self, folder: Path, config: Any = POWER, notes: Notepad | None = None) -> None:
        self.take, self.clock, self.history = Kept(), Clock(NOW), History()
        self.registry = CollectorRegistry()
        self.around = around(folder, clock=self.clock, look_up=Numbers(dict(MINE)), registry=self.registry)
        self.notes = Notepad() if notes is None else notes
        self.open = OpenOrders(self.notes, self.clock)
        self.inlet = CallBacks(config, self.around, self.history, self.notes, self.open)
        app = FastAPI()
        app.include_router(self.inlet.routes(self.take))
        self.client = TestClient(app)

    def tell(self, content: Any, *, secret: str = "agreed", sent: int | None = None) -> httpx.Response:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        stamp = str(self.clock() // 1_000_000 if sent is None else sent)
        signed = signing.signature(secret.encode(), stamp, body)
        headers = {"X-Timestamp": stamp, "X-Signature": signed}
        answer: httpx.Response = self.client.post("/events", content=body, headers=headers)
        return answer

    def counted(self, outcome: str) -> float:
        labels = {"connector": "power", "outcome": outcome}
        return self.registry.get_sample_value("threecross_connector_told_total", labels) or 0.0

    def said(self) -> list[str]:
        return [type(draft.body).__name__ for draft in self.take.drafts]


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub(tmp_path)


def back(sequence: int | None, status: str, **more: Any) -> dict[str, Any]:
    content = {"event_id": f"e-{sequence}", "order": "GD-1", "status": status, "occurred_at": AT, "sequence": sequence}
    return {name: value for name, value in (content | more).items() if value is not None}


# ------------------------------------------------------------ whom to believe


def test_a_signed_call_back_becomes_a_claim_of_the_company_about_its_case(hub: Hub) -> None:
    answer = hub.tell(back(1, "accepted"))
    assert (answer.status_code, answer.json()["outcome"]) == (200, "taken")
    (draft,) = hub.take.drafts
    assert draft.body == Acknowledge("power", "accepted")
    assert draft.meta.subject.id == CASE
    assert (draft.meta.actor.org, draft.meta.actor.role) == ("power", "handler")
    assert draft.meta.occurred_at == T0 + 30_000_000, "when it happened there, not when it came"


@pytest.mark.parametrize("wrong", ["another secret", "another body", "another time", "no signature", "no time"])
def test_a_forged_call_back_is_refused_counted_and_leaves_no_trace(hub: Hub, wrong: str) -> None:
    body, stamp = json.dumps(back(1, "done")).encode(), str(NOW // 1_000_000)
    signed = signing.signature(b"guessed" if wrong == "another secret" else b"agreed", stamp, body)
    headers = {"X-Timestamp": stamp, "X-Signature": signed}
    if wrong == "another body":
        body = body.replace(b"GD-1", b"GD-2")
    elif wrong == "another time":
        headers["X-Timestamp"] = str(NOW // 1_000_000 + 1)
    elif wrong.startswith("no "):
        del headers["X-Signature" if wrong == "no signature" else "X-Timestamp"]
    assert hub.client.post("/events", content=body, headers=headers).status_code == 401
    assert (hub.take.drafts, hub.take.letters) == ([], [])
    assert hub.counted("unsigned" if wrong.startswith("no ") else "forged") == 1


@pytest.mark.parametrize("seconds", [-301, 301, -3600])
def test_a_clock_that_is_too_far_away_is_refused_and_counted(hub: Hub, seconds: int) -> None:
    assert hub.tell(back(1, "done"), sent=NOW // 1_000_000 + seconds).status_code == 401
    assert hub.counted("skewed") == 1
    assert hub.tell(back(1, "done"), sent=NOW // 1_000_000 + (299 if seconds > 0 else -299)).status_code == 200


def test_two_secrets_hold_while_a_company_changes_them() -> None:
    signed = signing.signature(b"old", "100", b"{}")
    signing.verify([b"new", b"old"], "100", f"v1=00, {signed}", b"{}", 100, 10)
    with pytest.raises(signing.NotTrusted):
        signing.verify([b"new"], "100", signed, b"{}", 100, 10)


def test_a_replay_within_the_window_changes_nothing_and_later_is_refused(hub: Hub) -> None:
    hub.tell(back(1, "accepted"))
    again = hub.tell(back(1, "accepted"))
    assert (again.status_code, again.json()["outcome"]) == (200, "repeated")
    sent = hub.clock() // 1_000_000
    hub.clock.pass_seconds(400)
    assert hub.tell(back(1, "accepted"), sent=sent).status_code == 401
    assert hub.said() == ["Acknowledge"]


def test_an_event_id_with_another_content_is_refused_and_kept(hub: Hub) -> None:
    hub.tell(back(1, "accepted"))
    assert hub.tell(back(1, "done")).status_code == 409
    assert hub.said() == ["Acknowledge"]
    assert len(hub.take.letters) == 1


# ------------------------------------------------------------ what cannot be taken


def test_an_unknown_order_is_told_so_and_kept(hub: Hub) -> None:
    assert hub.tell(back(1, "done", order="GD-9")).status_code == 404
    (letter,) = hub.take.letters
    assert "GD-9" in letter.reason
    assert letter.raw


def test_an_order_whose_number_is_not_known_yet_is_found_by_the_key_of_its_delivery(hub: Hub) -> None:
    assert hub.tell(back(1, "accepted", order="GD-9", key="k-1")).status_code == 200
    assert hub.take.drafts[0].meta.subject.id == CASE


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "no JSON"),
        (b"[]", "no JSON object"),
        (back(1, "done", occurred_at="yesterday"), "no time"),
        (back(1, "done", event_id=""), "event_id"),
        (back(1, "vanished"), "stands in no row"),
        (back(0, "done"), "whole number"),
        (back(1, "done", photos=[{"media_type": "image/png", "content": "??"}]), "photos"),
        (back(1, "promised"), "due_at"),
    ],
)
def test_what_is_not_understood_is_told_so_and_kept(hub: Hub, content: Any, told: str) -> None:
    answer = hub.tell(content)
    assert answer.status_code == 422
    assert told in answer.json()["detail"]
    assert len(hub.take.letters) == 1
    assert hub.take.drafts == []


def test_what_is_too_large_is_not_read_to_its_end(hub: Hub) -> None:
    assert hub.tell(back(1, "done", note="x" * (POWER.call_backs.largest_bytes + 1))).status_code == 413


def test_while_kafka_is_gone_nothing_is_taken_and_the_same_comes_again(hub: Hub) -> None:
    hub.take.refuses = True
    answer = hub.tell(back(1, "accepted"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    hub.take.refuses = False
    assert hub.tell(back(1, "accepted")).json()["outcome"] == "taken"


# ------------------------------------------------------------ the order of things


def test_done_before_accepted_is_put_right_by_the_company_s_own_history(hub: Hub) -> None:
    hub.history.found = [back(1, "accepted", occurred_at="2025-11-23T08:00:05+08:00"), back(2, "done")]
    assert hub.tell(back(2, "done")).status_code == 200
    assert hub.said() == ["Acknowledge", "HandBack"]
    times = [draft.meta.occurred_at for draft in hub.take.drafts]
    assert times == [T0 + 5_000_000, T0 + 30_000_000]
    late = hub.tell(back(1, "accepted", occurred_at="2025-11-23T08:00:05+08:00"))
    assert late.json()["outcome"] == "repeated"
    assert len(hub.take.drafts) == 2


def test_a_call_back_that_was_lost_for_good_is_read_from_the_history(hub: Hub) -> None:
    hub.tell(back(1, "accepted"))
    hub.history.found = [back(n, status) for n, status in enumerate(("accepted", "working", "done"), 1)]
    hub.tell(back(3, "done"))
    assert hub.said() == ["Acknowledge", "Progress", "HandBack"]


@pytest.mark.parametrize("found", [None, []])
def test_where_the_history_does_not_help_the_later_one_has_to_wait(hub: Hub, found: Any) -> None:
    hub.history.found = found
    answer = hub.tell(back(2, "done"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (425, "5")
    assert hub.take.drafts == []
    hub.tell(back(1, "accepted"))
    assert hub.tell(back(2, "done")).status_code == 200
    assert hub.said() == ["Acknowledge", "HandBack"]


def test_a_company_whose_history_is_not_to_be_read_is_waited_for(tmp_path: Path) -> None:
    hub = Hub(tmp_path, WATER)
    assert hub.tell(back(2, "done")).status_code == 425
    assert hub.history.asked == 0


def test_after_its_patience_the_hub_takes_what_has_come_and_the_late_one_by_its_own_time(hub: Hub) -> None:
    hub.history.found = None
    hub.clock.pass_seconds(601)
    assert hub.tell(back(2, "done")).status_code == 200
    assert hub.tell(back(1, "accepted", occurred_at="2025-11-23T08:00:05+08:00")).status_code == 200
    assert [draft.meta.occurred_at for draft in hub.take.drafts] == [T0 + 30_000_000, T0 + 5_000_000]


def test_after_its_patience_the_history_is_still_read_first(hub: Hub) -> None:
    hub.history.found = [back(1, "accepted", occurred_at="2025-11-23T08:00:05+08:00"), back(2, "done")]
    hub.clock.pass_seconds(601)
    assert hub.tell(back(2, "done")).status_code == 200
    assert hub.said() == ["Acknowledge", "HandBack"]


def test_what_a_silent_company_could_not_be_asked_for_is_asked_for_until_it_answers(hub: Hub) -> None:
    hub.history.found = None
    hub.clock.pass_seconds(601)
    hub.tell(back(2, "done"))
    hub.clock.pass_seconds(300)
    assert hub.open.silent(300) == ["GD-1"]
    hub.history.found = [back(1, "accepted", occurred_at="2025-11-23T08:00:05+08:00"), back(2, "done")]
    hub.inlet.catch_up(hub.take, "GD-1")
    assert hub.said() == ["HandBack", "Acknowledge"]
    hub.open.asked("GD-1", last=False)
    assert hub.open.has_ended("GD-1"), "it is asked for once more: something may have been said behind the end"
    hub.open.asked("GD-1", last=True)
    assert hub.open.silent(0) == []


def test_an_event_that_the_history_does_not_have_is_not_asked_for_after_its_patience(hub: Hub) -> None:
    hub.history.found = []
    hub.clock.pass_seconds(601)
    hub.tell(back(2, "done"))
    assert hub.said() == ["HandBack"]
    assert hub.open.silent(0) == []


def test_a_company_that_does_not_count_its_events_is_taken_as_it_comes(hub: Hub) -> None:
    assert hub.tell(back(None, "done")).status_code == 200
    assert hub.history.asked == 0


def test_what_was_noted_survives_the_process(hub: Hub, tmp_path: Path) -> None:
    hub.tell(back(1, "accepted"))
    later = Hub(tmp_path, notes=hub.notes)
    assert later.tell(back(1, "accepted")).json()["outcome"] == "repeated"
    assert later.tell(back(2, "done")).status_code == 200
    assert later.history.asked == 0


# ------------------------------------------------------------ asking those who are silent


def test_what_was_lost_for_good_is_found_by_asking_and_counts_once(hub: Hub) -> None:
    hub.tell(back(1, "accepted"))
    hub.history.found = [back(1, "accepted"), back(2, "working"), back(3, "done")]
    for _ in range(2):
        hub.inlet.catch_up(hub.take, "GD-1")
    assert hub.said() == ["Acknowledge", "Progress", "HandBack"]
    assert hub.tell(back(3, "done")).json()["outcome"] == "repeated"
    assert hub.counted("asked") == 2


def test_an_order_is_asked_for_when_it_has_been_silent_until_it_is_done_and_once_more(hub: Hub) -> None:
    hub.open.told("GD-1", ends=False)
    hub.clock.pass_seconds(299)
    assert hub.open.silent(300) == []
    hub.clock.pass_seconds(1)
    assert hub.open.silent(300) == ["GD-1"]
    hub.tell(back(1, "accepted", occurred_at="2025-11-23T08:05:00+08:00"))
    assert hub.open.silent(300) == [], "it was heard of"
    hub.clock.pass_seconds(400)
    hub.tell(back(2, "done"))
    hub.clock.pass_seconds(400)
    assert hub.open.silent(300) == ["GD-1"], "it is handed back, and asked for once more"
    hub.open.asked("GD-1", last=True)
    assert hub.open.silent(0) == []
    hub.open.told("GD-1", ends=False)
    hub.clock.pass_seconds(300)
    assert hub.open.silent(300) == ["GD-1"], "it was told to work again"
    hub.open.told("GD-1", ends=True)
    hub.open.asked("GD-1", last=hub.open.has_ended("GD-1"))
    assert hub.open.silent(0) == []


def test_what_is_said_behind_a_hand_back_and_lost_is_asked_for(hub: Hub) -> None:
    hub.open.told("GD-1", ends=False)
    hub.tell(back(1, "done"))
    hub.history.found = [back(1, "done"), back(2, "working", occurred_at="2025-11-23T08:09:00+08:00")]
    hub.clock.pass_seconds(300)
    for order in hub.open.silent(300):
        hub.inlet.catch_up(hub.take, order)
    assert hub.said() == ["HandBack", "Progress"]


def test_an_order_that_nobody_gave_is_not_asked_for(hub: Hub) -> None:
    hub.inlet.catch_up(hub.take, "GD-9")
    assert hub.history.asked == 0
    hub.open.heard("GD-9", ends=False)
    assert hub.open.silent(0) == []


def test_one_event_that_is_not_understood_does_not_hide_the_others(hub: Hub) -> None:
    hub.history.found = [back(1, "vanished"), {"order": 1}, back(2, "done")]
    hub.inlet.catch_up(hub.take, "GD-1")
    assert hub.said() == ["HandBack"]
    assert len(hub.take.letters) == 1


# ------------------------------------------------------------ what a status means


def event_of(status: str, **more: Any) -> Event:
    return event.read(back(1, status, **more), POWER.event, SHANGHAI)


@pytest.mark.parametrize(
    ("content", "body"),
    [
        ({"status": "on_site"}, ReportIn("power")),
        ({"status": "accepted"}, Acknowledge("power", "accepted")),
        ({"status": "working", "note": "on it"}, Progress("power")),
        (
            {"status": "promised", "due": "2025-11-23T10:00:00+08:00"},
            Commit(T0 + 7_200_000_000, "the company's own promise", "power"),
        ),
        ({"status": "needs_time", "reason": "parts"}, AskExtension("power", "other")),
        ({"status": "not_ours", "reason": "not_power"}, Return("power", "not_ours")),
        ({"status": "not_ours", "reason": "whatever they may write"}, Return("power", "other")),
        ({"status": "done"}, HandBack("power", upstream_status="done")),
    ],
)
def test_each_status_is_a_claim(content: dict[str, Any], body: Any) -> None:
    (draft,) = drafts(POWER, "power", "handler", event_of(**content), CASE)
    assert draft.body == body


def test_words_and_photos_go_to_the_vault_and_nowhere_else() -> None:
    photo = {"media_type": "image/png", "content": "aGk="}
    (draft,) = drafts(POWER, "power", "handler", event_of("done", note="门口的王阿姨说", photos=[photo]), CASE)
    assert draft.personal.text == "门口的王阿姨说"
    assert draft.personal.attached[0].content == b"hi"
    assert "王" not in repr(draft.body) + repr(draft.meta)


def test_a_status_that_means_nothing_to_us_is_taken_and_leads_to_nothing(hub: Hub) -> None:
    assert hub.tell(back(1, "archived")).status_code == 200
    assert hub.take.drafts == []


def test_the_same_code_means_another_thing_as_answer_to_another_instruction() -> None:
    content = {"lsh": "1", "gdbh": "YW-1", "ztbm": 20, "fssj": AT, "xh": 1}
    plain = event.read(content, TELECOM_B.event, SHANGHAI)
    called = event.read(content | {"zllx": "ZJ"}, TELECOM_B.event, SHANGHAI)
    assert type(drafts(TELECOM_B, "telecom-b", "handler", plain, CASE)[0].body) is Acknowledge
    assert type(drafts(TELECOM_B, "telecom-b", "handler", called, CASE)[0].body) is ReportIn


def test_the_claim_s_id_comes_from_the_company_s_event_and_from_nothing_else() -> None:
    first, again, other = event_of("done"), event_of("done", note="x"), event_of("done", event_id="e-2")
    ids = [drafts(POWER, "power", "handler", one, CASE)[0].meta.claim_id for one in (first, again, other)]
    assert ids[0] == ids[1] != ids[2]
