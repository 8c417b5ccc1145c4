"""Calls to the endpoint of another council: GeoReport over HTTP, and what each failure means for a delivery."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

import httpx

from connectors.contract import BadData, Busy, Conflict, Down, FileContent
from connectors.open311 import documents, times
from connectors.open311.settings import Abroad

KEY_REFUSED_SECONDS = 300.0
MAX_ANSWER_BYTES = 16 << 20
MOST_PAGES = 1_000

Answer = dict[str, Any]
"""One record of an answer: texts by name; None for what is empty."""


class Client:
    """The council's endpoint. Every call raises Undelivered in one of its kinds where it comes to nothing."""

    def __init__(self, abroad: Abroad, api_key: str, http: httpx.Client) -> None:
        self._abroad = abroad
        self._api_key = api_key
        self._http = http

    def services(self) -> list[Answer]:
        """The council's services."""
        return _records(self._get("services", {}))

    def order(self, fields: Mapping[str, str], files: list[FileContent]) -> Answer:
        """Ask for a service; the answer has a service_request_id or a token."""
        return self._first(self._post("requests", fields, files))

    def update(self, fields: Mapping[str, str]) -> Answer:
        """Say more about a request."""
        return self._first(self._post("servicerequestupdates", fields, []))

    def token(self, token: str) -> str | None:
        """The number that a token stands for; None: not yet."""
        try:
            found = self._first(self._get(f"tokens/{token}", {}))
        except BadData:
            return None
        return found.get("service_request_id")

    def requests(self, query: Mapping[str, str]) -> list[Answer]:
        """Requests that the council shows."""
        return _records(self._get("requests", query))

    def updates(self, start: int, end: int) -> Iterator[Answer]:
        """Updates that were recorded from `start` to `end`, UTC seconds, both included."""
        window = {"start_date": utc(start), "end_date": utc(end)}
        size = self._abroad.page_size
        if not size:
            yield from _records(self._get("servicerequestupdates", window))
            return
        for page in range(1, MOST_PAGES):
            found = _records(self._get("servicerequestupdates", {**window, "page": str(page), "page_size": str(size)}))
            yield from found
            if len(found) < size:
                return

    def _get(self, path: str, query: Mapping[str, str]) -> Any:
        where = {"jurisdiction_id": self._abroad.jurisdiction_id} if self._abroad.jurisdiction_id else {}
        return self._call("GET", path, params={**where, **query})

    def _post(self, path: str, fields: Mapping[str, str], files: list[FileContent]) -> Any:
        where = {"jurisdiction_id": self._abroad.jurisdiction_id} if self._abroad.jurisdiction_id else {}
        form = {"api_key": self._api_key, **where, **fields}
        parts = [("media", (f"{at}", each.content, each.media_type)) for at, each in enumerate(files, 1)]
        return self._call("POST", path, data=form, files=parts or None)

    def _call(self, method: str, path: str, **request: Any) -> Any:
        form = self._abroad.format
        try:
            answer = self._http.request(method, f"{self._abroad.url.rstrip('/')}/{path}.{form}", **request)
        except (httpx.TransportError, httpx.InvalidURL) as wrong:
            raise Down(f"{self._abroad.system} does not answer ({type(wrong).__name__})") from None
        _judge(answer, self._abroad.system)
        try:
            return documents.read(answer.content[:MAX_ANSWER_BYTES], form)
        except documents.Unreadable as wrong:
            raise Down(f"{self._abroad.system}: {wrong}") from None

    def _first(self, answer: Any) -> Answer:
        found = _records(answer)
        if not found:
            raise Down(f"{self._abroad.system} answers with nothing where one record belongs")
        return found[0]


def _records(answer: Any) -> list[Answer]:
    return [each for each in answer if isinstance(each, dict)] if isinstance(answer, list) else []


def _judge(answer: httpx.Response, system: str) -> None:
    status = answer.status_code
    match status:
        case 200 | 201:
            return
        case 429 | 503:
            raise Busy(f"{system} is busy ({status})", retry_after(answer))
        case 401 | 403:
            raise Busy(f"{system} refuses our api_key ({status}): put the right one in place", KEY_REFUSED_SECONDS)
        case 409:
            raise Conflict(f"{system} is in another state ({status})")
    if 400 <= status < 500 and status not in (408, 425):
        raise BadData(f"{system} does not take it ({status})")
    raise Down(f"{system} fails ({status})")


def retry_after(answer: httpx.Response) -> float | None:
    """Seconds to wait, where the other side says so in seconds."""
    given = answer.headers.get("retry-after", "")
    return float(given) if given.isascii() and given.isdecimal() else None


def utc(second: int) -> str:
    """A UTC second as GeoReport writes it."""
    return times.write(second * times.SECOND, UTC).replace("+00:00", "Z")
