"""The manifest of the statistics."""

from fastsoyadmin.business.statistics.api import router
from fastsoyadmin.business.statistics.counting import begin
from fastsoyadmin.modules import Module

module = Module(router=router, on_start=begin)
