"""The Compose file, the Dockerfile and the Prometheus file say what a machine with Docker can run."""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[3]
COMPOSE = ROOT / "docker-compose.yml"


def load(path: Path) -> dict[str, Any]:
    document = YAML(typ="safe").load(path.read_text("utf-8"))
    assert isinstance(document, dict)
    return document


def validate(path: Path) -> subprocess.CompletedProcess[str]:
    """Ask the validator that carries the Compose specification's own JSON schema."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    found = load(COMPOSE)["services"]
    assert isinstance(found, dict)
    return found


def hub_services(services: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {name: service for name, service in services.items() if "build" in service}


def test_the_compose_file_follows_the_specification() -> None:
    result = validate(COMPOSE)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("key", ["healthcheck", "depends_on", "command", "image"])
def test_a_misspelt_key_is_refused(key: str, tmp_path: Path) -> None:
    bad = tmp_path / "docker-compose.yml"
    bad.write_text(COMPOSE.read_text("utf-8").replace(f"{key}:", f"{key[:-1]}:"), "utf-8")
    result = validate(bad)
    assert result.returncode == 1
    assert key[:-1] in result.stdout


def test_every_service_that_stays_up_has_a_health_check(services: dict[str, dict[str, Any]]) -> None:
    staying = {name: service for name, service in services.items() if service.get("restart") == "unless-stopped"}
    assert {"kafka", "postgres", "prometheus", "casework", "clocks", "views"} <= staying.keys()
    assert [name for name, service in staying.items() if not service.get("healthcheck", {}).get("test")] == []


def test_hub_processes_wait_until_what_they_need_is_healthy(services: dict[str, dict[str, Any]]) -> None:
    for name, service in hub_services(services).items():
        for needed, how in service["depends_on"].items():
            assert needed in services, (name, needed)
            assert how["condition"] in ("service_healthy", "service_completed_successfully"), (name, needed)


def test_images_are_pinned_and_ports_stay_on_this_machine(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        assert service["image"].partition(":")[2] not in ("", "latest"), name
        assert all(str(port).startswith("127.0.0.1:") for port in service.get("ports", [])), name


def test_every_named_volume_is_declared_and_used(services: dict[str, dict[str, Any]]) -> None:
    used = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", [])}
    assert {name for name in used if not name.startswith((".", "/"))} == load(COMPOSE)["volumes"].keys()
    assert [name for name in used if name.startswith("./ops") and not (ROOT / name).exists()] == []


def test_no_password_stands_in_the_file() -> None:
    lines = COMPOSE.read_text("utf-8").splitlines()
    assert [line for line in lines if "PASSWORD" in line and "$" not in line and not line.startswith("#")] == []


def test_prometheus_asks_every_hub_process(services: dict[str, dict[str, Any]]) -> None:
    jobs = load(ROOT / "ops/prometheus/prometheus.yml")["scrape_configs"]
    targets = {target.split(":")[0] for job in jobs for group in job["static_configs"] for target in group["targets"]}
    staying = {name for name, service in hub_services(services).items() if service["restart"] == "unless-stopped"}
    assert staying <= targets


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile as (instruction, arguments), continued lines joined, comments left out."""
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in lines]


def test_the_image_runs_as_an_ordinary_user() -> None:
    last_stage = instructions()[max(i for i, (name, _) in enumerate(instructions()) if name == "FROM") :]
    assert [arguments for name, arguments in last_stage if name == "USER"] == ["threecross"]


def test_the_image_installs_by_hash_or_from_files_at_hand() -> None:
    for name, arguments in instructions():
        for command in arguments.split("&&") if name == "RUN" else []:
            if "pip install" in command or "pip wheel" in command:
                assert "--require-hashes" in command or "--no-index" in command, command


def test_the_image_is_built_from_what_is_there_and_not_ignored() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    copied = {
        source
        for name, arguments in instructions()
        if name == "COPY" and "--from" not in arguments
        for source in arguments.split()[:-1]
    }
    assert copied == allowed
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_the_image_and_the_project_agree_on_the_version(services: dict[str, dict[str, Any]]) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert {service["image"] for service in hub_services(services).values()} == {f"threecross:{version}"}
