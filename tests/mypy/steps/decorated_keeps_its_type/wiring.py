from decorated_keeps_its_type.events import UserCreated, bus
from decorated_keeps_its_type.handlers import greet

greet(UserCreated(email=""), language="fr")
# 2: [call-arg]
# 3: [arg-type]
bus.subscribe(UserCreated, greet)
# 3: Handler "greet" accepts only "UserRenamed", but would receive every "UserCreated"; subscribe it to "UserRenamed", or let it accept "UserCreated"  [event-mismatch]
