"""Intake over HTTP for apps and assistants: they report, bring files, and ask how a report stands."""

from __future__ import annotations

from connectors.contract import Kind, Made, Surroundings
from connectors.intake.settings import Intake


def make(config: Intake, around: Surroundings) -> Made:
    """The connector of a department."""
    from connectors.intake import connector  # HTTP and database are loaded by who runs a connector

    return connector.make(config, around)


KIND = Kind("intake", Intake, make, "HTTP intake for apps and assistants: reports, files, how a report stands")
