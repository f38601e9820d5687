"""How each peer is used to call plain handlers with one event, in its own documented way."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from types import SimpleNamespace

from benchmarks.workload import Contender, Workload


@dataclass(frozen=True, kw_only=True)
class Library:
    """A library that may be installed here."""

    name: str
    distribution: str

    @property
    def version(self) -> str | None:
        """The version that is installed, or None."""
        try:
            return version(self.distribution)
        except PackageNotFoundError:
            return None


@dataclass(frozen=True, kw_only=True)
class Peer(Library):
    """A library that does the same job, and how it does it."""

    prepare: Callable[[Workload], Contender]
    """Return it ready to be timed; imports the library, which may be absent."""


def present(peers: Iterable[Peer]) -> list[Peer]:
    """Return the peers that are installed."""
    return [peer for peer in peers if peer.version is not None]


def absent(peers: Iterable[Library]) -> list[str]:
    """Return the names of the peers that are not installed."""
    return [peer.name for peer in peers if peer.version is None]


def _eventkit(workload: Workload) -> Contender:
    # It asks for the current event loop while it is imported, and fails without one.
    with asyncio.Runner() as runner:
        runner.get_loop()
        import eventkit

    placed = eventkit.Event()
    for handler in workload.handlers():
        placed += handler
    return Contender(
        name="eventkit", statement="placed.emit(event)", workload=workload, names={"placed": placed}
    )


def _psygnal(workload: Workload) -> Contender:
    from psygnal import SignalInstance

    placed = SignalInstance((object,))
    for handler in workload.handlers():
        placed.connect(handler)
    return Contender(
        name="psygnal", statement="placed.emit(event)", workload=workload, names={"placed": placed}
    )


def _psygnal_fast(workload: Workload) -> Contender:
    # Without the checks, the blocking and pausing, and the error that names the handler.
    contender = _psygnal(workload)
    return replace(contender, name="psygnal emit_fast", statement="placed.emit_fast(event)")


def _blinker(workload: Workload) -> Contender:
    from blinker import Signal

    placed = Signal()
    for handler in workload.handlers():
        placed.connect(handler)
    return Contender(
        name="blinker", statement="placed.send(event)", workload=workload, names={"placed": placed}
    )


def _pyee(workload: Workload) -> Contender:
    from pyee import EventEmitter

    emitter = EventEmitter()
    for handler in workload.handlers():
        emitter.on("placed", handler)
    return Contender(
        name="pyee",
        statement='emitter.emit("placed", event)',
        workload=workload,
        names={"emitter": emitter},
    )


def _django(workload: Workload) -> Contender:
    from django.dispatch import Signal

    placed = Signal()
    for handler in workload.handlers("event, **kwargs"):
        placed.connect(handler)
    return Contender(
        name="Django signals",
        statement="placed.send(sender=None, event=event)",
        workload=workload,
        names={"placed": placed},
    )


def _zope_event(workload: Workload) -> Contender:
    from zope.event import notify, subscribers

    subscribers[:] = workload.handlers()
    return Contender(
        name="zope.event",
        statement="notify(event)",
        workload=workload,
        names={"notify": notify},
    )


def _pluggy(workload: Workload) -> Contender:
    from pluggy import HookimplMarker, HookspecMarker, PluginManager

    class Specification:
        @HookspecMarker("benchmarks")
        def placed(self, event: object) -> None: ...

    plugins = PluginManager("benchmarks")
    plugins.add_hookspecs(Specification)
    mark = HookimplMarker("benchmarks")
    for handler in workload.handlers():
        plugins.register(SimpleNamespace(placed=mark(handler)))
    return Contender(
        name="pluggy",
        statement="hook.placed(event=event)",
        workload=workload,
        names={"hook": plugins.hook},
    )


QUEUES = (
    Library(name="pgqueuer", distribution="pgqueuer"),
    Library(name="procrastinate", distribution="procrastinate"),
    Library(name="Celery", distribution="celery"),
)
"""What brings events to handlers in other processes."""
PEERS = (
    Peer(name="eventkit", distribution="eventkit", prepare=_eventkit),
    Peer(name="psygnal", distribution="psygnal", prepare=_psygnal),
    Peer(name="psygnal", distribution="psygnal", prepare=_psygnal_fast),
    Peer(name="blinker", distribution="blinker", prepare=_blinker),
    Peer(name="pyee", distribution="pyee", prepare=_pyee),
    Peer(name="Django", distribution="Django", prepare=_django),
    Peer(name="zope.event", distribution="zope.event", prepare=_zope_event),
    Peer(name="pluggy", distribution="pluggy", prepare=_pluggy),
)
