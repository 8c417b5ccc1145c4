"""The rows of an intake: files that callers have put, and what its feed tells."""

from __future__ import annotations

from sqlalchemy import Engine, and_, func, select
from sqlalchemy.dialects.postgresql import insert

from connectors.contract import Vault
from connectors.intake.tables import cases, files
from connectors.intake.translate import Shown
from connectors.store import in_kafka, inlet_of
from schemas.events import FileRef

RECEIVED = "received"
"""Stage of a report that Kafka has and the feed has not told yet."""


class Kept:
    """The rows of one intake. Threads may share it; each call is a transaction."""

    def __init__(self, engine: Engine, intake: str, department: str) -> None:
        self._engine = engine
        self._intake = intake
        self._store = inlet_of(department)

    def put_file(self, caller: str, digest: str, content: bytes, media_type: str, vault: Vault) -> bool:
        """Keep a file in the vault under its digest; False: it was there. Raises ValueError where the vault does not
        take it."""
        mine = {"intake": self._intake, "caller": caller, "sha256": digest}
        name = " ".join(mine.values())
        with self._engine.begin() as c:  # of two who put the same, one waits: else the vault would keep it twice
            c.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
            if c.scalar(select(files.c.ref).filter_by(**mine)) is not None:
                return False
            ref = vault.within(c).put_files([(content, media_type, None)])[0]
            row = {"ref": ref.ref, "digest": ref.digest, "media_type": ref.media_type, "size": ref.size}
            c.execute(insert(files).values(**mine, **row))
        return True

    def files(self, caller: str, digests: tuple[str, ...]) -> dict[str, FileRef]:
        """Those of these files that the caller has put."""
        where = and_(files.c.intake == self._intake, files.c.caller == caller, files.c.sha256.in_(digests))
        with self._engine.begin() as c:
            found = c.execute(select(files).where(where))
            return {row.sha256: FileRef(row.ref, row.digest, row.media_type, row.size) for row in found}

    def show(self, row: Shown) -> None:
        """Take in what the feed tells; an older row changes nothing."""
        values = {"seq": row.seq, "hidden": row.hidden, "number": row.number, "stage": row.stage}
        values |= {"lead": row.lead, "due_at": row.due_at}
        put = insert(cases).values(intake=self._intake, case_id=row.case, **values)
        with self._engine.begin() as c:
            c.execute(
                put.on_conflict_do_update(
                    index_elements=[cases.c.intake, cases.c.case_id], set_=values, where=cases.c.seq <= row.seq
                )
            )

    def seen(self, case: str) -> int:
        """Number of the fact up to which the feed has told of a case; 0: nothing."""
        with self._engine.begin() as c:
            return c.scalar(select(cases.c.seq).filter_by(intake=self._intake, case_id=case)) or 0

    def status(self, number: str, case: str | None) -> Shown | None:
        """What may be told under a number; `case` is the number where it can be the id of a case."""
        of_case = cases.c.case_id == case if case else cases.c.number == number
        with self._engine.begin() as c:
            row = c.execute(select(cases).where(cases.c.intake == self._intake, of_case)).first()
            if row is None and case and in_kafka(c, self._store, case):
                return Shown(case, 0, hidden=False, stage=RECEIVED)
        if row is None or row.hidden:
            return None
        return Shown(row.case_id, row.seq, False, row.number, row.stage, row.lead, row.due_at)
