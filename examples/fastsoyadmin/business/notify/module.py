"""The manifest of the notices."""

from fastsoyadmin.business.notify.api import router
from fastsoyadmin.modules import Module

module = Module(router=router)
