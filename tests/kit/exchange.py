"""Exchange tables, run through the kit: the counterpart is a database that both sides write."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import psycopg
from msgspec.structs import replace
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Engine

from connectors import department
from connectors.contract import Delivery, Item, Made
from ops.demo.counterparts.urban_management.tables import checked
from ops.wires.links.exchange_database import Exchanged, exchange
from schemas import ids
from schemas.events import Subject, Urged
from tests.builders import SYSTEM, T0
from tests.integration.engine import now
from tests.integration.exchange_database import INTO, rows
from tests.kit.harness import PLANTED, Answered
from tests.kit.reading import ROOT, modules
from tests.link_samples import CARD, around, item, party

EXAMPLE = ROOT / "connectors/departments/examples/yicheng-urban-management.toml"


class ExchangeHarness:
    """Both tables, and a department that writes into its own."""

    def __init__(self, folder: Path, engine: Engine, tables: Exchanged, server: str) -> None:
        self._tables, self._server = tables, server
        self._messages = itertools.count(1)
        text = EXAMPLE.read_text("utf-8").replace('org = "xuesong-squad"', 'org = "power"')
        self._loaded = department.parse("power", text.encode())
        self.options: Any = self._loaded.options
        self.sources: Mapping[str, str] = modules("exchange")
        self.troubles: Mapping[str, Callable[[], None]] = {
            "down": self._down,
            "up": lambda: self._allow(True),
            "never": lambda: None,
        }
        given = around(folder, clock=now, look_up=lambda _system, number: self.look_up(number), secret=tables.hub)
        self._around = given._replace(engine=engine)
        self.made = self.remake()

    def remake(self) -> Made:
        return self._loaded.kind.make(self.options, self._around)

    def close(self) -> None:
        self.made.close()
        self._allow(True)

    def _down(self) -> None:
        self._allow(False)
        self._at_server("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", self._name)

    def _allow(self, yes: bool) -> None:
        self._at_server(f'ALTER DATABASE "{self._name}" ALLOW_CONNECTIONS {str(yes).lower()}')

    @property
    def _name(self) -> str:
        return str(conninfo_to_dict(self._tables.admin)["dbname"])

    def _at_server(self, statement: str, *values: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as c:
            c.execute(statement.encode(), values)

    def items(self, number: str) -> list[Item]:
        card = replace(CARD, parties=(party("power", "lead"),))
        subject = Subject("case", ids.case_id(SYSTEM, number))
        met = Item("feed", 0, 1, "introduced", subject, 1, card, T0)
        return [met, *(item(Urged("power"), seq, card=card, number=number) for seq in (2, 3))]

    def effects(self, number: str) -> list[str]:
        case = ids.case_id(SYSTEM, number)
        query = 'SELECT "单号" FROM "交换"."派遣单" WHERE "案件标识" = %s ORDER BY "序号"'
        return [key for (key,) in rows(self._tables, query, case)]

    def never(self, delivery: Delivery) -> Delivery:
        """A number of minutes that is none."""
        return replace(delivery, key=ids.uuid5(b"never"), body={**delivery.body, "minutes": "soon"})

    def say(self, number: str) -> None:
        self._write(number, "处置反馈")

    def say_nonsense(self) -> None:
        self._write("nonsense", "胡言")

    def _write(self, number: str, word: str) -> None:
        message = f"M{next(self._messages)}"
        row = {"消息编号": message, "案件编号": number, "状态词": word, "情况说明": PLANTED}
        whole = checked({**row, "发生时间": "2026-03-02 08:10:00", "写入标志": "1"})
        names, places = ", ".join(f'"{name}"' for name in whole), ", ".join("%s" for _ in whole)
        rows(self._tables, f"INSERT INTO {INTO} ({names}) VALUES ({places})", *whole.values())

    def look_up(self, number: str) -> str | None:
        return ids.case_id(SYSTEM, number)

    def tell(self, _take: Any, _number: str, *, trusted: bool = True) -> Answered:
        raise NotImplementedError("nobody speaks to a table")


@contextmanager
def start(folder: Path, engine: Engine) -> Iterator[ExchangeHarness]:
    """A database of its own on the server of the hub's tables."""
    server = _address(engine)
    with exchange(server) as tables:
        harness = ExchangeHarness(folder, engine, tables, server)
        try:
            yield harness
        finally:
            harness.close()


def _address(engine: Engine) -> str:
    """Of the server that an engine is connected to."""
    with engine.connect() as c:
        told = cast(psycopg.Connection[Any], c.connection.dbapi_connection).info
        passfile = told.get_parameters()["passfile"]
        return f"postgresql://{told.user}@{told.host}:{told.port}/{told.dbname}?passfile={passfile}"
