"""Answers in the shape of a Confluent Schema Registry."""

import json

import pytest

from schemas import codec, events, registry

FACTS = "threecross.facts-threecross.fact.report.Reported"


def test_an_id_leads_to_the_schema_that_the_codec_writes() -> None:
    schema = json.loads(registry.schema_by_id(codec.schema_id(events.Reported)))
    assert f"{schema['namespace']}.{schema['name']}" == events.full_name(events.Reported)


def test_subjects_are_topic_and_record_name() -> None:
    found = registry.subjects(
        {"x.claims": "threecross.claim.*", "x.hub": "threecross.hub.Epoch", "x.dead": "sealed bytes"}
    )
    assert len(found) == len(events.CLAIMS) + 1
    assert found[0] == "x.claims-threecross.claim.clock.NoteTime"
    assert found[-1] == "x.hub-threecross.hub.Epoch"


def test_a_subject_has_versions_with_id_and_schema() -> None:
    newest = registry.version(FACTS)
    assert registry.versions(FACTS)[-1] == newest["version"]
    assert registry.version(FACTS, newest["version"]) == newest
    assert (newest["subject"], newest["id"]) == (FACTS, codec.schema_id(events.Reported))
    assert registry.schema_by_id(newest["id"]) == newest["schema"]


def test_every_released_version_is_found_by_its_id() -> None:
    assert all(registry.schema_by_id(entry.id) == entry.schema for entry in registry.released())


@pytest.mark.parametrize(
    "subject", ["threecross.facts", "x-threecross.fact.report.Nothing", "threecross.fact.report.Reported"]
)
def test_an_unknown_subject_is_told(subject: str) -> None:
    with pytest.raises(registry.Unknown, match="unknown"):
        registry.versions(subject)


def test_an_unknown_version_or_id_is_told() -> None:
    with pytest.raises(registry.Unknown, match="no version 99"):
        registry.version(FACTS, 99)
    with pytest.raises(registry.Unknown, match="lock file"):
        registry.schema_by_id(0)
