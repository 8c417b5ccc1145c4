"""A police station in a process of its own, two one-way folders, and a carrier who keeps a copy of every byte."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tests.integration.haystacks import Haystack
from tests.integration.up import ROOT, environment

PATIENCE = 60.0


class Keys(NamedTuple):
    """Keys of one side, in hex: private ones in files."""

    signing: Path
    opening: Path
    public_signing: str
    public_sealing: str


def keys(folder: Path) -> Keys:
    """New ones, in files of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    signing, opening = Ed25519PrivateKey.generate(), X25519PrivateKey.generate()
    files = folder / "signing.key", folder / "opening.key"
    for path, raw in zip(files, (signing.private_bytes_raw(), opening.private_bytes_raw()), strict=True):
        path.write_text(raw.hex(), "ascii")
    return Keys(*files, signing.public_key().public_bytes_raw().hex(), opening.public_key().public_bytes_raw().hex())


class PoliceStation:
    """The counterpart as a test sees it: its four folders, its doors."""

    def __init__(self, folder: Path, hub: Keys, behave: str = "", interval: float = 0.3, patience: float = 3.0) -> None:
        self.folder = folder
        self.keys = keys(folder / "keys")
        self.out, self.incoming = folder / "out", folder / "in"
        (folder / "behave.toml").write_text(behave, "utf-8")
        self._command = [
            *(sys.executable, "-m", "ops.demo.counterparts.police_station"),
            *("--outgoing", str(self.out), "--incoming", str(self.incoming)),
            *("--database", str(folder / "station.sqlite"), "--behave", str(folder / "behave.toml")),
            *("--signing-key", str(self.keys.signing), "--opening-key", str(self.keys.opening)),
            *("--their-signing-key", hub.public_signing, "--their-sealing-key", hub.public_sealing),
            *("--interval-seconds", str(interval), "--patience-seconds", str(patience)),
        ]
        self.start()

    def start(self) -> None:
        log = (self.folder / "station.log").open("ab")
        with log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self._process.stdout is not None
        self.port: int = json.loads(self._process.stdout.readline())["port"]

    def stop(self) -> None:
        self._process.terminate()
        self._end()

    def kill(self) -> None:
        self._process.kill()
        self._end()

    def _end(self) -> None:
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def ask(self, path: str, **told: Any) -> Any:
        """Tell it to do something."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", json.dumps(told).encode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def book(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = self.ask("/book")
        return found


@contextmanager
def police_station(folder: Path, hub: Keys, behave: str = "", **given: float) -> Iterator[PoliceStation]:
    """A station that runs as long as the block."""
    made = PoliceStation(folder, hub, behave, **given)
    try:
        yield made
    finally:
        made.stop()


class Carrier:
    """Takes whole files out of one side's folder and puts them into the other's. `carried` holds all that crossed."""

    def __init__(self, *ways: tuple[Path, Path]) -> None:
        self._ways = ways
        self.carried: list[Haystack] = []

    def go(self) -> None:
        """One journey."""
        for out, incoming in self._ways:
            for path in sorted(out.glob("[!.]*")) if out.is_dir() else ():
                content = path.read_bytes()
                self.carried.append(Haystack(f"file {out.parent.name}/{path.name}", content))
                part = incoming / f".{path.name}.carried"
                part.write_bytes(content)
                part.rename(incoming / path.name)
                path.unlink()


@contextmanager
def going(carrier: Carrier) -> Iterator[None]:
    """The carrier goes to and fro."""
    ended = threading.Event()

    def go() -> None:
        while not ended.wait(0.1):
            carrier.go()

    thread = threading.Thread(target=go)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def until(reached: Callable[[], Any], turn: Callable[[], None], seconds: float = PATIENCE) -> Any:
    """Go on until something is so; its value."""
    end = time.monotonic() + seconds
    while not (found := reached()):
        assert time.monotonic() < end, "it has not come to that"
        turn()
        time.sleep(0.05)
    return found
