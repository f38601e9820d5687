from re_exported.inner import events
from re_exported.inner.buses import bus as bus

Created = events.UserCreated
