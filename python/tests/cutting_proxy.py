"""A connection to a server that is cut after so many bytes."""

from __future__ import annotations

import contextlib
import socket
import threading


class CuttingProxy:
    """Passes bytes between clients and a server; each connection ends after ``limit`` bytes."""

    def __init__(self, port: int) -> None:
        """Listen in front of the server at ``port``."""
        self.server = ("127.0.0.1", port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.threads: list[threading.Thread] = []
        self.limit: int | None = None  # bytes from the server, of connections from now on
        self.passed = 0  # bytes from the server on the latest connection
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self.join, args=(client, self.limit), daemon=True)
            self.threads.append(thread)
            thread.start()

    def join(self, client: socket.socket, limit: int | None) -> None:
        self.passed = 0
        with client, socket.create_connection(self.server) as server:
            back = threading.Thread(target=self.carry, args=(server, client, limit), daemon=True)
            back.start()
            self.carry(client, server, None)
            back.join()

    def carry(self, source: socket.socket, target: socket.socket, limit: int | None) -> None:
        count = 0
        try:
            while limit is None or count < limit:
                room = 65536 if limit is None else limit - count
                data = source.recv(room)
                if not data:
                    break
                count += len(data)
                if source.getpeername() == self.server:
                    self.passed = count
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> CuttingProxy:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join()
