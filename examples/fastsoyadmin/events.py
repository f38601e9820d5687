"""The root of what happens in the program, and the bus that carries it."""

from pydantic import BaseModel, ConfigDict

from typedbus import AsyncBus


class DomainEvent(BaseModel):
    """Something that happened; its fields are validated where it is made, by the publisher."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# A handler that fails is logged with its traceback, and the others run. One whose work has to be
# done, or else nothing may be, says `on_error="raise"` for itself.
bus = AsyncBus(DomainEvent, on_error="log")
