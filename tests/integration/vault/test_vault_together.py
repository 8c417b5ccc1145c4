"""Several at once, and within the transaction of a caller."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, func, text, update

from ops.database import engine as new_engine
from ops.vault import (
    Erased,
    Vault,
    open_vault,
)
from ops.vault.tables import vault_keys
from schemas.events import TextRef
from tests.integration.databases import fresh
from tests.integration.vault.samples import DISPATCHER, rows


def together(work: Callable[[int], None], count: int) -> None:
    threads = [threading.Thread(target=work, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)


def schema_of(engine: Engine) -> str:
    with engine.connect() as c:
        return str(c.scalar(text("SELECT current_schema()")))


def test_many_who_ask_at_once_get_one_alias_and_leave_nothing_over(vault: Vault, database: Engine) -> None:
    numbers = [f"at-once-{n}" for n in range(20)]
    before, seen, ready = rows(database), [], threading.Barrier(8)

    def ask(turn: int) -> None:
        ready.wait()
        order = numbers[turn:] + numbers[:turn]
        seen.append(dict(zip(order, vault.aliases("race", order), strict=True)))

    together(ask, 8)
    assert len(seen) == 8
    assert all(answer == seen[0] for answer in seen)
    assert rows(database) - before == 3 * 20


def test_first_starts_at_once_open_the_same_vault(dsn: str, tmp_path: Path) -> None:
    with fresh(dsn) as database:
        refs: list[tuple[Vault, TextRef]] = []

        def start(turn: int) -> None:
            mine = new_engine(dsn, schema_of(database), pool=1)
            opened = open_vault(mine, tmp_path / "vault.key")
            refs.append((opened, opened.put_text(str(turn))))

        together(start, 6)
        assert len(refs) == 6
        assert {refs[0][0].get(ref, **DISPATCHER) for _, ref in refs} == set("012345")
        assert len({opened.dead_letter_public_key() for opened, _ in refs}) == 1
        for opened, _ in refs:
            opened._engine.dispose()


def test_two_first_calls_make_one_dead_letter_key(dsn: str, tmp_path: Path) -> None:
    with fresh(dsn) as database:
        vault, keys = open_vault(database, tmp_path / "vault.key"), []
        together(lambda _: keys.append(vault.dead_letter_public_key()), 6)
        assert len(keys) == 6
        assert len(set(keys)) == 1


def test_what_the_caller_rolls_back_was_never_put(vault: Vault, database: Engine) -> None:
    before = rows(database)
    with database.connect() as c:
        inside = vault.within(c)
        person = inside.person("12345", {"phone": "8"})
        inside.put_text("x", person)
        inside.put_file(b"y", "text/plain")
        inside.alias("12345", "9")
        c.rollback()
    assert rows(database) == before


def test_what_the_caller_commits_stays_and_looks_are_kept_even_if_the_caller_rolls_back(
    vault: Vault, database: Engine
) -> None:
    with database.connect() as c:
        ref = vault.within(c).put_text("kept")
        c.commit()
    with database.connect() as c:
        assert vault.within(c).get(ref, **DISPATCHER) == "kept"
        c.rollback()
    assert [look.outcome for look in vault.looks(ref.ref)] == ["shown"]


def test_putting_waits_for_an_erasure_and_then_is_refused(vault: Vault, database: Engine) -> None:
    person, outcome = vault.person("12345", {"phone": "7"}), []

    def put(_: int) -> None:
        try:
            vault.put_text("late", person)
        except Erased as error:
            outcome.append(error)

    with database.begin() as c:
        c.execute(update(vault_keys).where(vault_keys.c.key_id == person).values(wrapped=None, erased_at=func.now()))
        thread = threading.Thread(target=put, args=(0,))
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
    thread.join(10)
    assert len(outcome) == 1
