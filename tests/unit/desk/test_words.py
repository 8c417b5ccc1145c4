"""What somebody says at the desk, and the claim that it becomes."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from connectors.contract import Draft, Personal
from connectors.desk.translate import BY_NAME, SUBJECTS, TIMES, persons, translate
from connectors.desk.words import BadWord, Word, moment, read, subject
from schemas import codec, ids
from schemas.events import Actor, Category, OpenAccount, Place, Report, Source, Subject
from schemas.generate.model import AVRO

ZONE = ZoneInfo("Asia/Shanghai")
REPORT: dict[str, Any] = {
    "claim": "Report",
    "about": "chat:311",
    "by": "community:grid_worker",
    "at": "2026-03-02T08:10",
    "fields": {
        "category": {"scheme": "gb", "version": "2021", "code": "0105"},
        "place": {"division": "411702001001"},
        "inlet": "chat",
    },
}
LI = "00000000-0000-4000-8000-000000000009"


def draft(**changes: Any) -> Draft:
    return translate(read({**REPORT, **changes}), ZONE, {"li": LI})


def said(claim: str, fields: dict[str, Any], **changes: Any) -> Any:
    return draft(claim=claim, fields=fields, **changes).body


def test_words_become_a_claim_with_subject_source_time_and_actor() -> None:
    made = draft()
    assert made.meta.subject == Subject("case", ids.case_id("chat", "311"))
    assert made.meta.source == Source("chat", "311")
    assert made.meta.actor == Actor("community", "grid_worker")
    assert made.meta.occurred_at == moment("2026-03-02T00:10Z", ZONE)
    assert made.body == Report(Category("gb", "2021", "0105"), Place(division="411702001001"), "chat")
    assert codec.decode(codec.encode(made.meta, made.body)) == (made.meta, made.body)


def test_text_files_and_reporter_stay_beside_the_claim() -> None:
    made = draft(text="it leans", files=["lamp.svg"], reporter="139")
    assert made.personal == Personal("it leans", ("lamp.svg",), "139")
    assert b"leans" not in codec.encode(made.meta, made.body)


def test_the_same_words_are_the_same_claim_and_other_words_another() -> None:
    assert draft().meta.claim_id == draft().meta.claim_id
    assert draft().meta.claim_id != draft(text="other").meta.claim_id
    assert draft().meta.claim_id != draft(occurrence="2").meta.claim_id


def test_subjects_of_every_kind_have_names() -> None:
    assert subject("chat:7") == subject("case:chat:7") == Subject("case", ids.case_id("chat", "7"))
    assert subject("group:centre:poles") == Subject("group", ids.subject_id("group", "centre", "poles"))
    assert subject(ids.case_id("chat", "7")) == subject("chat:7")


def test_other_subjects_persons_and_times_are_named_in_fields() -> None:
    assert said("Merge", {"into": "chat:9", "reason": "same"}).into == ids.case_id("chat", "9")
    holder = draft(claim="OpenAccount", about="account:bank:1", fields={"holder": "person:li", "bank": "xitu"})
    assert holder.body == OpenAccount(LI, "xitu")
    assert said("Suspend", {"reason": "frost", "until": "2026-04-01T00:00"}).until == moment("2026-04-01T00:00", ZONE)


def test_a_speaker_may_be_a_person_whom_the_vault_knows() -> None:
    word = read({**REPORT, "by": "community:grid_worker:li"})
    assert persons(word) == ["li"]
    assert translate(word, ZONE, {"li": LI}).meta.actor.person == LI


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown claim": ({"claim": "Abolish"}, "no claim"),
    "an unknown field": ({"fields": {"colour": "red"}}, 'no field "colour"'),
    "a field of another type": ({"fields": {**REPORT["fields"], "inlet": 7}}, "inlet"),
    "a missing field": ({"fields": {}}, "category"),
    "an unknown key": ({"colour": "red"}, "colour"),
    "a time that is none": ({"at": "yesterday"}, "is no time"),
    "a subject without a system": ({"about": "311"}, "names no subject"),
    "a speaker without a role": ({"by": "community"}, "who speaks"),
    "a text where none is taken": (
        {"claim": "JoinGroup", "fields": {"group": "group:c:1"}, "text": "x"},
        "takes no text",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_words_are_refused_in_a_sentence(wrong: str) -> None:
    changes, sentence = WRONG[wrong]
    with pytest.raises(BadWord, match=sentence):
        draft(**changes)


def test_the_tables_of_fields_are_those_of_the_schemas() -> None:
    times: set[str] = set()
    uuids: set[str] = set()
    for path in AVRO.rglob("*.avsc"):
        document = json.loads(path.read_text("utf-8"))
        if document["namespace"].startswith("threecross.claim.") and document["name"] in BY_NAME:
            for name, logical in _logical(document["fields"][1:]):
                (times if logical == "timestamp-micros" else uuids).add(name)
    assert times == TIMES
    vault = {"ref", "reporter", "holder", "worker", "workers", "of_fact", "contribution"}
    assert uuids - vault == SUBJECTS


def _logical(node: Any, name: str = "") -> Any:
    if isinstance(node, list):
        for inner in node:
            yield from _logical(inner, name)
    elif isinstance(node, dict):
        if "logicalType" in node:
            yield name, node["logicalType"]
        for key in ("type", "items", "fields"):
            if key in node:
                yield from _logical(node[key], node.get("name", name) if key == "type" else name)


def test_a_word_can_be_read_from_json() -> None:
    assert read(json.loads(msgspec.json.encode(read(REPORT)))) == read(REPORT)
    assert isinstance(read(REPORT), Word)
