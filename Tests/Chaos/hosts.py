#!/usr/bin/env python3
"""Three hosts on one machine, with the real engine on real speech; needs root and namespaces.

    hosts.py network SEEDS [--jobs N]   a coordinator and two workers with keys, over a network that delays,
                                        loses, doubles, corrupts and cuts; the output must be the undisturbed one
    hosts.py silent [--count N]         a host falls silent without a word: when is it noticed, and when are
                                        its rows given to another

A seed draws how bad the links are and when they are cut, one way or both, for 1 to 25 s.
"""

import argparse
import collections
import json
import os
import select
import signal
import sys
import threading
import time

import harness
from harness import DONE, DONE_WITH_FAILURES, MODEL, PROGRAM, Workspace, Fault
from switch import Switch
from tap import Tap

HOSTS = {"co": "10.77.0.10/24", "w1": "10.77.0.11/24", "w2": "10.77.0.12/24"}
ENDPOINT = "tcp://10.77.0.10:7100"
CLONE_NEWNET = 0x4000_0000
RUN_SECONDS_MAX = 240
SILENCE_SECONDS_MAX = 20.0


# A bad network


def network(seed, manifest, reference):
    draw = harness.seeded(seed, "network")
    with Workspace("network") as workspace:
        switch = Switch(HOSTS, draw)
        workspace.undo.append(switch.close)
        here, public, folders = harness.make_keys(workspace, 2)
        output = workspace.path("out.jsonl")
        coordinator = workspace.start("coordinator", [
            *switch.on("co"), PROGRAM, "coordinate", manifest, "--model", MODEL, "-o", output, "--listen",
            ENDPOINT, "--keys", here])
        workers = [
            workspace.start(host, [
                *switch.on(host), PROGRAM, "work", "--connect", ENDPOINT, "--coordinator-key", public,
                "--keys", folder, "--model", MODEL, "--threads", "1", "--slot", f"{host}/0"])
            for host, folder in zip(("w1", "w2"), folders)]
        plan = Weather(draw, switch)
        began = time.monotonic()
        while (status := coordinator.restart_if_it_should()) is None:
            plan.turn(time.monotonic() - began)
            for worker in workers:
                if worker.restart_if_it_should() in harness.FINAL - {DONE}:
                    raise Fault(f"{worker.name} ended: {worker.tail()}")
            if time.monotonic() - began > RUN_SECONDS_MAX:
                raise Fault(f"not done after {RUN_SECONDS_MAX} s: {coordinator.tail()}")
            harness.look_again()
        if status not in (DONE, DONE_WITH_FAILURES):
            raise Fault(f"the coordinator ended with {status}: {coordinator.tail()}")
        harness.prove(output, manifest)
        counts = harness.compare(output, reference)
        result = {"seconds": round(time.monotonic() - began, 1), "faults": plan.told,
                  "frames": switch.counts, **counts}
        if any(counts.values()):
            result["failure"] = "the output differs"
        return result


class Weather:
    """Bad links from the start, and cuts; all heals after a while."""

    def __init__(self, draw, switch):
        self.switch, self.told = switch, []
        self.steps = []
        base = {
            "delay": draw.choice([0, 5, 50, 200]), "loss": draw.choice([0, 0.01, 0.05]),
            "double": draw.choice([0, 0.02, 0.1]), "corrupt": draw.choice([0, 0.01, 0.03])}
        base["jitter"] = base["delay"] / 2
        self.told.append(" ".join(f"{name} {value}" for name, value in base.items() if value))
        for pair in switch.links:
            switch.link(*pair, **base)
        at = 0.0
        for _ in range(draw.randint(1, 4)):
            at += draw.uniform(0.3, 4)
            host = draw.choice(["w1", "w2"])
            pairs = draw.choice([[("co", host)], [(host, "co")], [("co", host), (host, "co")]])
            length = draw.choice([draw.uniform(1, 5), draw.uniform(5, 25)])
            self.steps.append((at, pairs, {"cut": True}))
            self.steps.append((at + length, pairs, base))
            self.told.append(f"{'+'.join('>'.join(pair) for pair in pairs)} cut at {at:.1f} for {length:.1f}")
        self.steps.sort(key=lambda step: step[0])
        self.steps.append((self.steps[-1][0] + draw.uniform(0, 5), list(switch.links), {}))

    def turn(self, seconds):
        while self.steps and self.steps[0][0] <= seconds:
            _, pairs, faults = self.steps.pop(0)
            for pair in pairs:
                self.switch.link(*pair, **faults)


# A host that falls silent


def silent(seed):
    """Both workers talk through a tap on the coordinator's host, which sees what is given out when."""
    draw = harness.seeded(seed, "silent")
    messages = []
    with Workspace("silent") as workspace:
        switch = Switch(HOSTS, draw)
        workspace.undo.append(switch.close)
        manifest, output = workspace.path("rows.jsonl"), workspace.path("out.jsonl")
        # Few enough that the other host soon has nothing left to do but these rows.
        harness.speech_manifest(manifest, 10)
        # The tap is a process on the coordinator's host: a namespace is a process's own.
        read, write = os.pipe()
        tap = os.fork()
        if tap == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            harness.end_with_parent(signal.SIGKILL)
            os.close(read)
            enter(switch, "co")
            Tap(7100, 7101, lambda message: tell(write, message), host="10.77.0.10")
            while True:
                signal.pause()
        os.close(write)
        workspace.undo.append(lambda: (os.kill(tap, 9), os.waitpid(tap, 0), os.close(read)))
        workspace.start("coordinator", [
            *switch.on("co"), PROGRAM, "coordinate", manifest, "--model", MODEL, "-o", output, "--listen",
            "tcp://127.0.0.1:7101", "--insecure-plaintext", "--quiet"])
        for host in ("w1", "w2"):
            workspace.start(host, [
                *switch.on(host), PROGRAM, "work", "--connect", ENDPOINT, "--insecure-plaintext",
                "--model", MODEL, "--threads", "1", "--slot", f"{host}/0"])
        pending = b""

        def collect(seconds, until):
            nonlocal pending
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                if select.select([read], [], [], 0.05)[0]:
                    pending += os.read(read, 1 << 20)
                *lines, pending = pending.split(b"\n")
                messages.extend(json.loads(line) for line in lines)
                if until():
                    return True
            return False

        def connection(slot):
            hellos = [m for m in messages if m["kind"] == "hello" and m["slot"] == slot]
            return hellos[-1]["connection"] if hellos else None

        def both_work():
            sources = {m["connection"] for m in messages if m["kind"] == "results"}
            return {connection("w1/0"), connection("w2/0")} <= sources

        if not collect(60, both_work):
            raise Fault("the workers never began")
        collect(draw.uniform(0, 0.5), lambda: False)
        victim = connection("w2/0")
        switch.isolate("w2")
        cut = time.monotonic()
        held = set()
        for m in messages:
            if m["connection"] == victim and m["kind"] == "lease":
                held.update(m["ordinals"])
            elif m["connection"] == victim and m["kind"] == "results":
                held.difference_update(m["ordinals"])
        if not held:
            return {"held": 0}

        def elsewhere():
            return {row for m in messages if m["time"] > cut and m["kind"] == "lease"
                    and m["connection"] != victim for row in m["ordinals"]} & held

        noticed = watch(workspace, output, cut)
        if not collect(60, elsewhere):
            raise Fault(f"{len(held)} rows of a silent host were not given out again within 60 s")
        first = min(m["time"] for m in messages if m["time"] > cut and m["kind"] == "lease"
                    and m["connection"] != victim and set(m["ordinals"]) & held)
        if not (times := noticed()):
            raise Fault("the coordinator's status never said that a worker was lost")
        return {"held": len(held), "seconds_to_noticed": round(times, 2),
                "seconds_to_elsewhere": round(first - cut, 2)}


def watch(workspace, output, cut):
    """Asks the coordinator for its status until it has lost a worker; a function that waits for the time."""
    found = []

    def ask():
        while time.monotonic() < cut + 60 and not found:
            status = json.loads(workspace.run([PROGRAM, "status", output, "--json"]))
            if status["workers_lost"]:
                found.append(time.monotonic() - cut)
            harness.look_again(0.2)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()

    def wait():
        thread.join(60)
        return found[0] if found else None

    return wait


def enter(switch, host):
    """Moves this process to the network of a host."""
    space = os.open(f"/run/netns/{switch.spaces[host]}", os.O_RDONLY)
    if harness.LIBC.setns(space, CLONE_NEWNET) != 0:
        os._exit(70)


def tell(pipe, message):
    line = {"time": message.time, "connection": message.connection, "kind": message.kind}
    for name in ("slot", "ordinals", "session"):
        if name in message.meta:
            line[name] = message.meta[name]
    data = json.dumps(line).encode() + b"\n"
    while data:
        data = data[os.write(pipe, data):]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("scenario", choices=["network", "silent"])
    parser.add_argument("seeds", nargs="?", default="1", type=harness.seed_range)
    parser.add_argument("--jobs", type=int, default=2, help="networks at a time")
    options = parser.parse_args()
    if missing := harness.missing_packages("iproute2", "util-linux"):
        print(f"these packages are missing: {' '.join(missing)}")
        return 77
    if os.geteuid() != 0 or not os.path.exists("/dev/net/tun"):
        print("this scenario makes network namespaces and TAP devices: run it as root, with /dev/net/tun")
        return 77
    results = []
    if options.scenario == "network":
        with Workspace("network-shared") as shared:
            manifest, reference = shared.path("rows.jsonl"), shared.path("undisturbed.jsonl")
            harness.speech_manifest(manifest, 8)
            shared.run([PROGRAM, "transcribe", manifest, "--model", MODEL, "-o", reference, "--threads",
                        "1", "--quiet"], accept=(DONE_WITH_FAILURES,))
            results = harness.in_parallel(
                options.seeds, options.jobs, lambda seed: network(seed, manifest, reference))
    else:
        results = harness.in_parallel(options.seeds, options.jobs, silent)
    failures = sum("failure" in result for result in results)
    total = collections.Counter()
    for result in results:
        total.update({name: result[name] for name in ("lost", "doubled", "misplaced", "changed")
                      if name in result})
        total.update({f"frames {name}": count for name, count in result.get("frames", {}).items()})
    summary = {"scenario": options.scenario, "runs": len(results), "failures": failures, **total}
    times = []
    for name in ("seconds_to_noticed", "seconds_to_elsewhere"):
        if times := [result[name] for result in results if name in result]:
            summary[name] = {"least": min(times), "most": max(times)}
    print("sum", json.dumps(summary))
    return 1 if failures or (times and max(times) > SILENCE_SECONDS_MAX) else 0


if __name__ == "__main__":
    sys.exit(main())
