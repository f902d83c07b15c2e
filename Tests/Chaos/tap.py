"""A wire tap between workers and a coordinator that speak plain ZMTP: it forwards bytes unchanged and
tells what messages passed, so that a scenario knows what was granted, started, sent and acknowledged.

When either end goes, the tap closes the other: both see what they would see without it.
"""

import asyncio
import collections
import json
import struct
import threading
import time

KINDS = {
    1: "hello", 2: "requestWork", 3: "started", 4: "results", 5: "failure", 6: "release", 7: "heartbeat",
    8: "goodbye", 33: "welcome", 34: "rejected", 35: "lease", 36: "recorded", 37: "revoke", 38: "dismiss",
    39: "beat", 41: "drain", 42: "unknownSession", 43: "refused"}

Message = collections.namedtuple("Message", "time connection kind meta")


class Frames:
    """ZMTP 3 bytes of one direction, cut into frames; only messages, no commands."""

    GREETING = 64

    def __init__(self):
        self.buffer = bytearray()
        self.skipped = False

    def feed(self, data):
        self.buffer += data
        if not self.skipped:
            if len(self.buffer) < self.GREETING:
                return
            del self.buffer[:self.GREETING]
            self.skipped = True
        while len(self.buffer) >= 2:
            flags = self.buffer[0]
            header = 9 if flags & 2 else 2
            if len(self.buffer) < header:
                return
            size = struct.unpack(">Q", self.buffer[1:9])[0] if flags & 2 else self.buffer[1]
            if len(self.buffer) < header + size:
                return
            body = bytes(self.buffer[header:header + size])
            del self.buffer[:header + size]
            if not flags & 4:
                yield body


class Tap:
    """Listens on one endpoint (a port, or the path of a socket) and forwards to another."""

    def __init__(self, listen, target, on_message, host="127.0.0.1"):
        self.listen, self.target, self.on_message, self.host = listen, target, on_message, host
        self.connections = 0
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        if not self.ready.wait(10):
            raise RuntimeError(f"the tap cannot listen on {listen}")

    def close(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()

    def serve(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(asyncio.start_server(self.accept, self.host, self.listen))
        self.ready.set()
        self.loop.run_forever()

    async def accept(self, reader, writer):
        self.connections += 1
        number = self.connections
        try:
            other_reader, other_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        both = [
            asyncio.ensure_future(self.pump(number, reader, other_writer)),
            asyncio.ensure_future(self.pump(number, other_reader, writer))]
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for task in both:
            task.cancel()
        for end in (writer, other_writer):
            end.transport.abort()

    async def pump(self, number, reader, writer):
        frames = Frames()
        try:
            while data := await reader.read(1 << 18):
                # What passes is told before it is passed on: an acknowledgement that a worker has is
                # one that the scenario knows of.
                for body in frames.feed(data):
                    self.tell(number, body)
                writer.write(data)
                await writer.drain()
        except OSError:
            pass

    def tell(self, number, body):
        if len(body) < 24 or body[:4] != b"SCTM":
            return
        meta = json.loads(body[24:24 + struct.unpack("<I", body[8:12])[0]])
        kind = KINDS.get(body[6], str(body[6]))
        self.on_message(Message(time.monotonic(), number, kind, meta))


class Acknowledged:
    """Which rows a coordinator has said are recorded: those it may never lose again."""

    def __init__(self):
        self.lock = threading.Lock()
        self.sent = {}  # session: {number: ordinals}
        self.rows = set()

    def take(self, message):
        meta = message.meta
        with self.lock:
            if message.kind == "welcome":
                self.sent[meta["session"]] = {}
            elif message.kind == "results":
                self.sent.setdefault(meta["session"], {})[meta["number"]] = meta["ordinals"]
            elif message.kind == "failure":
                # A failed row may be tried again: its acknowledgement is not an outcome.
                self.sent.setdefault(meta["session"], {})[meta["number"]] = []
            elif message.kind in ("recorded", "beat"):
                number = meta["number"] if message.kind == "recorded" else meta["recordedNumber"]
                refused = set(meta.get("refusedOrdinals", ()))
                sent = self.sent.get(meta["session"], {})
                for past in [past for past in sent if past <= number]:
                    self.rows.update(row for row in sent.pop(past) if row not in refused)

    def snapshot(self):
        with self.lock:
            return set(self.rows)
