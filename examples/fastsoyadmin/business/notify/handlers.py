"""Notices go out when what they tell of is committed; nothing fails because one cannot be sent."""

from fastsoyadmin.business.notify.sending import send
from fastsoyadmin.contracts.hr import EmployeeCreated, EmployeeStatusChanged
from fastsoyadmin.contracts.users import UserRegistered
from fastsoyadmin.events import bus
from typedbus.adapters.sqlalchemy import after_commit


@bus.on(UserRegistered, via=after_commit)
async def send_account_mail(event: UserRegistered) -> None:
    """Write to a new user."""
    await send(event.email, f"Your account {event.name}")


@bus.on(EmployeeCreated, via=after_commit)
async def send_welcome_mail(event: EmployeeCreated) -> None:
    """Write to a new employee."""
    await send(event.email, f"Welcome, {event.name}")


@bus.on(EmployeeStatusChanged, via=after_commit)
async def tell_hr(event: EmployeeStatusChanged) -> None:
    """Write to HR about each change of a status."""
    await send("hr@company.example", f"Employee {event.employee_id} is {event.to_state} now")
