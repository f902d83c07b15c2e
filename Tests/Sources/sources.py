"""Jobs over a store that misbehaves, with kills in the middle: every row ends rightly, and few requests are made.

Usage: sources.py [--rows N] [--faults …] [--kills N] [--seed N]

Rows name objects of an S3 store (path style, signed; faulty_server.py does not look at the signature, RemoteAudioTests do). Each
object is a clip of the bundled speech under a name of its own. Coordinator and workers are killed meanwhile and started
again. Then the output must be what a run over the files gives, byte for byte but for the names; no row may be there twice,
and the store may have been asked 1.3 times for each row at most, not counting what was under way when somebody was killed.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("SCRIPTORIUM_BUILD", os.path.join(ROOT, ".build/release"))
PROGRAM = os.path.join(BUILD, "scriptorium")
MODEL = os.path.join(ROOT, "models/digits-en")
AUDIO = os.path.join(ROOT, "manifests/examples/audio")
REQUESTS_OF_ROW = 1.3


def write_rows(path, names, prefix):
    with open(path, "w") as file:
        for name in names:
            file.write(json.dumps({"audio_filepath": prefix + name}) + "\n")


def records(path, prefix):
    with open(path) as file:
        return [line.replace(prefix, "") for line in file]


def start(arguments, environment, log):
    return subprocess.Popen([PROGRAM] + arguments, env=environment, stdout=log, stderr=log,
                            start_new_session=True)


def end(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--faults", default="busy=10,cut=5,stall=1,changed=1")
    parser.add_argument("--kills", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--latency", type=float, default=0)
    settings = parser.parse_args()
    drawn = random.Random(settings.seed)
    with tempfile.TemporaryDirectory(prefix="sources-") as folder:
        clips = sorted(name for name in os.listdir(AUDIO) if name[0].isdigit())
        store = os.path.join(folder, "store")
        os.mkdir(store)
        names = [f"{number:06} é+{clips[number % len(clips)]}" for number in range(settings.rows)]
        for number, name in enumerate(names):
            os.link(os.path.join(AUDIO, clips[number % len(clips)]), os.path.join(store, name)) \
                if os.stat(AUDIO).st_dev == os.stat(store).st_dev else \
                os.symlink(os.path.join(AUDIO, clips[number % len(clips)]), os.path.join(store, name))
        plain, remote = os.path.join(folder, "plain.jsonl"), os.path.join(folder, "rows.jsonl")
        local, prefix = store + "/", "s3://bucket/talks/"
        write_rows(plain, names, local)
        # Objects that are not there are rows, too.
        write_rows(remote, names, prefix)
        server = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "faulty_server.py"), store, os.path.join(folder, "requests"),
             "--faults", settings.faults, "--seed", str(settings.seed), "--latency", str(settings.latency)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            port = int(server.stdout.readline())
            environment = dict(
                os.environ, AWS_ACCESS_KEY_ID="k", AWS_SECRET_ACCESS_KEY="s", AWS_REGION="here-1",
                AWS_ENDPOINT_URL_S3=f"http://127.0.0.1:{port}")
            log = open(os.path.join(folder, "log"), "w")
            expected, got = os.path.join(folder, "expected.jsonl"), os.path.join(folder, "out.jsonl")
            common = ["--model", MODEL, "--quiet"]
            subprocess.run([PROGRAM, "transcribe", plain, "-o", expected] + common, check=True)
            kills, status = 0, None
            while status is None:
                job = start(["transcribe", remote, "-o", got, "--workers", "2", "--allow-source", prefix]
                            + common, environment, log)
                while job.poll() is None:
                    time.sleep(0.2)
                    if kills < settings.kills and drawn.random() < 0.05:
                        kills += 1
                        children = subprocess.run(
                            ["pgrep", "-P", str(job.pid)], capture_output=True, text=True).stdout.split()
                        if kills % 2 and children:
                            os.kill(int(drawn.choice(children)), signal.SIGKILL)
                        else:
                            end(job)
                if job.returncode in (0, 3):
                    status = job.returncode
                elif job.returncode != -signal.SIGKILL:
                    log.flush()
                    sys.exit(f"the job ended with {job.returncode}:\n{open(log.name).read()[-4000:]}")
            with open(os.path.join(folder, "requests")) as file:
                outcomes = [line.rsplit(" ", 1)[1].strip() for line in file]
            faults = {kind: outcomes.count(kind) for kind in sorted(set(outcomes))}
            ratio = len(outcomes) / settings.rows
            print(f"{settings.rows} rows, {len(outcomes)} requests ({ratio:.2f} a row), {faults}, {kills} kills, "
                  f"exit status {status}")
            wrong = [(a, b) for a, b in zip(records(expected, local), records(got, prefix)) if a != b]
            assert len(records(expected, local)) == len(records(got, prefix)) == settings.rows, "rows are missing"
            assert not wrong, f"{len(wrong)} records differ; the first: {wrong[0]}"
            # What is in flight when a process is killed is asked for again: a few for each thread that decodes.
            allowed = REQUESTS_OF_ROW * settings.rows + 32 * kills
            assert len(outcomes) <= allowed, f"{len(outcomes)} requests, at most {allowed:.0f} were expected"
            subprocess.run([PROGRAM, "verify", got], check=True, stdout=subprocess.DEVNULL)
        finally:
            server.kill()
    print("as it should be")


main()
