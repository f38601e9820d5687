"""Faults of connections, servers and clocks: nothing is lost, nothing done twice, order is kept."""

from pathlib import Path

import pytest

from tests.chaos.actors import Nursery
from tests.chaos.conftest import Places
from tests.chaos.run import running
from tests.chaos.scenarios import CONNECTIONS, SCENARIOS, short_plays


@pytest.mark.parametrize(("name", "kind"), short_plays(CONNECTIONS))
def test_promises_hold(
    name: str, kind: str, places: Places, nursery: Nursery, tmp_path: Path
) -> None:
    """What the checker finds is nothing."""
    with running(places.new(kind), tmp_path, nursery) as run:
        promises = SCENARIOS[name].play(run)
        findings = run.check(promises)

        assert findings.broken == {}, run.last_words()
