"""A notice as a mail, and what a mail server's replies mean."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest

from connectors.contract import BadData, Busy, Down
from connectors.notices.letters import failure, letter
from tests.builders import T0


def test_a_mail_says_who_why_and_when_and_is_the_same_one_again() -> None:
    made = letter("[7] 路灯\n春晓街", "duty@power.example", "p1@power.example", "key-1", T0)
    read = message_from_bytes(bytes(made), policy=policy.default)
    assert (read["Message-ID"], read["To"]) == ("<key-1@power.example>", "p1@power.example")
    assert read["Subject"] == "[7] 路灯 春晓街"
    assert read["Date"] == "Sun, 23 Nov 2025 00:00:00 +0000"
    assert read["Auto-Submitted"] == "auto-generated"
    assert str(read.get_content()).split() == ["[7]", "路灯", "春晓街"]
    assert bytes(made) == bytes(letter("[7] 路灯\n春晓街", "duty@power.example", "p1@power.example", "key-1", T0))


def test_an_address_adds_no_header() -> None:
    made = letter("x\r\nBcc: all@power.example", "duty@power.example", "p1@power.example", "k", T0)
    assert message_from_bytes(bytes(made), policy=policy.default)["Bcc"] is None


@pytest.mark.parametrize(
    ("code", "kind"), [(421, Down), (451, Busy), (452, Busy), (550, BadData), (554, BadData), (250, Down)]
)
def test_not_now_is_busy_and_never_is_bad_data(code: int, kind: type[Exception]) -> None:
    assert type(failure(code)) is kind
