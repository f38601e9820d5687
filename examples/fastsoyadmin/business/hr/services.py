"""The use cases of HR: take somebody on, change a status."""

from sqlalchemy import update

from fastsoyadmin.business.hr.status import TransitionError, check_transition
from fastsoyadmin.business.hr.tables import Employee
from fastsoyadmin.contracts.hr import (
    EmployeeCreated,
    EmployeeStatus,
    EmployeeStatusChanged,
)
from fastsoyadmin.database import Sessions
from typedbus import AsyncPublisher
from typedbus.adapters.sqlalchemy import transaction


class NoSuchEmployeeError(LookupError):
    """Nobody has this employee number."""


class CreateEmployee:
    """Takes somebody on; does not know who listens."""

    def __init__(self, events: AsyncPublisher[EmployeeCreated]) -> None:
        self._events = events

    async def execute(self, department_id: int, name: str, email: str, *, created_by: int) -> int:
        """Save a new employee and return the number."""
        async with transaction(Sessions) as session:
            employee = Employee(department_id=department_id, name=name, email=email)
            session.add(employee)
            await session.flush()
            await self._events.publish(
                EmployeeCreated(
                    employee_id=employee.id,
                    department_id=department_id,
                    created_by=created_by,
                    name=name,
                    email=email,
                )
            )
        return employee.id


class ChangeStatus:
    """Lets employees pass from one status to another."""

    def __init__(self, events: AsyncPublisher[EmployeeStatusChanged]) -> None:
        self._events = events

    async def execute(self, employee_id: int, to_state: EmployeeStatus, *, actor_id: int) -> None:
        """Let an employee pass to *to_state*.

        Raises `NoSuchEmployeeError`, or `TransitionError` where the state machine does not go.
        """
        async with transaction(Sessions) as session:
            employee = await session.get(Employee, employee_id)
            if employee is None:
                raise NoSuchEmployeeError(employee_id)
            from_state = EmployeeStatus(employee.status)
            check_transition(from_state, to_state)
            # Of two who do this at once, one finds that the employee has left `from_state`.
            passed = await session.scalar(
                update(Employee)
                .where(Employee.id == employee_id, Employee.status == from_state)
                .values(status=to_state)
                .returning(Employee.id)
            )
            if passed is None:
                raise TransitionError(from_state, to_state)
            await self._events.publish(
                EmployeeStatusChanged(
                    employee_id=employee_id,
                    from_state=from_state,
                    to_state=to_state,
                    actor_id=actor_id,
                )
            )
