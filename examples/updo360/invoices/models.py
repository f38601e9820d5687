"""The table of invoices."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4

from django.db import models

from updo360.share_kernel.tenancy import TenantModel


class Invoice(TenantModel):
    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4)
    number: models.CharField[str, str] = models.CharField(max_length=20)
    customer: models.EmailField[str, str] = models.EmailField()
    total: models.DecimalField[Decimal, Decimal] = models.DecimalField(
        max_digits=12, decimal_places=2
    )
    approved_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(
        null=True
    )
    customer_knows: models.BooleanField[bool, bool] = models.BooleanField(default=False)
