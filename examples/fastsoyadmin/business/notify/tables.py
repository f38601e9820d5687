"""The notices."""

from sqlalchemy.orm import Mapped, mapped_column

from fastsoyadmin.database import Base


class Notice(Base):
    """A notice that went out."""

    __tablename__ = "notice"
    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str]
    subject: Mapped[str]
