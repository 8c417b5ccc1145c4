"""Golden vectors of ids and numbers: they are in Kafka for ever, so these lines never change."""

from datetime import date

import pytest

from schemas import ids


@pytest.mark.parametrize(
    ("system", "number", "expected"),
    [
        ("nyc311", "58123456", "dcb29549-1bbb-5f8a-8e8c-25e49562cf9f"),
        ("春晓街社区", "2026-0001", "d6926afe-9416-510a-b193-b84fce095e55"),
        ('a"b\\c', "\n\t\x1f", "7a7224ae-a480-54ae-af01-43b1a9e3e431"),
        ("", "", "25a7c4b4-3b31-577e-8ce9-7f01d33bece5"),
        ("hotline", "🚧", "e19ecdf7-4e26-5fc8-bc18-8e64e7cfd9cb"),
    ],
)
def test_case_ids_never_change(system: str, number: str, expected: str) -> None:
    assert ids.case_id(system, number) == expected


@pytest.mark.parametrize(
    ("kind", "system", "number", "expected"),
    [
        ("case", "nyc311", "58123456", "dcb29549-1bbb-5f8a-8e8c-25e49562cf9f"),
        ("group", "street", "同质化-7", "810160f4-5ec3-50fe-a62f-0dbf02731e6c"),
        ("worker", "person", "00000000-0000-4000-8000-000000000001", "fa2dc2d2-4e96-5453-a074-001111eebaf0"),
        ("account", "person", "00000000-0000-4000-8000-000000000001", "ad754e87-48dc-58b2-9f34-b654bebea6d4"),
        ("household", "registry", "411702001001-17", "7c79513d-6a0e-5db8-a0f0-41d834503180"),
    ],
)
def test_subject_ids_never_change(kind: str, system: str, number: str, expected: str) -> None:
    assert ids.subject_id(kind, system, number) == expected


def test_the_keys_of_deliveries_never_change() -> None:
    case = "dcb29549-1bbb-5f8a-8e8c-25e49562cf9f"
    assert ids.delivery_key("power", case, "order") == "d830377f-8a07-59f8-b489-7d4729e69121"
    assert ids.delivery_key("电力", case, "update-5") == "280e7bac-cb53-587f-8361-26247d251d30"


def test_the_ids_of_parts_never_change() -> None:
    assert ids.part_id("dcb29549-1bbb-5f8a-8e8c-25e49562cf9f", 1) == "dc6205c7-a155-5c2e-b188-ceef5252a67e"
    assert ids.part_id("dcb29549-1bbb-5f8a-8e8c-25e49562cf9f", 12) == "aeb84946-e771-531c-84e3-551e95f035a0"


def test_claim_ids_never_change() -> None:
    assert ids.claim_id("nyc311", "58123456", "Report", "1") == "9955f47b-b835-5dae-b8bb-06b6db7710ec"
    assert ids.claim_id("power", "驿城 7", "HandBack", "e-9") == "ccda74e0-94ff-5ae4-bc5e-51c80411b739"


def test_fact_ids_never_change() -> None:
    assert ids.fact_id("00000000-0000-5000-8000-000000000000", 0) == "e6b66cc5-57e7-5447-8bb0-1d8eda838fcb"
    assert ids.fact_id("00000000-0000-5000-8000-000000000000", 12) == "21e7e633-8610-5e64-a85e-3ac9de84d2e0"


def test_the_namespace_never_changes() -> None:
    assert str(ids.NAMESPACE) == "e6b190da-e81e-5f35-a451-e8c1b3864b09"


def test_parts_are_not_glued_together() -> None:
    assert ids.case_id("ab", "c") != ids.case_id("a", "bc")


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(ValueError):
        ids.case_id("\ud800", "1")


def test_numbers_never_change() -> None:
    assert ids.number("411702", "261123", 3, 17) == "411702-261123-003-00017-8"
    assert ids.number("350125", "260101", 999, 1234567) == "350125-260101-999-1234567-3"


def test_the_check_digit_is_the_one_of_the_standards_example() -> None:
    assert ids.check_digit("0794") == "5"


@pytest.mark.parametrize(
    "text",
    [
        "411702-261123-003-00017-8",
        "411702261123003000178",
        "411702 261123 003 00017 8",
        "４１１７０２–261123–003–00017–8",
    ],
)
def test_a_number_is_read_however_it_is_written(text: str) -> None:
    assert ids.parse_number(text) == ids.Number("411702", date(2026, 11, 23), 3, 17)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("411702-261123-003-00017-4", "check digit"),
        ("411702-261123-003-00071-8", "check digit"),
        ("411702-261123-003-017", "18 digits"),
        ("SR-58123456", "consist of digits"),
        ("", "consist of digits"),
        ("411702-261323-003-00017-7", "261323 is no day"),
        ("411702-261123-003-000017-3", "never starts with 0"),
    ],
)
def test_what_is_no_number_is_told_why(text: str, why: str) -> None:
    assert not ids.is_number(text)
    with pytest.raises(ids.NotANumber, match=why):
        ids.parse_number(text)


@pytest.mark.parametrize(
    ("division", "day", "partition", "counter"),
    [
        ("41170", "261123", 1, 1),
        ("411702", "26-11-23", 1, 1),
        ("411702", "261123", 1000, 1),
        ("411702", "261123", 1, -1),
    ],
)
def test_parts_without_a_place_are_refused(division: str, day: str, partition: int, counter: int) -> None:
    with pytest.raises(ValueError):
        ids.number(division, day, partition, counter)


def test_ids_of_items_never_change() -> None:
    assert ids.item_id("power-yicheng", 0, 1) == "40281378-c0b8-50fd-b04d-97de4994e0d6"
    assert ids.item_id("power-yicheng", 3, 12) == "a79aa51d-0be7-5917-a18c-1e58e9219fc7"
