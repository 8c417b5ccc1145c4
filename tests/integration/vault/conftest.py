"""A vault on a real PostgreSQL, one for each module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ops.vault import (
    Vault,
    open_vault,
)
from tests.integration.databases import fresh, server


@pytest.fixture(scope="module")
def dsn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with server(tmp_path_factory.mktemp("postgres")) as dsn:
        yield dsn


@pytest.fixture(scope="module")
def database(dsn: str) -> Iterator[Engine]:
    with fresh(dsn) as engine:
        yield engine


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data") / "vault.key"


@pytest.fixture
def vault(database: Engine, key_file: Path) -> Vault:
    return open_vault(database, key_file)
