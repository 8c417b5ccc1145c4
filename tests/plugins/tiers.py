"""The folder of a test is its tier: it gives order (cheap ones first), marker, time-out, a line in the report."""

from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import settings

TIMEOUTS = {"unit": 30, "laws": 120, "contract": 60, "integration": 300, "browser": 300, "faults": 900, "bench": 1800}
"""Tiers in the order in which they run, with the seconds that one test may take."""
LONG_EXAMPLES, LONG_LAWS = 1_000, 1_800
"""From so many examples on (HYPOTHESIS_PROFILE=long) a law may take longer."""

_seconds: Counter[str] = Counter()
_tests: Counter[str] = Counter()


def tier_of(parts: Iterable[str]) -> str | None:
    """The tier that a path's folders name; None for a test outside the tiers."""
    return next((part for part in parts if part in TIMEOUTS), None)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = list(TIMEOUTS)
    tiers = {item: tier_of(item.path.relative_to(item.config.rootpath).parts[:-1]) for item in items}
    for item, tier in tiers.items():
        if tier:
            item.add_marker(tier)
            if item.get_closest_marker("timeout") is None:
                patience = LONG_LAWS if tier == "laws" and settings().max_examples >= LONG_EXAMPLES else TIMEOUTS[tier]
                item.add_marker(pytest.mark.timeout(patience))
    items.sort(key=lambda item: order.index(tiers[item] or order[0]))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    tier = tier_of(report.nodeid.split("::")[0].split("/"))
    if tier:
        _seconds[tier] += report.duration  # type: ignore[assignment]  # a Counter of floats
        _tests[tier] += report.when == "call"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _tests:
        terminalreporter.section("tiers")
    for tier in filter(_tests.get, TIMEOUTS):
        terminalreporter.line(f"{tier:<12} {_tests[tier]:>5} tests {_seconds[tier]:>8.1f} s")
