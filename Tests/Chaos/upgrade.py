#!/usr/bin/env python3
"""Upgrades a fleet in mid-job, from the program of an earlier release to this one, in both orders.

    upgrade.py FORMER

FORMER is the earlier release's `scriptorium`, whose engine has another number, or a commit, which is built in a
worktree of its own first. Each
order begins with a coordinator and workers of the former release over tcp, and kills the coordinator while some
rows are recorded and others are not.

    coordinator first   the present coordinator goes on; the former workers, which live, say hello to it
    workers first       present workers say hello to the former coordinator; then it is replaced too

A program that cannot work with the other one has to refuse before it does any work, with a sentence that says
which to upgrade. In the end the output has the former release's bytes, the report names both engines, and the
independent checker and `verify` agree. Ends with 1 if any of this does not hold.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time

import harness
from harness import DONE, DONE_WITH_FAILURES, MODEL, PROGRAM, REFUSED, ROOT, Fault, Workspace

# Slow enough to be killed in the middle, and on every machine.
ARITHMETIC = ["--model", MODEL, "--arithmetic", "portable"]
WORKER_FIRST = "upgrade the worker"
COORDINATOR_FIRST = "upgrade the coordinator first"
SECONDS_MAX = 180
TRIES = 5


def program_of(former):
    """The path of the former program; a commit is built."""
    if os.path.isfile(former):
        return os.path.abspath(former)
    tree = os.path.join(ROOT, ".build", f"former-{former}")
    if not os.path.isdir(tree):
        subprocess.run(["git", "-C", ROOT, "worktree", "add", "--detach", tree, former], check=True)
    subprocess.run(
        ["swift", "build", "-c", "release", "--product", "scriptorium", "--package-path", tree], check=True)
    return os.path.join(tree, ".build", "release", "scriptorium")


class Upgrade:
    def __init__(self, workspace, former, manifest, reference):
        self.workspace, self.former = workspace, former
        self.manifest, self.reference = manifest, reference
        self.output = workspace.path("out.jsonl")
        self.endpoint = f"tcp://127.0.0.1:{harness.free_port()}"
        self.number = 0
        with open(manifest) as file:
            self.rows = sum(1 for _ in file)

    # Processes

    def coordinator(self, program):
        return self.start(
            "coordinator", [program, "coordinate", self.manifest, "-o", self.output, "--listen", self.endpoint,
                            "--insecure-plaintext", *ARITHMETIC])

    def worker(self, program):
        return self.start(
            "worker", [program, "work", "--connect", self.endpoint, "--insecure-plaintext", "--threads", "1",
                       "--slot", f"upgrade/{self.number}", *ARITHMETIC])

    def start(self, name, command):
        self.number += 1
        return self.workspace.start(f"{name}-{self.number}", command)

    def wait(self, what, is_true):
        end = time.monotonic() + SECONDS_MAX
        while not is_true():
            if time.monotonic() > end:
                raise Fault(f"{what}: not within {SECONDS_MAX} s")
            harness.look_again()

    # States of the job

    def recorded(self):
        """Rows that are recorded, read from a copy of the journal and its log."""
        journal = self.output + ".job/journal.sqlite"
        copy = self.workspace.path("copy.sqlite")
        try:
            for suffix in ("", "-wal"):
                with open(copy + suffix, "wb") as file:
                    file.write(open(journal + suffix, "rb").read())
            database = sqlite3.connect(copy)
            try:
                return database.execute("SELECT count(*) FROM outcome").fetchone()[0]
            finally:
                database.close()
        except (OSError, sqlite3.Error):
            return 0
        finally:
            for suffix in ("", "-wal", "-shm"):
                if os.path.exists(copy + suffix):
                    os.remove(copy + suffix)

    def begin(self):
        """A former coordinator with two former workers, some rows recorded."""
        coordinator = self.coordinator(self.former)
        workers = [self.worker(self.former) for _ in range(2)]
        self.wait("rows of the former release", lambda: self.recorded() > 0)
        return coordinator, workers

    def kill(self, *processes):
        for process in processes:
            process.signal(signal.SIGKILL)
        self.wait("the end of what was killed", lambda: all(p.ended() is not None for p in processes))

    def in_the_middle(self):
        """How many rows are recorded; 0 where the job was done before it could be disturbed."""
        count = self.recorded()
        return count if 0 < count < self.rows else 0

    # What must hold

    def is_refused(self, process, sentence):
        """Waits until a worker of another release is refused with `sentence`."""
        self.wait("the refusal of another release", lambda: process.ended() is not None)
        if process.ended() != REFUSED:
            raise Fault(f"{process.name} ended with {process.ended()}: {process.tail()}")
        if sentence not in process.tail():
            raise Fault(f"{process.name} was refused without saying what to upgrade: {process.tail()}")
        return True

    def check(self, coordinator, before):
        self.wait("the end of the job", lambda: coordinator.ended() is not None)
        if coordinator.ended() not in (DONE, DONE_WITH_FAILURES):
            raise Fault(f"the coordinator ended with {coordinator.ended()}: {coordinator.tail()}")
        counts = harness.compare(self.output, self.reference)
        if any(counts.values()):
            raise Fault(f"the output differs from the former release's: {counts}")
        harness.prove(self.output, self.manifest)
        with open(self.output + ".report.json") as file:
            report = json.load(file)
        engines = {entry["engine"]: entry["rows"] for entry in report.get("engines", [])}
        with open(self.reference + ".report.json") as file:
            former = json.load(file)["job"]["engine"]
        if report["job"]["engine"] != former:
            if engines.get(former, 0) < 1 or sum(engines.values()) > self.rows:
                raise Fault(f"the report does not name both engines: {engines}")
        self.workspace.run([PROGRAM, "verify", self.output, "--sample", "10"])
        return {"rows": self.rows, "recorded_before": before, "engines": engines, "seen": "the former bytes"}

    # Orders

    def coordinator_first(self):
        coordinator, workers = self.begin()
        self.kill(coordinator)
        before = self.in_the_middle()
        if not before:
            return None
        coordinator = self.coordinator(PROGRAM)
        refused = [self.is_refused(worker, WORKER_FIRST) for worker in workers]
        for _ in range(2):
            self.worker(PROGRAM)
        return {"workers refused": sum(refused), **self.check(coordinator, before)}

    def workers_first(self):
        coordinator, workers = self.begin()
        self.kill(workers[0])
        present = self.worker(PROGRAM)
        refused = self.is_refused(present, COORDINATOR_FIRST)
        self.kill(coordinator)
        self.kill(workers[1])
        before = self.in_the_middle()
        if not before:
            return None
        coordinator = self.coordinator(PROGRAM)
        for _ in range(2):
            self.worker(PROGRAM)
        return {"workers refused": int(refused), **self.check(coordinator, before)}


def main():
    former = program_of(sys.argv[1] if len(sys.argv) > 1 else os.environ["FORMER"])
    failed = 0
    with Workspace("upgrade") as shared:
        manifest, reference = shared.path("rows.jsonl"), shared.path("reference.jsonl")
        harness.speech_manifest(manifest, 12, seconds_max=3)
        shared.run(
            [former, "transcribe", manifest, "-o", reference, "--workers", "2", "--threads", "1", "--quiet",
             *ARITHMETIC], accept=(DONE_WITH_FAILURES,))
        for order in ("coordinator_first", "workers_first"):
            result = None
            for _ in range(TRIES):
                with Workspace("upgrade-" + order.split("_")[0]) as workspace:
                    upgrade = Upgrade(workspace, former, manifest, reference)
                    try:
                        result = getattr(upgrade, order)()
                    except Fault as fault:
                        result = {"failure": str(fault)}
                        failed += 1
                if result is not None:
                    break
            else:
                result = {"failure": f"the job was done before it could be disturbed, {TRIES} times"}
                failed += 1
            print(json.dumps({"order": order.replace("_", " "), **result}))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
