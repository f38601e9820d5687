"""A server that is not there: who needs it is skipped, and says what is missing."""

import re

import pytest

from tests.servers.runs import run_apart


@pytest.mark.parametrize(
    ("fixture", "variable", "url", "reason"),
    [
        (
            "rabbitmq_queues",
            "TYPEDBUS_RABBITMQ",
            "amqp://guest:guest@127.0.0.1:1//",
            "RabbitMQ: none at amqp://127.0.0.1:1 (TYPEDBUS_RABBITMQ names one)",
        ),
        (
            "mariadb_async_url",
            "TYPEDBUS_MARIADB",
            "mysql+pymysql://root@127.0.0.1:1",
            "MariaDB: none at 127.0.0.1:1 (TYPEDBUS_MARIADB names one)",
        ),
    ],
    ids=["rabbitmq", "mariadb"],
)
def test_a_server_that_is_absent_is_named(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    fixture: str,
    variable: str,
    url: str,
    reason: str,
) -> None:
    """The tests that need it are skipped, and say where it was looked for."""
    monkeypatch.setenv(variable, url)
    pytester.makepyfile(f"def test_one({fixture}): pass\ndef test_two({fixture}): pass")

    result = run_apart(pytester, "-rs")

    result.assert_outcomes(skipped=2)
    result.stdout.fnmatch_lines([f"*{reason}"])


@pytest.mark.parametrize(
    ("fixture", "variable", "reason"),
    [
        ("rabbitmq_url", "TYPEDBUS_RABBITMQ", "RabbitMQ: not let in at *ACCESS_REFUSED*"),
        ("mariadb_url", "TYPEDBUS_MARIADB", "MariaDB: not let in at *Access denied*"),
    ],
    ids=["rabbitmq", "mariadb"],
)
def test_a_server_that_lets_nobody_in_is_not_said_to_be_absent(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    fixture: str,
    variable: str,
    reason: str,
) -> None:
    """The tests that need it are skipped, and say what it answered."""
    url = str(request.getfixturevalue(fixture))
    monkeypatch.setenv(variable, re.sub("//.*@", "//typedbus:wrong@", url))
    pytester.makepyfile(f"def test_one({fixture}): pass")

    result = run_apart(pytester, "-rs")

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines([f"*{reason}({variable} names another)"])
