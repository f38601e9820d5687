"""Every scenario by name, and the databases that it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple, TypeAlias

from tests.chaos import (
    clocks,
    crashes,
    deploys,
    outages,
    poison,
    remotes,
    replies,
    sizes,
    storm,
    zombies,
)
from tests.chaos.checker import Promises
from tests.chaos.run import Run

Play: TypeAlias = Callable[[Run], Promises]

POSTGRESQL: Final = "postgresql"
MARIADB: Final = "mariadb"
SQLITE: Final = "sqlite"
EVERYWHERE: Final = (SQLITE, POSTGRESQL, MARIADB)
SERVERS: Final = (POSTGRESQL, MARIADB)


class Scenario(NamedTuple):
    """What is done to a run, and where that can be done."""

    play: Play
    databases: tuple[str, ...]
    """Where it is played by the long form."""
    short: tuple[str, ...]
    """Where it is played by the tests, too."""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.play.__name__

    @property
    def summary(self) -> str:
        """What happens in it."""
        return (self.play.__doc__ or "").splitlines()[0]


def _scenario(
    play: Play, databases: tuple[str, ...] = EVERYWHERE, short: tuple[str, ...] = ()
) -> Scenario:
    return Scenario(play, databases, short)


_PG: Final = (POSTGRESQL,)
_LITE: Final = (SQLITE,)

PROCESSES: Final = (
    _scenario(crashes.killed_in_its_transaction, short=EVERYWHERE),
    _scenario(crashes.killed_after_the_effect),
    _scenario(crashes.killed_before_the_settlement, SERVERS),
    _scenario(crashes.killed_before_a_retry_is_written, SERVERS, _PG),
    _scenario(crashes.told_to_end_in_a_batch, short=_PG),
    _scenario(crashes.killed_at_random, short=_LITE),
    _scenario(zombies.stopped_in_its_transaction, SERVERS, SERVERS),
    _scenario(zombies.stopped_before_its_transaction, SERVERS),
    _scenario(zombies.stopped_with_a_failure_in_hand, SERVERS),
    _scenario(zombies.stopped_in_a_settlement, SERVERS, _PG),
    _scenario(zombies.stopped_and_called_back, SERVERS),
    _scenario(poison.segfault, short=_PG),
    _scenario(poison.sudden_exit),
    _scenario(poison.crash_that_passes),
    _scenario(poison.hard_error, short=_LITE),
    _scenario(poison.hang, short=_LITE),
    _scenario(poison.blocked_loop, short=_PG),
    _scenario(deploys.old_relay_meets_a_new_handler, short=_LITE),
    _scenario(deploys.rolling_restart),
    _scenario(deploys.five_relays_on_a_hot_key, short=_PG),
    _scenario(sizes.large_payload, short=_LITE),
)
"""What is done to processes."""

CONNECTIONS: Final = (
    _scenario(replies.producer_never_hears_of_its_commit, SERVERS, _PG),
    _scenario(replies.commit_of_a_producer_never_arrives, SERVERS, _PG),
    _scenario(replies.relay_never_hears_of_a_settlement, SERVERS),
    _scenario(replies.settlement_never_arrives, SERVERS, _PG),
    _scenario(replies.handler_never_hears_of_its_commit, SERVERS, SERVERS),
    _scenario(replies.commit_of_a_handler_never_arrives, SERVERS),
    _scenario(replies.relay_never_hears_of_a_retry, SERVERS, _PG),
    _scenario(outages.server_killed_under_load, _PG, _PG),
    _scenario(outages.server_away_at_the_start, _PG),
    _scenario(outages.connections_cut, SERVERS, (MARIADB,)),
    _scenario(outages.sessions_ended_by_the_server, _PG, _PG),
    _scenario(outages.half_open, SERVERS, _PG),
    _scenario(outages.slow_connection, SERVERS),
    _scenario(outages.commit_held_back, SERVERS, SERVERS),
    _scenario(remotes.worker_killed_in_its_transaction, SERVERS),
    _scenario(remotes.broker_forgets_everything, SERVERS, _PG),
    _scenario(clocks.clock_of_the_database_jumps, _PG, _PG),
    _scenario(storm.storm),
)
"""What is done to connections, servers and clocks; and everything at once."""

SCENARIOS: Final[Mapping[str, Scenario]] = {
    scenario.name: scenario for scenario in (*PROCESSES, *CONNECTIONS)
}


def short_plays(scenarios: Iterable[Scenario]) -> list[tuple[str, str]]:
    """Return the names of those that the tests play, each with a database that it is played on."""
    return [(each.name, kind) for each in scenarios for kind in each.short]
