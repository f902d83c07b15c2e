#!/usr/bin/env python3
"""Real processes under random faults, until the job is done; then the output is compared.

    processes.py SEEDS [--engine real|beam|speech|standin|both] [--jobs N]

A seed draws everything: `transcribe` with its own workers over ipc, or `coordinate` and `work` over tcp
with keys; how many workers; limits on memory and descriptors; and when coordinator and workers are
killed (SIGKILL), frozen and thawed (SIGSTOP, SIGCONT) or asked to leave (SIGTERM). What ends is started
again by its exit status, as a supervisor would. A seed fixes what is drawn, not how the kernel schedules it.

Prints one line a run and a sum; ends with 1 if any promise was broken.
"""

import argparse
import collections
import json
import os
import signal
import sys
import time

import harness
from harness import DONE, DONE_WITH_FAILURES, MODEL, PROGRAM, STANDIN, Workspace, Fault

# Rows that were lost alone rest for this long; faults stop before, so that no second death can prove
# anything against a row.
CALM = 6
FAULT_SECONDS = (1.0, 5.0)
RUN_SECONDS_MAX = 200


LANGUAGE_MODEL = os.path.join(harness.ROOT, "Tests", "Fixtures", "language-models", "digits4.probing.bin")
# What jobs of the real engine are asked for besides, and what their workers are given.
JOB_OPTIONS = {
    "real": [],
    "beam": ["--lm", LANGUAGE_MODEL, "--nbest", "3", "--timestamps", "char", "--features"],
    "speech": ["--chunk", "speech"]}
WORKER_OPTIONS = {"beam": ["--lm", LANGUAGE_MODEL]}


class Run:
    """One seed."""

    def __init__(self, seed, engine, manifest, reference):
        self.seed, self.engine, self.manifest, self.reference = seed, engine, manifest, reference
        self.random = harness.seeded(seed, engine)
        self.mode = self.random.choice(["transcribe", "network", "network"])
        self.count = self.random.randint(1, 4)
        self.faults = collections.Counter()
        self.thaw = []
        # What the independent checker says of the finished output.
        self.checker = "was not asked"

    def run(self):
        with Workspace("chaos") as self.workspace:
            self.output = self.workspace.path("out.jsonl")
            began = time.monotonic()
            try:
                self.start()
                self.disturb_until_done(time.monotonic())
                counts = harness.compare(self.output, self.reference)
                harness.prove(self.output, self.manifest)
                self.checker = "agrees"
                failure = "" if not any(counts.values()) else "the output differs"
            except Fault as fault:
                counts, failure = {}, str(fault)
            statuses = collections.Counter(
                f"{process.name.split('-')[0]} {status}"
                for process in self.workspace.processes for status in process.statuses)
            result = {
                "engine": self.engine, "mode": self.mode, "workers": self.count,
                "seconds": round(time.monotonic() - began, 1), "restarts": dict(statuses),
                "said": sorted({word for process in self.workspace.processes for word in process.last_words}),
                "faults": dict(sorted(self.faults.items())), "checker": self.checker, **counts}
            if failure:
                result["failure"] = failure
                for process in self.workspace.processes:
                    result[f"log of {process.name}"] = process.tail()
                if os.path.exists(self.output + ".report.json"):
                    with open(self.output + ".report.json") as file:
                        result["events"] = json.load(file)["events"][-60:]
            return result

    # The job

    def start(self):
        standin = self.engine == "standin"
        settings = {"STANDIN_IMPATIENT": "1", "STANDIN_CALM": str(CALM), "STANDIN_BATCH_MS": "10"}
        self.environment = settings if standin else {}
        if self.mode == "transcribe":
            command = (
                [STANDIN, "coordinate", self.manifest, self.output, str(self.count)] if standin else
                [PROGRAM, "transcribe", self.manifest, "--model", MODEL, "-o", self.output,
                 "--workers", str(self.count), "--threads", "1", "--calm", str(CALM), *JOB_OPTIONS[self.engine]])
            self.coordinator = self.begin("coordinator", command)
            self.workers = []
            return
        here, public, folders = harness.make_keys(self.workspace, self.count)
        endpoint = f"tcp://127.0.0.1:{harness.free_port()}"
        command = (
            [STANDIN, "coordinate", self.manifest, self.output, "0", endpoint] if standin else
            [PROGRAM, "coordinate", self.manifest, "--model", MODEL, "-o", self.output, "--listen",
             endpoint, "--keys", here, "--calm", str(CALM), *JOB_OPTIONS[self.engine]])
        self.coordinator = self.begin("coordinator", command, {"STANDIN_KEYS": here})
        self.workers = [
            self.begin(
                f"worker-{number}",
                [STANDIN, "work", endpoint, f"chaos/{number}"] if standin else
                [PROGRAM, "work", "--connect", endpoint, "--coordinator-key", public, "--keys", folder,
                 "--model", MODEL, "--threads", "1", "--slot", f"chaos/{number}",
                 *WORKER_OPTIONS.get(self.engine, [])],
                {"STANDIN_KEYS": folder, "STANDIN_COORDINATOR": public})
            for number, folder in enumerate(folders)]

    def begin(self, name, command, environment=None):
        return self.workspace.start(name, command, self.limits(name), {**self.environment, **(environment or {})})

    def limits(self, name):
        """Too little of something for one process in four, in its first life."""
        kind = self.random.choice(["memory", "cgroup", "files", *[None] * 9])
        megabyte = 1 << 20
        if kind is None:
            return {}
        self.faults[f"{kind} limit"] += 1
        return {
            "memory": {"memory": self.random.randint(100, 900) * megabyte},
            "cgroup": {"cgroup": self.random.randint(8, 120) * megabyte},
            "files": {"files": self.random.randint(10, 40)}}[kind]

    # Faults

    def disturb_until_done(self, began):
        faults_end = began + self.random.uniform(*FAULT_SECONDS)
        next_fault = began + self.random.uniform(0.05, 1)
        while True:
            now = time.monotonic()
            status = self.coordinator.restart_if_it_should()
            if status is not None:
                if status not in (DONE, DONE_WITH_FAILURES):
                    raise Fault(f"the coordinator ended with {status}")
                return self.wait_for_workers()
            for worker in self.workers:
                status = worker.restart_if_it_should()
                if status not in (None, DONE):
                    raise Fault(f"{worker.name} ended with {status}")
            for due, pid in [item for item in self.thaw if item[0] <= now or now >= faults_end]:
                self.thaw.remove((due, pid))
                send(pid, signal.SIGCONT)
            if next_fault <= now < faults_end:
                self.strike(now)
                next_fault = now + self.random.expovariate(1.5)
            if now - began > RUN_SECONDS_MAX:
                raise Fault(f"not done after {RUN_SECONDS_MAX} s")
            harness.look_again()

    def strike(self, now):
        workers = [worker.pid for worker in self.workers]
        if self.mode == "transcribe":
            workers = harness.children(self.coordinator.pid)
        is_worker = workers and self.random.random() < 0.65
        victims = [self.random.choice(workers)] if is_worker else [self.coordinator.pid]
        if self.random.random() < 0.08:
            victims = [self.coordinator.pid, *workers]
        kind = self.random.choice(["kill", "kill", "freeze", "leave"])
        who = "all" if len(victims) > 1 else "worker" if is_worker else "coordinator"
        self.faults[f"{kind} {who}"] += 1
        for pid in victims:
            if kind == "kill":
                send(pid, signal.SIGKILL)
            elif kind == "leave":
                send(pid, signal.SIGTERM)
            elif send(pid, signal.SIGSTOP):
                self.thaw.append((now + self.random.uniform(0.1, 3), pid))

    # The end

    def wait_for_workers(self):
        """Those that the coordinator could tell have ended, with 0; the others wait for another job."""
        for _, pid in self.thaw:
            send(pid, signal.SIGCONT)
        for worker in self.workers:
            status = worker.ended()
            if status in harness.FINAL - {DONE}:
                raise Fault(f"{worker.name} ended with {status}")


def send(pid, number):
    try:
        os.kill(pid, number)
        return True
    except ProcessLookupError:
        return False


def prepared(shared, engine):
    """Manifest and undisturbed output: one worker, nobody killed."""
    manifest, output = shared.path(f"{engine}.jsonl"), shared.path(f"{engine}.out")
    if engine != "standin":
        harness.speech_manifest(manifest, 12)
        shared.run(
            [PROGRAM, "transcribe", manifest, "--model", MODEL, "-o", output, "--workers", "1",
             "--threads", "1", "--quiet", *JOB_OPTIONS[engine]], accept=(DONE_WITH_FAILURES,))
    else:
        harness.standin_manifest(manifest, 4_000)
        shared.run(["env", "STANDIN_BATCH_MS=0", STANDIN, "coordinate", manifest, output, "1"])
    return manifest, output


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("seeds", type=harness.seed_range, help="7, or 1-40")
    parser.add_argument("--engine", choices=[*JOB_OPTIONS, "standin", "both"], default="both")
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time")
    options = parser.parse_args()
    engines = ["real", "standin"] if options.engine == "both" else [options.engine]
    with Workspace("chaos-shared") as shared:
        made = {engine: prepared(shared, engine) for engine in engines}
        runs = [(seed, engine) for seed in options.seeds for engine in engines]
        results = harness.in_parallel(runs, options.jobs, lambda run: Run(*run, *made[run[1]]).run())
    return tell(results)


def tell(results):
    total = collections.Counter()
    faults = collections.Counter()
    for result in results:
        faults.update(result.get("faults", {}))
        for name in ("lost", "doubled", "misplaced", "changed"):
            total[name] += result.get(name, 0)
        total["restarts"] += sum(result.get("restarts", {}).values())
        total[f"runs {result['seed'][1]}"] += 1
        total["failures"] += "failure" in result
        total["checker agrees"] += result.get("checker") == "agrees"
    print("sum", json.dumps({"runs": len(results), **total}))
    print("faults", json.dumps(dict(sorted(faults.items()))))
    return 0 if total["failures"] == 0 and total["checker agrees"] == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
