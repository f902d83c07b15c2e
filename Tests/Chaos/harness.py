"""What all scenarios share: a scratch folder, processes that are watched and restarted, manifests, keys, and
the comparison of an output with the undisturbed one.

Everything is started by us and stopped by its process number; nothing outlives a `Workspace`.
"""

import ctypes
import hashlib
import json
import os
import random
import resource
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("SCRIPTORIUM_BUILD", os.path.join(ROOT, ".build", "release"))
PROGRAM, STANDIN = os.path.join(BUILD, "scriptorium"), os.path.join(BUILD, "StandInCluster")
MODEL = os.path.join(ROOT, "models", "digits-en")
EXAMPLES = os.path.join(ROOT, "manifests", "examples")

DONE, DONE_WITH_FAILURES, USAGE, REFUSED, STORAGE, TRY_AGAIN, SUPERSEDED = 0, 3, 64, 65, 74, 75, 76
# A supervisor never restarts these (docs/cluster-protocol.md).
FINAL = {DONE, DONE_WITH_FAILURES, USAGE, REFUSED, SUPERSEDED}


LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1


def end_with_parent(number):
    """Asks the kernel to send this process a signal when its parent is gone."""
    LIBC.prctl(PR_SET_PDEATHSIG, number)


# A scenario that is asked to leave leaves nothing behind.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


class Fault(Exception):
    """A promise that was not kept, in a sentence."""


class Workspace:
    """A scratch folder and the processes that run in it; a context manager."""

    def __init__(self, name, base=None):
        self.folder = tempfile.mkdtemp(prefix=f"scriptorium-{name}-", dir=base)
        os.mkdir(self.path("run"), 0o700)
        # Thousands of workers are killed on purpose: where each was need not be written.
        self.environment = {**os.environ, "XDG_RUNTIME_DIR": self.path("run"), "SWIFT_BACKTRACE": "enable=no"}
        self.processes = []
        self.undo = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.kill()
        for step in reversed(self.undo):
            step()
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def start(self, name, command, limits=None, environment=None):
        process = Running(self, name, command, limits or {}, environment or {})
        self.processes.append(process)
        return process

    def run(self, command, accept=(0,), timeout=240):
        """Runs to the end; the text on standard output."""
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=timeout)
        if done.returncode not in accept:
            raise Fault(f"{command[:3]} ended with {done.returncode}: {done.stderr[-500:]}")
        return done.stdout


class Running:
    """One place for a process: started again when it ends, as a supervisor would.

    `limits` hold for its first life only: `memory` (bytes of address space), `files`, `cgroup` (bytes
    resident, where this machine has version 1 groups).
    """

    def __init__(self, workspace, name, command, limits, environment):
        self.workspace, self.name, self.command = workspace, name, command
        self.environment = {**workspace.environment, **environment}
        self.log = open(workspace.path(f"{name.replace('/', '-')}.log"), "ab")
        self.statuses, self.last_words = [], []
        self.process = None
        self.group = None
        self.start(limits)

    def start(self, limits=None):
        self.began = time.monotonic()
        limits = limits or {}

        def prepare():
            os.setsid()
            end_with_parent(signal.SIGKILL)
            if "memory" in limits:
                resource.setrlimit(resource.RLIMIT_AS, (limits["memory"],) * 2)
            if "files" in limits:
                resource.setrlimit(resource.RLIMIT_NOFILE, (limits["files"],) * 2)

        command = self.command
        if "cgroup" in limits:
            self.group = memory_group(self.workspace, limits["cgroup"])
            if self.group:
                join = f"echo $$ > {self.group}/cgroup.procs; exec \"$@\""
                command = ["/bin/sh", "-c", join, "sh", *command]
        self.process = subprocess.Popen(
            command, env=self.environment, stdin=subprocess.DEVNULL, stdout=self.log,
            stderr=self.log, preexec_fn=prepare)

    @property
    def pid(self):
        return self.process.pid

    def ended(self):
        """The status once it has ended, 128 + the signal's number for a signal; None before."""
        status = self.process.poll()
        if status is None:
            return None
        status = 128 - status if status < 0 else status
        return status

    def restart_if_it_should(self):
        """Starts it again if it ended with a status that asks for it; its final status, or None."""
        status = self.ended()
        if status is None:
            return None
        if status in FINAL:
            return status
        self.statuses.append(status)
        if status < 128:
            self.last_words.append(f"{status}: {self.tail(300).strip().splitlines()[-1:]}")
        self.start()
        return None

    def signal(self, number):
        """To the process alone, as its kernel would do it."""
        if self.process.poll() is None:
            os.kill(self.pid, number)

    def kill(self):
        """Ends it and all that it started."""
        if self.process.poll() is None:
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.process.wait()
        self.log.close()

    def tail(self, count=600):
        self.log.flush()
        with open(self.log.name, "rb") as file:
            return file.read()[-count:].decode("utf8", "replace")


def memory_group(workspace, size):
    """A version 1 memory group of that size; None where this machine or user cannot have one."""
    base = "/sys/fs/cgroup/memory"
    if not os.path.exists(f"{base}/memory.limit_in_bytes") or not os.access(base, os.W_OK):
        return None
    group = tempfile.mkdtemp(prefix="scriptorium-", dir=base)

    def remove():
        for _ in range(125):
            try:
                return os.rmdir(group)
            except OSError:
                look_again()

    with open(f"{group}/memory.limit_in_bytes", "w") as file:
        file.write(str(size))
    workspace.undo.append(remove)
    return group


def children(parent):
    """Processes whose parent is `parent`."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as file:
                    if int(file.read().rsplit(")", 1)[1].split()[1]) == parent:
                        found.append(int(name))
            except (OSError, IndexError, ValueError):
                pass
    return sorted(found)


RESERVED = []


def free_port():
    """A port of 127.0.0.1 that nobody else gets while this process lives.

    It stays bound without being listened on, and may be used again: who knows it can listen there.
    """
    probe = socket.socket()
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.bind(("127.0.0.1", 0))
    RESERVED.append(probe)
    return probe.getsockname()[1]


def look_again(seconds=0.02):
    """Waits a little, in loops that have an end."""
    # Ends of several processes, messages that a tap's thread took, groups and mounts that become free, and rows
    # that somebody recorded have nothing in common that could be waited for, and some of them tell nobody.
    time.sleep(seconds)


# Manifests


def speech_manifest(path, times, odd=True, seconds_max=None):
    """The example recordings `times` over, each row with its number; with `odd` also rows that fail."""
    with open(os.path.join(EXAMPLES, "digits.jsonl")) as file:
        examples = [json.loads(line) for line in file if line.strip()]
    if seconds_max:
        examples = [example for example in examples if example["duration"] <= seconds_max]
    rows = []
    for turn in range(times):
        for example in examples:
            audio = os.path.join(EXAMPLES, example["audio_filepath"])
            rows.append({"audio_filepath": audio, "duration": example["duration"]})
        if odd:
            rows.append({"audio_filepath": f"/nowhere/{turn}.wav"})
            rows.append({"audio_filepath": os.path.join(EXAMPLES, "digits.jsonl")})
    write_rows(path, rows)
    return len(rows)


def standin_manifest(path, count):
    write_rows(path, ({"audio_filepath": f"{number}.wav"} for number in range(count)))
    return count


def write_rows(path, rows):
    with open(path, "w") as file:
        for number, row in enumerate(rows):
            # No spaces: the stand-in engine looks for what a row tells it to do.
            file.write(json.dumps({**row, "row": number}, separators=(",", ":")) + "\n")


# Keys


def make_keys(workspace, workers):
    """A coordinator's key and one for each worker; the folder, its public key, the workers' folders."""
    here = workspace.path("keys-coordinator")
    public = workspace.run([PROGRAM, "keys", "new", "--keys", here]).strip()
    folders = []
    for number in range(workers):
        folder = workspace.path(f"keys-{number}")
        key = workspace.run([PROGRAM, "keys", "new", "--keys", folder]).strip()
        workspace.run([PROGRAM, "keys", "allow", f"worker-{number}", key, "--keys", here])
        folders.append(folder)
    return here, public, folders


# Comparison


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def prove(output, manifest):
    """Lets the independent checker hold a finished output to its input, journal and report."""
    checker = os.path.join(os.path.dirname(os.path.abspath(__file__)), "check_output.py")
    done = subprocess.run([sys.executable, checker, output, manifest], capture_output=True, text=True)
    if done.returncode != 0:
        raise Fault(f"the checker disagrees: {done.stdout[-500:]}{done.stderr[-300:]}")


def compare(path, reference):
    """How an output differs from the undisturbed one: counts of rows, all 0 if the bytes are equal.

    Rows carry their number in the field `row`, so that lost, doubled and misplaced ones are told apart.
    """
    counts = {"lost": 0, "doubled": 0, "misplaced": 0, "changed": 0}
    if sha256(path) == sha256(reference):
        return counts
    with open(path, "rb") as file:
        got = file.read().splitlines()
    with open(reference, "rb") as file:
        expected = file.read().splitlines()
    numbers = []
    for line in got:
        try:
            numbers.append(json.loads(line).get("row"))
        except ValueError:
            numbers.append(None)
    seen = {}
    for place, number in enumerate(numbers):
        seen[number] = seen.get(number, 0) + 1
        counts["misplaced"] += number != place
    counts["lost"] = sum(number not in seen for number in range(len(expected)))
    counts["doubled"] = sum(count - 1 for count in seen.values())
    counts["changed"] = sum(a != b for a, b in zip(got, expected))
    if not any(counts.values()):
        counts["changed"] = 1
    return counts


# Command lines of scenarios


def seed_range(text):
    """`7`, or `1-40`."""
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def seeded(seed, *names):
    return random.Random(":".join([str(seed), *names]))


def in_parallel(items, jobs, work):
    """Runs `work` on each item in a process of its own; the results, printed as they come.

    A `Fault` becomes a result with `failure`.
    """
    waiting, running, results = list(items), {}, []
    while waiting or running:
        while waiting and len(running) < jobs:
            item = waiting.pop(0)
            read, write = os.pipe()
            child = os.fork()
            if child == 0:
                end_with_parent(signal.SIGTERM)
                try:
                    os.close(read)
                    with os.fdopen(write, "w") as out:
                        out.write(json.dumps(result_of(work, item)))
                except BaseException:
                    traceback.print_exc()
                finally:
                    os._exit(0)
            os.close(write)
            running[read] = (child, item)
        for read in select.select(list(running), [], [])[0]:
            # Results may be longer than a pipe holds: read to the end.
            child, item = running.pop(read)
            with os.fdopen(read) as file:
                text = file.read()
            os.waitpid(child, 0)
            result = json.loads(text) if text else {"failure": "the scenario itself broke"}
            results.append({"seed": item, **result})
            print(json.dumps(results[-1]), flush=True)
    return results


def result_of(work, item):
    try:
        return work(item)
    except Fault as fault:
        return {"failure": str(fault)}


def missing_packages(*packages):
    """Installs Debian packages that are not there; those that could not be had."""
    def lacking():
        show = ["dpkg-query", "--show", "--showformat=${db:Status-Status}"]
        return [
            name for name in packages
            if subprocess.run([*show, name], capture_output=True, text=True).stdout != "installed"]

    if not (missing := lacking()):
        return []
    if os.geteuid() == 0 and shutil.which("apt-get"):
        install = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        if subprocess.run(install, env=environment, capture_output=True).returncode != 0:
            subprocess.run(["apt-get", "update"], env=environment, capture_output=True)
            subprocess.run(install, env=environment, capture_output=True)
    return lacking()
