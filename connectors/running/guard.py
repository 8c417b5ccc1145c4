"""Who may administer connectors: who knows the token. Without one, who is on this machine, and then nobody else reaches
the port at all.

A token is a random text of the operator's own (`python -c "import secrets; print(secrets.token_urlsafe(32))"`); only
its hash is kept by the process, and compared in constant time.
"""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Annotated

from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from connectors.contract import Refused, Secret
from connectors.keys import hashed, is_known

SHORTEST = 20
"""A token shorter than this can be guessed."""
SETTING = "THREECROSS_CONNECTORS_TOKEN"


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def token_of(told: str | None, host: str) -> Secret | None:
    """Where the token is, as the setting tells it; None: nobody is asked for one. Raises Refused where the port would
    be open to others without a token."""
    if told is None:
        if is_loopback(host):
            return None
        raise Refused(
            f"{host} is not this machine alone, and the administration of connectors would be open there: set "
            f"{SETTING} to env:NAME or file:PATH, where a token is, or take 127.0.0.1"
        )
    if not told.startswith(("env:", "file:")):
        raise Refused(f'{SETTING} is not where a token is: write "env:NAME" or "file:PATH", never the token itself')
    return Secret(told)


def kept(token: str) -> str:
    """What is kept of a token. Raises Refused for one that could be guessed."""
    if len(token) < SHORTEST:
        raise Refused(f"the token that {SETTING} names has fewer than {SHORTEST} characters: make a random one")
    return hashed(token)


def guard(token_hash: str | None) -> Callable[..., None]:
    """What each route of the administration depends on."""
    bearer = HTTPBearer(auto_error=False, description=f"the token that {SETTING} names")

    def check(given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> None:
        if token_hash is None or (given is not None and is_known(given.credentials, [token_hash])):
            return
        raise HTTPException(401, "give the token of the administration", {"WWW-Authenticate": "Bearer"})

    return check
