"""Sending a notice."""

from logging import getLogger

from fastsoyadmin.business.notify.tables import Notice
from fastsoyadmin.database import Sessions
from typedbus.adapters.sqlalchemy import transaction

_log = getLogger(__name__)


class MailboxUnavailableError(Exception):
    """The other side does not take mail for this address (SMTP 550)."""


async def send(recipient: str, subject: str) -> None:
    """Stand in for SMTP: refuses like the real thing, keeps what it sent and says so."""
    if recipient.startswith("bounce@"):
        raise MailboxUnavailableError(recipient)
    async with transaction(Sessions) as session:
        session.add(Notice(recipient=recipient, subject=subject))
    _log.info("mail to %s: %s", recipient, subject)
