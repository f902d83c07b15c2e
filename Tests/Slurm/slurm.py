#!/usr/bin/env python3
"""Jobs of cluster/slurm under a real Slurm of three hosts, which are struck; the output must be the undisturbed one.

    slurm.py [SCENARIO ...] [--turns N] [--share S] [--keep FOLDER]

Each scenario submits a job by submit.sh, as a user would, waits until some of its rows are recorded, strikes, and
holds the finished output to that of `scriptorium transcribe` on this machine. Without names all of them run, one
after the other, but `half-hour`; they take a quarter of an hour. `half-hour` strikes one job of half an hour and more
with most of the faults of the others, and says how much audio was computed more than once. Needs root, and the packages
slurm-wlm and munge.
"""

import argparse
import json
import os
import re
import shutil
import sqlite3
import sys
import time

import cluster
from cluster import ADDRESSES, NODES, Cluster, until
import harness
from harness import DONE, DONE_WITH_FAILURES, MODEL, PROGRAM, Fault, Workspace

SCRIPTS = os.path.join(harness.ROOT, "cluster", "slurm")
JOB_SECONDS_MAX = 1_200
LONG_JOB_SECONDS_MAX = 7_200


class Job:
    """A job that submit.sh began."""

    def __init__(self, bed, manifest, seconds_max, *options):
        self.bed, self.seconds_max = bed, seconds_max
        self.output = bed.workspace.path("out.jsonl")
        self.fleet = self.output + ".fleet"
        self.told = bed.run(
            f"{SCRIPTS}/submit.sh", manifest, "-o", self.output, "--cpus", "1", "--time", "60",
            "--model", MODEL, *options)
        self.coordinator = self.read("coordinator.job")
        # Of the audio, that is done before a strike.
        self.share = 0.05

    def read(self, name):
        try:
            with open(os.path.join(self.fleet, name)) as file:
                return file.read().strip()
        except FileNotFoundError:
            return ""

    @property
    def arrays(self):
        return self.read("workers.jobs").split()

    def steer(self, *command):
        return self.bed.try_to_run(f"{SCRIPTS}/steer.sh", self.output, *command)

    def status(self):
        text = self.steer("status", "--json")
        return json.loads(text) if text else None

    def await_rows(self, workers=2):
        """Until so many workers are there and the share of the audio is done."""
        def enough():
            if self.read("finished"):
                raise Fault(f"the job ended with {self.read('finished')} before it was struck: more rows, please")
            status = self.status()
            # Long rows come first, so the share of the rows would be a late one.
            return (status and status["workers"] >= workers
                    and status["audio_seconds_done"] >= self.share * status["audio_seconds"] > 0 and status)

        return until(f"{workers} workers, and {self.share} of the audio", enough, self.seconds_max)

    def node_of(self, number):
        """Where a job runs."""
        def running():
            return [node for state, node in self.bed.jobs(number).values() if state == "RUNNING"]

        return until(f"job {number} runs", running)[0]

    def element_on(self, node):
        """An element of an array that runs there."""
        for array in self.arrays:
            for name, (state, place) in self.bed.jobs(array).items():
                if state == "RUNNING" and place == node:
                    return name
        raise Fault(f"no worker runs on {node}")

    def other_node(self):
        """The node where the coordinator is not."""
        here = self.node_of(self.coordinator)
        return next(node for node in NODES if node != here)

    def log(self, pattern="coordinator"):
        text = ""
        for name in sorted(os.listdir(self.fleet)):
            if name.startswith(pattern) and name.endswith(".log"):
                with open(os.path.join(self.fleet, name), errors="replace") as file:
                    text += file.read()
        return text


# The scenarios. Each gets the cluster and a job that is under way, and says what it did.


def undisturbed(bed, job):
    return {}


def node_killed(bed, job):
    """A worker's node dies without a word, and comes back later."""
    job.await_rows()
    victim = job.other_node()
    element = job.element_on(victim)
    bed.kill(victim)
    until(f"Slurm notices that {victim} is gone", lambda: "down" in bed.node_states().get(victim, ""))
    bed.revive(victim)
    until(f"{element} begins again", lambda: job.log("worker").count(f"({element})") or bed.restarts(element))
    return {"killed": victim, "restarts": bed.restarts(element)}


def coordinator_node_killed(bed, job):
    """The coordinator's node dies; Slurm begins it again on another, and workers follow it there."""
    job.await_rows()
    before = job.read("address")
    victim = job.node_of(job.coordinator)
    bed.kill(victim)
    until("the coordinator listens elsewhere", lambda: job.read("address") not in ("", before), 180)
    bed.revive(victim)
    return {"killed": victim, "from": before, "to": job.read("address")}


def partitioned(bed, job):
    """A worker's node is cut off for longer than Slurm waits; its worker and the copy of it both run."""
    job.await_rows()
    victim = job.other_node()
    bed.switch.isolate(victim)
    until(f"Slurm gives {victim} up", lambda: "down" in bed.node_states().get(victim, ""))
    bed.switch.heal()
    bed.await_nodes()
    return {"cut": victim}


def coordinator_partitioned(bed, job):
    """The coordinator's node is cut off: its copy elsewhere waits until the first one has let the journal go."""
    job.await_rows()
    victim = job.node_of(job.coordinator)
    bed.switch.isolate(victim)
    until(f"Slurm gives {victim} up", lambda: "down" in bed.node_states().get(victim, ""))
    bed.switch.heal()
    bed.await_nodes()
    return {"cut": victim, "refused_as_second": job.log().count("ended with status 76")}


def requeued(bed, job):
    """An operator puts a worker, then the coordinator, back into the queue."""
    job.await_rows()
    element = job.element_on(job.other_node())
    drained = job.log("worker").count("scriptorium: drained")
    bed.run("scontrol", "requeue", element)
    until("the worker hands its rows back", lambda: job.log("worker").count("scriptorium: drained") > drained)
    bed.run("scontrol", "requeue", job.coordinator)
    until("the coordinator has begun again", lambda: job.log().count("the coordinator listens at") >= 2, 180)
    return {"worker_restarts": bed.restarts(element), "coordinator_restarts": bed.restarts(job.coordinator)}


def preempted(bed, job):
    """An urgent job takes a whole node; its worker is requeued, and comes back."""
    job.await_rows()
    victim = job.other_node()
    element = job.element_on(victim)
    urgent = bed.run(
        "sbatch", "--parsable", "--partition=urgent", "--exclusive", f"--nodelist={victim}", "--wrap=sleep 10",
        f"--output={bed.workspace.path('urgent.log')}").strip()
    until("the urgent job has run", lambda: not bed.jobs(urgent), 180)
    until(f"{element} was requeued", lambda: bed.restarts(element) >= 1 or job.read("finished"))
    return {"preempted": element, "drained": job.log("worker").count("told to (end)"),
            "restarts": bed.restarts(element)}


def controller_killed(bed, job):
    """Slurm's controller dies; the job does not notice, and the controller finds it again."""
    job.await_rows()
    bed.kill("co", silently=False)
    before = time.monotonic()
    # Nobody can be asked meanwhile over the controller's host: the address is the job's own.
    until("some seconds without a controller", lambda: time.monotonic() - before > 15)
    bed.hosts["co"].start()
    bed.await_nodes()
    return {"restarts": bed.restarts(job.coordinator)}


def elastic(bed, job):
    """The array grows from two workers to four and shrinks to one."""
    job.await_rows()
    lost_before = job.status()["workers_lost"]
    bed.run(f"{SCRIPTS}/workers.sh", job.output, "2")
    job.await_rows(workers=4)
    first, second = job.arrays
    bed.run("scancel", second, f"{first}_1")
    until("one worker is left", lambda: (status := job.status()) and status["workers"] == 1)
    lost = job.status()["workers_lost"] - lost_before
    if lost:
        raise Fault(f"{lost} workers were lost that were asked to leave")
    return {"drained": job.log("worker").count("scriptorium: drained")}


def time_limit(bed, job):
    """The time limit of a worker comes: it drains, is requeued, and goes on."""
    job.await_rows()
    element = job.element_on(job.other_node())
    # The signal comes 90 s before the limit, which Slurm keeps in minutes.
    bed.run("scontrol", "update", f"JobId={element}", "TimeLimit=1")
    until("the worker drains", lambda: "told to (limit)" in job.log("worker"))
    until("it is requeued", lambda: bed.restarts(element) >= 1 or job.read("finished"))
    bed.try_to_run("scontrol", "update", f"JobId={element}", "TimeLimit=60")
    return {"requeued": element}


def one_job(bed, job):
    """The form with one allocation: a worker's node dies, and the rest goes on."""
    job.await_rows()
    victim = "w2"
    bed.kill(victim)
    until(f"Slurm notices that {victim} is gone", lambda: "down" in bed.node_states().get(victim, ""))
    bed.revive(victim)
    return {"killed": victim, "restarts": bed.restarts(job.coordinator)}


def computed_again(output):
    """Of the audio, what was computed more than once at most: the rows that lost workers had in their engines, as if all were done.

    The journal tells how many those were each time, and names up to 32; the others are taken to be as long as these.
    """
    journal = sqlite3.connect(f"file:{output}.job/journal.sqlite?mode=ro", uri=True)
    lengths = dict(journal.execute("select ordinal, audio_ms from outcome"))
    lost = 0
    for (text,) in journal.execute("select text from event where kind = 'row_suspected'"):
        named = [int(word) for word in re.findall(r"\d+", text.split(":")[1].split(" and ")[0])]
        lost += int(text.split()[0]) * sum(lengths[ordinal] or 0 for ordinal in named) / len(named)
    total = sum(length or 0 for length in lengths.values())
    return {"audio_seconds": round(total / 1_000), "computed_again_percent_at_most": round(100 * lost / total, 2)}


def half_hour(bed, job):
    """Most of the faults, spread over one long job."""
    facts = {}
    strikes = [node_killed, requeued, preempted, coordinator_node_killed, partitioned, elastic]
    for number, strike in enumerate(strikes):
        job.share = 0.05 + 0.9 * number / len(strikes)
        facts[strike.__name__] = strike(bed, job)
    until("the job ends", lambda: job.read("finished"), job.seconds_max)
    return {**facts, **computed_again(job.output)}


SCENARIOS = {
    "undisturbed": undisturbed, "node-killed": node_killed, "coordinator-node-killed": coordinator_node_killed,
    "partitioned": partitioned, "coordinator-partitioned": coordinator_partitioned, "requeued": requeued,
    "preempted": preempted, "controller-killed": controller_killed, "elastic": elastic,
    "time-limit": time_limit, "one-job": one_job, "half-hour": half_hour,
}
LONG = {"half-hour"}
OPTIONS = {"one-job": ["--one-job", "--sbatch", "--nodes=2"]}


def run(name, manifest, reference, options):
    began = time.monotonic()
    with Workspace("slurm") as workspace:
        try:
            bed = Cluster(workspace, name, options.share)
            seconds_max = LONG_JOB_SECONDS_MAX if name in LONG else JOB_SECONDS_MAX
            job = Job(bed, manifest, seconds_max, "--workers", "2", *OPTIONS.get(name, []))
            facts = SCENARIOS[name](bed, job)
            until("the job ends", lambda: job.read("finished"), seconds_max)
            status = int(job.read("finished"))
            if status not in (DONE, DONE_WITH_FAILURES):
                raise Fault(f"the coordinator ended with {status}: {job.log()[-600:]}")
            until("nothing of it is left in the queue", lambda: not any(
                bed.jobs(number) for number in [job.coordinator, *job.arrays]))
            harness.prove(job.output, manifest)
            counts = harness.compare(job.output, reference)
            if any(counts.values()):
                raise Fault(f"the output differs: {counts}")
            with open(job.output + ".report.json") as file:
                report = json.load(file)
            return {"seconds": round(time.monotonic() - began), "sha256": report["output"]["sha256"][:16],
                    "runs": report["runs"], "leases_lost": report["leases_lost"],
                    "processor_seconds": bed.processor_seconds(), **facts}
        except Fault as fault:
            return {"seconds": round(time.monotonic() - began), "failure": str(fault)}
        finally:
            if options.keep:
                # The spools and the sockets of daemons are nothing to read.
                shutil.copytree(
                    workspace.folder, os.path.join(options.keep, name), dirs_exist_ok=True,
                    ignore=lambda folder, names: [each for each in names if each.startswith("spool.") or
                                                  each in ("socket", "run", "state")])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=", ".join(SCENARIOS))
    parser.add_argument("--turns", type=int, default=40, help="times that the 42 example rows are repeated")
    parser.add_argument("--share", type=float, default=0.15, help="of a processor, for each node")
    parser.add_argument("--keep", metavar="FOLDER", help="copy what each scenario left there")
    options = parser.parse_args()
    names = options.scenarios or [name for name in SCENARIOS if name not in LONG]
    if unknown := set(names) - SCENARIOS.keys():
        parser.error(f"there is no scenario {', '.join(sorted(unknown))}")
    if os.geteuid() != 0 or not os.path.exists("/dev/net/tun"):
        print("this bed makes network namespaces and TAP devices: run it as root, with /dev/net/tun")
        return 77
    if missing := harness.missing_packages("slurm-wlm", "munge", "iproute2", "util-linux"):
        print(f"these packages are missing: {' '.join(missing)}")
        return 77
    failures = 0
    with Workspace("slurm-shared") as shared:
        manifest, reference = shared.path("rows.jsonl"), shared.path("undisturbed.jsonl")
        harness.speech_manifest(manifest, options.turns)
        shared.run([PROGRAM, "transcribe", manifest, "--model", MODEL, "-o", reference, "--threads", "1",
                    "--quiet"], accept=(DONE_WITH_FAILURES,), timeout=LONG_JOB_SECONDS_MAX)
        for name in names:
            result = run(name, manifest, reference, options)
            failures += "failure" in result
            print(json.dumps({"scenario": name, **result}), flush=True)
    print(f"{len(names) - failures} passed, {failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
