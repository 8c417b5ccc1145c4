"""The endpoint over HTTP: every answer passes the strict checker, in both formats."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, create_engine

from connectors.open311.register import Register
from connectors.open311.settings import Endpoint
from schemas import ids
from schemas.events import (
    Acknowledged,
    Closed,
    ExtensionGranted,
    FilingRefused,
    Progressed,
    Restricted,
    Subject,
    Suspended,
)
from tests.integration.open311.conftest import OTHER_KEY, Speaking, served
from tests.open311_checker import Answer, problems
from tests.open311_samples import CASE, KEY, NOON, OTHER, SECOND, card, form, item

FORMS = ["xml", "json"]
PLANTED = {
    "description": "my door at number 9",
    "email": "mei@example.org",
    "phone": "13800000000",
    "first_name": "Mei",
}
UPDATE = {
    "service_request_id": CASE.id,
    "update_id": "u1",
    "status": "OPEN",
    "updated_datetime": "2026-03-01T04:00:00Z",
}


def checked(call: str, answer: httpx.Response, status: int = 200) -> httpx.Response:
    """The answer, after the strict checker has passed it."""
    form = answer.request.url.path.rpartition(".")[2]
    found = problems(call, Answer(answer.status_code, answer.headers["content-type"], answer.content, form))
    assert (answer.status_code, found) == (status, []), answer.text
    return answer


def fields(**changed: str) -> dict[str, str]:
    return {"api_key": KEY, **{name: values[0] for name, values in form(**changed).items()}}


def case(number: int) -> str:
    return ids.case_id("many", str(number))


@pytest.mark.parametrize("form", FORMS)
def test_discovery_services_and_definitions_are_as_specified(speaking: Speaking, form: str) -> None:
    checked("discovery", speaking.get(f"/discovery.{form}"))
    checked("services", speaking.get(f"/services.{form}", jurisdiction_id="yicheng.example"))
    checked("definition", speaking.get(f"/services/pole.{form}"))
    checked("definition", speaking.get(f"/services/lamp.{form}"))
    checked("definition", speaking.get(f"/services/moon.{form}"), 404)
    checked("services", speaking.get(f"/services.{form}", jurisdiction_id="elsewhere"), 404)


@pytest.mark.parametrize("form", FORMS)
def test_a_request_is_handed_over_and_gets_its_number(speaking: Speaking, form: str) -> None:
    checked("created", speaking.post(f"/requests.{form}", fields()))
    (draft,) = speaking.handed.drafts
    number = speaking.post("/requests.json", fields()).json()[0]["service_request_id"]
    assert number == draft.meta.subject.id == ids.case_id(speaking.endpoint.system, draft.meta.source.number)


def test_the_same_form_is_the_same_request_and_another_is_another(speaking: Speaking) -> None:
    def sent(**more: str) -> str:
        return str(speaking.post("/requests.json", fields(**more)).json()[0]["service_request_id"])

    assert sent() == sent()
    assert sent(description="Another pole") != sent()
    assert len(speaking.handed.drafts) == 2
    speaking.now += 3_600 * SECOND
    assert sent() != speaking.handed.drafts[0].meta.subject.id  # an hour later the same words are meant anew


def test_a_sender_that_numbers_its_requests_may_send_them_again_for_ever(speaking: Speaking) -> None:
    numbered = fields(**{"attribute[external_id]": "a-1"})
    first = speaking.post("/requests.json", numbered).json()
    speaking.now += 30 * 86_400 * SECOND
    assert speaking.post("/requests.json", {**numbered, "description": "in other words"}).json() == first
    with_header = [speaking.post("/requests.json", fields(), headers={"Idempotency-Key": "k1"}).json() for _ in "ab"]
    assert with_header[0] == with_header[1] != first
    assert speaking.post("/requests.json", {**numbered, "api_key": OTHER_KEY}).json() != first
    assert len(speaking.handed.drafts) == 3


@pytest.mark.parametrize("form", FORMS)
def test_no_number_is_given_before_kafka_has_acknowledged(speaking: Speaking, form: str) -> None:
    speaking.handed.refuses = "Kafka did not acknowledge"
    answer = checked("created", speaking.post(f"/requests.{form}", fields()), 503)
    assert answer.headers["retry-after"]
    speaking.handed.refuses = None
    checked("created", speaking.post(f"/requests.{form}", fields()))
    assert len(speaking.handed.drafts) == 1


@pytest.mark.parametrize("form", FORMS)
def test_a_token_tells_its_number_once_the_hub_shows_the_case(speaking: Speaking, form: str) -> None:
    answer = checked("created", speaking.post(f"/requests.{form}", fields(service_code="lamp")))
    token = speaking.post("/requests.json", fields(service_code="lamp")).json()[0]["token"]
    assert token in answer.text
    checked("token", speaking.get(f"/tokens/{token}.{form}"), 404)
    subject = speaking.handed.drafts[0].meta.subject
    speaking.show(item(1, subject=subject))
    found = checked("token", speaking.get(f"/tokens/{token}.{form}"))
    assert subject.id in found.text
    checked("token", speaking.get(f"/tokens/nothing.{form}"), 404)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"api_key": ""}, 403),
        ({"api_key": "guessed"}, 403),
        ({"service_code": ""}, 400),
        ({"service_code": "moon"}, 404),
        ({"jurisdiction_id": "elsewhere"}, 404),
        ({"lat": ""}, 400),
        ({"attribute[lines]": "maybe"}, 400),
    ],
)
def test_what_is_wrong_is_a_list_of_errors(speaking: Speaking, form: str, changed: dict[str, str], status: int) -> None:
    checked("created", speaking.post(f"/requests.{form}", {**fields(), **changed}), status)
    assert speaking.handed.drafts == []


@pytest.mark.parametrize("form", FORMS)
def test_forms_come_as_forms_within_limits(speaking: Speaking, form: str) -> None:
    path = f"/requests.{form}"
    checked("created", speaking.http.post(path, json=fields()), 415)
    checked("created", speaking.http.post(path), 415)
    kind = {"content-type": "application/x-www-form-urlencoded"}
    checked("created", speaking.http.post(path, content=b"a=%ff", headers=kind), 400)
    checked("created", speaking.http.post(path, content=b"a=" + b"x" * (300 << 10), headers=kind), 413)
    checked("created", speaking.http.post(path, content=b"&".join(b"a%d=1" % n for n in range(300)), headers=kind), 400)


@pytest.mark.parametrize("form", FORMS)
def test_other_addresses_and_methods_are_told_as_errors_too(speaking: Speaking, form: str) -> None:
    checked("requests", speaking.http.put(f"/requests.{form}"), 405)
    checked("request", speaking.http.delete(f"/requests/{CASE.id}.{form}"), 405)
    checked("requests", speaking.get(f"/cases.{form}"), 404)
    assert speaking.get("/requests.html").status_code == speaking.get("/").status_code == 404


def test_a_form_without_a_length_is_not_read_for_ever(speaking: Speaking) -> None:
    def endless() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="media"; filename="a"\r\nContent-Type: image/jpeg\r\n\r\n'
        for _ in range(40):
            yield bytes(1 << 20)

    kind = {"content-type": "multipart/form-data; boundary=b"}
    try:
        answer = speaking.http.post("/requests.xml", content=endless(), headers=kind)
    except httpx.TransportError:
        return  # it had heard enough, and hung up
    checked("created", answer, 413)


@pytest.mark.parametrize("form", FORMS)
def test_a_database_that_does_not_answer_is_a_reason_to_come_again(
    offered: Endpoint, form: str, free_port: int
) -> None:
    nowhere = create_engine(f"postgresql+psycopg://nobody@127.0.0.1:{free_port}/none")
    speaking = Speaking(offered, Register(nowhere, offered.system), nowhere)
    with served(speaking.app) as url, httpx.Client(base_url=url) as http:
        for path, call in (("/requests", "requests"), ("/servicerequestupdates", "updates"), ("/tokens/1", "token")):
            assert checked(call, http.get(f"{path}.{form}"), 503).headers["retry-after"]
        checked("created", http.post(f"/requests.{form}", data=fields()), 503)
        checked("services", http.get(f"/services.{form}"))


JPEG = b"\xff\xd8\xff\xe0 a picture"


def test_pictures_come_with_the_form_or_not_at_all(speaking: Speaking) -> None:
    def sent(content: bytes, kind: str) -> httpx.Response:
        return speaking.post("/requests.xml", fields(), files={"media": ("a", content, kind)})

    checked("created", sent(JPEG, "image/jpeg"))
    assert speaking.handed.drafts[0].personal.attached[0].content == JPEG
    checked("created", sent(b"<svg/>", "image/jpeg"), 415)
    checked("created", sent(JPEG, "application/pdf"), 415)
    checked("created", sent(JPEG + bytes(9 << 20), "image/jpeg"), 413)
    checked("created", sent(JPEG, "image/jpeg"))
    checked("created", sent(JPEG + b"2", "image/jpeg"))
    assert len(speaking.handed.drafts) == 2  # another picture, another request


@pytest.mark.parametrize("form", FORMS)
def test_requests_are_shown_as_the_feed_tells_them(speaking: Speaking, form: str) -> None:
    due = NOON + 7_200 * SECOND
    speaking.show(item(1), item(4, Acknowledged("power"), card("dispatched", lead="power", due_at=due)))
    checked("requests", speaking.get(f"/requests.{form}"))
    checked("request", speaking.get(f"/requests/{CASE.id}.{form}"))
    (seen,) = speaking.get("/requests.json").json()
    assert (seen["status"], seen["status_notes"]) == ("open", "Those who mend it have taken it on.")
    assert (seen["expected_datetime"], seen["address"]) == ("2026-03-01T14:00:00+08:00", "春晓街 12 号旁")
    assert (seen["agency_responsible"], seen["lat"]) == ("Power supply of 驿城区", 32.9791)


def test_the_expected_time_moves_with_the_clock(speaking: Speaking) -> None:
    def expected(seq: int, fact: object, due: int | None, stage: str = "dispatched") -> object:
        speaking.show(item(seq, fact, card(stage, due_at=due)))
        return speaking.get(f"/requests/{CASE.id}.json").json()[0]["expected_datetime"]

    assert expected(3, Progressed("power"), NOON) == "2026-03-01T12:00:00+08:00"
    assert expected(4, ExtensionGranted("power", 1), NOON + 3_600 * SECOND) == "2026-03-01T13:00:00+08:00"
    assert expected(5, Suspended("season", NOON), None) is None
    assert expected(6, Closed("checked"), NOON, "closed") is None
    told = [update["status"] for update in speaking.get("/servicerequestupdates.json").json()]
    assert told == ["action_scheduled", "action_scheduled", "action_scheduled", "fixed"]


@pytest.mark.parametrize("form", FORMS)
def test_updates_have_their_statuses_and_are_told_once(speaking: Speaking, form: str) -> None:
    for _ in range(2):  # delivered twice
        speaking.show(item(1), item(2, FilingRefused("not-ours"), card("not_filed")))
    checked("updates", speaking.get(f"/servicerequestupdates.{form}"))
    (told,) = speaking.get("/servicerequestupdates.json").json()
    assert (told["status"], told["service_request_id"]) == ("not_councils_responsibility", CASE.id)
    assert speaking.get(f"/requests/{CASE.id}.json").json()[0]["status"] == "closed"


def test_what_a_fact_has_said_is_not_unsaid_by_the_next_one(speaking: Speaking) -> None:
    speaking.show(item(2, FilingRefused("not-ours"), card("not_filed")), item(3, Progressed("x"), card("not_filed")))
    (told,) = speaking.get("/servicerequestupdates.json").json()
    assert told["status"] == "not_councils_responsibility"


@pytest.mark.parametrize("form", FORMS)
def test_a_restricted_case_leaves_no_trace(speaking: Speaking, form: str) -> None:
    speaking.show(item(1), item(2, Acknowledged("power"), card("dispatched")))
    speaking.show(item(3, Restricted("minor"), card("dispatched", restricted=True)))
    assert CASE.id not in checked("requests", speaking.get(f"/requests.{form}")).text
    assert CASE.id not in checked("requests", speaking.get(f"/requests.{form}", service_request_id=CASE.id)).text
    assert CASE.id not in checked("updates", speaking.get(f"/servicerequestupdates.{form}")).text
    checked("request", speaking.get(f"/requests/{CASE.id}.{form}"), 410)
    speaking.show(item(1, of=card(restricted=True), subject=OTHER))
    checked("request", speaking.get(f"/requests/{OTHER.id}.{form}"), 404)
    checked("request", speaking.get(f"/requests/nothing.{form}"), 404)


def test_what_a_person_wrote_never_comes_out_again(speaking: Speaking) -> None:
    speaking.post("/requests.xml", fields(**PLANTED))
    subject = speaking.handed.drafts[0].meta.subject
    speaking.show(item(1, subject=subject), item(2, Acknowledged("power"), card("dispatched"), subject=subject))
    paths = ["/requests", f"/requests/{subject.id}", "/servicerequestupdates", "/services"]
    told = "".join(speaking.get(f"{path}.{form}").text for path in paths for form in FORMS)
    assert subject.id in told
    assert [word for word in PLANTED.values() if word in told] == []


def test_requests_can_be_chosen(speaking: Speaking) -> None:
    speaking.show(item(1), item(1, of=card(opened_at=NOON - 100 * 86_400 * SECOND), subject=OTHER))
    speaking.show(item(2, Closed("checked"), card("closed"), at=NOON + 60 * SECOND))

    def chosen(**query: str) -> list[str]:
        found = checked("requests", speaking.get("/requests.json", **query)).json()
        return ["this" if each["service_request_id"] == CASE.id else "old" for each in found]

    assert chosen() == ["this"]  # the last 90 days
    assert chosen(start_date="2025-11-01T00:00:00Z", end_date="2026-01-01T00:00:00Z") == ["old"]
    assert chosen(service_request_id=f"{CASE.id},{OTHER.id}") == ["this", "old"]
    assert chosen(service_request_id="nothing") == []
    assert chosen(status="closed") == ["this"]
    assert chosen(status="open") == []
    assert chosen(status="open,closed", service_code="pole,lamp") == ["this"]
    assert chosen(service_code="lamp") == []
    assert chosen(updated_after="2026-03-01T04:01:00Z") == ["this"]
    assert chosen(updated_after="2026-03-01T04:01:00Z", updated_before="2026-03-01T04:00:00Z") == []


@pytest.mark.parametrize(
    "query",
    [
        {"status": "fixed"},
        {"start_date": "2026-01-01"},
        {"start_date": "2025-01-01T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"},
        {"page": "0"},
        {"page": "9" * 40},
        {"page_size": "1001"},
        {"updated_after": "now"},
        {"service_code": "a\0b"},
    ],
)
@pytest.mark.parametrize("form", FORMS)
def test_a_question_that_makes_no_sense_is_told_so(speaking: Speaking, query: dict[str, str], form: str) -> None:
    checked("requests", speaking.get(f"/requests.{form}", **query), 400)


def test_pages_stay_as_they_are_while_more_comes(speaking: Speaking) -> None:
    def arrive(first: int, last: int) -> None:
        speaking.show(*(item(1, subject=Subject("case", case(number))) for number in range(first, last)))

    arrive(0, 5)
    first = speaking.get("/requests.json", page="1", page_size="3").json()
    arrive(5, 9)
    assert speaking.get("/requests.json", page="1", page_size="3").json() == first
    pages = [speaking.get("/requests.json", page=str(page), page_size="3").json() for page in (1, 2, 3, 4)]
    assert [each["service_request_id"] for page in pages for each in page] == [case(number) for number in range(9)]


def test_more_updates_than_an_answer_holds_are_no_short_answer(
    register: Register, offered: Endpoint, rows: Engine
) -> None:
    small = Speaking(replace(offered, max_updates=2), register, rows)
    small.show(*(item(1, Closed("checked"), card("closed"), subject=Subject("case", case(n))) for n in range(3)))
    with served(small.app) as url, httpx.Client(base_url=url) as http:
        told = checked("updates", http.get("/servicerequestupdates.xml"), 400)
        assert "narrow start_date and end_date" in told.text
        assert len(checked("updates", http.get("/servicerequestupdates.json", params={"page": "1"})).json()) == 2
        assert len(checked("updates", http.get("/servicerequestupdates.json", params={"page": "2"})).json()) == 1


@pytest.mark.parametrize("form", FORMS)
def test_callers_add_to_what_is_public_and_take_back_what_is_theirs(speaking: Speaking, form: str) -> None:
    sent = {**UPDATE, "api_key": KEY, "description": "It leans more."}
    path = f"/servicerequestupdates.{form}"
    checked("taken", speaking.post(path, sent), 404)
    speaking.show(item(1))
    checked("taken", speaking.post(path, sent))
    checked("taken", speaking.post(path, sent))
    assert [draft.personal.text for draft in speaking.handed.drafts] == ["It leans more."]
    checked("taken", speaking.post(path, {**sent, "status": "closed"}), 403)
    checked("taken", speaking.post(path, {**sent, "status": "duplicate"}), 400)
    checked("taken", speaking.post(path, {**sent, "api_key": "x"}), 403)
    speaking.show(item(2, Restricted("minor"), card(restricted=True)))
    checked("taken", speaking.post(path, {**sent, "update_id": "u2"}), 410)


def test_who_sent_a_request_may_take_it_back_and_nobody_else(speaking: Speaking) -> None:
    mine = speaking.post("/requests.json", fields()).json()[0]["service_request_id"]
    back = {**UPDATE, "service_request_id": mine, "status": "closed"}
    checked("taken", speaking.post("/servicerequestupdates.xml", {**back, "api_key": OTHER_KEY}), 403)
    checked("taken", speaking.post("/servicerequestupdates.xml", {**back, "api_key": KEY}))
    assert type(speaking.handed.drafts[-1].body).__name__ == "Withdraw"


@pytest.mark.parametrize("form", FORMS)
def test_a_key_that_posts_too_often_is_told_when_to_come_back(
    register: Register, offered: Endpoint, rows: Engine, form: str
) -> None:
    first, second = offered.callers
    slow = replace(offered, callers=(replace(first, per_minute=1, burst=1), second))
    speaking = Speaking(slow, register, rows)
    with served(speaking.app) as url, httpx.Client(base_url=url, timeout=30) as http:
        speaking.http = http
        checked("created", speaking.post(f"/requests.{form}", fields()))
        told = checked("created", speaking.post(f"/requests.{form}", fields()), 429)
        assert told.headers["retry-after"] == "60"
        checked("created", speaking.post(f"/requests.{form}", fields(api_key="forged")), 403)
        checked("created", speaking.post(f"/requests.{form}", fields() | {"api_key": OTHER_KEY}))
        speaking.now += 60_000_000
        checked("created", speaking.post(f"/requests.{form}", fields()))
    speaking.fetching.close()
    assert len(speaking.handed.drafts) == 2
