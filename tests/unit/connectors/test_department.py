"""A department's file: strict, and every error names file, key and remedy; secrets are never shown."""

import msgspec
import pytest

from connectors import department, kinds
from connectors.contract import Refused, Secret
from connectors.department import BadDepartment

GOOD = """
about = "x"
[department]
org = "street"
kind = "drop"
[drop]
out = "a"
back = "b"
"""


def told(text: str, name: str = "street") -> str:
    """The sentence with which a file is refused."""
    with pytest.raises(BadDepartment) as wrong:
        department.parse(name, text.encode())
    return str(wrong.value)


def test_a_good_file_is_read_with_its_defaults() -> None:
    loaded = department.parse("street", GOOD.encode())
    assert (loaded.name, loaded.department.org, loaded.head.subscription) == ("street", "street", None)
    assert loaded.options.out == "a"
    assert loaded.patience.failures == 5


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (GOOD.replace('back = "b"', ""), r"street.toml: \[drop\] .*missing required field `back`"),
        (GOOD + "x = 1", r"\[drop\] .*unknown field `x`: its keys are out, back, words"),
        (GOOD.replace('out = "a"', "out = 1"), r"\[drop.out\] expected `str`"),
        (GOOD.replace('kind = "drop"', 'kind = "telex"'), r'no kind of connector "telex"; there are .*drop'),
        (GOOD + "[dorp]\n", r"\[dorp\] is not known: use about, delivery, department, drop"),
        (GOOD.replace("[department]", '[department]\nzone = "Mars"'), r'zone is "Mars": write one like Asia/Shanghai'),
        (GOOD + "[delivery]\nfailures = 0", r"\[delivery\] failures and conflicts must be at least 1"),
        ("about = ", r"street.toml: not readable as TOML"),
        ("", r"\[department\] is missing"),
    ],
)
def test_a_wrong_file_is_told_what_is_wrong(text: str, sentence: str) -> None:
    import re

    assert re.search(sentence, told(text))


def test_a_file_must_have_a_plain_name() -> None:
    assert "rename it" in told(GOOD, "Street Office")


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options with a secret, and one deeper."""

    token: Secret
    more: dict[str, Secret] = {}


def test_secrets_are_references_and_are_never_shown() -> None:
    made = msgspec.convert({"token": "env:TOKEN", "more": {"a": "file:k"}}, Options, dec_hook=department._secret)
    assert "TOKEN" not in repr(made.token)
    assert department._mask(made) == {"token": "***", "more": {"a": "***"}}


def test_a_secret_that_stands_in_the_file_is_refused_and_not_repeated() -> None:
    with pytest.raises(msgspec.ValidationError) as wrong:
        msgspec.convert({"token": "hunter2"}, Options, dec_hook=department._secret)
    assert "hunter2" not in str(wrong.value)
    assert "env:NAME" in str(wrong.value)


@pytest.mark.parametrize("name", department.examples())
def test_every_example_is_good(name: str) -> None:
    assert department.example(name).name == name


def test_a_kind_that_is_not_there_is_told_which_there_are() -> None:
    with pytest.raises(Refused, match="drop"):
        kinds.kind("telex")
