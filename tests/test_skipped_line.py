"""The line that ends a run of the tests."""

from pathlib import Path

import pytest

CONFTEST = Path(__file__).with_name("conftest.py")

SUITE = """
import pytest

def test_runs(): pass

@pytest.mark.parametrize("subject", ["queue", "topic"])
def test_needs_a_server(subject): pytest.skip("RabbitMQ: no server at localhost")

@pytest.mark.skip(reason="pyright: not installed")
def test_needs_a_checker(): pass

@pytest.mark.xfail(reason="known")
def test_fails_as_expected(): raise AssertionError
"""


@pytest.mark.parametrize("workers", ["0", "1"], ids=["alone", "spread"])
def test_a_run_says_what_it_skipped_and_why(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, workers: str
) -> None:
    """Each reason is named once with its count, also when the tests are spread over workers."""
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    pytester.makepyfile(SUITE)
    monkeypatch.setenv("TYPEDBUS_SKIPPED", str(pytester.path / "skipped"))

    result = pytester.runpytest("-n", workers)

    assert result.ret == pytest.ExitCode.OK
    result.stdout.re_match_lines(
        [r"skipped: 3 — (?=.*RabbitMQ: no server at localhost \(2\))(?=.*pyright: not installed)"]
    )
    assert sorted((pytester.path / "skipped").read_text(encoding="utf-8").splitlines()) == [
        "RabbitMQ: no server at localhost",
        "pyright: not installed",
    ]


def test_a_run_that_skips_nothing_says_so(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Silence could also mean that nobody looked."""
    monkeypatch.delenv("TYPEDBUS_SKIPPED", raising=False)
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    pytester.makepyfile("def test_runs(): pass")

    result = pytester.runpytest()

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["skipped: nothing"])
