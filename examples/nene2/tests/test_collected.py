"""Section 3 without HTTP: publish now, run the handlers later."""

import pytest

from nene2.events import UserCreated
from nene2.import_users import import_users
from nene2.mail import Mail
from nene2.services import Services, create_services
from nene2.users import CreateUser, EmailTakenError
from typedbus import HandlersFailedError, collect, collected


@pytest.fixture
def script() -> Services:
    """Everything a script is made of: its mail waits for the end of `collect()`."""
    return create_services(later=collected)


@pytest.fixture
def create_user(script: Services) -> CreateUser:
    """The use case of *script*."""
    return CreateUser(script.users, script.bus)


def test_a_collected_handler_waits_for_the_end_of_the_scope(
    script: Services, create_user: CreateUser
) -> None:
    """What the how-to calls `collected_events`: it can be looked at, and it runs by itself."""
    with collect() as pending:
        create_user.execute("Alice", "alice@example.com")

        assert list(pending) == ["nene2.mail.Mailer.send_welcome on nene2.events.UserCreated"]
        assert script.mailer.sent == []

    assert script.mailer.sent == [Mail("alice@example.com", "Welcome!")]


def test_an_inline_handler_does_not_wait(script: Services, create_user: CreateUser) -> None:
    """Each subscription says for itself when it runs: the audit log is written at once."""
    with collect():
        create_user.execute("Alice", "alice@example.com")

        assert len(script.audit.lines) == 1


def test_an_error_drops_what_was_collected(script: Services, create_user: CreateUser) -> None:
    """A work that failed half-way tells nobody; the handlers never run."""
    lines = ["Alice,alice@example.com", "Bob,bob@example.com", "Mallory,alice@example.com"]

    with pytest.raises(EmailTakenError):
        import_users(lines, create_user)

    assert script.mailer.sent == []


def test_a_script_welcomes_everybody_at_the_end(script: Services, create_user: CreateUser) -> None:
    """The handlers run in the order of publishing."""
    count = import_users(["Alice,alice@example.com\n", "Bob,bob@example.com\n"], create_user)

    assert count == 2
    assert [mail.to for mail in script.mailer.sent] == ["alice@example.com", "bob@example.com"]


def test_a_collected_handler_that_fails_keeps_no_other_from_running(
    script: Services, create_user: CreateUser
) -> None:
    """Every handler runs; the scope then raises the errors as one, each with its handler's name."""

    @script.bus.on(UserCreated, via=collected, on_error="collect")
    def fail(event: UserCreated) -> None:
        raise ConnectionError(event.email)

    with pytest.raises(HandlersFailedError) as caught:
        import_users(["Alice,alice@example.com", "Bob,bob@example.com"], create_user)

    assert [str(error) for error in caught.value.exceptions] == [
        "alice@example.com",
        "bob@example.com",
    ]
    assert len(script.mailer.sent) == 2


def test_outside_of_a_scope_a_collected_handler_runs_at_once(
    script: Services, create_user: CreateUser
) -> None:
    """A use case need not know whether anybody collects."""
    create_user.execute("Alice", "alice@example.com")

    assert len(script.mailer.sent) == 1
