"""Frames as the TypeScript SDK sends them, over a WebSocket client that is not ours.

One counter a connection, from 0, for calls and channels alike. Every frame that comes back is
checked as strictly as the SDK does.
"""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from patience import LONGEST_SECONDS
from strict_js import parse
from strict_js_frames import ABSENT, FINAL, MESSAGES, RESULTS, frame
from websockets.sync.client import connect

UPGRADE = (
    "GET /llm HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


def stack(fields: list[dict[str, Any]]) -> dict[str, Any]:
    """The options a caller gave."""
    return {"layers": [{"layerName": "apiOverride", "config": {"fields": fields}}]}


EMPTY = stack([])


def reference(model: dict[str, Any]) -> dict[str, str]:
    """How a handle names its model."""
    return {"type": "instanceReference", "instanceReference": model["instanceReference"]}


def raw(model: dict[str, Any], prompt: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
    """What the tree sends for ``complete()``."""
    return {
        "modelSpecifier": reference(model),
        "rawPrompt": prompt,
        "predictionConfigStack": stack(fields),
    }


def identity(prefix: str = "guest:") -> dict[str, Any]:
    """Who a client is; releases before 2026 have no prefix."""
    identifier, passkey = (base64.b64encode(os.urandom(18)).decode() for _ in range(2))
    return {
        "authVersion": 1,
        "clientIdentifier": prefix + identifier,
        "clientPasskey": passkey,
    }


class RefusedError(Exception):
    """What the server says to somebody it does not let in."""


class ServerError(Exception):
    """An ``rpcError`` or ``channelError``."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["title"])
        self.error = error
        self.code = error.get("displayData", {}).get("code")


class JavaScriptClient:
    """One namespace's connection."""

    def __init__(self, host: str, namespace: str, who: dict[str, Any] | None = None) -> None:
        """Connect as the SDK does, which offers compression."""
        self.namespace = namespace
        self.resources = ExitStack()
        self.socket = self.resources.enter_context(
            connect(
                f"ws://{host}/{namespace}",
                compression="deflate",
                user_agent_header=None,
                ping_interval=None,
                max_size=None,
                close_timeout=LONGEST_SECONDS,
            )
        )
        self.next_id = 0
        self.endpoints: dict[int, str] = {}
        self.ended: set[int] = set()  # had their final message
        self.closed: set[int] = set()
        self.send(who or identity())
        answer = parse(self.socket.recv(LONGEST_SECONDS))
        if answer != {"success": True}:
            assert answer["success"] is False
            self.resources.close()
            raise RefusedError(answer["error"])

    def __enter__(self) -> JavaScriptClient:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.resources.close()

    def send(self, value: Any) -> None:
        self.socket.send(json.dumps(value, separators=(",", ":"), ensure_ascii=False))

    def receive(self) -> dict[str, Any]:
        """The next frame, checked."""
        received: dict[str, Any] = parse(self.socket.recv(LONGEST_SECONDS))
        frame(received, "frame")
        if "channelId" in received:
            self.check(received)
        return received

    def check(self, received: dict[str, Any]) -> None:
        """Check what belongs to a channel: nothing follows its end, and it ends in order."""
        number = received["channelId"]
        assert number in self.endpoints, f"no such channel: {received}"
        assert number not in self.closed, f"after the end: {received}"
        if received["type"] == "channelSend":
            assert number not in self.ended, f"after the final message: {received}"
            MESSAGES[self.endpoints[number]](received["message"], "message")
            if received["message"]["type"] in FINAL:
                self.ended.add(number)
        elif received["type"] == "channelClose":
            assert number in self.ended, "closed without a final message"
            self.closed.add(number)
        else:
            assert number not in self.ended, "an error after the final message"
            self.closed.add(number)

    def take_id(self) -> int:
        self.next_id += 1
        return self.next_id - 1

    # Calls

    def start_call(self, endpoint: str, parameter: Any = ABSENT) -> int:
        number = self.take_id()
        call = {"type": "rpcCall", "endpoint": endpoint, "callId": number}
        self.send(call if parameter is ABSENT else {**call, "parameter": parameter})
        return number

    def call(self, endpoint: str, parameter: Any = ABSENT) -> Any:
        """The result of a call, ``ABSENT`` if it has none."""
        number = self.start_call(endpoint, parameter)
        received = self.receive()
        assert received.get("callId") == number, received
        if received["type"] == "rpcError":
            raise ServerError(received["error"])
        result = received.get("result", ABSENT)
        RESULTS[self.namespace, endpoint](result, endpoint)
        return result

    def wait_until_idle(self, specifier: dict[str, Any]) -> None:
        """See a model's predictions end, those that nobody waits for any more."""
        parameter = {"specifier": specifier, "throwIfNotFound": True}
        deadline = time.monotonic() + LONGEST_SECONDS
        while self.call("getInstanceProcessingState", parameter)["status"] != "idle":
            assert time.monotonic() < deadline, "what nobody waits for goes on"

    def unload_all(self) -> None:
        """Leave no model loaded."""
        for model in self.call("listLoaded"):
            self.call("unloadModel", {"identifier": model["identifier"], "deviceIdentifier": None})

    # Channels

    def open(self, endpoint: str, parameter: dict[str, Any]) -> int:
        number = self.take_id()
        self.endpoints[number] = endpoint
        self.send(
            {
                "type": "channelCreate",
                "endpoint": endpoint,
                "channelId": number,
                "creationParameter": parameter,
            }
        )
        return number

    def cancel(self, number: int) -> None:
        self.send({"type": "channelSend", "channelId": number, "message": {"type": "cancel"}})

    def messages(
        self, number: int, each: Callable[[dict[str, Any]], None] | None = None
    ) -> list[dict[str, Any]]:
        """All messages of a channel, to its close; nothing comes after it."""
        messages = []
        while number not in self.closed:
            received = self.receive()
            if received.get("channelId") != number:
                continue
            if received["type"] == "channelError":
                raise ServerError(received["error"])
            if received["type"] == "channelSend":
                messages.append(received["message"])
                if each:
                    each(received["message"])
        return messages

    def run(self, endpoint: str, parameter: dict[str, Any]) -> list[dict[str, Any]]:
        """Open a channel; all its messages."""
        return self.messages(self.open(endpoint, parameter))

    def fence(self) -> None:
        """See that the server has nothing more to say."""
        self.send({"type": "keepAlive"})
        assert self.receive() == {"type": "keepAliveAck"}
