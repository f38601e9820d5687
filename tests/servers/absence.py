"""Why a server is not there; the tests that need it are skipped with that reason."""

from collections.abc import Iterator
from contextlib import contextmanager


class AbsentError(Exception):
    """A server that tests need is not there; the text names it first."""

    def __init__(self, server: str, reason: str) -> None:
        super().__init__(server, reason)

    def __str__(self) -> str:
        server, reason = self.args
        return f"{server}: {reason}"


@contextmanager
def absence_skips() -> Iterator[None]:
    """Skip the test that asks for a server which is absent."""
    import pytest  # benchmarks have the servers without it

    try:
        yield
    except AbsentError as absent:
        pytest.skip(str(absent))
