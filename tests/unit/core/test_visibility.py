"""Who may see a subject, and what of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from schemas import events
from schemas.events import Actor, FactMeta, ReferenceAnswered, ReferenceAsked, Reported
from streams.core.visibility import BLANK, UNSEEN, Asker, Scope, fact_as_seen, visible
from tests.builders import PERSON, fact
from tests.every_fact import every_fact, planted, planted_id

OPEN = Scope(reporting_org="street", parties=frozenset({"power"}), named=frozenset({"court"}), centre="centre")
RESTRICTED = replace(OPEN, restricted=True)

ASKERS: dict[str, tuple[Asker | None, bool]] = {
    "the hub's auditor": (None, True),
    "who reported it": (Asker("street"), True),
    "a party": (Asker("power"), True),
    "who is named": (Asker("court"), True),
    "the centre's dispatcher": (Asker("centre", "dispatcher"), True),
    "the centre's inspector": (Asker("centre", "inspector"), True),
    "the centre's auditor": (Asker("centre", "auditor"), True),
    "the centre in another role": (Asker("centre", "handler"), False),
    "another centre's dispatcher": (Asker("far-centre", "dispatcher"), False),
    "a dispatcher of a department": (Asker("water", "dispatcher"), False),
    "a department that is no party": (Asker("water"), False),
    "nobody": (Asker(""), False),
}


@pytest.mark.parametrize("name", ASKERS)
def test_a_restricted_case_is_visible_to(name: str) -> None:
    asker, expected = ASKERS[name]
    assert visible(RESTRICTED, asker) is expected
    assert visible(OPEN, asker), "an open case is visible to all"


@pytest.mark.parametrize("kind", ["account", "worker", "household"])
def test_what_is_about_persons_is_visible_to_its_own_organisations_and_the_centre(kind: str) -> None:
    own = Scope(kind, owners=frozenset({"street"}), centre="centre")
    assert visible(own, Asker("street"))
    assert visible(own, Asker("centre", "dispatcher"))
    assert not visible(own, Asker("power"))


def test_a_group_is_visible_to_all() -> None:
    assert visible(Scope("group"), Asker("power"))


TWINS: dict[str, Callable[[Scope, Asker | None], bool]] = {
    "restricting nothing": lambda _scope, _asker: True,
    "any dispatcher": lambda scope, asker: visible(scope, asker) or (asker is not None and asker.role == "dispatcher"),
    "any role of the centre": lambda scope, asker: (
        visible(scope, asker) or (asker is not None and asker.org == "centre")
    ),
    "parties only": lambda scope, asker: asker is None or asker.org in scope.parties,
}


@pytest.mark.parametrize("name", TWINS)
def test_a_rule_that_shows_too_much_or_too_little_fails(name: str) -> None:
    wrong = [who for who, (asker, expected) in ASKERS.items() if TWINS[name](RESTRICTED, asker) is not expected]
    assert wrong


# ------------------------------------------------------------ every field of every fact


def seen(body: Any, asker: Asker, scope: Scope = RESTRICTED, unseen: frozenset[str] = frozenset(), **how: Any) -> bytes:
    """Every field of what the asker gets to see, as text; empty where that is nothing."""
    shown = fact_as_seen(*fact(body, 1, **how), scope, asker, unseen)
    return b"" if shown is None else msgspec.json.encode(shown)


@pytest.mark.parametrize("body", every_fact("SECRET"), ids=lambda body: type(body).__name__)
def test_of_a_restricted_case_no_field_of_any_fact_reaches_who_may_not_see_it(body: Any) -> None:
    by = Actor("SECRET", "SECRET", PERSON)
    for name, (asker, expected) in ASKERS.items():
        if asker is not None:
            shown = seen(body, asker, by=by)
            assert (b"SECRET" in shown) is expected, name
            assert bool(shown) is expected, name


OF_OTHERS = frozenset({"other", "into", "case", "about"})
"""Fields that name another subject which may be restricted."""


@pytest.mark.parametrize("body", every_fact(), ids=lambda body: type(body).__name__)
def test_the_id_of_a_subject_that_may_not_be_seen_is_blanked_wherever_it_stands(body: Any) -> None:
    names = [name for name in body.__struct_fields__ if name in OF_OTHERS]
    hidden = frozenset(planted_id("mark", f"{type(body).__name__}.{name}") for name in names)
    shown = seen(body, Asker("power"), OPEN, hidden).decode()
    assert not [one for one in hidden if one in shown]
    assert shown.count(UNSEEN) == len(names)
    assert all(one in seen(body, Asker("power"), OPEN).decode() for one in hidden), "who may see it, does"


def test_every_text_of_the_contract_that_names_another_case_is_known_to_that_test() -> None:
    uuids = {
        f.name
        for cls in events.FACTS.values()
        for f in msgspec.structs.fields(cls)
        if isinstance(getattr(planted(cls, "m"), f.name), str) and len(getattr(planted(cls, "m"), f.name)) == 36
    }
    assert uuids == OF_OTHERS | {"group", "of_fact", "contribution", "household"}


# ------------------------------------------------------------ answers by reference, persons

ASKED = replace(OPEN, asked=frozenset({("centre", "police")}))
ANSWERS = {"police": True, "centre": True, "power": False, "street": False}


@pytest.mark.parametrize("org", ANSWERS)
def test_an_answer_by_reference_is_for_who_asked_and_who_answered_alone(org: str) -> None:
    question = planted(ReferenceAsked, "SECRET", given={"party": "police"})
    answer = planted(ReferenceAnswered, "SECRET", given={"party": "police"})
    shown = seen(question, Asker(org), ASKED, by=Actor("centre", "dispatcher"))
    shown += seen(answer, Asker(org), ASKED, by=Actor("police", "handler"))
    assert (b"SECRET" in shown) is ANSWERS[org]
    assert (BLANK.encode() in shown) is not ANSWERS[org]


def test_references_to_persons_are_for_their_own_organisation_and_the_centre() -> None:
    body = planted(Reported, "mark", given={"reporter": "who-reported", "household": "whose-home"})
    by = Actor("street", "grid_worker", PERSON)
    for asker, sees in ((Asker("street"), True), (Asker("centre", "dispatcher"), True), (Asker("power"), False)):
        shown = seen(body, asker, by=by).decode()
        for reference in (PERSON, "who-reported", "whose-home"):
            assert (reference in shown) is sees, (asker, reference)


def test_the_auditor_of_the_hub_sees_facts_as_they_are() -> None:
    meta, body = fact(planted(ReferenceAnswered, "SECRET"), 1)
    assert fact_as_seen(meta, body, RESTRICTED, None) == (meta, body)
    assert isinstance(meta, FactMeta)
