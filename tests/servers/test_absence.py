"""A server that is not there: who needs it is skipped, and says what is missing."""

import re
from fnmatch import filter as matching
from pathlib import Path

import pytest

from tests.servers.runs import lines_of_run


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
    tmp_path: Path,
    fixture: str,
    variable: str,
    url: str,
    reason: str,
) -> None:
    """The tests that need it are skipped, and say where it was looked for."""
    suite = f"def test_one({fixture}): pass\ndef test_other({fixture}): pass"
    (tmp_path / "test_suite.py").write_text(suite, encoding="utf-8")

    lines = lines_of_run(tmp_path, **{variable: url})

    assert matching(lines, f"SKIPPED *: {reason}")
    assert matching(lines, "*= 2 skipped in *")


@pytest.mark.parametrize(
    ("fixture", "variable", "reason"),
    [
        ("rabbitmq_url", "TYPEDBUS_RABBITMQ", "RabbitMQ: not let in at *ACCESS_REFUSED*"),
        ("mariadb_url", "TYPEDBUS_MARIADB", "MariaDB: not let in at *Access denied*"),
    ],
    ids=["rabbitmq", "mariadb"],
)
def test_a_server_that_lets_nobody_in_is_not_said_to_be_absent(
    tmp_path: Path,
    request: pytest.FixtureRequest,
    fixture: str,
    variable: str,
    reason: str,
) -> None:
    """The tests that need it are skipped, and say what it answered."""
    url = str(request.getfixturevalue(fixture))
    (tmp_path / "test_suite.py").write_text(f"def test_one({fixture}): pass", encoding="utf-8")

    lines = lines_of_run(tmp_path, **{variable: re.sub("//.*@", "//typedbus:wrong@", url)})

    assert matching(lines, f"SKIPPED *: {reason}({variable} names another)")
    assert matching(lines, "*= 1 skipped in *")
