"""Settling: when a relay writes down what is done, and takes in that it is written."""

from __future__ import annotations

from collections.abc import Collection
from math import inf
from typing import Final

from typedbus.outbox.acts import Settle
from typedbus.outbox.hands import Hands
from typedbus.outbox.ledger import Page
from typedbus.outbox.records import Line

_TOGETHER: Final = 0.005
"""How long what is done may wait for more that is done, to be written down together."""


class Settling:
    """Decides, under one lease, when something is written down."""

    def __init__(self, batch: int) -> None:
        self._batch = batch
        self._since: float | None = None
        self._page: Page | None = None

    def next(self, hands: Hands, now: float, *, at_once: bool) -> Settle | None:
        """Return what is to be written down now, if it is time."""
        unsettled = hands.ledger.unsettled
        if not unsettled:
            self._since = None
            return None
        if self._since is None:
            self._since = now
        waited = now - self._since >= _TOGETHER
        if not (at_once or waited or unsettled >= self._batch or hands.dry):
            return None
        self._since, self._page = None, hands.ledger.turn()
        return Settle(self._page.settlement())

    @property
    def at(self) -> float:
        """When something is to be written down, if nothing happens before."""
        return inf if self._since is None else self._since + _TOGETHER

    def written(self, hands: Hands, free: Collection[Line], now: float) -> None:
        """Take in that what was to be written is written, and which lines are free."""
        page, self._page = self._page, None
        assert page is not None, "it was asked to be written down"
        hands.settled(page, free, now)
