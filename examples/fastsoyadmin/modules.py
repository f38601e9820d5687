"""What a module says of itself, and how the modules of the program are found."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module

from fastapi import APIRouter

from fastsoyadmin.events import DomainEvent
from typedbus import discover


@dataclass(frozen=True, kw_only=True)
class Module:
    """The manifest of a module: stands in its `module.py`, as `module`."""

    router: APIRouter
    """Its endpoints."""
    publishes: tuple[type[DomainEvent], ...] = ()
    """The events that it owns: it publishes them, and nobody else does."""
    on_start: Callable[[], Awaitable[None]] | None = None
    """What is to be done once the database is open."""


def find_modules() -> dict[str, Module]:
    """Import every manifest and every handler module; return the manifests by module name.

    Nobody imports a module by name, so one that is taken out leaves no broken import behind.
    """
    discover("fastsoyadmin")  # the modules called `handlers`: each subscribes what is in it
    manifests = discover("fastsoyadmin", named="module")
    return {name.rpartition(".")[0]: import_module(name).module for name in manifests}
