"""The suite of stores finds what it is made to find: it fails on each bug put into a store."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from typing import Any

import pytest

from tests.testing.memory_harness import MemoryHarness
from tests.testing.seeded_stores import SEEDS, store_with
from typedbus.testing import MemoryStore
from typedbus.testing.conformance import StoreConformance, UnitConformance

_SLOW = {"test_a_large_body_is_read_as_it_was_written"}


class Suite(StoreConformance, UnitConformance):
    """Both suites, to be called by hand."""

    __test__ = False


def calls() -> Iterator[tuple[str, Callable[[MemoryHarness], None]]]:
    """Return each test of the suite, once for each of its parameters."""
    for name in dir(Suite):
        if not name.startswith("test_") or name in _SLOW:
            continue
        test = getattr(Suite(), name)
        marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
        for values in product(*(mark.args[1] for mark in marks)):
            given: dict[str, Any] = {}
            for mark, value in zip(marks, values, strict=True):
                match mark.args[0]:
                    case str(argument):
                        given[argument] = value
                    case arguments:
                        given.update(zip(arguments, value, strict=True))
            yield name, partial(test, **given)


CALLS = list(calls())


def failed(opens: Callable[[], MemoryStore]) -> str | None:
    """Return the first test of the suite that fails on a store, or None if it passes."""
    for name, call in CALLS:
        try:
            call(MemoryHarness(opens()))
        except (Exception, pytest.fail.Exception):  # noqa: BLE001 - a bug may raise anything
            return name
    return None


def test_a_right_store_passes() -> None:
    """Without a bug, what the bugs are put into is a store."""
    assert failed(MemoryStore) is None


@pytest.mark.parametrize("name", SEEDS)
def test_a_bug_is_found(name: str) -> None:
    """Each bug makes a test of the suite fail."""
    assert failed(store_with(SEEDS[name])) is not None
