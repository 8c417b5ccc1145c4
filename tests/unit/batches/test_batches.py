"""Batches over two one-way folders: what is missing, doubled, damaged or forged, and what becomes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from connectors.batches import acknowledgement, batch, folders, outgoing
from connectors.batches.batch import MANIFEST, BadBatch, Line, Manifest
from connectors.contract import Refused
from tests.batching import HUB_KEY, INTERVAL, PATIENCE, POLICE_KEY, SECOND, STRANGER, Clock, Side, carry, exchange


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hub(tmp_path: Path, clock: Clock) -> Iterator[Side]:
    made = Side("hub", "police", tmp_path / "hub", clock)
    yield made
    made.close()


@pytest.fixture
def police(tmp_path: Path, clock: Clock) -> Iterator[Side]:
    made = Side("police", "hub", tmp_path / "police", clock)
    yield made
    made.close()


def closed(side: Side, *keys: str) -> tuple[str, bytes]:
    """A batch with these lines, taken out of the folder: its name and bytes."""
    for key in keys:
        side.say(key)
    side.clock.pass_by(INTERVAL / SECOND)
    side.posting.tick()
    (path,) = [one for one in side.out.iterdir() if one.suffix == folders.BATCH]
    content = path.read_bytes()
    path.unlink()
    return path.name, content


def put(side: Side, *files: tuple[str, bytes]) -> None:
    """Files arrive, and are read."""
    for name, content in files:
        (side.incoming / name).write_bytes(content)
    side.take()


def said(side: Side) -> dict[str, acknowledgement.Acknowledgement]:
    """Acknowledgements that stand in the outgoing folder."""
    keys = {batch.key_name(key.public_key()): key.public_key() for key in (POLICE_KEY,)}
    return {
        path.stem: acknowledgement.opened(path.read_bytes(), keys, "police", "hub") for path in side.out.glob("*.ack")
    }


def test_what_is_said_arrives_once_in_order_and_is_acknowledged_line_by_line(hub: Side, police: Side) -> None:
    police.refuses = {"b": "unknown-case"}
    for key in "abc":
        hub.say(key)
    exchange(hub, police, 2)
    assert police.keys() == ["a", "b", "c"]
    assert outgoing.verdict(hub.posting.state, "a") == acknowledgement.LineVerdict(1, "a", "accepted")
    assert outgoing.verdict(hub.posting.state, "b") == acknowledgement.LineVerdict(2, "b", "refused", "unknown-case")
    assert not hub.posting.state["regular"].unsettled - {hub.posting.state["regular"].last}


def test_a_key_is_said_once(hub: Side, police: Side) -> None:
    hub.say("a")
    hub.say("a")
    hub.say("a", lane="urgent")
    exchange(hub, police, 2)
    assert police.keys() == ["a"]


def test_the_interval_is_stated_and_an_empty_batch_tells_that_all_is_well(hub: Side, police: Side) -> None:
    name, content = closed(hub)
    assert name == "regular-00000001.batch"
    manifest = json.loads(content.splitlines()[0])
    assert (manifest["interval_seconds"], manifest["count"], manifest["previous"]) == (60, 0, None)
    put(police, (name, content))
    assert police.arrivals.state["regular"].next_at == manifest["made_at"] + INTERVAL


def test_danger_to_life_waits_for_no_interval(hub: Side, police: Side) -> None:
    hub.say("slow")
    hub.say("danger", lane="urgent")
    assert carry(hub, police) == ["urgent-00000001.batch"]
    police.take()
    assert police.keys() == ["danger"]


def test_an_urgent_batch_waits_for_none_before_it(hub: Side, police: Side) -> None:
    hub.say("first", case="a", lane="urgent")
    carry(hub, police, lambda _name, _content: [])
    hub.say("second", case="b", lane="urgent")
    carry(hub, police)
    police.take()
    assert police.keys() == ["second"]


def test_a_missing_number_is_waited_for_and_asked_for_again(hub: Side, police: Side) -> None:
    first, second = closed(hub, "a"), closed(hub, "b")
    put(police, second)
    assert police.keys() == []
    asking = said(police)["regular-00000002"]
    assert (asking.outcome, asking.again) == ("waiting", (1,))
    put(police, first)
    assert police.keys() == ["a", "b"]
    assert said(police)["regular-00000002"].again == ()


def test_what_is_asked_for_again_is_sent_again_at_once_as_it_was(hub: Side, police: Side) -> None:
    first, second = closed(hub, "a"), closed(hub, "b")
    put(police, second)
    carry(police, hub)
    hub.take()
    (again,) = [path.read_bytes() for path in hub.out.glob("*1.batch")]
    assert again == first[1]


def test_a_number_that_never_comes_holds_up_the_others_no_longer_than_the_patience(hub: Side, police: Side) -> None:
    hub.say("a", case="other")
    closed(hub)
    second = closed(hub, "b")
    put(police, second)
    police.clock.pass_by(PATIENCE / SECOND)
    police.take()
    assert police.keys() == ["b"]


def test_within_a_case_a_line_waits_for_its_forerunner_even_then(hub: Side, police: Side) -> None:
    first, second = closed(hub, "a"), closed(hub, "b")
    put(police, second)
    police.clock.pass_by(PATIENCE / SECOND)
    police.take()
    assert police.keys() == []
    assert [one.outcome for one in said(police)["regular-00000002"].lines] == ["waiting"]
    put(police, first)
    assert police.keys() == ["a", "b"]
    assert [one.outcome for one in said(police)["regular-00000002"].lines] == ["accepted"]


def test_the_same_batch_again_is_acknowledged_again_and_nothing_else(hub: Side, police: Side) -> None:
    one = closed(hub, "a")
    put(police, one)
    carry(police, hub)
    put(police, one)
    assert police.keys() == ["a"]
    assert said(police)["regular-00000001"].outcome == "taken"
    assert [one.outcome for one in said(police)["regular-00000001"].lines] == ["accepted"]


def with_other_content(content: bytes) -> bytes:
    """The same number with other lines, rightly signed: a sender whose disk was set back."""
    manifest = msgspec.json.decode(content.split(b"\n")[0], type=Manifest)
    return batch.packed(manifest, [Line("z", "c", 1, "news")], HUB_KEY)[0]


def test_the_same_number_with_other_content_is_set_aside(hub: Side, police: Side) -> None:
    name, content = closed(hub, "a")
    put(police, (name, content))
    put(police, (name, with_other_content(content)))
    assert police.keys() == ["a"]
    assert [one.code for one in police.aside] == ["replaced"]
    assert said(police)["regular-00000001"].outcome == "taken"


def forged(content: bytes) -> bytes:
    manifest = msgspec.json.decode(content.split(b"\n")[0], type=Manifest)
    return batch.packed(manifest, [Line("forged", "c", 1, "news")], STRANGER)[0]


def changed(content: bytes) -> bytes:
    return content.replace(b'"key":"a"', b'"key":"z"')


def renumbered(content: bytes) -> bytes:
    return content.replace(b'"number":1', b'"number":3')


DAMAGE = {
    "forged": (forged, "bad-signature"),
    "renumbered": (renumbered, "bad-signature"),
    "changed": (changed, "wrong-manifest"),
    "cut in its lines": (lambda content: content[:-5], "truncated"),
    "cut in its signature": (lambda content: content[: content.index(b"\n") + 20], "truncated"),
    "cut in its manifest": (lambda content: content[:20], "no-manifest"),
    "empty": (lambda _content: b"", "no-manifest"),
    "a line too many": (lambda content: content + b"{}\n", "wrong-manifest"),
    "rubbish": (lambda _content: b"\xff\xfe\x00" * 99, "no-manifest"),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_batch_that_cannot_be_trusted_is_set_aside_and_blocks_no_other(how: str, hub: Side, police: Side) -> None:
    damage, reason = DAMAGE[how]
    name, content = closed(hub, "a")
    hub.say("b", case="other")
    second = closed(hub)
    put(police, (name, damage(content)), second)
    assert [one.code for one in police.aside] == [reason]
    if reason == "no-manifest" or how == "renumbered":  # nobody knows which it was: it counts as missing
        police.clock.pass_by(PATIENCE / SECOND)
        police.take()
    assert police.keys() == ["b"]
    put(police, (name, content))
    assert police.keys() == ["b", "a"]


def test_a_batch_of_somebody_else_or_for_somebody_else_is_set_aside(hub: Side, police: Side) -> None:
    name, content = closed(hub, "a")
    with pytest.raises(BadBatch, match="somebody else"):
        batch.opened(content, police.arrivals._who.keys, "hub", "fire")
    put(hub, (name, content))
    assert [one.code for one in hub.aside] == ["bad-signature"]


def test_a_signature_is_good_for_one_use(hub: Side, police: Side) -> None:
    name, content = closed(hub, "a")
    put(police, (name, content))
    ack = next(police.out.glob("*.ack")).read_bytes()
    head, signature, _ = ack.split(b"\n")
    keys = {batch.key_name(POLICE_KEY.public_key()): POLICE_KEY.public_key()}
    batch.verify(head, acknowledgement.ACKNOWLEDGEMENT, signature, keys)
    with pytest.raises(BadBatch):
        batch.verify(head, MANIFEST, signature, keys)


def test_an_acknowledgement_that_is_forged_settles_nothing(hub: Side, police: Side) -> None:
    put(police, closed(hub, "a"))
    ack = next(police.out.glob("*.ack"))
    ack.write_bytes(ack.read_bytes().replace(b'"taken"', b'"TAKEN"'))
    carry(police, hub)
    assert [why for _, why in hub.arrivals.acknowledgements()] != []
    assert hub.posting.state["regular"].unsettled == {1}


def test_a_batch_that_nobody_acknowledges_is_sent_again_after_the_patience(hub: Side, police: Side) -> None:
    name, content = closed(hub, "a")
    hub.clock.pass_by(PATIENCE / SECOND)
    hub.posting.tick()
    assert (hub.out / name).read_bytes() == content


def test_what_is_known_outlives_a_fault(hub: Side, police: Side) -> None:
    hub.say("a")
    hub.close()
    hub.open()
    hub.say("a")
    one = closed(hub)
    put(police, one)
    police.close()
    police.open()
    put(police, one)
    assert police.keys() == ["a"]


def test_a_batch_that_was_closed_before_a_fault_is_put_into_the_folder_after_it(hub: Side) -> None:
    name, content = closed(hub, "a")
    hub.close()
    hub.open()
    hub.posting.tick()
    assert (hub.out / name).read_bytes() == content


def test_the_last_line_of_a_journal_that_was_cut_off_never_happened(hub: Side, police: Side) -> None:
    hub.say("a")
    hub.say("b")
    hub.close()
    path = hub.folder / "own/outgoing.journal"
    path.write_bytes(path.read_bytes()[:-7])
    hub.open()
    hub.say("b")
    put(police, closed(hub))
    assert police.keys() == ["a", "b"]


def test_a_journal_that_holds_something_else_is_refused(hub: Side) -> None:
    hub.close()
    (hub.folder / "own/outgoing.journal").write_bytes(b"rubbish\n")
    with pytest.raises(Refused, match="line 1"):
        hub.open()
    (hub.folder / "own/outgoing.journal").write_bytes(b"")
    hub.open()


def test_a_file_on_its_way_is_not_looked_at(hub: Side, police: Side) -> None:
    name, content = closed(hub, "a")
    (police.incoming / f".{name}.part").write_bytes(content[:10])
    put(police)
    assert police.aside == []


def test_a_disk_that_is_full_leaves_nothing_half_written(hub: Side, police: Side, tmp_path: Path) -> None:
    hub.say("a", lane="urgent")
    carry(hub, police)
    hub.out.rmdir()
    with pytest.raises(OSError):
        hub.say("b", case="d", lane="urgent")
    hub.out.mkdir()
    hub.say("b", case="d", lane="urgent")
    carry(hub, police)
    police.take()
    assert police.keys() == ["a", "b"]
