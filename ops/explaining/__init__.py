"""Ledgers of clocks in plain words, Chinese and English: why a due time is what it is."""

from ops.explaining.speaker import Speaker
from ops.explaining.standards import stating
from ops.explaining.telling import clocks_of, document, lines, title
from ops.explaining.words import FACTS, LANGUAGES, SENTENCES, WORDS

__all__ = [
    "FACTS",
    "LANGUAGES",
    "SENTENCES",
    "WORDS",
    "Speaker",
    "clocks_of",
    "document",
    "lines",
    "stating",
    "title",
]
