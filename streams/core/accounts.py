"""An account in the bank of points 道德银行: earned by verified contributions, given for rewards.

Promise: the balance is never negative and always the sum of the facts; one contribution earns once, one voucher
redeems once; what is taken back is never more than the contribution earned, nor than the balance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from schemas.events import (
    AccountOpened,
    ClaimMeta,
    Earn,
    FactMeta,
    OpenAccount,
    PointsEarned,
    PointsRedeemed,
    PointsRevoked,
    Redeem,
    Refused,
    Revoke,
    Tariff,
)
from streams.core.authority import Stage
from streams.core.decided import remember
from streams.core.kind import Context, Decisions, FactBody, Kind, Rule, Rules


class Earned(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What one contribution earned, and whether it was taken back."""

    contribution: str
    points: int
    revoked: bool = False


class Account(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=3):
    """What must be known of an account to decide the next claim."""

    seq: int = 0
    stage: Stage = Stage.NONE
    holder: str = ""
    bank: str = ""
    balance: int = 0
    earned: tuple[Earned, ...] = ()
    vouchers: tuple[str, ...] = ()
    claims: bytes = b""

    @property
    def ended(self) -> bool:
        """An account stays open."""
        return False

    def of(self, contribution: str) -> Earned | None:
        """What this contribution earned here; None: nothing."""
        return next((one for one in self.earned if one.contribution == contribution), None)


NEW = Account()

# ------------------------------------------------------------ fold


def _opened(account: Account, _meta: FactMeta, fact: AccountOpened) -> Account:
    return replace(account, stage=Stage.OPEN, holder=fact.holder, bank=fact.bank)


def _earned(account: Account, _meta: FactMeta, fact: PointsEarned) -> Account:
    one = Earned(fact.contribution, fact.points)
    return replace(account, balance=fact.balance, earned=(*account.earned, one))


def _redeemed(account: Account, _meta: FactMeta, fact: PointsRedeemed) -> Account:
    return replace(account, balance=fact.balance, vouchers=(*account.vouchers, fact.voucher))


def _revoked(account: Account, _meta: FactMeta, fact: PointsRevoked) -> Account:
    earned = tuple(
        Earned(one.contribution, one.points, True) if one.contribution == fact.contribution else one
        for one in account.earned
    )
    return replace(account, balance=fact.balance, earned=earned)


def _unchanged(account: Account, _meta: FactMeta, _fact: FactBody) -> Account:
    return account


EVOLVE: dict[type, Callable[[Account, FactMeta, Any], Account]] = {
    AccountOpened: _opened,
    PointsEarned: _earned,
    PointsRedeemed: _redeemed,
    PointsRevoked: _revoked,
    Refused: _unchanged,
}


def evolve(account: Account, meta: FactMeta, fact: FactBody) -> Account:
    """The account after one more fact."""
    account = EVOLVE[type(fact)](account, meta, fact)
    return replace(account, seq=meta.seq, claims=remember(account.claims, meta.claim_id, meta.claim_digest))


# ------------------------------------------------------------ rules


def points_of(account: Account, meta: ClaimMeta, item: str, context: Context) -> int | None:
    """Points of an item in the tariff of the account's bank when it happened; None where it is not in it.

    The tariff is the document of the reference with the bank's code as its name. Items that are given for points have
    negative points there.
    """
    tariff = context.reference.in_force(meta.occurred_at).document(Tariff, account.bank)
    return next((line.points for line in tariff.items if line.item == item), None) if tariff is not None else None


def _may_earn(account: Account, meta: ClaimMeta, claim: Earn, context: Context) -> str | None:
    """One contribution earns once, what the tariff gives for it."""
    if account.of(claim.contribution) is not None:
        return "this contribution has earned its points already"
    if (points_of(account, meta, claim.item, context) or 0) <= 0:
        return f"the tariff of {account.bank} gives no points for {claim.item}"
    return None


def _may_redeem(account: Account, meta: ClaimMeta, claim: Redeem, context: Context) -> str | None:
    """One voucher redeems once, a reward of the tariff, for no more points than there are."""
    if claim.voucher in account.vouchers:
        return "this voucher was redeemed already"
    points = points_of(account, meta, claim.item, context) or 0
    if points >= 0:
        return f"the tariff of {account.bank} has no reward {claim.item}"
    if account.balance < -points:
        return f"{-points} points are needed, {account.balance} are there"
    return None


def _may_revoke(account: Account, _meta: ClaimMeta, claim: Revoke, _context: Context) -> str | None:
    """Only what was earned is taken back, once."""
    earned = account.of(claim.contribution)
    if earned is None:
        return "this contribution has earned nothing here"
    return "its points were taken back already" if earned.revoked else None


RULES: Rules = {
    Earn: (Rule("Earn.contribution", _may_earn),),
    Redeem: (Rule("Redeem.points", _may_redeem),),
    Revoke: (Rule("Revoke.contribution", _may_revoke),),
}

# ------------------------------------------------------------ decisions


def _open(_account: Account, _meta: ClaimMeta, c: OpenAccount, _x: Context) -> tuple[FactBody, ...]:
    return (AccountOpened(c.holder, c.bank),)


def _earn(account: Account, meta: ClaimMeta, c: Earn, x: Context) -> tuple[FactBody, ...]:
    points = points_of(account, meta, c.item, x) or 0
    return (PointsEarned(c.item, c.contribution, points, account.balance + points),)


def _redeem(account: Account, meta: ClaimMeta, c: Redeem, x: Context) -> tuple[FactBody, ...]:
    points = -(points_of(account, meta, c.item, x) or 0)
    return (PointsRedeemed(c.item, c.voucher, points, account.balance - points),)


def _revoke(account: Account, _meta: ClaimMeta, c: Revoke, _x: Context) -> tuple[FactBody, ...]:
    earned = account.of(c.contribution)
    points = min(earned.points if earned else 0, account.balance)
    return (PointsRevoked(c.contribution, c.reason, points, account.balance - points),)


DECIDE: Decisions = {
    OpenAccount: _open,
    Earn: _earn,
    Redeem: _redeem,
    Revoke: _revoke,
}

KIND: Final = Kind(name="account", new=NEW, evolve=evolve, rules=RULES, decide=DECIDE, binding=frozenset(DECIDE))
