"""The seeded data, decided by the core: the month breaks no rule; the extract is irregular where its source is."""

from collections import Counter
from pathlib import Path

import msgspec

from connectors.csvfile.mapping import Mapping
from ops.demo import make_district_month
from streams.core.authority import Stage
from streams.core.case import NEW
from tests.builders import PHOTO, Given, Said
from tests.csv_samples import MONTH, NYC, drafts, month, nyc


def decided(path: Path, made: Mapping) -> tuple[dict[str, Given], Counter[str], Counter[str]]:
    """Cases by subject, number of facts by kind, number of irregular ones by rule."""
    cases: dict[str, Given] = {}
    facts: Counter[str] = Counter()
    irregular: Counter[str] = Counter()
    for meta, body, personal, _ in drafts(path, made):
        known = msgspec.structs.replace(body, evidence=(PHOTO,)) if personal.files else body
        when = cases.get(meta.subject.id, Given(NEW)).when(Said(meta, known))
        cases[meta.subject.id] = when.after()
        facts.update(type(fact).__name__ for fact in when.decision.facts)
        irregular.update(when.decision.irregular)
    return cases, facts, irregular


def test_the_month_breaks_no_rule_and_every_case_is_closed() -> None:
    cases, facts, irregular = decided(MONTH, month())
    assert irregular == {}
    assert facts["Refused"] == 0
    assert (facts["SelfHandled"], facts["Closed"], facts["ReworkOrdered"]) == (335, 412, make_district_month.REWORKED)
    assert {given.case.stage for given in cases.values()} == {Stage.CLOSED}


def test_of_the_extract_nothing_is_refused_and_ten_closings_are_irregular() -> None:
    cases, facts, irregular = decided(NYC, nyc())
    assert len(cases) == 1000
    assert facts == {"Reported": 1000, "Filed": 1000, "Dispatched": 1000, "Committed": 486, "Closed": 986}
    assert irregular == {"time.before-report": 10}


def test_the_shipped_month_is_what_its_tool_writes(tmp_path: Path) -> None:
    made = tmp_path / "month.csv"
    make_district_month.write(made)
    assert made.read_bytes() == MONTH.read_bytes()
