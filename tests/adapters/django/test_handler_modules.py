"""The handlers of every installed app are subscribed when Django starts."""

from pathlib import Path

import pytest

from tests.adapters.django.projects import HANDLERS, TYPEDBUS, Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a project without apps."""
    return Project(tmp_path)


@pytest.mark.parametrize("place", ["first", "last"])
def test_the_handlers_of_every_app_are_subscribed(project: Project, place: str) -> None:
    """Wherever the app of typedbus stands; an app without handlers is fine."""
    project.app("mail", handlers=HANDLERS)
    project.app("stock", handlers=HANDLERS)
    project.app("plain")
    apps = ["mail", "plain", "stock"]
    project.install(*([TYPEDBUS, *apps] if place == "first" else [*apps, TYPEDBUS]))

    subscribed = project.subscribed()

    assert subscribed == "mail.handlers.handle stock.handlers.handle"


def test_models_may_be_imported_by_handlers(project: Project) -> None:
    """Handlers are imported when every app has its models, not before."""
    models = """\
        from django.db import models
        class Order(models.Model): ...
    """
    project.app("mail", handlers="from stock.models import Order\n" + HANDLERS)
    project.app("stock", models=models)
    project.install(TYPEDBUS, "mail", "stock")

    subscribed = project.subscribed()

    assert subscribed == "mail.handlers.handle"


def test_a_package_of_handlers_counts_with_all_its_modules(project: Project) -> None:
    """However deep they lie."""
    project.app(
        "mail", handlers____init__="", handlers__orders=HANDLERS, handlers__more__users=HANDLERS
    )
    project.install("mail", TYPEDBUS)

    subscribed = project.subscribed()

    assert subscribed == "mail.handlers.more.users.handle mail.handlers.orders.handle"


def test_only_the_modules_of_the_apps_themselves_count(project: Project) -> None:
    """What lies deeper in an app is the app's own business: it may be a test's."""
    project.app("mail", handlers=HANDLERS, tests____init__="", tests__handlers="raise RuntimeError")
    project.install("mail", TYPEDBUS)

    subscribed = project.subscribed()

    assert subscribed == "mail.handlers.handle"


def test_a_setting_names_the_modules(project: Project) -> None:
    """For those who have other modules called `handlers`."""
    project.app("mail", handlers="raise RuntimeError", on_events=HANDLERS)
    project.install("mail", TYPEDBUS, more='TYPEDBUS_HANDLERS = "on_events"')

    subscribed = project.subscribed()

    assert subscribed == "mail.on_events.handle"


def test_an_app_that_is_a_single_module_has_no_handlers(project: Project) -> None:
    """Django allows for one."""
    project.write("single.py", "")
    project.app("mail", handlers=HANDLERS)
    project.install("single", "mail", TYPEDBUS)

    subscribed = project.subscribed()

    assert subscribed == "mail.handlers.handle"


@pytest.mark.parametrize("has_handlers", [True, False])
def test_a_check_warns_when_no_app_has_handlers(project: Project, *, has_handlers: bool) -> None:
    """The module `handlers` of an app of Django's own is none of ours."""
    project.app("mail", **({"handlers": HANDLERS} if has_handlers else {}))
    project.install("django.contrib.staticfiles", "mail", TYPEDBUS, more='STATIC_URL = "static/"')

    checked = project.manage("check")

    assert checked.returncode == 0
    assert ("typedbus.W001" in checked.stderr) is not has_handlers
    assert ("TYPEDBUS_HANDLERS" in checked.stderr) is not has_handlers
