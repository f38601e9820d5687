"""Bugs that are put into a private copy of the package: each fault must find the one it is for."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from tests.chaos import crashes, deploys, outages, poison, remotes, replies, zombies
from tests.chaos.scenarios import POSTGRESQL, Play

SOURCE: Final = Path(__file__).parents[2] / "src"
_STORE: Final = "adapters/sqlalchemy/outbox"


class Bug(NamedTuple):
    """A mistake somebody could make."""

    name: str
    what: str
    """What the package does with it."""
    file: str
    """Where it is made, below `src/typedbus`."""
    old: str
    """What stands there; once."""
    new: str
    play: Play
    """The scenario that has to find it."""

    @property
    def scenario(self) -> str:
        """The name of the scenario."""
        return self.play.__name__

    @property
    def database(self) -> str:
        """Where it is played."""
        return POSTGRESQL


class UnfitError(Exception):
    """The source has changed, so that a bug cannot be put where it was."""


_ALL: Final = (
    Bug(
        "no-fence",
        "No epoch is looked at: a relay that was stopped past its lease goes on",
        f"{_STORE}/fencing.py",
        "if owner != lease.relay or epoch != lease.epoch or now is None:",
        "if now is None:",
        zombies.stopped_in_its_transaction,
    ),
    Bug(
        "effects-again",
        "A handler's transaction does not look whether the handler was done before",
        f"{_STORE}/inbox.py",
        "return result.rowcount > 0",
        "return True",
        crashes.killed_in_its_transaction,
    ),
    Bug(
        "cursor",
        "Events are read from the last number on, not by their existence",
        f"{_STORE}/dialect_postgresql.py",
        """\
            result = connection.execute(self._fresh_but, {"n": limit, "known": f"{{{runs}}}"})
        return stored_of(result)
""",
        """\
            result = connection.execute(self._fresh_but, {"n": limit, "known": f"{{{runs}}}"})
        last = getattr(self, "last", 0)
        found = [each for each in stored_of(result) if each.id > last]
        self.last = max([last, *(each.id for each in found)])
        return found
""",
        outages.commit_held_back,
    ),
    Bug(
        "two-transactions",
        "An event is taken from the pending before what is still owed of it is written",
        f"{_STORE}/settling.py",
        """\
        self._take_pending(connection, settlement.done)
        self._put(""",
        """\
        self._take_pending(connection, settlement.done)
        connection.exec_driver_sql("COMMIT")
        self._put(""",
        crashes.killed_before_a_retry_is_written,
    ),
    Bug(
        "not-repeated",
        "A settlement that got no answer is taken for written",
        f"{_STORE}/transactions.py",
        "                    self.connections.close()  # the others are as old\n",
        "                    return frozenset()\n",
        replies.settlement_never_arrives,
    ),
    Bug(
        "own-transaction",
        "Events are stored in a transaction of their own, just before the publisher's commit",
        f"{_STORE}/publishing.py",
        "            self._write(connection, entries)\n",
        """\
            with connection.engine.begin() as own:
                self._write(own, entries)
""",
        replies.commit_of_a_producer_never_arrives,
    ),
    Bug(
        "savepoints",
        "What was published in a savepoint that was rolled back is stored",
        "adapters/sqlalchemy/publications.py",
        """\
                if ended.committed:
                    around.take_over(ended)
""",
        "                around.take_over(ended)\n",
        crashes.killed_in_its_transaction,
    ),
    Bug(
        "past-the-failed",
        "Later events of a key do not wait for one that is tried again",
        "outbox/endings.py",
        "        trouble = self._trouble_of(piece)\n        self._ledger.write(",
        "        trouble = None\n        self._ledger.write(",
        crashes.killed_after_the_effect,
    ),
    Bug(
        "line-stands-still",
        "When the first of a line is done, the next one is not let go",
        f"{_STORE}/lines.py",
        "        _move(connection, tables, held, State.WAITING)\n",
        "",
        crashes.killed_after_the_effect,
    ),
    Bug(
        "crashes-uncounted",
        "A handler that brings the process down is called again for ever",
        "outbox/arrivals.py",
        "            piece.crashes += 1\n",
        "            pass\n",
        poison.segfault,
    ),
    Bug(
        "no-suspicion",
        "A relay does not mark what it begins after its predecessor has died",
        "outbox/hands.py",
        "self._fresh_suspects = self._late_suspects = 0 if lease.clean else settings.window",
        "self._fresh_suspects = self._late_suspects = 0",
        poison.segfault,
    ),
    Bug(
        "no-expiry",
        "A holder of the lease counts as alive as long as its session is there",
        f"{_STORE}/leases.py",
        "if row is None or in_utc(row.expires_at) <= now:",
        "if row is None:",
        zombies.stopped_before_its_transaction,
    ),
    Bug(
        "unknown-dropped",
        "What is owed to a handler that the relay does not know counts as done",
        "outbox/arrivals.py",
        "        self._ledger.put_part(shared, put, self._trouble(name, line))\n",
        "        self._ledger.part_done(shared)\n",
        deploys.old_relay_meets_a_new_handler,
    ),
    Bug(
        "handed-over",
        "What was handed over to Celery counts as done",
        "outbox/endings.py",
        "            self._ledger.drop(piece)\n",
        "            desk.late -= 1\n            self._ledger.removed.append(piece)\n",
        remotes.broker_forgets_everything,
    ),
)
BUGS: Final[Mapping[str, Bug]] = {bug.name: bug for bug in _ALL}


@contextmanager
def seeded(bug: Bug) -> Iterator[Path]:
    """Give a copy of the folder `src` that has *bug*, and remove it afterwards."""
    with tempfile.TemporaryDirectory(prefix="typedbus-bug-") as folder:
        source = Path(folder) / "src"
        shutil.copytree(SOURCE, source, ignore=shutil.ignore_patterns("__pycache__"))
        path = source / "typedbus" / bug.file
        path.write_text(spoiled(bug, path.read_text()))
        yield source


def spoiled(bug: Bug, text: str) -> str:
    """Return *text* with *bug* in it; raises `UnfitError` unless its place is there, once."""
    if text.count(bug.old) != 1:
        raise UnfitError(f"{bug.name}: {bug.file} has {text.count(bug.old)} places like its own")
    return text.replace(bug.old, bug.new)
