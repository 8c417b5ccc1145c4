"""Sealed messages: only the holder of the private key opens them, and the layout stays."""

from __future__ import annotations

import pytest

from schemas.wire.sealing import (
    DEAD_LETTER,
    OVERHEAD,
    CannotOpen,
    KeyPair,
    generate_keypair,
    key_id,
    open_sealed,
    seal,
    sealed_for,
)

PLAINTEXT = "林红 13800138000: the lamp is out".encode()


@pytest.fixture(scope="module")
def pair() -> KeyPair:
    return generate_keypair()


@pytest.mark.parametrize("plaintext", [b"", b"\x00", PLAINTEXT, b"x" * 1_000_000])
def test_what_is_sealed_opens_again(pair: KeyPair, plaintext: bytes) -> None:
    sealed = seal(pair.public, plaintext, DEAD_LETTER)
    assert open_sealed(pair.private, sealed, DEAD_LETTER) == plaintext
    assert len(sealed) == len(plaintext) + OVERHEAD


def test_sealing_twice_gives_different_bytes_that_do_not_show_the_plaintext(pair: KeyPair) -> None:
    first, second = (seal(pair.public, PLAINTEXT, DEAD_LETTER) for _ in range(2))
    assert first != second
    assert b"13800138000" not in first


def test_a_sealed_message_names_the_key_that_opens_it(pair: KeyPair) -> None:
    assert sealed_for(seal(pair.public, PLAINTEXT, DEAD_LETTER)) == key_id(pair.public)


def test_another_key_does_not_open_it(pair: KeyPair) -> None:
    with pytest.raises(CannotOpen, match="another key"):
        open_sealed(generate_keypair().private, seal(pair.public, PLAINTEXT, DEAD_LETTER), DEAD_LETTER)


def test_another_use_does_not_open_it(pair: KeyPair) -> None:
    with pytest.raises(CannotOpen, match="another use"):
        open_sealed(pair.private, seal(pair.public, PLAINTEXT, DEAD_LETTER), b"something else")


def test_every_changed_byte_is_noticed(pair: KeyPair) -> None:
    sealed = seal(pair.public, b"four", DEAD_LETTER)
    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(CannotOpen):
            open_sealed(pair.private, changed, DEAD_LETTER)


def test_a_heading_exchanged_for_that_of_another_message_is_noticed(pair: KeyPair) -> None:
    other = generate_keypair()
    sealed = seal(pair.public, PLAINTEXT, DEAD_LETTER)
    mixed = seal(other.public, PLAINTEXT, DEAD_LETTER)[:9] + sealed[9:]
    with pytest.raises(CannotOpen):
        open_sealed(other.private, mixed, DEAD_LETTER)


@pytest.mark.parametrize("junk", [b"", b"\x01", b"\x01" * (OVERHEAD - 1)])
def test_what_is_too_short_is_no_sealed_message(pair: KeyPair, junk: bytes) -> None:
    with pytest.raises(CannotOpen, match="not a sealed message"):
        open_sealed(pair.private, junk, DEAD_LETTER)


def test_a_later_layout_is_named(pair: KeyPair) -> None:
    with pytest.raises(CannotOpen, match="layout 2, this program knows layout 1"):
        open_sealed(pair.private, b"\x02" + seal(pair.public, PLAINTEXT, DEAD_LETTER)[1:], DEAD_LETTER)


def test_sealing_with_something_that_is_no_key_is_refused() -> None:
    with pytest.raises(ValueError, match="X25519"):
        seal(b"short", PLAINTEXT, DEAD_LETTER)


def test_a_message_sealed_by_the_first_release_still_opens() -> None:
    private = bytes.fromhex("105fc71ecf0b1ea323345ae6712a8c719ad6bee0c4cb4073cce801d838c65969")
    sealed = bytes.fromhex(
        "012d4a526320f98af365b0718ed753aa37a6e29b745d61a7d2df506cc7f749b460f31f7e352ff9315ec749e944235a02"
        "67f06029bd3472ad3d9d385a3d63b565e8f1e8d2c6216556182c371c2284da1c84"
    )
    assert open_sealed(private, sealed, DEAD_LETTER) == "春晓街 \x00 half a frame".encode()
