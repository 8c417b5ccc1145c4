"""The sentences of connectors/CONTRACT.md that a connector alone can keep or break, each as a check."""

from __future__ import annotations

import ast
import json
import logging
import re
import time
from collections.abc import Callable
from itertools import islice
from typing import Any, NamedTuple

import msgspec
import pytest
import structlog

from connectors.contract import (
    BadData,
    BadMessage,
    Busy,
    CallOff,
    Conflict,
    Down,
    Draft,
    Message,
    Refused,
    Secret,
    Undelivered,
)
from connectors.delivery.bodies import kept
from schemas import codec
from tests.kit.harness import INLET, ORG, PLANTED, SINK, SOURCE, Harness, deliver_all, deliveries, steps
from tests.link_samples import Kept

Check = Callable[[Harness], None]
PATIENCE = 20.0
"""Seconds within which an answer that does not come is given up, and an inlet ends."""


class Sentence(NamedTuple):
    """A sentence: its number, the part of a connector that it is about (None: any), a trouble that it needs."""

    id: str
    part: str | None
    needs: str | None
    check: Check


SENTENCES: list[Sentence] = []


def sentence(number: str, part: str | None = None, needs: str | None = None) -> Callable[[Check], Check]:
    """Registers a check."""

    def add(check: Check) -> Check:
        SENTENCES.append(Sentence(number, part, needs, check))
        return check

    return add


# ------------------------------------------------------------ any connector


@sentence("CON-001")
def options_are_strict(h: Harness) -> None:
    config = type(h.options).__struct_config__
    assert config.frozen
    assert config.forbid_unknown_fields


@sentence("CON-002")
def secrets_are_references(h: Harness) -> None:
    plain = [name for name, value in _fields(h.options) if _SECRET.search(name) and not isinstance(value, Secret)]
    assert plain == []


_SECRET = re.compile(r"(secret|password|token|api_key)$")


def _fields(value: Any) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name in getattr(value, "__struct_fields__", ()):
        inner = getattr(value, name)
        found += _fields(inner) if isinstance(inner, msgspec.Struct) else [(name, inner)] if inner is not None else []
    return found


@sentence("CON-003", needs="down")
def making_it_asks_nobody(h: Harness) -> None:
    h.troubles["down"]()
    h.remake().close()


@sentence("CON-004", needs="down")
def its_check_tells_what_is_wrong(h: Harness) -> None:
    assert h.made.check() == []
    h.troubles["down"]()
    told = h.made.check()
    assert told
    assert all(" " in one for one in told)


@sentence("CON-005")
def it_reads_neither_environment_nor_wall_clock(h: Harness) -> None:
    assert h.sources
    assert [name for name, text in h.sources.items() for _ in _forbidden(text)] == []


_FORBIDDEN = {
    *(("os", "environ"), ("os", "getenv"), ("time", "time"), ("time", "time_ns"), ("datetime", "now")),
    *(("datetime", "utcnow"), ("date", "today"), ("uuid", "uuid4"), ("random", "random")),
}


def _forbidden(text: str) -> list[str]:
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)]
    named = [(getattr(node.value, "id", getattr(node.value, "attr", "")), node.attr) for node in nodes]
    return [".".join(pair) for pair in named if pair in _FORBIDDEN]


# ------------------------------------------------------------ sinks


@sentence("CON-010", SINK)
def the_same_item_leads_to_the_same_steps(h: Harness) -> None:
    assert h.made.sink is not None
    for item in h.items("same"):
        assert h.made.sink.translate(item) == h.made.sink.translate(item)


@sentence("CON-011", SINK)
def steps_are_named_once_and_hold_json_and_references(h: Harness) -> None:
    assert h.made.sink is not None
    for item in h.items("names"):
        made = steps(h.made.sink, item)
        assert len({step.name for step in made}) == len(made)
        assert all(step.name for step in made)
        assert all(json.dumps(kept(step.body)) for step in made)
        assert PLANTED not in json.dumps([kept(step.body) for step in made])


@sentence("CON-012", SINK)
def under_one_key_it_is_done_once(h: Harness) -> None:
    wanted = deliveries(h, "once")
    deliver_all(h, wanted, times=3)
    assert sorted(h.effects("once")) == sorted(delivery.key for delivery in wanted)


@sentence("CON-013", SINK, "lost")
def an_answer_that_is_lost_is_down_and_it_is_still_done_once(h: Harness) -> None:
    assert h.made.sink is not None
    wanted = deliveries(h, "lost")
    h.troubles["lost"]()
    started = time.monotonic()
    with pytest.raises(Down):
        h.made.sink.deliver(wanted[0])
    assert time.monotonic() - started < PATIENCE
    deliver_all(h, wanted)
    assert sorted(h.effects("lost")) == sorted(delivery.key for delivery in wanted)


@sentence("CON-014", SINK, "down")
def who_cannot_be_reached_is_down_and_takes_it_when_he_is_back(h: Harness) -> None:
    assert h.made.sink is not None
    wanted = deliveries(h, "night")
    h.troubles["down"]()
    with pytest.raises(Down):
        h.made.sink.deliver(wanted[0])
    h.troubles["up"]()
    deliver_all(h, wanted)
    assert sorted(h.effects("night")) == sorted(delivery.key for delivery in wanted)


@sentence("CON-015", SINK, "busy")
def who_is_busy_is_left_alone_as_long_as_he_said(h: Harness) -> None:
    assert h.made.sink is not None
    h.troubles["busy"]()
    with pytest.raises(Busy) as told:
        h.made.sink.deliver(deliveries(h, "busy")[0])
    assert told.value.retry_after is not None
    assert h.effects("busy") == []


@sentence("CON-016", SINK, "conflict")
def another_state_there_is_a_conflict(h: Harness) -> None:
    assert h.made.sink is not None
    h.troubles["conflict"]()
    with pytest.raises(Conflict):
        h.made.sink.deliver(deliveries(h, "conflict")[0])


@sentence("CON-017", SINK, "never")
def what_is_never_taken_is_bad_data(h: Harness) -> None:
    assert h.made.sink is not None
    first = deliveries(h, "never")[0]
    h.made.sink.deliver(first)
    with pytest.raises(BadData):
        h.made.sink.deliver(h.never(first))


@sentence("CON-018", SINK)
def reading_back_finds_what_was_taken_and_nothing_else(h: Harness) -> None:
    assert h.made.sink is not None
    if not h.made.sink.reads_back:
        assert h.made.sink.read_back(deliveries(h, "back")[0]) is None
        return
    first = deliveries(h, "back")[0]
    assert h.made.sink.read_back(first) is None
    given = h.made.sink.deliver(first).their_number
    seen = h.made.sink.read_back(first)
    assert seen is not None
    assert seen.their_number in (given, None)


@sentence("CON-019", SINK)
def steps_of_a_case_are_done_in_the_order_in_which_they_are_delivered(h: Harness) -> None:
    wanted = deliveries(h, "order")
    assert len(wanted) > 1
    deliver_all(h, wanted)
    assert h.effects("order") == [delivery.key for delivery in wanted]


@sentence("CON-020", SINK)
def what_has_been_erased_is_left_out_and_the_rest_is_delivered(h: Harness) -> None:
    wanted = deliveries(h, "erased", erased=True)
    deliver_all(h, wanted)
    assert len(h.effects("erased")) == len(wanted)


@sentence("CON-021", SINK, "down")
def failures_and_logs_hold_nothing_personal(h: Harness) -> None:
    assert h.made.sink is not None
    wanted, lines = deliveries(h, "quiet"), _Lines()
    logging.getLogger().addHandler(lines)
    h.troubles["down"]()
    try:
        with structlog.testing.capture_logs() as structured, pytest.raises(Undelivered) as wrong:
            h.made.sink.deliver(wanted[0])
        h.troubles["up"]()
        with structlog.testing.capture_logs() as more:
            deliver_all(h, wanted)
    finally:
        logging.getLogger().removeHandler(lines)
    told = f"{wrong.value} {structured} {more} {lines.found}"
    assert PLANTED not in told
    assert "13800007788" not in told


@sentence("CON-022", SINK)
def what_is_timed_and_called_off_follows_from_the_items(h: Harness) -> None:
    assert h.made.sink is not None
    items = h.items("timed")
    labels = {step.unless for item in items for step in steps(h.made.sink, item)}
    for item in items:
        assert all(step.not_before is None or step.not_before > item.recorded_at for step in steps(h.made.sink, item))
        assert all(one.unless in labels for one in h.made.sink.translate(item) if isinstance(one, CallOff))


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(record.getMessage())


# ------------------------------------------------------------ sources


def _read(h: Harness, position: dict[str, Any] | None = None) -> list[tuple[Message | BadMessage, dict[str, Any]]]:
    assert h.made.source is not None
    return list(islice(h.made.source.read(position or {}), 100))


def _drafts(h: Harness, message: Message | BadMessage) -> list[Draft]:
    assert h.made.source is not None
    assert isinstance(message, Message)
    return h.made.source.translate(message, h.look_up)


@sentence("CON-030", SOURCE)
def reading_changes_nothing(h: Harness) -> None:
    h.say("read")
    first, second = _read(h), _read(h)
    assert len(first) == 1
    assert [one.place for one, _ in first] == [one.place for one, _ in second]


@sentence("CON-031", SOURCE)
def behind_a_position_is_only_what_came_later(h: Harness) -> None:
    h.say("first")
    ((_, position),) = _read(h)
    position = json.loads(json.dumps(position))
    assert _read(h, position) == []
    h.say("second")
    assert len(_read(h, position)) == 1


@sentence("CON-032", SOURCE)
def the_same_message_leads_to_the_same_claims(h: Harness) -> None:
    h.say("claims")
    drafts = [_drafts(h, one) for _ in range(2) for one, _ in _read(h)]
    assert drafts[0]
    assert [(d.meta, d.body) for d in drafts[0]] == [(d.meta, d.body) for d in drafts[1]]


@sentence("CON-033", SOURCE)
def what_nobody_understands_is_a_bad_message_and_the_next_is_read(h: Harness) -> None:
    h.say_nonsense()
    h.say("after")
    bad: list[BadMessage] = []
    good: list[list[Draft]] = []
    for one, _ in _read(h):
        try:
            if isinstance(one, BadMessage):
                raise one
            good.append(_drafts(h, one))
        except BadMessage as wrong:
            bad.append(wrong)
    assert len(bad) == 1
    assert len(good) == 1
    assert PLANTED not in str(bad)


@sentence("CON-034", SOURCE)
def done_is_said_twice_without_harm(h: Harness) -> None:
    assert h.made.source is not None
    h.say("done")
    ((_, position),) = _read(h)
    h.made.source.done(position)
    h.made.source.done(position)
    assert _read(h, position) == []
    h.say("next")
    assert len(_read(h, position)) == 1


@sentence("CON-035", SOURCE)
def claims_speak_for_the_department_and_hold_nothing_personal(h: Harness) -> None:
    h.say("personal")
    ((message, _),) = _read(h)
    _speaks_for_the_department(_drafts(h, message))


def _speaks_for_the_department(drafts: list[Draft]) -> None:
    assert drafts
    for meta, body, personal, _ in drafts:
        assert (meta.actor.org, meta.actor.person) != ("", PLANTED)
        assert meta.actor.org == ORG
        assert PLANTED.encode() not in codec.encode(meta, body)
        assert personal.text is None or PLANTED in personal.text


@sentence("CON-036", SOURCE, "down")
def a_source_that_cannot_be_reached_is_not_an_empty_one(h: Harness) -> None:
    h.say("gone")
    h.troubles["down"]()
    with pytest.raises((Down, Refused)):
        _read(h)


# ------------------------------------------------------------ inlets


@sentence("CON-040", INLET)
def it_says_yes_only_when_kafka_has_it(h: Harness) -> None:
    take = Kept()
    take.refuses = True
    assert h.tell(take, "yes").status >= 500
    take.refuses = False
    assert h.tell(take, "yes").status < 300
    assert len(take.drafts) == 1


@sentence("CON-041", INLET)
def what_is_told_again_is_taken_once(h: Harness) -> None:
    take = Kept()
    assert [h.tell(take, "again").status < 300 for _ in range(3)] == [True] * 3
    assert len(take.drafts) == 1


@sentence("CON-042", INLET)
def who_is_not_trusted_is_refused(h: Harness) -> None:
    take = Kept()
    assert h.tell(take, "forged", trusted=False).status in (401, 403)
    assert take.drafts == []


@sentence("CON-043", INLET)
def what_it_takes_speaks_for_the_department_and_holds_nothing_personal(h: Harness) -> None:
    take = Kept()
    h.tell(take, "personal")
    _speaks_for_the_department(take.drafts)


@sentence("CON-044", INLET)
def it_ends_in_time(h: Harness) -> None:
    assert h.made.inlet is not None
    h.made.inlet.start(Kept())
    started = time.monotonic()
    h.made.inlet.stop()
    assert time.monotonic() - started < PATIENCE
