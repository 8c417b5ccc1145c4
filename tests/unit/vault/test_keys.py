"""Master key, wrapping and the key file."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from ops.vault.errors import MasterKeyMissing, MasterKeyUnusable, Unreadable
from ops.vault.keys import MasterKey, decrypt, encrypt
from ops.vault.masterfile import create_master, read_master

MASTER = MasterKey(bytes(range(32)))
OTHER = MasterKey(bytes(32))
KEY = b"k" * 32


def test_a_wrapped_key_comes_back_and_is_not_visible() -> None:
    wrapped = MASTER.wrap(b"person", KEY)
    assert MASTER.unwrap(b"person", wrapped) == KEY
    assert KEY not in wrapped
    assert MASTER.wrap(b"person", KEY) != wrapped


def test_a_wrapped_key_serves_neither_another_id_nor_another_master_key() -> None:
    wrapped = MASTER.wrap(b"person", KEY)
    for master, name in ((MASTER, b"another"), (OTHER, b"person")):
        with pytest.raises(Unreadable):
            master.unwrap(name, wrapped)


def test_lookups_are_stable_keyed_and_do_not_run_together() -> None:
    lookup = MASTER.lookup(["number", "hotline", "13800138000"])
    assert lookup == MASTER.lookup(["number", "hotline", "13800138000"])
    assert lookup != OTHER.lookup(["number", "hotline", "13800138000"])
    assert MASTER.lookup(["a", "bc"]) != MASTER.lookup(["ab", "c"])
    assert MASTER.lookup(["number", "x", "y"]) != MASTER.lookup(["contact", "x", "y"])


def test_derived_values_are_frozen_since_stored_lookups_depend_on_them() -> None:
    assert MASTER.fingerprint.hex() == "86931733df768b25ef39493153b7c328321fecacbe821984330c6a4c54906346"
    assert (
        MASTER.lookup(["number", "热线", "1"]).hex()
        == "d01107124726488556634047962b9de1ed1fc759d576b03f856812a4c0c8426b"
    )


def test_a_master_key_never_shows_itself_and_has_32_bytes() -> None:
    assert repr(MASTER) == "MasterKey(...)"
    with pytest.raises(ValueError, match="32 bytes, not 16"):
        MasterKey(b"x" * 16)


def test_changed_bytes_or_another_context_are_noticed() -> None:
    sealed = encrypt(KEY, b"content", b"context")
    assert decrypt(KEY, sealed, b"context") == b"content"
    for bad, context in ((sealed[:-1] + bytes([sealed[-1] ^ 1]), b"context"), (sealed, b"other"), (b"", b"context")):
        with pytest.raises(Unreadable):
            decrypt(KEY, bad, context)


def test_the_key_file_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "vault.key"
    create_master(path)
    key = read_master(path)
    create_master(path)
    assert read_master(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["vault.key"]


def test_of_many_first_starts_one_makes_the_key(tmp_path: Path) -> None:
    path, seen = tmp_path / "vault.key", set()

    def start() -> None:
        create_master(path)
        seen.add(read_master(path))

    threads = [threading.Thread(target=start) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 1


def test_a_missing_key_file_is_one_sentence_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyMissing, match=r"vault\.key does not exist; restore it from your backup\."):
        read_master(tmp_path / "vault.key")


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    create_master(path)
    path.chmod(0o640)
    with pytest.raises(MasterKeyUnusable, match="chmod 600"):
        read_master(path)


@pytest.mark.parametrize("damaged", ["", "zz" * 32, "ab" * 31, "ab" * 33, "ä" * 64])
def test_a_damaged_key_file_is_refused_without_showing_it(tmp_path: Path, damaged: str) -> None:
    path = tmp_path / "vault.key"
    path.touch(0o600)
    path.write_text(damaged, "utf-8")
    with pytest.raises(MasterKeyUnusable, match="is damaged") as caught:
        read_master(path)
    assert not damaged or damaged not in str(caught.value)


def test_a_place_that_cannot_hold_a_key_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MasterKeyUnusable, match="cannot be created"):
        create_master(tmp_path / "file" / "vault.key")
    (tmp_path / "folder").mkdir(mode=0o700)
    with pytest.raises(MasterKeyUnusable, match="cannot be read"):
        read_master(tmp_path / "folder")
