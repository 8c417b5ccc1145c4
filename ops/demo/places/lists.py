"""中原区's responsibility lists from a pattern: 269 items of the streets, 45 of the communities.

The 15 types of the district's month come first, each with its bureaux; the others are made of a subject and what can be
wrong with it, and go to the bureau of the subject. Titles are their categories: the district's list has no codes.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from connectors.csvfile import mapping
from ops.demo.make_district_month import KINDS
from schemas.events import Category, ResponsibilityItem

STREETS, COMMUNITIES = 269, 45
SUBJECTS = {
    "道路": "urban-management",
    "人行道": "urban-management",
    "户外广告": "urban-management",
    "绿地": "urban-management",
    "公厕": "urban-management",
    "停车场": "urban-management",
    "物业小区": "housing",
    "危旧房": "housing",
    "电梯": "market-regulation",
    "食品摊点": "market-regulation",
    "农贸市场": "market-regulation",
    "液化气站": "emergency",
    "施工工地": "housing",
    "河道": "water",
    "排水管": "water",
    "供水设施": "water",
    "扬尘": "environment",
    "油烟": "environment",
    "校园": "education",
    "养老机构": "civil-affairs",
    "社区食堂": "civil-affairs",
    "诊所": "health",
    "网吧": "culture",
    "体育设施": "culture",
    "用地": "planning",
    "职业中介": "labour",
}
FAULTS = ("损坏", "缺失", "占用", "脏污", "超时作业", "无证经营", "隐患", "投诉", "堵塞", "积水")
HOUSEHOLD = ("独居老人", "困境儿童", "残疾人", "租户", "新居民", "楼组", "宠物", "车棚", "晾晒")
CARE = ("走访", "登记", "劝导", "帮办", "协商")


def streets() -> tuple[ResponsibilityItem, ...]:
    """The 269 items of the streets; a bureau leads."""
    return tuple(islice(_streets(), STREETS))


def _streets() -> Iterator[ResponsibilityItem]:
    month = mapping.load("zhongyuan_month").tables["org"]
    for n, kind in enumerate(KINDS, 1):
        lead, *assists = (month[name] for name in kind.bureaux)
        yield _item(str(n), kind.name, lead, tuple(assists))
    titles = ((f"{subject}{fault}", bureau) for fault in FAULTS for subject, bureau in SUBJECTS.items())
    for n, (title, bureau) in enumerate(titles, len(KINDS) + 1):
        yield _item(str(n), title, bureau)


def communities() -> tuple[ResponsibilityItem, ...]:
    """The 45 items of the communities: whoever keeps the place settles them, and no level above is asked."""
    titles = [f"{subject}{care}" for subject in HOUSEHOLD for care in CARE]
    return tuple(_item(str(n), title, "@community", skips=True) for n, title in enumerate(titles, 1))


def _item(
    code: str, title: str, lead: str, assists: tuple[str, ...] = (), *, skips: bool = False
) -> ResponsibilityItem:
    return ResponsibilityItem(
        code=code,
        title=title,
        categories=(Category("zhongyuan", "2026", title),),
        divisions=("410102",),
        lead=lead,
        assists=assists,
        skips_levels=skips or None,
    )
