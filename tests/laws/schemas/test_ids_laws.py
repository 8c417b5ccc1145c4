"""Laws of ids and speakable numbers."""

import json
import uuid
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from schemas import ids

texts = st.text(max_size=30)
divisions = st.from_regex(r"[1-9][0-9]{5}", fullmatch=True)
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
numbers = st.builds(
    lambda division, day, partition, counter: ids.number(division, f"{day:%y%m%d}", partition, counter),
    divisions,
    days,
    st.integers(0, 999),
    st.integers(0, 10_000_000),
)


def expected(parts: list[str | int]) -> str:
    return str(uuid.uuid5(ids.NAMESPACE, json.dumps(parts, ensure_ascii=False, separators=(",", ":"))))


@given(texts, texts, texts, texts)
def test_ids_are_uuid5_of_canonical_json(system: str, number: str, action: str, occurrence: str) -> None:
    claim = ids.claim_id(system, number, action, occurrence)
    assert claim == expected(["claim", system, number, action, occurrence])
    assert ids.case_id(system, number) == expected(["case", system, number])


@given(st.uuids(), st.integers(0, 10_000))
def test_fact_ids_are_uuid5_of_canonical_json(claim: uuid.UUID, index: int) -> None:
    assert ids.fact_id(str(claim), index) == expected([str(claim), index])


@given(divisions, days, st.integers(0, 999), st.integers(0, 10_000_000))
def test_a_number_says_its_parts_again(division: str, day: date, partition: int, counter: int) -> None:
    number = ids.number(division, f"{day:%y%m%d}", partition, counter)
    assert ids.parse_number(number) == ids.Number(division, day, partition, counter)
    assert ids.parse_number(number.replace("-", "")) == ids.parse_number(number.replace("-", " "))


@given(numbers, st.data())
def test_one_wrong_digit_is_always_found(number: str, data: st.DataObject) -> None:
    at = data.draw(st.sampled_from([n for n, c in enumerate(number) if c.isdigit()]))
    wrong = data.draw(st.sampled_from([d for d in "0123456789" if d != number[at]]))
    with pytest.raises(ids.NotANumber, match="check digit"):
        ids.parse_number(number[:at] + wrong + number[at + 1 :])


@given(texts)
def test_any_text_is_a_number_or_is_told_why_not(text: str) -> None:
    assume(not ids.is_number(text))
    with pytest.raises(ids.NotANumber, match="is no case number"):
        ids.parse_number(text)
