"""The faults of a campaign, one function each: does it, sees that it has happened, undoes what would not end by itself.

Each returns the partitions of claims whose owner it took away; after it the campaign waits until the hub is whole.
"""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

import psycopg

from ops.worker import CANNOT_RUN
from tests.faults.disk import filled, no_file_may_grow
from tests.faults.hub import BACK_SECONDS, CASEWORK, FaultHub
from tests.faults.workers import WorkerProcess, wait_until


@dataclass
class Scene:
    """What the faults are given: the hub, the load's ear, whether worker 2 has a small disk, chance."""

    hub: FaultHub
    tell_load: Callable[[str], None]
    has_small_disk: bool
    random: Random

    def worker(self) -> str:
        """One of casework under the supervisor, mostly one that has work."""
        return self.random.choice(CASEWORK)


# ------------------------------------------------------------ engine


def kill_worker(scene: Scene) -> set[int]:
    victim = scene.worker()
    owned = scene.hub.owned(victim)
    scene.hub.wait_restarted(victim, scene.hub.signal(victim, signal.SIGKILL))
    return owned


def kill_both(scene: Scene) -> set[int]:
    pids = [(name, scene.hub.signal(name, signal.SIGKILL)) for name in CASEWORK]
    for name, pid in pids:
        scene.hub.wait_restarted(name, pid)
    return scene.hub.partitions


def freeze(scene: Scene) -> set[int]:
    """SIGSTOP until another worker has taken everything over, and a while more; then SIGCONT."""
    hub, victim = scene.hub, scene.worker()
    (other,) = set(CASEWORK) - {victim}
    owned = hub.owned(victim)
    hub.signal(victim, signal.SIGSTOP)
    try:
        wait_until(lambda: hub.owned(other) == hub.partitions, f"{other} to have every partition", BACK_SECONDS)
        time.sleep(scene.random.uniform(0.5, 4))
    finally:
        hub.signal(victim, signal.SIGCONT)
    return owned


def join_and_leave(scene: Scene) -> set[int]:
    """A third worker comes, works, and leaves in order."""
    with scene.hub.guest() as guest:
        wait_until(lambda: _works(scene.hub, guest), "the guest to work on something", BACK_SECONDS)
        time.sleep(scene.random.uniform(1, 4))
        owned = scene.hub.owned(guest.name)
        code = guest.end()
        assert code in (0, 70), f"the guest ended with code {code}"
    return owned


def _works(hub: FaultHub, guest: WorkerProcess) -> set[int]:
    """Partitions of the guest. One that found a server away when it came is started again, as a supervisor would."""
    if guest.code == CANNOT_RUN:
        guest.start()
    return hub.owned(guest.name)


def fill_disk(scene: Scene) -> set[int]:
    """No room for the local copies of worker 2; killed in the middle it finds its copies gone, and no room for new."""
    hub, victim = scene.hub, "casework-2"
    if not scene.has_small_disk:
        pid = hub.pid(victim)
        if pid is not None:
            with no_file_may_grow(pid):
                time.sleep(scene.random.uniform(7, 12))
        return set()
    state = hub.folder / "state" / "2"
    with filled(state) as fill:
        time.sleep(scene.random.uniform(5, 8))
        owned, pid = hub.owned(victim), hub.signal(victim, signal.SIGKILL)
        for copy in state.glob("casework-*"):
            shutil.rmtree(copy)
        fill()
        hub.wait_restarted(victim, pid)
        hub.wait_whole()
        time.sleep(scene.random.uniform(0, 6))
    return owned


def restart_broker(scene: Scene) -> set[int]:
    scene.hub.wait_restarted("Kafka", scene.hub.signal("Kafka", signal.SIGTERM))
    return scene.hub.partitions


def kill_broker(scene: Scene) -> set[int]:
    scene.hub.wait_restarted("Kafka", scene.hub.signal("Kafka", signal.SIGKILL))
    return scene.hub.partitions


# ------------------------------------------------------------ database


def restart_database(scene: Scene) -> set[int]:
    scene.hub.wait_restarted("PostgreSQL", scene.hub.signal("PostgreSQL", signal.SIGINT))
    return set()


def kill_database(scene: Scene) -> set[int]:
    scene.hub.wait_restarted("PostgreSQL", scene.hub.signal("PostgreSQL", signal.SIGKILL))
    return set()


def kill_views(scene: Scene) -> set[int]:
    scene.hub.wait_restarted("views", scene.hub.signal("views", signal.SIGKILL))
    return set()


@contextmanager
def _database(scene: Scene) -> Any:
    schema = scene.hub.settings.hub.sql_schema
    options = f"-c search_path={schema} -c lock_timeout=60s"
    with psycopg.connect(scene.hub.dsn, options=options, connect_timeout=30) as connection:
        yield connection


def slow_database(scene: Scene) -> set[int]:
    """Somebody holds a lock that the views need."""
    what = scene.random.choice(
        ("SELECT * FROM partitions FOR UPDATE", "LOCK TABLE cases IN ACCESS EXCLUSIVE MODE", "LOCK TABLE parties")
    )
    with _database(scene) as connection:
        connection.execute(what)
        time.sleep(scene.random.uniform(3, 8))
    return set()


def another_version(scene: Scene) -> set[int]:
    """The views start anew and find rows that another version of them made: they fold every fact again."""
    with _database(scene) as connection:
        connection.execute("UPDATE partitions SET fold_version = 'an earlier one'")
    return kill_views(scene)


def delete_rows(scene: Scene) -> set[int]:
    """Under the views' hands one partition vanishes, as after a restore from a backup."""
    partition = scene.random.choice(sorted(scene.hub.partitions))
    with _database(scene) as connection:
        connection.execute("DELETE FROM partitions WHERE partition = %s", (partition,))
        if scene.random.random() < 0.5:
            connection.execute("DELETE FROM cases WHERE partition = %s", (partition,))
    return set()


# ------------------------------------------------------------ load


def flood(scene: Scene) -> set[int]:
    scene.tell_load(f"poison {scene.random.randrange(200, 1_000)}")
    return set()


def repeat(scene: Scene) -> set[int]:
    scene.tell_load(f"again {scene.random.randrange(100, 1_000)}")
    return set()


def delay(scene: Scene) -> set[int]:
    scene.tell_load(f"hold {scene.random.randrange(50, 400)} {scene.random.randrange(3, 90)}")
    return set()


KINDS: dict[str, Callable[[Scene], set[int]]] = {
    "worker killed": kill_worker,
    "worker killed soon": kill_worker,
    "both workers killed": kill_both,
    "worker frozen": freeze,
    "worker joined and left": join_and_leave,
    "disk full": fill_disk,
    "broker restarted": restart_broker,
    "broker killed": kill_broker,
    "database restarted": restart_database,
    "database killed": kill_database,
    "database slow": slow_database,
    "views killed": kill_views,
    "views of another version": another_version,
    "views rows deleted": delete_rows,
    "poison flood": flood,
    "claims repeated": repeat,
    "claims delayed": delay,
}
