"""What is to be written down in a transaction before it is committed."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class Ledger(Hashable, Protocol):
    """Writes things down in the transaction of a session."""

    def holds(self, session: Session, /) -> bool:
        """Say whether it writes in the database of *session*."""
        ...

    def write(self, session: Session, owings: Sequence[Any], /) -> None:
        """Write *owings*, all of them its own, down in the transaction of *session*."""
        ...

    def committed(self) -> None:
        """Hear that a transaction was committed in which something was written down."""
        ...


class Owing(Protocol):
    """One thing to be written down, more than once if it grows."""

    waits: bool
    """Whether it is to be written down; when it has grown since it was, then once more."""

    @property
    def ledger(self) -> Ledger:
        """What writes it."""
        ...

    def copy(self) -> Self:
        """Return one that may grow in a savepoint, and be dropped with that."""
        ...

    def grow(self, later: Self, /) -> None:
        """Become what *later* is, a copy of this from a savepoint that was released."""
        ...


class Owings:
    """What one savepoint, or the outermost transaction, has to write down before its end."""

    __slots__ = ("doom", "hurried", "owed", "waiting")

    def __init__(self) -> None:
        self.owed: dict[Hashable, Owing] = {}
        """Everything that is owed here, whether it was written down or not."""
        self.waiting: list[Owing] = []
        """What is to be written down."""
        self.doom: Exception | None = None
        """What could not be written down, so that there is to be no commit."""
        self.hurried = False
        """Whether the commit is under way, so that whatever comes is to be written at once."""

    def note(self, key: Hashable, owing: Owing, /) -> None:
        """Write *owing* down, or once more, before the end."""
        owing.waits = True
        self.owed[key] = owing
        self.waiting.append(owing)

    def take_over(self, released: Owings) -> None:
        """Owe what was owed in a savepoint that was released."""
        self.doom = self.doom or released.doom
        for key, owing in released.owed.items():
            known = self.owed.get(key)
            if known is not None:
                known.grow(owing)
            if known is not None and owing.waits and not known.waits:
                self.note(key, known)
            elif known is None and owing.waits:
                self.note(key, owing)
            elif known is None:
                self.owed[key] = owing


def write(session: Session, owings: Owings) -> None:
    """Write down what waits in *owings*, in the order of publishing; it waits on if that fails."""
    waiting, owings.waiting = owings.waiting, []
    by_ledger: dict[Ledger, list[Owing]] = {}
    for owing in waiting:
        by_ledger.setdefault(owing.ledger, []).append(owing)
    try:
        for ledger, own in by_ledger.items():
            ledger.write(session, own)
            for owing in own:
                owing.waits = False
    except BaseException:
        owings.waiting[:0] = [owing for owing in waiting if owing.waits]
        raise


def tell_of_the_commit(owings: Owings) -> None:
    """Tell everybody who wrote something down that it is committed."""
    for ledger in {owing.ledger for owing in owings.owed.values()}:
        ledger.committed()
