"""Handing a mail to a mail server, with STARTTLS and log-in. Blocking."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from smtplib import (
    SMTP,
    SMTP_SSL,
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from connectors.contract import BadData, Down, Secret
from connectors.notices.letters import domain, failure
from connectors.notices.settings import Mail

ReadSecret = Callable[[Secret], str]


def hand_over(mail: Mail, secret: ReadSecret, seconds: float, letter: EmailMessage) -> None:
    """Returns when the server has taken it. Raises Undelivered."""
    with session(mail, secret, seconds) as smtp:
        try:
            smtp.send_message(letter)
        except SMTPRecipientsRefused as wrong:
            raise failure(next(iter(wrong.recipients.values()))[0]) from None
        except SMTPResponseException as wrong:
            raise failure(wrong.smtp_code) from None
        except (SMTPServerDisconnected, OSError) as wrong:
            raise Down(f"the mail server went away ({type(wrong).__name__}): nobody knows whether it took it") from None
        except SMTPException as wrong:
            raise BadData(f"the mail server takes no such mail ({type(wrong).__name__})") from None


@contextmanager
def session(mail: Mail, secret: ReadSecret, seconds: float) -> Iterator[SMTP]:
    """A server that has let us in, and is told good-bye. Raises Down."""
    try:
        smtp = _connected(mail, secret, seconds)
    except SMTPException as wrong:
        raise Down(f"the mail server answered {_code(wrong)}, so nothing was sent") from None
    except OSError as wrong:
        raise Down(f"the mail server cannot be reached ({type(wrong).__name__}), so nothing was sent") from None
    try:
        _let_in(smtp, mail, secret)
        yield smtp
    finally:
        with suppress(SMTPException, OSError):
            smtp.quit()


def _connected(mail: Mail, secret: ReadSecret, seconds: float) -> SMTP:
    ours = domain(mail.sender)
    if mail.security == "tls":
        return SMTP_SSL(mail.host, mail.port, ours, timeout=seconds, context=_trust(mail, secret))
    return SMTP(mail.host, mail.port, ours, timeout=seconds)


def _let_in(smtp: SMTP, mail: Mail, secret: ReadSecret) -> None:
    try:
        if mail.security == "starttls":
            smtp.starttls(context=_trust(mail, secret))
        if mail.user is not None and mail.password is not None:
            smtp.login(mail.user, secret(mail.password))
    except SMTPAuthenticationError as wrong:
        raise Down(f"the mail server answered {wrong.smtp_code}: look at user and password") from None
    except (SMTPException, OSError) as wrong:
        raise Down(f"the mail server lets nobody in ({_code(wrong)}): look at security and authority") from None


def _trust(mail: Mail, secret: ReadSecret) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=None if mail.authority is None else secret(mail.authority))


def _code(wrong: Exception) -> str:
    return str(wrong.smtp_code) if isinstance(wrong, SMTPResponseException) else type(wrong).__name__
