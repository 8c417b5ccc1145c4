"""Logs of the hub's own processes: JSON lines in a file each; warnings and errors on the terminal, too."""

from __future__ import annotations

import logging
import sys
from datetime import datetime
from pathlib import Path

import structlog
from structlog.typing import EventDict, WrappedLogger

from schemas.wire.logs import configure_logs

LARGEST = 20 * 2**20
"""Bytes above which a log is put aside when its process starts; one older log is kept."""

_LIBRARIES = ("aiokafka", "alembic", "asyncio", "faust", "kafka", "mode", "uvicorn")
"""They warn of much that mends itself, such as a coordinator that is just starting: that stays in the file."""


def log_to_file(folder: Path, process: str, *, also: int = logging.WARNING) -> Path:
    """Write this process's log to `<folder>/<process>.jsonl`, and what is at least `also` to standard error."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{process}.jsonl"
    if path.is_file() and path.stat().st_size > LARGEST:
        path.replace(folder / f"{process}.previous.jsonl")
    configure_logs(process, stream=path.open("a", encoding="utf-8", buffering=1))
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setLevel(also)
    terminal.setFormatter(_short_lines())
    terminal.addFilter(_own)
    logging.getLogger().addHandler(terminal)
    return path


def quiet() -> None:
    """A command's own log: the gravest errors only, on standard error. What it has to say, it prints."""
    configure_logs("command")
    for name in ("", *_LIBRARIES):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _own(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.CRITICAL or record.name.partition(".")[0] not in _LIBRARIES


def _short_lines() -> logging.Formatter:
    plain = structlog.dev.plain_traceback
    renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_log_level],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _short_time, renderer],
    )


def _short_time(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The time of day, which is enough for somebody who sits before it."""
    event["timestamp"] = datetime.now().astimezone().strftime("%H:%M:%S")
    return event
