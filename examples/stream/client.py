"""A complete client of the stream (docs/stream.md), with Python's standard library alone.

    python client.py ws://localhost:8787/api/v1/stream AAPL IBM
    python client.py ws://localhost:8787/api/v1/stream AAPL --quotes 20

Prints every message it uses as a line of JSON. It resumes where it stopped when the
connection breaks, acknowledges what it has used, and notices a connection that is dead.
"""

import argparse
import base64
import json
import os
import random
import socket
import ssl
import struct
import sys
import time
from urllib.parse import urlsplit

SILENCE = 25.0  # seconds without a frame after which a connection is dead
PING_EVERY = 10.0
ACK_EVERY = 1.0


class Closed(Exception):
    """The connection has ended."""


class WebSocket:
    """A client's end of a WebSocket (RFC 6455): text frames, pings and the close."""

    def __init__(self, url, headers=()):
        parts = urlsplit(url)
        is_secure = parts.scheme == "wss"
        port = parts.port or (443 if is_secure else 80)
        self.socket = socket.create_connection((parts.hostname, port), timeout=10)
        if is_secure:
            context = ssl.create_default_context()
            self.socket = context.wrap_socket(self.socket, server_hostname=parts.hostname)
        self.received = b""
        self.text = b""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {parts.path or '/'} HTTP/1.1",
            f"Host: {parts.netloc}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            *headers,
        ]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.received:
            if not self._read():
                raise Closed("no answer")
        head, self.received = self.received.split(b"\r\n\r\n", 1)
        status = head.split(b"\r\n", 1)[0].decode()
        if " 101 " not in f"{status} ":
            raise Closed(status)

    def send(self, text):
        self._send_frame(0x1, text.encode())

    def receive(self, timeout):
        """The next text, or None when none comes in time."""
        deadline = time.monotonic() + timeout
        while True:
            frame = self._take_frame()
            if frame is None:
                left = deadline - time.monotonic()
                if left <= 0 or not self._read(left):
                    return None
                continue
            is_last, kind, payload = frame
            if kind == 0x8:
                code = struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else 1005
                raise Closed(f"{code} {payload[2:].decode(errors='replace')}")
            if kind == 0x9:
                self._send_frame(0xA, payload)
            elif kind in (0x0, 0x1):
                self.text += payload
                if is_last:
                    text, self.text = self.text.decode(), b""
                    return text

    def close(self):
        try:
            self._send_frame(0x8, struct.pack("!H", 1000))
        except OSError:
            pass
        self.socket.close()

    def _send_frame(self, kind, payload):
        length = len(payload)
        if length < 126:
            head = struct.pack("!BB", 0x80 | kind, 0x80 | length)
        else:
            head = struct.pack("!BBH", 0x80 | kind, 0x80 | 126, length)
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        self.socket.sendall(head + mask + masked)

    def _take_frame(self):
        """A whole frame from what was received, if there is one."""
        data = self.received
        if len(data) < 2:
            return None
        length, at = data[1] & 0x7F, 2
        if length == 126:
            length, at = (struct.unpack("!H", data[2:4])[0] if len(data) >= 4 else 1 << 62), 4
        elif length == 127:
            length, at = (struct.unpack("!Q", data[2:10])[0] if len(data) >= 10 else 1 << 62), 10
        if len(data) < at + length:
            return None
        self.received = data[at + length :]
        return data[0] & 0x80 != 0, data[0] & 0x0F, data[at : at + length]

    def _read(self, timeout=10.0):
        self.socket.settimeout(timeout)
        try:
            data = self.socket.recv(1 << 16)
        except (TimeoutError, socket.timeout):
            return False
        if not data:
            raise Closed("the connection broke")
        self.received += data
        return True


class Stream:
    """What a connection has to remember: how far each symbol has come."""

    def __init__(self, url, symbols, headers=()):
        self.url, self.symbols, self.headers = url, symbols, headers
        self.places = {}  # symbol -> {"epoch": …, "seq": …} of the last quote or snapshot
        self.moved = set()

    def messages(self):
        """All messages, for ever, over as many connections as it takes."""
        attempt = 0
        while True:
            try:
                web_socket = WebSocket(self.url, self.headers)
                try:
                    for message in self._connection(web_socket):
                        attempt = 0
                        yield message
                finally:
                    web_socket.close()
            except (Closed, OSError) as reason:
                print(f"resuming: {reason}", file=sys.stderr)
            attempt += 1
            time.sleep(min(30.0, 0.25 * 2**attempt) * random.uniform(0.5, 1.0))

    def _connection(self, web_socket):
        self.moved.clear()
        self._subscribe(web_socket, self.symbols)
        heard = pinged = acknowledged = time.monotonic()
        while True:
            text = web_socket.receive(0.2)
            now = time.monotonic()
            if text is not None:
                heard = now
            if now - heard > SILENCE:
                raise Closed("silent")
            if now - max(heard, pinged) > PING_EVERY:
                pinged = now
                web_socket.send("ping")
            if self.moved and now - acknowledged > ACK_EVERY:
                acknowledged = now
                seqs = {symbol: self.places[symbol]["seq"] for symbol in self.moved}
                self.moved.clear()
                web_socket.send(json.dumps({"type": "ack", "seqs": seqs}))
            if text is None or text == "pong":
                continue
            message = json.loads(text)
            if self._is_gap(message):
                self._subscribe(web_socket, [message["symbol"]])
            elif self._use(message):
                yield message

    def _subscribe(self, web_socket, symbols):
        since = {symbol: self.places[symbol] for symbol in symbols if symbol in self.places}
        web_socket.send(json.dumps({"type": "subscribe", "symbols": symbols, "since": since}))

    def _is_gap(self, message):
        place = self.places.get(message.get("symbol"))
        if message["type"] != "quote" or place is None:
            return False
        return message.get("from_seq", message["seq"]) > place["seq"] + 1

    def _use(self, message):
        """Whether a message is new; it moves on with quotes and snapshots, never with bars."""
        kind, symbol = message["type"], message.get("symbol")
        if kind == "snapshot":
            self.places[symbol] = {"epoch": message["epoch"], "seq": message["seq"]}
        elif kind == "quote":
            place = self.places.get(symbol)
            if place is None or message["seq"] <= place["seq"]:
                return False
            self.places[symbol] = {"epoch": place["epoch"], "seq": message["seq"]}
        else:
            return kind in ("bar", "forecast", "alert", "status", "error")
        self.moved.add(symbol)
        return True


def main():
    parser = argparse.ArgumentParser(description="Prints what the stream brings.")
    parser.add_argument("url")
    parser.add_argument("symbols", nargs="+")
    parser.add_argument("--quotes", type=int, help="end after so many")
    parser.add_argument("--token", help="the server's ACCESS_TOKEN")
    options = parser.parse_args()
    headers = [f"Authorization: Bearer {options.token}"] if options.token else []
    quotes = 0
    for message in Stream(options.url, options.symbols, headers).messages():
        print(json.dumps(message), flush=True)
        quotes += message["type"] == "quote"
        if options.quotes is not None and quotes >= options.quotes:
            return


if __name__ == "__main__":
    try:
        main()
    except (BrokenPipeError, KeyboardInterrupt):
        pass
