"""A handler module that does not import: named in every case, and nothing serves without it."""

from pathlib import Path

import pytest

from tests.adapters.django.projects import HANDLERS, TYPEDBUS, Project

COMMAND = """\
from django.core.management.base import BaseCommand

class Command(BaseCommand):
    {checks}

    def handle(self, *args, **options):
        print("serving")
"""
BROKEN = {"mail.handlers", "stock.handlers.counts", "stock.handlers.orders"}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a project in which three handler modules are broken, each otherwise, and one is not.

    It has two commands: `checked_worker`, and `worker` that asks for no checks.
    """
    project = Project(tmp_path)
    project.app("mail", handlers="import no_such_module")
    project.app(
        "stock",
        handlers____init__="",
        handlers__orders="1 / 0",
        handlers__counts="def (",
        handlers__good=HANDLERS,
    )
    project.app(
        "commands",
        management____init__="",
        management__commands____init__="",
        management__commands__worker=COMMAND.format(checks="requires_system_checks = []"),
        management__commands__some_checks=COMMAND.format(
            checks='requires_system_checks = ["staticfiles"]'
        ),
        management__commands__checked_worker=COMMAND.format(checks=""),
    )
    project.install("mail", TYPEDBUS, "stock", "commands")
    return project


def named_in(text: str) -> set[str]:
    """Return which of the broken modules *text* names."""
    return {name for name in BROKEN if name in text}


@pytest.mark.parametrize(
    "start",
    [
        pytest.param("import django; django.setup()", id="script"),
        pytest.param("import django.core.wsgi as w; w.get_wsgi_application()", id="WSGI"),
        pytest.param("import django.core.asgi as a; a.get_asgi_application()", id="ASGI"),
    ],
)
def test_a_process_that_runs_no_checks_does_not_start(project: Project, start: str) -> None:
    """One error names every module, what it raised, and what to do."""
    done = project.python("-c", f"{start}; print('serving')")

    assert done.returncode != 0
    assert done.stdout == ""
    said = done.stderr.strip().splitlines()[-1]
    assert "DiscoveryError" in said
    assert named_in(said) == BROKEN
    for told in ("no_such_module", "ZeroDivisionError", "SyntaxError", "can be imported"):
        assert told in said


def test_one_broken_module_is_an_error_of_its_own(project: Project) -> None:
    """It says how to see the mistake alone."""
    project.install("mail", TYPEDBUS)

    done = project.python("-c", "import django; django.setup()")

    said = done.stderr.strip().splitlines()[-1]
    assert "DiscoveryError" in said
    assert "python -c 'import mail.handlers'" in said


def test_what_a_module_raised_is_logged_with_its_traceback(project: Project) -> None:
    """Wherever a check will name it only."""
    done = project.manage("check")

    assert 'handlers/orders.py", line 1, in <module>' in done.stderr
    assert "ZeroDivisionError: division by zero" in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["check"],
        ["migrate"],
        ["runserver", "--noreload", "127.0.0.1:0"],
        ["test"],
        ["checked_worker"],
    ],
    ids=lambda command: command[0],
)
def test_a_command_that_runs_the_checks_is_stopped_by_them(
    project: Project, command: list[str]
) -> None:
    """A check names each module, with what it raised and the remedy."""
    done = project.manage(*command)

    assert done.returncode != 0
    assert "serving" not in done.stdout
    _, _, said = done.stderr.partition("SystemCheckError")
    assert said.count("typedbus.E001") == 3
    assert named_in(said) == BROKEN
    assert "no_such_module" in said
    assert "see that" in said


@pytest.mark.parametrize(
    "command",
    [
        ["worker"],
        ["some_checks"],
        ["checked_worker", "--skip-checks"],
        ["shell", "-c", "print('serving')"],
    ],
    ids=" ".join,
)
def test_a_command_that_does_not_run_the_checks_does_not_start(
    project: Project, command: list[str]
) -> None:
    """As any other process."""
    done = project.manage(*command)

    assert done.returncode != 0
    assert "serving" not in done.stdout
    assert "DiscoveryError" in done.stderr
    assert named_in(done.stderr.strip().splitlines()[-1]) == BROKEN


def test_a_command_under_another_name_than_manage_is_one_too(project: Project) -> None:
    """`django-admin`, or a script of the project's own."""
    done = project.python("-m", "django", "check")

    assert "typedbus.E001" in done.stderr
    assert "DiscoveryError:" not in done.stderr.partition("SystemCheckError")[2]


def test_help_is_given_all_the_same(project: Project) -> None:
    """It runs nothing."""
    done = project.manage("help")

    assert done.returncode == 0
    assert "checked_worker" in done.stdout


def test_the_check_has_a_tag_of_its_own(project: Project) -> None:
    """`check --tag typedbus` runs it alone."""
    done = project.manage("check", "--tag", "typedbus")

    assert done.stderr.count("typedbus.E001") == 3
