"""A department with a messenger, another one, and mail."""

from __future__ import annotations

from datetime import datetime

from connectors.contract import Secret
from connectors.notices.settings import Mail, Notice, Notices, Person, Robot
from tests.link_samples import SHANGHAI

CALLED = Notice("called", ("Summoned", "Urged"), "{number} {what} {place} {due}", answer_minutes=(10, 20))
LATE = Notice("late", ("RanOut",), "{due}")
CONFIG = Notices(
    head="p9",
    persons={
        "p1": Person(robot="crew"),
        "p2": Person(robot="office", mail=Secret("file:p2")),
        "p9": Person(mail=Secret("file:p9")),
    },
    notices=(CALLED, LATE),
    robots={"crew": Robot("wecom", Secret("env:A")), "office": Robot("dingtalk", Secret("env:B"), Secret("env:S"))},
    mail=Mail("127.0.0.1", "duty@power.example", security="none"),
)


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()) * 1_000_000
