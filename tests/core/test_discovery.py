"""discover: the handler modules are imported, so that registering hangs on nobody's import."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from typedbus import discover, errors

Write: TypeAlias = Callable[..., None]

SUBSCRIBES = """
from discovered.events import bus, Placed
@bus.on(Placed)
def handle(event: Placed) -> None: ...
"""
EVENTS = """
from typedbus import Bus, Event
class Placed(Event): ...
bus = Bus()
"""
FAILS = "raise ZeroDivisionError('by design')"


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Write files of the package `discovered`: importable in this test, forgotten after it."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write_files(*empty: str, **full: str) -> None:
        for name, text in {**dict.fromkeys(empty, ""), **full}.items():
            path = tmp_path.joinpath("discovered", *name.split("."))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_suffix(".py").write_text(text, encoding="utf-8")

    yield write_files
    for name in [name for name in sys.modules if name.partition(".")[0] == "discovered"]:
        del sys.modules[name]


def test_every_module_of_the_name_is_imported(write: Write) -> None:
    """However deep; the names come back sorted."""
    write("__init__", "users.__init__", "users.handlers", "handlers", "orders.__init__")
    write("orders.eu.__init__", "orders.eu.handlers")

    found = discover("discovered")

    assert found == (
        "discovered.handlers",
        "discovered.orders.eu.handlers",
        "discovered.users.handlers",
    )
    assert set(found) <= sys.modules.keys()


def test_what_they_subscribe_is_subscribed(write: Write) -> None:
    """After it, everyone listens."""
    write("__init__", "orders.__init__", events=EVENTS, **{"orders.handlers": SUBSCRIBES})

    discover("discovered")

    (told,) = sys.modules["discovered.events"].bus.subscriptions()
    assert told.name == "discovered.orders.handlers.handle"


def test_calling_it_twice_subscribes_once(write: Write) -> None:
    """A module is imported once, as always in Python."""
    write("__init__", events=EVENTS, handlers=SUBSCRIBES)

    first, second = discover("discovered"), discover("discovered")

    assert first == second
    assert len(sys.modules["discovered.events"].bus.subscriptions()) == 1


def test_a_package_of_the_name_counts_with_all_its_modules(write: Write) -> None:
    """Handlers may fill several files, and folders in it."""
    write("__init__", "handlers.__init__", "handlers.mail", "handlers.stock.__init__")
    write("handlers.stock.reserve")

    found = discover("discovered")

    assert found == (
        "discovered.handlers",
        "discovered.handlers.mail",
        "discovered.handlers.stock",
        "discovered.handlers.stock.reserve",
    )


def test_the_name_is_a_choice(write: Write) -> None:
    """`named=` looks for another name, and for no other."""
    write("__init__", "handlers", "orders.__init__", "orders.subscribers")

    found = discover("discovered", named="subscribers")

    assert found == ("discovered.orders.subscribers",)
    assert "discovered.handlers" not in sys.modules


def test_folders_without_an_init_file_are_looked_into(write: Write) -> None:
    """Python imports them all the same; a handler in one must not be passed over in silence."""
    write("__init__", "orders.handlers", "deep.er.handlers", "handlers.mail")

    found = discover("discovered")

    assert found == (
        "discovered.deep.er.handlers",
        "discovered.handlers",
        "discovered.handlers.mail",
        "discovered.orders.handlers",
    )


def test_the_package_itself_may_lack_its_init_file(write: Write) -> None:
    """A namespace package is a package."""
    write("orders.handlers")

    assert discover("discovered") == ("discovered.orders.handlers",)


def test_other_modules_are_not_imported(write: Write) -> None:
    """Only the handler modules, and the packages on the way to them."""
    write("__init__", "handlers", "orders.__init__", "orders.handlers")
    write(scripts=FAILS, **{"orders.views": FAILS})

    found = discover("discovered")

    assert found == ("discovered.handlers", "discovered.orders.handlers")
    assert "discovered.orders.views" not in sys.modules


def test_what_python_cannot_import_is_passed_over(write: Write) -> None:
    """Files and folders whose names are no identifiers, and folders without code."""
    write("__init__", "handlers", "my-notes.handlers")

    assert discover("discovered") == ("discovered.handlers",)


@pytest.mark.parametrize("module", ["orders.handlers", "orders.__init__", "handlers", "__init__"])
def test_a_module_that_does_not_import_is_named(write: Write, module: str) -> None:
    """The error names the module, what went wrong, and the way to see it; it keeps the cause."""
    write("__init__", "handlers", "orders.__init__", "orders.handlers")
    write(**{module: FAILS})

    with pytest.raises(errors.DiscoveryError) as failed:
        discover("discovered")

    name = f"discovered.{module}".removesuffix(".__init__")
    assert failed.value.module == name
    assert "by design" in failed.value.problem
    assert f"import {name}" in failed.value.remedy
    assert isinstance(failed.value.__cause__, ZeroDivisionError)


def test_a_module_that_imports_something_missing_is_named(write: Write) -> None:
    """It names the handler module, not only what that lacks."""
    write("__init__", handlers="import discovered.nowhere")

    with pytest.raises(errors.DiscoveryError) as failed:
        discover("discovered")

    assert failed.value.module == "discovered.handlers"
    assert "discovered.nowhere" in failed.value.problem


def test_a_package_that_is_not_there_is_named() -> None:
    """A misspelt package is an error, and an `ImportError` too."""
    with pytest.raises(ImportError) as failed:
        discover("no_such_package")

    assert isinstance(failed.value, errors.DiscoveryError)
    assert failed.value.module == "no_such_package"


def test_finding_nothing_is_an_error(write: Write) -> None:
    """A misspelt name, or a forgotten file, does not pass in silence."""
    write("__init__", "orders.__init__", "orders.handler")

    with pytest.raises(errors.DiscoveryError, match="named=") as failed:
        discover("discovered")

    assert failed.value.module == "discovered"
    assert "'handlers'" in failed.value.problem


def test_a_module_is_no_package(write: Write) -> None:
    """There is nothing in it to find."""
    write("__init__", "handlers", "events")

    with pytest.raises(errors.DiscoveryError):
        discover("discovered.events")


def test_what_imports_as_a_program_is_left_alone(write: Write) -> None:
    """To import a `__main__` is to run it."""
    write("__init__", "handlers.__init__", "handlers.users", **{"handlers.__main__": FAILS})

    found = discover("discovered")

    assert found == ("discovered.handlers", "discovered.handlers.users")
