"""Pictures that a form names by address: fetched from places that are trusted, kept like those that come with the form.

Promise: nothing is asked of any other place, no redirection is followed, and no more is read than a picture may hold. A
picture that cannot be had holds up no request: its address stands in the text that goes to the vault.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

import httpx

from connectors.contract import Attached
from connectors.open311.forms import is_picture
from connectors.open311.settings import Media

FETCH_SECONDS = 5.0


class Pictures:
    """Where pictures may be fetched from: addresses that begin like one of `media.fetch_from`."""

    def __init__(self, media: Media, http: httpx.Client) -> None:
        self._media = media
        self._http = http

    def of(self, addresses: Sequence[str], already: int) -> tuple[Attached, ...]:
        """Those of these addresses that can be had, as long as no more come together than a form may bring."""
        wanted = [each.strip() for each in addresses if self._trusted(each.strip())]
        found = (picture for address in wanted if (picture := self._fetched(address)) is not None)
        return tuple(_first(found, self._media.max_files - already))

    def _trusted(self, address: str) -> bool:
        return any(_lies_in(address, place) for place in self._media.fetch_from)

    def _fetched(self, address: str) -> Attached | None:
        try:
            with self._http.stream("GET", address, timeout=FETCH_SECONDS, follow_redirects=False) as answer:
                kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
                content = bytearray()
                for chunk in answer.iter_bytes():
                    content += chunk
                    if len(content) > self._media.max_bytes:
                        return None
        except (httpx.HTTPError, httpx.InvalidURL):
            return None
        taken = answer.status_code == 200 and is_picture(bytes(content), kind, self._media)
        return Attached(bytes(content), kind) if taken else None


def _lies_in(address: str, place: str) -> bool:
    """Whether an address is on the very host of a place, below its path."""
    try:
        there, here = urlsplit(address), urlsplit(place)
    except ValueError:
        return False
    same = (there.scheme, there.netloc) == (here.scheme, here.netloc)
    return same and there.path.startswith(here.path) and ".." not in there.path


def _first(pictures: Iterator[Attached], most: int) -> Iterator[Attached]:
    for _, picture in zip(range(most), pictures, strict=False):
        yield picture
