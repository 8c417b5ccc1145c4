"""Who reported a case, as far as a connector of this hub has brought the report in: an opaque reference of the vault.

A department's feed names no persons. Where a department may be given the caller's contact, it is found here at the
moment of delivery, among the claims that were sent.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from connectors.tables import claim_store
from schemas import codec
from schemas.events import Report


def caller(c: Connection, subject: str) -> str | None:
    """Reference of the person who reported a subject; None where nobody is known."""
    table = claim_store.c
    sent = c.scalars(select(table.value).where(table.subject == subject).order_by(table.number))
    told = (codec.decode(value)[1] for value in sent)
    return next((body.reporter for body in told if isinstance(body, Report) and body.reporter), None)
