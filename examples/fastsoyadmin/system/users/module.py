"""The manifest of the users."""

from fastsoyadmin.contracts.users import UserLoggedIn, UserRegistered
from fastsoyadmin.modules import Module
from fastsoyadmin.system.users.api import router

module = Module(router=router, publishes=(UserRegistered, UserLoggedIn))
