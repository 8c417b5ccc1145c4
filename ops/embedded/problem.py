"""What a person is told when an embedded server cannot do its work."""

from __future__ import annotations


class ServerProblem(Exception):
    """One sentence in three parts: what happened, where, and what to do about it."""

    def __init__(self, what: str, where: str, what_to_do: str) -> None:
        super().__init__(what, where, what_to_do)
        self.what = what
        self.where = where
        self.what_to_do = what_to_do

    def __str__(self) -> str:
        return f"{self.what} ({self.where}): {self.what_to_do}."
