"""Stores in memory, each with one bug, made by changing a line of the right one."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from typedbus.testing import MemoryStore, memory, memory_lease, memory_tables


class Seed(NamedTuple):
    """A bug: what stands in the right store, and what stands there instead."""

    right: str
    wrong: str


SEEDS = {
    # Reading
    "polls by cursor": Seed(
        "if number not in known:",
        "if number > getattr(self, 'last', 0) and not setattr(self, 'last', number):",
    ),
    "reads what is known": Seed("if number not in known:", "if True:"),
    "reads known deliveries": Seed("and (row.handler, row.id) not in known\n", ""),
    "counts what is known": Seed(
        "            for number in self._tables.pending:",
        "            for number in self._tables.pending[:fresh]:",
    ),
    "reads what is not due": Seed("(row.due <= now or row.state is State.RUNNING)", "True"),
    "sees no mark": Seed("(row.due <= now or row.state is State.RUNNING)", "row.due <= now"),
    "reads by due time": Seed(
        "heads = sorted(heads, key=_order)[:limit]",
        "heads = sorted(heads, key=lambda row: row.due)[:1]",
    ),
    "reads too many": Seed(
        "sorted(found.values(), key=_order)[:limit]",
        "sorted(found.values(), key=_order)",
    ),
    "does not heed a pause": Seed("and row.handler not in paused", "and True"),
    "does not heed the pause of all": Seed('if "*" in paused:', "if False:"),
    "forgets the sent": Seed(
        "frozenset({State.WAITING, State.RUNNING, State.SENT})",
        "frozenset({State.WAITING, State.RUNNING})",
    ),
    "retries the dead": Seed(
        "frozenset({State.WAITING, State.RUNNING, State.SENT})",
        "frozenset({State.WAITING, State.RUNNING, State.SENT, State.DEAD})",
    ),
    "reads the held alone": Seed(
        "frozenset({State.WAITING, State.RUNNING, State.SENT})",
        "frozenset({State.WAITING, State.RUNNING, State.SENT, State.HELD})",
    ),
    "forgets the held": Seed("for row in self._held_behind(head):", "for row in ():"),
    "lets the held pass": Seed(
        "if row.state is not State.HELD:\n                    return", "pass"
    ),
    "reads unknown ones of all": Seed("and row.handler in handlers", "and True"),
    "reads unknown ones again": Seed("after is None or (row.id, row.handler) > after", "True"),
    # Settling
    "has no fence": Seed("self._lease.fence(lease)\n            owed", "owed"),
    "looks at the fence last": Seed(
        "self._lease.fence(lease)\n            owed",
        "[self._tables.take_pending(n) for n in settlement.done]\n"
        "            self._lease.fence(lease)\n            owed",
    ),
    "knows the relay only": Seed(
        "(self.holder, self.epoch) == (lease.relay, lease.epoch)", "self.holder == lease.relay"
    ),
    "brings back what is gone": Seed("if self._is_owed(put)]", "if True]"),
    "loses the pending": Seed(
        "owed = [put for put in settlement.puts if self._is_owed(put)]",
        "[self._tables.take_pending(n) for n in settlement.done]\n"
        "            owed = [put for put in settlement.puts if self._is_owed(put)]",
    ),
    "keeps the pending": Seed(
        "for number in settlement.done:\n                self._tables.take",
        "for number in ():\n                self._tables.take",
    ),
    "does not remove": Seed(
        "for key in settlement.removed:\n                self._tables.remove(key)", "pass"
    ),
    "forgets the error": Seed("if error is None and before is not None:", "if False:"),
    "takes local time for its own": Seed(
        "else put.due\n", "else put.due.replace(tzinfo=now.tzinfo)\n"
    ),
    # Lines
    "leaves the first held": Seed("if at == 0 and row.state is State.HELD:", "if False:"),
    "lets all go": Seed("if at == 0 and row.state is State.HELD:", "if row.state is State.HELD:"),
    "lets two wait": Seed("elif at > 0 and row.state is State.WAITING:", "elif False:"),
    "forgets the line that a put left": Seed(
        "touched.update(self._tables.lines_of((put.handler, put.id)))", "pass"
    ),
    "knows a line by the row only": Seed("if row is None and number in self.events:", "if False:"),
    "tells no free lines": Seed(
        "            return self._advance(touched)",
        "            self._advance(touched)\n            return ()",
    ),
    "tells all lines": Seed(
        "            return self._advance(touched)",
        "            self._advance(touched)\n            return touched",
    ),
    "has one line for all handlers": Seed(
        "None if self.line is None else (self.handler, self.line)",
        "None if self.line is None else (self.handler[0], self.line)",
    ),
    "compares without case": Seed(
        "(self.handler, self.line)", "(self.handler, self.line.strip().lower())"
    ),
    "takes no key for an empty one": Seed(
        "None if self.line is None else", "None if not self.line else"
    ),
    "does not tell the dead apart": Seed("if first.state is State.DEAD)", "if False)"),
    "hides a line behind a dead one": Seed(
        "first in firsts if first.state is State.DEAD)",
        "first in firsts if all(r.state is State.DEAD for r in self._tables.standing_in(line)))",
    ),
    "lets events pass unknown ones": Seed(
        "firsts = list(self._tables.lines())",
        "firsts = [each for each in self._tables.lines() if each[1].state is not State.UNKNOWN]",
    ),
    "parks nothing": Seed("self._tables.park(line, self._now)", "pass"),
    "parks without a word": Seed("due=now, error=error", "due=now"),
    # Leases
    "gives the lease to all": Seed("and self._lives(self.holder, now)", "and False"),
    "keeps the lease for ever": Seed("and self._lives(self.holder, now)", "and True"),
    "does not see a death": Seed("relay not in self._cut_off and", ""),
    "suspects nobody": Seed("self._clean = self.holder is None", "self._clean = True"),
    "suspects everybody": Seed("self._clean = self.holder is None", "self._clean = False"),
    "counts no epochs": Seed("            self.epoch += 1\n", ""),
    "counts each question": Seed("if self.holder != relay.id:", "if True:"),
    "is clean at the second question": Seed(
        "return Lease(relay.id, self.epoch, self._clean)",
        "clean, self._clean = self._clean, True\n        return Lease(relay.id, self.epoch, clean)",
    ),
    "lets anybody release": Seed(
        "if self._is_held_under(lease):\n            self.h", "if True:\n            self.h"
    ),
    "renews nothing": Seed(
        "self.fence(lease)\n        self._lives", "self.fence(lease)\n        0 and self._lives"
    ),
    "renews for anybody": Seed("self.fence(lease)\n        self._lives", "self._lives"),
    "renews only in time": Seed(
        "self.fence(lease)\n        self._lives",
        "self.holder = self.holder if self._lives(lease.relay, now) else None\n"
        "        self.fence(lease)\n        self._lives",
    ),
    # Writers
    "shows what is rolled back": Seed(
        "return Stored(self._last_number, *record)",
        "stored = Stored(self._last_number, *record)\n"
        "            self._tables.owe(stored)\n            return stored",
    ),
    # Units
    "fences no unit": Seed("if attempt.lease is not None:", "if False:"),
    "keeps what was done before": Seed(
        "if not is_owed and (attempt.alone or attempt.late):", "if False:"
    ),
    "looks for fresh ones only": Seed("is_owed = self._tables.remove(key) or is_owed", "pass"),
    "has an inbox for fresh ones only": Seed(
        "if not attempt.alone and seen in", "if not attempt.alone and not attempt.late and seen in"
    ),
    "has no inbox": Seed("self._tables.inbox.add(seen)", "pass"),
    "has one inbox for all": Seed("seen = attempt.handler,", "seen = 'all',"),
    "ends an event for all": Seed("is_owed = attempt.alone and self", "is_owed = self"),
    "leaves the line of a unit": Seed(
        "            self._advance(lines)\n            self.effects", "            self.effects"
    ),
}


def store_with(seed: Seed) -> Callable[[], MemoryStore]:
    """Return what makes stores that have the bug of *seed*."""
    source = "".join(
        Path(str(module.__file__)).read_text() for module in (memory_tables, memory_lease, memory)
    )
    assert source.count(seed.right) == 1, (
        f"{seed.right!r} stands in no line of the store, or in two"
    )
    # All in one namespace: what one module imports of another one is there already.
    lines = [
        line
        for line in source.replace(seed.right, seed.wrong).splitlines()
        if not line.startswith(
            (
                "from __future__",
                "from typedbus.testing.memory_lease",
                "from typedbus.testing.memory_tables",
            )
        )
    ]
    namespace: dict[str, object] = {"__name__": f"{__name__}.seeded"}
    code = "from __future__ import annotations\n" + "\n".join(lines)
    exec(compile(code, "a seeded store", "exec"), namespace)
    made = namespace["MemoryStore"]
    assert callable(made)
    return made
