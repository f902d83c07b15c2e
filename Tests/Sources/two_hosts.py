"""The section of cluster/README.md about object stores, as a new user follows it: two_hosts.py

Three hosts, each with a network, a home and a folder of its own: one for the coordinator, two for workers. A real store
(object_store.py) has a folder of recordings, and other objects. The lines of the page are run as they
stand, the first block on the coordinator's host, the second on both workers', the third on the coordinator's again; only keys in
capitals and the name of the model are replaced. Then the store must hold a record and a file of subtitles for each recording,
as a run over the files gives them, and both workers must have taken part. As root.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse

import object_store

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.path.join(os.environ.get("SCRIPTORIUM_BUILD", os.path.join(ROOT, ".build/release")), "scriptorium")
MODEL = os.path.join(ROOT, "models/digits-en")
AUDIO = os.path.join(ROOT, "manifests/examples/audio")
PAGE, SECTION = os.path.join(ROOT, "cluster", "README.md"), "## From an object store, and back"
STORE, COORDINATOR, WORKERS = "10.0.0.1", ("co", "10.0.0.5"), [("w1", "10.0.0.6"), ("w2", "10.0.0.7")]
TIMES = 12


def blocks():
    """The commands of the section's three blocks."""
    with open(PAGE) as file:
        section = file.read().split(f"\n{SECTION}\n")[1].split("\n## ")[0]
    found = re.findall(r"^```\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    assert len(found) == 3, "the section has other blocks"
    return [" ".join(re.sub(r"\\\n\s*", " ", text).split()) for text in found]


def network():
    """A bridge with the store's address, and hosts on it; all of it is gone with this process's own network."""
    def ip(*words):
        subprocess.run(["ip", *words], check=True)
    ip("link", "set", "lo", "up")
    ip("link", "add", "stores", "type", "bridge")
    ip("addr", "add", f"{STORE}/24", "dev", "stores")
    ip("link", "set", "stores", "up")
    hosts = {}
    for name, address in [COORDINATOR, *WORKERS]:
        holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        while os.readlink(f"/proc/{holder.pid}/ns/net") == os.readlink("/proc/self/ns/net"):
            time.sleep(0.01)
        ip("link", "add", f"to-{name}", "type", "veth", "peer", "name", "eth0", "netns", str(holder.pid))
        ip("link", "set", f"to-{name}", "master", "stores", "up")
        hosts[name] = holder
        enter = ["nsenter", f"--net=/proc/{holder.pid}/ns/net", "ip"]
        for words in (["addr", "add", f"{address}/24", "dev", "eth0"], ["link", "set", "eth0", "up"],
                      ["link", "set", "lo", "up"]):
            subprocess.run([*enter, *words], check=True)
    return hosts


class Host:
    def __init__(self, name, holder, folder, settings):
        self.name, self.holder, self.folder = name, holder, os.path.join(folder, name)
        os.makedirs(os.path.join(self.folder, "bin"))
        os.symlink(PROGRAM, os.path.join(self.folder, "bin", "scriptorium"))
        self.environment = {
            **settings, "HOME": self.folder, "PATH": f"{self.folder}/bin:{os.environ['PATH']}", "LC_ALL": "C.UTF-8",
            "TMPDIR": self.folder}

    def start(self, line):
        log = open(os.path.join(self.folder, "log"), "w+")
        return subprocess.Popen(
            ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net", "bash", "-c", f"exec {line}"], cwd=self.folder,
            env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log), log

    def run(self, line):
        process, log = self.start(line)
        status = process.wait(timeout=300)
        log.seek(0)
        said = log.read()
        assert status == 0, f"{self.name}: {line}: {status}: {said}"
        return said

    def key(self):
        return re.search(r"\b[0-9a-f]{64}\b", self.run("scriptorium keys new"))[0]


def objects(store, prefix):
    query = f"list-type=2&max-keys=1000&prefix={urllib.parse.quote(prefix, safe='')}"
    return re.findall(r"<Key>([^<]*)</Key>", store.request("GET", "/archive", query=query).decode())


def main():
    if os.geteuid() != 0:
        print("this bed makes networks: run it as root")
        return 77
    if os.environ.get("SCRIPTORIUM_STORE_NETWORK") != "own":
        return subprocess.run(["unshare", "--net", sys.executable, *sys.argv],
                              env={**os.environ, "SCRIPTORIUM_STORE_NETWORK": "own"}).returncode
    with tempfile.TemporaryDirectory(prefix="two-hosts-") as folder:
        hosts, store = network(), None
        try:
            store = object_store.ObjectStore(os.path.join(folder, "store"), address=STORE)
            return play(folder, hosts, store)
        finally:
            for holder in hosts.values():
                holder.kill()
            if store:
                store.end()


def play(folder, holders, store):
    store.request("PUT", "/archive")
    clips = sorted(name for name in os.listdir(AUDIO) if name.endswith(".wav"))
    names = []
    for number in range(TIMES):
        for clip in clips:
            with open(os.path.join(AUDIO, clip), "rb") as file:
                names.append(f"{number:02} é/{clip}")
                store.request("PUT", f"/archive/talks/{names[-1]}", file.read())
    store.request("PUT", "/archive/others/0.wav", b"what lies elsewhere is no row")
    names.sort(key=lambda name: name.encode())

    coordinator, *workers = (Host(name, holders[name], folder, store.environment)
                             for name, _ in [COORDINATOR, *WORKERS])
    key = coordinator.key()
    for worker in workers:
        coordinator.run(f"scriptorium keys allow {worker.name} {worker.key()}")
    first, second, third = (
        line.replace("--model m.pt", f"--model {MODEL}").replace("COORDINATORS-KEY", key) for line in blocks())
    begun = time.monotonic()
    job, log = coordinator.start(first)
    others = [worker.start(second) for worker in workers]
    status = job.wait(timeout=300)
    log.seek(0)
    assert status == 0, f"the coordinator ended with {status}: {log.read()}"
    for process, log in others:
        status = process.wait(timeout=60)
        log.seek(0)
        assert status == 0, f"a worker ended with {status}: {log.read()}"
    coordinator.run(third)
    seconds = time.monotonic() - begun

    records = [json.loads(line) for line in store.request("GET", "/archive/text/talks.jsonl").decode().splitlines()]
    rows = os.path.join(folder, "rows.jsonl")
    with open(rows, "w") as file:
        for name in names:
            file.write(json.dumps({"audio_filepath": os.path.join(AUDIO, name.split("/")[1])}) + "\n")
    out = os.path.join(folder, "reference.jsonl")
    subprocess.run([PROGRAM, "transcribe", rows, "--model", MODEL, "-o", out, "--quiet"], check=True)
    with open(out) as file:
        reference = [json.loads(line) for line in file]
    assert [record["audio_filepath"] for record in records] == [f"s3://archive/talks/{name}" for name in names]
    for record in records + reference:
        del record["audio_filepath"]
    assert records == reference, "the records are others than those of the files"
    report = json.loads(store.request("GET", "/archive/text/talks.jsonl.report.json"))
    took = [worker["slot"] for worker in report["workers"] if worker["rows"] > 0]
    assert len(took) == 2, f"not both workers took part: {report['workers']}"
    subtitles = objects(store, "text/srt/")
    assert len(subtitles) == len(names), f"{len(subtitles)} files of subtitles for {len(names)} recordings"
    print(f"{len(names)} recordings of a store became {len(records)} records and {len(subtitles)} files of subtitles there, by "
          f"two workers on two hosts, in {seconds:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
