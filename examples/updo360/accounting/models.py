"""The tables of accounting, and the balance that is kept in the cache."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from django.core.cache import cache
from django.db import models
from django.db.models import Sum

from updo360.share_kernel.tenancy import TenantModel, current_tenant


class LedgerEntry(TenantModel):
    text: models.CharField[str, str] = models.CharField(max_length=80)
    amount: models.DecimalField[Decimal, Decimal] = models.DecimalField(
        max_digits=12, decimal_places=2
    )


class ClosedMonth(TenantModel):
    month: models.DateField[date, date] = models.DateField()


class SentMail(TenantModel):
    """A row stands for the mail: all that an example should send."""

    event_id: models.UUIDField[UUID | str, UUID] = models.UUIDField(unique=True)
    to: models.EmailField[str, str] = models.EmailField()
    subject: models.CharField[str, str] = models.CharField(max_length=80)


def balance() -> Decimal:
    """Return the sum of the tenant's ledger, from the cache if it is there."""
    found: Decimal | None = cache.get(_balance_key())
    if found is None:
        found = LedgerEntry.objects.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
        cache.set(_balance_key(), found)
    return found


def forget_balance() -> None:
    """Let the next one who asks for the balance count anew."""
    cache.delete(_balance_key())


def _balance_key() -> str:
    return f"balance:{current_tenant()}"
