from handler_accepts_another.events import UserCreated
from handler_accepts_another.handlers import Mailer, greet, greeter_for, handlers
from typedbus import Bus

bus = Bus()


def subscribe(mailer: Mailer) -> None:
    bus.subscribe(UserCreated, greet)
    # 2: Handler "greet" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    # 4: Handler "greet" takes an untyped parameter (Any); annotate it with "UserCreated"  [event-untyped]
    bus.subscribe(UserCreated, mailer.greet)
    # 2: Handler "greet" accepts only "UserRenamed", but would receive every "UserCreated"; subscribe it to "UserRenamed", or let it accept "UserCreated"  [event-mismatch]
    bus.subscribe(UserCreated, Mailer.for_all)
    # 2: Handler "for_all" accepts "OrderPlaced | UserRenamed", not "UserCreated"; subscribe it to each class of "OrderPlaced | UserRenamed", or let it accept "UserCreated"  [event-mismatch]
    bus.subscribe(UserCreated, mailer.greeter)
    # 2: Handler "greeter" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    # 4: Handler "greeter" takes an untyped parameter (Any); annotate it with "UserCreated"  [event-untyped]
    bus.subscribe(UserCreated, greeter_for("en"))
    # 2: Handler "greeter_for" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    # 4: Handler "greeter_for" takes an untyped parameter (Any); annotate it with "UserCreated"  [event-untyped]
    for each in handlers:
        bus.subscribe(UserCreated, each)
        # 2: Handler "each" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
        # 4: Handler "each" takes an untyped parameter (Any); annotate it with "UserCreated"  [event-untyped]
