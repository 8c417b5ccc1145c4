"""Where CI=true, a test that did not run is a failure: skips and expected failures, of tests and of whole modules."""

import os
from collections.abc import Generator

import pytest

SENTENCE = "did not run, and in CI nothing may be left out: make it run, or remove it"


def is_ci() -> bool:
    """True when the environment says CI=true."""
    return os.environ.get("CI", "").lower() == "true"


def _fail(report: pytest.TestReport | pytest.CollectReport) -> None:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid} {SENTENCE} ({reason})"
    if hasattr(report, "wasxfail"):
        del report.wasxfail


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and is_ci():
        _fail(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped and is_ci():
        _fail(report)
    return report
