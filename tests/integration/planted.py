"""Personal words that a test plants at every inlet: rows of a file, claims, bytes that are no claims.

All names, phones and texts share parts (`NEEDLES`), so that a few searches find every one of them.
"""

from __future__ import annotations

from typing import NamedTuple

from schemas.events import HandBack, Place
from tests.builders import Said, claim, report

NAME = "欧阳霁月"
STORY = "半夜总有人敲我家的门"
_AREA = "139551907"
NEEDLES = (NAME, STORY, _AREA)


def phone(n: int) -> str:
    """The phone planted at the nth place (0 to 99)."""
    return f"{_AREA}{n:02}"


def words(n: int) -> str:
    """Name, phone and free text planted at the nth place."""
    return f"{NAME} {phone(n)} {STORY}"


ADDRESS = "春晓街与解放路口东南角"
"""A public address: the bad twin, since facts, tables and logs must be seen to be searched at all."""
DESK, SYSTEM = "desk-of-chunxiao", "hotline-of-chunxiao"

MAPPING = f"""
system = "{SYSTEM}"

[file]
encoding = "gb18030"
columns = ["电话工单号", "受理时间", "类别", "区县", "地址", "诉求内容", "联系人", "联系电话", "附件"]
ignored = ["备注"]

[time]
format = "%Y-%m-%d %H:%M"
zone = "Asia/Shanghai"

[case]
number_column = "电话工单号"
personal = true

[actor]
org = "{DESK}"
role = "operator"

[tables.division]
"驿城区" = "411702"

[[claims]]
event = "Report"
at_column = "受理时间"
identity = ["受理时间"]
[claims.fields]
inlet = "hotline"
category = {{ scheme = "hotline", version = "1", code = {{ column = "类别" }} }}
place = {{ division = {{ column = "区县", table = "division" }}, address = {{ column = "地址" }} }}
text = {{ columns = ["诉求内容", "联系人"] }}
reporter = {{ column = "联系电话" }}
evidence = {{ column = "附件" }}

# Refused: nobody has dispatched to this party.
[[claims]]
event = "HandBack"
at_column = "受理时间"
identity = ["受理时间"]
role = "handler"
org = "power"
[claims.fields]
party = "power"
text = {{ columns = ["诉求内容"] }}
"""
HEADER = "电话工单号,受理时间,类别,区县,地址,诉求内容,联系人,联系电话,附件,备注"


def row(n: int, call: int = 1, at: str = "2026-11-02 09:15", division: str = "驿城区", file: str = "") -> str:
    who = f"{words(n)},{NAME},{phone(n)},{file},{words(n)}"
    return f"{phone(n)}-{call},{at},路灯,{division},{ADDRESS},{who}"


ROWS = [row(1, file=f"{NAME}.txt"), row(2), row(2, call=2)]
BAD_ROWS = [
    row(2, at="2026-11-02 10:00"),  # a number that stands in the file with other content
    row(3, at=phone(3)),
    row(4, division=words(4)),
    row(5, file=f"{words(5)}.jpg"),
    words(6),
]


class Rubbish(NamedTuple):
    """A record of `claims` as anybody may send it."""

    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


def refused_claims() -> list[Said]:
    """Claims that can be read and carry what they must not; the rules refuse them, or their times are impossible."""
    return [
        claim(report(inlet=words(20)), number="1"),  # the id of the first claim, other content
        claim(report(place=Place(address=words(21))), number="1", occurrence="2"),
        claim(HandBack("power", upstream_status=words(22)), number="2"),
        claim(report(inlet=words(23)), number="3", at=-(10**17)),
    ]


def unreadable_claims() -> list[Rubbish]:
    """Bytes from which casework can make nothing."""
    first = claim(report(), number="1")
    good = claim(report(inlet=words(30)), number="1", occurrence="3").value
    return [
        Rubbish(first.key, good[:-4]),
        Rubbish(first.key, good.replace(STORY.encode(), b"\xff" * len(STORY.encode()))),
        Rubbish(first.key, b"\0\0\0\xff\xff" + words(31).encode(), (("who", words(31).encode()),)),
        Rubbish(first.key, b"\xff\xfe" + words(32).encode()),
        Rubbish(None, words(33).encode("gb18030")),
        Rubbish(f"{NAME} {phone(34)} at the door".encode(), good),  # as long as a subject's id
    ]
