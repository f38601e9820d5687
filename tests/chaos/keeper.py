"""A script that runs a server until it is told how to end it, or until nobody is there to tell.

It reads its standard input: "stop" ends the server in good order, "kill" as a power cut would end
its processes; either way the data stay. When the other end is closed, however that came, the
server is killed and its folder removed.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path


def run(folder: str, command: Sequence[str]) -> None:
    """Run *command* in *folder* until it ends."""
    server = _start(folder, command)
    threading.Thread(target=_obey, args=(server, folder), daemon=True).start()
    server.wait()


def _start(folder: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
    if os.geteuid() != 0:
        return subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL)
    # PostgreSQL refuses to run as root.
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
    )


def _obey(server: subprocess.Popen[bytes], folder: str) -> None:
    order = sys.stdin.readline().strip()
    if order == "stop":
        server.send_signal(signal.SIGINT)
        return
    _kill(server.pid)
    if not order:
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)


def _kill(pid: int) -> None:
    # First the one that would start the others again; they are sessions of their own.
    children = list(_children_of(pid))
    for each in (pid, *children):
        _signal(each)
    while any(Path(f"/proc/{child}").exists() for child in children):
        time.sleep(0.002)


def _children_of(parent: int) -> Iterator[int]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        if int(words[1]) == parent:
            yield int(stat.parent.name)


def _signal(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    _, folder, *command = sys.argv
    run(folder, command)
    # Not sys.exit: the thread may still wait for an order.
    os._exit(0)
