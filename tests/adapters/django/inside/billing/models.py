"""The one table that the tests write."""

from __future__ import annotations

from django.db import models


class Invoice(models.Model):
    number: models.IntegerField[int, int] = models.IntegerField(unique=True)


def write(number: int, using: str = "default") -> None:
    """Write one row."""
    Invoice._default_manager.using(using).create(number=number)  # noqa: SLF001 - Django's documented name, the one that stubs know


def written(using: str = "default") -> list[int]:
    """Return the numbers that were written."""
    rows = Invoice._default_manager.using(using)  # noqa: SLF001 - as above
    return sorted(rows.values_list("number", flat=True))
