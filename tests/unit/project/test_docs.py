"""The project's own papers are true: links and named files exist, nothing of one machine or of a tracker is in them."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAPERS = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "ops/decisions.md",
    "ops/docs/reference.md",
    "ops/docs/runbook.md",
    "ops/docs/exchange-tables.md",
    "ops/docs/push.md",
    "ops/docs/connect-a-department.md",
]
FOREIGN = re.compile(
    r"(?<![\w./])/(?:work|farm|root|home)/\w|/tmp/[a-z]|\bissue ?#?\d|(?<![\w&])#\d+\b"
    r"|pypi\.org|pythonhosted\.org|repo1?\.maven|registry\.npmjs",
    re.IGNORECASE,
)
CODE = (".py", ".toml", ".md", ".yml", ".lock", ".avsc", "Makefile", "Dockerfile", "run")


def tracked() -> list[Path]:
    """Text files that git keeps, this one apart."""
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [ROOT / name for name in listing.splitlines() if name.endswith(CODE)]
    return [path for path in paths if path != Path(__file__) and path.is_file()]


def anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(path: Path) -> set[str]:
    return {anchor(heading) for heading in re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)}


def dead_links(text: str, folder: Path) -> list[str]:
    """Links to files or headings of the project that are not there."""
    dead = []
    for link in re.findall(r"\]\(([^)]+)\)", text):
        file, _, heading = link.partition("#")
        target = folder / file
        if "://" not in link and (not target.is_file() or (heading and heading not in anchors(target))):
            dead.append(link)
    return dead


@pytest.mark.parametrize("paper", PAPERS)
def test_every_link_leads_somewhere(paper: str) -> None:
    path = ROOT / paper
    assert dead_links(path.read_text("utf-8"), path.parent) == []


@pytest.mark.parametrize("bad", ["[x](no-such-file.md)", "[x](CONTRIBUTING.md#no-such-heading)"])
def test_a_dead_link_is_found(bad: str) -> None:
    assert dead_links(bad, ROOT) != []


@pytest.mark.parametrize("paper", ["README.md", "CONTRIBUTING.md"])
def test_every_file_named_in_a_paper_is_there(paper: str) -> None:
    text = (ROOT / paper).read_text("utf-8")
    named = re.findall(r"`((?:schemas|streams|connectors|ops|tests)/[\w./-]+)`", text)
    assert named
    assert [name for name in named if not name.endswith("HandBack.v2.avsc") and not (ROOT / name).exists()] == []


@pytest.mark.parametrize("paper", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_named_in_a_paper_is_there(paper: str) -> None:
    named = set(re.findall(r"`make (\w+)", (ROOT / paper).read_text("utf-8")))
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert named - targets == set()


def test_nothing_of_one_machine_or_tracker_is_in_the_project() -> None:
    found = {
        str(path.relative_to(ROOT)): match[0]
        for path in tracked()
        if (match := FOREIGN.search(path.read_text("utf-8", errors="replace")))
    }
    assert found == {}


@pytest.mark.parametrize("bad", ["see /work/x", "as issue 12 says", "mends #4", "from pypi.org"])
def test_what_belongs_elsewhere_is_found(bad: str) -> None:
    assert FOREIGN.search(bad)


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = re.findall(r"^(\d+)\. \*\*", (ROOT / "ops/decisions.md").read_text("utf-8"), re.MULTILINE)
    assert [int(number) for number in numbers] == list(range(1, len(numbers) + 1))
