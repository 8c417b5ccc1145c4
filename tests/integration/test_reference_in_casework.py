"""A load reaches running casework: facts say by which version they were judged, and rules of the load name who acts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ops.reference.documents import Document
from ops.reference.loading import By, load
from schemas.events import DispatchProposed, File, ResponsibilityItem
from streams.core.reference import EMPTY
from streams.runtime.reference import ReferenceReader
from tests.builders import CATEGORY, CENTRE, T0, claim, report
from tests.integration.engine import Hub, wait_until
from tests.reference_samples import org

BY = By("centre", "steward")
ORGS = Document("organisations", "x", (org("district", kind="district"), org("water", "district")), valid_from=T0 - 1)
CENTRES = Document("organisations", "y", (org("centre", "district", "centre"),), valid_from=T0 - 1)
LIST = Document(
    "responsibilities",
    "list",
    (ResponsibilityItem("7", "灯杆", "water", (CATEGORY,)),),
    edition="2026",
    valid_from=T0 - 1,
)


@pytest.fixture
def reader(hub: Hub) -> Iterator[ReferenceReader]:
    async def start() -> ReferenceReader:
        made = ReferenceReader(hub.kafka, hub.settings)
        await made.start()
        return made

    made = hub.loop.run(start())
    yield made
    hub.loop.run(made.stop())


def test_facts_say_by_which_version_and_a_filed_case_gets_a_proposal(hub: Hub, reader: ReferenceReader) -> None:
    hub.casework(reader=reader)
    hub.send([claim(report(), number="1")])
    wait_until(lambda: len(hub.facts()) == 1, "the first fact")
    load(hub.kafka, hub.settings, [ORGS, CENTRES, LIST], BY, T0)
    wait_until(lambda: reader.reference.version == 3, "three versions")
    hub.send([claim(File(), number="1", by=CENTRE)])
    wait_until(lambda: len(hub.facts()) == 3, "filed and proposed")
    facts = hub.facts()
    assert [told.meta.versions.reference for told in facts] == [0, 3, 3]
    (proposal,) = [told.body for told in facts if isinstance(told.body, DispatchProposed)]
    assert proposal.basis == "item 7 of list 2026"
    assert [(party.org, party.role) for party in proposal.parties] == [("water", "lead")]


def test_a_takeover_catches_up_so_that_no_claim_is_judged_by_an_older_version(
    hub: Hub, reader: ReferenceReader
) -> None:
    load(hub.kafka, hub.settings, [ORGS, CENTRES], BY, T0)
    assert reader.reference is EMPTY or reader.reference.version <= 2
    hub.casework(reader=reader)
    assert reader.reference.version == 2, "ready only when everything that was loaded is known"
    hub.send([claim(report(), number="1")])
    wait_until(lambda: len(hub.facts()) == 1, "the first fact")
    assert hub.facts()[0].meta.versions.reference == 2
