"""Laws of translation: it depends on row and mapping alone."""

import random
from pathlib import Path

from aiokafka.partitioner import murmur2 as theirs
from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner.default import murmur2 as others

from connectors.claims_out import partition_of
from connectors.contract import BadRow, Draft, Personal, Row
from connectors.csvfile.translate import Translation, translation
from connectors.csvfile.transport import CsvFile
from tests.csv_samples import CITY_CSV, NYC, city, nyc

HEADER = CITY_CSV.splitlines()[0].split(";")
ROWS = [row for row, _ in CsvFile(NYC, nyc().file).read() if isinstance(row, Row)]

cells = st.text(st.characters(codec="gb18030", exclude_characters="\0"), max_size=12)
moments = st.datetimes().map(lambda at: f"{at:%Y年%m月%d日 %H:%M}".rjust(17, "0"))
city_rows = st.tuples(
    cells.filter(bool),
    moments,
    st.just("") | moments,
    cells,
    st.sampled_from(["驿城区", "永泰县", ""]),
    cells,
    cells,
    cells,
).map(lambda values: Row(2, [value.strip() for value in (*values, "")]))


def translated(made: Translation, row: Row) -> list[Draft] | str:
    try:
        return made.translate(row, made.number(row))
    except BadRow as wrong:
        return str(wrong)


def checked(made: Translation, row: Row) -> list[Personal] | str:
    try:
        made.number(row)
        return made.check(row)
    except BadRow as wrong:
        return str(wrong)


@given(city_rows)
def test_the_same_row_gives_the_same_claims(row: Row) -> None:
    assert translated(translation(city(), HEADER), row) == translated(translation(city(), HEADER), row)


@given(city_rows)
def test_looking_through_finds_a_row_bad_exactly_where_translating_does(row: Row) -> None:
    made = translation(city(), HEADER)
    found = translated(made, row)
    assert checked(made, row) == (found if isinstance(found, str) else [draft.personal for draft in found])


@given(city_rows)
def test_free_text_and_phones_never_stand_in_a_claim(row: Row) -> None:
    marked = Row(2, [*row.values[:6], "私人的话ABC", "13800007311", ""])
    found = translated(translation(city(), HEADER), marked)
    assert isinstance(found, str) or all(
        "私人的话ABC" not in repr(d[:2]) and "13800007311" not in repr(d[:2]) for d in found
    )


@given(st.randoms(use_true_random=False))
def test_another_order_of_rows_gives_the_same_claims(order: random.Random) -> None:
    made, rows = translation(nyc(), nyc_header()), ROWS[:60]
    shuffled = order.sample(rows, len(rows))
    assert claims(made, shuffled) == claims(made, rows)


@given(st.permutations(range(10)))
def test_another_order_of_columns_gives_the_same_claims(order: list[int]) -> None:
    header = nyc_header()
    moved = translation(nyc(), [header[i] for i in order])
    rows = [Row(row.line, [row.values[i] for i in order]) for row in ROWS[:20]]
    assert claims(moved, rows) == claims(translation(nyc(), header), ROWS[:20])


@given(st.uuids(), st.integers(1, 64))
def test_a_subject_goes_where_kafkas_own_clients_would_send_it(subject: object, partitions: int) -> None:
    key = str(subject).encode()
    assert partition_of(str(subject), partitions) == (theirs(key) & 0x7FFFFFFF) % partitions
    assert partition_of(str(subject), partitions) == (others(key) & 0x7FFFFFFF) % partitions


def nyc_header() -> list[str]:
    return CsvFile(Path(NYC), nyc().file).header


def claims(made: Translation, rows: list[Row]) -> dict[str, Draft]:
    return {draft.meta.claim_id: draft for row in rows for draft in made.translate(row, made.number(row))}
