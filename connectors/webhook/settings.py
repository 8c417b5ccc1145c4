"""Settings of a department to which its feed is posted. Data, read strictly."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from connectors.contract import Secret


class Webhook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[webhook]`. `secret` signs, as `whsec_` and base64 or as it is; while it changes, `previous_secret` signs, too.

    With `opens` the texts and files of a case are sent along, each look recorded; without it their references are.
    """

    url: Annotated[str, Meta(pattern="^https?://")]
    secret: Secret
    previous_secret: Secret | None = None
    opens: bool = True
    timeout_seconds: Annotated[float, Meta(gt=0)] = 10.0
