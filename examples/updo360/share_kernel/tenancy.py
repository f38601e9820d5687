"""Whose data it is: rows of one tenant, in a request and in a worker alike."""

from __future__ import annotations

from typing import ClassVar, Self, TypeVar

from django.core.exceptions import BadRequest
from django.db import models

from typedbus import current_context

M = TypeVar("M", bound=models.Model)


class NoTenantError(BadRequest):
    """The data of a tenant was asked for where there is none; Django answers 400."""

    def __str__(self) -> str:
        return "Cannot tell whose data it is: send the header x-tenant, or open a tenant_scope."


def current_tenant() -> str:
    """Return the tenant of this request, or of the event that is being handled."""
    tenant = current_context().tenant
    if tenant is None:
        raise NoTenantError
    return tenant


class TenantManager(models.Manager[M]):
    """Finds the rows of the current tenant, and no others."""

    def get_queryset(self) -> models.QuerySet[M]:
        """Return the rows of the current tenant; raise `NoTenantError` without one."""
        return super().get_queryset().filter(tenant=current_tenant())


class TenantModel(models.Model):
    """A row that belongs to the tenant it was made for."""

    tenant: models.SlugField[str, str] = models.SlugField(default=current_tenant, editable=False)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:  # noqa: D106 - Django's own, and no thing by itself
        abstract = True
