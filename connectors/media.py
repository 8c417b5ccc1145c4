"""How files of a type begin: what somebody calls a picture has to look like one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_Part = tuple[int, bytes]
"""Bytes at an offset."""

BEGINNINGS: Final[Mapping[str, tuple[tuple[_Part, ...], ...]]] = {
    "image/jpeg": (((0, b"\xff\xd8\xff"),),),
    "image/png": (((0, b"\x89PNG\r\n\x1a\n"),),),
    "image/gif": (((0, b"GIF87a"),), ((0, b"GIF89a"),)),
    "image/webp": (((0, b"RIFF"), (8, b"WEBP")),),
    "image/heic": (((4, b"ftyphei"),), ((4, b"ftyphev"),), ((4, b"ftypmif1"),)),
    "video/mp4": (((4, b"ftyp"),),),
    "audio/amr": (((0, b"#!AMR"),),),
    "application/pdf": (((0, b"%PDF-"),),),
}
"""By type: one of these must be so, each of its parts."""


def is_known(media_type: str) -> bool:
    """Whether it is known how such files begin."""
    return media_type in BEGINNINGS


def begins_as(content: bytes, media_type: str) -> bool:
    """Whether a file begins as its type does; never of a type that is not known."""
    ways = BEGINNINGS.get(media_type, ())
    return any(all(content.startswith(part, offset) for offset, part in way) for way in ways)
