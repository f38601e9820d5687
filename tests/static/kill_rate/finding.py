"""Finds the places in the programs."""

import ast
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final, TypeAlias

from tests.static.kill_rate.places import (
    Asking,
    Carrier,
    Defining,
    Deriving,
    Function,
    Injecting,
    Listening,
    Making,
    Places,
    Publishing,
    Subscribing,
)
from tests.static.kill_rate.probe import Spot, parameters_of, spot
from tests.static.kill_rate.sources import EVENT, OBJECT, Module, World

Types: TypeAlias = Mapping[Spot, str]

_CARRIER: Final = re.compile(
    r"typedbus\.core\.(?:bus|async_bus|handlers)\.(?P<what>\w+)\[(?P<root>[\w.]+)\]"
)
_SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Module)
_DELIVERIES: Final = tuple(
    f"typedbus.core.{name}." for name in ("deliveries", "collect", "background", "async_background")
)
# Deliveries that cannot await; by their types, and the one that is a function by its name.
_CANNOT_AWAIT: Final = frozenset(
    f"typedbus.core.{name}"
    for name in ("background.Background", "deliveries.SyncDelivery", "deliveries.BlockingDelivery")
)


def places_in(world: World, types: Types) -> Places:
    """Return the places of all programs, with *types* to tell a bus from anything else."""
    found = _Finder(world, types)
    listening = tuple(found.each_listening())
    subscribing = tuple(found.each_subscribing())
    publishing = tuple(found.each_publishing())
    asking = tuple(found.each_asking(publishing))
    events = {each.event for each in listening} | {each.wanted.root for each in asking}
    return Places(
        listening,
        subscribing,
        tuple(found.each_defining(subscribing)),
        publishing,
        tuple(found.each_injecting()),
        asking,
        tuple(found.each_making()),
        tuple(found.each_deriving(events)),
    )


def event_parameter(function: Function) -> ast.arg | None:
    """Return the parameter of *function* that receives the event."""
    parameters = [*function.args.posonlyargs, *function.args.args]
    if parameters and parameters[0].arg == "self":
        del parameters[0]
    return parameters[0] if parameters else None


class _Finder:
    def __init__(self, world: World, types: Types) -> None:
        self._world = world
        self._types = types

    def _calls(self) -> Iterator[tuple[Module, ast.Call]]:
        for module in self._world.modules.values():
            for node in ast.walk(module.tree):
                if isinstance(node, ast.Call):
                    yield module, node

    def _type(self, module: Module, node: ast.expr) -> str:
        return self._types.get(spot(module, node), "")

    def _on_a_carrier(self, *methods: str) -> Iterator[tuple[Module, ast.Call, Carrier]]:
        for module, call in self._calls():
            match call.func:
                case ast.Attribute(value=receiver, attr=method) if method in methods:
                    carrier = carrier_in(self._type(module, receiver))
                    if carrier and call.args:
                        yield module, call, carrier
                case _:
                    pass

    def each_listening(self) -> Iterator[Listening]:
        """Yield the calls that name an event class; a class made in a function is left out."""
        for module, call, bus in self._on_a_carrier("subscribe", "on", "wait_for", "stream"):
            event = self._world.class_called(module, call.args[0])
            if event is not None:
                accepts = self._accepted_by_the_handler_of(module, call)
                yield Listening(module, call.args[0], bus, event, accepts)

    def _accepted_by_the_handler_of(self, module: Module, call: ast.Call) -> str | None:
        if decorated := self._decorated_by(module, call):
            return self._world.class_called(module, decorated[2])
        return self._accepted_by(module, call.args[1]) if len(call.args) > 1 else None

    def _decorated_by(
        self, module: Module, call: ast.Call
    ) -> tuple[Function, ast.arg, ast.expr] | None:
        match module.parents[call]:
            case ast.FunctionDef() | ast.AsyncFunctionDef() as function:
                parameter = event_parameter(function)
                if parameter is not None and parameter.annotation is not None:
                    return function, parameter, parameter.annotation
            case _:
                pass
        return None

    def _accepted_by(self, module: Module, handler: ast.expr) -> str | None:
        """Return the class that *handler* takes; that of a lambda comes of its subscription."""
        parameters = parameters_of(self._type(module, handler))
        if not parameters or isinstance(handler, ast.Lambda):
            return None
        return self._known(parameters[0].type)

    def each_subscribing(self) -> Iterator[Subscribing]:
        """Yield what is subscribed, and what is inside the deliveries around it."""
        found = list(self._subscribed())
        for place, scope in found:
            others = tuple(
                (place.module.text(each.node), each.accepts)
                for each, other_scope in found
                if other_scope == scope and each.accepts
            )
            yield replace(place, others=others)

    def _subscribed(self) -> Iterator[tuple[Subscribing, tuple[ast.AST, int]]]:
        """Yield each handler, and what others like it share: the function, and the deliveries."""
        for module, call, bus in self._on_a_carrier("subscribe"):
            event = self._world.class_called(module, call.args[0])
            scope = next(each for each in module.around(call) if isinstance(each, _SCOPES))
            for depth, (handler, delivery) in enumerate(_handlers_in(call) if event else ()):
                if delivery is not None and not self._is_delivery(module, delivery):
                    break
                awaited = self._awaits(module, delivery) if delivery else bus.awaited
                accepts = self._accepted_by(module, handler)
                inside = delivery is not None
                place = Subscribing(module, handler, bus, event or "", accepts, inside, awaited, ())
                yield place, (scope, depth)

    def _is_delivery(self, module: Module, called: ast.expr) -> bool:
        kind = self._type(module, called)
        return getattr(called, "id", None) == "in_thread" or kind.startswith(_DELIVERIES)

    def _awaits(self, module: Module, delivery: ast.expr) -> bool:
        cannot = getattr(delivery, "id", None) == "in_thread"
        return not cannot and self._type(module, delivery) not in _CANNOT_AWAIT

    def _known(self, revealed: str) -> str | None:
        """Return the class that mypy calls *revealed*, None if it is not of the programs."""
        if revealed == "object":
            return OBJECT
        if revealed == "typedbus.core.events.Event":
            return EVENT
        return revealed if revealed in set(self._world.classes) else None

    def each_publishing(self) -> Iterator[Publishing]:
        """Yield the calls of `publish`."""
        for module, call, publisher in self._on_a_carrier("publish"):
            yield Publishing(module, call.args[0], call, publisher)

    def each_injecting(self) -> Iterator[Injecting]:
        """Yield the arguments that go where a bus or a publisher is wanted."""
        for module, call in self._calls():
            parameters = parameters_of(self._type(module, call.func)) or []
            by_name = {each.name: each.type for each in parameters}
            given = [
                *(
                    (each.type, argument)
                    for each, argument in zip(parameters, call.args, strict=False)
                ),
                *((by_name.get(each.arg or "", ""), each.value) for each in call.keywords),
            ]
            for wanted, argument in given:
                if (carrier := carrier_in(wanted)) is not None:
                    yield Injecting(module, argument, carrier)

    def each_asking(self, publishing: tuple[Publishing, ...]) -> Iterator[Asking]:
        """Yield the parameters that ask for a publisher of what their module publishes."""
        used = {(each.module.name, each.publisher) for each in publishing}
        for module in self._world.modules.values():
            for node in ast.walk(module.tree):
                match node:
                    case ast.arg(
                        annotation=ast.Subscript(value=ast.Name(id=what), slice=event) as annotation
                    ):
                        root = self._world.class_called(module, event)
                        if root and (module.name, wanted := Carrier(what, root)) in used:
                            yield Asking(module, annotation, node, wanted)
                    case _:
                        pass

    def each_making(self) -> Iterator[Making]:
        """Yield the calls that make a bus with a root."""
        for module, call in self._calls():
            match call:
                case ast.Call(func=ast.Name(id="Bus" | "AsyncBus" as what), args=[root, *_]):
                    if event := self._world.class_called(module, root):
                        yield Making(module, root, call, Carrier(what, event))
                case _:
                    pass

    def each_deriving(self, events: AbstractSet[str]) -> Iterator[Deriving]:
        """Yield the base of each of *events* that is derived from one class of the programs."""
        for event in sorted(events & set(self._world.classes)):
            module, definition = self._world.definition(event)
            match definition.bases:
                case [node] if base := self._world.class_called(module, node):
                    if base in set(self._world.classes):
                        yield Deriving(module, node, event, base)
                case _:
                    pass

    def each_defining(self, subscribing: tuple[Subscribing, ...]) -> Iterator[Defining]:
        """Yield the functions below `@bus.on`, and those that are subscribed by their names."""
        for module, call, bus in self._on_a_carrier("on"):
            event = self._world.class_called(module, call.args[0])
            if event is not None and (decorated := self._decorated_by(module, call)):
                function, parameter, annotation = decorated
                vias = [each.value for each in call.keywords if each.arg == "via"]
                awaited = all(self._awaits(module, via) for via in vias) if vias else bus.awaited
                if accepts := self._world.class_called(module, annotation):
                    yield Defining(
                        module,
                        annotation,
                        function,
                        parameter,
                        accepts,
                        frozenset({event}),
                        awaited,
                        by_name=False,
                    )
        yield from self._defined_by_name(subscribing)

    def _defined_by_name(self, subscribing: tuple[Subscribing, ...]) -> Iterator[Defining]:
        found = dict[ast.AST, Defining]()
        for place in subscribing:
            defined = self._defined_as(place)
            if defined is not None:
                before = found.get(defined.function, defined)
                found[defined.function] = replace(
                    defined,
                    hears=before.hears | defined.hears,
                    awaited=before.awaited or defined.awaited,
                )
        yield from found.values()

    def _defined_as(self, place: Subscribing) -> Defining | None:
        """Return the function that *place* subscribes, if its name and its class tell which."""
        match place.node:
            case ast.Name(id=called) | ast.Attribute(attr=called):
                pass
            case _:
                return None
        accepts, hears = place.accepts or "", frozenset({place.event})
        found = [
            Defining(
                module, annotation, node, parameter, accepts, hears, place.awaited, by_name=True
            )
            for module in self._world.modules.values()
            for node in ast.walk(module.tree)
            if isinstance(node, Function) and node.name == called
            if (parameter := event_parameter(node)) and (annotation := parameter.annotation)
            if self._world.class_called(module, annotation) == accepts
        ]
        return found[0] if len(found) == 1 else None


def _handlers_in(call: ast.Call) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    """Yield what *call* subscribes, then what is inside, with the delivery around it."""
    handler, delivery = call.args[1:2], None
    while handler:
        yield handler[0], delivery
        match handler[0]:
            case ast.Call(func=around, args=[inner, *_]):
                handler, delivery = [inner], around
            case _:
                handler = []


def carrier_in(revealed: str) -> Carrier | None:
    """Return the bus or publisher that mypy calls *revealed*."""
    found = _CARRIER.fullmatch(revealed.removesuffix(" | None"))
    if found is None:
        return None
    root = EVENT if found["root"] == "typedbus.core.events.Event" else found["root"]
    return Carrier(found["what"], root)
