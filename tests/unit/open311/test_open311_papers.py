"""The page about Open311 names every key of its settings."""

from pathlib import Path

import msgspec
import pytest

from connectors.open311 import settings

PAGE = (Path(__file__).parents[3] / "ops/docs/open311.md").read_text("utf-8")
KINDS = ["Endpoint", "Abroad", "Service", "Attribute", "Option", "Jurisdiction", "Caller", "Status", "Said", "Media"]


def keys(kind: str) -> list[str]:
    return [field.name for field in msgspec.structs.fields(getattr(settings, kind))]


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_is_explained(kind: str) -> None:
    assert [key for key in keys(kind) if f"`{key}`" not in PAGE] == []


def test_a_key_that_is_not_explained_would_be_found() -> None:
    assert "`colour`" not in PAGE
