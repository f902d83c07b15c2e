"""An object store that misbehaves, for `make sources`.

Usage: faulty_server.py FOLDER LOG [--latency MS] [--rate BYTES] [--link BYTES] [--faults busy=PERCENT,cut=PERCENT,stall=PERMILLE,changed=PERMILLE]

Prints its port, then serves /bucket/talks/NAME from FOLDER until standard input ends. Which requests meet a fault is drawn
from a seed, so that a run can be repeated. An object that changes is another one, of the same length, from its second
request on; the bytes of the file count then. LOG has one line for each request: the time, the path, and what came of it.
"""

import argparse
import os
import random
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("log")
parser.add_argument("--latency", type=float, default=0, help="milliseconds before each answer")
parser.add_argument("--rate", type=int, default=0, help="bytes a second of each connection")
parser.add_argument("--link", type=int, default=0, help="bytes a second of all connections together")
parser.add_argument("--faults", default="")
parser.add_argument("--seed", type=int, default=1)
settings = parser.parse_args()
faults = {key: float(value) for key, value in (
    part.split("=") for part in settings.faults.split(",") if part)}
lock = threading.Lock()
drawn = random.Random(settings.seed)
requests = {}
changing = set()
log = open(settings.log, "a", buffering=1)
STALL_SECONDS = 90
# When the link is free again for the next piece.
link_free = 0.0


def wait_for_link(count):
    """Until the link has sent so many bytes more, each piece after those before it, whose connection it may be."""
    global link_free
    with lock:
        link_free = max(link_free, time.monotonic()) + count / settings.link
        end = link_free
    time.sleep(max(0.0, end - time.monotonic()))


def draw(path):
    """What this request meets, and whether the object has changed since it was first asked for."""
    with lock:
        count = requests[path] = requests.get(path, 0) + 1
        if count == 1 and drawn.random() * 1000 < faults.get("changed", 0):
            changing.add(path)
        point = drawn.random() * 1000
        for kind, share in (("busy", faults.get("busy", 0) * 10), ("cut", faults.get("cut", 0) * 10),
                            ("stall", faults.get("stall", 0) * 10)):
            if point < share:
                return kind, count
            point -= share
        return "", count


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        path = urllib.parse.unquote(self.path.split("?")[0])
        kind, count = draw(path)
        time.sleep(settings.latency / 1000)
        name = os.path.join(settings.folder, path.removeprefix("/bucket/talks/"))
        with lock:
            log.write(f"{time.time():.3f} {path} {kind or 'whole'}\n")
        if kind == "busy":
            return self.send(503, b"busy", {"Retry-After": "1"})
        if not os.path.isfile(name):
            return self.send(404, b"none", {})
        with open(name, "rb") as file:
            body = file.read()
        tag = '"1"'
        cut = None
        if path in changing:
            if count == 1:
                # What nobody may put together with what follows.
                body, cut = bytes(len(body)), len(body) // 2
            else:
                tag = '"2"'
        if self.headers.get("If-Match", tag) != tag:
            return self.send(412, b"", {})
        wanted = self.headers.get("Range", "")
        start, end = 0, len(body)
        headers = {"ETag": tag}
        if wanted:
            first, last = wanted.removeprefix("bytes=").split("-")
            start, end = int(first), min(end, int(last) + 1) if last else end
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(body)}"
        body = body[start:end]
        if kind in ("cut", "stall"):
            cut = len(body) // 2
        self.send(206 if wanted else 200, body, headers, cut, kind == "stall")

    def send(self, status, body, headers, cut=None, stalls=False):
        self.send_response(status)
        for field in headers.items():
            self.send_header(*field)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        rest = memoryview(body if cut is None else body[:cut])
        while rest:
            piece, rest = rest[:16384], rest[16384:]
            if settings.link:
                wait_for_link(len(piece))
            self.wfile.write(piece)
            if settings.rate:
                time.sleep(len(piece) / settings.rate)
        if stalls:
            time.sleep(STALL_SECONDS)
        if cut is not None:
            self.close_connection = True


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # clients that are killed are part of the run


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
