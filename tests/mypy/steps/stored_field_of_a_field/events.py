from stored_field_of_a_field.prices import Price
from typedbus import Event, event


@event(name="stored-field-of-a-field")
class Approved(Event):
    number: int
    price: Price
    # 2 4: Event "Approved" leaves the process as JSON, and its field "price.money.log" has type "Logger", which pydantic cannot write; keep what identifies it, or what is in it  [event-json]
