"""Every hub process of the Compose file is run by hand: its own command and settings, with this machine's addresses."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from ruamel.yaml import YAML

from ops.embedded import process
from schemas.wire.settings import HubSettings, KafkaSettings

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
SERVICES: dict[str, Any] = YAML(typ="safe").load(COMPOSE.read_text("utf-8"))["services"]
STAYING = [name for name, service in SERVICES.items() if "build" in service and service["restart"] != "no"]


@pytest.fixture
def settings(kafka_settings: KafkaSettings, dsn: str, hub_settings: HubSettings, tmp_path: Path) -> dict[str, str]:
    """What the services' own settings are on this machine."""
    return {
        "THREECROSS_BOOTSTRAP": kafka_settings.bootstrap,
        "THREECROSS_DSN": dsn,
        "THREECROSS_DATA_DIR": str(tmp_path / "data"),
        "THREECROSS_VAULT_KEY": str(tmp_path / "key/vault.key"),
        "THREECROSS_HTTP_HOST": "127.0.0.1",
        "THREECROSS_HTTP_PORT": str(process.free_port()),
        "THREECROSS_NAMESPACE": hub_settings.namespace,
    }


def argv(service: dict[str, Any]) -> list[str]:
    """The service's command line, the program taken from this environment."""
    words: list[str] = [*service.get("entrypoint", ["threecross"]), *service["command"]]
    return [str(ROOT / ".venv/bin" / words[0]), *words[1:]]


@contextmanager
def run(command: list[str], settings: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The command in the background, ended with SIGTERM as Compose does; its output goes to `log`."""
    with log.open("wb") as output:
        child = subprocess.Popen(command, env=os.environ | settings, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield child
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(timeout=30)


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=4) as response:
            return bool(response.status == 200)
    except (URLError, TimeoutError, ConnectionError):
        return False


def wait_ready(child: subprocess.Popen[bytes], settings: dict[str, str], log: Path) -> None:
    """Until the service answers on every page."""
    url, deadline = f"http://127.0.0.1:{settings['THREECROSS_HTTP_PORT']}", time.monotonic() + 60
    while not answers(f"{url}/readyz"):
        assert child.poll() is None, log.read_text("utf-8")
        assert time.monotonic() < deadline, log.read_text("utf-8")
        time.sleep(0.2)
    assert answers(f"{url}/healthz")
    assert answers(f"{url}/metrics")


def test_the_services_become_ready_bring_in_a_file_and_end_when_told(settings: dict[str, str], tmp_path: Path) -> None:
    """As in the containers each has a data directory of its own; they share the key and the servers."""
    own = {name: settings | own_place(tmp_path / f"of-{name}") for name in (*STAYING, "import")}
    children = {}
    with ExitStack() as stack:
        for name in STAYING:
            assert settings.keys() - {"THREECROSS_NAMESPACE"} == SERVICES[name]["environment"].keys()
            children[name] = stack.enter_context(run(argv(SERVICES[name]), own[name], tmp_path / f"{name}.log"))
        for name, child in children.items():
            wait_ready(child, own[name], tmp_path / f"{name}.log")
        bring_in_twenty_rows(own["import"], tmp_path / "data")
        deadline = time.monotonic() + 60
        while total(own["views"]) < 20:
            assert time.monotonic() < deadline, "the cases did not come"
    assert {name: child.returncode for name, child in children.items()} == dict.fromkeys(STAYING, 0)


def bring_in_twenty_rows(settings: dict[str, str], folder: Path) -> None:
    """With the words that stand at the top of the Compose file."""
    folder.mkdir()
    lines = (ROOT / "ops/demo/nyc311.csv").read_text("utf-8").splitlines(keepends=True)
    (folder / "requests.csv").write_text("".join(lines[:21]), "utf-8")
    said = re.search(r"docker compose run --rm import /data/(\S+ --department \w+)", COMPOSE.read_text("utf-8"))
    assert said is not None
    service = SERVICES["import"] | {"command": f"{folder}/{said[1]} --json".split()}
    done = subprocess.run(argv(service), env=os.environ | settings, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"] == 20


def total(settings: dict[str, str]) -> int:
    """How many cases there are."""
    command = [str(ROOT / ".venv/bin/threecross"), "cases", "--json"]
    return int(json.loads(subprocess.check_output(command, env=os.environ | settings))["total"])


def own_place(folder: Path) -> dict[str, str]:
    """What a container has to itself."""
    return {"THREECROSS_DATA_DIR": str(folder), "THREECROSS_HTTP_PORT": str(process.free_port())}


def test_the_import_service_runs_a_command_that_is_there(settings: dict[str, str]) -> None:
    result = subprocess.run(argv(SERVICES["import"]), env=os.environ | settings, capture_output=True, check=False)
    assert result.returncode == 0, result.stderr


def test_a_service_without_its_servers_is_not_ready(settings: dict[str, str], tmp_path: Path) -> None:
    nowhere = settings | {"THREECROSS_DSN": f"postgresql://threecross@127.0.0.1:{process.free_port()}/threecross"}
    result = subprocess.run(argv(SERVICES["views"]), env=os.environ | nowhere, capture_output=True, check=False)
    assert result.returncode == 2
    assert b"Traceback" not in result.stderr + result.stdout
