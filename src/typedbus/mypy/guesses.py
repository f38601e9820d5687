"""Which event class somebody meant who wrote a string."""

from __future__ import annotations

from mypy.nodes import MypyFile, TypeInfo
from mypy.plugin import CheckerPluginInterface


def class_like(name: str, api: CheckerPluginInterface) -> str | None:
    """Return the class, among the names of the file being checked, that is most like *name*."""
    from difflib import get_close_matches

    # The declared interface has no way to the file; without one there is no guess.
    tree = getattr(api, "tree", None)
    if not isinstance(tree, MypyFile):
        return None
    classes = [name for name, symbol in tree.names.items() if isinstance(symbol.node, TypeInfo)]
    camel = "".join(part[:1].upper() + part[1:] for part in name.replace(".", "_").split("_"))
    return next(iter(get_close_matches(camel, classes, n=1)), None)
