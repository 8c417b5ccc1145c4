"""Chooses the codec of a measured process: as Python, whatever `make compile` has put there, or compiled."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from schemas import codec
from schemas.generate.compile import FILE_NAME
from tests.bench.job import native

NAMES = ("decode", "decode_meta", "encode", "decode_hub", "encode_hub")


def use_compiled_job(folder: Path | None) -> None:
    """Compiled codec of the yardstick job; to be called before tests.bench.job.fold is imported."""
    if folder is not None:
        native.use(folder)


def use_compiled_hub(folder: Path | None) -> None:
    """Codec of the hub, compiled or in Python; to be called before anything of streams takes its functions."""
    if folder is None:
        functions = dict(zip(NAMES, codec.STRAIGHT, strict=True))
    else:
        spec = importlib.util.spec_from_file_location("_codec", folder / FILE_NAME)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        functions = {name: getattr(module, name) for name in NAMES}
    for name, function in functions.items():
        setattr(codec, name, function)
