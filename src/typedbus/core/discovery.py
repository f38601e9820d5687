"""discover: import the handler modules, so that registering hangs on nobody's import."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

from typedbus.core.errors import DiscoveryError


def discover(package: str, /, *, named: str = "handlers") -> tuple[str, ...]:
    """Import every module called *named* under *package*, and return their names, sorted.

    A package of that name counts with all its modules. Call it once, where the program starts.
    Raises `DiscoveryError`, which names the module, when one does not import or none is found.
    """
    found = tuple(sorted(_handler_modules(_imported(package), named)))
    if not found:
        raise DiscoveryError(
            package,
            f"no module called {named!r} is in it",
            "name the modules so, or pass named=",
        )
    return found


def import_all_of(name: str, /) -> tuple[tuple[str, ...], tuple[DiscoveryError, ...]]:
    """Import the module called *name* and, where it is a package, every module in it.

    Returns the names of those that were imported, and an error for each that was not.
    """
    try:
        module = _imported(name)
    except DiscoveryError as error:
        return (), (error,)
    found, failed = [name], list[DiscoveryError]()
    for child, _ in _children(module):
        found_inside, failed_inside = import_all_of(f"{name}.{child}")
        found.extend(found_inside)
        failed.extend(failed_inside)
    return tuple(found), tuple(failed)


def _handler_modules(package: ModuleType, named: str, *, inside: bool = False) -> Iterator[str]:
    """Import *package*'s modules as far as they are, or lead to, handler modules."""
    for name, is_package in _children(package):
        full_name = f"{package.__name__}.{name}"
        wanted = inside or name == named
        if not wanted and not is_package:
            continue
        module = _imported(full_name)
        if wanted:
            yield full_name
        if is_package:
            yield from _handler_modules(module, named, inside=wanted)


def _children(package: ModuleType) -> list[tuple[str, bool]]:
    """Return the modules in *package*, and whether each is a package itself."""
    # Imported here: they take longer to import than the rest of typedbus.
    from pathlib import Path
    from pkgutil import iter_modules

    paths = list(getattr(package, "__path__", ()))
    found = {info.name: info.ispkg for info in iter_modules(paths)}
    # iter_modules passes over folders without __init__.py, which Python imports all the same: a
    # handler in one would be passed over in silence.
    for folder in (each for path in paths if Path(path).is_dir() for each in Path(path).iterdir()):
        if folder.name.isidentifier() and folder.is_dir() and any(folder.glob("**/*.py")):
            found.setdefault(folder.name, True)
    found.pop("__main__", None)  # to import it is to run it
    return sorted(found.items())


def _imported(name: str) -> ModuleType:
    try:
        return import_module(name)
    except Exception as error:
        raise DiscoveryError(
            name,
            f"importing it raised {type(error).__name__}: {error}",
            f"see that `python -c 'import {name}'` works",
        ) from error
