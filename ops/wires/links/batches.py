"""The police behind two one-way folders: signed, numbered batches, and a carrier who takes whole files across.

Identity is answered by reference only, so the carrier keeps what crosses, and the end looks for names in it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from connectors import whole_files
from ops.wires.links.link import COUNTERPARTS, Ground, Sent, shipped
from ops.wires.programs import program
from ops.wires.script import Member

PATIENCE_SECONDS = 3
CARRY_SECONDS = 0.1
NOBODY = "0" * 64
"""Stands in the shipped file for keys of the police."""


class Keys(NamedTuple):
    """Keys of one side, in hex."""

    signing: str
    opening: str
    public_signing: str
    public_sealing: str


def new_keys() -> Keys:
    """Keys for one play."""
    signing, opening = Ed25519PrivateKey.generate(), X25519PrivateKey.generate()
    public = signing.public_key().public_bytes_raw().hex(), opening.public_key().public_bytes_raw().hex()
    return Keys(signing.private_bytes_raw().hex(), opening.private_bytes_raw().hex(), *public)


class Carrier:
    """Takes whole files out of one side's folder and puts them into the other's. `carried` holds all that crossed."""

    def __init__(self, *ways: tuple[Path, Path]) -> None:
        self._ways = ways
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="carrier")
        self.carried: list[bytes] = []

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(CARRY_SECONDS):
            for out, incoming in self._ways:
                for path in sorted(out.glob("[!.]*")):
                    self.carried.append(path.read_bytes())
                    whole_files.write(incoming / path.name, self.carried[-1])
                    path.unlink()


@dataclass
class Station:
    """A police station; what goes wrong with its next batch it is told."""

    name: str
    file: str
    doors: httpx.Client
    folder: Path
    keys: Keys
    secrets: Mapping[str, str]
    carrier: Carrier

    def department(self) -> str:
        return shipped(
            self.file,
            {
                "/srv/threecross": str(self.folder),
                f'their_signing_keys = ["{NOBODY}"]': f'their_signing_keys = ["{self.keys.public_signing}"]',
                f'their_sealing_key = "{NOBODY}"': f'their_sealing_key = "{self.keys.public_sealing}"',
                "interval_seconds = 900": "interval_seconds = 1",
                "patience_seconds = 3600": f"patience_seconds = {PATIENCE_SECONDS}",
                "poll_seconds = 2.0": "poll_seconds = 0.2",
            },
        )

    def connect(self, url: str) -> None:
        """Nothing of it is spoken to: files alone cross."""

    def do(self, what: str, form: Mapping[str, str]) -> None:
        self.doors.post("/mishaps", json={"next": [what] * int(form.get("times", "1"))}).raise_for_status()

    def disagreements(self, sent: Sent) -> Iterator[str]:
        book = self.doors.post("/book", json={}).raise_for_status().json()
        return differences(book, sent, self.carrier.carried)


def differences(book: Mapping[str, Any], sent: Sent, carried: Iterable[bytes]) -> Iterator[str]:
    """A station's book against what was delivered, and all that has crossed. Pure."""
    if sorted(row["key"] for row in book["lines"]) != sent.keys():
        yield f"it has {len(book['lines'])} lines of ours in its book, {len(sent.done)} were delivered"
    yield from (f"it set {row['file']} aside: {row['reason']}" for row in book["aside"])
    said, heard = sum(row["n"] for row in book["numbers"]), len(book["verdicts"])
    if said != heard:
        yield f"it has said {said} lines, and knows what became of {heard}"
    refused = [row["reason"] for row in book["verdicts"] if row["outcome"] == "refused"]
    yield from (f"the hub refused a line of it: {reason}" for reason in refused)
    kept = [row[what].encode() for row in book["persons"] for what in ("name", "identity")]
    if any(one in content for content in list(carried) for one in kept):
        yield "a name or an identity number that it keeps has crossed"


@contextmanager
def station(member: Member, ground: Ground) -> Iterator[Station]:
    """A police station and a carrier, running."""
    folder, ours, theirs = ground.folder / member.name, new_keys(), new_keys()
    for way in ("to-police", "from-police", "in", "out"):
        (folder / way).mkdir(parents=True)
    for name, key in (("signing", theirs.signing), ("opening", theirs.opening)):
        (folder / f"{name}.key").write_text(key, "ascii")
    options = (
        *("--outgoing", str(folder / "out"), "--incoming", str(folder / "in")),
        *("--database", str(folder / "station.sqlite")),
        *("--signing-key", str(folder / "signing.key"), "--opening-key", str(folder / "opening.key")),
        *("--their-signing-key", ours.public_signing, "--their-sealing-key", ours.public_sealing),
        *("--interval-seconds", "0.5", "--patience-seconds", str(PATIENCE_SECONDS)),
    )
    needed = {"THREECROSS_POLICE_SIGNING_KEY": ours.signing, "THREECROSS_POLICE_OPENING_KEY": ours.opening}
    carrier = Carrier((folder / "to-police", folder / "in"), (folder / "out", folder / "from-police"))
    with (
        program(ground.folder, member.name, f"{COUNTERPARTS}.police_station", options) as ports,
        httpx.Client(base_url=f"http://127.0.0.1:{ports['port']}", timeout=10) as doors,
    ):
        carrier.start()
        try:
            yield Station(member.name, member.file, doors, folder, theirs, needed, carrier)
        finally:
            carrier.stop()
