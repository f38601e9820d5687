"""The names that the plugin looks for: each exists at run time, and all are in one table."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from inspect import signature
from pathlib import Path
from pkgutil import iter_modules, resolve_name

import pytest

import typedbus
import typedbus.mypy
from typedbus import AsyncBus, AsyncPublisher, Bus, Publisher
from typedbus.mypy import names

PLUGIN = Path(typedbus.mypy.__file__).parent
FULL_NAMES = {
    name: value
    for name, value in vars(names).items()
    if name.isupper() and isinstance(value, str) and "." in value
}
# What a name may begin with, after "typedbus.".
THERE = {*typedbus.__all__, *(module.name for module in iter_modules(typedbus.__path__))}
# `subscriptions()` answers for any class, so there is nothing to check.
ASKS_ONLY = "subscriptions"


def strings_in(file: Path) -> Iterator[str]:
    """Yield every string in the code of *file*, docstrings aside."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    said = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if node not in said:
                yield text
            case _:
                pass


@pytest.mark.parametrize("name", FULL_NAMES)
def test_each_name_is_the_one_of_its_definition(name: str) -> None:
    """For mypy a class is of the module that defines it, not of where one imports it from."""
    module, _, own_name = FULL_NAMES[name].rpartition(".")

    found = getattr(import_module(module), own_name)

    assert (found.__module__, found.__qualname__) == (module, own_name)


def test_the_table_is_not_empty() -> None:
    """The test above is made from it."""
    assert {"REGISTRY", "BUS", "ASYNC_BUS", "PUBLISHER", "REGISTRAR"} <= set(FULL_NAMES)


@pytest.mark.parametrize("bus", [Bus, AsyncBus])
def test_the_methods_that_take_an_event_class_are_those_of_the_buses(
    bus: type[Bus] | type[AsyncBus],
) -> None:
    """A method that takes one and is not in the table would go unchecked."""
    taking = {
        name
        for name in dir(bus)
        if not name.startswith("_") and "event_type" in signature(getattr(bus, name)).parameters
    }

    assert names.SUBSCRIBE in taking
    assert taking - {names.SUBSCRIBE, ASKS_ONLY} <= names.LISTENING


def test_every_method_in_the_table_takes_an_event_class() -> None:
    """One that is gone would be looked for in vain."""
    for name in (names.SUBSCRIBE, *names.LISTENING):
        assert "event_type" in signature(getattr(AsyncBus, name)).parameters


@pytest.mark.parametrize("publisher", [Bus, AsyncBus, Publisher, AsyncPublisher])
def test_everybody_who_publishes_has_that_method(publisher: type) -> None:
    """The check of what is published hangs on its name."""
    assert "event" in signature(getattr(publisher, names.PUBLISH)).parameters


@pytest.mark.parametrize("registrar", [names.REGISTRAR, names.ASYNC_REGISTRAR])
def test_a_registrar_is_called_with_the_handler(registrar: str) -> None:
    """`@bus.on(...)` calls it."""
    assert "handler" in signature(resolve_name(registrar).__call__).parameters


def test_no_name_of_typedbus_stands_outside_of_the_table() -> None:
    """A name elsewhere would be forgotten when the class moves."""
    outside = {
        f"{file.name}: {text}"
        for file in PLUGIN.glob("*.py")
        if file.name != "names.py"
        for text in strings_in(file)
        if (named := re.match(r"typedbus\.(\w+)", text)) and named[1] in THERE
    }

    assert not outside


def test_no_name_in_the_table_is_there_for_nothing() -> None:
    """What no file of the plugin reads is a promise that nobody keeps."""
    read = {
        alias.name
        for file in PLUGIN.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == names.__name__
        for alias in node.names
    }

    assert read == {name for name in vars(names) if name.isupper()}
