"""In CI a test that did not run is a failure."""

import pytest

LEFT_OUT = {
    "a skipped test": "import pytest\n@pytest.mark.skip(reason='later')\ndef test_it(): pass\n",
    "a skip while running": "import pytest\ndef test_it(): pytest.skip('no server')\n",
    "a skip while setting up": "import pytest\n@pytest.fixture\ndef f(): pytest.skip('no')\ndef test_it(f): pass\n",
    "an expected failure": "import pytest\n@pytest.mark.xfail\ndef test_it(): assert False\n",
    "a skipped module": "import pytest\npytest.importorskip('no_such_module')\ndef test_it(): pass\n",
}


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Run a source file as CI (or a desk) would; gives the exit code and the output."""

    def inner(source: str, ci: str) -> tuple[int, str]:
        monkeypatch.setenv("CI", ci)
        pytester.makepyfile(source)
        result = pytester.runpytest_inprocess("-p", "tests.plugins.noskip")
        return int(result.ret), str(result.stdout)

    return inner


@pytest.mark.parametrize("source", LEFT_OUT.values(), ids=LEFT_OUT.keys())
def test_in_ci_what_was_left_out_fails(run, source: str) -> None:  # type: ignore[no-untyped-def]
    code, output = run(source, "true")
    assert code in (1, 2)
    assert "in CI nothing may be left out" in output


@pytest.mark.parametrize("source", LEFT_OUT.values(), ids=LEFT_OUT.keys())
def test_at_a_desk_it_may_be_left_out(run, source: str) -> None:  # type: ignore[no-untyped-def]
    code, output = run(source, "")
    assert code in (0, 5)
    assert " failed" not in output


def test_a_test_that_ran_passes_in_ci(run) -> None:  # type: ignore[no-untyped-def]
    assert run("def test_it(): pass\n", "true")[0] == 0
