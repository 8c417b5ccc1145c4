"""Ledgers in words: they add up, and say which days counted and why others did not."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from ops.explaining import FACTS, LANGUAGES, SENTENCES, WORDS, Speaker, clocks_of, document, lines, stating, title
from ops.explaining.telling import _stated
from ops.replay import Told
from schemas.events import Candidate, Standard
from streams.core.clocks import Kind
from streams.core.clocks.from_reference import ReferenceTerms
from streams.core.clocks.ledger import Ledger, ledgers
from streams.core.clocks.state import _TELLING
from streams.core.clocks.terms import Limit as Limits
from streams.core.clocks.verdicts import Light, Verdict
from streams.core.reference import EMPTY
from streams.core.standards import Limit, condition_of
from streams.core.working_time import Unit
from tests.builders import T0
from tests.clock_samples import UNTIL_2026, Sheet, at, meta, said
from tests.reference_samples import load

FACTS_TOLD = (
    "03-05 08:10 file 2wd",
    "03-05 09:00 dispatch power",
    "03-05 10:00 return power",
    "03-05 11:00 again power",
    "03-06 09:00 suspend 03-06 15:00",
    "03-09 09:00 back power",
)


def history(*told: str) -> list[Told]:
    facts = []
    for seq, line in enumerate(told, 1):
        one = said(line)
        facts.append(Told(seq, meta(seq, one.happened, one.told), one.body))
    return facts


def ledger(*told: str, kind: str = "disposal", when: str = "03-10 12:00", sheet: Sheet | None = None) -> Ledger:
    found = ledgers(clocks_of(history(*told)), sheet or Sheet(), at(when))
    return next(one for one in found if one.clock.clock == kind)


def words(one: Ledger, *told: str, lang: str = "en") -> Iterator[str]:
    speaker = Speaker({fact.meta.seq: fact for fact in history(*told)}, "Asia/Shanghai", lang)
    return lines(one, speaker)


def test_a_ledger_says_it_step_by_step() -> None:
    assert list(words(ledger(*FACTS_TOLD), *FACTS_TOLD)) == [
        "opened by fact 2 dispatched (somebody, 2026-03-05 09:00)",
        "limit: 2 working days by condition 2wd",
        "judged by reference version 1, calendar office 1",
        "ran from 2026-03-05 09:00 to 2026-03-05 10:00: 1 h counted,"
        " from fact 2 dispatched (somebody, 2026-03-05 09:00) to fact 3 returned (somebody, 2026-03-05 10:00)",
        "    2026-03-05, working day: 1 h",
        "paused from 2026-03-05 10:00 to 2026-03-05 11:00, by fact 3 returned (somebody, 2026-03-05 10:00)"
        " until fact 4 sent again (somebody, 2026-03-05 11:00)",
        "ran from 2026-03-05 11:00 to 2026-03-06 09:00: 6 h counted,"
        " from fact 4 sent again (somebody, 2026-03-05 11:00) to fact 5 suspended (somebody, 2026-03-06 09:00)",
        "    2026-03-05, working day: 5 h",
        "    2026-03-06, working day: 1 h",
        "paused from 2026-03-06 09:00 to 2026-03-06 15:00, by fact 5 suspended (somebody, 2026-03-06 09:00)"
        " until the end date of the suspension",
        "ran from 2026-03-06 15:00 to 2026-03-09 09:00: 4 h counted, from the end date of the suspension"
        " to fact 6 handed back (somebody, 2026-03-09 09:00)",
        "    2026-03-06, working day: 3 h",
        "    2026-03-07 to 2026-03-08, day of rest: not counted",
        "    2026-03-09, working day: 1 h",
        "used 11 h of 16 h, left 5 h",
        "due at 2026-03-09 16:00",
        "verdict: met, green",
    ]


def test_and_in_chinese() -> None:
    found = list(words(ledger(*FACTS_TOLD), *FACTS_TOLD, lang="zh"))
    assert found[0] == "由第 2 号事实 派遣(somebody,2026-03-05 09:00)开启"
    assert found[-4:-2] == ["    2026-03-09,工作日:1 小时", "已用 11 小时 / 16 小时,剩余 5 小时"]
    assert found[-1] == "结论:按时,绿灯"


def test_what_a_clock_was_judged_by_before_another_regime_is_said() -> None:
    stormy = ("03-05 08:10 file 4uh", "03-05 09:00 dispatch power", "03-05 10:00 regime storm")
    found = list(words(ledger(*stormy, when="03-05 10:30", sheet=Sheet(percents={"storm": 75})), *stormy))
    assert found[1:4] == [
        "until 2026-03-05 10:00 (fact 3 regime changed (somebody, 2026-03-05 10:00)) judged by reference version 1;"
        " limit: 4 urgent hours by condition 4uh",
        "limit: 4 urgent hours by condition 4uh, 75 % of it under the regime",
        "judged by reference version 1",
    ]
    assert "used 1 h 30 min of 3 h, left 1 h 30 min" in found
    assert len(ledger(*stormy, when="03-05 10:30").earlier) == 0, "a regime without other terms changes nothing"


STATED = condition_of(
    Standard(
        *("gb", "2026", "0105", "路灯", "0105-1", "路灯不亮"),
        limit_amount=2,
        limit_unit="working_day",
        closing="恢复照明",
        reading="2天",
        limit_word="天",
        units_version="a city 1",
        disposers=(Candidate("各产权单位", "owner"),),
        supervisors=(Candidate("城管局", "named"),),
    )
)


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        (
            "en",
            [
                '    reading: 2 working days from "2天": "天" is read as working days by table of units a city 1',
                "    filed when: 路灯不亮",
                "    closed when: 恢复照明",
                "    disposed of by 处置单位: 各产权单位",
                "    supervised by 主管部门: 城管局",
            ],
        ),
        (
            "zh",
            [
                "    读法:“2天”读作 2 工作日:按单位表 a city 1,“天”即工作日",
                "    立案条件:路灯不亮",
                "    结案条件:恢复照明",
                "    处置单位:各产权单位",
                "    主管部门:城管局",
            ],
        ),
    ],
)
def test_how_the_cell_of_a_limit_was_read_is_said_below_it(lang: str, told: list[str]) -> None:
    speaker = Speaker({fact.meta.seq: fact for fact in history(*FACTS_TOLD)}, "Asia/Shanghai", lang)
    assert list(lines(ledger(*FACTS_TOLD), speaker, STATED))[2:7] == told


def test_and_stands_in_the_document_in_both_languages() -> None:
    found = document(ledger(*FACTS_TOLD), STATED)["standard"]
    assert (found["filing"], found["closing"]) == ("路灯不亮", "恢复照明")
    assert found["limit"]["units"] == "a city 1"
    assert found["reading"].keys() == set(LANGUAGES)


def test_the_condition_is_that_of_the_version_that_judges_the_clock() -> None:
    items = [[Standard("gb", "2026", "0105", "路灯", "7", "路灯不亮", n, "working_day")] for n in (2, 3)]
    terms = ReferenceTerms(EMPTY.after(load(n, "standards", one) for n, one in enumerate(items, 1)))
    clock = msgspec.structs.replace(ledger(*FACTS_TOLD).clock, condition=("gb", "2026", "7"), opened_at=T0)
    for version in (1, 2):
        found = stating(terms, msgspec.structs.replace(clock, reference=version))
        assert found is not None
        assert found.limit == Limit(version + 1, Unit.WORKING_DAYS)
    assert stating(terms, msgspec.structs.replace(clock, condition=())) is None


def test_many_days_that_counted_alike_are_said_together() -> None:
    long = ("03-02 08:10 file 9wd", "03-02 09:00 dispatch power")
    found = list(words(ledger(*long, when="03-09 09:00"), *long))
    assert found[4:8] == [
        "    2026-03-02, working day: 7 h",
        "    2026-03-03 to 2026-03-06, working day: 8 h each",
        "    2026-03-07 to 2026-03-08, day of rest: not counted",
        "    2026-03-09, working day: 1 h",
    ]
    assert (
        list(words(ledger(*long, when="03-09 09:00"), *long, lang="zh"))[5]
        == "    2026-03-03 至 2026-03-06,工作日:每日 8 小时"
    )


def test_on_what_a_limit_rests_is_said_in_both_languages() -> None:
    policy = Limits(15, "urgent_minutes", "policy of 350125")
    condition = Limits(3, "working_days", "condition gb 2026 7", condition=("gb", "2026", "7"))
    said = [_stated(one, Speaker({}, "Asia/Shanghai", lang)) for lang in LANGUAGES for one in (policy, condition)]
    assert said == [
        "limit: 15 urgent minutes by policy of 350125",
        "limit: 3 working days by condition gb 2026 7",
        "时限:15 紧急分钟,依据 350125 的规定",
        "时限:3 工作日,依据 立案条件 gb 2026 7",
    ]


def test_intervals_and_days_add_up() -> None:
    one = ledger(*FACTS_TOLD)
    assert sum(interval.used_us for interval in one.intervals) == one.clock.used_us
    for interval in one.intervals:
        assert sum(day.clock_us for day in interval.days) == interval.used_us
    joints = [(a.end, b.start) for a, b in zip(one.intervals, one.intervals[1:], strict=False)]
    assert all(end == start for end, start in joints)


def test_what_nobody_can_read_and_what_the_calendar_does_not_know_is_said() -> None:
    odd = ("03-05 08:10 file odd", "03-05 09:00 dispatch power")
    assert "limit of condition odd cannot be read: 15 working days in the planting season" in words(ledger(*odd), *odd)
    late = ("12-31 08:10 file 2wd", "12-31 09:00 dispatch power")
    unknown = ledger(*late, when="12-31 12:00", sheet=Sheet(calendars={"": UNTIL_2026}))
    assert "due not before 2027-01-01 00:00: the calendar does not know that year yet" in words(unknown, *late)


def test_a_clock_that_ran_out_says_when_and_is_not_said_to_be_due() -> None:
    late = ("03-05 08:10 file 2uh", "03-05 09:00 dispatch power")
    found = list(words(ledger(*late), *late))
    assert "ran out at 2026-03-05 11:00" in found
    assert not [line for line in found if line.startswith("due at")]


def test_a_pause_that_goes_on_is_said() -> None:
    waiting = ("03-05 08:10 file 2uh", "03-05 09:00 dispatch power", "03-05 10:00 return power")
    assert "has paused since 2026-03-05 10:00, by fact 3 returned (somebody, 2026-03-05 10:00)" in words(
        ledger(*waiting), *waiting
    )


def test_the_document_has_every_day() -> None:
    found = document(ledger(*FACTS_TOLD))
    assert (found["clock"], found["party"], found["verdict"]) == ("disposal", "power", "met")
    days = [day["date"] for interval in found["intervals"] for day in interval["days"]]
    assert days.count("2026-03-07") == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_word_is_known_in_both_languages(lang: str) -> None:
    speaker = Speaker({}, "Asia/Shanghai", lang)
    for word in (*Kind, *Verdict, *(light for light in Light if light)):
        assert word in WORDS
        assert speaker.word(word)
    assert all(len(pair) == len(LANGUAGES) for pair in (*WORDS.values(), *SENTENCES.values()))


def test_every_fact_that_moves_a_clock_has_a_chinese_name() -> None:
    by_time = {"Warned", "RanOut", "RunOutWithdrawn", "DueRecomputed"}
    assert {fact.__name__ for fact in _TELLING} - by_time == FACTS.keys()


def test_the_clock_is_named_with_its_party() -> None:
    one, speaker = ledger(*FACTS_TOLD), Speaker({}, "Asia/Shanghai", "zh")
    assert title(one, speaker) == "power的处置时限"
    assert title(ledger(*FACTS_TOLD, kind="closure"), Speaker({}, "Asia/Shanghai")) == "closure of the case"
