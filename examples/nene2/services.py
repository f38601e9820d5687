"""What one program is made of, and who listens to what: the only place that knows both sides."""

from dataclasses import dataclass, field

from nene2.audit import AuditLog
from nene2.events import DomainEvent, OrderPlaced, UserCreated
from nene2.mail import Mailer
from nene2.orders import Orders
from nene2.users import Users
from typedbus import Bus, Delivery


def create_bus() -> Bus[DomainEvent]:
    """Make the bus; a handler that fails is logged, for what it follows is saved already."""
    return Bus(DomainEvent, on_error="log")


@dataclass(frozen=True, kw_only=True)
class Services:
    """Made anew for every app and every test, so that no two share a handler."""

    bus: Bus[DomainEvent] = field(default_factory=create_bus)
    users: Users = field(default_factory=Users)
    orders: Orders = field(default_factory=Orders)
    mailer: Mailer = field(default_factory=Mailer)
    audit: AuditLog = field(default_factory=AuditLog)


def create_services(*, later: Delivery) -> Services:
    """Make everything and subscribe everyone.

    *later* says when mail goes out: `after_response` in the app, `collected` in a script.
    """
    services = Services()
    bus, mailer, audit = services.bus, services.mailer, services.audit
    bus.subscribe(DomainEvent, audit.record)
    bus.subscribe(UserCreated, later(mailer.send_welcome))
    bus.subscribe(OrderPlaced, later(mailer.send_receipt))
    return services
