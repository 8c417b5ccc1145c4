"""Which of our facts are orders to them, and which of their words are claims of ours: data, read strictly."""

from __future__ import annotations

from typing import Literal

import msgspec

from schemas import events

CLAIMS: dict[str, type[msgspec.Struct]] = {full.rpartition(".")[2]: made for full, made in events.CLAIMS.items()}
FACTS = frozenset(full.rpartition(".")[2] for full in events.FACTS)

BESIDE_FACTS = frozenset({"introduced", "gone"})
"""What an order may follow from beside facts: the case has come into their sight, or has left it."""

FILLED = frozenset({"party", "org", "reason", "until", "due_at", "upstream_status", "text", "evidence"})
"""Fields of a claim that an answer can fill."""


class OrderRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of order. `word` is theirs.

    `facts`: from which it follows; "introduced" and "gone" stand beside them. `when`: only if the card shows the
    department as a party that has to act (`party`), as summoned and not there yet (`summoned`), as somebody who was
    sent or called once (`involved`), or the fact speaks of it or of all who have to act (`named`).
    """

    word: str
    facts: tuple[str, ...]
    when: Literal["party", "summoned", "involved", "named", "always"] = "party"
    step: str = "order"

    def __post_init__(self) -> None:
        """Raises ValueError where it can never come about."""
        if not self.facts:
            raise ValueError(f'orders "{self.word}": name the facts that it follows from')
        if unknown := sorted(set(self.facts) - FACTS - BESIDE_FACTS):
            raise ValueError(f'orders "{self.word}": there is no fact {unknown[0]}')


class AnswerRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One status word of theirs. `claims` in their order; none: the word is known and means nothing to us.

    `reasons` turns theirs into codes, `reason` is the code where it stands in no row of them (without: refused).
    `note` stands before the text, so that a request for which the department has no claim of its own is still read.
    `needs`: what must be there, `text`, `reason`, `until` or `files`.
    """

    word: str
    claims: tuple[str, ...] = ()
    reasons: dict[str, str] = {}
    reason: str | None = None
    note: str = ""
    needs: tuple[Literal["text", "reason", "until", "files"], ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError where it can never become a claim."""
        for name in self.claims:
            made = CLAIMS.get(name)
            if made is None:
                raise ValueError(f'answers "{self.word}": there is no claim {name}')
            needed = {field.name for field in msgspec.structs.fields(made) if field.required}
            if strange := sorted(needed - FILLED):
                raise ValueError(f'answers "{self.word}": {name} needs {strange[0]}, which an answer cannot give')
            if "reason" in needed and not self.reasons and self.reason is None:
                raise ValueError(f'answers "{self.word}": {name} needs a reason: give reasons or reason')


def check_words(orders: tuple[OrderRule, ...], answers: tuple[AnswerRule, ...]) -> None:
    """Raises ValueError where a word has two meanings, or two kinds of order the same steps."""
    words = [rule.word for rule in answers]
    if twice := sorted({word for word in words if words.count(word) > 1}):
        raise ValueError(f'answers: "{twice[0]}" stands there twice')
    for rule in orders:
        for other in orders:
            if rule is not other and rule.step == other.step and rule.when != other.when:
                raise ValueError(f'orders: "{rule.word}" and "{other.word}" share the step "{rule.step}"')
