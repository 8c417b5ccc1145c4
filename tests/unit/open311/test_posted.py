"""What forms become, and why some do not."""

from typing import Any

import msgspec
import pytest

from connectors.contract import Attached
from connectors.open311.settings import Jurisdiction
from connectors.open311.translate import posted
from connectors.open311.translate.posted import Refused, Sender
from schemas import codec, ids
from schemas.events import Actor, Report, Source, Supplement, Withdraw
from tests.open311_samples import CASE, NOON, endpoint, form

BY = Actor("yicheng-open311", "reporter")
SENDER = Sender(BY, CASE.id, Source("yicheng-open311", "n1"), NOON, (Attached(b"\xff\xd8\xff", "image/jpeg"),))
UPDATE = {
    "service_request_id": (CASE.id,),
    "update_id": ("u1",),
    "status": ("OPEN",),
    "updated_datetime": ("2026-03-01T03:59:00Z",),
    "description": ("It leans more.",),
}
PERSON = {"first_name": "Mei", "last_name": "Zhou", "phone": "13800000000", "email": "mei@example.org"}


def problems(fields: Any) -> list[tuple[int, str]]:
    with pytest.raises(Refused) as refused:
        posted.request(fields, endpoint())
    return [(each.status, each.description) for each in refused.value.problems]


def test_a_form_is_a_report_of_the_services_category_in_the_jurisdictions_division() -> None:
    draft = posted.report(posted.request(form(), endpoint()), SENDER)
    assert isinstance(draft.body, Report)
    assert (draft.body.category.code, draft.body.place.division, draft.body.inlet) == ("0105", "411702", "open311")
    assert draft.meta.claim_id == ids.claim_id("yicheng-open311", "n1", "report", "1")
    assert (draft.meta.subject, draft.meta.occurred_at, draft.meta.actor) == (CASE, NOON, BY)


def test_whatever_a_person_wrote_stands_in_the_part_that_goes_to_the_vault() -> None:
    words = {
        "description": "my door",
        "address_string": "2 Spring Street",
        "media_url": "https://p.example/7.jpg",
        **PERSON,
    }
    draft = posted.report(posted.request(form(**words, **{"attribute[lines]": "yes"}), endpoint()), SENDER)
    sent = codec.encode(draft.meta, draft.body)
    assert not [word for word in words.values() if word.encode() in sent]
    assert (
        draft.personal.text
        == "my door\naddress_string: 2 Spring Street\nlines: yes\nmedia_url: https://p.example/7.jpg"
    )
    assert draft.personal.person == "email: mei@example.org\nphone: 13800000000\nfirst_name: Mei\nlast_name: Zhou"
    assert draft.personal.attached == SENDER.files


@pytest.mark.parametrize(
    ("changed", "status", "about"),
    [
        ({"service_code": ""}, 400, "service_code was not provided"),
        ({"service_code": "moon"}, 404, "service_code was not found"),
        ({"jurisdiction_id": "elsewhere"}, 404, "jurisdiction_id was not found"),
        ({"lat": "", "long": ""}, 400, "a location was not provided"),
        ({"lat": ""}, 400, "lat and long are both needed"),
        ({"lat": "91"}, 400, "lat is no latitude"),
        ({"long": "nan"}, 400, "long is no longitude"),
        ({"description": "x" * 4_001}, 400, "description is longer"),
        ({"phone": "1" * 2_001}, 400, "a field is longer"),
        ({"description": "a\0b"}, 400, "a field holds a zero byte"),
        ({"attribute[lines]": "perhaps"}, 400, "attribute[lines] is no singlevaluelist"),
    ],
)
def test_a_form_that_is_wrong_is_refused_in_one_sentence(changed: dict[str, str], status: int, about: str) -> None:
    (found,) = problems(form(**changed))
    assert found[0] == status
    assert found[1].startswith(about)


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert len(problems(form(lat="x", long="y", **{"attribute[lines]": "?"}))) == 3


def test_a_place_can_be_words_alone_and_they_stay_in_the_vault() -> None:
    found = posted.request(form(lat="", long="", address_string="behind the school"), endpoint())
    assert found.position is None
    assert "behind the school" in found.text


def test_several_jurisdictions_have_to_be_told_apart() -> None:
    one = endpoint()
    two = msgspec.structs.replace(one, jurisdictions=(*one.jurisdictions, Jurisdiction("b.example", "410102")))
    with pytest.raises(Refused) as refused:
        posted.request(form(), two)
    assert refused.value.problems[0] == posted.Problem(400, "jurisdiction_id was not provided")
    assert posted.request(form(jurisdiction_id="b.example"), two).jurisdiction.division == "410102"


def test_an_update_makes_the_claim_of_its_status() -> None:
    draft = posted.supplement(posted.update(UPDATE, endpoint()), SENDER, "app")
    assert isinstance(draft.body, Supplement)
    assert (draft.personal.text, draft.meta.occurred_at) == ("It leans more.", NOON - 60_000_000)
    closed = posted.update({**UPDATE, "status": ("closed",)}, endpoint())
    assert posted.supplement(closed, SENDER, "app").body == Withdraw("by-reporter")


def test_a_resident_who_says_that_it_is_mended_adds_to_the_case() -> None:
    mended = posted.update({**UPDATE, "status": ("FIXED",), "media_url": ("https://p.example/8.jpg",)}, endpoint())
    draft = posted.supplement(mended, SENDER, "app")
    assert isinstance(draft.body, Supplement)
    assert draft.personal.text == "status: fixed\nIt leans more.\nmedia_url: https://p.example/8.jpg"


def test_the_same_update_of_the_same_caller_is_the_same_claim() -> None:
    found = posted.update(UPDATE, endpoint())
    again, other = (
        posted.supplement(found, SENDER._replace(at=NOON + 1), "app"),
        posted.supplement(found, SENDER, "app-2"),
    )
    assert posted.supplement(found, SENDER, "app").meta.claim_id == again.meta.claim_id != other.meta.claim_id


def test_an_update_from_the_future_happened_now() -> None:
    late = posted.update({**UPDATE, "updated_datetime": ("2027-01-01T00:00:00Z",)}, endpoint())
    assert posted.supplement(late, SENDER, "app").meta.occurred_at == NOON


@pytest.mark.parametrize("without", ["service_request_id", "update_id", "status", "updated_datetime"])
def test_an_update_needs_to_say_what_it_is(without: str) -> None:
    with pytest.raises(Refused) as refused:
        posted.update({name: value for name, value in UPDATE.items() if name != without}, endpoint())
    assert refused.value.problems[0].status == 400
    assert without in refused.value.problems[0].description


def test_a_status_that_callers_may_not_tell_is_refused() -> None:
    with pytest.raises(Refused, match="not one that can be told here"):
        posted.update({**UPDATE, "status": ("duplicate",)}, endpoint())
