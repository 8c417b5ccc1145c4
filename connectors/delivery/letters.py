"""Dead letters of deliveries that failed for good: reason, place and Kafka Connect's error headers, the body sealed."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from connectors.delivery.obligation import Obligation
from connectors.delivery.store import Due
from connectors.tables import connector_dead_letters
from schemas import ids
from schemas.wire import headers, sealing

CONNECTOR = "__connect.errors.connector.name"


def error_headers(destination: str, one: Due, failed: Obligation) -> dict[str, str]:
    """The headers that Kafka Connect gives a record that a sink could not take; the offset is the item's number."""
    return {
        headers.ERROR_TOPIC: f"feed.{destination}",
        headers.ERROR_PARTITION: str(one.partition),
        headers.ERROR_OFFSET: str(one.n),
        CONNECTOR: destination,
        headers.ERROR_STAGE: "TASK_PUT",
        headers.ERROR_REASON: failed.why,
        headers.ERROR_DETAIL: failed.detail,
    }


def bury(c: Connection, destination: str, one: Due, failed: Obligation, public_key: bytes) -> None:
    """Write the dead letter of a delivery. The same failure again adds none."""
    place: dict[str, Any] = {"delivery": one.id, "subject": one.subject.id, "step": one.step, "key": one.key}
    row = {
        "id": ids.uuid5(ids.canonical(["undelivered", destination, one.key, failed.attempts])),
        "connector": destination,
        "reason": f"undelivered-{failed.why}",
        "detail": failed.detail,
        "position": place | {"headers": error_headers(destination, one, failed)},
        "sealed": sealing.seal(public_key, msgspec.json.encode(one.body), sealing.DEAD_LETTER),
    }
    c.execute(insert(connector_dead_letters).values(row).on_conflict_do_nothing(index_elements=["id"]))
