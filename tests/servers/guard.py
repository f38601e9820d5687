"""A script that runs a server for as long as somebody holds our standard input.

However the tests end, the system closes their end of the pipe: then the server is stopped, and its
folder removed. Nobody has to be alive to ask for it.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence

PATIENCE = 10
"""Seconds that a server has to end before it is killed."""


def run(folder: str, stop_with: signal.Signals, command: Sequence[str]) -> int:
    """Run *command* in *folder* until it ends; return its exit code."""
    server = _start(folder, command)
    threading.Thread(target=_stop_when_left, args=(server, stop_with), daemon=True).start()
    return server.wait()


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


def _stop_when_left(server: subprocess.Popen[bytes], stop_with: signal.Signals) -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    server.send_signal(stop_with)
    try:
        server.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        server.kill()


if __name__ == "__main__":
    _, folder, stop_with, *command = sys.argv
    try:
        code = run(folder, signal.Signals[stop_with], command)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    # Not sys.exit: the thread may still wait for the end of our standard input.
    os._exit(abs(code))
