"""One tree, two formats."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.open311 import documents
from connectors.open311.documents import Document, Many, Unreadable

TWO = Document("service_requests", Many("request", [{"id": "1", "note": None}, {"id": "2", "note": "a<b&c"}]))


def test_a_list_is_repeated_elements_and_an_array() -> None:
    assert b"<service_requests><request><id>1</id><note/></request><request>" in documents.write(TWO, "xml")
    assert json.loads(documents.write(TWO, "json")) == [{"id": "1", "note": None}, {"id": "2", "note": "a<b&c"}]


@pytest.mark.parametrize("form", ["xml", "json"])
def test_what_is_written_can_be_read_back(form: str) -> None:
    assert documents.read(documents.write(TWO, form), form) == [{"id": "1", "note": None}, {"id": "2", "note": "a<b&c"}]


@given(st.text())
def test_any_text_can_be_written_in_both_formats(text: str) -> None:
    for form in ("xml", "json"):
        documents.read(documents.write(Document("service_requests", Many("request", [{"note": text}])), form), form)


def test_true_and_false_are_words_in_xml_and_values_in_json() -> None:
    one = Document("services", Many("service", [{"metadata": True}]))
    assert b"<metadata>true</metadata>" in documents.write(one, "xml")
    assert json.loads(documents.write(one, "json")) == [{"metadata": True}]


def test_a_list_of_one_is_a_list() -> None:
    body = b"<?xml version='1.0'?><service_requests_updates><request_update><update_id>1</update_id></request_update>"
    assert documents.read(body + b"</service_requests_updates>", "xml") == [{"update_id": "1"}]
    assert documents.read(b'{"service_requests": [{"service_request_id": 7}]}', "json") == [{"service_request_id": "7"}]


def test_an_empty_answer_is_an_empty_list() -> None:
    assert documents.read(b"<service_requests/>", "xml") == []
    assert documents.read(b"[]", "json") == []


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"\xff\xfe", b"<a>" * 50 + b"</a>" * 50, b"[" * 5_000])
def test_what_is_no_answer_is_refused(body: bytes, form: str) -> None:
    with pytest.raises(Unreadable):
        documents.read(body, form)


def test_entities_of_others_are_not_followed() -> None:
    body = (
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><service_requests><request><note>&x;</note></request>'
    )
    with pytest.raises(Unreadable):
        documents.read(body + b"</service_requests>", "xml")
