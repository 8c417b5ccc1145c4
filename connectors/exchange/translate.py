"""Rows of the exchange tables: an order's columns, a row's answer. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from connectors.contract import BadMessage
from connectors.exchange.judging import checksum, local, moment
from connectors.exchange.layout import InTable, OutTable
from connectors.tasks.answers import Answer
from connectors.tasks.orders import TIMES


def order_columns(out: OutTable, key: str, body: Mapping[str, Any], now: int, zone: tzinfo) -> dict[str, Any]:
    """The columns of an order: what of it the table has, in their names, their zone, with their checksum."""
    told = {**body, "key": key, "written_at": now}
    found: dict[str, Any] = dict(out.constants)
    for name, column in out.columns.items():
        value = told.get(name)
        found[column] = local(value, zone) if name in TIMES and value is not None else value
    if out.checksum:
        found[out.checksum.column] = checksum(out.checksum, found)
    if out.ready:
        found[out.ready.column] = out.ready.value
    return found


def answer(into: InTable, serial: int, digest: str, columns: Mapping[str, Any], zone: tzinfo) -> Answer:
    """What a whole row says. Raises BadMessage. The digest of its content tells it from others: the same content
    again is the same answer."""

    def said(name: str) -> str:
        value = columns[into.columns[name]] if name in into.columns else None
        return "" if value is None else str(value).strip()

    def at(name: str) -> int | None:
        if not said(name):
            return None
        try:
            return moment(columns[into.columns[name]], zone, into.time_format)
        except ValueError:
            raise BadMessage(f"row {serial}", f'its column "{into.columns[name]}" is no time') from None

    happened = at("at")
    if happened is None:
        raise BadMessage(f"row {serial}", f'its column "{into.columns["at"]}" is empty')
    return Answer(
        f"row {serial}", said("word"), said("number"), happened, digest, said("text"), said("reason"), at("until")
    )
