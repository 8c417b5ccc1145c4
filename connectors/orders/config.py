"""[orders] of a department's file."""

from __future__ import annotations

from typing import Literal

import msgspec


class TheirCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a word of theirs means here."""

    scheme: str
    version: str
    code: str


class Columns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For each column the names that its heading may have."""

    number: tuple[str, ...]
    """Their number of the order."""

    at: tuple[str, ...]
    """When it was taken down."""

    category: tuple[str, ...]
    """Their word for the kind of matter."""

    text: tuple[str, ...]
    """What was said: free text, for the vault."""

    division: tuple[str, ...] = ()
    """Their word for the community or street."""

    place: tuple[str, ...] = ()
    """The public place of the defect."""

    caller: tuple[str, ...] = ()
    """Who called: for the vault."""

    phone: tuple[str, ...] = ()
    """Their phone: for the vault."""

    def known(self) -> dict[str, tuple[str, ...]]:
        """Names by column, of those that have any."""
        found = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: names for name, names in found.items() if names}


class Answers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Headings of the sheets that go back; their order is that of the sheet."""

    key: str = "回复编号"
    number: str = "工单编号"
    hub_number: str = "平台编号"
    status: str = "办理状态"
    org: str = "承办单位"
    at: str = "时间"
    due: str = "办理期限"
    text: str = "答复内容"


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A drop folder with sheets of orders, and how they are read and written."""

    folder: str
    """Holds inbox, done, verdicts and answers."""

    system: str
    """What their numbers are called here; it makes the ids of their cases: never change it."""

    columns: Columns
    """Headings of their sheets."""

    categories: dict[str, TheirCode]
    """Their kinds of matters in terms of ours; a word that does not stand here is refused."""

    divisions: dict[str, str] = {}
    """Their words for communities and streets → division codes."""

    number_personal: bool = False
    """Their numbers are made from phones: claims carry a random alias. One that looks like a phone always does."""

    settle_seconds: float = 2.0
    """A file is read when it has not changed for so long."""

    answers: Answers = Answers()
    """Headings of the sheets that go back."""

    answers_as: Literal["xlsx", "csv", "csv-gb18030"] = "xlsx"
    """How the sheets with answers are written; verdicts are written as the sheet came."""

    answers_rows: int = 200
    """A sheet of answers is full with so many."""

    answers_seconds: int = 900
    """No answer is added to a sheet that is older."""

    statuses: dict[str, str] = {}
    """Stage of a case → their word for it; a stage that does not stand here is written as it is."""

    def __post_init__(self) -> None:
        for name in ("number", "at", "category", "text"):
            if not getattr(self.columns, name):
                raise ValueError(f"columns.{name} needs at least one heading")
        names = [name for known in self.columns.known().values() for name in known]
        if len(set(names)) < len(names):
            raise ValueError("a heading stands under two columns")
