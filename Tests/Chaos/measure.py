#!/usr/bin/env python3
"""What deaths and slow workers cost, measured on the wire:

    measure.py worker|coordinator|million|poison|tail|long [SEED]

worker       kill -9 of a worker with the real engine, its slot started again at once: what it had taken up
             and not reported, and the time until the rest of its rows was given out again
coordinator  kill -9 of the coordinator of a small job with the real engine, and of one worker, so that
             somebody has nothing to do: time to the first new lease (the job is not run to its end)
million      the same at 1,000,000 rows with the stand-in engine, a third and two thirds recorded
poison       one row in 1,000 kills its process (stand-in engine): all of them quarantined, three deaths each at
             most, and no other row
tail         one worker of ten is ten times slower (stand-in engine): how long it takes beside the ideal
long         a row of 20 h among 1,000 of 10 s on 8 workers (stand-in engine): likewise; with STANDIN_WHOLE=1 in the
             environment the row is one worker's, and the bound is passed

Prints one JSON line an event, and a sum; ends with 1 if a bound of docs/reliability.md was passed.
"""

import json
import signal
import sys
import time

import harness
from harness import DONE_WITH_FAILURES, MODEL, PROGRAM, Workspace, Fault
from cluster import Cluster

SECONDS_MAX = 2.0
# What a worker has in hand at most: a batch in the engine (1,000 frames of 20 ms), two more that are decoded
# ahead, and what its decoders have just begun. Only the first is computed twice; the rest is read twice. The
# end of a recording is no whole frame: short ones have up to 7 % more samples than frames say.
AUDIO_SECONDS_MAX = 3 * 20 * 1.07 + 4


def say(**fields):
    print(json.dumps(fields), flush=True)


def speech(workspace, times, seconds_max):
    """A manifest of real speech and its undisturbed output."""
    manifest, reference = workspace.path("rows.jsonl"), workspace.path("undisturbed.jsonl")
    harness.speech_manifest(manifest, times, seconds_max=seconds_max)
    workspace.run(
        [PROGRAM, "transcribe", manifest, "--model", MODEL, "-o", reference, "--threads", "1", "--quiet"],
        accept=(DONE_WITH_FAILURES,))
    return manifest, reference


def check(cluster, manifest, reference):
    harness.prove(cluster.output, manifest)
    counts = harness.compare(cluster.output, reference)
    if any(counts.values()):
        raise Fault(f"the output differs: {counts}")


# A worker's death


def of_worker(random):
    kills = 10
    with Workspace("measure") as workspace:
        # Recordings of one window each: a longer one is lost as a whole, however much of it was done.
        manifest, reference = speech(workspace, 200, 2)
        cluster = Cluster(workspace, "real", manifest, workspace.path("out.jsonl"), 2)
        deaths = []
        cluster.run_for(60, until=lambda: len(cluster.seen("results")) > 4)
        while len(deaths) < kills and not cluster.run_for(random.uniform(0.8, 2)):
            worker = random.choice(cluster.workers)
            slot = worker.command[-1]
            hello = [m for m in cluster.seen("hello") if m.meta["slot"] == slot][-1]
            deaths.append((time.monotonic(), slot, hello.connection))
            worker.signal(signal.SIGKILL)
            worker.process.wait()
        cluster.finish()
        check(cluster, manifest, reference)
        messages = cluster.seen()
    lines = [line for place in deaths if (line := death(messages, *place))]
    for line in lines:
        say(**line)
    times = [line["leased_again_after_hello"] for line in lines
             if line["leased_again_after_hello"] is not None]
    audio = max(line["audio_seconds_taken_up"] for line in lines)
    say(kills=len(deaths), most_audio_seconds_taken_up=audio,
        most_seconds_from_hello_to_leased_again=max(times))
    return audio <= AUDIO_SECONDS_MAX and max(times) <= SECONDS_MAX


def death(messages, killed, slot, connection):
    """What one death cost; None if the worker had taken up nothing."""
    leased, started, done, audio, last = set(), set(), set(), {}, None
    for message in messages:
        meta = message.meta
        if message.connection != connection or message.time > killed:
            continue
        if message.kind == "lease":
            leased.update(meta["ordinals"])
            audio.update(zip(meta["ordinals"], meta["audioMilliseconds"]))
        elif message.kind == "started":
            started.update(meta["ordinals"])
        elif message.kind == "results":
            done.update(meta["ordinals"])
            last = message.time
        elif message.kind == "failure":
            done.add(meta["ordinal"])
    taken_up, untouched = started - done, leased - started - done
    if not taken_up:
        return None
    hello = next((m.time for m in messages
                  if m.kind == "hello" and m.time > killed and m.meta["slot"] == slot), None)
    again = next((m.time for m in messages
                  if m.kind == "lease" and m.time > killed and m.connection != connection
                  and untouched & set(m.meta["ordinals"])), None)
    return {
        "rows_taken_up": len(taken_up),
        "audio_seconds_taken_up": round(sum(audio.get(row, 0) for row in taken_up) / 1_000, 2),
        "seconds_since_its_last_results": round(killed - last, 3) if last else None,
        "rows_untouched": len(untouched),
        "hello_after_kill": round(hello - killed, 3) if hello else None,
        "leased_again_after_hello": round(max(0, again - hello), 3) if again and hello else None}


# A coordinator's death


def recovery(cluster):
    """Kills the coordinator, starts it again at once; seconds to its first welcome and lease."""
    began = time.monotonic()
    cluster.coordinator.signal(signal.SIGKILL)
    cluster.coordinator.process.wait()
    if cluster.run_for(60, until=lambda: cluster.seen("lease", since=began)):
        return None
    lease = cluster.seen("lease", since=began)
    if not lease:
        raise Fault(f"no lease within 60 s: {cluster.coordinator.tail()}")
    welcome = cluster.seen("welcome", since=began)
    return {"to_welcome": round(welcome[0].time - began, 3), "to_lease": round(lease[0].time - began, 3)}


def of_coordinator(random):
    worst, kills = 0.0, 0
    with Workspace("measure") as workspace:
        manifest = workspace.path("rows.jsonl")
        harness.speech_manifest(manifest, 250)
        cluster = Cluster(workspace, "real", manifest, workspace.path("out.jsonl"), 2)
        cluster.run_for(60, until=lambda: cluster.seen("results"))
        while kills < 10 and not cluster.run_for(random.uniform(0.5, 1.5)):
            random.choice(cluster.workers).signal(signal.SIGKILL)
            if times := recovery(cluster):
                kills += 1
                say(**times)
                worst = max(worst, times["to_lease"])
    say(kills=kills, worst_seconds_to_first_lease=worst)
    return worst <= SECONDS_MAX


def of_coordinator_at_a_million(random):
    rows, worst = 1_000_000, 0.0
    with Workspace("measure") as workspace:
        manifest = workspace.path("rows.jsonl")
        harness.standin_manifest(manifest, rows)
        # Faster ones would send more messages than a worker may, and be turned away.
        cluster = Cluster(
            workspace, "standin", manifest, workspace.path("out.jsonl"), 4, batch=2, kinds={"welcome", "lease"})
        for share in (1 / 3, 2 / 3):
            def is_there():
                return sum(len(m.meta["ordinals"]) for m in cluster.seen("lease")) >= share * rows
            if cluster.run_for(200, until=is_there) or not is_there():
                raise Fault("the job was done before it could be killed, or too slow")
            for _ in range(3):
                granted = sum(len(m.meta["ordinals"]) for m in cluster.seen("lease"))
                times = recovery(cluster)
                say(granted=granted, **times)
                worst = max(worst, times["to_lease"])
                cluster.run_for(random.uniform(1, 2))
        cluster.finish(280)
        expected = workspace.path("undisturbed.jsonl")
        workspace.run(["env", "STANDIN_BATCH_MS=2", harness.STANDIN, "coordinate", manifest, expected, "4"], timeout=400)
        check(cluster, manifest, expected)
    say(rows=rows, worst_seconds_to_first_lease=worst)
    return worst <= SECONDS_MAX


# Poison and tail


def of_poison(random):
    rows, poisons = 10_000, sorted(random.sample(range(10_000), 10))
    with Workspace("measure") as workspace:
        manifest, output = workspace.path("rows.jsonl"), workspace.path("out.jsonl")
        harness.write_rows(manifest, ({"audio_filepath": f"{n}.wav", **({"do": "kill"} if n in poisons else {})}
                                  for n in range(rows)))
        # Local workers: their parent sees what they died of.
        workspace.start("coordinator", [harness.STANDIN, "coordinate", manifest, output, "3"],
                    environment={"STANDIN_CALM": "1"})
        coordinator = workspace.processes[0]
        end = time.monotonic() + 200
        while coordinator.ended() is None and time.monotonic() < end:
            harness.look_again()
        if coordinator.ended() != DONE_WITH_FAILURES:
            raise Fault(f"the coordinator ended with {coordinator.ended()}: {coordinator.tail()}")
        with open(output) as file:
            records = [json.loads(line) for line in file]
        with open(output + ".report.json") as file:
            events = json.load(file)["events"]
    quarantined = [n for n, record in enumerate(records) if record["status"] == "quarantined"]
    transcribed = sum(record["status"] == "transcribed" for record in records)
    # Each death is a loss that was written to the poison row, alone or among others.
    def is_of(event, row):
        if event["kind"] != "row_suspected":
            return False
        if event.get("row") is not None:
            return event["row"] == row
        return str(row) in event["text"].rpartition(": ")[2].replace(",", " ").split(" and ")[0].split()

    deaths = {n: sum(is_of(e, n) for e in events) for n in poisons}
    say(rows=rows, poisons=len(poisons), quarantined=len(quarantined), transcribed=transcribed,
        most_deaths_of_a_row=max(deaths.values()), in_order=[r["row"] for r in records] == list(range(rows)))
    return quarantined == poisons and transcribed == rows - len(poisons) and max(deaths.values()) <= 3


def of_tail(random):
    fast, slow, workers, seconds = 40, 400, 10, 30
    speed = (workers - 1) * 4 / (fast / 1_000) + 4 / (slow / 1_000)
    rows = int(speed * seconds)
    with Workspace("measure") as workspace:
        manifest = workspace.path("rows.jsonl")
        harness.standin_manifest(manifest, rows)
        cluster = Cluster(workspace, "standin", manifest, workspace.path("out.jsonl"), workers, batch=fast,
                          batches=[slow], kinds={"lease", "results", "recorded"})
        cluster.finish(120)
        taken = cluster.seen("recorded")[-1].time - cluster.seen("lease")[0].time
        expected = workspace.path("undisturbed.jsonl")
        workspace.run(["env", "STANDIN_BATCH_MS=0", harness.STANDIN, "coordinate", manifest, expected, "2"])
        check(cluster, manifest, expected)
    say(rows=rows, ideal_seconds=seconds, seconds=round(taken, 2), ratio=round(taken / seconds, 3))
    return taken <= 1.10 * seconds


def of_long(random):
    speed, workers = 300, 8
    lengths = [10] * 1_000
    lengths.insert(random.randrange(1_000), 20 * 3_600)
    ideal = sum(lengths) / speed / workers
    with Workspace("measure") as workspace:
        manifest = workspace.path("rows.jsonl")
        harness.write_rows(manifest, ({"audio_filepath": f"{n}.wav", "duration": length}
                                      for n, length in enumerate(lengths)))
        cluster = Cluster(workspace, "standin", manifest, workspace.path("out.jsonl"), workers,
                          environment={"STANDIN_SPEED": str(speed)}, kinds={"lease", "recorded"})
        cluster.finish(600)
        taken = cluster.seen("recorded")[-1].time - cluster.seen("lease")[0].time
        expected = workspace.path("undisturbed.jsonl")
        workspace.run(["env", "STANDIN_SPEED=1000000", harness.STANDIN, "coordinate", manifest, expected, "1"])
        check(cluster, manifest, expected)
    say(rows=len(lengths), ideal_seconds=round(ideal, 1), seconds=round(taken, 2), ratio=round(taken / ideal, 3))
    return taken <= 1.15 * ideal


def main():
    parts = {"worker": of_worker, "coordinator": of_coordinator, "million": of_coordinator_at_a_million,
             "poison": of_poison, "tail": of_tail, "long": of_long}
    if len(sys.argv) not in (2, 3) or sys.argv[1] not in parts:
        print(__doc__)
        return 64
    seed = int(sys.argv[2]) if len(sys.argv) == 3 else 1
    say(measure=sys.argv[1], seed=seed)
    return 0 if parts[sys.argv[1]](harness.seeded(seed, sys.argv[1])) else 1


if __name__ == "__main__":
    sys.exit(main())
