"""What users themselves react to."""

from logging import getLogger

from fastsoyadmin.contracts.users import UserLoggedIn
from fastsoyadmin.events import bus
from typedbus.adapters.sqlalchemy import after_commit

_log = getLogger(__name__)


@bus.on(UserLoggedIn, via=after_commit)
def log_login(event: UserLoggedIn) -> None:
    """Say in the program's log who logged in. It waits for nothing, so it need not be async."""
    _log.info("user %s logged in", event.user_id)
