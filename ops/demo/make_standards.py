"""Makes the example workbook of filing conditions: `python -m ops.demo.make_standards`, with the packages of tests.

中原区, made up and always the same: two lists of filing conditions with limits, laid out as such tables are, with the
traps that they have: merged areas, blank rows, headings repeated, notes, and limits that nobody can read surely.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import xlsxwriter

FOLDER = Path(__file__).parent
SEED = 410_102
HEADINGS = ["大类代码", "大类名称", "小类代码", "小类名称", "处置单位", "主管部门", "立案条件", "结案条件", "处置时限"]
GRID, CITY, OWNER = "网格中心、所属街道", "城市管理局", "各产权单位"


class Type(NamedTuple):
    """A type, who may be sent and who supervises, which findings it has at least (more are drawn)."""

    name: str
    disposers: str
    supervisors: str
    sure: tuple[tuple[str, str, Any], ...] = ()


FACILITIES = {
    "管井与线缆": [
        Type("检查井的盖", f"排水管理所、{OWNER}", CITY, (("盖不在原位，人车可能跌入", "盖回并固定", "2紧急工作时"),)),
        Type(
            "通信杆",
            f"甲通信公司、乙通信公司、{OWNER}",
            "商务局",
            (("杆身歪斜，可能砸到人", "扶正或移除", "4 紧急\n工作时"),),
        ),
        Type(
            "低垂的线",
            f"供电公司、丙通信公司及{OWNER}",
            "应急管理局",
            (("线垂到头顶以下", "收起并扎牢", "１紧急工作时"),),
        ),
    ],
    "街上的灯": [
        Type("街灯", f"照明管理所\n{OWNER}", CITY, (("台风后整段熄灭", "重新点亮", "1天"),)),
        Type("院内灯", OWNER, "住房和城乡建设局"),
    ],
    "街边家具": [
        Type("候车长凳", "公交公司", "交通运输局"),
        Type("充电棚", f"社区、{OWNER}", "消防救援大队", (("棚内没有灭火器", "配齐", "3个工作日"),)),
        Type("信息牌", "所属街道", CITY),
    ],
}
MATTERS = {
    "通道与楼院": [
        Type("消防通道被占", "社区、消防救援大队", "消防救援大队", (("通道被堆物堵死", "居民商议后清空", "2小时"),)),
        Type("从楼上拉线充电", "社区", "消防救援大队"),
        Type("楼顶加建", GRID, "自然资源和规划分局", (("楼顶正在加建", "停工并拆去", "1紧急工作日"),)),
    ],
    "街面上的事": [
        Type("摊贩挡路", "执法中队、所属街道", CITY, (("摊位挡住整条人行道", "摊位离开", "２小时"),)),
        Type("垃圾成堆", "环卫公司", CITY),
        Type("夜里施工", "执法中队", "生态环境分局"),
    ],
    "需要帮助的人": [
        Type("独居老人求助", "民政所、各网格长", "民政局", (("老人按了求助铃", "有人上门", "1紧急工作时"),)),
        Type("走失的人", "派出所", "公安分局"),
    ],
}
FINDINGS = [
    ("{0}有裂口，还能用", "补好", ["3天", "5天", "7天"]),
    ("{0}上有污渍", "洗净", ["1天", "1工作日"]),
    ("{0}已无人使用", "搬走并复原地面", ["7天", "10天"]),
    ("{0}一天内有三人反映", "现场看过并答复", ["4小时", "4工作时"]),
    ("{0}影响轮椅通行", "让出一米半", ["2小时", "1天"]),
    ("{0}过了约定日期还没有结果", "给出结果", ["2天", "15天"]),
]
ODD = [
    *("15天（雨季顺延）", "1紧急工作时到场", "2至3天", "2小时/夜间4小时", "两天", "48分钟", 3, "", "0.5天"),
    *("雨后2天", "②天", "7日"),
]
"""Limits that cannot be read surely: a note behind, words behind, a range, two, no digits, unknown units, none …"""


class Sheet:
    """A sheet as it is filled: cells, and areas of one column (column, first row, last row), all from 0."""

    def __init__(self, name: str, title: str) -> None:
        self.name = name
        self.title = title
        self.rows: list[list[Any]] = [[title], list(HEADINGS)]
        self.areas: list[tuple[int, int, int]] = []

    def merge(self, columns: range, first: int) -> None:
        """Merge each of the columns from a row to the last one so far."""
        self.areas += [(column, first, len(self.rows) - 1) for column in columns if first < len(self.rows) - 1]


def filled(sheet: Sheet, lists: dict[str, list[Type]], odd: Iterator[Any], random: Random) -> None:
    """The classes of a list with their types and findings; an odd limit now and then, as long as there are any."""
    for number, (name, types) in enumerate(lists.items(), 1):
        first = len(sheet.rows)
        for place, one in enumerate(types, 1):
            start = len(sheet.rows)
            code = place if place == 2 else f"{place:02}"  # a number that has lost its zero
            lead = [f"{number:02}", name] if start == first else ["", ""]
            for row, finding in enumerate(_findings(one, odd, random)):
                same = [*lead, code, one.name, one.disposers, one.supervisors] if row == 0 else [""] * 6
                sheet.rows.append([*same, *finding])
            sheet.merge(range(2, 6), start)
        sheet.merge(range(2), first)


def _findings(one: Type, odd: Iterator[Any], random: Random) -> list[tuple[str, str, Any]]:
    drawn = random.sample(FINDINGS, random.randint(2, 4))
    more = [(filing.format(one.name), closing, random.choice(limits)) for filing, closing, limits in drawn]
    strange = next(odd, None) if random.random() < 0.8 else None
    if strange is not None:
        more.append((f"{one.name}有别的情况", "按情况处理", strange))
    return [*one.sure, *more]


def trapped(sheet: Sheet) -> None:
    """What tables have at their end: a condition over two rows, blank rows, a class that no area brings down, notes."""
    start = len(sheet.rows)
    sheet.rows.append(
        ["09", "其它", 99, "说不清的事", "网格中心", "社会工作部", "两个街道都说不归自己", "指定一方", "5天"]
    )
    sheet.rows.append([""] * 9)
    sheet.merge(range(9), start)
    sheet.rows += [[""] * 9, list(HEADINGS)]
    sheet.rows.append(["", "", "98", "没有归类的事", "网格中心", "社会工作部", "上面各类都不合适", "归类", "2天"])
    sheet.rows += [[""] * 9, ["注：天指工作日，遇调休顺延。"]]


def sheets() -> list[Sheet]:
    """The sheets of the workbook."""
    random = Random(SEED)
    odd = iter(ODD)
    facilities = Sheet("设施类", "中原区设施类立案条件与处置时限（样例）")
    matters = Sheet("事务类", "中原区事务类立案条件与处置时限（样例）")
    filled(facilities, FACILITIES, odd, random)
    filled(matters, MATTERS, odd, random)
    trapped(matters)
    return [facilities, matters]


def write(path: Path) -> None:
    """Write the workbook; the same content each time."""
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": datetime(2026, 6, 1), "title": "中原区立案条件（样例）"})  # noqa: DTZ001  a date
        middle = book.add_format({"valign": "vcenter", "text_wrap": True})
        bold = book.add_format({"bold": True, "align": "center"})
        for sheet in sheets():
            page = book.add_worksheet(sheet.name)
            page.set_column(0, 8, 16)
            for number, row in enumerate(sheet.rows):
                page.write_row(number, 0, row, bold if number < 2 else middle)
            page.merge_range(0, 0, 0, 8, sheet.title, bold)
            for column, first, last in sheet.areas:
                page.merge_range(first, column, last, column, sheet.rows[first][column], middle)
        about = book.add_worksheet("填表说明")
        about.write(0, 0, "每一行是一个立案条件。")


if __name__ == "__main__":
    write(FOLDER / "standards.xlsx")
