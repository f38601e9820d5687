from only_the_caller_is_edited.inner.roots import ShopEvent
from typedbus import Bus


class AppBus(Bus[ShopEvent]):
    pass


class App:
    bus: AppBus
