from delivery_changes.deliveries import traced
from delivery_changes.events import UserCreated


@traced
def greet(event: UserCreated) -> None: ...
