"""Ledgers of clocks in plain words, Chinese and English: why a due time is what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from ops.replay import Told
from streams.core.calendars import DayKind
from streams.core.clocks import NEW, Clocks, evolve
from streams.core.clocks.ledger import Interval, Ledger
from streams.core.clocks.verdicts import Clock
from streams.core.working_time import Day

LANGUAGES = ("en", "zh")
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
HOUR_US, MINUTE_US = 3_600_000_000, 60_000_000

WORDS: dict[str, tuple[str, str]] = {
    "acceptance": ("acceptance", "受理"),
    "lead_verification": ("lead verification", "线索核实"),
    "dispatch": ("dispatch", "派遣"),
    "report_in": ("report-in", "报到"),
    "first_answer": ("first answer to the reporter", "首次答复"),
    "disposal": ("disposal", "处置"),
    "check": ("disposal check", "处置核查"),
    "closure": ("closure of the case", "结案"),
    "justification": ("justification of the hand-over", "移交事由补报"),
    "running": ("running", "计时中"),
    "paused": ("paused", "已暂停"),
    "met": ("met", "按时"),
    "overdue": ("overdue", "超时"),
    "exempt": ("overdue, exempt", "超时,已免责"),
    "withdrawn": ("withdrawn: it is not waited for any more", "已撤销:不再等待"),
    "green": ("green", "绿灯"),
    "yellow": ("yellow", "黄灯"),
    "red": ("red", "红灯"),
    "urgent_minutes": ("urgent minutes", "紧急分钟"),
    "urgent_hours": ("urgent hours", "紧急工作时"),
    "urgent_days": ("urgent days", "紧急日"),
    "working_hours": ("working hours", "工作时"),
    "working_days": ("working days", "工作日"),
    DayKind.WORKING: ("working day", "工作日"),
    DayKind.MAKE_UP: ("make-up working day", "调休上班日"),
    DayKind.REST: ("day of rest", "休息日"),
    DayKind.HOLIDAY: ("holiday", "节假日"),
    DayKind.UNKNOWN: ("day of a year that the calendar does not know", "日历未知年份"),
}
"""English and Chinese."""

FACTS: dict[str, str] = {
    "Reported": "上报",
    "LeadVerificationAsked": "核实派发",
    "LeadVerified": "核实反馈",
    "Filed": "立案",
    "FilingRefused": "不予立案",
    "Voided": "作废",
    "Merged": "并案",
    "ReportWithdrawn": "撤回",
    "Dispatched": "派遣",
    "PartiesAdded": "增派",
    "Adjudicated": "裁定",
    "LeadAppointed": "指定主办",
    "PartyReleased": "解除",
    "Transferred": "转办",
    "Returned": "退回",
    "SentAgain": "退回重派",
    "HandedBack": "处理反馈",
    "ReworkOrdered": "返工",
    "Summoned": "召集",
    "ReportedIn": "报到",
    "ReporterAnswered": "答复上报人",
    "HandedOver": "移交",
    "HandOverAnswered": "移交回复",
    "HandOverJustified": "补报事由",
    "ExtensionGranted": "准予延期",
    "Committed": "承诺",
    "Suspended": "挂账",
    "Resumed": "恢复",
    "Amended": "更正",
    "RegimeChanged": "平急转化",
    "Checked": "核查",
    "Closed": "结案",
    "Reopened": "重新打开",
    "Exempted": "免责",
}
"""What facts are called in Chinese; in English their own names say it."""

SENTENCES: dict[str, tuple[str, str]] = {
    "of": ("{clock} of {party}", "{party}的{clock}时限"),
    "own": ("{clock}", "{clock}时限"),
    "fact": ("fact {seq} {name} ({by}, {at})", "第 {seq} 号事实 {name}({by},{at})"),
    "by_itself": ("the end date of the suspension", "挂账到期"),
    "opened": ("opened by {fact}", "由{fact}开启"),
    "limit": ("limit: {amount} {unit} by {basis}", "时限:{amount} {unit},依据 {basis}"),
    "percent": (", {percent} % of it under the regime", ",平急状态下按 {percent}%"),
    "promise": ("limit: a promise ({basis})", "时限:承诺({basis})"),
    "unreadable": ("limit of {basis} cannot be read: {why}", "{basis} 的时限无法读出:{why}"),
    "extensions": ("{n} extension(s), each one original limit", "延期 {n} 次,每次一个原时限"),
    "versions": ("judged by reference version {version}{calendar}", "按参考数据第 {version} 版{calendar}"),
    "calendar": (", calendar {name}", ",日历 {name}"),
    "round": ("runs day and night", "昼夜连续计时"),
    "ran": ("ran from {start} to {end}: {used} counted, from {opened} to {closed}",
            "{start} 至 {end} 计时 {used},自{opened}起,至{closed}止"),
    "runs": ("has run since {start}: {used} counted, from {opened}", "自 {start} 起计时 {used},自{opened}起"),
    "paused_from": ("paused from {start} to {end}, by {opened} until {closed}",
                    "{start} 至 {end} 暂停,自{opened}起,至{closed}止"),
    "pauses": ("has paused since {start}, by {opened}", "自 {start} 起暂停,因{opened}"),
    "day": ("{date}, {kind}{name}: {used}", "{date},{kind}{name}:{used}"),
    "days": ("{first} to {last}, {kind}: not counted", "{first} 至 {last},{kind}:不计"),
    "none": ("not counted", "不计"),
    "total": ("used {used} of {limit}, left {left}", "已用 {used} / {limit},剩余 {left}"),
    "used": ("used {used}", "已用 {used}"),
    "due": ("due at {at}", "到期 {at}"),
    "yellow_at": ("yellow from {at}", "{at} 起黄灯"),
    "not_before": ("due not before {at}: the calendar does not know that year yet", "最早 {at} 到期:日历尚无该年数据"),
    "overdue_at": ("ran out at {at}", "{at} 超时"),
    "verdict": ("verdict: {verdict}, {light}", "结论:{verdict},{light}"),
    "verdict_only": ("verdict: {verdict}", "结论:{verdict}"),
}  # fmt: skip


@dataclass(frozen=True)
class Speaker:
    """Says ledgers in a language, with times of a zone, naming facts by their number."""

    facts: Mapping[int, Told]
    zone: str
    lang: str = "en"

    def word(self, key: str) -> str:
        pair = WORDS.get(key)
        return pair[LANGUAGES.index(self.lang)] if pair else key

    def say(self, key: str, **values: Any) -> str:
        return SENTENCES[key][LANGUAGES.index(self.lang)].format(**values)

    def time(self, at: int) -> str:
        return datetime.fromtimestamp(at / 1e6, ZoneInfo(self.zone)).strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00")

    def span(self, us: int) -> str:
        """A duration: hours and minutes, seconds where there are any."""
        hours, rest = divmod(us, HOUR_US)
        minutes, rest = divmod(rest, MINUTE_US)
        signs = ("h", "min", "s") if self.lang == "en" else ("小时", "分", "秒")
        parts = [f"{n} {sign}" for n, sign in zip((hours, minutes, rest // 1_000_000), signs, strict=True) if n]
        return " ".join(parts) or f"0 {signs[1]}"

    def fact(self, seq: int | None) -> str:
        """A fact by its number."""
        told = self.facts.get(seq or 0)
        if told is None:
            return self.say("by_itself")
        name, actor = type(told.fact).__name__, told.meta.actor
        plain = FACTS.get(name, name) if self.lang == "zh" else _CAPITAL.sub(" ", name).lower()
        return self.say("fact", seq=seq, name=plain, by=actor.org, at=self.time(told.meta.occurred_at))


def clocks_of(facts: Sequence[Told]) -> Clocks:
    """The clocks after these facts of a case."""
    state = NEW
    for told in facts:
        state = evolve(state, told.meta, told.fact)
    return state


def title(ledger: Ledger, speaker: Speaker) -> str:
    """Which clock it is."""
    clock = ledger.clock
    kind = speaker.word(clock.clock)
    return speaker.say("of", clock=kind, party=clock.party) if clock.party else speaker.say("own", clock=kind)


def lines(ledger: Ledger, speaker: Speaker) -> Iterator[str]:
    """The ledger, a sentence a line; lines of days are indented."""
    clock = ledger.clock
    yield speaker.say("opened", fact=speaker.fact(clock.opened_by))
    yield _limit(clock, speaker)
    if clock.extensions:
        yield speaker.say("extensions", n=clock.extensions)
    named = speaker.say("calendar", name=clock.calendar) if clock.calendar else ""
    yield speaker.say("versions", version=clock.reference, calendar=named)
    if not clock.calendar and not clock.trouble:
        yield speaker.say("round")
    for interval in ledger.intervals:
        yield _interval(interval, speaker)
        yield from (f"    {line}" for line in _days(interval.days, speaker))
    yield from _end(clock, speaker)


def _limit(clock: Clock, speaker: Speaker) -> str:
    if clock.amount is None:
        return speaker.say("unreadable", basis=clock.basis, why=clock.trouble)
    if clock.unit == "promise":
        return speaker.say("promise", basis=clock.basis)
    share = speaker.say("percent", percent=clock.percent) if clock.percent != 100 else ""
    return speaker.say("limit", amount=clock.amount, unit=speaker.word(clock.unit), basis=clock.basis) + share


def _interval(one: Interval, speaker: Speaker) -> str:
    values = {
        "start": speaker.time(one.start),
        "end": speaker.time(one.end) if one.end is not None else "",
        "used": speaker.span(one.used_us),
        "opened": speaker.fact(one.opened_by),
        "closed": speaker.fact(one.closed_by),
    }
    if one.ran:
        return speaker.say("runs" if one.end is None else "ran", **values)
    return speaker.say("pauses" if one.end is None else "paused_from", **values)


def _days(days: Sequence[Day], speaker: Speaker) -> Iterator[str]:
    """Each day that counted, and why others did not; neighbours that did not are said together."""
    for (kind, name, counted), group in groupby(days, lambda day: (day.kind, day.name, day.clock_us > 0)):
        run = list(group)
        label = speaker.word(kind)
        if counted or len(run) == 1:
            for day in run:
                used = speaker.span(day.clock_us) if counted else speaker.say("none")
                yield speaker.say("day", date=day.date, kind=label, name=f" {name}" if name else "", used=used)
        else:
            yield speaker.say("days", first=run[0].date, last=run[-1].date, kind=f"{label} {name}".strip())


def _end(clock: Clock, speaker: Speaker) -> Iterator[str]:
    used = speaker.span(clock.used_us)
    if clock.limit_us is None or clock.left_us is None:
        yield speaker.say("used", used=used)
    else:
        yield speaker.say("total", used=used, limit=speaker.span(clock.limit_us), left=speaker.span(clock.left_us))
    for key in ("yellow_at", "not_before", "overdue_at"):
        moment = getattr(clock, key)
        if moment is not None:
            yield speaker.say(key, at=speaker.time(moment))
    if clock.due_at is not None and clock.overdue_at is None:
        yield speaker.say("due", at=speaker.time(clock.due_at))
    verdict = speaker.word(clock.verdict)
    if clock.light:
        yield speaker.say("verdict", verdict=verdict, light=speaker.word(clock.light))
    else:
        yield speaker.say("verdict_only", verdict=verdict)


def document(ledger: Ledger) -> dict[str, Any]:
    """The ledger for programs: fields of the clock, and its intervals with every day."""
    clock = msgspec.to_builtins(ledger.clock)
    clock.pop("segments")
    return {**clock, "intervals": [msgspec.to_builtins(interval) for interval in ledger.intervals]}
