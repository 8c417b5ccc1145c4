"""The police: signed, numbered batches that a carrier takes over two one-way folders. FORMAT.md says what they hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from connectors.batches import codes, outgoing, sequence
from connectors.batches.arrivals import Arrivals, Correspondent
from connectors.batches.batch import LANES, key_name
from connectors.batches.config import Config
from connectors.batches.connector import BatchSink, BatchSource, Sealing, Ticking
from connectors.batches.drafts import Theirs
from connectors.batches.posting import Posting, Terms
from connectors.contract import Kind, Made, Refused, Secret, Surroundings
from schemas.events import Category

SECOND = 1_000_000
TICK_SECONDS = 0.5


def make(config: Config, around: Surroundings) -> Made:
    """A connector to one police station. Raises Refused for keys that are none."""
    own, patience = Path(around.folder), config.patience_seconds * SECOND
    signing = Ed25519PrivateKey.from_private_bytes(_key(config.signing_key, around))
    terms = Terms(config.us, config.them, signing, config.interval_seconds * SECOND, patience)
    posting = Posting(own, Path(config.outgoing), terms, around.clock, around.log)
    theirs = [Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)) for key in config.their_signing_keys]
    who = Correspondent(config.us, config.them, {key_name(key): key for key in theirs}, patience)
    told = around.metrics.told
    arrivals = Arrivals(
        *(own, Path(config.incoming), who, posting, around.clock, around.log),
        count=lambda outcome: told.labels(around.department.name, outcome).inc(),
    )
    sealing = Sealing(bytes.fromhex(config.their_sealing_key), config.capsule_seconds * SECOND)

    def close() -> None:
        posting.close()
        arrivals.close()

    return Made(
        sink=BatchSink(posting, sealing, config.system, around),
        source=BatchSource(arrivals, _key(config.opening_key, around), _theirs(config, around), around),
        inlet=Ticking(posting, around.log, min(TICK_SECONDS, config.interval_seconds / 4)),
        check=lambda: list(_wrong(config, posting, arrivals, around.clock())),
        close=close,
    )


def _key(secret: Secret, around: Surroundings) -> bytes:
    try:
        found = bytes.fromhex(around.secret(secret).strip())
    except ValueError:
        found = b""
    if len(found) != 32:
        raise Refused(f"{around.department.name}: {secret!r} is no key: write 32 bytes as 64 hexadecimal digits")
    return found


def _theirs(config: Config, around: Surroundings) -> Theirs:
    categories = {code: Category(one.scheme, one.version, one.code) for code, one in config.categories.items()}
    return Theirs(
        around.department.org,
        around.department.role,
        config.reports_as,
        config.system,
        categories,
        lambda code, at: codes.division(around.police_codes(), code, at),
    )


def _wrong(config: Config, posting: Posting, arrivals: Arrivals, now: int) -> Iterator[str]:
    """What keeps the two sides apart now."""
    for folder in (config.outgoing, config.incoming):
        if not Path(folder).is_dir():
            yield f"{folder} is no folder: make it, or correct the department's file"
    for lane in LANES:
        here, there = arrivals.state[lane], posting.state[lane]
        if missing := sequence.asked_again(here):
            yield f"{lane}: batches {', '.join(map(str, missing))} are missing; they were asked for again"
        if here.waiting:
            yield f"{lane}: {len(here.waiting)} lines wait for an earlier one of their case"
        if here.next_at is not None and now > here.next_at + config.patience_seconds * SECOND:
            yield f"{lane}: no batch has come since {_time(here.last_at or 0)}: see whether the carrier goes"
        if late := list(outgoing.to_send_again(there, now, config.patience_seconds * SECOND)):
            yield f"{lane}: batches {', '.join(map(str, late))} are not acknowledged: see whether the carrier goes"


def _time(micros: int) -> str:
    return datetime.fromtimestamp(micros / SECOND, UTC).isoformat(timespec="seconds")


KIND = Kind("batches", Config, make, "police: signed, numbered batches over two one-way folders")
