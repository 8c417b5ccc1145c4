"""The rules that no compatibility checker knows, each with the twin that breaks it."""

import pytest

from schemas.generate import style
from schemas.generate.model import BadSchema, Schema, load, parse
from tests.contract.evolution import Change, add_field, drop_key, evolved, named, placed, set_key

CLOSED = "threecross.fact.verification.Closed"
CLOSE = "threecross.claim.verification.Close"
TARIFF = "threecross.reference.Tariff"


def test_the_released_schemas_break_no_rule() -> None:
    assert style.check(load()) == []


TWINS: dict[str, tuple[str, Change, str]] = {
    "a version in the full name": (CLOSED, set_key("Closed", "name", "ClosedV2"), "letters, no version"),
    "a version in a namespace": (
        CLOSED,
        set_key("Closed", "namespace", "threecross.fact.verification.v2"),
        "no version",
    ),
    "a version in a nested name": (CLOSED, set_key("ClosingKind", "name", "ClosingKind2"), "no version"),
    "an unknown family": (CLOSED, set_key("Closed", "namespace", "threecross.fact.closing"), "closing is no family"),
    "the wrong folder": (CLOSED, set_key("Closed", "namespace", "threecross.fact.report"), "move it"),
    "meta not first": (CLOSED, lambda d: d["fields"].append(d["fields"].pop(0)), "first field must be meta"),
    "a claim's meta in a fact": (
        CLOSED,
        set_key("Meta", "namespace", "threecross.claim"),
        "of type threecross.fact.Meta",
    ),
    "a meta of its own": (CLOSED, lambda d: named(d, "Meta")["fields"].pop(), "its meta differs"),
    "an undocumented field": (CLOSED, drop_key("reason", "doc"), "the field reason"),
    "an undocumented field of meta": (CLOSED, set_key("seq", "doc", " "), "the field seq"),
    "an undocumented enum": (CLOSED, drop_key("ClosingKind", "doc"), "ClosingKind has no doc"),
    "a default that goes": (CLOSED, drop_key("reason", "default"), "a default never changes"),
    "reference data in the wrong folder": (TARIFF, set_key("Tariff", "namespace", "threecross.hub"), "move it"),
    "reference data with a version in its name": (TARIFF, set_key("Tariff", "name", "Tariff2"), "no version"),
    "reference data that takes the class of a claim": (TARIFF, set_key("Tariff", "name", "Report"), "one Python class"),
    "a fact in the imperative": (CLOSED, set_key("Closed", "name", "Close"), "named in the past"),
    "a claim in the past": (CLOSE, set_key("Close", "name", "Closed"), "named in the imperative"),
    "a field of one letter": (CLOSED, add_field("n", "long", default=0), "more than one letter"),
    "two records of one class name": (CLOSED, set_key("ClosingKind", "name", "Report"), "one Python class"),
}


@pytest.mark.parametrize("twin", TWINS)
def test_a_bad_twin_is_refused(twin: str) -> None:
    full_name, change, sentence = TWINS[twin]
    complaints = style.check(evolved(full_name, change))
    assert any(sentence in complaint for complaint in complaints), complaints


def test_versions_are_numbered_without_gaps() -> None:
    schemas = [Schema(s.path, 3 if s.version == 2 else s.version, s.json, s.record) for s in grown()]
    assert any("without gaps" in complaint for complaint in style.check(schemas))


def test_a_file_lies_in_the_folder_of_its_family() -> None:
    path = next(s.path for s in load() if s.full_name == CLOSED)
    schemas = placed(load(), path, path.parents[1] / "report" / path.name)
    assert style.check(schemas) == [
        f"Closed.v1.avsc: it lies in the folder report, but its full name is {CLOSED}; move it."
    ]


def test_a_good_second_version_breaks_no_rule() -> None:
    assert style.check(grown()) == []


@pytest.mark.parametrize("name", ["Filed", "HandedBack", "AliasAdded", "Withdrawn", "CaseLost", "LimitExceeded"])
def test_a_past_name_is_recognised(name: str) -> None:
    assert style.past(name)


@pytest.mark.parametrize("name", ["File", "HandBack", "Need", "Proceed", "AddAlias", "ReportIn"])
def test_an_imperative_name_is_recognised(name: str) -> None:
    assert not style.past(name)


@pytest.mark.parametrize(
    "kind", ["float", {"type": "map", "values": "string"}, ["string", "null"], ["null", "int", "long"]]
)
def test_a_type_that_the_codec_does_not_know_is_refused(kind: object) -> None:
    field = {"name": "x", "type": kind, "doc": "."}
    with pytest.raises(BadSchema):
        parse({"type": "record", "name": "A", "namespace": "threecross.fact.report", "doc": ".", "fields": [field]})


def grown() -> list[Schema]:
    return evolved(CLOSED, add_field("note", ["null", "string"], default=None))
