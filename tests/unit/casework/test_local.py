"""The local copy of a partition: what a full disk may do to it, and what not."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.casework.local import Identity, LocalCopy, decode_state, open_copy

HERE = Identity("1", "facts", 1)


def test_the_lock_file_has_all_its_bytes_before_it_is_mapped(tmp_path: Path) -> None:
    """With holes, the first write into one on a full disk would end the process."""
    copy = LocalCopy(tmp_path / "copy", HERE, decode_state)
    lock = (tmp_path / "copy" / "lock.mdb").stat()
    assert lock.st_blocks * 512 >= lock.st_size > 0
    copy.close()


def test_a_copy_that_can_be_made_nowhere_is_an_error_that_can_be_caught(tmp_path: Path) -> None:
    (tmp_path / "copy").write_text("a file stands where the folder should be")
    with pytest.raises(OSError):
        open_copy(tmp_path / "copy", HERE, decode_state)


def test_a_copy_is_opened_again(tmp_path: Path) -> None:
    for _ in range(2):
        copy, mark = open_copy(tmp_path / "copy", HERE, decode_state)
        assert mark is None
        copy.close()
