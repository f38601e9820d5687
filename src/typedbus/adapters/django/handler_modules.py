"""The modules of the installed apps that hold their handlers: imported when Django starts."""

from __future__ import annotations

from importlib.util import find_spec
from logging import getLogger
from typing import TYPE_CHECKING, NamedTuple

from django.apps import apps
from django.conf import settings

from typedbus.core.discovery import import_all_of
from typedbus.core.errors import DiscoveryError

if TYPE_CHECKING:
    from collections.abc import Iterator


class Discovered(NamedTuple):
    """What became of the handler modules of the installed apps."""

    modules: tuple[str, ...] = ()
    """The names of those that were imported."""
    failures: tuple[DiscoveryError, ...] = ()
    """One error for each that was not; what it raised is the error's cause."""

    def error(self) -> DiscoveryError:
        """Return one error that names every failure."""
        if len(self.failures) == 1:
            return self.failures[0]
        error = DiscoveryError(
            ", ".join(failure.module for failure in self.failures),
            "; ".join(f"{failure.module}: {failure.problem}" for failure in self.failures),
            "see that each of them can be imported",
        )
        error.__cause__ = ExceptionGroup("handler modules did not import", self.failures)
        return error


def module_name() -> str:
    """Return what handler modules are called here: the setting `TYPEDBUS_HANDLERS`."""
    name: str = getattr(settings, "TYPEDBUS_HANDLERS", "handlers")
    return name


def import_handler_modules() -> Discovered:
    """Import the handler modules of all installed apps, in their order, whatever fails.

    A package counts with all its modules. What does not import is logged with its traceback.
    """
    modules, failures = tuple[str, ...](), tuple[DiscoveryError, ...]()
    for name in _names_in_apps():
        found, failed = import_all_of(name)
        modules, failures = modules + found, failures + failed
    for failure in failures:
        getLogger("typedbus").error("%s", failure, exc_info=failure.__cause__)
    return Discovered(modules, failures)


def _names_in_apps() -> Iterator[str]:
    for app in apps.get_app_configs():
        # Django's own apps handle none of our events, and one has a module of that name
        # (django.contrib.staticfiles.handlers).
        if app.name.startswith("django."):
            continue
        name = f"{app.name}.{module_name()}"
        if hasattr(app.module, "__path__") and find_spec(name) is not None:
            yield name
