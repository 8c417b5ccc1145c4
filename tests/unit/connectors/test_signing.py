"""Signatures: what is signed right is believed, and nothing else. Each refusal is a bad twin."""

import pytest

from connectors.signing import SECOND, Algorithm, Envelope, Keys, NotTrusted, canonical, sign, verify

NOW = 1_770_000_000 * SECOND
BODY = '{"taskId":"411702-260302-000-00001-1","status":"已签收"}'.encode()
KEYS = Keys("urban-management", ("the secret",))
ALGORITHMS: tuple[Algorithm, ...] = ("hmac-sha256", "md5")


def why(keys: Keys, envelope: Envelope, body: bytes = BODY, now: int = NOW) -> str:
    with pytest.raises(NotTrusted) as refused:
        verify(keys, envelope, body, now)
    assert "the secret" not in str(refused.value)
    return refused.value.why


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_is_signed_is_believed_within_its_window(algorithm: Algorithm) -> None:
    keys = KEYS._replace(algorithm=algorithm)
    envelope = sign(keys, NOW, "n-1", BODY)
    for now in (NOW, NOW + 300 * SECOND, NOW - 300 * SECOND):
        verify(keys, envelope, BODY, now)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_any_change_makes_it_forged(algorithm: Algorithm) -> None:
    keys = KEYS._replace(algorithm=algorithm)
    envelope = sign(keys, NOW, "n-1", BODY)
    assert why(keys, envelope, BODY + b" ") == "forged"
    assert why(keys, envelope._replace(nonce="n-2")) == "forged"
    assert why(keys, envelope._replace(timestamp=NOW + SECOND)) == "forged"
    assert why(keys, envelope._replace(signature="")) == "forged"
    assert why(keys._replace(secrets=("another",)), envelope) == "forged"


def test_an_envelope_of_somebody_else_is_unknown() -> None:
    assert why(KEYS, sign(KEYS._replace(app_key="parks"), NOW, "n-1", BODY)) == "unknown-key"


def test_what_is_too_old_or_too_young_is_refused_although_it_is_signed() -> None:
    envelope = sign(KEYS, NOW, "n-1", BODY)
    assert why(KEYS, envelope, now=NOW + 301 * SECOND) == "late"
    assert why(KEYS, envelope, now=NOW - 301 * SECOND) == "early"


def test_while_a_secret_is_replaced_both_are_believed_and_the_new_one_signs() -> None:
    both = KEYS._replace(secrets=("new", "the secret"))
    verify(both, sign(KEYS, NOW, "n-1", BODY), BODY, NOW)
    verify(KEYS._replace(secrets=("new",)), sign(both, NOW, "n-2", BODY), BODY, NOW)


def test_signatures_are_what_other_programs_compute() -> None:
    """Made with other tools: `openssl dgst -sha256 -hmac`, `md5sum`."""
    message = canonical({"b": "2", "a": "1", "empty": ""})
    assert message == b"a=1&b=2"
    envelope = sign(KEYS._replace(algorithm="md5"), NOW, "n", b"")
    assert envelope.signature == "9D988C3B62A8CC1C1348D156844B42F7"
    assert sign(KEYS, NOW, "n", b"").signature == "bac1c93a425833c0811d43a97e02eee4bee65df9c79c43199268f8513f6f1369"
