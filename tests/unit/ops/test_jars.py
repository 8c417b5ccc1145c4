"""The pinned jars and where they may come from."""

import re

from ops.embedded.jars import pinned, with_mirrors
from ops.embedded.pin_jars import render

REPOSITORIES = {"central": "https://central.example/maven2", "ours": "https://ours.example/repo"}
SETTINGS = """<?xml version="1.0"?>
<settings xmlns="http://maven.apache.org/SETTINGS/1.2.0">
  <mirrors><mirror><id>m</id><mirrorOf>{}</mirrorOf><url> https://mirror.example/all/ </url></mirror></mirrors>
</settings>"""
MIRROR = "https://mirror.example/all"


def test_every_jar_is_pinned_by_a_sha256() -> None:
    jars = pinned()
    assert len(jars) == 46
    assert len({jar.name for jar in jars}) == 46
    assert all(re.fullmatch("[0-9a-f]{64}", jar.sha256) for jar in jars)


def test_the_class_path_has_one_order() -> None:
    assert [jar.name for jar in pinned()] == sorted(jar.name for jar in pinned())


def test_a_jar_knows_its_place_in_a_maven_repository() -> None:
    server = next(jar for jar in pinned() if jar.artifact == "kafka-server")
    assert server.path == f"org/apache/kafka/kafka-server/{server.version}/kafka-server-{server.version}.jar"


def test_a_mirror_of_one_repository_replaces_that_one() -> None:
    assert with_mirrors(REPOSITORIES, SETTINGS.format("central")) == {**REPOSITORIES, "central": MIRROR}


def test_a_mirror_of_everything_replaces_all() -> None:
    assert with_mirrors(REPOSITORIES, SETTINGS.format("*")) == dict.fromkeys(REPOSITORIES, MIRROR)


def test_a_mirror_of_something_else_replaces_nothing() -> None:
    assert with_mirrors(REPOSITORIES, SETTINGS.format("snapshots")) == REPOSITORIES


def test_pins_are_written_sorted_so_that_a_new_version_can_be_read_as_a_difference() -> None:
    locked = [
        {"groupId": "org.b", "artifactId": "two", "version": "2", "sha256": "bb"},
        {"groupId": "org.a", "artifactId": "one", "version": "1", "sha256": "aa"},
    ]
    text = render(["org.b:two:2"], locked)
    assert text.endswith('roots = ["org.b:two:2"]\n\n[sha256]\n"org.a:one:1" = "aa"\n"org.b:two:2" = "bb"\n')
