"""The table of tenants."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models


class Tenant(models.Model):
    slug: models.SlugField[str, str] = models.SlugField(primary_key=True)
    name: models.CharField[str, str] = models.CharField(max_length=80)

    objects: ClassVar[models.Manager[Self]] = models.Manager()
