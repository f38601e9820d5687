"""A bus for the rules that hold however it delivers, and a handler that stands still."""

from collections.abc import Iterator

import pytest

from tests.core.buses import WAYS, MakeBus
from tests.core.held import Held


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def make_bus(request: pytest.FixtureRequest) -> MakeBus:
    """Make a bus of the shop that delivers in one of the ways there are."""
    way: MakeBus = request.param
    return way


@pytest.fixture
def held() -> Iterator[Held]:
    """A handler that stands still; it is let go at the end of the test at the latest."""
    handler = Held()
    yield handler
    handler.let_go.set()
