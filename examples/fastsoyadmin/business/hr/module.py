"""The manifest of HR."""

from fastsoyadmin.business.hr.api import router
from fastsoyadmin.contracts.hr import EmployeeCreated, EmployeeStatusChanged
from fastsoyadmin.modules import Module

module = Module(router=router, publishes=(EmployeeCreated, EmployeeStatusChanged))
