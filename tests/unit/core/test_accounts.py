"""Accounts in the bank of points."""

from __future__ import annotations

import pytest

from schemas.events import (
    AccountOpened,
    Actor,
    Earn,
    OpenAccount,
    PointsEarned,
    PointsRedeemed,
    PointsRevoked,
    Redeem,
    Revoke,
)
from streams.core.reference import EMPTY
from tests.subjects import AUDITOR, CENTRE, LATER, LINKS, PERSON, STREET, TARIFF, given, loaded

OPEN = AccountOpened(PERSON, "bank")
X, Y = "00000000-0000-5000-8000-00000000000a", "00000000-0000-5000-8000-00000000000b"
RICH = (OPEN, PointsEarned("clean-up", X, 20, 20))


def test_a_contribution_earns_what_the_tariff_gives() -> None:
    account = given("account").when(OpenAccount(PERSON, "bank"), STREET).then(OPEN)
    five = account.when(Earn("report.verified", X), LINKS).then(PointsEarned("report.verified", X, 5, 5))
    five.when(Earn("clean-up", Y), CENTRE).then(PointsEarned("clean-up", Y, 20, 25))


def test_a_contribution_earns_once_whoever_says_so_again() -> None:
    given("account", *RICH).when(Earn("clean-up", X), CENTRE).then_refused("Earn.contribution")
    given("account", *RICH).when(Earn("report.verified", X), LINKS).then_refused("Earn.contribution")


@pytest.mark.parametrize("item", ["singing", "soap"])
def test_what_the_tariff_does_not_give_points_for_earns_none(item: str) -> None:
    given("account", OPEN).when(Earn(item, X), LINKS).then_refused("Earn.contribution")


def test_a_reward_costs_what_the_tariff_says_and_a_voucher_redeems_once() -> None:
    account = given("account", *RICH).when(Redeem("soap", "v1"), STREET).then(PointsRedeemed("soap", "v1", 10, 10))
    account.when(Redeem("soap", "v1"), STREET).then_refused("Redeem.points")
    account.when(Redeem("soap", "v2"), STREET).then(PointsRedeemed("soap", "v2", 10, 0))


def test_nobody_gives_more_than_there_is() -> None:
    given("account", *RICH).when(Redeem("lamp", "v1"), STREET).then_refused("Redeem.points")
    given("account", *RICH).when(Redeem("clean-up", "v1"), STREET).then_refused("Redeem.points")
    source = Actor("bank", "source")
    given("account", *RICH).when(Redeem("lamp", "v1"), source, already_done=True).then_refused("Redeem.role")


def test_what_did_not_hold_is_taken_back_once_and_never_below_zero() -> None:
    account = given("account", *RICH, PointsRedeemed("soap", "v1", 10, 10))
    revoked = account.when(Revoke(X, "audit-failed"), AUDITOR).then(PointsRevoked(X, "audit-failed", 10, 0))
    revoked.when(Revoke(X, "audit-failed"), LINKS).then_refused("Revoke.contribution")
    revoked.when(Revoke(Y, "audit-failed"), LINKS).then_refused("Revoke.contribution")
    revoked.when(Earn("clean-up", X), LINKS).then_refused("Earn.contribution")


def test_the_tariff_is_the_one_of_the_bank_when_it_happened() -> None:
    dear = tuple(type(line)(line.item, line.title, 2 * line.points, line.per) for line in TARIFF)
    both = EMPTY.after([loaded(1, "tariffs", "bank", TARIFF), loaded(2, "tariffs", "bank", dear, valid_from=LATER)])
    account = given("account", OPEN)
    account.when(Earn("clean-up", X), LINKS, at=LATER - 1, reference=both).then(PointsEarned("clean-up", X, 20, 20))
    account.when(Earn("clean-up", X), LINKS, at=LATER, reference=both).then(PointsEarned("clean-up", X, 40, 40))
    other = given("account", AccountOpened(PERSON, "another"))
    other.when(Earn("clean-up", X), LINKS).then_refused("Earn.contribution")
    account.when(Earn("clean-up", X), LINKS, reference=EMPTY).then_refused("Earn.contribution")


def test_an_account_opens_once() -> None:
    given("account", OPEN).when(OpenAccount(PERSON, "bank"), STREET).then_refused("OpenAccount.stage")
    given("account").when(Earn("clean-up", X), LINKS).then_refused("account.unknown")
