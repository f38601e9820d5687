"""Celery: handlers that run in a worker, once the transaction of the publisher is committed."""

from typedbus.adapters.celery.dead_letters import DeadLetter
from typedbus.adapters.celery.delivery import CeleryDelivery
from typedbus.adapters.celery.sending import Keeper
from typedbus.core.messages import Message

__all__ = ["CeleryDelivery", "DeadLetter", "Keeper", "Message"]
