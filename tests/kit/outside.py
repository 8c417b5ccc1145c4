"""The kit for a connector that is not the project's: its own test runs through the sentences that are about it."""

from __future__ import annotations

from collections.abc import Mapping

from tests.kit.harness import INLET, SINK, SOURCE
from tests.kit.sentences import SENTENCES, Sentence


def about(*parts: str, exempt: Mapping[str, str]) -> list[Sentence]:
    """Sentences about any connector and about these parts (sink, source, inlet), but for those that are exempt, by
    number with the reason. Raises ValueError for a part or a number that is not there, or no reason."""
    if strangers := set(parts) - {SINK, SOURCE, INLET}:
        raise ValueError(f"a connector has no part {min(strangers)}: use {SINK}, {SOURCE}, {INLET}")
    found = [one for one in SENTENCES if one.part is None or one.part in parts]
    if unknown := exempt.keys() - {one.id for one in found}:
        raise ValueError(f"{min(unknown)} is no sentence about such a connector")
    if bare := [number for number, reason in exempt.items() if not reason.strip()]:
        raise ValueError(f"{bare[0]} is exempt without a reason")
    return [one for one in found if one.id not in exempt]
