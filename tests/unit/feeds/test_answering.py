"""Texts in answers: opened for the department once each, null where erased, references where its role may not look."""

from __future__ import annotations

import json
from typing import Any

from connectors.contract import BadData, FileContent
from connectors.feeds.answering import Answering
from connectors.feeds.reading import Read
from schemas.events import FileRef, TextRef
from tests.builders import PHOTO, TEXT, reported
from tests.feeds import fact_in, fed, placed, since, subscription
from tests.linking import story


class Looking:
    """A vault of one text, counting looks."""

    def __init__(self, said: str | None, *, allowed: bool = True) -> None:
        self.said, self.allowed, self.looks = said, allowed, 0

    def text(self, _ref: TextRef) -> str | None:
        self.looks += 1
        if not self.allowed:
            raise BadData("not for this role")
        return self.said

    def file(self, _ref: FileRef) -> FileContent | None:
        raise AssertionError("files stay references")

    def contact(self, _person: str) -> dict[str, str] | None:
        raise AssertionError("no feed names a person")

    def caller(self, _subject: str) -> dict[str, str] | None:
        raise AssertionError("no feed names a person")

    def number(self, _alias: str) -> str | None:
        raise AssertionError("numbers stay aliases")


def answered(reading: Looking | None) -> list[dict[str, Any]]:
    found = fed(placed(story("1", reported(text=TEXT, evidence=(PHOTO,)))), since(subscription()))
    reads = [Read(0, n, item, *(fact_in(item) if item.fact else (None, None))) for n, item in enumerate(found)]
    told: list[dict[str, Any]] = json.loads(Answering("threecross", reading).batch(reads))
    return [event["data"] for event in told]


def test_a_text_is_opened_wherever_it_stands_by_one_look() -> None:
    vault = Looking("the pole leans")
    introduced, fact = answered(vault)
    assert introduced["card"]["text"] == fact["card"]["text"] == fact["fact"]["body"]["text"] == "the pole leans"
    assert introduced["card"]["evidence"][0]["ref"] == PHOTO.ref
    assert vault.looks == 1


def test_an_erased_text_is_null() -> None:
    assert answered(Looking(None))[0]["card"]["text"] is None


def test_what_the_role_may_not_see_stays_a_reference() -> None:
    assert answered(Looking("secret", allowed=False))[0]["card"]["text"]["ref"] == TEXT.ref


def test_without_opening_there_are_references() -> None:
    assert answered(None)[1]["fact"]["body"]["text"]["ref"] == TEXT.ref
