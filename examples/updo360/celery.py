"""The Celery app, and the delivery of events to its workers: `celery -A updo360.celery worker`."""

import os

from celery import Celery

from typedbus.adapters.celery import CeleryDelivery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "updo360.settings")

app = Celery("updo360")
app.config_from_object("django.conf:settings", namespace="CELERY")

tasks = CeleryDelivery(app, when_away="run")
"""Brings events to workers; where the broker is away, their handlers run here and now."""
