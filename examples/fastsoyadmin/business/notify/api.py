"""The endpoint of the notices."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from fastsoyadmin.business.notify.tables import Notice
from fastsoyadmin.database import Sessions
from fastsoyadmin.system.users.api import CurrentUser
from typedbus.adapters.sqlalchemy import transaction

router = APIRouter(prefix="/notify", tags=["notify"])


class SentNotice(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    recipient: str
    subject: str


@router.get("/notices")
async def read_notices(user_id: CurrentUser) -> list[SentNotice]:
    """List what went out, the oldest first."""
    async with transaction(Sessions) as session:
        rows = await session.scalars(select(Notice).order_by(Notice.id))
        return [SentNotice.model_validate(row) for row in rows]
