"""永泰's season: July and August 2026 in two towns, 112 reports of the chat groups, 93 of them settled, one typhoon.

Made up and always the same; only the two totals follow published figures. First answer and settled are two clocks:
eight reporters wait longer than half an hour for an answer; of 51 filed cases 41 fall due in the season, 32 of these
are closed, six of them late. On 13 August a typhoon puts 嵩口镇 under another regime for six hours, 梧桐镇 not. Small
things are settled at once, and one in ten of these is drawn for an audit.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from connectors.desk.words import subject
from ops.scenario.script import Count, Ending, Expected, Script, Step
from streams.core.case.closing import drawn

NAME = "yongtai-season"
FIRST, BEHIND = "2026-07-01", "2026-09-01"
RECEIVED, SETTLED = 112, 93
SEED = 350_125
STORM_LOAD = "yongtai-typhoon.toml"
STORM_LOADED = datetime.fromisoformat("2026-08-13T19:30")
STORM_TIMES = (
    (datetime.fromisoformat("2026-08-13T20:02"), "emergency"),
    (datetime.fromisoformat("2026-08-14T02:02"), "normal"),
)
STORM_TELL = "防台风应急响应: from 20:00 to 02:00 another regime holds in 嵩口镇, and nowhere else."
AUDITED = 0.1
"""Share of the policy of 永泰."""
SCHEME = {"scheme": "yongtai", "version": "2026"}


MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Town(NamedTuple):
    """A town and the village whose grid workers report there."""

    org: str
    village: str
    division: str


SONGKOU, WUTONG = Town("songkou", "daxi", "350125102001"), Town("wutong", "chunguang", "350125103001")


class Matter(NamedTuple):
    """One report: what it is, where and when, when its reporter is answered, and what comes of it.

    `work` is the time from the dispatch to the lead's hand-back; None: nobody hands back in the season.
    """

    about: str
    kind: str
    town: Town
    at: datetime
    answer: timedelta
    work: timedelta | None
    suspended: bool = False

    def open_at(self, at: datetime) -> bool:
        """Whether a party still works on it then."""
        return self.at < at and (self.work is None or at < self.at + 15 * MINUTE + self.work)


SOON, TOO_LATE = 8 * MINUTE, 50 * MINUTE
LAMP_IN_TIME, LAMP_LATE = 25 * HOUR, 9 * DAY
SLIDE_IN_TIME, SLIDE_LATE = 2 * HOUR, 6 * HOUR
STORM = (
    Matter("chat:yt-storm-before", "lamp", SONGKOU, datetime.fromisoformat("2026-08-12T08:50"), SOON, 24 * HOUR),
    Matter("chat:yt-storm-met", "lamp", SONGKOU, datetime.fromisoformat("2026-08-13T08:55"), SOON, 14 * HOUR),
    Matter("chat:yt-storm-out", "lamp", SONGKOU, datetime.fromisoformat("2026-08-13T08:56"), SOON, None),
    Matter("chat:yt-storm-elsewhere", "lamp", WUTONG, datetime.fromisoformat("2026-08-13T08:57"), SOON, 26 * HOUR),
    Matter("chat:yt-storm-spanned", "lamp", SONGKOU, datetime.fromisoformat("2026-08-13T17:35"), SOON, 4 * DAY),
)
"""Lamps around the typhoon of 13 August, 20:00 to 02:00."""


def matters() -> list[Matter]:
    """Every report of the season, in the order of time."""
    random = Random(SEED)
    quiet = [datetime(2026, 7, 1) + n * DAY for n in (*range(37), *range(47, 53))]  # noqa: DTZ001 local, as in scripts
    last = datetime(2026, 8, 28, 15)  # noqa: DTZ001 a Friday
    plans = [
        *[("small", quiet, SOON, 20 * MINUTE, False)] * 58,
        *[("small", quiet, TOO_LATE, TOO_LATE, False)] * 3,
        *[("lamp", quiet, SOON, LAMP_IN_TIME, False)] * 12,
        *[("lamp", quiet, TOO_LATE, LAMP_IN_TIME, False)] * 4,
        *[("lamp", quiet[:37], SOON, LAMP_LATE, False)] * 4,
        *[("lamp", quiet[:37], SOON, None, False)] * 5,
        *[("lamp", [last], SOON, None, False)] * 6,
        *[("slide", quiet, SOON, SLIDE_IN_TIME, False)] * 6,
        *[("slide", quiet, SOON, SLIDE_LATE, False)] * 2,
        *[("slide", quiet, TOO_LATE, None, False)] * 1,
        *[("slide", quiet, SOON, None, False)] * 2,
        *[("slide", quiet, SOON, None, True)] * 4,
    ]
    found = [*STORM]
    for n, (kind, days, answer, work, suspended) in enumerate(plans, 1):
        at = random.choice(days) + random.randrange(60) * MINUTE
        at += random.randrange(8, 15) * HOUR if len(days) > 1 else timedelta()
        town = random.choice((SONGKOU, WUTONG))
        found.append(Matter(f"chat:yt-{n:04}", kind, town, at, answer, work, suspended))
    return sorted(found, key=lambda one: (one.at, one.about))


# ------------------------------------------------------------ what happens to each


def _steps(one: Matter) -> Iterator[tuple[datetime, Step]]:
    yield _report(one)
    if one.kind == "small":
        assert one.work is not None
        sampled = ("AuditSampled",) if drawn(subject(one.about).id, AUDITED) else ()
        expect, worker = ("SelfHandled", "Closed", *sampled), f"{one.town.village}:grid_worker:zhang"
        yield _said(one, one.at + one.work, "SelfHandle", worker, expect, files=("street.svg",))
        return
    yield _said(one, one.at + one.answer, "AnswerReporter", f"{one.town.village}:operator", ("ReporterAnswered",),
                channel="chat")  # fmt: skip
    yield from _filed(one)
    sent = one.at + 15 * MINUTE
    if one.suspended:
        yield _said(one, sent + 30 * MINUTE, "Suspend", "yongtai-centre:approver", ("Suspended",),
                    reason="funding", until="2026-10-31T08:00", basis="县政府专题会议")  # fmt: skip
    elif one.work is not None:
        yield from _worked(one, sent + one.work)


def _report(one: Matter) -> tuple[datetime, Step]:
    code = {"small": "talk"}.get(one.kind, one.kind)
    fields = {"category": {**SCHEME, "code": code}, "place": {"division": one.town.division}, "inlet": "chat"}
    asset = {"asset": "YT-L-0311"} if one.kind == "lamp" else {}
    by = f"{one.town.village}:grid_worker:zhang"
    return one.at, Step(
        at=one.at.isoformat(), about=one.about, claim="Report", by=by, fields={**fields, **asset}, expect=("Reported",)
    )


def _said(
    one: Matter,
    at: datetime,
    claim: str,
    by: str,
    expect: tuple[str, ...],
    files: tuple[str, ...] = (),
    **fields: object,
) -> tuple[datetime, Step]:
    step = Step(at=at.isoformat(), about=one.about, claim=claim, by=by, fields=fields, files=files, expect=expect)
    return at, step


def _filed(one: Matter) -> Iterator[tuple[datetime, Step]]:
    """A slide is dispatched by the rules, a lamp by a dispatcher, to whom they propose."""
    condition = {**SCHEME, "code": f"{one.kind}-1"}
    at, centre = one.at + 10 * MINUTE, "yongtai-centre:dispatcher"
    if one.kind == "slide":
        yield _said(one, at, "File", centre, ("Filed", "DispatchProposed", "Dispatched"), condition=condition)
        return
    parties = [{"org": "lighting", "role": "lead"}, {"org": "power", "role": "assist"}]
    yield _said(one, at, "File", centre, ("Filed", "DispatchProposed"), condition=condition)
    yield _said(one, at + 5 * MINUTE, "Dispatch", centre, ("Dispatched",), parties=parties, basis="5")


def _worked(one: Matter, done: datetime) -> Iterator[tuple[datetime, Step]]:
    """Assists hand back first, then the lead; a village checks unless its own town has worked on it."""
    slide = one.kind == "slide"
    lead, assists = ("transport", (one.town.org, "emergency")) if slide else ("lighting", ("power",))
    for n, org in enumerate(assists, 1):
        yield _said(one, done - n * 20 * MINUTE, "HandBack", f"{org}:handler", ("HandedBack",), party=org)
    yield _said(one, done, "HandBack", f"{lead}:handler", ("HandedBack",), files=("lamp.svg",), party=lead)
    judge = "yongtai-centre:inspector" if slide else f"{one.town.village}:grid_worker:zhang"
    yield _said(one, done + 10 * MINUTE, "Check", judge, ("Checked",), result="passed")
    yield _said(one, done + 15 * MINUTE, "Close", judge, ("Closed",), kind="checked")


def _typhoon() -> Iterator[tuple[datetime, Step]]:
    """It is declared, begins and ends; each open lamp of the town hears of it before anything else is said."""
    yield STORM_LOADED, Step(at=STORM_LOADED.isoformat(), about=STORM[2].about, load=STORM_LOAD, tell=STORM_TELL)
    for at, regime in STORM_TIMES:
        heard: tuple[Expected, ...] = ({"fact": "RegimeChanged", "regime": regime},)
        there = [one.about for one in STORM if one.town is SONGKOU and one.open_at(at)]
        others = dict.fromkeys(there, heard)
        yield at, Step(at=at.isoformat(), about=STORM[2].about, expect=heard, later=others)


# ------------------------------------------------------------ the script


def script() -> Script:
    """The season as a script that can be played (`threecross scenario yongtai-season`)."""
    told = [(at, step) for one in matters() for at, step in _steps(one)]
    told += _typhoon()
    end = Step(at=f"{BEHIND}T00:30", about=STORM[2].about, tell="The season is over.")
    steps = [step for _, step in sorted(told, key=lambda one: one[0])]
    return Script(
        place="yongtai",
        name=NAME,
        chinese="永泰县一季",
        title=f"{RECEIVED} received, {SETTLED} settled: a season of two towns, two clocks, one typhoon",
        starts=f"{FIRST}T00:00",
        division="350125",
        steps=(*steps, end),
        endings=(Ending(about=STORM[1].about, view={"stage": "closed", "lead": "lighting"}),),
        figures=(
            Count("settled", FIRST, BEHIND, SETTLED, RECEIVED),
            Count("first-answer", FIRST, BEHIND, 104, RECEIVED),
            Count("closing", FIRST, BEHIND, 32, 41),
            Count("on-time-closing", FIRST, BEHIND, 26, 41),
        ),
    )
