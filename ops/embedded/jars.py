"""The jars of the embedded Kafka: fetched once through jgo, checked against committed SHA-256 sums, kept in a cache.

Where they come from is what jgo and Maven were told on this machine: jgo's own settings, and the mirrors of
`~/.m2/settings.xml`. A jar that a local Maven repository already holds is taken from there. Several processes may ask
at the same time: one fetches, the others wait.
"""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import platformdirs
import structlog

from ops.embedded.locks import one_at_a_time
from ops.embedded.problem import ServerProblem

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, order=True)
class Jar:
    """One pinned file: Maven coordinates and the SHA-256 (hex) of its content."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def name(self) -> str:
        """File name, also in Maven repositories."""
        return f"{self.artifact}-{self.version}.jar"

    @property
    def path(self) -> str:
        """Path inside a Maven repository."""
        return f"{self.group.replace('.', '/')}/{self.artifact}/{self.version}/{self.name}"


def _jar(coordinates: str, digest: str) -> Jar:
    group, artifact, version = coordinates.split(":")
    return Jar(group, artifact, version, digest)


def pinned() -> tuple[Jar, ...]:
    """The jars of kafka-jars.toml, in class path order."""
    table = tomllib.loads(resources.files("ops.embedded").joinpath("kafka-jars.toml").read_text("utf-8"))["sha256"]
    jars = (_jar(coordinates, digest) for coordinates, digest in table.items())
    return tuple(sorted(jars, key=lambda jar: jar.name))


def default_cache() -> Path:
    """Folder of this user's cache, shared by all hubs."""
    return platformdirs.user_cache_path("threecross")


def maven_repositories() -> dict[str, str]:
    """Name → address of the repositories that this machine uses, from jgo's settings and Maven's mirrors."""
    from jgo.config import GlobalSettings
    from jgo.maven import MavenContext

    known: dict[str, str] = {**MavenContext().remote_repos, **GlobalSettings.load().repositories}
    settings = Path.home() / ".m2" / "settings.xml"
    return with_mirrors(known, settings.read_text("utf-8")) if settings.is_file() else known


def with_mirrors(repositories: Mapping[str, str], settings_xml: str) -> dict[str, str]:
    """`repositories` with each address replaced by the first mirror of a Maven settings file that covers it."""
    mirrors: dict[str, str] = {}
    for mirror in ET.fromstring(settings_xml).iterfind(".//{*}mirror"):
        url = (mirror.findtext("{*}url") or "").strip().rstrip("/")
        for covered in (mirror.findtext("{*}mirrorOf") or "").split(","):
            mirrors.setdefault(covered.strip(), url)
    general = mirrors.get("*") or mirrors.get("external:*")
    return {name: mirrors.get(name) or general or url for name, url in repositories.items()}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stamp(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]


class JarCache:
    """The folder `<cache>/kafka-<version>`: jars, a marker of what was verified, and what the Java runtime adds."""

    def __init__(self, cache: Path | None = None, repositories: Mapping[str, str] | None = None) -> None:
        self.jars = pinned()
        version = next(jar.version for jar in self.jars if jar.artifact == "kafka-clients")
        self.folder = (cache or default_cache()) / f"kafka-{version}"
        self._repositories = repositories
        self._marker = self.folder / "verified.json"

    def class_path(self) -> tuple[Path, ...]:
        """Paths of all jars, verified, in a fixed order. Raises ServerProblem when one cannot be had."""
        try:
            if not self._suspects():
                return self._paths()
            with one_at_a_time(self.folder / "fetch.lock"):
                self._complete()
        except OSError as error:
            what = f"The cache of the Kafka jars cannot be written: {error.strerror}"
            raise ServerProblem(what, str(self.folder), "make room or choose another with --cache-dir") from error
        return self._paths()

    def missing(self) -> list[str]:
        """Names of the jars that the next start has to fetch or to verify."""
        return [jar.name for jar in self._suspects()]

    def _paths(self) -> tuple[Path, ...]:
        return tuple(self.folder / jar.name for jar in self.jars)

    def _suspects(self) -> list[Jar]:
        """Jars that are missing or were touched since they were verified (size, time of change)."""
        verified = json.loads(self._marker.read_text()) if self._marker.is_file() else {}
        return [jar for jar in self.jars if not self._is_known(jar, verified.get(jar.name))]

    def _is_known(self, jar: Jar, seen: Any) -> bool:
        path = self.folder / jar.name
        return path.is_file() and seen == [*_stamp(path), jar.sha256]

    def _complete(self) -> None:
        missing = [jar for jar in self._suspects() if not self._is_intact(jar, self.folder / jar.name)]
        if missing:
            self._fetch(missing)
        known = {jar.name: [*_stamp(self.folder / jar.name), jar.sha256] for jar in self.jars}
        new = self._marker.with_suffix(".new")
        new.write_text(json.dumps(known, indent=1))
        new.replace(self._marker)

    @staticmethod
    def _is_intact(jar: Jar, path: Path) -> bool:
        return path.is_file() and _sha256(path) == jar.sha256

    def _fetch(self, missing: Iterable[Jar]) -> None:
        log.info("kafka jars are being fetched", jars=len(list(missing)), folder=str(self.folder))
        with tempfile.TemporaryDirectory(dir=self.folder, prefix="fetch-") as staging:
            source = _Source(Path(staging), self._repositories or maven_repositories())
            with ThreadPoolExecutor(max_workers=6, thread_name_prefix="jars") as pool:
                try:
                    found = list(pool.map(source.get, missing))
                except ServerProblem:
                    pool.shutdown(cancel_futures=True)
                    raise
            for jar, path in zip(missing, found, strict=True):
                path.replace(self.folder / jar.name)


class _Source:
    """Where jars come from: this user's Maven repository, else the configured remote ones."""

    def __init__(self, staging: Path, repositories: Mapping[str, str]) -> None:
        from jgo.constants import default_maven_repo
        from jgo.maven import MavenContext

        self._local: Path = default_maven_repo()
        self._staging = staging
        self._context = MavenContext(repo_cache=staging, remote_repos=dict(repositories))

    def get(self, jar: Jar) -> Path:
        """A verified file in the staging folder. Raises ServerProblem."""
        at_hand = self._local / jar.path
        if at_hand.is_file() and _sha256(at_hand) == jar.sha256:
            return Path(shutil.copy(at_hand, self._staging / jar.name))
        path = self._download(jar)
        if _sha256(path) != jar.sha256:
            todo = "check which Maven repository this machine uses; nothing of it was run"
            raise ServerProblem("A downloaded Kafka jar is not the pinned one", jar.name, todo)
        return path

    def _download(self, jar: Jar) -> Path:
        component = self._context.project(jar.group, jar.artifact).at_version(jar.version)
        try:
            return Path(component.artifact().resolve())
        except (OSError, RuntimeError) as error:
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                raise
            where = f"{jar.name}, {type(error).__name__}"
            todo = "give this machine a Maven repository for the first start, or --bootstrap of a running Kafka"
            raise ServerProblem("Apache Kafka could not be downloaded", where, todo) from error
