from handler_becomes_async.events import UserCreated
from handler_becomes_async.handlers import greet
from typedbus import AsyncBus, Bus

bus = Bus()
async_bus = AsyncBus()

bus.subscribe(UserCreated, greet)
# 2: Handler "greet" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
bus.on(UserCreated)(greet)
# 2: Handler "greet" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
async_bus.subscribe(UserCreated, greet)
