"""Casework where no local copy can be made: slower to take over again, right all the same."""

from __future__ import annotations

from tests.builders import whole_loop
from tests.integration.engine import Hub, number_in, wait_until


def test_without_a_local_copy_every_case_stays_in_memory_and_claims_are_decided(hub: Hub) -> None:
    for partition in range(2):
        obstacle = hub.folder / "a" / f"casework-{partition}"
        obstacle.parent.mkdir(exist_ok=True)
        obstacle.write_text("a file stands where the folder of the copy should be")
    first = hub.casework("a")
    claims = [said for partition in range(2) for said in whole_loop(number_in(partition))]
    hub.send(claims[:12])
    wait_until(lambda: len(hub.facts()) == 12, "facts of the first claims")
    hub.stop(first)
    hub.casework("a")
    hub.send(claims)
    wait_until(lambda: len(hub.facts()) == len(claims), "facts of all claims, each once")
    assert [told.body for told in hub.facts() if type(told.body).__name__ == "Refused"] == []
