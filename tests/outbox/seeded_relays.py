"""Relays and stores with one bug each, made by changing a line, and the simulation of them."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from hypothesis.stateful import RuleBasedStateMachine


class Seed(NamedTuple):
    """A bug: in which module, what stands there in the right one, and what instead."""

    module: str
    right: str
    wrong: str


_STORE = "typedbus.testing.memory"
_TABLES = "typedbus.testing.memory_tables"
SEEDS = {
    "the fence is off": Seed(_STORE, "self._lease.fence(lease)\n            owed", "owed"),
    "units have no fence": Seed(_STORE, "if attempt.lease is not None:", "if False:"),
    "what is over is put again": Seed(_STORE, "if self._is_owed(put)]", "if True]"),
    "late units do not look at the inbox": Seed(
        _STORE,
        "if not attempt.alone and seen in",
        "if not attempt.alone and not attempt.late and seen in",
    ),
    "polls by cursor": Seed(
        _STORE,
        "if number not in known:",
        "if number > getattr(self, 'last', 0) and not setattr(self, 'last', number):",
    ),
    "the first of a line is left held": Seed(
        _TABLES, "if at == 0 and row.state is State.HELD:", "if False:"
    ),
    "the pending goes before the rest is written": Seed(
        "typedbus.outbox.ledger",
        "page = Page(self.done, self.writings, self.removed, self.parked)\n",
        "page = Page(self.done, [], self.removed, self.parked)\n"
        "        if not self.done:\n"
        "            page = Page([], self.writings, self.removed, self.parked)\n"
        "        elif self.writings:\n"
        "            self.done, self.removed, self.parked = [], [], []\n"
        "            return page\n",
    ),
    "a settlement is dropped when the store is away": Seed(
        "typedbus.outbox.asking",
        "        self._times_away += 1",
        "        self._act = None\n        return",
    ),
    "failures are not counted": Seed(
        "typedbus.outbox.endings", "attempts += outcome.called", "pass"
    ),
    "what is away counts as done": Seed(
        "typedbus.outbox.endings",
        "if outcome is not None:\n            self._end_badly",
        "if outcome is not None and outcome.fate is not Fate.AWAY:\n            self._end_badly",
    ),
    "crashes are not counted": Seed("typedbus.outbox.arrivals", "piece.crashes += 1", "pass"),
    "nothing is suspected": Seed(
        "typedbus.outbox.hands", "0 if lease.clean else settings.window", "0"
    ),
    "what crashed does not run alone": Seed(
        "typedbus.outbox.lines",
        "elif piece.crashes:\n            self.alone.append(piece)\n            self.closed = True",
        "elif piece.crashes:\n            self.mark(piece)",
    ),
    "lines are not rebuilt at a takeover": Seed(
        "typedbus.outbox.hands", "for handler, key in lines:", "for handler, key in ():"
    ),
    "late ones pass what is pending": Seed(
        "typedbus.outbox.arrivals", "stored.id > self._horizon", "False"
    ),
    "a line goes on before its trouble is written": Seed(
        "typedbus.outbox.lines",
        "if trouble.out is not None or trouble.unconfirmed:",
        "if trouble.out is not None:",
    ),
    "the deadline is not heeded": Seed(
        "typedbus.outbox.machine", "now >= self.deadline or self._stopping", "self._stopping"
    ),
    "nothing is adopted": Seed(
        "typedbus.outbox.adopting",
        "return Unknown(names, self._limit, self._after) if self._looks else None",
        "self.looked = True",
    ),
    "dead ones do not block": Seed(
        "typedbus.outbox.endings",
        'None if dead and on_dead == "skip" else piece.line',
        "None if dead else piece.line",
    ),
    "what waits behind a failure goes on": Seed(
        "typedbus.outbox.endings", "self._lines.send_back(trouble, parked=parks)", "pass"
    ),
}

_AFRESH = ("typedbus.outbox", "typedbus.testing", "tests.outbox.simulation")
_KEPT = "tests.outbox.simulation_facts"


class _Seeded(MetaPathFinder, Loader):
    """Imports one module with its bug."""

    def __init__(self, seed: Seed) -> None:
        self._seed = seed
        spec = find_spec(seed.module)
        assert spec is not None
        assert spec.origin is not None
        self._origin = spec.origin
        source = Path(spec.origin).read_text()
        assert source.count(seed.right) == 1, f"{seed.right!r} stands nowhere in it, or twice"
        self._source = source.replace(seed.right, seed.wrong)

    def find_spec(
        self, fullname: str, path: object, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find the one module."""
        if fullname != self._seed.module:
            return None
        return spec_from_loader(fullname, self, origin=self._origin)

    def exec_module(self, module: ModuleType) -> None:
        """Run it."""
        exec(compile(self._source, self._origin, "exec"), vars(module))


@contextmanager
def simulation_with(seed: Seed) -> Iterator[type[RuleBasedStateMachine]]:
    """Give the simulation of an outbox that has the bug of *seed*; nobody else sees it."""
    finder = _Seeded(seed)
    before = {
        name: module
        for name, module in sys.modules.items()
        if name.startswith(_AFRESH) and name != _KEPT
    }
    for name in before:
        del sys.modules[name]
    sys.meta_path.insert(0, finder)
    try:
        yield importlib.import_module("tests.outbox.simulation").Simulation
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.startswith(_AFRESH) and name != _KEPT]:
            del sys.modules[name]
        sys.modules.update(before)
