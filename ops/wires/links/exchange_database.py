"""Exchange tables in a database of their own, as provision.sql makes them, with an address for each side."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from typing import NamedTuple

import psycopg
from psycopg import sql

ROLES = ("exchange_hub", "exchange_department")


class Exchanged(NamedTuple):
    """Addresses of the database for its three users."""

    admin: str
    hub: str
    department: str


@contextmanager
def exchange(dsn: str, *, encoding: str = "UTF8") -> Iterator[Exchanged]:
    """A database of the server at `dsn` with the shipped tables; dropped afterwards. Its roles get new passwords."""
    name, passwords = f"exchange_{secrets.token_hex(5)}", {role: secrets.token_urlsafe(18) for role in ROLES}
    made = sql.Identifier(name)
    with psycopg.connect(dsn, autocommit=True) as connection:
        collation = sql.SQL("TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'")
        create = sql.SQL("CREATE DATABASE {} ENCODING {} {}")
        connection.execute(create.format(made, sql.Literal(encoding), collation))
    address, _, options = dsn.partition("?")
    admin = f"{address.rpartition('/')[0]}/{name}?{'&'.join(filter(None, ('client_encoding=UTF8', options)))}"
    try:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute((resources.files("connectors.exchange") / "provision.sql").read_bytes())
            for role, password in passwords.items():
                alter = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
                connection.execute(alter)
        yield Exchanged(admin, *(_as(admin, role, passwords) for role in ROLES))
    finally:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(made))


def _as(admin: str, role: str, passwords: Mapping[str, str]) -> str:
    address, _, _ = re.sub(r"//[^@]+@", f"//{role}:{passwords[role]}@", admin).partition("?")
    return f"{address}?client_encoding=UTF8"
