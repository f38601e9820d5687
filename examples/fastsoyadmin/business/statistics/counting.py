"""Counting employees, and the cache in front of it."""

from sqlalchemy import select, update

from fastsoyadmin.business.statistics.tables import Headcount
from fastsoyadmin.contracts.hr import EmployeeStatus
from fastsoyadmin.database import Sessions
from typedbus.adapters.sqlalchemy import transaction


class Cache:
    """The headcount as it was read last; shows what is committed and nothing else."""

    def __init__(self) -> None:
        self._headcount: dict[str, int] | None = None
        self._forgotten = 0

    async def headcount(self) -> dict[str, int]:
        """Return how many employees have each status."""
        if self._headcount is not None:
            return self._headcount
        forgotten = self._forgotten
        async with Sessions() as session:  # no open transaction: that may be rolled back
            rows = await session.scalars(select(Headcount).order_by(Headcount.status))
            headcount = {row.status: row.employees for row in rows}
        if forgotten == self._forgotten:  # else it may have been read before the change
            self._headcount = headcount
        return headcount

    def forget(self) -> None:
        """Read again when somebody asks."""
        self._headcount = None
        self._forgotten += 1


cache = Cache()


async def count(status: EmployeeStatus, change: int) -> None:
    """Note that *change* more employees have *status*."""
    async with transaction(Sessions) as session:
        await session.execute(
            update(Headcount)
            .where(Headcount.status == status)
            .values(employees=Headcount.employees + change)
        )


async def begin() -> None:
    """Begin with a line for each status, and with an empty cache."""
    async with transaction(Sessions) as session:
        known = set(await session.scalars(select(Headcount.status)))
        session.add_all(Headcount(status=each) for each in EmployeeStatus if each not in known)
    cache.forget()
