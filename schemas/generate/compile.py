"""`make compile`: builds the compiled codec beside codec.py. Optional: without it the same functions run as Python.

Exit 0 built, 2 not possible (no Cython, no C compiler, no Python headers).
"""

import shlex
import subprocess
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
    return compile_text(text, folder)


def compile_text(text: str, folder: Path) -> Path:
    """Compiles a Cython text into a module `_codec` in `folder`. Raises CannotCompile."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        source = Path(temporary) / "_codec.pyx"
        source.write_text(text, encoding="utf-8")
        _run([sys.executable, "-m", "cython", "-3", str(source)], "Cython is needed, which `make setup` installs")
        made = source.with_name(FILE_NAME)
        _run(
            [*_compiler(), str(source.with_suffix(".c")), "-o", str(made)],
            "a C compiler and Python's headers are needed",
        )
        return made.replace(folder / FILE_NAME)


def _compiler() -> list[str]:
    """The command that built Python's own extensions, from source to module."""
    link = shlex.split(str(sysconfig.get_config_var("LDSHARED") or "cc -shared"))
    return [*link, "-O2", "-g0", "-fPIC", f"-I{sysconfig.get_path('include')}"]


def _run(command: list[str], need: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        lines = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        raise CannotCompile(f"Not compiled, the codec runs as Python: {need} ({lines[-1]}).") from error


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
