"""Laws of reading standards: any text is a limit or a refusal, codes do not move, items hold all of a condition."""

from hypothesis import given
from hypothesis import strategies as st

from ops.reference.standards import document, items, limits
from schemas import codec, events
from schemas.events import Candidate, CandidateKind
from streams.core import standards
from streams.core.standards import Condition, Limit, Unreadable
from streams.core.working_time import Unit
from tests.standards_sheets import read, row, sheet

UNITS = document.default().units
CELLS = st.text(st.sampled_from("0123456789１２②两 \n、至-/（）天小时个紧急工作日到场"), max_size=12) | st.text(
    max_size=8
)
TEXT = st.text(st.sampled_from("灯杆罩不亮歪碎"), min_size=1, max_size=6)


@given(CELLS)
def test_any_cell_is_a_limit_or_a_refusal_with_a_reason(cell: str) -> None:
    found = limits.read(cell, UNITS)
    if isinstance(found, Unreadable):
        assert found.reason
    else:
        assert (found.amount > 0, found.unit) == (True, UNITS.words[found.word])


@given(CELLS, CELLS)
def test_whatever_is_written_behind_a_limit_is_not_dropped(cell: str, behind: str) -> None:
    found = limits.read(cell, UNITS)
    longer = limits.read(cell + behind, UNITS)
    if isinstance(found, Limit) and isinstance(longer, Limit):
        assert "".join(behind.split()) == longer.word.removeprefix(found.word)


@given(st.integers(1, 999), st.sampled_from(sorted(UNITS.words)))
def test_a_plain_limit_is_read_as_it_is_written(amount: int, word: str) -> None:
    assert limits.read(f"{amount}{word}", UNITS) == Limit(amount, UNITS.words[word], f"{amount}{word}", word, "1")


@given(st.lists(TEXT, min_size=1, max_size=8, unique=True), TEXT)
def test_rows_that_come_and_move_change_no_code(filings: list[str], new: str) -> None:
    def codes(texts: list[str]) -> dict[str, str]:
        return {one.filing: one.code for one in read(sheet(*(row(filing=text) for text in texts))).accepted}

    moved = sorted({*filings, new}, key=lambda text: text[::-1])
    before, after = codes(filings), codes(moved)
    assert before.items() <= after.items()
    assert len(set(after.values())) == len(moved)


LIMITS = st.builds(
    Limit, st.integers(1, 999), st.sampled_from(Unit), st.text(max_size=9), st.text(max_size=5), st.text(max_size=3)
) | st.builds(Unreadable, st.text(max_size=9), st.text(min_size=1, max_size=9))
CANDIDATES = st.lists(st.builds(Candidate, st.text(max_size=5), st.sampled_from(CandidateKind.ALL)), max_size=3).map(
    tuple
)
CONDITIONS = st.builds(
    Condition, *[st.text(max_size=9)] * 7, limit=LIMITS, disposers=CANDIDATES, supervisors=CANDIDATES
)


@given(CONDITIONS)
def test_an_item_on_kafka_holds_all_of_a_condition(condition: Condition) -> None:
    found = codec.decode_hub(codec.encode_hub(items.item("lamps", "2026", condition)))
    assert isinstance(found, events.Standard)
    assert standards.condition_of(found) == condition
