"""A real object store on loopback, for `make sources`: OpenStack Swift with its S3 interface, as Debian has it.

It checks signatures (version 4) of every request, sends parts of objects, and takes keys with spaces, letters beyond ASCII
and most signs. Nothing is shared with the signing of the program: what is uploaded here is signed by the code below.

Root has the packages installed where they are missing.
"""

import datetime
import hashlib
import hmac
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request

ACCESS, SECRET, REGION = "bench:tester", "testing", "us-east-1"
PARTS = ("account", "container", "object", "proxy")
PACKAGES = "swift-proxy swift-account swift-container swift-object"


def install():
    """Installs the store where it is missing, as root; says what to do else."""
    if all(shutil.which(f"swift-{part}-server") for part in PARTS):
        return
    if os.geteuid() != 0:
        sys.exit(f"no object store is here: apt-get install --no-install-recommends {PACKAGES}")
    quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for command in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES.split()]):
        subprocess.run(["apt-get", "-q", *command], env=quiet, check=True, stdout=subprocess.DEVNULL)


SERVER = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = {user}
swift_dir = {folder}/etc
devices = {folder}/node
mount_check = false
recon_cache_path = {folder}/run
log_level = ERROR
log_address = {folder}/none
[pipeline:main]
pipeline = {part}-server
[app:{part}-server]
use = egg:swift#{part}
"""

PROXY = """[DEFAULT]
bind_ip = {address}
bind_port = {port}
workers = 0
user = {user}
swift_dir = {folder}/etc
log_level = ERROR
log_address = {folder}/none
[pipeline:main]
pipeline = catch_errors gatekeeper cache listing_formats s3api tempauth slo proxy-server
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_bench_tester = testing .admin
[filter:slo]
use = egg:swift#slo
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
"""


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class ObjectStore:
    """Runs until `end`.

    `address` is where it is asked; its parts ask each other on loopback.
    """

    def __init__(self, folder, address="127.0.0.1"):
        install()
        self.folder, self.processes = folder, []
        ports = dict(zip(PARTS, free_ports(len(PARTS))))
        self.host = f"{address}:{ports['proxy']}"
        user = subprocess.run(["id", "-un"], capture_output=True, text=True).stdout.strip()
        for name in ("etc", "node/d1", "run"):
            os.makedirs(os.path.join(folder, name))
        etc = os.path.join(folder, "etc")
        with open(os.path.join(etc, "swift.conf"), "w") as file:
            file.write("[swift-hash]\nswift_hash_path_prefix = a\nswift_hash_path_suffix = b\n"
                       "[storage-policy:0]\nname = gold\ndefault = yes\n")
        for part in PARTS:
            text = PROXY if part == "proxy" else SERVER
            with open(os.path.join(etc, f"{part}-server.conf"), "w") as file:
                file.write(text.format(port=ports[part], folder=folder, part=part, user=user, address=address))
            if part == "proxy":
                continue
            builder = os.path.join(etc, f"{part}.builder")
            for arguments in (["create", "6", "1", "1"],
                              ["add", "--region", "1", "--zone", "1", "--ip", "127.0.0.1", "--port",
                               str(ports[part]), "--device", "d1", "--weight", "1"],
                              ["rebalance"]):
                subprocess.run(["swift-ring-builder", builder] + arguments, check=True, cwd=etc,
                               stdout=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin"})
        log = open(os.path.join(folder, "log"), "w")
        for part in PARTS:
            # Debian's own Python runs it, whatever else is on the path.
            self.processes.append(subprocess.Popen(
                [f"/usr/bin/swift-{part}-server", os.path.join(etc, f"{part}-server.conf")],
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True))
        for _ in range(600):
            try:
                self.request("PUT", "/bucket")
                return
            except OSError as error:
                last = error
                time.sleep(0.1)
        self.end()
        with open(os.path.join(folder, "log")) as file:
            sys.exit(f"the object store does not begin ({last}):\n{file.read()[-2000:]}")

    @property
    def endpoint(self):
        return f"http://{self.host}"

    @property
    def environment(self):
        return {"AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": REGION,
                "AWS_ENDPOINT_URL_S3": self.endpoint}

    def request(self, method, path, body=b"", query=""):
        """A signed request; `path` is not encoded yet, `query` is, in the order of its names."""
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        uri, content = urllib.parse.quote(path, safe="/-_.~"), hashlib.sha256(body).hexdigest()
        fields = {"host": self.host, "x-amz-content-sha256": content, "x-amz-date": now}
        names, scope = ";".join(sorted(fields)), f"{now[:8]}/{REGION}/s3/aws4_request"
        canonical = "\n".join([method, uri, query, *(f"{name}:{fields[name]}" for name in sorted(fields)), "",
                               names, content])
        text = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = ("AWS4" + SECRET).encode()
        for step in (now[:8], REGION, "s3", "aws4_request"):
            key = hmac.new(key, step.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        fields.pop("host")
        fields["Authorization"] = (f"AWS4-HMAC-SHA256 Credential={ACCESS}/{scope}, SignedHeaders={names}, "
                                   f"Signature={signature}")
        fields["Content-Type"] = "application/octet-stream"
        with urllib.request.urlopen(urllib.request.Request(
                self.endpoint + uri + (f"?{query}" if query else ""), method=method, data=body if method == "PUT" else None,
                headers=fields)) as answer:
            return answer.read()

    def put(self, key, body):
        self.request("PUT", f"/bucket/{key}", body)

    def end(self):
        for process in self.processes:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
