"""What the robots of three messengers are sent, how it is signed, and what their answers mean. Pure.

Of WeCom: developer.work.weixin.qq.com, "群机器人配置说明" (path 91770) and "全局错误码" (path 90455). Of DingTalk:
open.dingtalk.com, "自定义机器人接入" and "自定义机器人安全设置". Of Feishu: open.feishu.cn, "自定义机器人使用指南".

DingTalk signs with the secret over `milliseconds\\nsecret`, in the query; Feishu with `seconds\\nsecret` as the key
over nothing, in the body; both take clocks that are wrong by less than an hour. WeCom's address is all that it asks
for. All of them mostly answer 200, with a code in the body.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from hashlib import sha256
from typing import Any, NamedTuple

from connectors.contract import BadData, Busy, Down, Undelivered
from connectors.notices.settings import Shape

BUSY: dict[Shape, dict[int, float]] = {
    "wecom": {45009: 60, 45033: 5},
    "dingtalk": {130101: 600, 410100: 60},
    "feishu": {11232: 60, 99991400: 60},
}
"""Too many messages: seconds for which the robot takes none. DingTalk's robots rest for ten minutes."""

DISTRUST: dict[Shape, frozenset[int]] = {
    "wecom": frozenset({93000}),
    "dingtalk": frozenset({300001, 300005, 310000, 400013, 400101, 400102, 400106}),
    "feishu": frozenset({19001, 19021, 19022, 19024}),
}
"""The address, the signature, the clock, a key word or the sender's IP is wrong: no message is, so they wait until
somebody sets it right."""

FAILING = frozenset({-1})
LONGEST_BYTES = 2_000
"""WeCom takes 2,048 bytes of text, the others more."""


class Posted(NamedTuple):
    """What is posted: what the query gets beside what the address has, and the body."""

    query: dict[str, str]
    body: dict[str, Any]


class Answer(NamedTuple):
    """What a robot answered: the status, the JSON of the body (None: it was none), seconds of Retry-After or such."""

    status: int
    said: Any
    retry_after: float | None = None


def posted(shape: Shape, text: str, secret: str | None, now: int, mention: str | None = None) -> Posted:
    """A text as the robot wants it at a time (UTC µs); whoever is mentioned is called up."""
    text = text.encode()[:LONGEST_BYTES].decode(errors="ignore")
    match shape:
        case "feishu":
            text = text.replace("<", "‹")  # an address must not call up anybody
            said = text if mention is None else f'<at user_id="{mention}"></at> {text}'
            body: dict[str, Any] = {"msg_type": "text", "content": {"text": said}}
            signed = {} if secret is None else feishu_signature(secret, now // 1_000_000)
            return Posted({}, signed | body)
        case "dingtalk":
            signed = {} if secret is None else dingtalk_signature(secret, now // 1_000)
            said, at = (text, {}) if mention is None else (f"@{mention} {text}", {"at": {"atMobiles": [mention]}})
            return Posted(signed, {"msgtype": "text", "text": {"content": said}, **at})
        case "wecom":
            called = {} if mention is None else {"mentioned_mobile_list": [mention]}
            return Posted({}, {"msgtype": "text", "text": {"content": text, **called}})


def dingtalk_signature(secret: str, milliseconds: int) -> dict[str, str]:
    """What the query says."""
    return {"timestamp": str(milliseconds), "sign": _mac(secret, f"{milliseconds}\n{secret}")}


def feishu_signature(secret: str, seconds: int) -> dict[str, str]:
    """What the body says."""
    return {"timestamp": str(seconds), "sign": _mac(f"{seconds}\n{secret}", "")}


def failure(shape: Shape, answer: Answer) -> Undelivered | None:
    """Which failure an answer is; None: it was taken. Their words are not repeated."""
    code = _code(shape, answer.said)
    if answer.status == 429:
        return Busy(f"{shape} answered 429: too many messages", answer.retry_after or 60)
    if answer.status >= 500 or not isinstance(code, int):
        return Down(f"{shape} answered {answer.status} without a code, so nobody knows whether it was taken")
    if code == 0 and answer.status < 300:
        return None
    if code in BUSY[shape]:
        return Busy(f"{shape} answered {code}: too many messages", answer.retry_after or BUSY[shape][code])
    if code in DISTRUST[shape]:
        return Down(f"{shape} answered {code}: look at the robot's address, its secret and this machine's clock")
    if code in FAILING or answer.status in (401, 403, 404):
        return Down(f"{shape} answered {answer.status} and {code}, so it is tried again")
    return BadData(f"{shape} answered {code}: this notice will never be taken as it is")


def _code(shape: Shape, said: Any) -> Any:
    """Feishu's older answers say `StatusCode`, which newer ones repeat."""
    if not isinstance(said, dict):
        return None
    return said.get("code", said.get("StatusCode")) if shape == "feishu" else said.get("errcode")


def _mac(key: str, content: str) -> str:
    return b64encode(hmac.new(key.encode(), content.encode(), sha256).digest()).decode("ascii")
