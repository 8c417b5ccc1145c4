"""The hotline's sheets: a hotline in a process of its own, the connectors process, Kafka, PostgreSQL and the vault."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from schemas import codec, ids
from schemas.events import (
    Amend,
    FeedCard,
    Filed,
    Report,
    ReporterAnswered,
    Source,
    Subject,
    Supplement,
)
from schemas.wire.settings import HubSettings, KafkaSettings
from tests.builders import T0, fact
from tests.integration import haystacks
from tests.integration.connecting import Feed, Linked, linked, wait_until
from tests.integration.counterpart import counterpart
from tests.integration.haystacks import Search

NAME, PHONE, WORDS, ANSWER = "欧阳霁月", "13955190701", "半夜总有人敲我家的门", "已派社区民警上门"
NEEDLES = (NAME, "139551907", WORDS, ANSWER)
SYSTEM = "xitu-12345"


class Hotline:
    """The counterpart as a test sees it."""

    def __init__(self, port: int) -> None:
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10)

    def ask(self, path: str, **told: Any) -> Any:
        return self._client.post(path, json=told).raise_for_status().json()

    def order(self, number: str, **told: str) -> None:
        given = {"number": number, "at": "2026-11-27 08:30", "category": "邻里纠纷", "community": "富强社区"}
        given |= {"address": "富强路口", "text": WORDS, "caller": NAME, "phone": PHONE, "remark": "不读这一列"}
        self.ask("/order", **(given | told))

    def book(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = self.ask("/book")
        return found

    def outcomes(self) -> dict[str, str]:
        return {one["number"]: one["outcome"] for one in self.book()["orders"]}


@pytest.fixture
def hub(kafka_settings: KafkaSettings, hub_settings: HubSettings, dsn: str, tmp_path: Path) -> Iterator[Linked]:
    """A hub with the hotline that ships, its drop folder in a place of the test."""
    shipped = resources.files("connectors") / "departments" / "examples" / "xitu-hotline.toml"
    text = shipped.read_text("utf-8").replace("/srv/threecross/hotline", str(tmp_path / "drop"))
    text = text.replace("settle_seconds = 2.0", "settle_seconds = 0.2")
    text = text.replace('kind = "orders"', 'kind = "orders"\npoll_seconds = 0.2')
    with linked(kafka_settings, hub_settings, dsn, tmp_path) as made:
        made.department("xitu-hotline", text)
        yield made


@pytest.fixture
def hotline(hub: Linked, tmp_path: Path) -> Iterator[Hotline]:
    options = ("--folder", str(tmp_path / "drop"), "--database", str(tmp_path / "hotline.sqlite"))
    with counterpart("hotline", options) as told:
        yield Hotline(told["port"])


@pytest.fixture
def feed(hub: Linked) -> Feed:
    return hub.feed("xitu-hotline")


def said(hub: Linked, made: type) -> list[Any]:
    return [(meta, body) for meta, body in hub.claims() if isinstance(body, made)]


def verdicts(hotline: Hotline, count: int) -> Callable[[], bool]:
    return lambda: len(hotline.book()["verdicts"]) == count


def claims(hub: Linked, count: int) -> Callable[[], bool]:
    return lambda: len(hub.claims()) >= count


def tell(feed: Feed, body: Any, number: str, seq: int) -> None:
    """The outbox tells a fact about an order of the hotline."""
    meta, _ = fact(body, seq, at=T0)
    about = Subject("case", ids.case_id(SYSTEM, number))
    card = FeedCard("150271-261127-001-00001-4", "filed", lead="police", source=Source(SYSTEM, number))
    feed.tell_fact(replace(meta, subject=about), body, card)


@pytest.mark.parametrize("form", ["xlsx", "utf-8", "utf-8-sig", "gb18030"])
def test_each_row_is_told_once_and_judged_by_name(form: str, hub: Linked, hotline: Hotline, feed: Feed) -> None:
    for number in ("GD-1", "GD-2"):
        hotline.order(number)
    hotline.order("GD-3", category="没有这一类")
    hotline.order("GD-4", at="昨天下午")
    hub.start()
    hotline.ask("/export", **{"as": form})
    wait_until(lambda: len(hotline.book()["verdicts"]) == 4, "verdicts on four rows")
    assert hotline.outcomes() == {"GD-1": "已受理", "GD-2": "已受理", "GD-3": "退回", "GD-4": "退回"}
    reasons = {one["number"]: one["reason"] for one in hotline.book()["orders"]}
    assert "诉求类别" in reasons["GD-3"]
    assert "受理时间" in reasons["GD-4"]
    reports = {meta.source.number: body for meta, body in said(hub, Report)}
    assert set(reports) == {"GD-1", "GD-2"}
    assert (reports["GD-1"].place.division, reports["GD-1"].inlet) == ("150271001001", "12345")
    (one,) = [order for order in hotline.book()["orders"] if order["number"] == "GD-1"]
    assert one["hub_case"] == ids.case_id(SYSTEM, "GD-1")
    text = hub.vault.get(reports["GD-1"].text, who="test", role="privacy_officer", purpose="audit")
    assert text == WORDS
    assert {row["reason"] for row in hub.rows("SELECT reason FROM connector_dead_letters")} == {"bad-message"}


def test_the_same_sheet_again_changes_nothing_and_one_changed_row_is_one_claim(
    hub: Linked, hotline: Hotline, feed: Feed
) -> None:
    for number in ("GD-1", "GD-2"):
        hotline.order(number)
    hub.start()
    for count, form in enumerate(("xlsx", "xlsx", "gb18030"), 1):
        hotline.ask("/export", **{"as": form})
        wait_until(verdicts(hotline, 2 * count), "verdicts")
    assert len(hub.claims()) == 2
    assert set(hotline.outcomes().values()) == {"无变化"}
    hotline.order("GD-1", text="又来敲门了")
    hotline.order("GD-2", category="走失人员")
    hotline.ask("/export", **{"as": "utf-8"})
    wait_until(lambda: len(hub.claims()) == 4, "two more claims")
    assert [type(body) for _, body in hub.claims()].count(Report) == 2
    assert len(said(hub, Supplement)) == len(said(hub, Amend)) == 1


def test_a_kill_while_sheets_are_read_neither_loses_nor_doubles_a_row(
    hub: Linked, hotline: Hotline, feed: Feed
) -> None:
    for number in range(20):
        hotline.order(f"GD-{number:03}")
    hub.start()
    for sheet in range(2):
        numbers = [f"GD-{number:03}" for number in range(sheet * 10, sheet * 10 + 10)]
        hotline.ask("/export", numbers=numbers, **{"as": "utf-8"})
        wait_until(claims(hub, sheet * 10), "some claims")
        hub.end(signal.SIGKILL)
        hub.start()
    wait_until(lambda: None not in hotline.outcomes().values(), "a verdict on every row")
    told = {(meta.source.number, codec.encode(meta, body)) for meta, body in hub.claims()}
    assert sorted(number for number, _ in told) == [f"GD-{number:03}" for number in range(20)]


def test_answers_go_back_in_sheets_with_their_numbers_and_ours(hub: Linked, hotline: Hotline, feed: Feed) -> None:
    hotline.order("GD-1")
    hub.start()
    hotline.ask("/export")
    wait_until(lambda: hotline.outcomes()["GD-1"] == "已受理", "the verdict")
    tell(feed, Filed("150271-261127-001-00001-4"), "GD-1", 2)
    tell(feed, ReporterAnswered("phone", hub.vault.put_text(f"=1+1 {ANSWER}")), "GD-1", 3)
    wait_until(lambda: len(hotline.book()["answers"]) == 2, "two answers")
    (order,) = hotline.book()["orders"]
    assert (order["status"], order["hub_number"]) == ("已立案", "150271-261127-001-00001-4")
    texts = [one["text"] for one in hotline.book()["answers"]]
    assert sorted(texts) == ["", f"'=1+1 {ANSWER}"]
    assert [one["times"] for one in hotline.book()["answers"]] == [1, 1]


def test_a_number_made_from_a_phone_leaves_no_trace_and_comes_back_as_it_was(
    hub: Linked, hotline: Hotline, feed: Feed
) -> None:
    hotline.order(PHONE)
    hotline.order("GD-2", category=f"{NAME} {PHONE}")
    hub.start()
    hotline.ask("/export")
    wait_until(lambda: len(hotline.book()["verdicts"]) == 2, "the verdicts")
    ((meta, _report),) = said(hub, Report)
    assert PHONE not in meta.source.number
    tell(feed, Filed("150271-261127-001-00001-4"), meta.source.number, 2)
    tell(feed, ReporterAnswered("phone", hub.vault.put_text(ANSWER)), meta.source.number, 3)
    wait_until(lambda: len(hotline.book()["answers"]) == 2, "the answers")
    assert {one["number"] for one in hotline.book()["answers"]} == {PHONE}
    assert hub.end() == 0
    found = [*haystacks.tables(hub.engine), *kafka(hub)]
    found += haystacks.files(hub.folder / "data", unless=lambda path: path.name == "vault.key")
    assert Search(*NEEDLES)(found) == []
    assert Search(SYSTEM)(found), "the same search finds what is public"
    looks = hub.rows("SELECT role, purpose, kind, granted FROM vault_looks")
    assert {(look["role"], look["purpose"], look["kind"]) for look in looks} == {
        ("connector", "delivery", "number"),
        ("connector", "delivery", "text"),
    }


def kafka(hub: Linked) -> list[haystacks.Haystack]:
    return [haystacks.Haystack("claims", codec.encode(meta, body)) for meta, body in hub.claims()]
