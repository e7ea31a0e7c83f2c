"""A server that says more than it should."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.sync.server import ServerConnection, serve


@contextlib.contextmanager
def chatty(host: str) -> Iterator[str]:
    """Stands before a server; after each of its messages comes one of a kind that nobody knows."""

    def relay(client: ServerConnection) -> None:
        assert client.request is not None
        with connect(f"ws://{host}{client.request.path}", max_size=None) as server:

            def forward() -> None:
                with contextlib.suppress(ConnectionClosed):
                    for message in client:
                        server.send(message)
                server.close()

            thread = threading.Thread(target=forward)
            thread.start()
            # Either side may hang up while something is on its way to it.
            with contextlib.suppress(ConnectionClosed):
                for message in server:
                    client.send(message)
                    client.send('{"type": "news"}')
            thread.join()

    with serve(relay, "127.0.0.1", 0, max_size=None) as front:
        thread = threading.Thread(target=front.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{front.socket.getsockname()[1]}"
        finally:
            front.shutdown()
            thread.join()
