from event_changes_its_root.roots import ShopEvent
from typedbus import AsyncBus, Bus

bus = Bus(ShopEvent)
async_bus = AsyncBus(ShopEvent)
