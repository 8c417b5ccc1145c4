"""Feeds on real Kafka: what departments subscribed to, numbered without a gap whatever happens to the outbox."""

from __future__ import annotations

from itertools import count

from schemas import ids
from schemas.events import Acknowledge, File, Restrict
from schemas.feeds import read_item
from tests.builders import SYSTEM, Said, claim, dispatch, report, whole_loop
from tests.feeds import subscription, what_happened
from tests.integration.engine import Hub, wait_until
from tests.integration.subscribing import assert_whole, feed, newest_records, subscribe, wait_for

LEADS = subscription(involved_as=("lead",))


def loops(*numbers: int) -> list[Said]:
    return [said for number in numbers for said in whole_loop(str(number))]


def words(hub: Hub, code: str = "power") -> list[str]:
    return what_happened(item for _, item in feed(hub, code))


def test_a_department_is_told_of_its_cases_and_each_item_says_who_it_is(hub: Hub) -> None:
    subscribe(hub, LEADS)
    hub.casework()
    hub.outbox()
    hub.send(whole_loop("1"))
    wait_for(hub, "power", 8)
    assert words(hub) == [
        *("introduced", "Dispatched", "Acknowledged", "Acknowledged"),
        *("HandedBack", "HandedBack", "Checked", "Closed"),
    ]
    assert_whole(hub, "power")
    record = hub.records("feed.power")[0]
    told = {name: value.decode() for name, value in record.headers}
    item = read_item(record.value).item
    assert record.key.decode() == item.subject.id
    assert told["ce_specversion"] == "1.0"
    assert told["ce_type"] == "threecross.feed.introduced"
    assert told["ce_subject"] == f"case/{item.subject.id}"
    assert told["ce_source"] == f"/{hub.settings.namespace}/feeds/power/{record.partition}"


def test_a_feed_may_begin_now_with_the_open_cases_or_with_all_that_ever_was(hub: Hub) -> None:
    hub.casework()
    hub.outbox()
    hub.send(loops(*range(6)))
    hub.send([claim(body, number=str(n)) for n in range(6, 10) for body in (report(), File(), dispatch())])
    wait_until(lambda: len(hub.facts()) == 66, "the facts")
    starts = {name: subscription(name, "power", start=name) for name in ("now", "open", "beginning")}
    subscribe(hub, *starts.values())
    wait_for(hub, "beginning", 6 * 10 + 4 * 4)
    assert [item.reason for _, item in wait_for(hub, "open", 4)] == ["introduced"] * 4
    wait_until(lambda: len(newest_records(hub)) == 2, "feeds to begin")
    wait_until(lambda: all(len(r.feeds) == 3 for r in newest_records(hub).values()), "feeds to begin")
    hub.send([claim(Acknowledge("power"), number="7")])
    assert what_happened(item for _, item in wait_for(hub, "now", 2)) == ["introduced", "Acknowledged"]
    wait_for(hub, "open", 5)
    wait_for(hub, "beginning", 77)
    for code in starts:
        assert_whole(hub, code)


def test_a_feed_may_begin_at_a_moment(hub: Hub) -> None:
    hub.casework()
    hub.outbox()
    for number in ("1", "2"):
        hub.send(whole_loop(number))
        wait_until(lambda n=number: len(hub.facts()) == 9 * int(n), "the facts")  # type: ignore[misc]
    second = ids.case_id(SYSTEM, "2")
    moment = min(told.meta.recorded_at for told in hub.facts() if told.meta.subject.id == second)
    subscribe(hub, subscription("since", "power", start_at=moment))
    wait_for(hub, "since", 10)
    assert {item.subject.id for _, item in assert_whole(hub, "since")} == {second}


def test_a_paused_feed_stands_still_and_loses_nothing(hub: Hub) -> None:
    subscribe(hub, subscription(), subscription("gas", "gas"))
    hub.casework()
    hub.outbox()
    hub.send(whole_loop("1"))
    wait_for(hub, "power", 10)
    subscribe(hub, subscription(paused=True), subscription("gas", "gas"))
    wait_until(lambda: len(hub.started[-1].worker.processor._keepers[0].others) == 1, "the pause")  # type: ignore[attr-defined]
    hub.send(loops(2, 3))
    wait_for(hub, "gas", 30)
    assert len(feed(hub, "power")) == 10
    subscribe(hub, subscription(), subscription("gas", "gas"))
    wait_for(hub, "power", 30)
    assert_whole(hub, "power")
    assert_whole(hub, "gas")


def test_a_case_that_becomes_restricted_is_gone_and_tells_no_more(hub: Hub) -> None:
    subscribe(hub, subscription("gas", "gas"), subscription())
    hub.casework()
    hub.outbox()
    bodies = (report(), File(), dispatch(), Restrict("mediation"), Acknowledge("power"))
    hub.send([claim(body) for body in bodies])
    wait_for(hub, "power", 6)
    assert words(hub, "gas") == ["introduced", "Reported", "Filed", "Dispatched", "gone"]
    assert words(hub, "power")[-2:] == ["Restricted", "Acknowledged"]


def test_another_worker_goes_on_where_the_first_one_stopped(hub: Hub) -> None:
    subscribe(hub, subscription())
    hub.casework()
    first = hub.outbox("first")
    hub.send(loops(1, 2, 3))
    wait_for(hub, "power", 30)
    hub.stop(first)
    hub.send(loops(4, 5))
    hub.outbox("second")
    wait_for(hub, "power", 50)
    second = hub.started[-1]
    hub.stop(second)
    hub.send(loops(6))
    hub.outbox("first")  # its local copy lags behind
    wait_for(hub, "power", 60)
    assert_whole(hub, "power")


def test_two_workers_share_the_partitions_and_hand_them_over(hub: Hub) -> None:
    subscribe(hub, subscription(), subscription("gas", "gas", start="beginning"))
    hub.casework()
    first = hub.outbox("first")
    numbers = count()
    hub.send(loops(*(next(numbers) for _ in range(20))))
    second = hub.outbox("second", wait=False)
    hub.send(loops(*(next(numbers) for _ in range(20))))
    wait_until(second.ready, "the second worker to be ready")
    hub.send(loops(*(next(numbers) for _ in range(20))))
    hub.stop(first)
    hub.send(loops(*(next(numbers) for _ in range(20))))
    wait_for(hub, "power", 800)
    wait_for(hub, "gas", 800)
    assert_whole(hub, "power")
    assert_whole(hub, "gas")
    assert first.failures == second.failures == []
