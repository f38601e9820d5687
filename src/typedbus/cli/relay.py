"""`typedbus relay`: a process that is a relay and nothing else."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Final, NamedTuple

from typedbus.cli.arguments import add_json, positive
from typedbus.cli.command import BAD, FINE, Command, CommandError
from typedbus.cli.durations import duration, some_duration
from typedbus.cli.loading import add_outbox, load, outbox_name
from typedbus.cli.printing import print_json
from typedbus.outbox.relay import Relay
from typedbus.outbox.settings import RelaySettings

_DEFAULTS: Final = RelaySettings()
_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


class _Address(NamedTuple):
    host: str
    port: int


def _add_arguments(parser: ArgumentParser) -> None:
    add_outbox(parser)
    for name, what, default in (
        ("--batch", "how many events it reads at a time", _DEFAULTS.batch),
        ("--concurrency", "how many async handlers run at a time", _DEFAULTS.concurrency),
        ("--threads", "how many sync handlers run at a time", _DEFAULTS.threads),
    ):
        parser.add_argument(
            name, type=positive, default=default, metavar="N", help=f"{what} (default: {default})"
        )
    parser.add_argument(
        "--ttl",
        type=some_duration,
        default=_DEFAULTS.ttl,
        metavar="DURATION",
        help="how long it may be silent before another relay takes over (default: "
        f"{_DEFAULTS.ttl.total_seconds():g}s)",
    )
    parser.add_argument(
        "--drain",
        type=duration,
        default=_DEFAULTS.drain,
        metavar="DURATION",
        help="how long handlers that run may take to end once it is told to stop (default: "
        f"{_DEFAULTS.drain.total_seconds():g}s)",
    )
    parser.add_argument(
        "--stall",
        type=some_duration,
        default=_DEFAULTS.stall,
        metavar="DURATION",
        help="how long nothing may move, past what handlers may take, before it ends with 70 "
        f"(default: {_DEFAULTS.stall.total_seconds():g}s)",
    )
    parser.add_argument(
        "--health",
        type=_address,
        metavar="HOST:PORT",
        help="answer GET /healthz there: 200 if it is well, 503 if it has to be started again",
    )
    parser.add_argument(
        "--once", action="store_true", help="handle what is due now, and end; for tests and timers"
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="log more")
    add_json(parser)


def _address(text: str) -> _Address:
    host, colon, port = text.rpartition(":")
    if not (colon and port.isascii() and port.isdecimal() and int(port) < 1 << 16):
        raise ArgumentTypeError(f"{text!r} is no address; write one such as 127.0.0.1:8080")
    return _Address(host.strip("[]") or "0.0.0.0", int(port))


def _run(arguments: Namespace) -> int:
    outbox = load(outbox_name(arguments))
    _log(verbose=arguments.verbose)
    relay = outbox.relay(
        RelaySettings(
            batch=arguments.batch,
            window=max(_DEFAULTS.window, arguments.batch),
            concurrency=arguments.concurrency,
            threads=arguments.threads,
            ttl=arguments.ttl,
            drain=arguments.drain,
            stall=arguments.stall,
        )
    )
    relay.exit_on_stall = True
    with _frozen(), _stopped_by_signals(relay):
        left = asyncio.run(_serve(relay, arguments.health, once=arguments.once))
    status = relay.status()
    if arguments.json:
        print_json({"handled": status.handled, "failed": status.failed, "left": left})
    for each in left:
        print(f"typedbus: {each} was still running, and will be called again", file=sys.stderr)
    return BAD if left or (arguments.once and status.failed) else FINE


def _log(*, verbose: bool) -> None:
    # A program that has a way of its own to log keeps it.
    logging.basicConfig(format=_FORMAT, level=logging.INFO, stream=sys.stderr)
    if verbose:
        logging.getLogger("typedbus").setLevel(logging.DEBUG)


@contextmanager
def _frozen() -> Iterator[None]:
    """Keep what was imported out of the collections of garbage: they would cost every event."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def _stopped_by_signals(relay: Relay) -> Iterator[None]:
    """Let the first signal end *relay*, the second hurry it, and the third end the process."""
    before = {each: signal.getsignal(each) for each in _SIGNALS}
    stops = 0

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stops
        del frame
        stops += 1
        relay.stop()
        if stops == 1:
            then = "ends when what runs has ended; the next signal waits for nothing"
        else:
            then = "waits for nothing more"
            for each in _SIGNALS:
                signal.signal(each, signal.SIG_DFL)
        # What was interrupted may be writing a line of the log just now.
        os.write(2, f"typedbus: {signal.Signals(number).name}: the relay {then}\n".encode())

    for each in _SIGNALS:
        signal.signal(each, stop)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


async def _serve(relay: Relay, address: _Address | None, *, once: bool) -> Sequence[str]:
    if address is None:
        return await relay.run(once=once)
    from typedbus.outbox.health import serving  # imported by who asks for it

    server = serving(relay, address.host, address.port)
    try:
        await server.__aenter__()
    except OSError as error:
        raise CommandError(f"cannot answer at {address.host}:{address.port}: {error}") from error
    try:
        return await relay.run(once=once)
    finally:
        await server.__aexit__(None, None, None)


COMMAND = Command(
    name="relay",
    summary="bring the events of an outbox to their handlers, until it is told to stop",
    details="Any number may run: one works, the others stand by. SIGTERM and SIGINT let it end "
    "what runs;\na second one waits for nothing. It waits for a database that is away.\n\n"
    "Exit codes: 0 it was told to stop, and nothing was left; 1 something was still running, or,\n"
    "with --once, something failed; 2 refused, see stderr; 70 nothing moved any more: start it\n"
    "again.",
    words="[OUTBOX]",
    examples="typedbus relay shop.main:outbox\n"
    "typedbus relay shop.main:outbox --health 127.0.0.1:8080 --threads 16\n"
    "typedbus relay shop.main:outbox --once",
    add_arguments=_add_arguments,
    run=_run,
)
