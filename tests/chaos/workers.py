"""Celery, for handlers that run in workers."""

from __future__ import annotations

from typing import Final

from celery import Celery

from tests.chaos.telling import Told
from typedbus.adapters.celery import CeleryDelivery

celery_app: Final = Celery("chaos", broker=Told.from_environment().broker)
celery_app.conf.update(
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    # What a killed worker had comes back after this; the outbox sends it again sooner.
    broker_transport_options={"visibility_timeout": 5},
)
carrier: Final = CeleryDelivery(celery_app)
