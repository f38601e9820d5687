from typedbus import Event


class Audited:
    pass


class Tenant:
    pass


class ShopEvent(Event, Tenant):
    pass


class StockEvent(Event):
    pass
