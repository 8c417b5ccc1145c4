"""Suspected duplicates in a case: who has called them off decides whether they may come up again."""

from __future__ import annotations

from schemas.events import Actor, DismissDuplicate, DuplicateDismissed, DuplicateSuspected, SuspectDuplicate
from tests.builders import CENTRE, FILED, given

LINKS = Actor("hub", "links")
OTHER = "00000000-0000-5000-8000-00000000000a"
SUSPICION = SuspectDuplicate(OTHER, 12.0, 60, "near/1")
SUSPECTED = (*FILED, DuplicateSuspected(OTHER, 12.0, 60, "near/1"))


def test_what_the_hub_itself_took_back_it_may_suspect_again() -> None:
    dismissal = DismissDuplicate(OTHER, "ended-before")
    back = given(*SUSPECTED).when(dismissal, by=LINKS).then(DuplicateDismissed(OTHER, "ended-before"))
    back.when(SUSPICION, by=LINKS, occurrence="again").then(DuplicateSuspected(OTHER, 12.0, 60, "near/1"))


def test_what_people_called_another_matter_is_not_suspected_again() -> None:
    dismissal = DismissDuplicate(OTHER, "two-poles")
    back = given(*SUSPECTED).when(dismissal, by=CENTRE).then(DuplicateDismissed(OTHER, "two-poles"))
    back.when(SUSPICION, by=LINKS, occurrence="again").then_refused("SuspectDuplicate.again")
