"""What the facts of a group, worker, household or account amount to, as a document."""

from __future__ import annotations

from typing import Any

from ops.replay import Told
from ops.subjects import document
from schemas.events import (
    AccountOpened,
    GroupOpened,
    MemberAdded,
    PlanOpened,
    PointsEarned,
    PointsRedeemed,
    Refused,
    Step,
    StepCompleted,
    Target,
    TargetVisited,
    Team,
    VisitMissed,
    VisitsPlanned,
    WorkLogged,
)
from tests.builders import T0
from tests.subjects import DAY, HOUR, PERSON, given

ZONE = "Asia/Shanghai"
CASE = "00000000-0000-5000-8000-00000000000a"


def shown(kind: str, *bodies: Any, at: int = T0) -> dict[str, Any]:
    return document([Told(n, *fact) for n, fact in enumerate(given(kind, *bodies, at=at).facts)], ZONE)


def test_the_days_of_a_worker_are_those_of_the_hubs_zone() -> None:
    before_midnight = T0 + 15 * HOUR  # 23:00 in Shanghai
    log = shown("worker", WorkLogged("visit", "g1", CASE), WorkLogged("visit"), WorkLogged("check"), at=before_midnight)
    assert log["days"] == {"2025-11-23": {"visit": 1}, "2025-11-24": {"visit": 1, "check": 1}}
    assert log["totals"] == {"visit": 2, "check": 1}
    assert log["log"][0] == {"at": "2025-11-23T23:00:00+08:00", "kind": "visit", "grid": "g1", "about": CASE}


def test_the_log_is_whole_though_memory_keeps_the_last_entries_only() -> None:
    assert len(shown("worker", *(WorkLogged("visit") for _ in range(30)))["log"]) == 30


def test_an_account_shows_each_movement_with_its_sign() -> None:
    earned, redeemed = PointsEarned("clean-up", CASE, 20, 20), PointsRedeemed("soap", "v1", 10, 10)
    account = shown("account", AccountOpened(PERSON, "bank"), earned, redeemed)
    assert (account["balance"], account["bank"]) == (10, "bank")
    assert [(line["item"], line["points"], line["balance"]) for line in account["movements"]] == [
        ("clean-up", 20, 20),
        ("soap", -10, 10),
    ]


def test_a_household_shows_its_plan_and_its_visits() -> None:
    plan = PlanOpened("street", T0 + 90 * DAY, (Step("ramp", "power"), Step("alarm", "street")))
    planned = VisitsPlanned((T0 + 10 * DAY, T0 + 20 * DAY), PERSON)
    home = shown("household", plan, StepCompleted("ramp"), planned, VisitMissed(T0 + 10 * DAY, PERSON))
    assert [(step["code"], step["done_at"] is not None) for step in home["steps"]] == [("ramp", True), ("alarm", False)]
    assert (home["visits"]["overdue"], len(home["visits"]["ahead"]), len(home["visits"]["missed"])) == (1, 1, 1)


def test_a_campaign_shows_what_is_left_and_a_group_its_members() -> None:
    opened = GroupOpened("campaign", "street", teams=(Team("t1", (PERSON,)),), targets=(Target("h1"), Target("h2")))
    campaign = shown("group", opened, TargetVisited("h1", "done"))
    assert (campaign["done"], campaign["left"]) == (["h1"], ["h2"])
    group = shown("group", GroupOpened("together", "centre"), MemberAdded(CASE), Refused("x", "y", "z"))
    assert (group["members"], group["refused"], group["facts"]) == ([CASE], 1, 3)
