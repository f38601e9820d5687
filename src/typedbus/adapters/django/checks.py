"""The system checks: handler modules that do not import, and apps that have none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import FrameType
from typing import Final

from django.core import checks
from django.core.management import ManagementUtility, get_commands, load_command_class
from django.core.management.base import BaseCommand

from typedbus.adapters.django.handler_modules import Discovered, module_name

TAG: Final = "typedbus"

_RUN_THEM_THEMSELVES: Final = frozenset({"check", "runserver", "test"})
"""Commands of Django that require no checks before they run, and run them on their own."""


def check_of(discovered: Discovered) -> Callable[..., Sequence[checks.CheckMessage]]:
    """Return the system check that tells what became of the handler modules."""

    def check_handler_modules(**given: object) -> list[checks.CheckMessage]:
        if discovered.failures:
            return [
                checks.Error(
                    str(failure),
                    hint=_hint(failure.__cause__),
                    obj=failure.module,
                    id="typedbus.E001",
                )
                for failure in discovered.failures
            ]
        if not discovered.modules:
            return [_nothing_found()]
        return []

    return check_handler_modules


def checks_follow(frame: FrameType | None) -> bool:
    """Say whether system checks run after the start-up of Django that *frame* is part of.

    They do where `manage.py` or `django-admin` set Django up for a command that requires all
    checks, or runs them itself; not with `--skip-checks`, and nowhere else: no server, worker or
    script runs them.
    """
    while frame is not None and frame.f_code is not ManagementUtility.execute.__code__:
        frame = frame.f_back
    if frame is None:
        return False
    utility: ManagementUtility = frame.f_locals["self"]
    _, name, *options = [*utility.argv, "help"]
    return "--skip-checks" not in options and _runs_checks(name)


def _runs_checks(name: str) -> bool:
    app = get_commands().get(name)
    if app is None:
        return True  # "help", "version" or a mistake: nothing that runs
    if name in _RUN_THEM_THEMSELVES:
        return True
    command = app if isinstance(app, BaseCommand) else load_command_class(app, name)
    return command.requires_system_checks == "__all__"


def _nothing_found() -> checks.CheckMessage:
    return checks.Warning(
        f"typedbus found no handlers: no installed app has a module {module_name()!r}",
        hint=(
            f"Subscribe handlers in {module_name()}.py of your apps, name the modules in the "
            f"setting TYPEDBUS_HANDLERS, or take 'typedbus.adapters.django' out of INSTALLED_APPS."
        ),
        id="typedbus.W001",
    )


def _hint(cause: BaseException | None) -> str:
    return f"It raised {cause!r}; the log has the traceback. Its handlers are not subscribed."
