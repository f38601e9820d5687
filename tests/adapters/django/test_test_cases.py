"""How the users' own tests see `after_commit`: Django's TestCase and pytest-django's fixture."""

from pathlib import Path

import pytest

from tests.adapters.django.projects import TYPEDBUS, Project

HANDLERS = """\
from shop_events import OrderPlaced, bus
from typedbus.adapters.django import after_commit

log = []

@bus.on(OrderPlaced, via=after_commit)
def note(event: OrderPlaced) -> None:
    log.append(event.order_id)
    if event.order_id == 1:
        bus.publish(OrderPlaced(order_id=2))

@bus.on(OrderPlaced, via=after_commit)
async def note_async(event: OrderPlaced) -> None:
    log.append(f"async {event.order_id}")

@bus.on(OrderPlaced, via=after_commit)
def fail(event: OrderPlaced) -> None:
    raise RuntimeError("no route to host")
"""
TESTS = """\
import logging

from django.db import transaction
from django.test import TestCase, TransactionTestCase
from shop_events import OrderPlaced, bus
from shop.handlers import log

logging.getLogger("typedbus").setLevel(logging.CRITICAL)


class NeverCommitting(TestCase):
    def test_handlers_wait_for_a_commit_that_never_comes(self):
        log.clear()
        bus.publish(OrderPlaced(order_id=1))
        with transaction.atomic():
            bus.publish(OrderPlaced(order_id=1))
        self.assertEqual(log, [])

    def test_captured_ones_are_run(self):
        log.clear()
        with self.captureOnCommitCallbacks(execute=True) as captured:
            bus.publish(OrderPlaced(order_id=1))
            self.assertEqual(log, [])
        self.assertEqual(log, [1, "async 1", 2, "async 2"])
        self.assertEqual(len(captured), 6)
        self.assertIn("shop.handlers.note on shop_events.OrderPlaced", map(str, captured))

    async def test_an_async_test_captures_in_sync_code_only(self):
        log.clear()
        from asgiref.sync import sync_to_async

        def use_case():
            with self.captureOnCommitCallbacks(execute=True):
                bus.publish(OrderPlaced(order_id=1))

        await sync_to_async(use_case)()
        self.assertEqual(log, [1, "async 1", 2, "async 2"])


class Committing(TransactionTestCase):
    def test_handlers_run_at_the_commit(self):
        log.clear()
        with transaction.atomic():
            bus.publish(OrderPlaced(order_id=1))
            self.assertEqual(log, [])
        self.assertEqual(log, [1, 2, "async 2", "async 1"])
"""
WITH_PYTEST = """\
import pytest
from shop_events import OrderPlaced, bus
from shop.handlers import log


@pytest.mark.django_db
def test_captured_ones_are_run(django_capture_on_commit_callbacks):
    log.clear()
    with django_capture_on_commit_callbacks(execute=True) as captured:
        bus.publish(OrderPlaced(order_id=1))
        assert log == []
    assert log == [1, "async 1", 2, "async 2"]


@pytest.mark.django_db(transaction=True)
def test_handlers_run_at_the_commit():
    from django.db import transaction

    log.clear()
    with transaction.atomic():
        bus.publish(OrderPlaced(order_id=3))
        assert log == []
    assert log == [3, "async 3"]
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a project with tests of its own."""
    project = Project(tmp_path)
    project.app("shop", handlers=HANDLERS, tests=TESTS, test_with_pytest=WITH_PYTEST)
    project.install(TYPEDBUS, "shop")
    return project


def test_the_test_cases_of_django_see_handlers_run(project: Project) -> None:
    """By `captureOnCommitCallbacks`, or for real in a `TransactionTestCase`."""
    done = project.manage("test", "shop.tests")

    assert "Ran 4 tests" in done.stderr
    assert done.returncode == 0, done.stderr


def test_pytest_django_sees_handlers_run(project: Project) -> None:
    """By `django_capture_on_commit_callbacks`, or for real with `transaction=True`."""
    done = project.python("-m", "pytest", "-q", "-p", "no:cacheprovider", "shop")

    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout
