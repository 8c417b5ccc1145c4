"""The department that ships for the hotline: what it says, and what its loader refuses."""

import tomllib
from importlib import resources

import pytest

from connectors import department
from connectors.orders.config import Config


def text() -> str:
    folder = resources.files("connectors") / "departments" / "examples"
    return (folder / "xitu-hotline.toml").read_text("utf-8")


def test_the_hotline_of_the_zone_sends_sheets() -> None:
    found = department.example("xitu-hotline")
    assert (found.kind.name, found.head.org) == ("orders", "hotline")
    assert isinstance(found.options, Config)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('number = ["工单编号", "工单号", "受理编号"]', "number = []"),
        ('place = ["事发地址"]', 'place = ["工单号"]'),
        ('answers_as = "xlsx"', 'answers_as = "pdf"'),
        ('system = "xitu-12345"', 'systems = "xitu-12345"'),
    ],
)
def test_what_cannot_be_meant_is_refused(right: str, wrong: str) -> None:
    assert right in text()
    with pytest.raises(department.BadDepartment):
        department.checked("xitu-hotline", tomllib.loads(text().replace(right, wrong)))
