"""Whether a history keeps what the outbox promises: one checker for every scenario."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from tests.chaos.history import Fault, Handled, History, Left

Place: TypeAlias = tuple[str, str, int]
"""A handler, a key, and how far the key had come."""


class Promises(NamedTuple):
    """What the handlers of a run promise."""

    transactional: Collection[str] = ()
    """They write in the transaction that they are given: exactly once, and never stale."""
    unordered: Collection[str] = ()
    """They have no key, or their dead let later ones pass: in no order."""
    remote: Collection[str] = ()
    """They run in other processes, which have no epoch."""
    dead: Collection[Place] = ()
    """What has to end as a dead letter."""
    blocked: Collection[Place] = ()
    """What has to wait behind one."""


class Findings(NamedTuple):
    """What a checker found; the empty ones are promises kept."""

    lost: Sequence[Place]
    """Committed, owed, and never handled."""
    phantom: Sequence[Handled]
    """Handled, though its transaction was not committed."""
    miscounted: Sequence[str]
    """The workload itself is broken: its tables disagree."""
    doubled: Sequence[Handled]
    """Effects of a transactional handler beyond the first."""
    out_of_order: Sequence[Handled]
    """First deliveries that come behind a later one of their key."""
    behind_newer: Sequence[Handled]
    """Repeated deliveries that come behind a later one of their key, in one and the same epoch.

    A new relay begins again with what its predecessor had not settled, and goes up from there.
    """
    by_former: Sequence[Handled]
    """By a relay that had lost its lease, behind its successor: no database can fence that off."""
    stale: Sequence[Handled]
    """Effects of a transactional handler under an older epoch than what its key had seen."""
    unfinished: Sequence[Left]
    """Still owed at the end."""
    dead: Sequence[Left]
    """Dead letters."""
    dead_unasked: Sequence[Left]
    """Dead letters that no rule of the scenario explains, or without their error."""
    not_dead: Sequence[Place]
    """What should be a dead letter and is none."""
    two_ids: Sequence[Handled]
    """Repeated under another delivery id, so that nobody could know it again."""
    redelivered: int
    """How often something outside was told again: at least once allows it."""
    pending: int

    @property
    def broken(self) -> Mapping[str, int]:
        """How often each promise was broken; empty if none was."""
        counts = {
            "lost": len(self.lost),
            "phantom": len(self.phantom),
            "miscounted": len(self.miscounted),
            "doubled effects": len(self.doubled),
            "first delivery out of order": len(self.out_of_order),
            "redelivery behind newer": len(self.behind_newer),
            "stale effects": len(self.stale),
            "unfinished": len(self.unfinished) + self.pending,
            "dead without reason": len(self.dead_unasked),
            "not dead": len(self.not_dead),
            "two delivery ids": len(self.two_ids),
        }
        return {name: count for name, count in counts.items() if count}


def check(history: History, promises: Promises) -> Findings:
    """Return what *history* says about *promises*."""
    committed = {order.request_id for order in history.orders}
    real = [each for each in history.handled if each.request_id in committed]
    orders = _Orders(real, promises)
    dead = [left for left in history.left if left.state == "dead"]
    dead_places = {_place(left) for left in dead}
    waiting = {_place(left) for left in history.left if left.state != "dead"}
    return Findings(
        lost=_lost(history, real, dead_places | waiting),
        phantom=[each for each in history.handled if each.request_id not in committed],
        miscounted=list(_miscounted(history)),
        doubled=orders.doubled,
        out_of_order=orders.out_of_order,
        behind_newer=orders.behind_newer,
        by_former=orders.by_former,
        stale=orders.stale,
        unfinished=[
            left
            for left in history.left
            if left.state != "dead" and _place(left) not in promises.blocked
        ],
        dead=dead,
        dead_unasked=[left for left in dead if _place(left) not in promises.dead or not left.error],
        not_dead=sorted(
            (set(promises.dead) - dead_places) | (set(promises.blocked) - waiting - dead_places)
        ),
        two_ids=orders.two_ids,
        redelivered=orders.redelivered,
        pending=history.pending,
    )


def takeovers(history: History, what: Collection[str]) -> list[float]:
    """Return the seconds from each fault of the kinds *what* to the first effect of a new epoch."""
    epochs = sorted((each.at, each.epoch) for each in history.handled if each.epoch)
    return list(_takeovers(epochs, [fault for fault in history.faults if fault.what in what]))


def percentile(values: Sequence[float], part: float) -> float:
    """Return the value that *part* of *values* do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def _takeovers(epochs: Sequence[tuple[float, int]], faults: Sequence[Fault]) -> Iterator[float]:
    for fault in faults:
        before = max((epoch for at, epoch in epochs if at <= fault.at), default=0)
        later = next((at for at, epoch in epochs if at > fault.at and epoch > before), None)
        same = any(at > fault.at and epoch == before for at, epoch in epochs)
        if later is not None and not same:
            yield later - fault.at


class _Orders:
    """Goes through the effects, key by key, in the order in which they were taken in."""

    def __init__(self, handled: Sequence[Handled], promises: Promises) -> None:
        self.doubled: list[Handled] = []
        self.out_of_order: list[Handled] = []
        self.behind_newer: list[Handled] = []
        self.by_former: list[Handled] = []
        self.stale: list[Handled] = []
        self.two_ids: list[Handled] = []
        self.redelivered = 0
        lines: dict[tuple[str, str], list[Handled]] = defaultdict(list)
        for each in handled:
            lines[each.handler, each.key].append(each)
        for (handler, _), line in lines.items():
            self._check(
                line,
                is_transactional=handler in promises.transactional,
                is_ordered=handler not in promises.unordered,
            )

    def _check(self, line: Sequence[Handled], *, is_transactional: bool, is_ordered: bool) -> None:
        first: dict[int, Handled] = {}
        newest = epoch = 0
        newest_of = defaultdict[int, int](int)
        for each in line:
            if each.seq in first:
                self._again(each, first[each.seq], is_transactional=is_transactional)
                if is_ordered and each.epoch < epoch:
                    self.by_former.append(each)
                elif is_ordered and each.seq < newest_of[each.epoch]:
                    self.behind_newer.append(each)
            elif is_ordered and each.seq < newest:
                self.out_of_order.append(each)
            if is_transactional and each.epoch < epoch:
                self.stale.append(each)
            first.setdefault(each.seq, each)
            newest, epoch = max(newest, each.seq), max(epoch, each.epoch)
            newest_of[each.epoch] = max(newest_of[each.epoch], each.seq)

    def _again(self, each: Handled, before: Handled, *, is_transactional: bool) -> None:
        if is_transactional:
            self.doubled.append(each)
        else:
            self.redelivered += 1
        if each.delivery_id != before.delivery_id:
            self.two_ids.append(each)


def _lost(
    history: History, handled: Sequence[Handled], elsewhere: Collection[Place]
) -> list[Place]:
    """Return what was owed, was not handled, and is not among what the outbox still has.

    While events are pending nobody can say that one is lost, so none of them may be left.
    """
    done = {(each.handler, each.key, each.seq) for each in handled}
    owed = {
        (handler, order.key, order.seq) for order in history.orders for handler in order.handlers
    }
    return sorted(owed - done - set(elsewhere))


def _miscounted(history: History) -> Iterator[str]:
    counted: dict[str, list[int]] = defaultdict(list)
    for order in history.orders:
        counted[order.key].append(order.seq)
    for key, seq in history.keys.items():
        if sorted(counted[key]) != list(range(1, seq + 1)):
            yield f"{key} has come to {seq}, its orders are {sorted(counted[key])}"


def _place(left: Left) -> Place:
    return left.handler, left.key, left.seq
