"""Which claims a row yields: the shipped extract, the seeded month, and a city that shares nothing with either."""

from collections import Counter
from pathlib import Path

from connectors.contract import Personal
from connectors.csvfile import times
from connectors.csvfile.translate import action_of
from schemas import ids
from schemas.events import Close, Commit, Dispatch, File, Report, Source, Subject
from tests.csv_samples import MONTH, NYC, PHONE, TEXT, city, city_file, drafts, month, nyc, nyc_lines, written


def test_the_extract_yields_the_known_claims() -> None:
    kinds = Counter(type(draft.body).__name__ for draft in drafts(NYC, nyc()))
    assert kinds == {"Report": 1000, "File": 1000, "Dispatch": 1000, "Commit": 486, "Close": 986}


def test_the_extract_has_the_figures_that_its_source_names() -> None:
    by_case: dict[str, dict[str, object]] = {}
    for meta, body, *_ in drafts(NYC, nyc()):
        case = by_case.setdefault(meta.subject.id, {})
        case[type(body).__name__] = meta.occurred_at
        if isinstance(body, Commit):
            case["due"] = body.due_at
        if isinstance(body, Close):
            case["word"] = body.upstream_status
        if isinstance(body, Dispatch):
            case["agency"] = body.parties[0].org
    cases = list(by_case.values())
    closed = [case for case in cases if "Close" in case]
    both = [case for case in closed if "due" in case]
    late = [case for case in both if case["Close"] > case["due"]]  # type: ignore[operator]
    assert (len(cases), len(closed), len(both), len(late)) == (1000, 986, 479, 52)
    assert sum(case["Close"] < case["Report"] for case in closed) == 10  # type: ignore[operator]
    assert sum(case["word"] != "Closed" for case in closed) == 17
    by_agency = {"NYPD": 16, "DPR": 11, "DOF": 7, "TLC": 6, "DOHMH": 5, "DSNY": 3, "DOT": 2, "EDC": 2}
    assert Counter(case["agency"] for case in late) == by_agency


def test_a_row_of_the_extract_becomes_five_claims_in_their_order() -> None:
    first = drafts(NYC, nyc())[:5]
    created = "2018-06-26T14:58:54+00:00"
    assert [type(draft.body) for draft in first] == [Report, File, Dispatch, Commit, Close]
    assert [times.iso(draft.meta.occurred_at) for draft in first[:4]] == [created] * 4
    assert all(draft.meta.source == Source("nyc311", "39573567") for draft in first)
    assert all(draft.meta.subject == Subject("case", ids.case_id("nyc311", "39573567")) for draft in first)
    assert all(draft.meta.already_done and draft.meta.actor.role == "source" for draft in first)
    report, file, dispatch, commit, close = (draft.body for draft in first)
    assert (report.category.scheme, report.category.version) == ("nyc311", "2019")
    assert report.category.code == "Non-Emergency Police Matter"
    assert report.place.division == "036081"
    assert report.place.position.latitude == 40.690092327843345
    assert report.place.position.original_system == "WGS-84"
    assert (report.inlet, report.upstream_status) == ("csv", "Closed")
    assert file.condition is None
    assert [(party.org, party.role) for party in dispatch.parties] == [("NYPD", "lead")]
    assert times.iso(commit.due_at) == "2018-06-26T22:58:54+00:00"
    assert commit.party is None
    assert (close.kind, close.upstream_status) == ("recorded", "Closed")


def test_nothing_of_the_extract_is_personal() -> None:
    assert nyc().personal_columns() == set()
    assert all(draft.personal == Personal() for draft in drafts(NYC, nyc()))


def test_a_row_that_is_closed_later_yields_one_new_claim(tmp_path: Path) -> None:
    header, line = nyc_lines()[:2]
    fields = line.split(",")
    fields[2], fields[6] = "", "Open"
    before = {draft.meta.claim_id for draft in drafts(written(tmp_path, [header, ",".join(fields)]), nyc())}
    after = drafts(written(tmp_path, [header, line]), nyc())
    assert [type(draft.body) for draft in after if draft.meta.claim_id not in before] == [Close]


def test_a_new_due_date_is_a_new_commitment_and_nothing_else(tmp_path: Path) -> None:
    header, line = nyc_lines()[:2]
    before = {draft.meta.claim_id for draft in drafts(written(tmp_path, [header, line]), nyc())}
    after = drafts(written(tmp_path, [header, line.replace("06:58:54 PM", "07:58:54 PM")]), nyc())
    assert [type(draft.body) for draft in after if draft.meta.claim_id not in before] == [Commit]


def test_another_city_needs_only_another_mapping(tmp_path: Path) -> None:
    found = drafts(city_file(tmp_path), city())
    assert Counter(type(draft.body).__name__ for draft in found) == {"Report": 3, "File": 3, "Dispatch": 3, "Close": 2}
    assert times.iso(found[0].meta.occurred_at) == "2026-11-02T01:15:00+00:00"
    assert found[0].body.category.code == "路灯"
    assert found[0].body.place.division == "411702"
    assert found[2].body.parties[0].org == "住建局"


def test_text_and_phone_stand_beside_the_claim_and_not_in_it(tmp_path: Path) -> None:
    found = drafts(city_file(tmp_path), city())
    assert found[0].personal == Personal(text=TEXT, files=(), person=PHONE)
    assert all(TEXT not in repr(part) and PHONE not in repr(part) for draft in found for part in draft[:2])


def test_free_text_does_not_shape_an_id(tmp_path: Path) -> None:
    path = city_file(tmp_path)
    before = [draft.meta.claim_id for draft in drafts(path, city())]
    path.write_bytes(path.read_bytes().replace(PHONE.encode(), b"13900000000"))
    assert [draft.meta.claim_id for draft in drafts(path, city())] == before


def test_the_month_is_412_reports_335_settled_on_the_spot_and_77_looped() -> None:
    found = drafts(MONTH, month())
    kinds = Counter(type(draft.body).__name__ for draft in found)
    assert (kinds["Report"], kinds["SelfHandle"], kinds["Close"]) == (412, 335, 77)
    leads = {draft.body.parties[0].org for draft in found if isinstance(draft.body, Dispatch)}
    assert len(leads) == 17
    assert len({draft.body.place.grid for draft in found if isinstance(draft.body, Report)}) == 183
    assert not any(draft.meta.already_done for draft in found)


def test_in_the_month_parties_speak_for_themselves() -> None:
    for draft in drafts(MONTH, month()):
        party = getattr(draft.body, "party", None)
        assert party is None or party == draft.meta.actor.org


def test_actions_in_ids_are_spelt_like_this() -> None:
    assert [action_of(event) for event in ("Report", "HandBack", "SelfHandle")] == [
        "report",
        "hand_back",
        "self_handle",
    ]
