from stored_as_annotated.prices import Price
from typedbus import Event, event


@event(name="stored-as-annotated")
class Approved(Event):
    price: Price
    # 1: Event "Approved" leaves the process as JSON, and its field "price.money.log" has type "Logger", which pydantic cannot write; keep what identifies it, or what is in it  [event-json]
