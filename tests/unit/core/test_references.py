"""Whom a question may be put to that is answered by reference."""

from __future__ import annotations

import pytest

from schemas.events import Actor, AskReference, Assignment, Dispatched, ReferenceAsked, Restricted
from tests.builders import FILED, given

BY = Actor("power", "handler")
QUESTION = AskReference("police", "identity")
NAMED = (*FILED, Restricted("mediation", ("police",)))
PARTY = (*FILED, Dispatched((Assignment("power", "lead"), Assignment("police", "inform"))), Restricted("mediation"))


@pytest.mark.parametrize("before", [FILED, NAMED, PARTY], ids=["an open case", "named", "a party"])
def test_one_who_may_see_the_case_is_asked_whether_it_is_a_party_or_not(before: tuple[object, ...]) -> None:
    given(*before).when(QUESTION, by=BY).then(ReferenceAsked("police", "identity"))


def test_one_who_may_not_see_it_is_not_asked_since_it_would_never_hear_of_it() -> None:
    given(*FILED, Restricted("mediation")).when(QUESTION, by=BY).then_refused("AskReference.unseen")
