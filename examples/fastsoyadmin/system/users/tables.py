"""The tables of the users."""

from sqlalchemy.orm import Mapped, mapped_column

from fastsoyadmin.database import Base


class User(Base):
    """Who may use the system."""

    __tablename__ = "user_account"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str]
    password: Mapped[bytes]


class Login(Base):
    """A token that was given out, by its digest."""

    __tablename__ = "login"
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[int]
