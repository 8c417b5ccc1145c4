"""Documents in the formats that staff keep: TOML, tables, outlines. A mistake is named by file, line and column."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ops.reference.documents import Document, read, read_all
from ops.reference.problems import BadDocuments
from schemas.events import Category, Duty, Grid, Organisation

HEAD = 'kind = "organisations"\nname = "yicheng"\n'
SQUARE = [[[114.0, 33.0], [114.01, 33.0], [114.01, 33.01], [114.0, 33.01], [114.0, 33.0]]]


def write(folder: Path, text: str, name: str = "doc.toml", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def complaints(path: Path) -> list[str]:
    with pytest.raises(BadDocuments) as refused:
        read(path)
    return [str(one) for one in refused.value.found]


def test_items_stand_in_the_document(tmp_path: Path) -> None:
    text = HEAD + 'valid_from = 2026-01-01\n[[items]]\ncode = "street"\nname = "街道"\nkind = "street"\n'
    document = read(write(tmp_path, text))
    assert document.items == (Organisation("street", "街道", "street"),)
    assert document.valid_from == 1_767_196_800_000_000, "midnight of Shanghai"


def test_items_may_stand_one_in_a_line_with_defaults(tmp_path: Path) -> None:
    lines = (
        'defaults = { kind = "bureau" }\nitems = [\n  { code = "a", name = "甲" },\n  { code = "b", name = "乙" },\n]\n'
    )
    assert [(o.code, o.kind) for o in read(write(tmp_path, HEAD + lines)).items] == [("a", "bureau"), ("b", "bureau")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_may_have_headers_of_its_own_and_the_encoding_of_the_office(tmp_path: Path, encoding: str) -> None:
    write(tmp_path, "编码,名称,类型\r\nstreet,西园街道,street\r\n", "orgs.csv", encoding)
    head = HEAD + 'table = "orgs.csv"\ncolumns = { "编码" = "code", "名称" = "name", "类型" = "kind" }\n'
    assert read(write(tmp_path, head)).items == (Organisation("street", "西园街道", "street"),)


def test_a_cell_may_hold_several_values_a_category_a_flag_and_a_time(tmp_path: Path) -> None:
    write(
        tmp_path,
        "code,title,lead,categories,assists,at_once\n7,灯杆倾斜,@owner,gb/2021/0105;gb/2021/0106,street、squad,是\n",
        "items.csv",
    )
    (item,) = read(write(tmp_path, 'kind = "responsibilities"\nname = "street"\ntable = "items.csv"\n')).items
    assert item.categories == (Category("gb", "2021", "0105"), Category("gb", "2021", "0106"))
    assert (item.assists, item.at_once) == (("street", "squad"), True)
    write(
        tmp_path, "org,role,starts_at,ends_at,persons\npower,handler,2026-01-01 18:00,2026-01-02T00:00Z,p1\n", "d.csv"
    )
    text = 'kind = "rosters"\nname = "n"\ntable = "d.csv"\n'
    assert read(write(tmp_path, text)).items == (
        Duty("power", "handler", 1_767_261_600_000_000, 1_767_312_000_000_000, ("p1",)),
    )


def geojson(*features: tuple[dict[str, str], object]) -> str:
    made = [
        {"type": "Feature", "properties": p, "geometry": {"type": "Polygon", "coordinates": c}} for p, c in features
    ]
    return json.dumps({"type": "FeatureCollection", "features": made}, indent=1)


GRIDS = 'kind = "grids"\nname = "g"\noutlines = "g.geojson"\n'
GRIDS += 'defaults = { scheme = "gb", kind = "residential", level = "grid" }\n'


def test_an_outline_is_turned_and_keeps_its_original(tmp_path: Path) -> None:
    write(tmp_path, geojson(({"code": "g1"}, SQUARE)), "g.geojson")
    (grid,) = read(write(tmp_path, GRIDS + 'coordinates = "GCJ-02"\n')).items
    assert isinstance(grid, Grid)
    assert grid.outline is not None
    point = grid.outline.rings[0].points[0]
    assert (point.original_x, point.original_y, grid.outline.original_system) == (114.0, 33.0, "GCJ-02")
    assert 100 / 111_320 / 2 < abs(point.longitude - 114.0) < 700 / 111_320


CROSSED = [[[114.0, 33.0], [114.01, 33.01], [114.01, 33.0], [114.0, 33.01], [114.0, 33.0]]]


@pytest.mark.parametrize(
    ("coordinates", "system", "what"),
    [
        (SQUARE, None, "stands in no stated system"),
        (SQUARE, "Mars", "stands in no stated system"),
        (CROSSED, "WGS-84", "is no area: Self-intersection"),
        ([SQUARE[0][:-1]], "WGS-84", "is no Polygon or MultiPolygon with closed rings"),
        ([[[3_812_345.0, 500_000.0]] * 4], "CGCS2000", "perhaps the two are exchanged, or in metres"),
    ],
)
def test_an_outline_that_is_none_is_named_by_its_feature(
    tmp_path: Path, coordinates: object, system: str | None, what: str
) -> None:
    write(tmp_path, geojson(({"code": "g1"}, SQUARE), ({"code": "g2"}, coordinates)), "g.geojson")
    found = complaints(write(tmp_path, GRIDS + (f'coordinates = "{system}"\n' if system else "")))
    assert what in found[-1]
    assert found[-1].startswith("g.geojson, line 38, geometry of feature 2:")
    assert (tmp_path / "g.geojson").read_text().splitlines()[37].strip() == '"type": "Feature",'


def test_every_bad_row_is_named_by_line_and_column_and_nothing_is_read(tmp_path: Path) -> None:
    write(tmp_path, '编码,name,kind\na,甲,street\nb,乙,palace\nc,"丙\n丙",street\n,丁,street\n', "orgs.csv")
    head = HEAD + 'table = "orgs.csv"\ncolumns = { "编码" = "code" }\n'
    first, second = complaints(write(tmp_path, head))
    assert first.startswith("orgs.csv, line 3, column 3 (kind): is 'palace'; write one of bureau, centre, ")
    assert second == "orgs.csv, line 6, column 1 (编码): is missing"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("kind = 1", "doc.toml, key kind: is 1; write one of organisations"),
        (
            'kind = "evaluations"',
            "doc.toml, key kind: is 'evaluations'; they are made by threecross evaluation --freeze",
        ),
        (HEAD + "colour = 1\nitems = []", "doc.toml, key colour: is not known here"),
        (HEAD, "doc.toml: the items stand in one place: write items, table or outlines"),
        (HEAD + "items = []", "doc.toml: it has no items"),
        (HEAD + 'table = "x.csv"', "doc.toml, key table: there is no file x.csv"),
        (HEAD + "=", "doc.toml: it is not TOML"),
        (
            HEAD + '\n[[items]]\ncode = "a"\nname = "甲"\nkind = "street"\nboss = "b"',
            "doc.toml, line 4, key boss: is not known",
        ),
        (
            HEAD + '\n[[items]]\ncode = "a"\nname = ["甲"]\nkind = "street"',
            "doc.toml, line 4, key name: is ['甲']; write a text",
        ),
    ],
)
def test_a_document_that_is_none_says_why(tmp_path: Path, text: str, what: str) -> None:
    assert complaints(write(tmp_path, text))[0].startswith(what)


@pytest.mark.parametrize(
    ("table", "what"),
    [
        ("code,name,kind\na,甲\n", "orgs.csv, line 2, column 2: 2 cells where 3 belong"),
        ("code,code,kind\n", "orgs.csv, line 1, column code: stands twice"),
        ('code,name,kind\na,"甲', "orgs.csv, line 2: it is no table"),
    ],
)
def test_a_table_that_is_none_says_where(tmp_path: Path, table: str, what: str) -> None:
    write(tmp_path, table, "orgs.csv")
    assert complaints(write(tmp_path, HEAD + 'table = "orgs.csv"\n'))[0].startswith(what)


@pytest.mark.parametrize("person", ["王小明", "13800000000", "w13800000000x", "41170219900101123X", "a b"])
def test_a_name_or_a_number_of_a_person_is_refused_and_not_repeated(tmp_path: Path, person: str) -> None:
    write(tmp_path, f"grid,post,person\ng,leader,w-1\ng,full_time,{person}\n", "p.csv")
    (found,) = complaints(write(tmp_path, 'kind = "posts"\nname = "p"\ntable = "p.csv"\ndefaults = { scheme = "s" }\n'))
    assert found.startswith("p.csv, line 3, column 3 (person): is no opaque code")
    assert person not in found


@pytest.mark.parametrize("code", ["yc-f0001", "7d0f9a52-0c4e-4f0e-9a54-138000000001"])
def test_a_code_is_opaque(tmp_path: Path, code: str) -> None:
    write(tmp_path, f"grid,post,person\ng,leader,{code}\n", "p.csv")
    document = read(write(tmp_path, 'kind = "posts"\nname = "p"\ntable = "p.csv"\ndefaults = { scheme = "s" }\n'))
    assert document.items[0].person == code


def test_bytes_of_no_encoding_are_named_by_line(tmp_path: Path) -> None:
    (tmp_path / "orgs.csv").write_bytes(b"code,name,kind\na,\xff\xff,street\n")
    assert complaints(write(tmp_path, HEAD + 'table = "orgs.csv"\n'))[0].startswith("orgs.csv, line 2: it is neither")


def test_a_folder_gives_all_its_documents_organisations_first_and_all_complaints(tmp_path: Path) -> None:
    write(
        tmp_path,
        'kind = "tariffs"\nname = "t"\nitems = [{ item = "a", title = "甲", points = 1, per = "deed" }]',
        "a.toml",
    )
    write(tmp_path, HEAD + 'items = [{ code = "a", name = "甲", kind = "street" }]', "b.toml")
    assert [document.kind for document in read_all([tmp_path])] == ["organisations", "tariffs"]
    write(tmp_path, "x", "c.toml")
    write(tmp_path, "kind = 1", "d.toml")
    with pytest.raises(BadDocuments) as refused:
        read_all([tmp_path])
    assert {one.file for one in refused.value.found} == {"c.toml", "d.toml"}


def test_the_digest_is_of_what_it_says_not_of_how_it_is_written(tmp_path: Path) -> None:
    item = '{ code = "a", name = "甲", kind = "street" }'
    first = read(write(tmp_path, HEAD + f"items = [{item}]"))
    again = read(write(tmp_path, HEAD + f"# the same\nitems = [\n  {item},\n]"))
    other = Document(first.kind, first.name, first.items, edition="2")
    assert first.digest == again.digest != other.digest
