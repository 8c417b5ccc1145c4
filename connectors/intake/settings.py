"""What an intake is told about its callers and their limits. Data, read strictly."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from connectors import media

Count = Annotated[int, Meta(ge=1)]


class Key(Struct, frozen=True, forbid_unknown_fields=True):
    """One API key, long and random: the SHA-256 of it in hexadecimal, as `threecross feed key` prints it, and as whom
    its holder speaks. Without `org` and `role` it speaks as the department. It holds until the end of the day `until`
    in the department's zone. `per_minute` requests in the long run, `burst` at once."""

    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    org: str = ""
    role: str = ""
    until: date | None = None
    per_minute: Count = 600
    burst: Count = 60


class Intake(Struct, frozen=True, forbid_unknown_fields=True):
    """`[intake]`. `system` names it in claims and must stay; `division` is where its places lie. `most_waiting` reports
    wait for Kafka at once, `most_uploads` files come at once: beyond that it says "later"."""

    system: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
    keys: Annotated[tuple[Key, ...], Meta(min_length=1)]
    division: Annotated[str, Meta(pattern=r"^[0-9]{6,12}$")]
    inlet: str = "app"
    file_types: tuple[str, ...] = ("image/jpeg", "image/png", "image/webp")
    max_file_bytes: Count = 8 << 20
    most_waiting: Count = 2_000
    most_uploads: Count = 16
    answer_seconds: Annotated[float, Meta(gt=0, le=60)] = 10.0
    """So long a report waits for Kafka; then its sender is told to send it again."""

    def __post_init__(self) -> None:
        for what, given in (("name", [key.name for key in self.keys]), ("sha256", [key.sha256 for key in self.keys])):
            if len(set(given)) < len(given):
                raise ValueError(f"two keys have the same {what}: give each its own")
        if strange := [each for each in self.file_types if not media.is_known(each)]:
            known = ", ".join(media.BEGINNINGS)
            raise ValueError(f"file_types: nobody knows how {strange[0]} begins: there are {known}")
