"""Forms as they come over HTTP, with files where there are some: read within limits, refused in GeoReport's words."""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.types import Message, Receive

from connectors.contract import Attached
from connectors.media import begins_as, is_known
from connectors.open311.settings import Media
from connectors.open311.translate.answers import Fields
from connectors.open311.translate.posted import Problem, Refused
from schemas import ids

MAX_FIELDS = 200
MAX_FORM_BYTES = 256 << 10
PLAIN, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"


class Form(NamedTuple):
    """What was posted. `key` is the api_key, which stands nowhere else."""

    fields: Fields
    files: tuple[Attached, ...]
    key: str

    def digest(self) -> str:
        """The same for the same form and files under the same key, and for nothing else; no one can guess it back
        without the key."""
        parts: list[str | int] = [self.key]
        for name in sorted(self.fields):
            parts += [name, len(self.fields[name]), *self.fields[name]]
        parts += [sha256(each.content).hexdigest() for each in self.files]
        return sha256(ids.canonical(parts)).hexdigest()


async def read(request: Request, media: Media) -> Form:
    """The form of a request. Raises Refused: 415 for another type, 413 beyond a limit, 400 for what is no form."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    match kind:
        case "application/x-www-form-urlencoded":
            return _form(_plain(await _body(request)), ())
        case "multipart/form-data":
            return await _parts(request, media)
    raise Refused(Problem(415, f"the content type has to be {PLAIN} or {PARTS}"))


async def _body(request: Request) -> bytes:
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > MAX_FORM_BYTES:
            raise Refused(Problem(413, f"the form is longer than {MAX_FORM_BYTES:,} bytes"))
    return bytes(found)


def _plain(body: bytes) -> list[tuple[str, str]]:
    try:
        text = body.decode("utf-8")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError:
        raise Refused(Problem(400, "the form cannot be read: UTF-8, and not too many fields")) from None


async def _parts(request: Request, media: Media) -> Form:
    most = media.max_files * media.max_bytes + MAX_FORM_BYTES
    limited = Request(request.scope, _up_to(request, most))
    try:
        async with limited.form(max_files=media.max_files, max_fields=MAX_FIELDS, max_part_size=MAX_FORM_BYTES) as form:
            items = form.multi_items()
            files = [await _file(value, media) for _, value in items if isinstance(value, UploadFile)]
    except (MultiPartException, HTTPException, UnicodeDecodeError):
        raise Refused(
            Problem(400, f"the form cannot be read: at most {media.max_files} files, and whole parts")
        ) from None
    return _form([(name, value) for name, value in items if isinstance(value, str)], tuple(files))


def _up_to(request: Request, most: int) -> Receive:
    """What the caller sends, as long as it is not more than this; a length that the caller states proves nothing."""
    seen = 0

    async def receive() -> Message:
        nonlocal seen
        message = await request.receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise Refused(Problem(413, f"the form is longer than {most:,} bytes"))
        return message

    return receive


def is_picture(content: bytes, kind: str, media: Media) -> bool:
    """Whether a file is of a type that may come, and begins as its type does; one of an unknown type is believed."""
    return kind in media.types and (begins_as(content, kind) or not is_known(kind))


async def _file(upload: UploadFile, media: Media) -> Attached:
    content = await upload.read(media.max_bytes + 1)
    kind = (upload.content_type or "").partition(";")[0].strip().lower()
    if len(content) > media.max_bytes:
        raise Refused(Problem(413, f"a file is longer than {media.max_bytes:,} bytes"))
    if not is_picture(content, kind, media):
        raise Refused(Problem(415, f"a file is none of {', '.join(media.types)}"))
    return Attached(content, kind)


def _form(items: list[tuple[str, str]], files: tuple[Attached, ...]) -> Form:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in items:
        found[name] = (*found.get(name, ()), value)
    given = found.pop("api_key", ())
    return Form(found, files, given[0].strip() if given else "")
