"""The mypy plugin: `plugins = typedbus.mypy`. It imports the standard library and mypy only."""

import mypy.types  # noqa: F401 - first: mypy.nodes and mypy.plugin need it (python/mypy#17726)

from typedbus.mypy.plugin import TypedbusPlugin


def plugin(version: str) -> type[TypedbusPlugin]:
    """Return the plugin's class, as mypy's plugin interface asks for."""
    return TypedbusPlugin
