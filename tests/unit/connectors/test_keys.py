"""API keys: kept as hashes, compared whole."""

from __future__ import annotations

import pytest
from msgspec import ValidationError, convert

from connectors.feeds.settings import Feeds
from connectors.keys import hashed, is_known, key_of


def test_a_key_is_known_by_its_hash_alone() -> None:
    key, other = key_of(bytes(range(32))), key_of(bytes(32))
    assert key == "tcf_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
    assert is_known(key, [hashed(other), hashed(key)])
    assert not is_known(key, [hashed(other)])
    assert not is_known(hashed(key), [hashed(key)]), "who has the hash has no key"
    assert key not in hashed(key)


def test_a_key_of_few_random_bytes_is_refused() -> None:
    with pytest.raises(ValueError, match="32 random bytes, not of 8"):
        key_of(bytes(8))


@pytest.mark.parametrize("wrong", [{"keys": []}, {"keys": [{"sha256": "tcf_plain"}]}, {"keys": [{"key": "x"}]}, {}])
def test_a_file_without_hashes_is_refused(wrong: object) -> None:
    with pytest.raises(ValidationError):
        convert(wrong, Feeds)
