"""Messengers and mailboxes in a process of their own, and a department whose persons they reach."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.integration.counterpart import counterpart

TOKEN, OTHER, SECRET = "token-of-a-group", "token-of-another", "SECagreed"


class Messengers:
    """Where they are, what shall go wrong, what was said and laid in mailboxes."""

    def __init__(self, ports: dict[str, int], authority: Path | None) -> None:
        self.port, self.mail, self.authority = ports["port"], ports["mail"], authority
        self._control = httpx.Client(base_url=f"http://127.0.0.1:{ports['control']}", timeout=10)

    def address(self, shape: str, token: str = TOKEN) -> str:
        """Of a robot, as its messenger shows it."""
        paths = {"wecom": f"cgi-bin/webhook/send?key={token}", "dingtalk": f"robot/send?access_token={token}"}
        return f"http://127.0.0.1:{self.port}/{paths.get(shape, f'open-apis/bot/v2/hook/{token}')}"

    def fault(self, **times: int) -> None:
        """What happens so many times from now on: `wecom_45009`, `mail_lost` …"""
        self._tell("/faults", {what.replace("_", " "): many for what, many in times.items()})

    def fast(self, seconds: float) -> None:
        """Their clock is fast by so much."""
        self._tell("/clock", {"fast": seconds})

    def down(self, part: str) -> None:
        self._tell(f"/{part}/down")

    def up(self, part: str) -> None:
        self._tell(f"/{part}/up")

    def book(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = self._control.get("/book").raise_for_status().json()
        return found

    def said(self, messenger: str, text: str = "") -> list[str]:
        """Texts in the groups of a messenger that hold `text`."""
        rows = self.book()["messages"]
        return [row["text"] for row in rows if row["messenger"] == messenger and text in row["text"]]

    def letters(self, to: str) -> list[dict[str, Any]]:
        return [row for row in self.book()["letters"] if row["recipient"] == to]

    def _tell(self, path: str, content: Any = None) -> None:
        self._control.post(path, json=content).raise_for_status()


@contextmanager
def messengers(folder: Path, *, secured: bool = True) -> Iterator[Messengers]:
    """With `secured` the mail server asks for STARTTLS and a log-in."""
    made = certificate(folder) if secured else None
    options = ["--hang-seconds", "2", *(("--certificate", str(made.server)) if made else ())]
    with counterpart("messengers", options, COUNTERPART_TOKEN=f"{TOKEN},{OTHER}", COUNTERPART_SECRET=SECRET) as ports:
        yield Messengers(ports, made.authority if made else None)


class Certificate(NamedTuple):
    """`server`: certificate and key; `authority`: whom to trust."""

    server: Path
    authority: Path


def certificate(folder: Path) -> Certificate:
    """Of 127.0.0.1, vouched for by nobody but itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    found = Certificate(folder / "mailbox.pem", folder / "authority.pem")
    found.server.write_bytes(made + secret)
    found.authority.write_bytes(made)
    return found
