"""中原's month under its own reference data: 412 reports from 183 micro-grids, routed, and what came of them."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import pytest

from connectors import runner
from connectors.csvfile import mapping
from ops import settings
from ops.brokers import reader
from ops.cli.common import database
from ops.cli.imports import outlets
from ops.clock import utc_now
from ops.demo.places.made import documents
from ops.demo.reading import ends
from ops.provision import read_epoch
from ops.reference import loading
from ops.scenario import stage
from ops.scenario.facts import Fact, Facts
from ops.scenario.stage import Processors
from ops.settings import Settings
from schemas.wire.settings import KafkaSettings

BUREAUX = set(mapping.load("zhongyuan_month").tables["org"].values())
Edit = Callable[[list[dict[str, str]]], list[dict[str, str]]]


@pytest.fixture
def given(kafka_settings: KafkaSettings, dsn: str, tmp_path: Path) -> Settings:
    return settings.load(data_dir=tmp_path, bootstrap=kafka_settings.bootstrap, dsn=dsn, namespace="month")


class Month(NamedTuple):
    """What the facts tell of a month."""

    cases: int
    grids: int
    ended: Counter[str]
    leads: dict[str, str]
    proposed: dict[str, tuple[str, str]]


def lead(fact: Fact) -> str:
    return next(str(party.org) for party in fact.body.parties if party.role == "lead")


def told(facts: list[Fact]) -> Month:
    of = {name: {f.meta.subject.id: f for f in facts if f.name == name} for name in {f.name for f in facts}}
    ended = Counter(fact.body.kind for fact in of["Closed"].values())
    leads = {case: lead(fact) for case, fact in of["Dispatched"].items()}
    proposed = {case: (lead(fact), fact.body.basis) for case, fact in of["DispatchProposed"].items()}
    grids = {fact.body.place.grid for fact in of["Reported"].values()}
    return Month(len(of["Reported"]), len(grids), ended, leads, proposed)


def imported(given: Settings, folder: Path, name: str, edit: Edit) -> Month:
    with resources.as_file(resources.files("ops.demo")) as demo:
        shutil.copytree(demo / "evidence", folder / "evidence", dirs_exist_ok=True)
        with (demo / "district_month.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    with (folder / "month.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(edit(rows))
    found = stage.namespace(given, f"month-{name}", "410102")
    hub = found.settings.hub
    loading.load(found.kafka, hub, documents("zhongyuan"), loading.By("zhongyuan-centre", "steward"), utc_now())
    epoch = read_epoch(found.kafka, hub)
    assert epoch is not None
    with database(found) as engine, Processors(found, utc_now), reader(found.kafka) as consumer:
        runner.import_file(folder / "month.csv", mapping.load("zhongyuan_month"), outlets(found, engine))
        with reader(found.kafka) as asking:
            claims = ends(asking, hub, "claims")
        facts = Facts(consumer, hub)
        assert facts.until(lambda: not facts.decided.waiting_claims(claims, epoch.epoch))
        return told(facts.seen)


def test_the_month_goes_through_routing_and_splits_as_published(given: Settings, tmp_path: Path) -> None:
    month = imported(given, tmp_path, "whole", lambda rows: rows)
    assert (month.cases, month.grids) == (412, 183)
    assert month.ended == {"self_handled": 335, "checked": 77}
    assert len(month.proposed) == 77
    assert month.proposed.keys() == month.leads.keys(), "each is proposed; its dispatcher may decide otherwise"
    assert all(basis.startswith("item ") for _, basis in month.proposed.values())
    assert {org for org, _ in month.proposed.values()} <= BUREAUX


def test_another_claim_makes_another_figure(given: Settings, tmp_path: Path) -> None:
    def without_one(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        first = next(row for row in rows if row["事件"] == "自行处置")
        return [row for row in rows if row is not first]

    assert imported(given, tmp_path, "twin", without_one).ended == {"self_handled": 334, "checked": 77}
