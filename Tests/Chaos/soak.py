#!/usr/bin/env python3
"""Half an hour of constant faults on one job, to see that nothing leaks:

    soak.py [--minutes N] [--seed N]

A coordinator over tcp with keys serves four workers with the real engine. Two of them are struck all the time:
killed (SIGKILL), frozen and thawed (SIGSTOP, SIGCONT), asked to leave (SIGTERM), and started again by their
exit status. Strangers connect, say nothing or noise, and vanish; somebody asks for the status. The coordinator
and the other two workers are left alone, and some 180 times in all their resident memory, open descriptors and
threads are read from /proc.

The job has more rows than the time is enough for. When the time is up all is calm, and the job goes on until
what was given out before has its records; then what `export --now` writes is compared with what the same
recordings gave undisturbed. Rows are spans of one length: work is done longest first, and would otherwise
change with the time, and be done in another order than the input's.

A leak grows with time, and what is filled once does not: the first quarter of the samples is not judged, and
the median of the last one is held against that of the second one. Memory may have grown by 2 % or 3 MB,
descriptors by 4, which is how many strangers and struck workers more may happen to be there; threads not at
all.

Prints one JSON line an event, and a sum; ends with 1 if any promise was broken.
"""

import argparse
import collections
import contextlib
import json
import os
import resource
import signal
import socket
import statistics
import sys
import time

import harness
from harness import DONE_WITH_FAILURES, EXAMPLES, MODEL, PROGRAM, TRY_AGAIN, Workspace, Fault

STEADY, STRUCK = 2, 2
SPAN_SECONDS = 4
SAMPLES = 180
GROWTH_MAX, GROWTH_MAX_MB, DESCRIPTORS_MAX = 0.02, 3, 4
# A row that was lost alone rests for a minute of calm, and may have to be tried once more after it.
AFTERWARDS_SECONDS_MAX = 400


def say(**fields):
    print(json.dumps(fields), flush=True)


class Soak:
    def __init__(self, workspace, seed, seconds):
        self.workspace, self.seconds = workspace, seconds
        self.random = harness.seeded(seed, "soak")
        self.counts = collections.Counter()
        self.thaw, self.strangers = [], []
        self.samples = collections.defaultdict(list)
        self.undisturbed = self.prepare()
        self.start()

    # The job

    def prepare(self):
        """Writes the manifest; the records of one turn of its spans, undisturbed."""
        turns, output = self.workspace.path("turns.jsonl"), self.workspace.path("turns.out.jsonl")
        self.manifest, self.output = self.workspace.path("rows.jsonl"), self.workspace.path("out.jsonl")
        measured, spans = 5, spans_of_examples()
        harness.write_rows(turns, turns_of(spans, measured))
        before = processor_seconds()
        self.workspace.run(
            [PROGRAM, "transcribe", turns, "--model", MODEL, "-o", output, "--threads", "1", "--quiet"],
            accept=(DONE_WITH_FAILURES,))
        # Three times as many turns as all processors could do: other programs slow down what is measured.
        at_once = min(len(os.sched_getaffinity(0)), STEADY + STRUCK)
        count = int(3 * at_once * self.seconds * measured / (processor_seconds() - before)) + 1
        harness.write_rows(self.manifest, turns_of(spans, count))
        with open(output) as file:
            return file.readlines()[:len(spans) + 2]

    def start(self):
        here, self.public, folders = harness.make_keys(self.workspace, STEADY + STRUCK)
        self.observer = self.workspace.path("keys-observer")
        key = self.workspace.run([PROGRAM, "keys", "new", "--keys", self.observer]).strip()
        self.workspace.run([PROGRAM, "keys", "allow", "observer", key, "--role", "observer", "--keys", here])
        self.port = harness.free_port()
        self.endpoint = f"tcp://127.0.0.1:{self.port}"
        self.coordinator = self.workspace.start("coordinator", [
            PROGRAM, "coordinate", self.manifest, "--model", MODEL, "-o", self.output, "--listen", self.endpoint,
            "--keys", here, "--quiet"])
        workers = [
            self.workspace.start(f"worker-{number}", [
                PROGRAM, "work", "--connect", self.endpoint, "--coordinator-key", self.public, "--keys", folder,
                "--model", MODEL, "--threads", "1", "--slot", f"soak/{number}", "--quiet"])
            for number, folder in enumerate(folders)]
        self.steady, self.struck = workers[:STEADY], workers[STEADY:]
        self.wait_for("a first record", 60, lambda: recorded(self.status()))

    def tick(self):
        """Starts again what was struck; the others must be there."""
        for process in (self.coordinator, *self.steady):
            if (status := process.ended()) is not None:
                raise Fault(f"{process.name} ended with {status}: {process.tail()}")
        for worker in self.struck:
            if (status := worker.restart_if_it_should()) is not None:
                raise Fault(f"{worker.name} ended with {status}: {worker.tail()}")

    def wait_for(self, what, seconds, condition):
        end = time.monotonic() + seconds
        while not condition():
            self.tick()
            if time.monotonic() > end:
                raise Fault(f"{what}: not within {seconds} s: {self.coordinator.tail()}")
            harness.look_again(2)

    def status(self):
        """From afar, as an operator would ask: a connection of its own, with a key of its own."""
        self.counts["status"] += 1
        return json.loads(self.workspace.run([
            PROGRAM, "status", "--connect", self.endpoint, "--coordinator-key", self.public, "--keys",
            self.observer, "--json"]))

    # Faults

    def disturb(self):
        acts = [(self.sample, lambda: self.seconds / SAMPLES),
                (self.strike, lambda: self.random.expovariate(1 / 2.5)),
                (self.visit, lambda: self.random.expovariate(3)),
                (self.ask, lambda: 10)]
        began = time.monotonic()
        due = [began + wait() for _, wait in acts]
        while (now := time.monotonic()) < began + self.seconds:
            self.tick()
            for number, (act, wait) in enumerate(acts):
                if due[number] <= now:
                    act()
                    due[number] = now + wait()
            self.end_what_is_due(now)
            harness.look_again()
        self.end_what_is_due(float("inf"))

    def strike(self):
        worker = self.random.choice(self.struck)
        kind = self.random.choice(["kill", "kill", "freeze", "leave"])
        self.counts[kind] += 1
        worker.signal({"kill": signal.SIGKILL, "freeze": signal.SIGSTOP, "leave": signal.SIGTERM}[kind])
        if kind == "freeze":
            # Silence is noticed after 15 s.
            self.thaw.append((time.monotonic() + self.random.choice([1, 3, 20]), worker))

    def visit(self):
        """A stranger: says nothing, noise, or noise after the right greeting; stays for a while, or not."""
        self.counts["stranger"] += 1
        greeting = b"\xff" + bytes(8) + b"\x7f\x03\x01CURVE" + bytes(47)
        words = self.random.choice([b"", self.random.randbytes(200), greeting + self.random.randbytes(200)])
        stranger = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        with contextlib.suppress(ConnectionError):
            stranger.sendall(words)
        self.strangers.append((time.monotonic() + self.random.choice([0, 0, 0.2, 0.2, 0.2, 4]), stranger))

    def ask(self):
        say(status=self.status(), **{name: samples[-1] for name, samples in self.samples.items()})

    def end_what_is_due(self, now):
        for item in [item for item in self.thaw if item[0] <= now]:
            self.thaw.remove(item)
            item[1].signal(signal.SIGCONT)
        for item in [item for item in self.strangers if item[0] <= now]:
            self.strangers.remove(item)
            item[1].close()

    # What is seen

    def sample(self):
        for process in (self.coordinator, *self.steady):
            self.samples[process.name].append(seen(process.pid))

    def judge_resources(self):
        """Says the medians of the quarters; what has grown."""
        grown = []
        for name, samples in self.samples.items():
            quarters = [samples[len(samples) * q // 4:len(samples) * (q + 1) // 4] for q in range(4)]
            medians = {
                what: [round(statistics.median(sample[what] for sample in quarter), 2) for quarter in quarters]
                for what in samples[0]}
            say(process=name, medians_of_quarters=medians)
            memory = medians["memory_mb"][1]
            for what, bound in (("memory_mb", max(GROWTH_MAX * memory, GROWTH_MAX_MB)),
                                ("descriptors", DESCRIPTORS_MAX), ("threads", 0)):
                if medians[what][3] > medians[what][1] + bound:
                    grown.append(f"{name}: {what}")
        return grown

    def judge_rows(self):
        """Waits until all that was given out under faults is recorded; how it differs from the undisturbed."""
        now, expected = self.workspace.path("out.now.jsonl"), self.workspace.path("expected.jsonl")
        numbers = self.workspace.path("out.now.rows")
        status = self.status()
        begun = recorded(status) + status["leased"]

        def rows_exported():
            """Rows from the first on without a gap; records of later ones are cut off."""
            self.workspace.run([PROGRAM, "export", self.output, "--now"])
            with open(numbers) as file:
                rows = 0
                for line in file:
                    if int(line) != rows:
                        break
                    rows += 1
            with open(now, "rb") as file:
                kept = [line for _, line in zip(range(rows), file)]
            with open(now, "wb") as file:
                file.writelines(kept)
            return rows

        self.wait_for(
            f"records of the first {begun} rows", AFTERWARDS_SECONDS_MAX, lambda: rows_exported() >= begun)
        self.coordinator.signal(signal.SIGTERM)
        self.coordinator.process.wait(30)
        if self.coordinator.ended() != TRY_AGAIN:
            raise Fault(f"the coordinator ended with {self.coordinator.ended()}: {self.coordinator.tail()}")
        rows = rows_exported()
        with open(expected, "w") as file:
            for number in range(rows):
                turn, place = divmod(number, len(self.undisturbed))
                file.write(self.undisturbed[place].replace(f'"row":{place},', f'"row":{number},').replace(
                    "/nowhere/0.wav", f"/nowhere/{turn}.wav"))
        return rows, harness.compare(now, expected)


def spans_of_examples():
    """Spans of the example recordings, all of one length."""
    with open(os.path.join(EXAMPLES, "digits.jsonl")) as file:
        examples = [json.loads(line) for line in file if line.strip()]
    return [
        {"audio_filepath": os.path.join(EXAMPLES, example["audio_filepath"]), "offset": offset}
        for example in examples for offset in range(int(example["duration"] - SPAN_SECONDS) + 1)]


def turns_of(spans, count):
    """The spans and two rows that fail, `count` times over."""
    not_audio = {"audio_filepath": os.path.join(EXAMPLES, "digits.jsonl")}
    for turn in range(count):
        for row in (*spans, {"audio_filepath": f"/nowhere/{turn}.wav"}, not_audio):
            yield {**row, "duration": SPAN_SECONDS}


def recorded(status):
    return sum(status[how] for how in ("transcribed", "rejected", "quarantined"))


def processor_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def seen(pid):
    """Resident memory, descriptors and threads of a process."""
    with open(f"/proc/{pid}/status") as file:
        fields = dict(line.split(":", 1) for line in file)
    return {"memory_mb": round(int(fields["VmRSS"].split()[0]) / 1024, 2),
            "descriptors": len(os.listdir(f"/proc/{pid}/fd")), "threads": int(fields["Threads"])}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    say(soak=options.minutes, seed=options.seed)
    try:
        with Workspace("soak") as workspace:
            soak = Soak(workspace, options.seed, 60 * options.minutes)
            soak.disturb()
            rows, counts = soak.judge_rows()
            grown = soak.judge_resources()
            restarts = sum(len(worker.statuses) for worker in soak.struck)
    except Fault as fault:
        say(failure=str(fault))
        return 1
    print("sum", json.dumps({"rows": rows, **counts, "grown": grown, "restarts": restarts, **soak.counts}))
    return 1 if grown or any(counts.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
