"""How long compute waits for audio of an object store, and what fetching costs, against the same files on a disk.

Usage: waits.py --model MODEL [--precision int8] [--rows 240] [--latency 20] [--link 12500000] [--rounds 2]

Rows are FLACs of 5 s. The store is faulty_server.py without faults, behind a link of so many bytes a second with so many
milliseconds before each answer. One worker runs as on a machine of its own (`work`), so that its time and its processor
seconds are its alone; rounds of files and of the store take turns, and the best of each counts. The server is a program in
Python on the same cores: its own processor seconds are told, because on a machine with few cores they are taken from compute.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("SCRIPTORIUM_BUILD", os.path.join(ROOT, ".build/release"))
PROGRAM = os.path.join(BUILD, "scriptorium")
PREFIX = "s3://bucket/talks/"


def write_rows(path, names, prefix):
    with open(path, "w") as file:
        for name in names:
            file.write(json.dumps({"audio_filepath": prefix + name, "duration": 5.0}) + "\n")


def job(folder, name, rows, settings, environment, allowed):
    """Runs one coordinator and one worker; the worker's time, its processor seconds, and the share of time compute waits."""
    trace = os.path.join(folder, f"{name}.trace.json")
    out, socket = os.path.join(folder, f"{name}.jsonl"), f"ipc://{folder}/{name}"
    log = open(os.path.join(folder, f"{name}.log"), "w")
    model = ["--model", settings.model]
    precision = ["--precision", settings.precision]
    coordinator = subprocess.Popen(
        [PROGRAM, "coordinate", rows, "-o", out, "--listen", socket, "--quiet"] + model + precision + allowed,
        env=environment, stdout=log, stderr=log)
    worker = subprocess.Popen(
        [PROGRAM, "work", "--connect", socket, "--threads", str(settings.threads), "--trace", trace] + model + precision + allowed,
        env=environment, stdout=log, stderr=log)
    _, status, usage = os.wait4(worker.pid, 0)
    worker.returncode = os.waitstatus_to_exitcode(status)
    assert coordinator.wait() == 0 and worker.returncode == 0, open(log.name).read()[-3000:]
    with open(out + ".report.json") as file:
        report = json.load(file)
    return report["last_run"]["wall_seconds"], usage.ru_utime + usage.ru_stime, waiting_share(trace)


def waiting_share(trace):
    """Of the time from the first window on, the share in which threads that compute waited for audio."""
    with open(trace) as file:
        # A trace is never closed, so that it can be opened whenever its process ends.
        events = json.loads(file.read().rstrip().rstrip(",") + "]")
    spans = [event for event in events if event["ph"] == "X" and event["name"] in ("compute", "waiting")]
    first = min(event["ts"] for event in spans if event["name"] == "compute")
    computed, waited = (
        sum(event["dur"] for event in spans if event["name"] == name and event["ts"] >= first)
        for name in ("compute", "waiting"))
    return waited / (computed + waited)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--precision", default="int8")
    parser.add_argument("--rows", type=int, default=240)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--latency", type=float, default=20)
    parser.add_argument("--link", type=int, default=12_500_000)
    parser.add_argument("--rounds", type=int, default=2)
    settings = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="waits-") as folder:
        files = os.path.join(folder, "files")
        os.mkdir(files)
        names = [f"{number:05}.flac" for number in range(settings.rows)]
        for number, name in enumerate(names):
            subprocess.run(
                ["ffmpeg", "-v", "error", "-f", "lavfi", "-i",
                 f"anoisesrc=color=pink:amplitude=0.05:seed={number}:duration=5:sample_rate=16000", "-ac", "1",
                 os.path.join(files, name)], check=True)
        sizes = [os.path.getsize(os.path.join(files, name)) for name in names]
        print(f"{settings.rows} FLACs of 5 s, {sum(sizes) / len(sizes) / 1000:.0f} kB each; "
              f"{settings.latency:.0f} ms, {settings.link * 8 / 1e6:.0f} Mbit/s", flush=True)
        plain, remote = os.path.join(folder, "plain.jsonl"), os.path.join(folder, "remote.jsonl")
        write_rows(plain, names, files + "/")
        write_rows(remote, names, PREFIX)
        server = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "faulty_server.py"), files, os.path.join(folder, "requests"),
             "--latency", str(settings.latency), "--link", str(settings.link)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        port = int(server.stdout.readline())
        environment = dict(
            os.environ, AWS_ACCESS_KEY_ID="k", AWS_SECRET_ACCESS_KEY="s", AWS_REGION="here-1",
            AWS_ENDPOINT_URL_S3=f"http://127.0.0.1:{port}")
        best = {}
        for number in range(settings.rounds):
            for kind, rows, allowed in (("files", plain, []), ("store", remote, ["--allow-source", PREFIX])):
                load = os.getloadavg()[0]
                wall, processor, waits = job(folder, f"{kind}{number}", rows, settings, environment, allowed)
                print(f"{kind}: {wall:.2f} s, {processor:.2f} processor seconds of the worker, "
                      f"compute waits {100 * waits:.1f} % of its time; load before {load:.1f}",
                      flush=True)
                best[kind] = [min(pair) for pair in zip(best.get(kind, (1e9, 1e9)), (wall, processor))]
        with open(f"/proc/{server.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        spent = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        server.kill()
        print(f"of the server: {spent / settings.rounds:.2f} processor seconds a round")
        for index, name in enumerate(("time", "processor seconds")):
            more = best["store"][index] / best["files"][index] - 1
            print(f"{name}: {100 * more:+.1f} % with the store")


main()
