"""The demo's companies behave as their files say, and speak the words that their departments' files expect."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors import department
from ops.demo.counterparts.utility.calling import Worker
from ops.demo.counterparts.utility.company import Company, due, in_office, load, told
from ops.demo.counterparts.utility.faults import Faults
from ops.demo.counterparts.utility.ledger import Ledger

COMPANIES = Path(__file__).parents[3] / "ops/demo/counterparts/companies"
NAMES = sorted(path.stem for path in COMPANIES.glob("*.toml") if path.stem != "sensors")
SHANGHAI = ZoneInfo("Asia/Shanghai")


def moment(written: str) -> float:
    return datetime.fromisoformat(written).replace(tzinfo=SHANGHAI).timestamp()


def test_eight_companies_two_of_them_silent() -> None:
    assert len(NAMES) == 8
    assert [name for name in NAMES if not load(COMPANIES / f"{name}.toml").answers] == ["telecom-a", "telecom-d"]


@pytest.mark.parametrize("name", NAMES)
def test_every_word_of_a_company_stands_in_its_department_s_file(name: str) -> None:
    company, options = load(COMPANIES / f"{name}.toml"), department.example(name).options
    words = {instruction.word for instruction in options.instructions}
    statuses = {answer.status for answer in options.answers}
    assert {answer.to for answer in company.answers} | set(company.ends) <= words
    assert {answer.status for answer in company.answers} <= statuses
    ours = {"event_id": "event", "occurred_at": "at", "answers": "to"}
    expected = {theirs: getattr(options.event, ours.get(plain, plain)) for plain, theirs in company.names.items()}
    assert all(theirs == name for theirs, name in expected.items())


@pytest.mark.parametrize(
    ("at", "answered"),
    [
        ("2026-11-27T09:00", "2026-11-27T09:00"),
        ("2026-11-27T07:00", "2026-11-27T08:30"),
        ("2026-11-27T17:30", "2026-11-30T08:30"),
        ("2026-11-28T12:00", "2026-11-30T08:30"),
    ],
)
def test_in_office_hours_only(at: str, answered: str) -> None:
    assert in_office(load(COMPANIES / "telecom-c.toml").office, moment(at)) == moment(answered)


def test_a_company_without_office_hours_is_always_there() -> None:
    assert in_office(None, 7.0) == 7.0


def test_whether_somebody_is_there_can_be_said_whatever_the_hour_is() -> None:
    company, at = load(COMPANIES / "telecom-c.toml"), moment("2026-11-28T12:00")
    worker = Worker(company, Ledger(":memory:", company.prefix), Faults(), "")
    assert not worker.is_attended(at)
    worker.attended = True
    assert worker.is_attended(at)
    worker.attended = False
    assert not worker.is_attended(moment("2026-11-27T09:00"))


def test_answers_follow_their_own_instruction_only() -> None:
    power = load(COMPANIES / "power.toml")
    assert [answer.status for _, answer in due(power, "summon", 0.0)] == ["on_site"]
    assert due(power, "resumed", 0.0) == []


def test_a_company_tells_in_its_own_names_and_leaves_out_what_is_empty() -> None:
    company = Company("x", "X", "X", names={"status": "ztbm"})
    assert told(company, {"status": "20", "note": None}) == {"ztbm": "20"}


def test_a_fault_happens_as_often_as_it_was_asked_for() -> None:
    faults = Faults()
    faults.set("twice", 2)
    assert [faults.happens("twice") for _ in range(3)] == [True, True, False]
    assert faults.left() == {}
    with pytest.raises(ValueError, match="there is no fault"):
        faults.set("explode", 1)
