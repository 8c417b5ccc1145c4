"""What a department's file may say, and what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from connectors import department
from connectors.contract import Secret
from connectors.notices.settings import Notice, Notices, Person
from tests.unit.connectors.notices.samples import CALLED, CONFIG, LATE

ROOT = Path(__file__).parents[4]


def test_the_shipped_example_is_read_and_shows_nothing_personal() -> None:
    text = (ROOT / "connectors/departments/examples/duty-notices.toml").read_bytes()
    loaded = department.parse("duty-notices", text)
    assert isinstance(loaded.options, Notices)
    assert loaded.options.head == "p9"
    assert "phone" not in str(department.shown(loaded))


@pytest.mark.parametrize("text", ["{phone}", "{number.x}", "{number!r}", "{place:>9}"])
def test_a_text_that_would_hold_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="nothing else"):
        replace(CONFIG, notices=(Notice("n", ("Urged",), text),))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"head": "p7"}, "p7.* is missing"),
        ({"persons": CONFIG.persons | {"p1": Person()}}, "neither robot nor mail"),
        ({"persons": CONFIG.persons | {"p1": Person(robot="elsewhere")}}, "no robot"),
        ({"mail": None}, "notices.mail"),
        ({"answers": ("Nodded",)}, "no such fact"),
        ({"notices": (CALLED, CALLED)}, "the same name"),
        ({"notices": (replace(LATE, facts=("Late",)),)}, "no fact Late"),
        ({"notices": (replace(LATE, answer_minutes=(20.0, 10.0)),)}, "more than the one before"),
    ],
)
def test_what_does_not_fit_together_is_refused(changed: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        replace(CONFIG, **changed)


def test_a_secret_in_the_file_is_refused() -> None:
    text = (ROOT / "connectors/departments/examples/duty-notices.toml").read_text("utf-8")
    with pytest.raises(department.BadDepartment, match="never stands in the file"):
        department.parse("duty-notices", text.replace("file:power-p1-phone", "13800000000").encode())
    assert isinstance(CONFIG.persons["p2"].mail, Secret)
