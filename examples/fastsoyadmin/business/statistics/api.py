"""The endpoint of the headcount."""

from fastapi import APIRouter

from fastsoyadmin.business.statistics.counting import cache
from fastsoyadmin.system.users.api import CurrentUser

router = APIRouter(prefix="/statistics", tags=["statistics"])


@router.get("/headcount")
async def read_headcount(user_id: CurrentUser) -> dict[str, int]:
    """Tell how many employees have each status."""
    return await cache.headcount()
