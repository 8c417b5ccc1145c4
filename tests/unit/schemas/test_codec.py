"""What the codec says about bytes and values that it cannot take, and what evolution does to old bytes."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from schemas import events
from schemas.frames import Unreadable, Unwritable, frame
from schemas.generate import codec as codec_text
from schemas.generate import events as events_text
from schemas.generate import lock
from tests.codecs import either_codec as codec
from tests.contract.evolution import add_field, drop_field, evolved, named

__all__ = ["codec"]
pytestmark = pytest.mark.timeout(120)  # seconds; the first test may have to compile

UUID = "0b9dd13f-7b5c-5f7e-8d31-0123456789ab"
META = events.ClaimMeta(
    claim_id=UUID,
    subject=events.Subject(kind=events.SubjectKind.CASE, id=UUID),
    occurred_at=1_795_000_000_000_000,
    actor=events.Actor(org="power", role="party"),
    source=events.Source(system="power", number="7"),
)
FACT_META = events.FactMeta(
    fact_id=UUID,
    subject=META.subject,
    seq=3,
    case_id=UUID,
    occurred_at=META.occurred_at,
    recorded_at=META.occurred_at,
    actor=META.actor,
    source=META.source,
    claim_id=UUID,
    claim_digest=bytes(32),
    versions=events.Versions(),
)
HAND_BACK = events.HandBack(party="power")


def reason(value: Any, read: Any) -> str:
    with pytest.raises(Unreadable) as caught:
        read(value)
    return caught.value.reason


@pytest.mark.parametrize("value", [b"", b"\x00\x00\x00\x00", b"\x01\x00\x00\x00\x01", b'{"a": 1}', None])
def test_what_has_no_frame_is_not_a_frame(codec: Any, value: Any) -> None:
    assert {reason(value, read) for read in (codec.decode, codec.decode_meta, codec.decode_hub)} == {"not-a-frame"}


def test_an_id_that_nobody_gave_is_an_unknown_schema_and_is_named(codec: Any) -> None:
    with pytest.raises(Unreadable) as caught:
        codec.decode(frame(999_999) + b"\x00" * 80)
    assert (caught.value.reason, caught.value.schema_id) == ("unknown-schema", 999_999)


def test_hub_records_and_events_are_not_taken_for_each_other(codec: Any) -> None:
    record = events.HubPosition(epoch=1, offset=2, index=-1, count=0)
    assert codec.decode_hub(codec.encode_hub(record)) == record
    assert reason(codec.encode_hub(record), codec.decode) == "unknown-schema"
    assert reason(codec.encode(META, HAND_BACK), codec.decode_hub) == "unknown-schema"


def test_an_error_says_nothing_of_the_content(codec: Any) -> None:
    value = codec.encode(META, events.HandBack(party="13800138000"))
    with pytest.raises(Unreadable) as caught:
        codec.decode(value[:-3])
    assert "138" not in str(caught.value)


@pytest.mark.parametrize("bad", [UUID.upper(), UUID[:-1], "x" * 36, "é" * 36, ""])
def test_a_claim_with_a_text_that_is_no_uuid_is_refused_by_reader_and_writer(codec: Any, bad: str) -> None:
    with pytest.raises(Unwritable):
        codec.encode(events.ClaimMeta(bad, META.subject, 0, META.actor, META.source), HAND_BACK)
    with pytest.raises(Unwritable):
        codec.encode(events.ClaimMeta(UUID + "0", META.subject, 0, META.actor, META.source), HAND_BACK)
    good = codec.encode(META, HAND_BACK)
    assert reason(good.replace(UUID.encode(), bad.encode().ljust(36, b"-")[:36], 1), codec.decode) == "bad-value"


@pytest.mark.parametrize(
    "body",
    [
        events.HandBack(party=None),  # type: ignore[arg-type]
        events.HandBack(party=7),  # type: ignore[arg-type]
        events.HandBack(party="\ud800"),
        events.HandBack(party="power", evidence=(events.FileRef(UUID, b"short", "image/jpeg", 1),)),
        events.HandBack(party="power", evidence=(events.FileRef(UUID, bytes(32), "image/jpeg", 2**63),)),
        events.Check(result="perhaps"),  # type: ignore[arg-type]
        events.Commit(due_at=-(2**63) - 1, basis="phone"),
        events.HubPosition(0, 0, 0, 0),
    ],
)
def test_a_value_that_the_schema_cannot_hold_is_unwritable(codec: Any, body: Any) -> None:
    with pytest.raises(Unwritable):
        codec.encode(META, body)


def test_meta_and_body_of_different_sides_are_unwritable(codec: Any) -> None:
    with pytest.raises(Unwritable):
        codec.encode(META, events.HandedBack(party="power"))
    with pytest.raises(Unwritable):
        codec.encode(FACT_META, HAND_BACK)


def test_an_int_of_the_hub_has_32_bits(codec: Any) -> None:
    with pytest.raises(Unwritable):
        codec.encode_hub(events.HubPosition(0, 0, 2**31, 0))
    assert (
        reason(
            frame(codec.schema_id(events.HubPosition)) + b"\x00\x00" + b"\x80\x80\x80\x80\x10" + b"\x00",
            codec.decode_hub,
        )
        == "bad-value"
    )


@pytest.mark.parametrize("day", [0, -1, 1, 63, 2**48 - 1, 2**48, 2**55 - 1, 2**55, 2**63 - 1, -(2**63)])
def test_every_time_survives(codec: Any, day: int) -> None:
    commit = events.Commit(due_at=day, basis="phone")
    assert codec.decode(codec.encode(META, commit))[1] == commit


def test_arrays_may_come_in_several_blocks_with_sizes(codec: Any) -> None:
    value = codec.encode(FACT_META, events.ReworkOrdered(parties=("power", "water")))
    one_block = b"\x04" + b"\x0apower" + b"\x0awater" + b"\x00"
    two_blocks = b"\x01\x0c" + b"\x0apower" + b"\x02" + b"\x0awater" + b"\x00"
    assert value.endswith(one_block)
    assert codec.decode(value.removesuffix(one_block) + two_blocks) == codec.decode(value)


def test_names_families_and_ids_are_known_by_class(codec: Any) -> None:
    assert events.full_name(events.HandBack) == "threecross.claim.disposal.HandBack"
    assert events.family(events.HandBack) == "disposal"
    assert events.CLAIMS["threecross.claim.disposal.HandBack"] is events.HandBack
    assert codec.encode(META, HAND_BACK).startswith(frame(codec.schema_id(events.HandBack)))


@pytest.fixture
def tomorrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A codec in which Acknowledge has a second version (a field more, one less), and Close a symbol more, one less."""
    schemas = evolved("threecross.claim.dispatch.Acknowledge", change_acknowledge)
    schemas = sorted(
        [*schemas, *[s for s in evolved("threecross.claim.verification.Close", change_close) if s.version == 2]],
        key=lambda s: (s.full_name, s.version),
    )
    schemas = [s for s in schemas if s.record.name != "Closed"]
    entries = lock.extend([], schemas)
    text = codec_text.render(schemas, entries).replace("from schemas.events", "from tomorrow_events")
    (tmp_path / "tomorrow_events.py").write_text(events_text.render(schemas), encoding="utf-8")
    (tmp_path / "tomorrow_codec.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("tomorrow_codec")
    for name in ("tomorrow_codec", "tomorrow_events"):
        sys.modules.pop(name, None)


def change_acknowledge(document: Any) -> None:
    add_field("hours", ["null", "long"], default=None)(document)
    add_field("tools", {"type": "array", "items": "string"}, default=[])(document)
    drop_field("upstream_status")(document)


def change_close(document: Any) -> None:
    named(document, "ClosingKind")["symbols"] = ["unknown", "merged", "checked", "self_handled", "recorded"]


def reframed(value: bytes, module: ModuleType, name: str, version: int) -> bytes:
    decoders = {decode.__name__: prefix for prefix, decode in module._DECODERS.items()}
    prefix: bytes = decoders[f"_decode_{name}_{version}"]
    return prefix + value[5:]


def test_an_old_version_becomes_the_newest_class_with_defaults(codec: Any, tomorrow: ModuleType) -> None:
    old = codec.encode(META, events.Acknowledge(party="power", upstream_status="done"))
    meta, body = tomorrow.decode(reframed(old, tomorrow, "Acknowledge", 1))
    assert (body.party, body.hours, body.tools, hasattr(body, "upstream_status")) == ("power", None, (), False)
    assert meta.claim_id == UUID
    assert tomorrow.decode(tomorrow.encode(meta, body)) == (meta, body)


@pytest.mark.parametrize(("symbol", "seen"), [("checked", "checked"), ("forced", "unknown")])
def test_a_symbol_that_is_gone_becomes_the_default_of_its_enum(
    codec: Any, tomorrow: ModuleType, symbol: Any, seen: str
) -> None:
    old = codec.encode(META, events.Close(kind=symbol))
    _, body = tomorrow.decode(reframed(old, tomorrow, "Close", 1))
    assert body.kind == seen
