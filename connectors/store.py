"""The claims of a connector as they were stored before their first send, its position, its dead letters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Engine, and_, func, select, text
from sqlalchemy.dialects.postgresql import insert

from connectors.contract import BadMessage, BadRow, Claim, Refused
from connectors.tables import claim_store, connector_dead_letters, positions
from schemas import ids
from schemas.wire import sealing

RESEND_CHUNK = 5_000
NOTHING_TOLD: Final[Mapping[str, bytes | None]] = MappingProxyType({})


class Kept(NamedTuple):
    """What is remembered of a connector: the position in its source's own terms, empty at first, and the number of the
    last claim that Kafka has acknowledged. Claims are sent in the order of their numbers by one process at a time."""

    position: dict[str, Any]
    acknowledged: int


@contextmanager
def opened(engine: Engine, connector: str) -> Iterator[Store]:
    """The store of a connector, for one process at a time. Raises Refused when another one has it."""
    with engine.connect() as connection:
        key = {"key": f"connector {connector}"}
        lock = text("SELECT pg_try_advisory_lock(hashtextextended(current_schema() || :key, 0))")
        if not connection.scalar(lock, key):
            raise Refused(f"{connector} is being imported by another process: wait until it has ended")
        connection.commit()
        try:
            yield Store(connection, connector)
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(hashtextextended(current_schema() || :key, 0))"), key)
            connection.commit()


class Store:
    """Reads and writes within transactions of the caller: `with store.transaction(): …`."""

    def __init__(self, connection: Connection, connector: str) -> None:
        self.connection = connection
        self.connector = connector

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self.connection.begin():
            yield

    def known(self, claim_ids: Sequence[str]) -> dict[str, bytes | None]:
        """Which of these ids are stored already, each with the digest of what was told, if there is one."""
        query = text(
            "SELECT claim_id::text, told FROM claim_store WHERE connector = :c AND claim_id = ANY(:ids ::uuid[])"
        )
        found = self.connection.execute(query, {"c": self.connector, "ids": "{" + ",".join(claim_ids) + "}"})
        return {claim_id: told and bytes(told) for claim_id, told in found}

    def add(self, claims: Sequence[Claim], told: Mapping[str, bytes | None] = NOTHING_TOLD) -> int:
        """Store new claims in their order, `told` being digests by claim id; returns the number of the last one."""
        connector = self.connector
        lines = [
            f"{connector}\t{c.claim_id}\t{c.subject}\t{_bytea(c.value)}\t{_bytea(told.get(c.claim_id))}\n"
            for c in claims
        ]
        driver = self.connection.connection.driver_connection
        assert driver is not None  # a connection that is open has one
        with (
            driver.cursor() as cursor,
            cursor.copy("COPY claim_store (connector, claim_id, subject, value, told) FROM STDIN") as copy,
        ):
            copy.write("".join(lines))
        query = select(func.max(claim_store.c.number)).where(claim_store.c.connector == connector)
        return self.connection.scalar(query) or 0

    def waiting(self) -> list[tuple[int, Claim]]:
        """Claims that Kafka has not acknowledged, in the order in which they were stored, at most RESEND_CHUNK."""
        table = claim_store.c
        query = (
            select(table.number, table.claim_id, table.subject, table.value)
            .where(table.connector == self.connector, table.number > self.kept().acknowledged)
            .order_by(table.number)
            .limit(RESEND_CHUNK)
        )
        rows = self.connection.execute(query)
        return [(row.number, Claim(row.claim_id, row.subject, row.value)) for row in rows]

    def kept(self) -> Kept:
        """How far the source was read, and up to which number its claims are acknowledged."""
        query = select(positions.c.position, positions.c.acknowledged).where(positions.c.connector == self.connector)
        row = self.connection.execute(query).one_or_none()
        return Kept(dict(row.position), row.acknowledged) if row is not None else Kept({}, 0)

    def keep(self, kept: Kept) -> None:
        """Remember it."""
        made = insert(positions).values(connector=self.connector, **kept._asdict())
        changed = {name: made.excluded[name] for name in kept._fields} | {"updated_at": func.now()}
        self.connection.execute(made.on_conflict_do_update(index_elements=["connector"], set_=changed))

    def bury(self, source: str, problems: Sequence[BadRow], public_key: Callable[[], bytes]) -> None:
        """Put rows into the dead letters, their bytes sealed; a row that is there already stays as it is."""
        if problems:
            key = public_key()
            made = insert(connector_dead_letters).on_conflict_do_nothing(index_elements=["id"])
            self.connection.execute(made, [self._dead_letter(source, problem, key) for problem in problems])

    def bury_messages(self, problems: Sequence[BadMessage], public_key: Callable[[], bytes]) -> None:
        """Put messages into the dead letters, their bytes sealed; one that is there already stays as it is."""
        if not problems:
            return
        key = public_key()
        rows = [
            {
                "id": ids.uuid5(ids.canonical(["bad-message", self.connector, problem.place])),
                "connector": self.connector,
                "reason": "bad-message",
                "detail": problem.reason,
                "position": {"place": problem.place},
                "sealed": sealing.seal(key, problem.raw, sealing.DEAD_LETTER),
            }
            for problem in problems
        ]
        self.connection.execute(insert(connector_dead_letters).on_conflict_do_nothing(index_elements=["id"]), rows)

    def _dead_letter(self, source: str, problem: BadRow, public_key: bytes) -> dict[str, Any]:
        place = ids.canonical(["bad-row", self.connector, source, problem.line])
        return {
            "id": ids.uuid5(place),
            "connector": self.connector,
            "reason": "bad-row",
            "detail": problem.without_value(),
            "position": {"source": source, "line": problem.line, "column": problem.column},
            "sealed": sealing.seal(public_key, problem.raw, sealing.DEAD_LETTER),
        }


def inlet_of(department: str) -> str:
    """Under which name claims of a department's inlet are stored."""
    return f"{department}.inlet"


def in_kafka(c: Connection, connector: str, subject: str) -> bool:
    """Whether Kafka has acknowledged a claim of this connector about a subject."""
    mine = and_(claim_store.c.connector == connector, positions.c.connector == connector)
    sent = and_(claim_store.c.subject == subject, claim_store.c.number <= positions.c.acknowledged)
    return c.scalar(select(claim_store.c.number).where(mine, sent).limit(1)) is not None


def _bytea(content: bytes | None) -> str:
    """Bytes as COPY reads them."""
    return r"\N" if content is None else r"\\x" + content.hex()
