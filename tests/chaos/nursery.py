"""A process that has imported what all of a run import, and forks them: a start takes 20 ms.

It reads an order per line, a JSON object, and answers each with the pid. Whoever ends leaves its
exit code in a file. All are killed when its standard input is closed.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import runpy
import select
import signal
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NoReturn

from tests.chaos.dying import die_with

_MUCH: Final = (
    "psycopg",
    "pymysql",
    "sqlalchemy.dialects.mysql.pymysql",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "tests.chaos.tables",
    "typedbus.adapters.sqlalchemy",
    "typedbus.core.codec",
    "typedbus.outbox.relay",
)


def serve() -> None:
    """Fork as ordered, until nobody is there to give orders."""
    die_with(int(sys.argv[1]))
    _import_much()
    woken, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker)
    exits: dict[int, str] = {}
    # Unbuffered: select must not miss an order that was read ahead.
    orders = os.fdopen(0, "rb", buffering=0)
    print("ready", flush=True)
    while True:
        ready, _, _ = select.select([0, woken], [], [])
        if woken in ready:
            os.read(woken, 512)
            _reap(exits)
        if 0 in ready:
            line = orders.readline()
            if not line:
                return
            order = json.loads(line)
            pid = _fork(order)
            exits[pid] = order["exit"]
            print(pid, flush=True)


def _reap(exits: dict[int, str]) -> None:
    while exits:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        code = os.waitstatus_to_exitcode(status)
        path = Path(exits.pop(pid))
        with suppress(FileNotFoundError):  # the run is over, and its folder gone
            # In one step: who sees the file sees the code.
            path.with_suffix(".new").write_text(str(code))
            path.with_suffix(".new").rename(path)


def _fork(order: dict[str, Any]) -> int:  # Any: values of several types
    """Fork what becomes the process of *order*; return its pid once that would die with us."""
    parent, (reader, writer) = os.getpid(), os.pipe()
    pid = os.fork()
    if pid == 0:
        die_with(parent)
        os.write(writer, b".")
        _become(order)
    os.read(reader, 1)
    os.close(reader)
    os.close(writer)
    return pid


def _become(order: dict[str, Any]) -> NoReturn:  # Any: values of several types
    """Be the process that *order* asks for."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    log = os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, place in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(descriptor, place)
    os.closerange(3, 256)
    os.environ.update(order["environment"])
    sys.argv = [order["module"], *order["arguments"]]
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1)
    code = 1
    try:
        runpy.run_module(order["module"], run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:  # noqa: BLE001 - as the interpreter does at the top
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # As at the end of an interpreter: threads that are no daemons are waited for.
        import threading

        threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001 - nothing public does it
        os._exit(code)


def _import_much() -> None:
    for name in _MUCH:
        importlib.import_module(name)


if __name__ == "__main__":
    serve()
