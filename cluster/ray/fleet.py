#!/usr/bin/env python3
"""Runs a job's workers on a Ray cluster: fleet.py MANIFEST -o OUT --workers N --cpus C [-- OPTIONS OF coordinate]

The coordinator runs beside this script; each worker is a task of C processors, which Ray starts again elsewhere when its
node dies. Manifest, recordings, model and output lie on a file system that all nodes share, and `scriptorium` is on
PATH there. The keys are made on first use, beside the output.
"""

import argparse
import os
import re
import subprocess
import sys

import ray

# What another try would not mend, and the end of the job.
FINAL = (0, 64, 65)


@ray.remote(max_retries=-1, scheduling_strategy="SPREAD")
def work(*options):
    """One worker, until the job is done."""
    while (status := subprocess.run(["scriptorium", "work", *options]).returncode) not in FINAL:
        print(f"a worker ended with {status} and is started again")
    return status


def keys(folder, *words):
    line = ["scriptorium", "keys", *words, "--keys", folder]
    return subprocess.run(line, check=True, capture_output=True, text=True).stdout


def public_key(folder):
    if not os.path.exists(os.path.join(folder, "secret.key")):
        keys(folder, "new")
    return re.search(r"\b[0-9a-f]{64}\b", keys(folder, "show"))[0]


def main():
    words = sys.argv[1:]
    split = words.index("--") if "--" in words else len(words)
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("manifest")
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--cpus", type=int, default=4)
    parser.add_argument("--model", help="the bundled one unless it is given")
    parser.add_argument("--port", type=int, default=7100)
    arguments = parser.parse_args(words[:split])
    ray.init(address=os.environ.get("RAY_ADDRESS"))
    fleet = os.path.abspath(arguments.output) + ".fleet"
    own, others = os.path.join(fleet, "coordinator"), os.path.join(fleet, "worker")
    os.makedirs(fleet, mode=0o700, exist_ok=True)
    key, workers_key = public_key(own), public_key(others)
    if not os.path.exists(os.path.join(own, "allowed", "worker.key")):
        keys(own, "allow", "worker", workers_key)
    connect = f"tcp://{ray.util.get_node_ip_address()}:{arguments.port}"
    model = ["--model", os.path.abspath(arguments.model)] if arguments.model else []
    coordinator = subprocess.Popen(
        ["scriptorium", "coordinate", arguments.manifest, "-o", arguments.output, "--listen", connect, "--keys", own,
         *model, *words[split + 1:]])
    options = ["--connect", connect, "--coordinator-key", key, "--keys", others, "--threads", str(arguments.cpus), *model]
    tasks = [work.options(num_cpus=arguments.cpus).remote(*options, "--slot", f"ray-{number}")
             for number in range(arguments.workers)]
    status = coordinator.wait()
    # Those that no node had room for are not needed any more.
    for task in tasks:
        ray.cancel(task)
    return status


sys.exit(main())
