"""Who may import whom, and what pure modules may not touch. Each rule has a twin that breaks it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PURE_OWN = (
    "schemas.events",
    "schemas.ids",
    "connectors.contract",
    "connectors.feeds.shown",
    "connectors.intake.translate",
    "connectors.tasks",
)
PURE_OTHERS = {"msgspec"}
IMPURE_STDLIB = {
    "asyncio",
    "logging",
    "multiprocessing",
    "random",
    "secrets",
    "socket",
    "subprocess",
    "threading",
    "time",
}


def imported(source: str) -> set[str]:
    """Dotted names of the modules that a source file imports, wherever the statement stands."""
    nodes = list(ast.walk(ast.parse(source)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    of = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return plain | {f"{node.module}.{alias.name}" for node in of for alias in node.names}


def impurities(source: str, folder: str = "streams.core") -> set[str]:
    """The imports that a pure module may not have: clients of servers, clocks, chance, input, output, other folders."""
    return {name for name in imported(source) if not is_pure(name, folder)}


def is_pure(name: str, folder: str) -> bool:
    top = name.split(".", maxsplit=1)[0]
    if top in sys.stdlib_module_names:
        return top not in IMPURE_STDLIB
    return top in PURE_OTHERS or any(f"{name}.".startswith(f"{own}.") for own in (*PURE_OWN, folder))


def test_the_core_imports_only_the_standard_library_events_and_itself() -> None:
    found = {path.name: impurities(path.read_text("utf-8")) for path in (ROOT / "streams/core").rglob("*.py")}
    assert found
    assert {name: names for name, names in found.items() if names} == {}


def test_translations_import_only_the_standard_library_events_and_their_own_folder() -> None:
    sources = {path: path.read_text("utf-8") for path in (ROOT / "connectors").glob("*/translate.py")}
    found = {str(path): impurities(source, f"connectors.{path.parent.name}") for path, source in sources.items()}
    assert found
    assert {name: names for name, names in found.items() if names} == {}


def of_the_hub(source: str) -> set[str]:
    """The imports by which a counterpart would know more of the hub than its protocol."""
    hub = ("schemas", "streams", "connectors", "ops")
    ours = {name for name in imported(source) if name.partition(".")[0] in hub}
    return {name for name in ours if not f"{name}.".startswith("ops.demo.counterparts.")}


def test_counterparts_know_the_hub_by_its_protocols_alone() -> None:
    sources = {str(path): path.read_text("utf-8") for path in (ROOT / "ops/demo/counterparts").rglob("*.py")}
    assert sources
    assert {name: found for name, source in sources.items() if (found := of_the_hub(source))} == {}


@pytest.mark.parametrize("bad", ["import schemas.ids", "from ops.settings import x", "from ops.demo import run"])
def test_a_counterpart_that_knows_the_hub_is_found(bad: str) -> None:
    assert of_the_hub(bad) != set()


@pytest.mark.parametrize(
    "bad",
    ["import faust", "from time import time", "from schemas.wire import logs", "def f():\n    import sqlalchemy\n"],
)
def test_an_import_that_is_not_pure_is_found(bad: str) -> None:
    assert impurities(bad) != set()


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / ".venv/bin/lint-imports"), "--config", str(ROOT / "pyproject.toml"), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def skeleton(folder: Path) -> None:
    """The project's packages, empty, as far as the contracts name them."""
    for package in (
        "schemas",
        "schemas/wire",
        "streams",
        "streams/core",
        "streams/outbox",
        "streams/runtime",
        "connectors",
        "connectors/paper",
        "ops",
        "ops/demo",
        "ops/demo/counterparts",
    ):
        (folder / package).mkdir()
        (folder / package / "__init__.py").touch()
    (folder / "connectors/paper/translate.py").touch()
    for module in ("connectors/runner", "connectors/tables", "ops/connecting"):
        (folder / f"{module}.py").touch()
    for module in ("card", "items", "known", "partition", "refold", "subscribing", "wanting"):
        (folder / f"streams/outbox/{module}.py").touch()


@pytest.mark.parametrize(
    ("module", "bad"),
    [
        ("schemas/__init__.py", "import streams"),
        ("streams/__init__.py", "import connectors"),
        ("connectors/__init__.py", "import streams"),
        ("streams/__init__.py", "import ops"),
        ("streams/core/__init__.py", "import faust"),
        ("streams/core/__init__.py", "import schemas.wire"),
        ("streams/outbox/items.py", "import lmdb"),
        ("connectors/paper/__init__.py", "import aiokafka"),
        ("connectors/paper/translate.py", "import sqlalchemy"),
        ("connectors/paper/translate.py", "import connectors.runner"),
        ("ops/demo/counterparts/__init__.py", "import schemas"),
        ("ops/connecting.py", "import lmdb"),
    ],
)
def test_an_import_against_the_grain_breaks_a_contract(module: str, bad: str, tmp_path: Path) -> None:
    skeleton(tmp_path)
    (tmp_path / module).write_text(bad + "\n", "utf-8")
    result = lint_imports(tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "BROKEN" in result.stdout


def test_imports_along_the_grain_keep_every_contract(tmp_path: Path) -> None:
    skeleton(tmp_path)
    (tmp_path / "ops/__init__.py").write_text("import connectors\nimport streams.core\nimport schemas\n", "utf-8")
    result = lint_imports(tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


def ruff(source: str, pretended: str) -> str:
    """What ruff says of a source, as if it stood at that place in the project."""
    command = [
        str(ROOT / ".venv/bin/ruff"),
        "check",
        "--no-cache",
        "--stdin-filename",
        pretended,
        "--output-format=concise",
        "-",
    ]
    return subprocess.run(command, cwd=ROOT, input=source, capture_output=True, text=True, check=False).stdout


READS = {
    "the clock": "import time\n\nX = time.time()\n",
    "the calendar clock": "from datetime import UTC, datetime\n\nX = datetime.now(UTC)\n",
    "chance": "from uuid import uuid4\n\nX = uuid4()\n",
    "the environment": "import os\n\nX = os.environ\n",
}


@pytest.mark.parametrize("source", READS.values(), ids=READS.keys())
@pytest.mark.parametrize(
    "place", ["streams/core/x.py", "streams/casework/x.py", "schemas/x.py", "connectors/csvfile/x.py"]
)
def test_only_shells_read_clock_chance_and_environment(source: str, place: str) -> None:
    assert "TID251" in ruff(source, place)


@pytest.mark.parametrize("source", READS.values(), ids=READS.keys())
def test_shells_may(source: str) -> None:
    assert "TID251" not in ruff(source, "ops/x.py")
