"""What may never change: ids of claims that were sent, and what a shipped mapping leaves out."""

import re
import tomllib

import msgspec

from connectors.csvfile import mapping
from connectors.csvfile.translate import action_of
from schemas import ids
from schemas.events import CLAIMS
from tests.csv_samples import MONTH, NYC, ROOT, drafts, month, nyc


def test_ids_of_the_extract_are_what_they_always_were() -> None:
    first = drafts(NYC, nyc())[:5]
    assert first[0].meta.subject.id == ids.case_id("nyc311", "39573567") == "f3fede60-ddcb-57af-aa9d-8a5aa7940f59"
    assert [draft.meta.claim_id for draft in first] == [
        "16e81790-a2e2-5c8f-8439-94003fc33d07",
        "eedc0a95-1060-5271-a299-fe7c6eee8b7b",
        "7b93b36b-65c6-5966-8d94-ea82004ef2af",
        "7d6bef16-d889-59de-bec8-24f3e944be63",
        "c08b9f44-f822-53ba-b37b-3b1388cea792",
    ]


def test_ids_of_the_month_are_what_they_always_were() -> None:
    assert drafts(MONTH, month())[0].meta.claim_id == "ea789e14-9ae3-5bbd-b872-aa4e4e40fe50"


def test_the_shipped_extract_holds_factual_columns_only() -> None:
    header = NYC.read_text(encoding="utf-8").splitlines()[0].split(",")
    assert header == [
        *("Unique Key", "Created Date", "Closed Date", "Due Date", "Agency"),
        *("Complaint Type", "Status", "Borough", "Latitude", "Longitude"),
    ]


def test_no_shipped_mapping_reads_free_text_of_new_york() -> None:
    assert {"Descriptor", "Resolution Description", "Incident Address"} <= set(nyc().file.ignored)


def test_every_claim_can_be_named_in_a_mapping_and_has_an_action_of_its_own() -> None:
    events = [name.rpartition(".")[2] for name in CLAIMS]
    assert len({action_of(event) for event in events}) == len(events)


def test_every_mapping_says_what_it_is() -> None:
    assert all(mapping.load(name).name == name for name in mapping.names())


def test_every_key_of_every_mapping_is_documented() -> None:
    folder = ROOT / "connectors" / "departments"
    told = (folder / "README.md").read_text(encoding="utf-8")
    texts = [path.read_text(encoding="utf-8") for path in folder.glob("*.toml")]
    keys = {key for text in texts for key in keys_of({k: v for k, v in tomllib.loads(text).items() if k != "tables"})}
    fields_of_a_claim = {field.name for made in CLAIMS.values() for field in msgspec.structs.fields(made)}
    assert {key for key in keys - fields_of_a_claim if not re.search(rf"\b{key}\b", told)} - {"claims"} == set()


def keys_of(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for inner in value.values() for key in keys_of(inner)}
    if isinstance(value, list):
        return {key for inner in value for key in keys_of(inner)}
    return set()
