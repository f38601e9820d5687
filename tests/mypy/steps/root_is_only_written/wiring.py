from root_is_only_written.roots import Root
from typedbus import Bus

bus = Bus[Root]()
# 2: Type arguments are gone at run time, so this bus carries every Event, not "Root"; write Bus(Root)  [event-class]
