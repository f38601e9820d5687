"""Wire names: one class a name, found again by it, whatever happens to the class in the code."""

import gc
import importlib
import re
import sys
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier
from typing import Any, NamedTuple, TypedDict

import attrs
import msgspec
import pytest
from pydantic import BaseModel

from tests.core.held import PATIENCE
from typedbus import Event, errors, event
from typedbus.core.names import WireName, class_named, wire_name_of


def run_cell(notebook: str, *lines: str) -> dict[str, Any]:
    """Run *lines* as Python would in a module called *notebook*; return what they define."""
    names: dict[str, Any] = {"__name__": notebook}
    exec("\n".join(("from typedbus import Event, event", *lines)), names)
    return names


@event(name="shop.order-placed", version=3, aliases=["order.placed", "placed"])
class OrderPlaced(Event):
    order_id: int


class OrderShipped(Event):
    order_id: int


def test_a_class_is_found_by_its_name_and_by_each_alias() -> None:
    """And tells what it is called."""
    found = {name: class_named(name) for name in ("shop.order-placed", "order.placed", "placed")}

    assert set(found.values()) == {OrderPlaced}
    assert wire_name_of(OrderPlaced) == WireName("shop.order-placed", 3, ("order.placed", "placed"))


def test_versions_begin_with_one() -> None:
    """A class that says nothing of versions or aliases has the first one, and none."""

    @event(name="begin")
    class Begun(Event):
        pass

    assert wire_name_of(Begun) == WireName("begin", 1, ())


class AnOrder(NamedTuple):
    number: int


class Order(BaseModel):
    number: int


@dataclass
class PlainOrder:
    number: int


@attrs.frozen
class AttrsOrder:
    number: int


class MsgspecOrder(msgspec.Struct, frozen=True):
    number: int


class HandmadeOrder:
    __slots__ = ()


@pytest.mark.parametrize(
    "cls",
    [OrderShipped, AnOrder, Order, PlainOrder, AttrsOrder, MsgspecOrder, HandmadeOrder],
)
def test_the_decorator_gives_back_the_very_class(cls: type) -> None:
    """Of whatever kind it is: it is neither wrapped nor changed."""
    before = dict(vars(cls))

    given_back = event(name=f"of.{cls.__qualname__}")(cls)

    assert given_back is cls
    assert dict(vars(cls)) == before
    assert class_named(f"of.{cls.__qualname__}") is cls


TAKEN = {
    "both are names": ("name='{}.a'", "name='{}.a'"),
    "in another version": ("name='{}.a'", "name='{}.a', version=2"),
    "the name of one is an alias of the other": ("name='{}.a'", "name='{}.b', aliases=['{}.a']"),
    "an alias of one is the name of the other": ("name='{}.a', aliases=['{}.b']", "name='{}.b'"),
    "both are aliases": ("name='{}.a', aliases=['{}.b']", "name='{}.c', aliases=['{}.b']"),
}


@pytest.mark.parametrize(("first", "second"), TAKEN.values(), ids=TAKEN.keys())
def test_a_name_belongs_to_one_class(
    first: str, second: str, request: pytest.FixtureRequest
) -> None:
    """The second one is refused, by an error that names both; the first one keeps it."""
    module = re.sub(r"\W", "_", request.node.callspec.id)
    named = f"@event({first.replace('{}', module)})"
    old = run_cell(module, named, "class Old(Event): ...")["Old"]

    with pytest.raises(errors.WireNameError) as raised:
        run_cell(module, f"@event({second.replace('{}', module)})", "class New(Event): ...")

    assert f"{module}.Old" in str(raised.value)
    assert f"{module}.New" in str(raised.value)
    assert {class_named(each) for each in wire_name_of(old).all()} == {old}


def test_a_class_that_is_refused_has_no_name_at_all() -> None:
    """Not even those of its names that are free."""

    class Refused(Event):
        pass

    with pytest.raises(errors.WireNameError):
        event(name="refused.free", aliases=["shop.order-placed"])(Refused)

    with pytest.raises(errors.WireNameError):
        wire_name_of(Refused)
    with pytest.raises(errors.UnknownWireNameError):
        class_named("refused.free")


def test_a_class_has_one_name() -> None:
    """Two decorators above one class contradict each other."""
    with pytest.raises(errors.WireNameError, match="aliases"):
        event(name="twice.again")(OrderPlaced)

    assert wire_name_of(OrderPlaced).name == "shop.order-placed"


CELL = ("@event(name='cell.run', aliases=['cell.was'])", "class Run(Event): ...")


def test_a_cell_of_a_notebook_may_run_again() -> None:
    """The newest class has the name, and events of the older one still know theirs."""
    old = run_cell("notebook", *CELL)["Run"]

    new = run_cell("notebook", *CELL)["Run"]

    assert class_named("cell.run") is class_named("cell.was") is new
    assert wire_name_of(old) == wire_name_of(new)


def test_a_name_that_is_dropped_in_a_reload_is_free() -> None:
    """What the module no longer says holds no longer."""
    run_cell("renaming", "@event(name='old', aliases=['older'])", "class Run(Event): ...")

    run_cell("renaming", "@event(name='new', aliases=['old'])", "class Run(Event): ...")
    other = run_cell("renaming", "@event(name='older')", "class Other(Event): ...")["Other"]

    assert class_named("old").__qualname__ == "Run"
    assert class_named("older") is other


def test_a_class_that_was_replaced_is_not_kept() -> None:
    """A day of reloads leaves nothing behind."""
    names = run_cell("collected", "@event(name='collected')", "class Run(Event): ...")
    old = weakref.ref(names.pop("Run"))
    run_cell("collected", "@event(name='collected')", "class Run(Event): ...")

    gc.collect()

    assert old() is None


def test_a_class_that_nobody_else_holds_is_kept() -> None:
    """Whether an event can be read does not hang on the garbage collector."""
    run_cell("held", "@event(name='held')", "class Run(Event): ...")

    gc.collect()

    assert class_named("held").__qualname__ == "Run"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A module `reloaded` that can be imported in this test, and is forgotten after it."""
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path / "reloaded.py"
    del sys.modules["reloaded"]


def test_a_module_may_be_reloaded(module: Path) -> None:
    """As a development server does."""
    source = "from typedbus import Event, event\n@event(name='reloaded')\nclass Run(Event): ...\n"
    module.write_text(source, encoding="utf-8")
    old = importlib.import_module("reloaded").Run

    new = importlib.reload(sys.modules["reloaded"]).Run

    assert class_named("reloaded") is new is not old


def test_a_subclass_does_not_inherit_the_name() -> None:
    """Else its events would come back as events of the base."""

    class OrderPlacedTwice(OrderPlaced):
        pass

    with pytest.raises(errors.WireNameError, match=re.escape("@event(name='order.placed.twice')")):
        wire_name_of(OrderPlacedTwice)


def test_the_name_of_the_class_does_not_do() -> None:
    """A class without a wire name is refused where it would be stored, with what to write."""

    class Unnamed(Event):
        pass

    with pytest.raises(errors.WireNameError) as raised:
        wire_name_of(Unnamed)

    assert "Unnamed" in raised.value.act
    assert "@event(name='unnamed')" in raised.value.remedy


def test_a_class_that_was_made_again_is_told_so() -> None:
    """`slots=True` makes another class of the one that was named below it."""

    @dataclass(slots=True)
    @event(name="slotted")
    class Slotted:
        number: int

    with pytest.raises(errors.WireNameError, match="write @event above"):
        wire_name_of(Slotted)


def test_an_unknown_name_is_told_with_those_that_are_like_it() -> None:
    """By an error of its own: what cannot be read is kept, not dropped."""
    with pytest.raises(errors.UnknownWireNameError) as raised:
        class_named("shop.order_plased")

    assert "'shop.order_plased'" in raised.value.act
    assert "'shop.order-placed'" in raised.value.problem
    assert "aliases" in raised.value.remedy


def test_a_name_like_no_other_is_told_without_a_guess() -> None:
    """There is nothing to list."""
    with pytest.raises(errors.UnknownWireNameError, match="no class has it;"):
        class_named("####")


# What no type checker lets through.
unchecked: Any = event

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "an empty name": ({"name": ""}, "not empty"),
    "a space": ({"name": "order placed"}, "white space"),
    "a line break at the end": ({"name": "order\n"}, "white space"),
    "no string": ({"name": 7}, "is a string"),
    "no name": ({"name": None}, "is a string"),
    "an empty alias": ({"name": "a", "aliases": [""]}, "not empty"),
    "a space in an alias": ({"name": "a", "aliases": ["b", "c d"]}, "'c d'"),
    "an alias that is no string": ({"name": "a", "aliases": [OrderPlaced]}, "is a string"),
    "a string for aliases": ({"name": "a", "aliases": "bc"}, "write aliases=['bc']"),
    "version nought": ({"name": "a", "version": 0}, "write version=1"),
    "a negative version": ({"name": "a", "version": -1}, "write version=1"),
    "a version with dots": ({"name": "a", "version": "1.0"}, "write version=1"),
}


@pytest.mark.parametrize(("options", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_name_is_refused(options: dict[str, Any], said: str) -> None:
    """Before there is a class, with what to write."""
    with pytest.raises(errors.WireNameError, match=re.escape(said)):
        unchecked(**options)


def test_a_name_is_passed_by_keyword() -> None:
    """The bare decorator is told what it lacks, and a name in the wrong place what to write."""
    with pytest.raises(TypeError, match="'name'"):
        unchecked(OrderShipped)
    with pytest.raises(errors.WireNameError, match=r"write @event\(name="):
        unchecked("order.shipped", name="order.shipped")


class OrderDict(TypedDict):
    number: int


@pytest.mark.parametrize("given", [print, 7, OrderDict, type], ids=repr)
def test_only_an_event_class_has_a_wire_name(given: Any) -> None:
    """The error is that of every other place where an event class belongs."""
    with pytest.raises(errors.EventTypeError):
        event(name="no.class")(given)


@pytest.fixture
def hurried() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hurried")
def test_of_several_threads_one_gets_the_name() -> None:
    """All of its names, and the others none."""
    threads, rounds = 4, 50
    start = Barrier(threads, timeout=PATIENCE)

    def take_names(thread: int) -> list[str]:
        taken = []
        for number in range(rounds):
            names = [f"race.{number}.{letter}" for letter in "abcdefgh"]
            name, *aliases = names[thread:] + names[:thread]
            start.wait()
            try:
                taken.append(event(name=name, aliases=aliases)(type(f"Of{thread}", (), {})))
            except errors.WireNameError:
                continue
        return [wire_name_of(cls).name.split(".")[1] for cls in taken]

    with ThreadPoolExecutor(threads) as pool:
        winners = [number for won in pool.map(take_names, range(threads)) for number in won]

    assert sorted(map(int, winners)) == list(range(rounds))
