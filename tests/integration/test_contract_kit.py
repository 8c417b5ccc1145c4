"""Every connector with a harness keeps every sentence that is about it, beside its real counterpart."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.integration.databases import fresh
from tests.kit.harness import Participant
from tests.kit.participants import PARTICIPANTS, applies, exempt
from tests.kit.sentences import SENTENCES, Sentence

CHECKED = [
    pytest.param(participant, one, id=f"{participant.name}-{one.id}")
    for participant in PARTICIPANTS
    for one in SENTENCES
    if applies(one, participant) and exempt(one, participant) is None
]


@pytest.fixture(scope="module")
def tables(dsn: str) -> Iterator[Engine]:
    """The hub's tables, for what a connector notes."""
    with fresh(dsn) as engine:
        yield engine


@pytest.mark.parametrize(("participant", "one"), CHECKED)
def test_the_connector_keeps_the_sentence(
    participant: Participant, one: Sentence, tmp_path: Path, tables: Engine
) -> None:
    with participant.start(tmp_path, tables) as harness:
        assert one.needs is None or one.needs in harness.troubles, "a trouble that it lacks needs an exemption"
        one.check(harness)
