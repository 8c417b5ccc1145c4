"""What the row of a case says about who may see it, and the row as an asker may see it. Pure."""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace

from streams.core.visibility import BLANK, Asker, Scope, sees_answer
from streams.views.more import More, QuestionRow
from streams.views.shape import GONE, CaseRow


def scope_of(row: CaseRow, centre: str | None = None) -> Scope:
    """Who may see this case. `centre`: the one of its division, where no fact has named one."""
    more = row.more
    return Scope(
        "case",
        row.restricted,
        row.reporting_org,
        frozenset(p.org for p in row.parties if p.status not in GONE),
        frozenset(more.visible_to) if more else frozenset(),
        row.bearing.centre or centre,
        asked=frozenset((q.by, q.party) for q in more.questions) if more else frozenset(),
    )


def more_as_seen(more: More, asker: Asker | None, unseen: Collection[str] = ()) -> More:
    """What only some cases have, as the asker may see it. `unseen`: ids of subjects that it may not see."""
    if asker is None:
        return more
    links = tuple(link for link in more.links if link.other not in unseen)
    return replace(more, links=links, questions=tuple(_as_seen(q, asker) for q in more.questions))


def _as_seen(question: QuestionRow, asker: Asker) -> QuestionRow:
    if sees_answer(asker, question.by, question.party):
        return question
    return replace(question, purpose=BLANK, outcome=BLANK if question.outcome else None, reference=None)
