from stored_kind_changes.prices import Box, Price
from typedbus import Event, event


@event(name="stored-kind-changes")
class Approved(Event):
    price: Box[Price]
    # 2: Event "Approved" leaves the process as JSON, and its field "price.what" has type "Price", a class that pydantic does not know; make it a dataclass, an Event or a model  [event-json]
    # 3: Event "Approved" leaves the process as JSON, and its field "price.what" has type "Price", a class that pydantic does not know; use its base, or a NewType of the base  [event-json]
    # 4: Event "Approved" leaves the process as JSON, and its field "price.what" has type "Price", whose values JSON has no form for; give its members strings or numbers  [event-json]
