"""The settings of the project, and a bus and a log for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import django
import pytest

# Here, not on the command line: pytest-django would import it before pytest knows the tests.
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.adapters.django.inside.settings"
django.setup()

from tests.adapters.django.inside.billing.events import BillingEvent  # noqa: E402 - as above
from tests.adapters.django.inside.billing.events import (  # noqa: E402
    log as log_of_requests,
)
from typedbus import Bus  # noqa: E402 - as above

if TYPE_CHECKING:
    from django.tasks import TaskResult


@pytest.fixture
def bus() -> Bus[BillingEvent]:
    """Return a bus that nobody has subscribed to."""
    return Bus(BillingEvent)


@pytest.fixture
def log() -> Iterator[list[str]]:
    """Return what the test, or its requests, note; empty."""
    log_of_requests.clear()
    yield log_of_requests
    log_of_requests.clear()


@pytest.fixture
def results() -> Iterator[list[TaskResult[..., object]]]:
    """Return the tasks that wait in the backend "kept", which runs none."""
    from django.tasks import task_backends  # Django 5.2 has none
    from django.tasks.backends.dummy import DummyBackend

    backend = task_backends["kept"]
    assert isinstance(backend, DummyBackend)
    backend.clear()
    yield backend.results
    backend.clear()


@pytest.fixture
def finished() -> Iterator[list[TaskResult[..., object]]]:
    """Return the tasks that have run."""
    from django.tasks.signals import task_finished  # Django 5.2 has none

    seen: list[TaskResult[..., object]] = []

    def see(sender: object, task_result: TaskResult[..., object], **more: object) -> None:
        seen.append(task_result)

    task_finished.connect(see)
    yield seen
    task_finished.disconnect(see)
