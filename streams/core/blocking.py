"""What blocks the closing of a case, in one sentence, English or Chinese.

Promise: the sentence is empty exactly where a rightful actor's claim to close the case after its check would be
accepted at that moment.
"""

from __future__ import annotations

from typing import NamedTuple

from streams.core.authority import Stage
from streams.core.case.loop import awaited
from streams.core.case.state import Adjudication, Case, PartyStatus, working


class Block(NamedTuple):
    """One reason, as a key of the table below, and who it is about."""

    reason: str
    orgs: tuple[str, ...] = ()


WORDS: dict[str, tuple[str, str]] = {
    "unknown": ("nothing has been reported", "尚未上报"),
    "closed": ("it is closed already", "已经结案"),
    "not_filed": ("it was not filed", "不予立案"),
    "withdrawn": ("its report was withdrawn", "上报人已撤回"),
    "void": ("it is void", "案卷已作废"),
    "merged": ("it was merged into another case", "已并入其他案卷"),
    "suspended": ("it is suspended", "正在挂账"),
    "verification": ("the lead is being verified by {orgs}", "{orgs}正在核实线索"),
    "filing": ("it is not filed yet", "尚未立案"),
    "report-in": ("not reported in yet: {orgs}", "尚未报到：{orgs}"),
    "dispatch": ("it is not dispatched yet", "尚未派遣"),
    "adjudication": ("the centre has to adjudicate", "等待中心裁定"),
    "returned": ("given back by {orgs}", "已被{orgs}退回"),
    "rework": ("to be done again by {orgs}", "{orgs}返工中"),
    "open": ("still open: {orgs}", "尚未反馈：{orgs}"),
    "check": ("the disposal is not checked yet", "尚未核查"),
    "justification": ("the hand-over for danger to life is not justified yet", "紧急移交尚未说明理由"),
}
"""Every reason in English and in Chinese."""


def blocks(case: Case, at: int) -> tuple[Block, ...]:
    """All that blocks the closing at a moment (UTC µs), the next step first."""
    if case.stage is Stage.NONE:
        return (Block("unknown"),)
    if case.ended:
        return (Block(case.stage.value),)
    found = list(_step(case))
    if case.more.suspended_until > at:
        found.insert(0, Block("suspended"))
    if case.more.unjustified:
        found.append(Block("justification"))
    return tuple(found)


def by_parties_alone(case: Case) -> bool:
    """Whether its stage and its parties say all that blocks the closing: nothing else that does has happened."""
    rest = case.rest
    return rest is None or not (
        rest.verifier
        or rest.summoned
        or rest.unjustified
        or rest.suspended_until
        or rest.adjudication is not Adjudication.NONE
    )


def _step(case: Case) -> tuple[Block, ...]:
    """What is to be done where the case stands."""
    match case.stage:
        case Stage.REPORTED:
            verifier = case.more.verifier
            return (Block("verification", (verifier,)), Block("filing")) if verifier else (Block("filing"),)
        case Stage.FILED:
            return (*_not_there(case), Block("dispatch"))
        case Stage.DISPATCHED:
            return (*_not_there(case), *(_work(case) or (Block("check"),)))
        case Stage.HANDED_BACK:
            return (Block("check"),)
        case _:
            return _work(case)


def _not_there(case: Case) -> tuple[Block, ...]:
    missing = tuple(org for org in case.more.summoned if awaited(case, org))
    return (Block("report-in", missing),) if missing else ()


def _work(case: Case) -> tuple[Block, ...]:
    """What the parties still have to do, or the centre with them."""
    by_status: dict[str, list[str]] = {"returned": [], "rework": [], "open": []}
    for party in working(case):
        if party.status is not PartyStatus.HANDED_BACK:
            by_status[party.status if party.status in by_status else "open"].append(party.org)
    found = [Block(reason, tuple(orgs)) for reason, orgs in by_status.items() if orgs]
    if case.more.adjudication is Adjudication.CALLED:
        found.insert(0, Block("adjudication"))
    return tuple(found)


def sentence(case: Case, at: int) -> str:
    """What blocks the closing, in English; empty when nothing does."""
    told = "; ".join(_told(block, 0, ", ") for block in blocks(case, at))
    return f"{told[0].upper()}{told[1:]}." if told else ""


def sentence_zh(case: Case, at: int) -> str:
    """The same in Chinese."""
    told = "；".join(_told(block, 1, "、") for block in blocks(case, at))
    return f"{told}。" if told else ""


def _told(block: Block, language: int, comma: str) -> str:
    return WORDS[block.reason][language].format(orgs=comma.join(block.orgs))
