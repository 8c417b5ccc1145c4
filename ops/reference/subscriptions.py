"""Whether subscriptions can become feeds: a code names a topic, and stands in one document."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ops.reference.documents import Document
from ops.reference.problems import Found
from schemas.events import Subscription
from streams.core.reference import InForce

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_WORDS = frozenset({"read", "subscribe", "pause", "resume", "show", "key"})
"""What `threecross feed` understands as a command."""


def unfit_subscriptions(document: Document, view: InForce) -> Iterator[Found]:
    """Complaints about the subscriptions of a document; `view` is what would hold with it."""
    codes = [one.code for one in view.items(Subscription)]
    for n, one in enumerate(document.items):
        if not isinstance(one, Subscription):
            continue
        if not _CODE.fullmatch(one.code):
            yield document.found(n, f"{one.code!r} names no feed: use lower-case letters, digits and -, at most 63")
        if one.code in _WORDS:
            yield document.found(n, f"{one.code} is a command of threecross feed: take another code")
        if codes.count(one.code) > 1:
            yield document.found(n, f"the subscription {one.code} stands in another document, too")
