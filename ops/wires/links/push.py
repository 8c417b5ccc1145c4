"""Urban management behind HTTP push: orders are pushed to its platform, its platform calls back, both sign."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from ops.wires.links.exchange import Squad
from ops.wires.links.link import COUNTERPARTS, Ground
from ops.wires.programs import program
from ops.wires.script import Member


@contextmanager
def pushed_squad(member: Member, ground: Ground) -> Iterator[Squad]:
    """Urban management with a platform, running; it knows where to call back."""
    secret = secrets.token_urlsafe(24)
    call_backs = f"http://127.0.0.1:{ground.port}/in/{member.name}/callback"
    options = ("--mode", "push", "--squad", member.program or member.name, "--call-backs", call_backs)
    database = ("--database", str(ground.folder / f"{member.name}.sqlite"), "--app-key", member.name)
    told = {"COUNTERPART_SECRET": secret}
    with (
        program(ground.folder, member.name, f"{COUNTERPARTS}.urban_management", (*options, *database), told) as ports,
        httpx.Client(base_url=f"http://127.0.0.1:{ports['control']}", timeout=10) as control,
    ):
        needed = {"TIANYUAN_URBAN_MANAGEMENT_SECRET": secret}
        address = {"http://127.0.0.1:8460": f"http://127.0.0.1:{ports['port']}"}
        yield Squad(member.name, control, needed, member.file, address)
