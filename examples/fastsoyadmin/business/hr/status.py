"""The state machine of an employee's status: what may follow what."""

from typing import Final

from fastsoyadmin.contracts.hr import EmployeeStatus

_NEXT: Final = {
    EmployeeStatus.ONBOARDING: {EmployeeStatus.ACTIVE, EmployeeStatus.RESIGNED},
    EmployeeStatus.ACTIVE: {EmployeeStatus.ON_LEAVE, EmployeeStatus.RESIGNED},
    EmployeeStatus.ON_LEAVE: {EmployeeStatus.ACTIVE, EmployeeStatus.RESIGNED},
    EmployeeStatus.RESIGNED: set[EmployeeStatus](),
}


class TransitionError(Exception):
    """The state machine does not go that way."""

    def __init__(self, from_state: EmployeeStatus, to_state: EmployeeStatus, /) -> None:
        super().__init__(from_state, to_state)
        self.from_state = from_state
        self.to_state = to_state

    def __str__(self) -> str:
        ways = ", ".join(sorted(_NEXT[self.from_state])) or "nothing"
        return f"Cannot go from {self.from_state} to {self.to_state}: only {ways} can follow."


def check_transition(from_state: EmployeeStatus, to_state: EmployeeStatus) -> None:
    """Raise `TransitionError` unless *to_state* may follow *from_state*."""
    if to_state not in _NEXT[from_state]:
        raise TransitionError(from_state, to_state)
