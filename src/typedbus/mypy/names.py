"""Every name that the plugin looks for. A test finds each of them at run time."""

EVENT = "typedbus.core.events.Event"
REGISTRY = "typedbus.core.registry.Registry"
BUS = "typedbus.core.bus.Bus"
ASYNC_BUS = "typedbus.core.async_bus.AsyncBus"
PUBLISHER = "typedbus.core.handlers.Publisher"
ASYNC_PUBLISHER = "typedbus.core.handlers.AsyncPublisher"
REGISTRAR = "typedbus.core.handlers.Registrar"
ASYNC_REGISTRAR = "typedbus.core.handlers.AsyncRegistrar"
NAMING = "typedbus.core.names.event"

SUBSCRIBE = "subscribe"
PUBLISH = "publish"
# The methods that take an event class and no handler with it.
LISTENING = frozenset({"on", "wait_for", "stream"})
