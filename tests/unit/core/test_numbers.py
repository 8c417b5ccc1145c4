"""Speakable numbers: one counter a partition, by the date of the hub's zone."""

from zoneinfo import ZoneInfo

import pytest

from schemas import ids
from streams.core.numbering import Numbers, after, local_date, next_number
from tests.builders import T0, filed

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = 3_600_000_000


def number_of(numbers: Numbers, at: int = T0, division: str = "411702", partition: int = 3) -> ids.Number:
    return ids.parse_number(next_number(numbers, division, partition, at, SHANGHAI))


def test_the_first_case_of_a_day_has_counter_1() -> None:
    assert next_number(Numbers(), "411702", 3, T0, SHANGHAI).startswith("411702-251123-003-00001-")
    assert number_of(Numbers("251122", 17)).counter == 1


def test_a_day_counts_on() -> None:
    assert number_of(Numbers("251123", 17)).counter == 18
    assert number_of(Numbers("251123", 99_999)).counter == 100_000


def test_the_day_is_that_of_the_hubs_zone() -> None:
    assert local_date(T0 + 15 * HOUR, SHANGHAI) == "251123"
    assert local_date(T0 + 16 * HOUR, SHANGHAI) == "251124"
    assert local_date(T0 + 16 * HOUR, ZoneInfo("UTC")) == "251123"


def test_divisions_share_the_counter_of_their_partition() -> None:
    first = next_number(Numbers(), "411702", 0, T0, SHANGHAI)
    second = number_of(after(filed(first)), division="410102")
    assert (second.division, second.counter) == ("410102", 2)


def test_partitions_never_give_the_same_number() -> None:
    assert len({next_number(Numbers(), "411702", p, T0, SHANGHAI) for p in range(8)}) == 8


@pytest.mark.parametrize("counter", [1, 99_999, 100_000, 12_345_678])
def test_the_counter_is_folded_from_the_number_of_a_filed_case(counter: int) -> None:
    text = ids.number("411702", "251123", 3, counter)
    assert after(filed(text)) == Numbers("251123", counter)
