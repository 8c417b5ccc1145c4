"""Pictures named by address: fetched from trusted places alone, within limits, never a reason to refuse a request."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI, Response
from fastapi.responses import RedirectResponse

from connectors.contract import Attached
from connectors.open311.pictures import Pictures
from connectors.open311.settings import Media
from tests.integration.open311.conftest import served

JPEG = b"\xff\xd8\xff\xe0 a picture"


@pytest.fixture(scope="module")
def place() -> Iterator[str]:
    """A place with pictures, some of which are none."""
    app = FastAPI()
    asked: list[str] = []

    @app.get("/open/{name}")
    def picture(name: str) -> Response:
        asked.append(name)
        if name == "elsewhere":
            return RedirectResponse("/closed/a.jpg")
        content = {"large": JPEG + bytes(3_000), "page": b"<html>"}.get(name, JPEG)
        return Response(content, media_type="text/html" if name == "typed" else "image/jpeg")

    @app.get("/closed/{name}")
    def secret(name: str) -> Response:
        asked.append("secret")
        return Response(JPEG, media_type="image/jpeg")

    with served(app) as url:
        yield url
    assert "secret" not in asked


@pytest.fixture
def pictures(place: str) -> Iterator[Pictures]:
    with httpx.Client() as http:
        yield Pictures(Media(max_bytes=2_000, max_files=2, fetch_from=(f"{place}/open/",)), http)


def test_a_picture_in_a_trusted_place_is_fetched(pictures: Pictures, place: str) -> None:
    assert pictures.of([f"{place}/open/a"], 0) == (Attached(JPEG, "image/jpeg"),)


@pytest.mark.parametrize("name", ["large", "page", "typed", "elsewhere"])
def test_what_is_no_picture_or_is_too_much_is_left_there(pictures: Pictures, place: str, name: str) -> None:
    assert pictures.of([f"{place}/open/{name}", f"{place}/open/a"], 0) == (Attached(JPEG, "image/jpeg"),)


def test_nothing_is_asked_of_other_places(pictures: Pictures, place: str) -> None:
    port = place.rpartition(":")[2]
    other = [
        f"{place}/closed/a.jpg",
        f"{place}/open/../closed/a.jpg",
        f"http://localhost:{port}/open/a",
        "file:///x",
        "//[",
    ]
    other += [f"{place}@evil.example/open/a", "http://127.0.0.1:1/open/a"]
    assert pictures.of(other, 0) == ()


def test_no_more_come_than_a_form_may_bring(pictures: Pictures, place: str) -> None:
    addresses = [f"{place}/open/{name}" for name in "abc"]
    assert [len(pictures.of(addresses, already)) for already in (0, 1, 2, 3)] == [2, 1, 0, 0]
