#!/usr/bin/env python3
"""The journal on disks that fail; needs root, loop devices and btrfs.

    storage.py cuts [--engine real|standin] [--count N] [--seed S]     power cuts: no acknowledged row is lost
    storage.py caught [--count N] [--seed S]     the same scenario with synchronous=NORMAL must lose some within N
    storage.py full SEEDS        a disk that fills up at a random size
    storage.py fsync SEEDS       fdatasync that fails at random
    storage.py damage SEEDS      a damaged page

A power cut is a copy of the disk's image, taken at once (reflink) while coordinator and workers run: what
was not synced is not in it. A tap on the wire knows which rows the coordinator has acknowledged.
"""

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time

import harness
from harness import DONE, STANDIN, STORAGE, Workspace, Fault
from cluster import Cluster
from tap import Acknowledged

MEGABYTE = 1 << 20


def sh(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Fault(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout.strip()


class Disk:
    """A file system in an image, mounted; taken away with its scenario."""

    def __init__(self, workspace, image, folder, size, kind):
        self.image, self.folder = image, folder
        os.makedirs(folder, exist_ok=True)
        with open(image, "wb") as file:
            file.truncate(size)
        sh(f"mkfs.{kind}", "-q", *(["-f"] if kind == "btrfs" else ["-F", "-m", "0"]), image)
        self.mount(workspace)

    def mount(self, workspace):
        self.loop = sh("losetup", "-f", "--show", self.image)
        workspace.undo.append(self.unmount)
        sh("mount", self.loop, self.folder)

    def unmount(self):
        if self.loop:
            for _ in range(250):
                if subprocess.run(["umount", self.folder], capture_output=True).returncode == 0:
                    break
                harness.look_again()
            sh("losetup", "-d", self.loop)
            self.loop = None


def recorded(journal):
    """The rows that a journal has outcomes for, and what SQLite says of its pages."""
    connection = sqlite3.connect(journal)
    try:
        answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'outcome'").fetchone():
            return set(), answer
        return {row for (row,) in connection.execute("SELECT ordinal FROM outcome")}, answer
    finally:
        connection.close()


# Power cuts


class PowerCuts:
    """An ext4 image on btrfs that a coordinator's job lies on, and snapshots of it."""

    def __init__(self, workspace):
        self.workspace = workspace
        self.under = Disk(workspace, workspace.path("btrfs.img"), workspace.path("under"), 3 << 30, "btrfs")
        self.disk = Disk(
            workspace, workspace.path("under", "disk.img"), workspace.path("disk"), 1 << 30, "ext4")

    def snapshot(self):
        sh("cp", "--reflink=always", self.disk.image, self.workspace.path("under", "cut.img"))

    def look(self, then):
        """Mounts the last snapshot as a machine would after the cut, and hands its folder to `then`."""
        image, folder = self.workspace.path("under", "cut.img"), self.workspace.path("after")
        os.makedirs(folder, exist_ok=True)
        loop = sh("losetup", "-f", "--show", image)
        try:
            sh("mount", loop, folder)
            try:
                return then(folder)
            finally:
                sh("umount", folder)
        finally:
            sh("losetup", "-d", loop)
            os.remove(image)


def power_cuts(engine, count, seed, shim=None):
    """Cuts the power `count` times; how often acknowledged rows were missing afterwards."""
    draw = harness.seeded(seed, "cuts", engine)
    lossy = looked = 0
    with Workspace("cuts") as workspace:
        power = PowerCuts(workspace)
        manifest = workspace.path("rows.jsonl")
        rows = (harness.speech_manifest(manifest, 3_000, seconds_max=2) if engine == "real"
                else harness.standin_manifest(manifest, 400_000))
        acknowledged = Acknowledged()
        cluster = Cluster(
            workspace, engine, manifest, os.path.join(power.disk.folder, "out.jsonl"), 2, batch=4, kinds=(),
            environment={"LD_PRELOAD": shim} if shim else None, on_message=acknowledged.take)
        if cluster.run_for(60, until=acknowledged.snapshot) or not acknowledged.snapshot():
            raise Fault(f"nothing was acknowledged: {cluster.coordinator.tail()}")
        for number in range(count):
            if cluster.run_for(draw.uniform(0.05, 0.6)):
                raise Fault("the job was done before the power was cut often enough")
            # Whatever was acknowledged before the copy began must be in it.
            before = acknowledged.snapshot()
            power.snapshot()

            def missing(folder):
                found, answer = recorded(os.path.join(folder, "out.jsonl.job", "journal.sqlite"))
                if answer != "ok":
                    raise Fault(f"the journal is damaged after a power cut: {answer}")
                return len(before - found), len(found)

            lost, found = power.look(missing)
            looked += 1
            lossy += lost > 0
            print(json.dumps({"cut": number, "acknowledged": len(before), "in_journal": found,
                              "lost": lost}), flush=True)
            if shim and lossy:
                break
    print("sum", json.dumps({"engine": engine, "seed": seed, "rows": rows, "cuts": looked,
                             "cuts_that_lost": lossy, "synchronous": "NORMAL" if shim else "FULL"}))
    return lossy


def caught(count, seed):
    with Workspace("shim") as workspace:
        shim = workspace.path("normal.so")
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "normal.c")
        sh("cc", "-shared", "-fPIC", "-o", shim, source, "-ldl")
        return power_cuts("standin", count, seed, shim)


# Jobs that are begun on a bad disk and finished on a good one


def standin_job(workspace, folder, rows=20_000):
    manifest = workspace.path("rows.jsonl")
    harness.standin_manifest(manifest, rows)
    reference = workspace.path("undisturbed.jsonl")
    workspace.run(["env", "STANDIN_BATCH_MS=0", STANDIN, "coordinate", manifest, reference, "2"])
    return manifest, reference, os.path.join(folder, "out.jsonl")


def check_end(output, manifest, reference):
    harness.prove(output, manifest)
    check_bytes(output, reference)


def check_bytes(output, reference):
    counts = harness.compare(output, reference)
    if any(counts.values()):
        raise Fault(f"the output differs: {counts}")


def full(seed):
    """The disk fills, slowly or at once; space is freed; the job must end with the right bytes."""
    draw = harness.seeded(seed, "full")
    with Workspace("full") as workspace:
        disk = Disk(workspace, workspace.path("disk.img"), workspace.path("disk"), 96 * MEGABYTE, "ext4")
        manifest, reference, output = standin_job(workspace, disk.folder)
        ballast = os.path.join(disk.folder, "ballast")
        free = os.statvfs(disk.folder).f_bavail * os.statvfs(disk.folder).f_frsize
        room = draw.randint(64 << 10, 24 * MEGABYTE)
        is_sudden = draw.random() < 0.5
        if not is_sudden:
            allocate(ballast, free - room)
        coordinator = workspace.start(
            "coordinator", [STANDIN, "coordinate", manifest, output, "2"],
            environment={"STANDIN_BATCH_MS": "1"})
        if is_sudden:
            time.sleep(draw.uniform(0.2, 2))  # at a random moment of the run
            allocate(ballast, None)
        # Full: it ends with 74, or pauses and waits for space.
        end = time.monotonic() + draw.uniform(2, 4)
        while coordinator.ended() is None and time.monotonic() < end:
            harness.look_again()
        first = coordinator.ended()
        if first not in (None, DONE, STORAGE):
            raise Fault(f"on a full disk the coordinator ended with {first}: {coordinator.tail()}")
        if os.path.exists(output) and first != DONE:
            raise Fault("there is an output of a job that is not done")
        os.remove(ballast)
        status, end = None, time.monotonic() + 120
        while status is None and time.monotonic() < end:
            status = coordinator.restart_if_it_should()
            harness.look_again()
        if status != DONE:
            raise Fault(f"with space again the coordinator ended with {status}: {coordinator.tail()}")
        check_end(output, manifest, reference)
        how = {None: "paused", DONE: "done in time", STORAGE: "ended with 74"}[first]
        return {"room": room, "sudden": is_sudden, "first": how,
                "starts": 1 + len(coordinator.statuses)}


def allocate(path, size):
    """A file of `size` bytes, or of all that is free."""
    with open(path, "wb") as file:
        if size is None:
            try:
                while True:
                    file.write(bytes(MEGABYTE))
                    file.flush()
            except OSError:
                pass
            try:
                while True:
                    os.write(file.fileno(), bytes(4_096))
            except OSError:
                pass
        elif size > 0:
            os.posix_fallocate(file.fileno(), 0, size)


def fsync(seed):
    """fdatasync fails at random: the coordinator stops with 74, and what it acknowledged is there."""
    draw = harness.seeded(seed, "fsync")
    probability = round(10 ** draw.uniform(-3, -0.3), 4)
    failing = ["fiu-run", "-x", "-c", "enable_random name=posix/io/sync/fdatasync,"
               f"probability={probability},failinfo=5"]
    with Workspace("fsync") as workspace:
        manifest, reference, output = standin_job(workspace, workspace.folder)
        acknowledged = Acknowledged()
        cluster = Cluster(workspace, "standin", manifest, output, 2, prefix=failing, batch=1, kinds=(),
                          on_message=acknowledged.take)
        starts, status = [], None
        end = time.monotonic() + 150
        while status is None:
            if time.monotonic() > end:
                raise Fault(f"not done after 150 s: {cluster.coordinator.tail()}")
            for worker in cluster.workers:
                worker.restart_if_it_should()
            status = cluster.coordinator.ended()
            if status is None:
                harness.look_again()
                continue
            starts.append(status)
            if status == DONE:
                break
            if status != STORAGE:
                raise Fault(f"a failed fdatasync ended with {status}: {cluster.coordinator.tail()}")
            journal = output + ".job/journal.sqlite"
            # Looked at in a copy: opening it here would repair what the next start should find.
            copy = workspace.path("copy")
            shutil.rmtree(copy, ignore_errors=True)
            os.mkdir(copy)
            for name in os.listdir(os.path.dirname(journal)):
                if name.startswith("journal.sqlite"):
                    shutil.copy(os.path.join(os.path.dirname(journal), name), copy)
            before = acknowledged.snapshot()
            if before:
                found, answer = recorded(os.path.join(copy, "journal.sqlite"))
                if answer != "ok" or before - found:
                    raise Fault(f"{len(before - found)} acknowledged rows are lost; {answer}")
            # The disk is mended after a few tries.
            if len(starts) == draw.randint(1, 4) or len(starts) >= 4:
                cluster.coordinator.command = cluster.plain
            status = None
            cluster.coordinator.start()
        check_end(output, manifest, reference)
        return {"probability": probability, "ended": starts}


def damage(seed):
    """A page of the journal is overwritten while nobody runs: 74 and a sentence, or the right bytes."""
    draw = harness.seeded(seed, "damage")
    with Workspace("damage") as workspace:
        manifest, reference, output = standin_job(workspace, workspace.folder)
        coordinator = workspace.start(
            "coordinator", [STANDIN, "coordinate", manifest, output, "2"],
            environment={"STANDIN_BATCH_MS": "1"})
        journal = output + ".job/journal.sqlite"
        time.sleep(draw.uniform(1, 2.5))  # killed at a random moment of the run
        coordinator.kill()
        connection = sqlite3.connect(journal)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        connection.close()
        pages = os.path.getsize(journal) // size
        page, kind = draw.randrange(pages), draw.choice(["noise", "zeros", "one bit"])
        with open(journal, "r+b") as file:
            file.seek(page * size)
            old = file.read(size)
            place = draw.randrange(size)
            new = {"noise": draw.randbytes(size), "zeros": bytes(size),
                   "one bit": old[:place] + bytes([old[place] ^ 1 << draw.randrange(8)]) + old[place + 1:]
                   }[kind]
            file.seek(page * size)
            file.write(new)
        done = subprocess.run(
            [STANDIN, "coordinate", manifest, output, "2"], capture_output=True, text=True, timeout=200,
            env={**workspace.environment, "STANDIN_BATCH_MS": "0"})
        result = {"page": page, "of": pages, "kind": kind, "status": done.returncode}
        if done.returncode == DONE:
            # The checker would speak of the damage, which the job had no need to read.
            check_bytes(output, reference)
            return {**result, "first": "no harm: the right bytes"}
        if os.path.exists(output):
            raise Fault(f"{result}: an output was left")
        if done.returncode not in (STORAGE, harness.REFUSED):
            raise Fault(f"{result}: {done.stderr[-400:]}")
        if not done.stderr.strip():
            raise Fault(f"{result}: nothing was said")
        return {**result, "first": "stopped", "said": done.stderr.strip().splitlines()[-1][-200:]}


def each(name, part, seeds):
    failures = 0
    for seed in seeds:
        try:
            result = part(seed)
        except Fault as fault:
            failures += 1
            result = {"failure": str(fault)}
        print(json.dumps({"scenario": name, "seed": seed, **result}), flush=True)
    print("sum", json.dumps({"scenario": name, "runs": len(seeds), "failures": failures}))
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("scenario", choices=["cuts", "caught", "full", "fsync", "damage"])
    parser.add_argument("seeds", nargs="?", default="1", type=harness.seed_range)
    parser.add_argument("--engine", choices=["real", "standin"], default="standin")
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    packages = {"cuts": ["btrfs-progs"], "caught": ["btrfs-progs"], "fsync": ["fiu-utils"]}
    if missing := harness.missing_packages(*packages.get(options.scenario, [])):
        print(f"these packages are missing: {' '.join(missing)}")
        return 77
    if options.scenario in ("cuts", "caught", "full") and os.geteuid() != 0:
        print("this scenario mounts loop devices: run it as root")
        return 77
    if options.scenario == "cuts":
        return 1 if power_cuts(options.engine, options.count, options.seed) else 0
    if options.scenario == "caught":
        return 0 if caught(options.count, options.seed) else 1
    return 1 if each(options.scenario, {"full": full, "fsync": fsync, "damage": damage}[options.scenario],
                     options.seeds) else 0


if __name__ == "__main__":
    sys.exit(main())
