#!/usr/bin/env python3
"""A server that waits for COUNT predictions of one client, and then serves them in turns.

usage: fair_server.py PORT COUNT FRAGMENTS
Each prediction gets FRAGMENTS fragments, ten at a time; prints "ready" when it listens.
"""
# ruff: noqa: T201 - printing is what a command is for

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
import struct
import sys

PORT, COUNT, FRAGMENTS = map(int, sys.argv[1:])
TURN = 10
INFO = {
    "type": "llm",
    "modelKey": "blast",
    "format": "gguf",
    "displayName": "Blast",
    "publisher": "acme",
    "path": "acme/blast/blast.gguf",
    "sizeBytes": 1,
    "indexedModelIdentifier": "acme/blast/blast.gguf",
    "deviceIdentifier": None,
    "maxContextLength": 4096,
    "vision": False,
    "trainedForToolUse": False,
    "identifier": "blast",
    "instanceReference": "ref-1",
    "ttlMs": None,
    "lastUsedTime": None,
    "contextLength": 4096,
}


def frame(message: object) -> bytes:
    """A text frame as servers send it."""
    data = json.dumps(message, separators=(",", ":")).encode()
    head = bytes([len(data)]) if len(data) < 126 else b"\x7e" + struct.pack(">H", len(data))
    return b"\x81" + head + data


def send(channel: int, message: object) -> bytes:
    """A message on a channel."""
    return frame({"type": "channelSend", "channelId": channel, "message": message})


def fragment(channel: int) -> bytes:
    """A piece of text on a channel."""
    content = {"content": " token", "tokensCount": 1, "containsDrafted": False}
    text = content | {"reasoningType": "none", "isStructural": False}
    return send(channel, {"type": "fragment", "fragment": text})


def success(channel: int) -> bytes:
    """The end of a prediction."""
    message = {
        "type": "success",
        "stats": {"stopReason": "eosFound"},
        "modelInfo": INFO,
        "loadModelConfig": {"fields": []},
        "predictionConfig": {"fields": []},
    }
    return send(channel, message) + frame({"type": "channelClose", "channelId": channel})


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """The payload of a client's next frame."""
    head = await reader.readexactly(2)
    size = head[1] & 127
    if size == 126:
        size = struct.unpack(">H", await reader.readexactly(2))[0]
    mask = await reader.readexactly(4)
    data = await reader.readexactly(size)
    return bytes(byte ^ mask[index & 3] for index, byte in enumerate(data))


async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin1")
    key = re.search(r"(?i)sec-websocket-key: *(\S+)", head)
    assert key is not None
    digest = hashlib.sha1(key[1].encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n"
    )
    await read_frame(reader)
    writer.write(frame({"success": True}))
    waiting: list[int] = []
    while len(waiting) < COUNT:
        message = json.loads(await read_frame(reader))
        if message.get("endpoint") == "getOrLoad":
            channel = message["channelId"]
            writer.write(send(channel, {"type": "alreadyLoaded", "info": INFO}))
            writer.write(frame({"type": "channelClose", "channelId": channel}))
        elif message["type"] == "channelCreate":
            waiting.append(message["channelId"])
    # All is laid out before the first byte goes: what is measured is the client.
    turn = b"".join(fragment(channel) * TURN for channel in waiting)
    ends = b"".join(map(success, waiting))
    for _ in range(FRAGMENTS // TURN):
        writer.write(turn)
        await writer.drain()
    writer.write(ends)
    await writer.drain()


async def main() -> None:
    """Listen for ever."""
    server = await asyncio.start_server(handle, "127.0.0.1", PORT)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


asyncio.run(main())
