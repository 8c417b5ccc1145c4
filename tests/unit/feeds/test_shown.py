"""Items as JSON: CloudEvents that any program reads."""

from __future__ import annotations

import json
from collections.abc import Iterator

from connectors.feeds.shown import event, is_time, plain
from schemas.events import TextRef
from schemas.generate.model import Array, Nullable, Primitive, Record, Type, load, newest, walk
from tests.builders import TEXT, WORKED, reported
from tests.feeds import fact_in, fed, placed, since, subscription
from tests.linking import story


def _inner(node: Type) -> Type:
    while isinstance(node, Nullable | Array):
        node = node.item if isinstance(node, Nullable) else node.items
    return node


def _numbers() -> Iterator[tuple[str, str, bool]]:
    """(record, field, whether it is a time) of every number that an item can carry."""
    for schema in newest(load()):
        for named in walk(schema.record) if schema.side in ("fact", "feed") else ():
            for field in named.fields if isinstance(named, Record) else ():
                kind = _inner(field.type)
                if isinstance(kind, Primitive) and kind.name in ("int", "long"):
                    yield named.full_name, field.name, kind.logical == "timestamp-micros"


def test_every_time_and_nothing_else_is_shown_as_a_time() -> None:
    assert [(record, field) for record, field, time in _numbers() if is_time(field) is not time] == []


def test_an_item_is_a_cloud_event() -> None:
    item = fed(placed(story("1", *WORKED)), since(subscription()))[3]
    told = event(item, *fact_in(item), "threecross", 2)
    assert json.loads(json.dumps(told)) == told
    assert {name: told[name] for name in ("specversion", "type", "subject", "source", "sequence", "time")} == {
        "specversion": "1.0",
        "type": "threecross.fact.dispatch.Dispatched",
        "subject": f"case/{item.subject.id}",
        "source": "/threecross/feeds/power/2",
        "sequence": "4",
        "time": told["data"]["recorded_at"],
    }
    assert told["data"]["card"]["parties"][0]["org"] == "power"
    assert told["data"]["fact"]["body"]["parties"][0] == {"org": "power", "role": "lead"}


def test_what_is_to_be_opened_later_stays_as_it_is() -> None:
    kept = plain(reported(text=TEXT), lambda value: isinstance(value, TextRef))
    assert kept["text"] is TEXT
    assert plain(reported(text=TEXT))["text"] == {"ref": TEXT.ref, "digest": "00" * 32}
