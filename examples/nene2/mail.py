"""Mail: the slow side effect, as handlers."""

from dataclasses import dataclass
from logging import getLogger

from nene2.events import OrderPlaced, UserCreated

_log = getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mail:
    to: str
    subject: str


class Mailer:
    """Writes mail to the log and remembers it: all that an example should send."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []

    def send_welcome(self, event: UserCreated) -> None:
        """Welcome a new user."""
        self._send(Mail(event.email, "Welcome!"))

    def send_receipt(self, event: OrderPlaced) -> None:
        """Tell the customer that the order is in."""
        self._send(Mail(event.email, f"Your order of {event.total_amount}"))

    def _send(self, mail: Mail) -> None:
        _log.info("mail to %s: %s", mail.to, mail.subject)
        self.sent.append(mail)
