"""The mypy plugin: `plugins = typedbus.mypy`. It imports the standard library and mypy only."""

import mypy.types  # noqa: F401 - mypy.maptype and others come after it (python/mypy#17726)

from typedbus.mypy.digest import digest
from typedbus.mypy.plugin import TypedbusPlugin


def plugin(version: str) -> type[TypedbusPlugin]:
    """Return the plugin's class, as mypy's plugin interface asks for."""
    return TypedbusPlugin


def __getattr__(name: str) -> str:
    """Return the plugin's version: the text that it has now.

    A daemon of mypy asks for it before each run, and begins anew if it is another one.
    """
    if name == "__version__":
        return digest()
    raise AttributeError(name)
