"""Make the project's environment (.venv) from the lock, with nothing but Python's standard library.

Run as a script (`python3 ops/bootstrap.py`), before anything is installed: it imports nothing of the project and its
syntax is understood by old Pythons, so that they can be told that they are too old. A stamp in the environment holds
the digest of all that it was made from; as long as that is unchanged, nothing is done (0.2 s). Exit code 0: the
environment is ready. 2: it could not be made, one sentence on stderr says why.
"""

import fcntl
import hashlib
import json
import os
import subprocess
import sys

OLDEST = (3, 11)
LOCK = "requirements-dev.lock"
STAMP = "threecross.stamp"

TOO_OLD = (
    "Python {}.{} is too old: ThreeCross needs 3.11 or newer. "
    "Install one and run `make setup PYTHON=/path/to/python3.11`."
)
NO_VENV = "The environment {} could not be created (on Debian and Ubuntu: apt install python3-venv)."
NO_PACKAGES = (
    "The packages of requirements-dev.lock could not be installed: see pip's lines above "
    "(no network, or a proxy that pip was not told of?)."
)
NO_PROJECT = "The project itself could not be installed: see pip's lines above."


class CannotSetUp(Exception):
    """Says in one sentence what is missing and what to do."""


def require_python(version: "tuple[int, ...]") -> None:
    """Refuse a Python older than 3.11; `version` is (major, minor, …)."""
    if version[:2] < OLDEST:
        raise CannotSetUp(TOO_OLD.format(*version))


def digest(root: str, version: "tuple[int, ...]") -> str:
    """Hex SHA-256 over what the environment is made from: Python version, lock, how the project is installed."""
    import tomllib  # not at the top: a Python that is refused lacks it

    with open(os.path.join(root, "pyproject.toml"), "rb") as file:
        project = tomllib.load(file)
    parts = [version[:2], project["build-system"], project["project"], project["tool"]["setuptools"]]
    with open(os.path.join(root, LOCK), "rb") as file:
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode() + file.read()).hexdigest()


def is_ready(venv: str, wanted: str) -> bool:
    """True when the environment was completed from exactly these ingredients and its Python still runs."""
    try:
        with open(os.path.join(venv, STAMP)) as file:
            return file.read() == wanted and answers(venv, "")
    except OSError:
        return False


def answers(venv: str, program: str) -> bool:
    """True when the environment's Python runs this program to exit code 0."""
    try:
        return subprocess.call([os.path.join(venv, "bin", "python"), "-c", program], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def run(failure: str, *arguments: str) -> None:
    """Run a command with its output visible; raise CannotSetUp with the given sentence when it fails."""
    if subprocess.call(arguments) != 0:
        raise CannotSetUp(failure)


def make(root: str, venv: str) -> None:
    """Create the environment when it is missing or of another Python, install the lock and the project itself."""
    if not answers(venv, "import pip, sys; sys.exit(sys.version_info[:2] != {!r})".format(tuple(sys.version_info[:2]))):
        run(NO_VENV.format(venv), sys.executable, "-m", "venv", "--clear", venv)
    pip = (os.path.join(venv, "bin", "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    run(NO_PACKAGES, *pip, "--require-hashes", "-r", os.path.join(root, LOCK))
    run(NO_PROJECT, *pip, "--no-deps", "--no-build-isolation", "--editable", root)


def set_up(root: str, version: "tuple[int, ...]") -> None:
    """Bring the environment of the project at `root` up to date; one at a time, others wait."""
    require_python(version)
    wanted, venv = digest(root, version), os.path.join(root, ".venv")
    if is_ready(venv, wanted):
        return
    os.makedirs(os.path.join(root, "build"), exist_ok=True)
    with open(os.path.join(root, "build", "setup.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_ready(venv, wanted):
            return
        sys.stdout.write("Making the environment .venv (about a minute the first time)\n")
        sys.stdout.flush()
        make(root, venv)
        with open(os.path.join(venv, STAMP), "w") as stamp:
            stamp.write(wanted)


def main() -> int:
    """Entry point; returns the exit code."""
    try:
        set_up(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), tuple(sys.version_info[:3]))
    except CannotSetUp as error:
        sys.stderr.write("{}\n".format(error))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
