"""The manifest of the audit."""

from fastsoyadmin.modules import Module
from fastsoyadmin.system.audit.api import router

module = Module(router=router)
