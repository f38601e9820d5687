from re_exported.inner.events import ShopEvent
from typedbus import Bus

bus = Bus(ShopEvent)
