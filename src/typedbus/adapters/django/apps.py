"""The Django app: makes Django's transactions known and imports the handlers of every app."""

from __future__ import annotations

import sys

from django.apps import AppConfig
from django.core import checks

from typedbus.adapters.django.checks import TAG, check_of, checks_follow
from typedbus.adapters.django.handler_modules import import_handler_modules
from typedbus.adapters.django.transactions import any_transaction
from typedbus.core.transactions import transactions


class TypedbusConfig(AppConfig):
    """Subscribes the handlers of the installed apps when Django starts.

    Raises one `DiscoveryError` for all handler modules that do not import, unless system checks
    are about to say it (`typedbus.E001`): nothing serves with handlers missing.
    """

    name = "typedbus.adapters.django"
    label = "typedbus"
    default = True

    def ready(self) -> None:
        """Import the handler modules; Django calls this when every app and model is loaded."""
        transactions.know(any_transaction)
        discovered = import_handler_modules()
        checks.register(check_of(discovered), TAG)
        starting = sys._getframe()  # noqa: SLF001 - documented, and there is no other way to see who starts Django
        if discovered.failures and not checks_follow(starting):
            raise discovered.error()
