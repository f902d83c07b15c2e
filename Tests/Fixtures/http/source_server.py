"""Recordings on loopback for tests: a web server and an object store, with faults on request.

Usage: source_server.py FOLDER LOG

Prints its port, then serves until standard input ends. The first step of a path says how the file of FOLDER that the
last one names is answered:

    plain         as a server should: ranges, If-Match, an ETag
    broken        the first answer ends half way
    norange       the same, and ranges are not known
    busy          the first two answers are 503
    always-busy   every answer is 503
    changing      the first answer ends half way, and the object is another one then
    refused       403
    away          a redirect to this server under the name localhost
    near          a redirect to /plain on the same host
    bucket        an object store: requests must be signed by key "bench:tester", secret "testing", region "here-1"

Each request is appended to LOG, one JSON object a line.
"""

import hashlib
import hmac
import json
import os
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FOLDER, LOG = sys.argv[1], sys.argv[2]
ACCESS, SECRET, REGION = "bench:tester", "testing", "here-1"

counts = {}
lock = threading.Lock()


def digest(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def is_signed(handler):
    """Signature version 4, computed anew from the request as it came."""
    words = dict(
        part.strip().split("=", 1)
        for part in handler.headers.get("Authorization", "").replace("AWS4-HMAC-SHA256", "").split(",")
        if "=" in part)
    date = handler.headers.get("x-amz-date", "")
    scope = f"{date[:8]}/{REGION}/s3/aws4_request"
    if words.get("Credential") != f"{ACCESS}/{scope}":
        return False
    names = words.get("SignedHeaders", "").split(";")
    if not {"host", "x-amz-date", "x-amz-content-sha256"} <= set(names):
        return False
    fields = "".join(f"{name}:{handler.headers.get(name, '').strip()}\n" for name in names)
    path, _, query = handler.path.partition("?")
    canonical = "\n".join(
        ["GET", path, query, fields, ";".join(names), handler.headers["x-amz-content-sha256"]])
    text = "\n".join(
        ["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + SECRET).encode()
    for part in (date[:8], REGION, "s3", "aws4_request"):
        key = digest(key, part)
    expected = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, words.get("Signature", ""))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        path = self.path.split("?")[0]
        steps = path.strip("/").split("/")
        kind, name = steps[0], urllib.parse.unquote(steps[-1])
        with lock:
            turn = counts[path] = counts.get(path, 0) + 1
            with open(LOG, "a") as log:
                log.write(json.dumps({
                    "path": self.path, "range": self.headers.get("Range"),
                    "if_match": self.headers.get("If-Match"),
                    "token": self.headers.get("x-amz-security-token")}) + "\n")
        if kind == "always-busy" or kind == "busy" and turn <= 2:
            return self.send(503, b"busy", {"Retry-After": "0"})
        if kind == "refused" or kind == "bucket" and not is_signed(self):
            return self.send(403, b"<Error><Code>AccessDenied</Code></Error>")
        if kind in ("away", "near"):
            host = "localhost" if kind == "away" else "127.0.0.1"
            port = self.server.server_address[1]
            return self.send(302, b"", {"Location": f"http://{host}:{port}/plain/{steps[-1]}"})
        if not os.path.isfile(os.path.join(FOLDER, name)):
            return self.send(404, b"none")
        with open(os.path.join(FOLDER, name), "rb") as file:
            body = file.read()
        tag = '"1"'
        if kind == "changing" and turn > 1:
            tag = '"2"'
        if self.headers.get("If-Match", tag) != tag:
            return self.send(412, b"")
        if kind == "changing" and turn == 1:
            body = bytes(len(body))
        first = turn == 1 and kind in ("broken", "norange", "changing")
        wanted = self.headers.get("Range", "") if kind != "norange" else ""
        start = int(wanted.removeprefix("bytes=").split("-")[0]) if wanted else 0
        headers = {"ETag": tag}
        if wanted:
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        self.send(206 if wanted else 200, body[start:], headers, len(body) // 2 if first else None)

    def send(self, status, body, headers=None, cut=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if cut is None else body[:cut])
        if cut is not None:
            self.close_connection = True


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a client that hangs up is part of some tests


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
