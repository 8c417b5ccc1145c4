"""Makes the seeded month of a district: `python -m ops.demo.make_district_month`.

October 2026 in 中原区 (410102), made up and always the same: 412 reports from 183 micro-grids, 335 settled on the spot
with evidence, 77 through the whole loop by 17 bureaux, some after rework. One row is one event, in the order of time.
Only the totals and the area follow published figures; every single report, place and time is invented.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

FOLDER = Path(__file__).parent
SEED = 410_102
REPORTS, LOOPED, GRIDS, REWORKED, ASSISTED = 412, 77, 183, 9, 14
FIRST, DAYS = datetime(2026, 10, 1), 31  # noqa: DTZ001  local time, as the file has it
COLUMNS = [
    *("事件编号", "案件编号", "时间", "事件", "单位", "角色"),
    *("类型", "网格", "经度", "纬度", "主办", "协办", "结果", "说明", "证据"),
]
CENTRE = "中原区网格化治理中心"
STREETS = [
    *("林山寨街道", "建设路街道", "棉纺路街道", "秦岭路街道", "桐柏路街道", "三官庙街道"),
    *("绿东村街道", "汝河路街道", "航海西路街道", "中原西路街道", "西流湖街道", "须水街道"),
]


class Kind(NamedTuple):
    """A type of matter: how often, whose it is, its drawing, what is said at the report and at the end."""

    name: str
    weight: int
    bureaux: tuple[str, ...]
    drawing: str
    reported: str
    settled: str


KINDS = [
    Kind("消防通道堵塞", 14, ("消防救援大队", "住房和城乡建设局"), "passage", "消防通道被杂物堵住", "居民议事后清空"),
    Kind("占道经营", 16, ("城市管理局", "市场监督管理局"), "street", "摊位占用人行道", "摊位已劝离"),
    Kind("井盖缺失", 6, ("城市管理局", "农业农村和水利局"), "cover", "路面井盖缺失", "已装新井盖并检查周边"),
    Kind("路灯不亮", 8, ("城市管理局", "住房和城乡建设局"), "lamp", "一段路灯夜间不亮", "线路修复, 路灯已亮"),
    Kind("垃圾暴露", 14, ("城市管理局", "卫生健康委员会"), "street", "垃圾堆在路边", "垃圾已清运"),
    Kind("车辆乱停", 12, ("公安分局", "城市管理局"), "street", "车辆停在路口", "车辆已驶离"),
    Kind("线缆垂落", 6, ("商务局", "应急管理局"), "lamp", "架空线缆垂到路面", "线缆已重新固定"),
    Kind("电动车飞线充电", 8, ("消防救援大队", "住房和城乡建设局"), "passage", "从楼上拉线给电动车充电", "拉线已拆除"),
    Kind("污水外溢", 5, ("农业农村和水利局", "生态环境分局"), "cover", "污水从井口溢出", "管道疏通, 路面已冲洗"),
    Kind("噪声扰民", 5, ("生态环境分局", "文化旅游体育局"), "street", "夜间噪声扰民", "已上门劝导, 噪声停止"),
    Kind("违法建设", 3, ("自然资源和规划分局", "城市管理局"), "passage", "楼顶正在搭建", "搭建部分已拆除"),
    Kind("独居老人求助", 5, ("民政局", "卫生健康委员会"), "passage", "老人需要帮助", "已上门并安排定期探访"),
    Kind("邻里纠纷", 5, ("司法局", "信访局"), "passage", "邻居之间有纠纷", "双方签了调解协议"),
    Kind("校园周边安全", 3, ("教育局", "公安分局"), "street", "校门口放学时拥堵", "放学时段已有人值守"),
    Kind("拖欠工资", 2, ("人力资源和社会保障局",), "passage", "工人反映工资没有发", "工资已补发"),
]
BUREAUX = sorted({bureau for kind in KINDS for bureau in kind.bureaux})


@dataclass(frozen=True, slots=True)
class Grid:
    """A micro-grid: its code (6+3+3+3 digits, made up below the district), its street, its middle."""

    code: str
    street: str
    longitude: float
    latitude: float

    @property
    def centre(self) -> str:
        return f"{self.street}网格中心"


class Event(NamedTuple):
    """One row, before it has its number."""

    case: int
    at: datetime
    name: str
    org: str
    role: str
    more: dict[str, str]


def grids(random: Random) -> list[Grid]:
    """The 183 micro-grids, shared out evenly over the streets."""
    found = []
    for n in range(GRIDS):
        street, within = n % len(STREETS), n // len(STREETS)
        code = f"410102{street + 1:03}{within // 4 + 1:03}{within % 4 + 1:03}"
        longitude = 113.545 + 0.028 * (street % 4) + random.uniform(0.0, 0.027)
        latitude = 34.725 + 0.018 * (street // 4) + random.uniform(0.0, 0.017)
        found.append(Grid(code, STREETS[street], longitude, latitude))
    return found


def events(random: Random) -> list[Event]:
    """All events of the month in the order of time."""
    places = grids(random)
    order = places + random.choices(places, k=REPORTS - GRIDS)  # every grid reports at least once
    random.shuffle(order)
    looped = set(random.sample(range(REPORTS), LOOPED))
    reworked = set(random.sample(sorted(looped), REWORKED))
    assisted = set(random.sample(sorted(looped), ASSISTED))
    turns = iter(sorted(looped))
    bureau_of = {case: BUREAUX[n % len(BUREAUX)] for n, case in enumerate(turns)}
    found: list[Event] = []
    for case, grid in enumerate(order):
        if case in looped:
            lead = bureau_of[case]
            kind = _kind(random, lead)
            assist = _assist(random, kind, lead) if case in assisted else ""
            found += _loop(random, case, grid, kind, (lead, assist), case in reworked)
        else:
            found += _settled(random, case, grid, _kind(random, None))
    return sorted(found, key=lambda event: event.at)


def _kind(random: Random, bureau: str | None) -> Kind:
    fitting = [kind for kind in KINDS if bureau is None or bureau in kind.bureaux]
    return random.choices(fitting, [kind.weight for kind in fitting])[0]


def _assist(random: Random, kind: Kind, lead: str) -> str:
    others = [bureau for bureau in kind.bureaux if bureau != lead] or [b for b in BUREAUX if b != lead]
    return random.choice(others)


def _opening(random: Random, latest_day: int) -> datetime:
    """A time of day when grid workers are about: most in the morning and the late afternoon."""
    hour = random.choices(range(7, 22), [4, 9, 11, 10, 7, 3, 4, 7, 9, 10, 8, 6, 4, 3, 2])[0]
    clock = timedelta(hours=hour, minutes=random.randrange(60), seconds=random.randrange(60))
    return FIRST + timedelta(days=random.randrange(latest_day)) + clock


def _report(random: Random, case: int, grid: Grid, kind: Kind, latest_day: int) -> Event:
    place = {
        "类型": kind.name,
        "网格": grid.code,
        "经度": f"{grid.longitude + random.uniform(-0.0008, 0.0008):.6f}",
        "纬度": f"{grid.latitude + random.uniform(-0.0008, 0.0008):.6f}",
        "说明": kind.reported,
    }
    return Event(case, _opening(random, latest_day), "上报", grid.centre, "网格员", place)


def _minutes(random: Random, least: float, usual: float, most: float) -> timedelta:
    return timedelta(seconds=round(60 * random.triangular(least, most, usual)))


def _settled(random: Random, case: int, grid: Grid, kind: Kind) -> Iterator[Event]:
    """Settled inside the grid, with evidence."""
    report = _report(random, case, grid, kind, DAYS)
    yield report
    end = min(report.at + _minutes(random, 4, 25, 150), FIRST + timedelta(days=DAYS, seconds=-1))
    evidence = {"说明": kind.settled, "证据": f"evidence/{kind.drawing}.svg"}
    yield Event(case, end, "自行处置", grid.centre, "网格员", evidence)


def _loop(random: Random, case: int, grid: Grid, kind: Kind, parties: tuple[str, str], rework: bool) -> Iterator[Event]:
    """The whole loop; the lead hands back last; after a failed check everybody works again."""
    report = _report(random, case, grid, kind, DAYS - 7)
    yield report
    lead, assist = parties
    at = report.at + _minutes(random, 2, 6, 15)
    yield Event(case, at, "立案", CENTRE, "派遣员", {})
    at += _minutes(random, 1, 5, 15)
    yield Event(case, at, "派遣", CENTRE, "派遣员", {"主办": lead, "协办": assist})
    ready = at
    for party in filter(None, (assist, lead)):
        ready = max(ready, at) + _minutes(random, 3, 20, 120)
        yield Event(case, ready, "签收", party, "处置员", {})
    for result in ["不通过", "通过"] if rework else ["通过"]:
        for party in filter(None, (assist, lead)):
            ready += _minutes(random, 40, 360, 1_800)
            proof = {"说明": kind.settled, "证据": f"evidence/{kind.drawing}.svg"}
            yield Event(case, ready, "处理反馈", party, "处置员", proof)
        ready += _minutes(random, 10, 60, 600)
        yield Event(case, ready, "核查", grid.centre, "网格员", {"结果": result})
    yield Event(case, ready + _minutes(random, 2, 10, 60), "结案", CENTRE, "派遣员", {})


def rows() -> Iterator[dict[str, str]]:
    """Rows of the file. Cases are numbered in the order of their reports."""
    found = events(Random(SEED))
    numbers: dict[int, str] = {}
    for n, event in enumerate(found, 1):
        number = numbers.setdefault(event.case, f"ZY202610-{len(numbers) + 1:04}")
        same = {"事件编号": f"E{n:05}", "案件编号": number, "时间": f"{event.at:%Y-%m-%d %H:%M:%S}"}
        yield same | {"事件": event.name, "单位": event.org, "角色": event.role} | event.more


def write(path: Path) -> None:
    """Write the file: UTF-8, LF."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows())


if __name__ == "__main__":
    write(FOLDER / "district_month.csv")
