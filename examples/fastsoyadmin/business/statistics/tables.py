"""The headcount: derived data, kept up to date by events."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from fastsoyadmin.database import Base


class Headcount(Base):
    """How many employees have a status."""

    __tablename__ = "headcount"
    status: Mapped[str] = mapped_column(String(20), primary_key=True)
    employees: Mapped[int] = mapped_column(default=0)
