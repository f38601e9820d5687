"""The endpoints of HR."""

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel

from fastsoyadmin.business.hr.services import ChangeStatus, CreateEmployee, NoSuchEmployeeError
from fastsoyadmin.business.hr.status import TransitionError
from fastsoyadmin.contracts.hr import EmployeeStatus
from fastsoyadmin.events import bus
from fastsoyadmin.system.users.api import CurrentUser

router = APIRouter(prefix="/hr", tags=["hr"])
create, change = CreateEmployee(bus), ChangeStatus(bus)


class NewEmployee(BaseModel):
    department_id: int
    name: str
    email: str


class NewStatus(BaseModel):
    status: EmployeeStatus


@router.post("/employees", status_code=201)
async def create_employee(body: NewEmployee, user_id: CurrentUser) -> dict[str, int]:
    """Take somebody on."""
    employee_id = await create.execute(
        body.department_id, body.name, body.email, created_by=user_id
    )
    return {"employee_id": employee_id}


@router.put("/employees/{employee_id}/status", status_code=204)
async def change_status(employee_id: int, body: NewStatus, user_id: CurrentUser) -> None:
    """Let an employee pass to another status."""
    try:
        await change.execute(employee_id, body.status, actor_id=user_id)
    except NoSuchEmployeeError as error:
        raise HTTPException(404, f"There is no employee {employee_id}") from error
    except TransitionError as error:
        raise HTTPException(409, str(error)) from error
