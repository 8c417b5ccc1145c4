"""Links on real servers: across partitions, through kills, and folded again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from ops.reference.documents import Document
from ops.reference.loading import By, load
from schemas import codec, ids
from schemas.events import (
    Actor,
    Amend,
    Assignment,
    Check,
    Checked,
    Close,
    Closed,
    Dispatch,
    DuplicateDismissed,
    DuplicateSuspected,
    File,
    GroupClosed,
    HandedBack,
    JoinGroup,
    MemberAdded,
    OpenGroup,
    Refused,
    RefuseFiling,
    RegimeChanged,
    RegimeDeclaration,
    SolveGroup,
    WorkLogged,
)
from tests.builders import MINUTE, POWER, STREET, SYSTEM, T0, Said, claim, report
from tests.integration.engine import Hub, now, number_in, wait_until
from tests.linking import place


def told(hub: Hub, kind: type) -> list[tuple[str, Any]]:
    """Subject and body of every fact of this class."""
    return [(fact.meta.subject.id, fact.body) for fact in hub.facts() if type(fact.body) is kind]


def settled(hub: Hub) -> None:
    """Returns when links has worked on every fact, casework has decided every claim, and nothing waits."""

    def quiet() -> bool:
        made, facts = claims_made(hub), hub.facts()
        ends = {fact.partition: fact.offset for fact in facts}
        with hub.engine.connect() as c:
            found = c.execute(text("SELECT partition, next_offset FROM links_partitions"))
            at = {row.partition: row.next_offset for row in found}
            waiting = c.execute(text("SELECT count(*) FROM links_claims")).scalar()
        decided = {fact.meta.claim_id for fact in facts}
        behind = [p for p, end in ends.items() if at.get(p, 0) <= end]
        return made <= decided and not behind and waiting == 0 and claims_made(hub) == made

    wait_until(quiet, "links to be done")


def claims_made(hub: Hub) -> set[str]:
    """Ids of all claims on Kafka."""
    return {codec.decode(record.value)[0].claim_id for record in hub.records("claims")}


def reported(number: str, east: float, at: int = T0) -> Said:
    return claim(report(place=place(east)), number=number, at=at)


def case(number: str) -> str:
    return ids.case_id(SYSTEM, number)


def together(number: str) -> str:
    return ids.subject_id("group", SYSTEM, number)


def test_two_near_reports_in_two_partitions_lead_to_one_suspicion_whatever_the_order(hub: Hub) -> None:
    hub.casework()
    hub.links()
    pairs = [(number_in(0, nth=n), number_in(1, nth=n)) for n in range(4)]
    for n, (one, other) in enumerate(pairs):
        both = [reported(one, n * 5_000), reported(other, n * 5_000 + 20, T0 + MINUTE)]
        for said in both if n % 2 == 0 else reversed(both):
            hub.send([said])
            if n < 2:
                settled(hub)
    settled(hub)
    found = {(subject, body.other) for subject, body in told(hub, DuplicateSuspected)}
    assert found == {(case(other), case(one)) for one, other in pairs}
    assert len(told(hub, DuplicateSuspected)) == len(pairs)
    assert told(hub, Refused) == []


def test_many_near_reports_at_once_miss_none(hub: Hub) -> None:
    hub.casework()
    links = hub.links()
    numbers = [number_in(p, nth=n) for n in range(10) for p in (0, 1)]
    hub.send([reported(number, 0, T0 + n) for n, number in enumerate(numbers)])
    settled(hub)
    assert len(told(hub, DuplicateSuspected)) == len(numbers) * (len(numbers) - 1) // 2
    assert links.metric("threecross_links_claims_total", claim="SuspectDuplicate") == len(told(hub, DuplicateSuspected))
    assert (links.ready(), links.failures) == (True, [])


def group_of_three(hub: Hub) -> tuple[str, list[str]]:
    """Three open cases of power in both partitions, and a group that they have joined."""
    numbers, group = [number_in(0), number_in(1), number_in(0, nth=1)], "g1"
    parties = (Assignment("power", "lead"),)
    for n, number in enumerate(numbers):
        bodies = (File(), Dispatch(parties, "list-7"), JoinGroup(together(group)))
        hub.send([reported(number, n * 5_000), *(claim(body, number=number, at=T0 + MINUTE) for body in bodies)])
    hub.send([claim(OpenGroup("together", "centre"), number=group, kind="group")])
    return group, numbers


def test_a_group_of_three_is_solved_together_and_each_member_is_checked(hub: Hub) -> None:
    hub.casework()
    hub.links()
    group, numbers = group_of_three(hub)
    settled(hub)
    assert sorted(body.case for _, body in told(hub, MemberAdded)) == sorted(map(case, numbers))
    hub.send([claim(SolveGroup("power"), number=group, kind="group", by=POWER, at=T0 + 9 * MINUTE)])
    settled(hub)
    assert sorted(told(hub, HandedBack), key=str) == sorted([(case(n), HandedBack("power")) for n in numbers], key=str)
    assert told(hub, Checked) == told(hub, Closed) == []
    for number in numbers:
        hub.send(
            [
                claim(Check("passed"), number=number, by=STREET, at=T0 + 20 * MINUTE),
                claim(Close("checked"), number=number, at=T0 + 21 * MINUTE),
            ]
        )
    settled(hub)
    assert told(hub, GroupClosed) == [(together(group), GroupClosed("all-ended"))]
    assert told(hub, Refused) == []


def test_killed_between_transaction_and_sending_nothing_is_lost_or_doubled(hub: Hub) -> None:
    hub.casework()
    one, other = number_in(0), number_in(1)
    hub.send([reported(one, 0), reported(other, 20, T0 + MINUTE)])
    wait_until(lambda: len(hub.facts()) == 2, "two facts")
    killed = hub.linking()
    facts = hub.records("facts")

    async def work() -> None:
        for partition in (0, 1):
            await killed.take(partition, lambda _done, _total: None)
            await killed.keep(partition, [record for record in facts if record.partition == partition])

    hub.loop.run(work())
    with hub.engine.connect() as c:
        waiting = c.execute(text("SELECT partition, subject, value FROM links_claims")).all()
    assert len(waiting) == 1
    assert told(hub, DuplicateSuspected) == []
    hub.links()
    settled(hub)
    assert [subject for subject, _ in told(hub, DuplicateSuspected)] == [case(other)]
    (row,) = waiting  # and as if Kafka's acknowledgement had been lost: the same bytes again
    hub.producer.send(hub.settings.topic("claims"), key=row.subject.encode(), value=bytes(row.value)).get(30)
    settled(hub)
    assert len(told(hub, DuplicateSuspected)) == 1
    assert told(hub, Refused) == []

    async def leave() -> None:
        for partition in (0, 1):
            await killed.release(partition)

    hub.loop.run(leave())


def test_what_was_said_about_a_case_is_never_overtaken_by_what_another_partition_makes_of_it(hub: Hub) -> None:
    hub.casework()
    one, other = number_in(0), number_in(1)
    hub.send([reported(one, 0), reported(other, 20, T0 + MINUTE)])
    hub.send([claim(Amend("wrong-place", place=place(900)), number=other, at=T0 + 2 * MINUTE)])
    wait_until(lambda: len(hub.facts()) == 3, "three facts")
    links, facts = hub.linking(), hub.records("facts")
    here, there = ([record for record in facts if record.partition == partition] for partition in (0, 1))

    async def work() -> None:
        for partition in (0, 1):
            await links.take(partition, lambda _done, _total: None)
        await links.keep(1, there[:1])
        await links.keep(0, here)  # the suspicion waits in partition 0, whose owner dies here
        await links.handle(1, there[1:])
        for partition in (0, 1):
            await links.release(partition)

    hub.loop.run(work())
    wait_until(lambda: told(hub, DuplicateDismissed), "the suspicion to be taken back")
    assert [subject for subject, _ in told(hub, DuplicateSuspected)] == [case(other)]
    assert told(hub, Refused) == []


def test_another_fold_version_folds_everything_again_and_says_nothing_new(hub: Hub) -> None:
    hub.casework()
    first = hub.links()
    group, numbers = group_of_three(hub)
    hub.send([claim(SolveGroup("power"), number=group, kind="group", by=POWER, at=T0 + 9 * MINUTE)])
    hub.send([reported("77", 1, T0 + MINUTE)])
    settled(hub)
    before = len(hub.facts())
    hub.stop(first)
    hub.execute("UPDATE links_cases SET state = '\\x00'; DELETE FROM links_groups; DELETE FROM links_suspicions")
    hub.links("b", fold_version="2")
    settled(hub)
    assert len(hub.facts()) == before
    with hub.engine.connect() as c:
        assert c.execute(text("SELECT count(*) FROM links_cases")).scalar() == len(numbers) + 1
        assert c.execute(text("SELECT count(*) FROM links_groups")).scalar() == 1


def test_what_a_worker_does_in_person_stands_in_the_workers_own_log(hub: Hub) -> None:
    hub.casework()
    hub.links()
    person = "00000000-0000-4000-8000-00000000000e"
    worker = Actor("street", "grid_worker", person)
    number = number_in(0)
    hub.send([claim(report(), number=number, by=worker)])
    settled(hub)
    opening = next(fact.meta.fact_id for fact in hub.facts() if fact.meta.subject.id == case(number))
    log = ids.subject_id("worker", "person", person)
    (entry,) = told(hub, WorkLogged)
    assert entry[0] == log
    assert entry[1] == WorkLogged("report", report().place.grid, case(number), opening)


def test_a_regime_that_is_declared_reaches_each_open_case_of_its_area(hub: Hub) -> None:
    hub.casework(reader=hub.reference())
    hub.links()
    inside, ended, elsewhere = number_in(0), number_in(1), number_in(0, nth=1)
    hub.send(
        [
            reported(inside, 0),
            reported(ended, 5_000),
            claim(report(place=place(9_000, division="350125001001")), number=elsewhere),
        ]
    )
    hub.send([claim(RefuseFiling("not-ours"), number=ended, at=T0 + MINUTE)])
    settled(hub)
    flood = RegimeDeclaration("emergency", ("411702",), T0, "district", "city")
    document = Document("declarations", "flood", (flood,), valid_from=T0)
    load(hub.kafka, hub.settings, [document], By("centre", "dispatcher"), now())
    wait_until(lambda: told(hub, RegimeChanged), "the case to be told")
    settled(hub)
    assert told(hub, RegimeChanged) == [(case(inside), RegimeChanged("emergency", 1))]
