"""The endpoint of the audit log."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from fastsoyadmin.database import Sessions
from fastsoyadmin.system.audit.tables import AuditEntry
from fastsoyadmin.system.users.api import CurrentUser
from typedbus.adapters.sqlalchemy import transaction

router = APIRouter(prefix="/system", tags=["audit"])


class Entry(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    at: datetime
    event: str
    fields: dict[str, object]


@router.get("/audit")
async def read_audit_log(user_id: CurrentUser) -> list[Entry]:
    """List what happened, the oldest first."""
    async with transaction(Sessions) as session:
        rows = await session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [Entry.model_validate(row) for row in rows]
