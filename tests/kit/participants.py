"""Who is run through the kit, what is exempt and why, and the table of both."""

from __future__ import annotations

import tomllib
from pathlib import Path

from connectors import kinds
from tests.kit import batches, chat, drop, exchange, feeds, intake, mqtt, notices, open311, orders, push, rest, webhook
from tests.kit.harness import INLET, SINK, SOURCE, Participant
from tests.kit.sentences import SENTENCES, Sentence

PARTICIPANTS = (
    Participant("batches", frozenset({SINK, SOURCE}), batches.start),
    Participant("chat", frozenset({SINK, INLET}), chat.start),
    Participant("drop", frozenset({SINK, SOURCE}), drop.start),
    Participant("exchange", frozenset({SINK, SOURCE}), exchange.start),
    Participant("feeds", frozenset({INLET}), feeds.start),
    Participant("intake", frozenset({INLET}), intake.start),
    Participant("mqtt", frozenset({INLET}), mqtt.start),
    Participant("notices", frozenset({SINK}), notices.start),
    Participant("open311", frozenset({SINK, SOURCE, INLET}), open311.start),
    Participant("orders", frozenset({SINK, SOURCE}), orders.start),
    Participant("push", frozenset({SINK, INLET}), push.start),
    Participant("rest", frozenset({SINK, INLET}), rest.start),
    Participant("webhook", frozenset({SINK}), webhook.start),
)
EXEMPTIONS: dict[str, dict[str, str]] = tomllib.loads(Path(__file__).with_name("exemptions.toml").read_text("utf-8"))


def applies(one: Sentence, to: Participant) -> bool:
    """Whether the sentence is about a part that the connector has."""
    return one.part is None or one.part in to.parts


def exempt(one: Sentence, participant: Participant) -> str | None:
    """Why a sentence is not checked with it; None: it is."""
    return EXEMPTIONS.get(participant.name, {}).get(one.id)


def cell(one: Sentence, participant: Participant) -> str:
    if not applies(one, participant):
        return "·"
    return "exempt" if exempt(one, participant) else "kept"


def coverage() -> str:
    """Sentences by connectors, as it stands in connectors/CONTRACT.md; `·`: it has no such part."""
    names = [participant.name for participant in PARTICIPANTS]
    lines = ["| sentence | " + " | ".join(names) + " |", "| --- |" + " --- |" * len(names)]
    for one in SENTENCES:
        lines += [f"| {one.id} | " + " | ".join(cell(one, participant) for participant in PARTICIPANTS) + " |"]
    return "\n".join(lines)


def without_harness() -> set[str]:
    """Kinds that nobody has given a harness."""
    return set(kinds.names()) - {participant.name for participant in PARTICIPANTS}
