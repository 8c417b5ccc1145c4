"""Reference data of a place, complete: its documents as people wrote them, and those that are made from a seed.

Made are: 2,900 grids and their staff for 驿城; lists of 269 and 45 items and 183 mapped micro-grids for 中原; 45
workers on 100 grids for 稀土; 1,429 chat groups for 永泰; 233 grids for 天元.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import shapely

from ops.demo import make_district_month as month
from ops.demo.places import grids, lists
from ops.demo.places.grids import Wanted
from ops.reference import calendars
from ops.reference.documents import Document, read_all
from schemas.events import ChatGroup, Grid, GridPost, Outline, OutlinePoint, OutlineRing
from schemas.wire.coordinates import to_wgs84
from streams.core.reference import KINDS

FOLDER = Path(__file__).parent
SINCE = 1_767_196_800_000_000
"""2026-01-01 in Shanghai, UTC µs."""
CHAT_GROUPS = 1_429
WORKERS = 45


def documents(place: str) -> list[Document]:
    """Every document of a place (yicheng, zhongyuan, xitu, yongtai, tianyuan), in the order of loading."""
    written = [replace(one, valid_from=SINCE) if one.kind == "calendars" else one for one in read_all([FOLDER / place])]
    found = [*written, *MADE[place](), _calendar()]
    return sorted(found, key=lambda document: (list(KINDS).index(document.kind), document.name))


def _calendar() -> Document:
    (china,) = read_all([Path(calendars.__file__).parent / "calendars" / f"{calendars.DEFAULT}.toml"])
    return replace(china, valid_from=SINCE)


def _document(kind: str, name: str, items: Iterable[Any]) -> Document:
    return Document(kind, name, tuple(items), "2026", SINCE, f"{name} {kind}, made")


def _lattice(wanted: Wanted) -> Document:
    turned = cache(_turned)  # a corner belongs to four grids
    return _document(
        "grids",
        wanted.name,
        (
            Grid(
                code=cell.code,
                scheme=wanted.name,
                kind="residential",
                level="grid",
                division=cell.division,
                outline=Outline("GCJ-02", (OutlineRing(False, tuple(turned(point) for point in cell.corners)),)),
            )
            for cell in grids.cells(wanted)
        ),
    )


def _turned(point: grids.Point) -> OutlinePoint:
    longitude, latitude = to_wgs84(point[0], point[1], "GCJ-02")
    return OutlinePoint(longitude, latitude, point[0], point[1])


def _staff(wanted: Wanted) -> Document:
    return _document(
        "posts",
        wanted.name,
        (
            GridPost(row["网格编码"], wanted.name, row["岗位"], row["人员"] or None, deputy=row["代理"] or None)
            for row in grids.posts(wanted)
        ),
    )


def _yicheng() -> list[Document]:
    small = ("901", "902", "903")
    posts = [GridPost(f"411702007003{n}", "yicheng", "part_time", f"yicheng-m{n}") for n in small]
    return [_lattice(grids.YICHENG), _staff(grids.YICHENG), _document("posts", "yicheng-small", posts)]


def _zhongyuan() -> list[Document]:
    found = month.grids(Random(month.SEED))
    places = [
        Grid(
            code=one.code,
            scheme="zhongyuan",
            kind="residential",
            level="micro_grid",
            division=one.code[:12],
            outline=outline,
        )
        for one, outline in zip(found, _cells(found), strict=True)
    ]
    return [
        _document("grids", "zhongyuan", places),
        _document("posts", "zhongyuan", (GridPost(g.code, "zhongyuan", "full_time", f"zy-{g.code}") for g in places)),
        _document("responsibilities", "zhongyuan-street", lists.streets()),
        _document("responsibilities", "zhongyuan-community", lists.communities()),
    ]


def _cells(found: list[month.Grid]) -> list[Outline]:
    """Outlines of the month's micro-grids: of each spot in the district the grid whose middle is nearest."""
    middles = [shapely.Point(one.longitude, one.latitude) for one in found]
    district = shapely.box(113.54, 34.72, 113.66, 34.785)
    areas = shapely.voronoi_polygons(shapely.MultiPoint(middles), extend_to=district).geoms
    tree = shapely.STRtree(list(areas))
    nearest = [areas[int(tree.query(middle, predicate="within")[0])].intersection(district) for middle in middles]
    return [
        _outline([(round(x, 7), round(y, 7)) for x, y in shapely.get_coordinates(area).tolist()]) for area in nearest
    ]


def _outline(corners: list[tuple[float, float]]) -> Outline:
    points = tuple(OutlinePoint(x, y, x, y) for x, y in corners)
    return Outline("CGCS2000", (OutlineRing(False, points),))


def _xitu() -> list[Document]:
    made = _lattice(grids.XITU)
    posts = [GridPost(g.code, "xitu", "full_time", f"xitu-w{n % WORKERS:02}") for n, g in enumerate(made.items)]
    return [made, _document("posts", "xitu", posts)]


def _yongtai() -> list[Document]:
    made = _lattice(grids.YONGTAI)
    groups = (ChatGroup("chat", f"yt-{n + 1:04}", made.items[n % len(made.items)].code) for n in range(CHAT_GROUPS))
    return [made, _staff(grids.YONGTAI), _document("chat-groups", "yongtai", groups)]


def _tianyuan() -> list[Document]:
    return [_lattice(grids.TIANYUAN), _staff(grids.TIANYUAN)]


MADE: dict[str, Callable[[], list[Document]]] = {
    "yicheng": _yicheng,
    "zhongyuan": _zhongyuan,
    "xitu": _xitu,
    "yongtai": _yongtai,
    "tianyuan": _tianyuan,
}
"""Place → its documents that are made."""
