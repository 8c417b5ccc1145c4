"""A batch of facts: what cannot be handled breaks its subject only."""

from __future__ import annotations

from schemas.events import Divided, Merged
from tests.linking import Linked, at, case, story


def test_a_fact_whose_handling_raises_breaks_its_subject_and_parks_the_rest() -> None:
    links = Linked()
    odd = [(meta, Divided("two", (None,)) if meta.seq == 2 else body) for meta, body in story("1", at(), at(), at())]  # type: ignore[arg-type]
    said = links.see(odd, story("2", at(900), Merged(case("3"), "same")))
    assert links.broken == {case("1"): "fact 2 (Divided): AttributeError"}
    assert [one.meta.subject.id for one in said] == [case("3")]
    assert links.see(story("1", Merged(case("3"), "same"), first=4)) == []
