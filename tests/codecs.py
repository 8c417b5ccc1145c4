"""The codec as Python and as compiled: tests that take the fixture `either_codec` hold for both.

The compiled one is built once for each state of the schemas, below build/, not into the package. Where there is no C
compiler the program falls back to Python, and so does the fixture.
"""

import importlib.util
import shutil
import sysconfig
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from schemas import codec
from schemas.generate import compile as compiler

BUILD = Path(__file__).parents[1] / "build" / "codec" / codec.COMPILED_DIGEST[:16]
NAMES = ("decode", "decode_meta", "encode", "decode_hub", "encode_hub")


def has_compiler() -> bool:
    """Whether Python's own C compiler is on this machine."""
    return shutil.which(str(sysconfig.get_config_var("CC") or "cc").split()[0]) is not None


@cache
def compiled() -> ModuleType:
    """The compiled codec of the present schemas."""
    path = BUILD / compiler.FILE_NAME
    if not path.exists():
        compiler.build(BUILD)
    spec = importlib.util.spec_from_file_location("_codec", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


STRAIGHT = SimpleNamespace(**dict(zip(NAMES, codec.STRAIGHT, strict=True)), schema_id=codec.schema_id)


@cache
def other_codec() -> Any:
    """The compiled codec, or where it cannot be the one in Python."""
    if not has_compiler():
        return STRAIGHT
    module = compiled()
    assert module.DIGEST == codec.COMPILED_DIGEST
    return SimpleNamespace(**{name: getattr(module, name) for name in NAMES}, schema_id=codec.schema_id)


@pytest.fixture(scope="session", params=["straight", "compiled"])
def either_codec(request: pytest.FixtureRequest) -> Any:
    """decode, decode_meta, encode, decode_hub, encode_hub, schema_id: once as Python, once compiled."""
    return STRAIGHT if request.param == "straight" else other_codec()
