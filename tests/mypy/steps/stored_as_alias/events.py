from stored_as_alias.prices import Price
from typedbus import Event, event


@event(name="stored-as-alias")
class Approved(Event):
    price: Price
    # 2: Event "Approved" leaves the process as JSON, and its field "price.sums" has type "Logger", which pydantic cannot write; keep what identifies it, or what is in it  [event-json]
