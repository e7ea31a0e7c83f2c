"""Runs a command in a network of its own, where nothing listens but what is asked for.

usage: alone.py [--server PORT [--sdk-port]] [--silent PORT]... COMMAND...

The server is ours, and may take a port for SDKs too; what is silent takes connections and never
answers. ``LMSTUDIO_HOST`` is unset.
"""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import sys
from contextlib import ExitStack

from wire_server import WireServer

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # of unshare(2)
SIOCSIFFLAGS, IFF_UP = 0x8914, 1  # of netdevice(7)


def leave_the_network() -> None:
    """Have a network that only this process and its children see.

    Where that is not allowed, as in many containers, the machine's own has to do.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) and libc.unshare(CLONE_NEWUSER | CLONE_NEWNET):
        return
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


def main() -> int:
    """Run the command; its status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", type=int)
    parser.add_argument("--sdk-port", action="store_true")
    parser.add_argument("--silent", type=int, action="append", default=[])
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    leave_the_network()
    models = os.environ["LMSTUDIO_MODELS_DIR"]
    del os.environ["LMSTUDIO_HOST"]
    with ExitStack() as stack:
        for port in given.silent:
            stack.enter_context(socket.create_server(("127.0.0.1", port)))
        if given.server:
            finds = "" if given.sdk_port else "--no-sdk-port"
            stack.enter_context(WireServer(models=models, port=given.server, finds=finds))
        return subprocess.run(given.command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
