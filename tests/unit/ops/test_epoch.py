"""Which life of the claims topic this is."""

from ops.provision import next_epoch
from schemas.events import HubEpoch

FIRST = HubEpoch(epoch=1, claims_topic_id="a", partitions=4, created_at=10)


def test_a_hub_without_a_record_is_in_its_first_epoch() -> None:
    assert next_epoch(None, "a", 4, 10) == FIRST


def test_the_same_topic_is_the_same_epoch() -> None:
    assert next_epoch(FIRST, "a", 4, 99) is FIRST


def test_another_topic_is_the_next_epoch() -> None:
    assert next_epoch(FIRST, "b", 4, 99) == HubEpoch(epoch=2, claims_topic_id="b", partitions=4, created_at=99)
