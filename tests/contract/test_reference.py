"""The reference page names every setting, metric, topic and command that there is, and none that is not."""

import re
import tomllib
from pathlib import Path

from prometheus_client import CollectorRegistry
from sqlalchemy import create_engine
from typer.main import get_command

from connectors.metrics import ConnectorMetrics
from ops.cli.app import app
from ops.delivering import DeliveryMetrics
from ops.metrics import HubMetrics
from ops.settings import PREFIX, Settings
from streams.metrics import WorkerMetrics

ROOT = Path(__file__).parents[2]


def rows(heading: str) -> set[str]:
    """First cells of the table under a heading of the reference page."""
    page = (ROOT / "ops/docs/reference.md").read_text("utf-8")
    section = page.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE))


def test_every_setting_is_explained() -> None:
    assert rows("Settings") == {PREFIX + name.upper() for name in Settings.model_fields}


def test_every_metric_is_explained() -> None:
    registry = CollectorRegistry()
    WorkerMetrics(registry)
    ConnectorMetrics(registry)
    nowhere = create_engine("postgresql+psycopg://")
    totals = HubMetrics(nowhere, CollectorRegistry()).describe()
    totals = [*totals, *DeliveryMetrics(nowhere, CollectorRegistry()).describe()]
    assert rows("Metrics") == {metric.name for metric in [*registry.collect(), *totals]}


def test_every_topic_is_explained() -> None:
    assert rows("Topics") == tomllib.loads((ROOT / "schemas/topics.toml").read_text("utf-8")).keys()


def test_the_readme_tells_every_command_and_no_other() -> None:
    commands = get_command(app).list_commands(None)  # type: ignore[attr-defined]
    table = (ROOT / "README.md").read_text("utf-8").split("\n## Commands\n")[1].split("\n## ")[0]
    told = re.findall(r"^\| (`threecross [^|]+)\|", table, re.MULTILINE)
    names = {word.removeprefix("threecross ").split()[0] for cell in told for word in re.findall(r"`([^`]+)`", cell)}
    assert names == set(commands)
