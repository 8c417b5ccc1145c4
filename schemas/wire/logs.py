"""Logs: structlog everywhere, readable on a terminal, JSON lines otherwise.

Personal fields never reach a log: callers log ids, counts, reasons and positions. As a second line of defence a
processor replaces values under keys that name personal content.
"""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

PERSONAL_KEYS = frozenset({"text", "phone", "name", "contact", "identity", "value", "payload", "body"})

TELLING_ADDRESSES = ("httpx", "httpcore")
"""They log each request with its whole address, in which some systems want their keys."""


def hide_personal(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replaces what stands under a key for personal content, whatever the caller passed."""
    for key in PERSONAL_KEYS & event.keys():
        event[key] = "(not logged)"
    return event


def _shared() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_personal,
    ]


def configure_logs(process: str, *, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Sets up structlog and the standard library's logging for this process; call once, at the entry point."""
    out = stream or sys.stderr
    renderer: Any = structlog.dev.ConsoleRenderer() if out.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            *_shared(),
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_shared(),
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("aiokafka", "faust", "mode", "kafka", "alembic", "asyncio", *TELLING_ADDRESSES):
        logging.getLogger(noisy).setLevel(max(level, logging.WARNING))
    structlog.contextvars.bind_contextvars(process=process)
