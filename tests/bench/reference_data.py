"""Reference data of a district: read, checked, loaded; then points looked up, and who should act.

    python -m tests.bench.reference_data --bootstrap HOST:PORT --points 20000

2,900 grids with outlines as GeoJSON in GCJ-02, and lists of 269 and 45 items as tables. Prints one JSON line: seconds
from the files to the last commit, µs of a point (half, 99 of 100), µs of a proposal.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TypeVar

from ops.demo.places import lists
from ops.demo.places.grids import YICHENG, write
from ops.demo.places.made import SINCE, documents
from ops.provision import provision
from ops.reference import checks
from ops.reference.documents import read_all
from ops.reference.loading import By, load
from schemas.events import Category, ResponsibilityItem
from schemas.wire.settings import HubSettings, KafkaSettings
from streams.core.reference import EMPTY
from streams.core.routing import Matter, propose
from streams.grids import grids_at

Asked = TypeVar("Asked")


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--points", type=int, default=20_000)
    options = parser.parse_args()
    found = {"load_seconds": loaded(KafkaSettings(options.bootstrap))}
    points = lookups(options.points)
    found |= {"point_half": points[len(points) // 2], "point_99": points[len(points) * 99 // 100]}
    proposals = proposing(options.points)
    print(json.dumps(found | {"proposal": proposals[len(proposals) // 2]}))


def loaded(kafka: KafkaSettings) -> float:
    """Seconds from the files to the last commit, overlaps and gaps looked for."""
    hub = HubSettings(f"bench-reference-{time.time_ns() % 10**9}", partitions=1)
    provision(kafka, hub, SINCE)
    with TemporaryDirectory() as folder:
        write(YICHENG, Path(folder))
        (Path(folder) / "posts.toml").unlink()
        for name, items in (("street", lists.streets()), ("community", lists.communities())):
            _table(Path(folder), name, items)
        began = time.perf_counter()
        found = read_all([Path(folder)])
        assert not checks.check(EMPTY, found, SINCE)
        outcomes = load(kafka, hub, found, By("centre", "steward"), SINCE)
        took = time.perf_counter() - began
    assert sum(len(one.document.items) for one in outcomes) == 2_900 + 269 + 45
    return took


def _table(folder: Path, name: str, items: Sequence[ResponsibilityItem]) -> None:
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["编号", "事项", "类型", "主责"])
        rows.writerows([item.code, item.title, f"zhongyuan/2026/{item.title}", "@street"] for item in items)
    columns = '{ "编号" = "code", "事项" = "title", "类型" = "categories", "主责" = "lead" }'
    text = f'kind = "responsibilities"\nname = "{name}"\ntable = "{name}.csv"\ncolumns = {columns}\n'
    (folder / f"{name}.toml").write_text(text, "utf-8")


def lookups(count: int) -> list[float]:
    """µs of each point, sorted; the points lie all over the district."""
    view = checks.together(EMPTY, documents("yicheng"), SINCE)
    chance = Random(1)
    east, north = 0.004 * YICHENG.columns, 0.004 * YICHENG.rows
    spots = [(YICHENG.west + chance.random() * east, YICHENG.south + chance.random() * north) for _ in range(count)]
    grids_at(view, *spots[0])
    return _timed(spots, lambda spot: grids_at(view, *spot))


def proposing(count: int) -> list[float]:
    """µs of each proposal by an item of a list of 269, sorted."""
    view = checks.together(EMPTY, documents("zhongyuan"), SINCE)
    titles = [item.title for item in lists.streets()]
    matters = [Matter(Category("zhongyuan", "2026", titles[n % 269]), "410102001001") for n in range(count)]
    propose(view, matters[0], SINCE)
    return _timed(matters, lambda matter: propose(view, matter, SINCE))


def _timed(asked: Sequence[Asked], ask: Callable[[Asked], object]) -> list[float]:
    times = []
    for one in asked:
        began = time.perf_counter_ns()
        ask(one)
        times.append((time.perf_counter_ns() - began) / 1000)
    return sorted(times)


if __name__ == "__main__":
    main()
