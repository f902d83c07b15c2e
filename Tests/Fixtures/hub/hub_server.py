"""A model hub on loopback for tests: the hub's addresses and headers, and faults on request.

Prints its port, then serves until standard input ends. Behaviour is chosen by repository:

    owner/plain        small files with git's blob id, weights behind a redirect to another host
    owner/interrupted  the first transfer of the weights ends half way
    owner/corrupt      the weights are not what their digest says
    owner/wrongrange   continued transfers begin at the wrong place
    owner/gated, owner/private, owner/absent, owner/norevision, owner/failing   refusals
    owner/moved        relative redirects to owner/plain
    owner/bin, owner/sharded, owner/empty   other sets of files
    owner/languages    adapters of four languages, one of them in both forms
    owner/endless      a redirect to itself
    owner/huge         weights of an impossible size

Each request is appended to the file named on the command line, one JSON object a line.
"""

import hashlib
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"
WEIGHTS = bytes(range(256)) * 400
SMALL = {
    "config.json": b'{"model_type": "wav2vec2"}\n',
    "preprocessor_config.json": b'{"do_normalize": true}\n',
    "vocab.json": b'{"<pad>": 0}\n',
    "README.md": b"not needed\n",
}
INDEX = json.dumps(
    {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
).encode()

interrupted = set()
lock = threading.Lock()


def files(name):
    found = dict(SMALL)
    if name == "bin":
        found["pytorch_model.bin"] = WEIGHTS
    elif name == "sharded":
        found["model.safetensors.index.json"] = INDEX
        found["model-00001-of-00002.safetensors"] = WEIGHTS[:1000]
        found["model-00002-of-00002.safetensors"] = WEIGHTS[1000:3000]
    elif name != "empty":
        found["model.safetensors"] = WEIGHTS
        found["pytorch_model.bin"] = b"not to be fetched"
    if name == "languages":
        for file in ("deu.safetensors", "deu.bin", "fra.bin", "azj-script_latin.safetensors", "azj-script_cyrillic.safetensors"):
            found[f"adapter.{file}"] = file.encode()
    return found


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        self.answer(True)

    def do_HEAD(self):
        self.answer(False)

    def answer(self, has_body):
        self.has_body = has_body
        entry = {
            "method": self.command,
            "path": self.path,
            "host": self.headers.get("Host", ""),
            "token": self.headers.get("Authorization", ""),
            "range": self.headers.get("Range", ""),
        }
        with lock, open(sys.argv[1], "a") as log:
            log.write(json.dumps(entry) + "\n")
        parts = self.path.strip("/").split("/")
        if parts[0] == "api":
            return self.answer_repository(parts[3], parts[5])
        if parts[0] == "storage":
            return self.answer_storage(parts[1], parts[2])
        return self.answer_file(parts[1], parts[3], parts[4])

    def answer_repository(self, name, revision):
        refusals = {
            "gated": (403, "GatedRepo"),
            "private": (401, "RepoNotFound"),
            "absent": (404, "RepoNotFound"),
            "norevision": (404, "RevisionNotFound"),
            "failing": (503, ""),
        }
        if name in refusals:
            status, code = refusals[name]
            return self.send(status, b"{}", {"X-Error-Code": code})
        if name == "moved":
            return self.redirect(307, f"/api/models/owner/plain/revision/{revision}")
        if name == "endless":
            return self.redirect(307, self.path)
        listing = {"sha": COMMIT, "siblings": [{"rfilename": file} for file in files(name)]}
        self.send(200, json.dumps(listing).encode())

    def answer_file(self, name, revision, file):
        if name == "moved":
            return self.redirect(307, f"/owner/plain/resolve/{revision}/{file}")
        contents = files(name).get(file)
        if contents is None or revision != COMMIT:
            return self.send(404, b"", {"X-Error-Code": "EntryNotFound"})
        if file in SMALL or file.endswith(".index.json"):
            header = f"blob {len(contents)}\0".encode()
            tag = hashlib.sha1(header + contents).hexdigest()
            return self.send(200, contents, {"ETag": f'"{tag}"', "X-Repo-Commit": COMMIT})
        size = 10**15 if name == "huge" else len(contents)
        port = self.server.server_address[1]
        # Another host name, as a hub's storage has.
        self.redirect(
            302,
            f"http://localhost:{port}/storage/{name}/{file}?signature=x",
            {
                "X-Linked-ETag": f'"{hashlib.sha256(contents).hexdigest()}"',
                "X-Linked-Size": str(size),
                "ETag": '"of-the-redirect"',
            },
        )

    def answer_storage(self, name, file):
        file = file.split("?")[0]
        contents = files(name)[file]
        if name == "corrupt":
            contents = contents[:-1] + b"!"
        start = 0
        wanted = self.headers.get("Range")
        if wanted:
            start = int(wanted.removeprefix("bytes=").split("-")[0])
            if start >= len(contents):
                return self.send(416, b"")
        headers = {"ETag": '"of-the-storage"'}
        if wanted:
            told = start + 1 if name == "wrongrange" else start
            headers["Content-Range"] = f"bytes {told}-{len(contents) - 1}/{len(contents)}"
        cut = None
        if name in ("interrupted", "wrongrange") and (name, file) not in interrupted:
            interrupted.add((name, file))
            cut = len(contents) // 2
        self.send(206 if wanted else 200, contents[start:], headers, cut)

    def redirect(self, status, location, headers=None):
        self.send(status, b"moved", {"Location": location, **(headers or {})})

    def send(self, status, body, headers=None, cut=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.has_body:
            self.wfile.write(body if cut is None else body[:cut])
        if cut is not None:
            self.close_connection = True


class Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        pass  # a client that hangs up is part of some tests


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
