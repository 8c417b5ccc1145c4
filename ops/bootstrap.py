"""Make the project's environment (.venv) from the lock, with nothing but Python's standard library.

Run as a script (`python3 ops/bootstrap.py`), before anything is installed: it imports nothing of the project and its syntax is understood by
old Pythons, so that they can be told that they are too old. A stamp in the environment holds the digest of all that it was made from; as long
as that is unchanged, nothing is done (0.1 s). Exit code 0: the environment is ready. 2: it could not be made, one sentence on stderr says why.
"""

import fcntl
import hashlib
import os
import subprocess
import sys

OLDEST = (3, 11)
INGREDIENTS = ("requirements-dev.lock", "pyproject.toml")
STAMP = "threecross.stamp"


class CannotSetUp(Exception):
    """Says in one sentence what is missing and what to do."""


def require_python(version):
    """Refuse a Python older than 3.11; `version` is (major, minor, …)."""
    if tuple(version[:2]) < OLDEST:
        raise CannotSetUp(
            "Python %d.%d is too old: ThreeCross needs 3.11 or newer. Install one and run `make setup PYTHON=/path/to/python3.11`." % version[:2]
        )


def digest(root, version):
    """Hex SHA-256 over what the environment is made from: the lock, the project file and the Python version."""
    sha = hashlib.sha256(("%d.%d" % version[:2]).encode())
    for name in INGREDIENTS:
        with open(os.path.join(root, name), "rb") as file:
            sha.update(file.read())
    return sha.hexdigest()


def is_ready(venv, wanted):
    """True when the environment was completed from exactly these ingredients and its Python still runs."""
    try:
        with open(os.path.join(venv, STAMP)) as file:
            if file.read() != wanted:
                return False
        return subprocess.call([os.path.join(venv, "bin", "python"), "-c", ""], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def run(arguments, failure):
    """Run a command with its output visible; raise CannotSetUp with the given sentence when it fails."""
    if subprocess.call(arguments) != 0:
        raise CannotSetUp(failure)


def make(root, venv):
    """Create the environment when it is missing or of another Python, install the lock and the project itself."""
    python = os.path.join(venv, "bin", "python")
    if not has_same_python(python):
        run(
            [sys.executable, "-m", "venv", "--clear", venv],
            "The environment %s could not be created (on Debian and Ubuntu: apt install python3-venv)." % venv,
        )
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    lock = os.path.join(root, "requirements-dev.lock")
    run(
        pip + ["--require-hashes", "-r", lock],
        "The packages of requirements-dev.lock could not be installed: see pip's lines above (no network, or a proxy that pip was not told of?).",
    )
    run(
        pip + ["--no-deps", "--no-build-isolation", "--editable", root],
        "The project itself could not be installed: see pip's lines above.",
    )


def has_same_python(python):
    """True when the environment's interpreter runs and has the version of the one that runs this script."""
    question = "import sys; sys.exit(sys.version_info[:2] != %r)" % (tuple(sys.version_info[:2]),)
    try:
        return subprocess.call([python, "-c", question], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def set_up(root, version):
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
        print("Making the environment .venv (half a minute the first time) …", flush=True)
        make(root, venv)
        with open(os.path.join(venv, STAMP), "w") as stamp:
            stamp.write(wanted)


def main():
    """Entry point; returns the exit code."""
    try:
        set_up(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), tuple(sys.version_info))
    except CannotSetUp as error:
        sys.stderr.write("%s\n" % error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
