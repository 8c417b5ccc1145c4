"""Which orders a company is asked for: those of which nothing was heard, and once more those that have ended."""

from __future__ import annotations

from connectors.rest.asking import Asking, OpenOrders
from tests.builders import T0
from tests.link_samples import Clock, Notepad

PATIENCE = 4.0


class Rounds:
    """Open orders, and what the company was asked for."""

    def __init__(self) -> None:
        self.clock, self.asked = Clock(T0), list[str]()
        self.orders = OpenOrders(Notepad(), self.clock)
        self.asking = Asking(self.orders, PATIENCE, self.asked.append)

    def later(self, seconds: float = PATIENCE) -> list[str]:
        """For which orders the company is asked after so many seconds."""
        self.clock.pass_seconds(seconds)
        self.asked.clear()
        self.asking.once()
        return list(self.asked)


def test_an_order_of_which_nothing_is_heard_is_asked_for_again_and_again() -> None:
    rounds = Rounds()
    rounds.orders.told("1", ends=False)
    assert [rounds.later(), rounds.later(1), rounds.later(3)] == [["1"], [], ["1"]]


def test_who_has_just_told_something_is_not_asked() -> None:
    rounds = Rounds()
    rounds.orders.told("1", ends=False)
    rounds.clock.pass_seconds(3)
    rounds.orders.heard("1", ends=False)
    assert [rounds.later(3), rounds.later(1)] == [[], ["1"]]


def test_an_order_that_has_ended_is_asked_for_once_more() -> None:
    rounds = Rounds()
    rounds.orders.told("1", ends=False)
    rounds.orders.heard("1", ends=True)
    assert [rounds.later(), rounds.later(), rounds.later()] == [["1"], [], []]


def test_what_is_said_behind_the_end_does_not_open_it_again() -> None:
    rounds = Rounds()
    rounds.orders.told("1", ends=True)
    rounds.orders.heard("1", ends=False)
    assert [rounds.later(), rounds.later()] == [["1"], []]


def test_an_order_that_the_company_is_given_again_is_open_again() -> None:
    rounds = Rounds()
    rounds.orders.told("1", ends=True)
    rounds.later()
    rounds.orders.told("1", ends=False)
    assert [rounds.later(), rounds.later()] == [["1"], ["1"]]


def test_an_order_that_is_opened_while_it_is_asked_for_stays_open() -> None:
    rounds = Rounds()
    rounds.orders.told("1", ends=True)
    rounds.asking = Asking(rounds.orders, PATIENCE, lambda order: rounds.orders.told(order, ends=False))
    rounds.later()
    rounds.asking = Asking(rounds.orders, PATIENCE, rounds.asked.append)
    assert rounds.later() == ["1"]


def test_an_order_that_ends_while_it_is_asked_for_is_asked_for_once_more() -> None:
    """What was said behind that end is not among the answers yet."""
    rounds = Rounds()
    rounds.orders.told("1", ends=False)
    rounds.asking = Asking(rounds.orders, PATIENCE, lambda order: rounds.orders.heard(order, ends=True))
    rounds.later()
    rounds.asking = Asking(rounds.orders, PATIENCE, rounds.asked.append)
    assert [rounds.later(), rounds.later()] == [["1"], []]


def test_of_an_order_that_is_none_of_ours_nothing_is_kept() -> None:
    rounds = Rounds()
    rounds.orders.heard("1", ends=False)
    rounds.orders.asked("1", last=False)
    assert rounds.later() == []
