from root_changes_its_base.roots import OrderEvent
from typedbus import Bus

bus = Bus(OrderEvent)


def made() -> Bus[OrderEvent]:
    return Bus(OrderEvent)
