"""The rules of the Django adapter, on SQLite: the files of `inside`, in one process."""

from collections.abc import Callable

import django
import pytest

RULES = ["transactions", "aborted", "aliases", "failures", "context", "async", "views", "server"]


def test_the_rules_hold(run_inside: Callable[[str], None]) -> None:
    """What fails inside is named here."""
    run_inside(" ".join(f"test_{rules}.py" for rules in RULES))


@pytest.mark.skipif(django.VERSION < (6, 0), reason="django.tasks: needs Django 6")
def test_the_rules_of_tasks_hold(run_inside: Callable[[str], None]) -> None:
    """Django has tasks of its own from 6.0 on."""
    run_inside("test_tasks.py test_task_failures.py")


if django.VERSION < (6, 0):  # no skip: where Django has them there is nothing to test

    def test_an_older_django_says_what_tasks_need() -> None:
        """Importing the delivery tells which version has it, and what else delivers."""
        with pytest.raises(ImportError, match=r"install Django 6.*celery"):
            import typedbus.adapters.django.tasks  # noqa: F401 - the import is the test
