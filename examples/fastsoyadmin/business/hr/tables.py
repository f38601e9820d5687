"""The employees."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from fastsoyadmin.contracts.hr import EmployeeStatus
from fastsoyadmin.database import Base


class Employee(Base):
    """Who works here, or did."""

    __tablename__ = "employee"
    id: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int]
    name: Mapped[str]
    email: Mapped[str]
    status: Mapped[str] = mapped_column(String(20), default=EmployeeStatus.ONBOARDING)
