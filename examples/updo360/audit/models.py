"""The table of what happened."""

from __future__ import annotations

from uuid import UUID

from django.db import models

from updo360.share_kernel.tenancy import TenantModel


class AuditLine(TenantModel):
    event: models.CharField[str, str] = models.CharField(max_length=80)
    event_id: models.UUIDField[UUID | str, UUID] = models.UUIDField()
    caused_by: models.UUIDField[UUID | str | None, UUID | None] = models.UUIDField(null=True)
    correlation_id: models.CharField[str, str] = models.CharField(max_length=80)
    process: models.IntegerField[int, int] = models.IntegerField()
