"""What happens to employees."""

from enum import StrEnum

from fastsoyadmin.events import DomainEvent


class EmployeeStatus(StrEnum):
    """Where somebody stands in the company."""

    ONBOARDING = "onboarding"
    ACTIVE = "active"
    ON_LEAVE = "on_leave"
    RESIGNED = "resigned"


class HrEvent(DomainEvent):
    """Something that happened in HR."""


class EmployeeCreated(HrEvent):
    """HR took somebody on."""

    employee_id: int
    department_id: int
    created_by: int
    name: str
    email: str


class EmployeeStatusChanged(HrEvent):
    """The state machine of HR let an employee pass from one status to another."""

    employee_id: int
    from_state: EmployeeStatus
    to_state: EmployeeStatus
    actor_id: int
