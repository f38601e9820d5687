from code_is_disabled.handlers import UserCreated, greet, thank
from typedbus import Bus

bus = Bus()
bus.subscribe(UserCreated, greet)
bus.subscribe(UserCreated, thank)
# 2: Handler "thank" accepts "int", not "UserCreated"; subscribe it to "int", or let it accept "UserCreated"  [event-mismatch]
