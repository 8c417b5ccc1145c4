"""A notice as a mail, and what the replies of a mail server mean. Pure.

RFC 5321: 4yz is not now, 5yz is never. The Message-ID is made of the delivery's key, so a mail that comes again is the
same one to every reader and server that looks. RFC 3834: nobody answers automatically to what says auto-generated.
"""

from __future__ import annotations

import re
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from connectors.contract import BadData, Busy, Down, Undelivered
from connectors.notices.duty import EPOCH

BUSY_SECONDS = 60.0
SUBJECT_CHARACTERS = 78
ADDRESS = re.compile(r"[!-~]+@[!-~]+")


def letter(text: str, sender: str, to: str, key: str, now: int) -> EmailMessage:
    """A notice as it was written at a time (UTC µs). Raises Down where `to` is no address, which is no fault of it."""
    if not ADDRESS.fullmatch(to):
        raise Down("what stands where a person's mail address should be is none")
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"] = sender, to
    made["Subject"] = " ".join(text.split())[:SUBJECT_CHARACTERS]
    made["Date"] = format_datetime(EPOCH + timedelta(microseconds=now))
    made["Message-ID"] = f"<{key}@{domain(sender)}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text, cte="base64")
    return made


def domain(sender: str) -> str:
    """Of an address."""
    return sender.rpartition("@")[2]


def failure(code: int) -> Undelivered:
    """What a server's refusal means; its words, which may repeat addresses, are not kept."""
    if code == 421:
        return Down("the mail server answered 421: it is closing down")
    if 400 <= code < 500:
        return Busy(f"the mail server answered {code}: not now", BUSY_SECONDS)
    if 500 <= code < 600:
        return BadData(f"the mail server answered {code}: it will never take this mail")
    return Down(f"the mail server answered {code}, which nobody understands")
