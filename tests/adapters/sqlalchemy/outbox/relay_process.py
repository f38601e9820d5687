"""A relay in a process of its own that takes the lease and then is killed, or stopped in mid-act.

Run as a program: `relay_process.py URL ACT TTL`. It prints the id of the relay when it has come so
far, and waits until its input ends.
"""

import os
import signal
import socket
import sys
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import MetaData, create_engine

from typedbus.adapters.sqlalchemy.outbox.connections import Connections
from typedbus.adapters.sqlalchemy.outbox.dialects import dialect_of
from typedbus.adapters.sqlalchemy.outbox.fencing import fence
from typedbus.adapters.sqlalchemy.outbox.store import SqlStore
from typedbus.adapters.sqlalchemy.outbox.tables import Tables
from typedbus.outbox.processes import started_at
from typedbus.outbox.store import RelayInfo


def main(url: str, act: str, seconds: str) -> None:
    """Take the lease, and do *act*: "live", or "stop" in the middle of a settlement."""
    ttl = timedelta(seconds=float(seconds))
    engine = create_engine(url)
    tables = Tables(MetaData())
    pid = os.getpid()
    relay = RelayInfo(str(uuid4()), socket.gethostname(), pid, started_at(pid))
    store = SqlStore(engine, tables)
    lease = store.take_lease(relay, ttl)
    assert lease is not None
    if act == "live":
        print(relay.id, flush=True)
        sys.stdin.read()
        return
    connections = Connections(engine, dialect_of(tables, engine.dialect))
    connections.patience = ttl
    with connections.writing() as connection:
        fence(connection, tables, lease)
        print(relay.id, flush=True)
        os.kill(pid, signal.SIGSTOP)


if __name__ == "__main__":
    main(*sys.argv[1:])
