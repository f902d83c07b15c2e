#!/usr/bin/env python3
"""Kills a job of 200 rows before and after each write, sync, rename and send that it makes, and lets it go on.

    boundaries.py [--sample N] [--seed S] [--jobs N] [--layout local|apart|both]

A first run of the stand-in cluster (Tests/StandInCluster, Tests/SystemFaults/boundaries.h) lists every call that
changes a file or sends something: the boundaries. Then each has a run of its own in which the process that
reaches it is killed right before it, and one in which it is killed right after; the job is started again until
it is done. Output, digests and what the report says of the rows must be those of the undisturbed run, what a
worker was told is recorded must be in the journal that the kill leaves, and check_output.py must agree.

`local` is a coordinator with a worker of its own, `apart` one that listens, with a worker that outlives it.
Calls are counted by kind, so that the n-th one is the same moment in each run as far as threads allow; a run that ends
before its boundary is reached is repeated. The last few of a kind come in some runs only, where two messages or
commits went as one in others. So several undisturbed runs are counted, as many at a time as there are kills later:
what each of them has is sure, the rest is listed as unsure, is killed like the others where it comes, and may stay
unreached. Prints the number of boundaries and of differences; ends with 1 where there is any, or where a sure
boundary was not reached, tried once more with nothing beside it. `--sample` takes so many of the kills, drawn from
the seed.
"""

import argparse
import collections
import json
import multiprocessing
import os
import select
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import time

import harness
import tap
from check_output import Checker
from harness import DONE, DONE_WITH_FAILURES, STANDIN, Fault, Workspace

ROWS = 200
# Undisturbed runs whose calls are counted, for all kills and for a sample. Of a boundary that one run in five does
# not have, 16 runs take only three in a hundred for sure.
CENSUSES, CENSUSES_OF_SAMPLE = 16, 2
# How long a batch takes in each try: long enough that each has its own results, acknowledgement and commit, and
# longer where a busy machine has put several into one.
BATCH_MILLISECONDS = [20, 40, 80, 80, 160, 160]
# An unsure boundary may be one of which no run knows any more.
TRIES_OF_UNSURE = 3
STARTS_MAX = 6
# A run takes a second or two, and more than a minute on a machine that has ten other things to do.
SECONDS_MAX = 300
KILLED = -signal.SIGKILL
LIBRARY_ABORT = b"Assertion failed: !_io_error (src/stream_engine_base.cpp"

# `is_sure`: every undisturbed run had it.
Kill = collections.namedtuple("Kill", "layout role call kind number side is_sure")


def write_manifest(path):
    """200 rows that differ: most are transcribed, some fail, one is not JSON."""
    with open(path, "w") as file:
        for number in range(ROWS):
            order = {7: "missing", 58: "missing", 101: "engine", 199: "missing"}.get(number)
            do = f',"do":"{order}"' if order else ""
            line = f'{{"audio_filepath":"clip-{number}.wav","duration":1{do}}}'
            file.write(("not json" if number == 120 else line) + "\n")


class Job:
    """One job in a folder of its own: its processes, and what they leave."""

    def __init__(self, workspace, layout, manifest, batch=BATCH_MILLISECONDS[0]):
        self.workspace, self.layout, self.manifest = workspace, layout, manifest
        self.output = workspace.path("out.jsonl")
        self.endpoint = f"ipc://{workspace.path('listen')}"
        self.environment = {
            **workspace.environment, "STANDIN_IMPATIENT": "1", "STANDIN_CALM": "0",
            "STANDIN_BATCH_MS": str(batch)}
        self.log = open(workspace.path("log"), "ab")
        self.running = {}
        self.aborts = 0
        self.end = time.monotonic() + SECONDS_MAX

    def start(self, role):
        command = {
            "coordinator": [STANDIN, "coordinate", self.manifest, self.output,
                            *(["1"] if self.layout == "local" else ["0", self.endpoint])],
            "worker": [STANDIN, "work", self.endpoint, "apart/0"]}[role]
        process = subprocess.Popen(
            command, env=self.environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            preexec_fn=lambda: harness.end_with_parent(signal.SIGKILL))
        self.running[role] = process, os.pidfd_open(process.pid)

    def wait(self):
        """Waits for a process to end; (role, status)."""
        poll = select.poll()
        for _, descriptor in self.running.values():
            poll.register(descriptor, select.POLLIN)
        ready = poll.poll(max(0, self.end - time.monotonic()) * 1_000)
        if not ready:
            raise Fault(f"nothing has ended within {SECONDS_MAX} s")
        role = next(role for role, item in self.running.items() if item[1] == ready[0][0])
        process, descriptor = self.running.pop(role)
        os.close(descriptor)
        return role, process.wait()

    def run(self, after_kill=lambda: None):
        """Starts coordinators and workers until the job is done; how often one was killed."""
        kills = starts = 0
        while True:
            if "coordinator" not in self.running:
                starts += 1
                if starts > STARTS_MAX:
                    raise Fault(f"the job is not done after {STARTS_MAX} coordinators")
                self.start("coordinator")
            if self.layout == "apart" and "worker" not in self.running:
                self.start("worker")
            role, status = self.wait()
            if status == KILLED:
                kills += 1
                # What is left is done at once.
                self.environment["STANDIN_BATCH_MS"] = "0"
                if role == "coordinator":
                    after_kill()
            elif role == "coordinator" and status in (DONE, DONE_WITH_FAILURES):
                return kills
            elif status == -signal.SIGABRT and self.library_aborted():
                # A death like any other: the next coordinator must come to the same bytes.
                self.aborts += 1
            elif role == "coordinator" or status != 0:
                raise Fault(f"the {role} ended with {status}")

    def library_aborted(self):
        """Whether libzmq ended the last process: its 4.3.4 asserts at times where a peer dies while messages of it
        wait (https://github.com/zeromq/libzmq/issues/4841)."""
        return read(self.log.name).count(LIBRARY_ABORT) > self.aborts

    def close(self):
        for process, descriptor in self.running.values():
            process.kill()
            process.wait()
            os.close(descriptor)
        self.running = {}
        self.log.close()

    # What it leaves

    def result(self):
        """Bytes of output and digests, and what the report says that may not depend on what happened on the way."""
        with open(self.output + ".report.json") as file:
            report = json.load(file)
        job = {key: value for key, value in report["job"].items() if key not in ("folder", "manifest")}
        kept = ("rows", "transcribed", "rejected", "quarantined", "audio_seconds", "output", "failures", "warnings")
        told = {"job": job, **{key: report[key] for key in kept}}
        return [read(self.output), read(self.output + ".digests.jsonl"), json.dumps(told, sort_keys=True).encode()]

    def leftovers(self):
        names = [*os.listdir(self.workspace.folder), *os.listdir(self.output + ".job")]
        return [name for name in names if name.endswith(".part") or ".next" in name or ".building" in name]


def read(path):
    with open(path, "rb") as file:
        return file.read()


def sent_messages(path):
    """(kind, meta) of each message that a process was about to send."""
    data = read(path) if os.path.exists(path) else b""
    place, messages = 0, []
    while place + 4 <= len(data):
        size = struct.unpack_from("<I", data, place)[0]
        body = data[place + 4:place + 4 + size]
        place += 4 + size
        meta = body[24:24 + struct.unpack_from("<I", body, 8)[0]]
        messages.append((tap.KINDS.get(body[6]), json.loads(meta)))
    return messages


def check_acknowledged(job, coordinator_sent, worker_sent):
    """Every row whose result the dead coordinator has acknowledged, or was about to, is in its journal."""
    acknowledged = tap.Acknowledged()
    for kind, meta in sent_messages(worker_sent) + sent_messages(coordinator_sent):
        # A session's results come before its acknowledgements, which is all that the order matters for.
        if kind != "welcome":
            acknowledged.take(tap.Message(0, 0, kind, meta))
    rows = acknowledged.snapshot()
    if not rows:
        return 0
    copy = job.workspace.path("copy")
    shutil.rmtree(copy, ignore_errors=True)
    os.mkdir(copy)
    journal = os.path.join(job.output + ".job", "journal.sqlite")
    for suffix in ("", "-wal"):
        if os.path.exists(journal + suffix):
            shutil.copy(journal + suffix, os.path.join(copy, "journal.sqlite" + suffix))
    base = sqlite3.connect(os.path.join(copy, "journal.sqlite"))
    recorded = {row for row, in base.execute("SELECT ordinal FROM outcome")}
    base.close()
    if lost := rows - recorded:
        raise Fault(f"{len(lost)} rows were acknowledged and are not in the journal: {sorted(lost)[:5]}")
    return len(rows)


def census(layout, manifest):
    """How often each kind of call comes in an undisturbed run."""
    with Workspace("census") as workspace:
        job = Job(workspace, layout, manifest)
        log = workspace.path("boundaries")
        job.environment["BOUNDARY_LOG"] = log
        try:
            job.run()
        finally:
            job.close()
        with open(log) as file:
            return collections.Counter(line.strip() for line in file), job.result()


def strike(kill, manifest, reference, batch):
    """One run with one kill.

    None where the boundary was not reached, else how many rows had been acknowledged; a Fault where anything
    differs from the undisturbed run.
    """
    with Workspace("boundary") as workspace:
        job = Job(workspace, kill.layout, manifest, batch)
        order = f"{kill.role} {kill.call} {kill.kind} {kill.number} {kill.side}"
        mark = workspace.path("mark")
        sent = [workspace.path(f"sent.{role}") for role in ("coordinator", "worker")]
        job.environment.update(BOUNDARY_KILL=order, BOUNDARY_MARK=mark, BOUNDARY_MESSAGES=workspace.path("sent"))
        acknowledged = []
        try:
            job.run(lambda: acknowledged.append(check_acknowledged(job, *sent)))
            if not os.path.exists(mark):
                return None
            for name, got, expected in zip(("output", "digests", "report"), job.result(), reference):
                if got != expected:
                    raise Fault(f"the {name} differs from the undisturbed one")
            if names := job.leftovers():
                raise Fault(f"left over: {names}")
            if faults := Checker(job.output, manifest).run():
                raise Fault(f"the checker disagrees: {faults[:3]}")
            if job.aborts:
                print(f"{order}: libzmq ended {job.aborts} processes besides; the same bytes", flush=True)
        except Fault as fault:
            raise Fault(f"{fault}; log: {read(workspace.path('log'))[-600:].decode('utf8', 'replace')}") from None
        finally:
            job.close()
        return sum(acknowledged)


def attempt(item):
    kill, manifest, references = item
    try:
        for batch in BATCH_MILLISECONDS if kill.is_sure else BATCH_MILLISECONDS[:TRIES_OF_UNSURE]:
            acknowledged = strike(kill, manifest, references[kill.layout], batch)
            if acknowledged is not None:
                return kill, "same", acknowledged
        return kill, "not reached", 0
    except Fault as fault:
        return kill, str(fault), 0
    except Exception as error:
        return kill, f"the test itself broke: {error!r}", 0


def count_calls(item):
    """One census in a process of the pool; a fault comes back as a sentence."""
    try:
        return (*census(*item), None)
    except Fault as fault:
        return None, None, f"{item[0]}: an undisturbed run failed: {fault}"


def list_kills(pool, layouts, manifest, censuses):
    """Every kill, and the undisturbed result of each layout."""
    kills, references = [], {}
    for layout in layouts:
        counts, least = collections.Counter(), None
        # As many at a time as kills later: how messages and commits go together depends on how busy the machine is.
        for seen, result, fault in pool.imap_unordered(count_calls, [(layout, manifest)] * censuses):
            if fault:
                raise Fault(fault)
            if references.setdefault(layout, result) != result:
                raise Fault(f"{layout}: undisturbed runs differ")
            # What comes more often in some runs than in others is counted where it came most.
            counts |= seen
            least = seen if least is None else least & seen
        for name, count in sorted(counts.items()):
            role, call, kind = name.split(" ")
            for number in range(1, count + 1):
                kills += [
                    Kill(layout, role, call, kind, number, side, number <= least[name]) for side in ("before", "after")]
    return kills, references


def print_table(kills):
    """How many boundaries there are of each kind, and which of them some undisturbed runs do not have."""
    table = collections.Counter(kill[:4] for kill in kills if kill.side == "before")
    sure = collections.Counter(kill[:4] for kill in kills if kill.side == "before" and kill.is_sure)
    for name, count in sorted(table.items()):
        rest = f", no. {sure[name] + 1} to {count} unsure" if sure[name] < count else ""
        print(f"{count:6} {' '.join(name)}{rest}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--sample", type=int, help="so many kills only, drawn from the seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=8, help="runs at a time; they mostly wait")
    parser.add_argument("--layout", choices=["local", "apart", "both"], default="both")
    options = parser.parse_args()
    layouts = ["local", "apart"] if options.layout == "both" else [options.layout]
    began = time.monotonic()
    with Workspace("boundaries") as shared, multiprocessing.Pool(options.jobs) as pool:
        manifest = shared.path("input.jsonl")
        write_manifest(manifest)
        kills, references = list_kills(
            pool, layouts, manifest, CENSUSES_OF_SAMPLE if options.sample else CENSUSES)
        if not options.sample:
            print_table(kills)
        unsure = sum(not kill.is_sure for kill in kills)
        print(
            f"{len(kills) // 2} boundaries, {len(kills)} kills; {unsure // 2} of the boundaries only in some "
            "undisturbed runs", flush=True)
        chosen = kills
        if options.sample:
            chosen = harness.seeded(options.seed, "boundaries").sample(kills, min(options.sample, len(kills)))
            print(f"a sample of {len(chosen)}, seed {options.seed}", flush=True)
        outcomes = collections.Counter()
        acknowledged = 0
        again = []

        def note(kill, outcome, rows):
            nonlocal acknowledged
            acknowledged += rows
            if outcome == "not reached" and not kill.is_sure:
                outcome = "unsure, and not reached"
            is_known = outcome in ("same", "not reached", "unsure, and not reached")
            outcomes[outcome if is_known else "different"] += 1
            if outcome != "same":
                print(f"{' '.join(map(str, kill[:6]))}: {outcome}", flush=True)
            if sum(outcomes.values()) % 250 == 0:
                print(f"{sum(outcomes.values())} of {len(chosen)}", file=sys.stderr, flush=True)

        for kill, outcome, rows in pool.imap_unordered(
            attempt, [(kill, manifest, references) for kill in chosen]
        ):
            if outcome == "not reached" and kill.is_sure:
                again.append(kill)
            else:
                note(kill, outcome, rows)
        # Leaving the block would end the pool's processes with SIGTERM, some of them while they hold a lock.
        pool.close()
        pool.join()
        for kill in again:
            note(*attempt((kill, manifest, references)))
    print(
        f"{len(chosen)} kills: {outcomes['same']} with the same bytes, {outcomes['different']} differences, "
        f"{outcomes['unsure, and not reached']} unsure and not reached, {outcomes['not reached']} sure and not "
        f"reached; {len(again)} tried once more; {acknowledged} acknowledged rows looked up in journals; "
        f"{time.monotonic() - began:.0f} s")
    return 0 if outcomes["different"] == outcomes["not reached"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
