"""Texts of a kind's own modules."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]


def modules(kind: str) -> dict[str, str]:
    """By file name."""
    return {path.name: path.read_text("utf-8") for path in (ROOT / "connectors" / kind).rglob("*.py")}
