from typedbus import Event


class ShopEvent(Event):
    pass


class UserEvent(Event):
    pass
