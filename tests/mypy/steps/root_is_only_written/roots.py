from typedbus import Event

Root = Event
