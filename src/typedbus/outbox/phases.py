"""Phases: how a relay stands."""

from __future__ import annotations

from enum import Enum


class Phase(Enum):
    """How a relay stands."""

    STANDBY = "standby"
    """Another relay works, or none does yet."""
    ADOPTING = "adopting"
    """It has the lease, and looks what is there."""
    SUSPECT = "suspect"
    """It works, and marks what begins: the relay before it has died."""
    WORKING = "working"
    DRAINING = "draining"
    """It begins nothing more, and ends."""
    LOST = "lost"
    """Another relay works meanwhile, and some handlers run here that began before."""
    STOPPED = "stopped"
