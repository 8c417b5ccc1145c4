"""A limit's text becomes an amount and a unit, or a reason; nothing is guessed."""

import re
from collections.abc import Callable

import pytest

from ops.reference.standards import document, limits
from streams.core.standards import Limit, Unreadable
from streams.core.working_time import Unit

UNITS = document.default().units

READ = {
    "2天": (2, Unit.WORKING_DAYS),
    "３天": (3, Unit.WORKING_DAYS),
    "１０ 天": (10, Unit.WORKING_DAYS),
    " 4小时\n": (4, Unit.WORKING_HOURS),
    "4 紧急\n工作时": (4, Unit.URGENT_HOURS),
    "1\u3000紧急工作时": (1, Unit.URGENT_HOURS),
    "2紧急工作日": (2, Unit.URGENT_DAYS),
    "3个工作日": (3, Unit.WORKING_DAYS),
    "8工作时": (8, Unit.WORKING_HOURS),
}

REFUSED = {
    "": "the limit is empty",
    "  ": "the limit is empty",
    "两天": "no amount in digits",
    "②天": "no amount in digits",
    "半天": "no amount in digits",
    "1紧急工作时到场": 'words behind the unit "紧急工作时": "到场"',
    "15工作日（植树季）": 'words behind the unit "工作日": "（植树季）"',
    "植树季15工作日": 'words before the amount: "植树季"',
    "不超过2天": 'words before the amount: "不超过"',
    "2天以内": 'words behind the unit "天": "以内"',
    "2至3天": "a range",
    "2～3天": "a range",
    "2天-3天": "a range",
    "1 5天": "more than one number",
    "2小时/夜间4小时": "more than one number",
    "1.5天": "1.5 is not a whole number",
    "2": "no unit behind the amount",
    "0天": "0 is not an amount",
    "5000天": "5000 is not an amount",
    "48分钟": '"分钟" is not in table of units',
    "7日": '"日" is not in table of units',
    "٣天": "no amount in digits",
}

Reader = Callable[[str], Limit | Unreadable]


def read(cell: str) -> Limit | Unreadable:
    return limits.read(cell, UNITS)


def mistakes(reader: Reader) -> list[str]:
    """The cells that a reader reads otherwise than it must."""
    wrong = [cell for cell in REFUSED if not isinstance(reader(cell), Unreadable)]
    for cell, (amount, unit) in READ.items():
        found = reader(cell)
        if not isinstance(found, Limit) or (found.amount, found.unit) != (amount, unit):
            wrong.append(cell)
    return wrong


def test_limits_are_read_by_the_table_of_units_or_refused() -> None:
    assert mistakes(read) == []


@pytest.mark.parametrize(("cell", "reason"), REFUSED.items())
def test_a_refusal_tells_what_stands_there_and_why(cell: str, reason: str) -> None:
    found = read(cell)
    assert isinstance(found, Unreadable)
    assert (found.cell, found.reason[: len(reason)]) == (cell, reason)


def takes_the_beginning(cell: str) -> Limit | Unreadable:
    """Reads what it knows and drops the rest: fifteen working days, whatever the season."""
    found = re.match(r"\s*([0-9]+)\s*(紧急工作时|个?工作日|小时|天)", cell)
    return Limit(int(found[1]), UNITS.words[found[2]], cell, found[2]) if found else read(cell)


def finds_it_anywhere(cell: str) -> Limit | Unreadable:
    found = re.search(r"([0-9]+)(天|小时|工作日)", cell)
    return Limit(int(found[1]), UNITS.words[found[2]], cell, found[2]) if found else read(cell)


def closes_gaps(cell: str) -> Limit | Unreadable:
    return read(re.sub(r"\s", "", cell))


def takes_every_digit(cell: str) -> Limit | Unreadable:
    """`isdigit` and compatibility forms know more digits than a person who writes a limit means."""
    return read(cell.replace("②", "2").replace("٣", "3").replace("两", "2"))


def takes_days_for_the_default(cell: str) -> Limit | Unreadable:
    return read(f"{cell}天" if cell.isdigit() else cell)


def knows_ascii_only(cell: str) -> Limit | Unreadable:
    return read(cell) if cell.isascii() or not re.search("[０-９]", cell) else Unreadable(cell, "no amount")


@pytest.mark.parametrize(
    "twin",
    [
        takes_the_beginning,
        finds_it_anywhere,
        closes_gaps,
        takes_every_digit,
        takes_days_for_the_default,
        knows_ascii_only,
    ],
)
def test_a_reader_that_guesses_is_found(twin: Reader) -> None:
    assert mistakes(twin) != []


def test_the_cell_and_the_word_are_kept_so_that_the_reading_can_be_explained() -> None:
    assert read("4 紧急\n工作时") == Limit(4, Unit.URGENT_HOURS, "4 紧急\n工作时", "紧急工作时", "1")


def test_another_table_reads_the_same_word_otherwise() -> None:
    table = document.UnitTable("round the clock 1", {"天": Unit.URGENT_DAYS})
    assert limits.read("2天", table) == Limit(2, Unit.URGENT_DAYS, "2天", "天", "round the clock 1")
    assert isinstance(limits.read("2小时", table), Unreadable)


def test_a_cell_that_somebody_has_decided_about_is_read_as_decided_and_only_that_cell() -> None:
    decided = document.Decided(1, Unit.URGENT_HOURS, "on site within the hour")
    table = document.UnitTable("1", UNITS.words, {"1紧急工作时到场": decided})
    assert limits.read("1紧急工作时到场", table) == Limit(1, Unit.URGENT_HOURS, "1紧急工作时到场", "", "1")
    assert isinstance(limits.read("2紧急工作时到场", table), Unreadable)
