"""`[chat]` of a department's file: who signs, which photos are taken, what members' words mean, what a group is told.

Words are data, since each city speaks otherwise. Where a template names {lead} or {due} and there is none, `nobody`
stands there.
"""

from __future__ import annotations

from collections.abc import Iterable
from string import Formatter
from typing import Annotated

from msgspec import Meta, Struct

from connectors.contract import Secret
from schemas import events
from schemas.events import Category

Code = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
Count = Annotated[int, Meta(ge=1)]
Positive = Annotated[float, Meta(gt=0)]

FACTS = frozenset(full.rpartition(".")[2] for full in events.FACTS)
OF_A_CASE = frozenset({"number", "case", "stage", "lead", "due"})
OF_A_FACT = OF_A_CASE | {"text", "reason"}
OF_A_REPLY = frozenset({"group", "most", *OF_A_CASE})


def _check(template: str, known: Iterable[str]) -> None:
    """Raises ValueError where a template names what nobody fills in."""
    try:
        named = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
    except ValueError as wrong:
        raise ValueError(f'"{template}" is no template: {wrong}') from None
    if unknown := sorted(named - set(known)):
        raise ValueError(f'"{template}" names {{{unknown[0]}}}: there are {", ".join(sorted(known))}')


class Keyword(Struct, frozen=True, forbid_unknown_fields=True):
    """A word in a message, and the code of the category that it means."""

    word: Annotated[str, Meta(min_length=1)]
    code: str


class Telling(Struct, frozen=True, forbid_unknown_fields=True):
    """What the group is told when one of these facts comes; `reason`: only where the fact has this one. The first row
    that fits counts. {text} is what was said to the reporter, opened at delivery."""

    facts: Annotated[tuple[str, ...], Meta(min_length=1)]
    says: str
    reason: str | None = None

    def __post_init__(self) -> None:
        if unknown := sorted(set(self.facts) - FACTS):
            raise ValueError(f"there is no fact {unknown[0]}")
        _check(self.says, OF_A_FACT)


class Photos(Struct, frozen=True, forbid_unknown_fields=True):
    """Which photos are taken; a report has at least `needed` of them."""

    types: Annotated[tuple[str, ...], Meta(min_length=1)] = ("image/jpeg", "image/png", "image/webp")
    largest_bytes: Count = 8 << 20
    most: Count = 9
    needed: Annotated[int, Meta(ge=0)] = 1


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """Words with which a member begins what is no report; the number follows."""

    status: tuple[str, ...] = ("状态", "进度", "查询", "status")
    supplement: tuple[str, ...] = ("补充", "more")


class Replies(Struct, frozen=True, forbid_unknown_fields=True):
    """What a member is answered at once."""

    unknown_group: str = "本群（{group}）还没有登记到网格，不能上报；请联系社区网格员登记。"
    no_place: str = "没有收到：请附上位置或写明地点，再发一次。"
    no_photo: str = "没有收到：请附上现场照片，再发一次。"
    wrong_photo: str = "没有收到：照片须为 JPEG、PNG 或 WebP，且不能太大。"
    too_many: str = "没有收到：一次最多 {most} 张照片。"
    unknown_number: str = "没有找到编号 {number}，请核对后再发。"
    status: str = "{number}：{stage}。案卷号 {case}，主办 {lead}，期限 {due}。"
    received: str = "{number}：已收到，正在登记。"
    supplemented: str = "{number}：补充已收到。"
    nobody: str = "未定"

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            _check(getattr(self, name), OF_A_REPLY)


class Robot(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the assistant takes what is said into groups, and the secret with which the hub signs it."""

    url: Annotated[str, Meta(pattern="^https?://")]
    secret: Secret
    timeout_seconds: Positive = 10.0


class Chat(Struct, frozen=True, forbid_unknown_fields=True):
    """`system` is the chat system's code, as in the reference's list of groups, and numbers are made under it: never
    change it. The assistant signs with `app_key` and `secret`; while that changes, `previous_secret` is believed, too.

    `category` is what a message is about unless a keyword says otherwise. `stages`, `organisations` and `reasons` give
    the codes of the hub words for members; a code without one is shown as it is. What was written more than
    `oldest_days` ago is not taken. A group has `per_minute` messages in the long run, `burst` at once.
    """

    system: Code
    app_key: Code
    secret: Secret
    robot: Robot
    category: Category
    tellings: tuple[Telling, ...]
    previous_secret: Secret | None = None
    keywords: tuple[Keyword, ...] = ()
    stages: dict[str, str] = {}
    organisations: dict[str, str] = {}
    reasons: dict[str, str] = {}
    channel: str = "chat"
    photos: Photos = Photos()
    words: Words = Words()
    replies: Replies = Replies()
    window_seconds: Count = 300
    oldest_days: Count = 30
    largest_bytes: Count = 64 << 10
    per_minute: Count = 60
    burst: Count = 60
