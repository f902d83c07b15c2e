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
    bucket        an object store: requests must be signed by key "bench:tester", secret "testing", region "here-1"; it
                  lists all files below talks/ (ListObjectsV2), two on a page, and takes objects, whole or in parts; the
                  first request for each part is answered with 503, and each for the object "busy"; the session token "expired" gets
                  400, and so does "for-two" after two requests; so is every host that is named bucket.…
    api, datasets a hub with one data set, o/n, all files in its folder d, two on a page; its files are elsewhere: at /cdn
    cdn           as plain
    lend          the services that lend the keys of the bucket: a machine's metadata (version 2), a container's role, the
                  token service and single sign-on, each with the token that belongs to it

Each request is appended to LOG, one JSON object a line.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FOLDER, LOG = sys.argv[1], sys.argv[2]
ACCESS, SECRET, REGION = "bench:tester", "testing", "here-1"

counts = {}
parts = {}
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
    if any(name not in handler.headers for name in names):
        return False
    fields = "".join(f"{name}:{handler.headers.get(name, '').strip()}\n" for name in names)
    path, _, query = handler.path.partition("?")
    if query.split("&") != sorted(query.split("&")):
        return False
    canonical = "\n".join(
        [handler.command, path, query, fields, ";".join(names), handler.headers["x-amz-content-sha256"]])
    text = "\n".join(
        ["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + SECRET).encode()
    for part in (date[:8], REGION, "s3", "aws4_request"):
        key = digest(key, part)
    expected = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, words.get("Signature", ""))


def files():
    """Names and sizes, in the order of bytes."""
    names = [name for name in os.listdir(FOLDER) if os.path.isfile(os.path.join(FOLDER, name))]
    return [(name, os.path.getsize(os.path.join(FOLDER, name)))
            for name in sorted(names, key=os.fsencode)]


def listing(query):
    """A page of ListObjectsV2, whose token needs encoding."""
    prefix = query.get("prefix", [""])[0]
    keys = [(f"talks/{name}", size) for name, size in files()]
    keys = [(key, size) for key, size in [("talks/", 0)] + keys if key.startswith(prefix)]
    start = int(query.get("continuation-token", ["+/=0"])[0].removeprefix("+/="))
    page, more = keys[start:start + 2], start + 2 < len(keys)
    contents = "".join(
        f"<Contents><Key>{urllib.parse.quote(key)}</Key><ETag>&quot;1&quot;</ETag><Size>{size}</Size>"
        "<Owner><ID>x</ID></Owner></Contents>" for key, size in page)
    token = f"<NextContinuationToken>+/={start + 2}</NextContinuationToken>" if more else ""
    return ('<?xml version="1.0" encoding="UTF-8"?>\n'
            '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name>'
            f"<IsTruncated>{str(more).lower()}</IsTruncated>{contents}{token}</ListBucketResult>")


def lent(handler, path, query):
    """The status and the answer of a service that lends keys."""
    fields = handler.headers
    keys = {"Code": "Success", "AccessKeyId": ACCESS, "SecretAccessKey": SECRET, "Token": "for-an-hour",
            "Expiration": "2030-01-01T00:00:00Z"}
    role = "/latest/meta-data/iam/security-credentials/"
    if handler.command == "PUT":
        named = path == "/latest/api/token" and fields.get("X-aws-ec2-metadata-token-ttl-seconds")
        return (200, "machine-token") if named else (400, "")
    if path.startswith(role):
        if fields.get("X-aws-ec2-metadata-token") != "machine-token":
            return 401, ""
        return (200, "archive reader\n") if path == role else \
            (200, json.dumps(keys)) if path == role + "archive%20reader" else (404, "")
    if path == "/container":
        return (200, json.dumps(keys)) if fields.get("Authorization") == "container-token" else (403, "")
    if path == "/federation/credentials":
        wanted = {"account_id": ["123456789012"], "role_name": ["Reader"]}
        if query != wanted or fields.get("x-amz-sso_bearer_token") != "signed-on":
            return 401, ""
        return 200, json.dumps({"roleCredentials": {
            "accessKeyId": ACCESS, "secretAccessKey": SECRET, "sessionToken": "for-an-hour", "expiration": 1893456000000}})
    if path == "/" and query == {
            "Action": ["AssumeRoleWithWebIdentity"], "Version": ["2011-06-15"], "WebIdentityToken": ["pod.token=="],
            "RoleArn": ["arn:aws:iam::123456789012:role/reader"], "RoleSessionName": ["scriptorium"]}:
        return 200, ('<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
                     "<AssumeRoleWithWebIdentityResult><AssumedRoleUser><Arn>a</Arn></AssumedRoleUser><Credentials>"
                     f"<AccessKeyId>{ACCESS}</AccessKeyId><SecretAccessKey>{SECRET}</SecretAccessKey>"
                     "<SessionToken>for-an-hour</SessionToken></Credentials></AssumeRoleWithWebIdentityResult>"
                     "</AssumeRoleWithWebIdentityResponse>")
    return 403, ""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_PUT(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        path, _, text = self.path.partition("?")
        query = urllib.parse.parse_qs(text, keep_blank_values=True)
        name = urllib.parse.unquote(path.strip("/").split("/")[-1])
        with lock:
            turn = counts[self.path] = counts.get(self.path, 0) + 1
            with open(LOG, "a") as log:
                log.write(json.dumps({"method": self.command, "path": self.path, "count": len(body)}) + "\n")
        if path.startswith("/lend/"):
            status, answer = lent(self, path.removeprefix("/lend"), query)
            return self.send(status, answer.encode())
        if not is_signed(self):
            return self.send(403, b"<Error><Code>AccessDenied</Code></Error>")
        if self.headers.get("x-amz-security-token") == "for-two":
            with lock:
                uses = counts["for-two"] = counts.get("for-two", 0) + 1
            if uses > 2:
                return self.send(400, b"<Error><Code>ExpiredToken</Code></Error>")
        if name == "busy":
            return self.send(503, b"<Error><Code>SlowDown</Code></Error>", {"Retry-After": "0"})
        sum = base64.b64encode(hashlib.md5(body).digest()).decode()
        if body and self.headers.get("Content-MD5") != sum:
            return self.send(400, b"<Error><Code>BadDigest</Code></Error>")
        tag = f'"{hashlib.md5(body).hexdigest()}"'
        if "uploads" in query:
            return self.send(200, b"<InitiateMultipartUploadResult><UploadId>a+/b=</UploadId>"
                                  b"</InitiateMultipartUploadResult>")
        if "uploadId" not in query:
            with open(os.path.join(FOLDER, name), "wb") as file:
                file.write(body)
            return self.send(200, b"", {"ETag": tag})
        if query["uploadId"] != ["a+/b="]:
            return self.send(404, b"<Error><Code>NoSuchUpload</Code></Error>")
        if "partNumber" in query:
            if turn == 1:
                return self.send(503, b"<Error><Code>SlowDown</Code></Error>", {"Retry-After": "0"})
            with lock:
                parts[name, int(query["partNumber"][0])] = (tag, body)
            return self.send(200, b"", {"ETag": tag})
        if self.command == "DELETE":
            return self.send(204, b"")
        named = re.findall(r"<Part><PartNumber>(\d+)</PartNumber><ETag>([^<]*)</ETag></Part>", body.decode())
        found = [parts.get((name, int(number)), ("", b"")) for number, _ in named]
        if "refused" in name or [tag for tag, _ in found] != [tag for _, tag in named]:
            return self.send(200, b"<Error><Code>InvalidPart</Code></Error>")
        with open(os.path.join(FOLDER, name), "wb") as file:
            file.write(b"".join(body for _, body in found))
        self.send(200, b"<CompleteMultipartUploadResult><ETag>&quot;x-3&quot;</ETag>"
                       b"</CompleteMultipartUploadResult>")

    do_POST = do_DELETE = do_PUT

    def do_GET(self):
        path = self.path.split("?")[0]
        steps = path.strip("/").split("/")
        kind, name = steps[0], urllib.parse.unquote(steps[-1])
        host = self.headers.get("Host", "")
        if host.startswith("bucket."):
            kind = "bucket"
        with lock:
            turn = counts[path] = counts.get(path, 0) + 1
            with open(LOG, "a") as log:
                log.write(json.dumps({
                    "path": self.path, "host": host, "payer": self.headers.get("x-amz-request-payer"),
                    "range": self.headers.get("Range"),
                    "if_match": self.headers.get("If-Match"),
                    "token": self.headers.get("x-amz-security-token")}) + "\n")
        if kind == "always-busy" or kind == "busy" and turn <= 2:
            return self.send(503, b"busy", {"Retry-After": "0"})
        if kind == "refused" or kind == "bucket" and not is_signed(self):
            return self.send(403, b"<Error><Code>AccessDenied</Code></Error>")
        if kind == "bucket" and self.headers.get("x-amz-security-token") == "expired":
            return self.send(400, b"<Error><Code>ExpiredToken</Code></Error>")
        if kind in ("away", "near"):
            host = "localhost" if kind == "away" else "127.0.0.1"
            port = self.server.server_address[1]
            return self.send(302, b"", {"Location": f"http://{host}:{port}/plain/{steps[-1]}"})
        query = urllib.parse.parse_qs(self.path.partition("?")[2])
        if kind == "lend":
            status, answer = lent(self, path.removeprefix("/lend"), query)
            return self.send(status, answer.encode())
        if kind == "bucket" and query.get("list-type") == ["2"]:
            return self.send(200, listing(query).encode())
        if kind == "api":
            return self.hub(steps, query)
        if kind == "datasets":
            return self.send(302, b"", {"Location": f"/cdn/{steps[-1]}", "ETag": '"hub"'})
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
        start, end = 0, len(body)
        headers = {"ETag": tag}
        if wanted:
            first_byte, last_byte = wanted.removeprefix("bytes=").split("-")
            start = int(first_byte)
            if start >= len(body):
                return self.send(416, b"", {"Content-Range": f"bytes */{len(body)}"})
            if last_byte:
                end = min(end, int(last_byte) + 1)
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(body)}"
        body = body[start:end]
        self.send(206 if wanted else 200, body, headers, len(body) // 2 if first else None)

    def hub(self, steps, query):
        if steps[-2:] == ["revision", "main"]:
            return self.send(200, json.dumps({"sha": "c0ffee"}).encode())
        if steps[:6] != ["api", "datasets", "o", "n", "tree", "c0ffee"]:
            return self.send(404, b"none")
        start = int(query.get("cursor", ["0"])[0])
        entries = [{"type": "directory", "path": "d"}] + [
            {"type": "file", "path": f"d/{name}", "size": size} for name, size in files()]
        host = self.headers["Host"]
        more = {"Link": f'<http://{host}/{"/".join(steps)}?cursor={start + 2}>; rel="next"'}
        self.send(200, json.dumps(entries[start:start + 2]).encode(),
                  more if start + 2 < len(entries) else {})

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
