"""The headcount changes in the transaction of HR; the cache forgets it after the commit."""

from fastsoyadmin.business.statistics.counting import cache, count
from fastsoyadmin.contracts.hr import (
    EmployeeCreated,
    EmployeeStatus,
    EmployeeStatusChanged,
    HrEvent,
)
from fastsoyadmin.events import bus
from typedbus.adapters.sqlalchemy import after_commit


@bus.on(EmployeeCreated, on_error="raise")
async def count_in(event: EmployeeCreated) -> None:
    """Count a new employee, in the transaction that creates one: the numbers are never wrong."""
    await count(EmployeeStatus.ONBOARDING, 1)


@bus.on(EmployeeStatusChanged, on_error="raise")
async def count_over(event: EmployeeStatusChanged) -> None:
    """Count an employee under another status, in the transaction that changes it."""
    await count(event.from_state, -1)
    await count(event.to_state, 1)


@bus.on(HrEvent, via=after_commit)
def forget_headcount(event: HrEvent) -> None:
    """Empty the cache. Before the commit, a request could fill it with the old numbers again."""
    cache.forget()
