"""The five places' reference data: complete, without contradiction, small; and where their matters go."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

from connectors.csvfile import mapping
from ops.demo import make_district_month as month
from ops.demo.places import lists
from ops.demo.places.grids import XITU, YICHENG, cells, write
from ops.demo.places.made import FOLDER, MADE, SINCE, documents
from ops.reference.checks import check_alone, together
from ops.reference.documents import Document, read_all
from schemas.events import Category, ChatGroup, Grid, GridPost, Organisation, ResponsibilityItem
from streams.core.reference import EMPTY, InForce
from streams.core.reference import places as asked
from streams.core.reference.places import grids_of_worker, posts, workers
from streams.core.routing import Matter, Proposal, propose
from streams.grids import grids_at

NOW = SINCE + 300 * 24 * 60 * 60 * 1_000_000


@cache
def said(place: str) -> list[Document]:
    return documents(place)


@cache
def held(place: str) -> InForce:
    return together(EMPTY, said(place), NOW)


def ask(place: str, category: str, division: str, now: int = NOW, **matter: Any) -> Proposal:
    version = Category(place, "2026", category)
    return propose(held(place), Matter(version, division, **matter), now)


@pytest.mark.parametrize("place", MADE)
def test_a_places_documents_fit_together_and_every_grid_is_staffed_where_staff_is_told(place: str) -> None:
    assert [str(found) for found in check_alone(said(place), NOW)] == []
    assert {o.kind for o in held(place).items(Organisation)} >= {"centre", "police", "fire", "medical"} - (
        {"medical"} if place == "zhongyuan" else set()
    )


def test_the_files_that_people_wrote_are_small() -> None:
    files = list(FOLDER.rglob("*.toml"))
    assert {path.parent.name for path in files} == set(MADE)
    assert sum(path.stat().st_size for path in files) < 60_000


def test_the_figures_of_the_places_are_met() -> None:
    grids = {place: len(held(place).grouped(Grid, lambda g: g.outline is not None).get(True, ())) for place in MADE}
    assert grids == {"yicheng": 2_900, "zhongyuan": 183, "xitu": 100, "yongtai": 100, "tianyuan": 233}
    found = {d.name: len(d.items) for d in said("zhongyuan") if d.kind == "responsibilities"}
    assert (found["zhongyuan-street"], found["zhongyuan-community"]) == (lists.STREETS, lists.COMMUNITIES) == (269, 45)
    assert len(held("yongtai").items(ChatGroup)) == 1_429
    assert len({post.person for post in held("xitu").items(GridPost)}) == 45


def test_one_worker_covers_several_grids_and_a_vacancy_has_a_deputy() -> None:
    assert len(grids_of_worker(held("xitu"), "xitu-w00", NOW)) == 3
    vacant = [post for post in held("yicheng").items(GridPost) if post.person is None]
    assert vacant
    assert all(workers(held("yicheng"), post.grid, NOW) for post in vacant)
    assert {p.post for p in posts(held("yicheng"), "411702007003001")} >= {"leader", "full_time"}


def test_the_same_seed_makes_the_same_grids() -> None:
    assert list(cells(YICHENG)) == list(cells(YICHENG))
    assert next(cells(YICHENG)) != next(cells(XITU))


def test_what_a_department_would_send_says_the_same(tmp_path: Path) -> None:
    write(XITU, tmp_path)
    (sent,) = [d for d in read_all([tmp_path]) if d.kind == "grids"]
    (made,) = [d for d in said("xitu") if d.kind == "grids"]
    assert (sent.items, sent.edition, sent.valid_from) == (made.items, made.edition, made.valid_from)


# ------------------------------------------------------------ where matters go


def test_yichengs_pole_goes_to_its_street_with_power_and_four_operators_and_no_police() -> None:
    found = ask("yicheng", "0105", "411702007003")
    assert found.lead == "xuesong"
    assert found.assists == ("power", "telecom-a", "telecom-b", "telecom-c", "telecom-d", "xuesong-squad")
    assert found.basis.startswith("item 12 of xuesong-list 2026")
    assert "police" not in (found.lead, *found.assists, *found.informed)


def test_yichengs_pole_without_owner_falls_to_the_unit_for_poles() -> None:
    owned = ask("yicheng", "none", "411702007003", asset="YC-P-0042")
    orphan = ask("yicheng", "none", "411702007003", asset="YC-P-0043", handler="xuesong")
    assert (owned.lead, orphan.lead) == ("power", "xuesong-squad")


def test_yichengs_market_is_its_own_grid() -> None:
    found = ask("yicheng", "none", "411702007003", grid="411702007003902", handler="xuesong")
    assert (found.lead, found.basis) == ("chunxiao-market", "dedicated grid 411702007003901")


def test_every_report_of_zhongyuans_month_goes_to_one_of_its_bureaux_by_an_item() -> None:
    table = mapping.load("zhongyuan_month").tables["org"]
    for kind in month.KINDS:
        found = ask("zhongyuan", kind.name, "410102001001")
        assert found.lead == table[kind.bureaux[0]], kind.name
        assert "of zhongyuan-street 2026" in found.basis
    assert len({item.code for item in lists.streets()}) == 269


def test_zhongyuans_communities_settle_their_items_themselves() -> None:
    found = ask("zhongyuan", "独居老人走访", "410102001001")
    assert (found.lead, found.level) == ("linshanzhai-1", "community")


def test_each_micro_grid_of_the_month_lies_where_its_middle_is() -> None:
    for grid in month.grids(Random(month.SEED)):
        assert grid.code in [g.code for g in grids_at(held("zhongyuan"), grid.longitude, grid.latitude)]


def test_each_of_yongtais_1429_groups_belongs_to_a_grid_that_lies_in_a_division() -> None:
    view = held("yongtai")
    found = [asked.grid(view, asked.grid_of_chat_group(view, "chat", each.group)) for each in view.items(ChatGroup)]
    assert len(found) == 1_429
    assert all(one is not None and one.division for one in found)
    assert asked.grid_of_chat_group(view, "another", "yt-0001") is None


def test_xitus_person_without_identity_goes_to_the_police_and_a_quarrel_to_mediation() -> None:
    assert ask("xitu", "0701", "150271001001").lead == "police"
    assert ask("xitu", "0801", "150271001001").lead == "mediation"


def test_yongtais_lamp_goes_to_its_owner_and_one_without_to_the_town() -> None:
    lamp = ask("yongtai", "lamp", "350125102001", asset="YT-L-0311")
    assert (lamp.lead, lamp.assists) == ("lighting", ("power",)), "housing commands it, the county uses it by function"
    assert ask("yongtai", "lamp", "350125102001", asset="YT-L-0312").lead == "songkou"


def test_yongtais_typhoon_is_an_emergency_while_it_lasts() -> None:
    landed = 1_789_012_800_000_000 + 10 * 60 * 60 * 1_000_000
    assert ask("yongtai", "slide", "350125102001", now=landed).regime == "emergency"
    assert ask("yongtai", "slide", "350125102001", now=landed + 3 * 24 * 60 * 60 * 1_000_000).regime is None


def test_tianyuans_vendor_goes_to_the_stationed_squad_by_the_street_at_once() -> None:
    found = ask("tianyuan", "0401", "430211001001", handler="songshan-centre")
    assert (found.lead, found.at_once) == ("songshan-squad", True)
    assert ask("tianyuan", "0701", "430211001001", handler="lijing").lead == "police"


def test_no_item_of_a_list_covers_nothing() -> None:
    for place in MADE:
        assert all(item.categories for item in held(place).items(ResponsibilityItem))
