"""`make compile`: builds the compiled codec beside codec.py. Optional: without it the same functions run as Python.

Exit 0 built, 2 not possible (no Cython, no C compiler, no Python headers).
"""

import shutil
import sys
import sysconfig
import tempfile
from pathlib import Path

from schemas.generate import lock, native
from schemas.generate.model import AVRO, load

FILE_NAME = f"_codec{sysconfig.get_config_var('EXT_SUFFIX')}"


class CannotCompile(Exception):
    """One sentence that says what is missing."""


def build(folder: Path) -> Path:
    """Compiles the codec of the present schemas into `folder`; the path of the module. Raises CannotCompile."""
    text, _ = native.render(load(), lock.read(lock.LOCK.read_text(encoding="utf-8")))
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary) / "_codec.pyx"
        source.write_text(text, encoding="utf-8")
        made = _compiled(source)
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.move(made, folder / FILE_NAME))


def _compiled(source: Path) -> Path:
    try:
        from Cython.Build import cythonize
        from Cython.Compiler.Errors import CompileError
        from setuptools import Distribution, Extension  # type: ignore[import-untyped]
        from setuptools.errors import BaseError  # type: ignore[import-untyped]
    except ImportError as error:
        raise CannotCompile(
            f"{error.name} is missing: run `make setup`, it installs what development needs."
        ) from error
    try:
        modules = cythonize([Extension("_codec", [str(source)])], quiet=True)  # type: ignore[no-untyped-call]
        command = Distribution({"ext_modules": modules}).get_command_obj("build_ext")
        command.build_lib = command.build_temp = str(source.parent)
        command.ensure_finalized()
        command.run()
    except (BaseError, CompileError) as error:
        raise CannotCompile(f"Not compiled, the codec runs as Python: a C compiler is needed ({error}).") from error
    return source.with_name(FILE_NAME)


def main() -> int:
    """Builds into the package itself."""
    try:
        print(f"built: schemas/{build(AVRO.parent).name}")
    except CannotCompile as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
