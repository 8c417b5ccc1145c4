"""Urban management behind HTTP push: orders are pushed to its platform, its platform calls back, both sign."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from ops.wires.links.exchange import Squad
from ops.wires.links.link import COUNTERPARTS, Ground, Sent
from ops.wires.programs import program
from ops.wires.script import Member

NOT_BELIEVED = 401
"""Codes that begin so answer call-backs that were forged, late or replayed: as they should be."""


class PushedSquad(Squad):
    """A squad with a platform; it keeps how its call-backs were answered."""

    def compared(self, book: Mapping[str, Any], sent: Sent) -> Iterator[str]:
        yield from super().compared(book, sent)
        bad = sorted({code for code in book["codes"] if code and code // 100 != NOT_BELIEVED})
        yield from (f"the hub answered {code} to what it called back" for code in bad)


@contextmanager
def pushed_squad(member: Member, ground: Ground) -> Iterator[PushedSquad]:
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
        yield PushedSquad(member.name, control, needed, member.file, address)
