"""The audit log."""

from datetime import UTC, datetime

from sqlalchemy import JSON, DateTime
from sqlalchemy.orm import Mapped, mapped_column

from fastsoyadmin.database import Base


def now() -> datetime:
    """Return this moment, in UTC."""
    return datetime.now(UTC)


class AuditEntry(Base):
    """One thing that happened."""

    __tablename__ = "audit_entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    event: Mapped[str]
    fields: Mapped[dict[str, object]] = mapped_column(JSON)
