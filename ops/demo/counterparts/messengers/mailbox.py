"""A mail server: STARTTLS and a log-in where it has a certificate, letters into mailboxes, refusals by RFC 5321."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from ops.demo.counterparts.messengers.book import Book
from ops.demo.counterparts.messengers.trouble import Trouble

NEVER = "nonsense"
"""A letter with this word is refused, whoever sends it."""


class Clerk:
    """What becomes of letters."""

    def __init__(self, book: Book, trouble: Trouble) -> None:
        self._book, self._trouble = book, trouble

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Envelope, to: str, _options: Any) -> str:  # noqa: N802  aiosmtpd calls it so
        code = self._trouble.code("mail")
        if code:
            return f"{self._book.refuse('mail', code)} not this one"
        if to.startswith("nobody@"):
            return f"{self._book.refuse('mail', 550)} no such mailbox"
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd calls it so
        letter = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        text = str(letter.get_content())
        if NEVER in text:
            return f"{self._book.refuse('mail', 554)} such things are not taken"
        self._book.lay(
            {
                "message_id": str(letter["Message-ID"]),
                "sender": str(envelope.mail_from),
                "recipient": envelope.rcpt_tos[0],
                "subject": str(letter["Subject"]),
                "text": text,
                "encrypted": session.ssl is not None,
                "user": _user(session),
                "at": time.time(),
            }
        )
        if self._trouble.happens("mail lost"):
            server.transport.abort()
        return "250 OK"


def _user(session: Session) -> str:
    data: Any = session.auth_data
    return data.login.decode() if isinstance(data, LoginPassword) else ""


class Mailbox:
    """Listens on a port, goes away and comes back on the same. `login`: user and password that let in."""

    def __init__(self, clerk: Clerk, port: int, tls: ssl.SSLContext | None, login: tuple[str, str]) -> None:
        self._clerk, self._tls, self._login = clerk, tls, login
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._server: asyncio.Server | None = None
        self.port = port

    def up(self) -> None:
        """Take letters; nothing changes where it does."""
        if self._server is None:
            self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def down(self) -> None:
        """Nobody is there."""
        if self._server is not None:
            self._loop.call_soon_threadsafe(self._server.close)
            self._server = None

    async def _listen(self) -> asyncio.Server:
        listening = socket.create_server(("127.0.0.1", self.port))
        self.port = listening.getsockname()[1]
        return await self._loop.create_server(self._speaking, sock=listening)

    def _speaking(self) -> SMTP:
        secured = self._tls is not None
        return SMTP(
            self._clerk,
            hostname="mailbox.example",
            tls_context=self._tls,
            require_starttls=secured,
            auth_required=secured,
            authenticator=self._let_in,
            loop=self._loop,
        )

    def _let_in(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == self._login
        return AuthResult(success=right, handled=False, auth_data=data)
