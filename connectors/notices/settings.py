"""Which facts lead to which notice, who is told how, and who after him. Data, read strictly."""

from __future__ import annotations

from string import Formatter
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from connectors.contract import Secret
from schemas import events

FACTS = frozenset(full.rpartition(".")[2] for full in events.FACTS)
WORDS = frozenset({"number", "place", "what", "due"})
"""What a text may hold: nothing of it is personal."""

Shape = Literal["wecom", "dingtalk", "feishu"]
Time = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Day = Annotated[int, Meta(ge=1, le=7)]
Minutes = Annotated[float, Meta(gt=0)]


class Robot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A group's robot. `address` is its whole URL, a secret since whoever has it may post; `secret` signs, where the
    robot asks for signatures (DingTalk, Feishu)."""

    shape: Shape
    address: Secret
    secret: Secret | None = None


class Mail(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The server that takes mail. Without `user` nobody logs in. `authority`: PEM of whoever vouches for the server,
    where the system's own authorities do not."""

    host: str
    sender: Annotated[str, Meta(pattern="^[!-~]+@[!-~]+$")]
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: Secret | None = None
    authority: Secret | None = None


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a person of the roster is told: in the group of a robot, else by mail. `mention` calls the person up in the
    group: the phone that WeCom and DingTalk know, the open_id of Feishu. All of it is personal: where it is found."""

    robot: str | None = None
    mention: Secret | None = None
    mail: Secret | None = None


class Notice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`facts` lead to `text`, in which {number}, {place}, {what} and {due} are filled in. With `clocks` only facts
    about those clocks; with `ours` only facts that name the department. `answer_minutes`: so long after the fact the
    next one is told where nobody has answered; at the last of them, the head."""

    name: Annotated[str, Meta(pattern="^[a-z][a-z0-9-]*$")]
    facts: Annotated[tuple[str, ...], Meta(min_length=1)]
    text: str
    clocks: tuple[str, ...] = ()
    ours: bool = True
    answer_minutes: tuple[Minutes, ...] = ()


class Turn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A turn of duty in the department's zone: on `days` (1 is Monday) from `begins` until `ends` (not included), which
    is on the next day where it is not later. Turns count where the hub's rosters say nothing of the moment."""

    persons: Annotated[tuple[str, ...], Meta(min_length=1)]
    begins: Time
    ends: Time
    days: tuple[Day, ...] = (1, 2, 3, 4, 5, 6, 7)


class Notices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[notices]`. `persons` by their code in the roster; `head` is told where nobody is on duty, and last of all.
    `answers`: facts naming the department that count as an answer."""

    head: str
    persons: dict[str, Person]
    notices: tuple[Notice, ...]
    robots: dict[str, Robot] = {}
    mail: Mail | None = None
    turns: tuple[Turn, ...] = ()
    answers: tuple[str, ...] = ("Acknowledged", "ReportedIn", "Returned", "Progressed", "HandedBack", "Committed")
    timeout_seconds: Annotated[float, Meta(gt=0)] = 10.0

    def __post_init__(self) -> None:
        """What one table says of another. Raises ValueError, which the loader shows with the file's name."""
        _check_persons(self)
        if unknown := sorted(set(self.answers) - FACTS):
            raise ValueError(f"notices: answers has {unknown[0]}, and there is no such fact")
        if len({notice.name for notice in self.notices}) != len(self.notices):
            raise ValueError("notices: two notices have the same name, and names keep them from being told twice")
        for notice in self.notices:
            _check(notice)


def _check_persons(told: Notices) -> None:
    for code in (told.head, *(code for turn in told.turns for code in turn.persons)):
        if code not in told.persons:
            raise ValueError(f'notices: [notices.persons.{code}] is missing, which says how "{code}" is told')
    for code, person in told.persons.items():
        if person.robot is None and person.mail is None:
            raise ValueError(f'notices: "{code}" has neither robot nor mail')
        if person.robot is not None and person.robot not in told.robots:
            raise ValueError(f'notices: there is no robot "{person.robot}"')
        if person.mail is not None and told.mail is None:
            raise ValueError(f'notices: "{code}" is told by mail, and [notices.mail] is missing')


def _check(notice: Notice) -> None:
    where = f'notices "{notice.name}"'
    if unknown := sorted(set(notice.facts) - FACTS):
        raise ValueError(f"{where}: there is no fact {unknown[0]}")
    if list(notice.answer_minutes) != sorted(set(notice.answer_minutes)):
        raise ValueError(f"{where}: answer_minutes count from the fact, each more than the one before")
    for _, word, form, conversion in Formatter().parse(notice.text):
        if word is not None and (word not in WORDS or form or conversion):
            raise ValueError(f"{where}: a text holds {{number}}, {{place}}, {{what}} and {{due}}, and nothing else")
