"""Jobs over object stores, with kills in the middle: every row ends rightly, and few requests are made.

Usage: sources.py [--store faulty|real] [--rows N] [--faults …] [--kills N] [--seed N] [--folder]

Rows name objects of an S3 store: of one that misbehaves (faulty_server.py, which does not look at the signature), or of a real
one (object_store.py, which does). Each object is a clip of the bundled speech under a name of its own, most of them odd.
Coordinator and workers are killed meanwhile and started again. Then the output must be what a run over the files gives, byte
for byte but for the names; no row may be there twice, and the store that misbehaves may have been asked 1.3 times for each
row at most, not counting what was under way when somebody was killed. With --folder the input is the address of all of them,
which the store lists.
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

import object_store

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("SCRIPTORIUM_BUILD", os.path.join(ROOT, ".build/release"))
PROGRAM = os.path.join(BUILD, "scriptorium")
MODEL = os.path.join(ROOT, "models/digits-en")
AUDIO = os.path.join(ROOT, "manifests/examples/audio")
PREFIX = "s3://bucket/talks/"
REQUESTS_OF_ROW = 1.3
# What goes wrong where a request is signed, or an address made, otherwise than the store does it.
ODD = [" é+", " %20", " 100%", "~'()*!", "$&=@", ":,;", "[]", " 日本", "#?", "a//b"]


def write_rows(path, names, prefix):
    with open(path, "w") as file:
        for name in names:
            file.write(json.dumps({"audio_filepath": prefix + name}) + "\n")


def records(path, prefix):
    with open(path) as file:
        return [json.dumps(json.loads(line), ensure_ascii=False).replace(prefix, "") for line in file]


def start(arguments, environment, log):
    return subprocess.Popen([PROGRAM] + arguments, env=environment, stdout=log, stderr=log,
                            start_new_session=True)


def end(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


class FaultyStore:
    """faulty_server.py, as ObjectStore looks."""

    def __init__(self, folder, store, settings):
        self.log = os.path.join(folder, "requests")
        self.server = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "faulty_server.py"), store, self.log,
             "--faults", settings.faults, "--seed", str(settings.seed), "--latency", str(settings.latency)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        port = int(self.server.stdout.readline())
        self.environment = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "here-1",
                            "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{port}"}

    def outcomes(self):
        with open(self.log) as file:
            return [line.rsplit(" ", 1)[1].strip() for line in file]

    def end(self):
        self.server.kill()
        self.server.wait()


def run_with_kills(arguments, environment, settings, drawn, log):
    """Runs the command until it ends by itself.

    Returns how often somebody was killed, and the exit status.
    """
    kills = 0
    while True:
        job = start(arguments, environment, log)
        while job.poll() is None:
            time.sleep(0.1)
            if kills < settings.kills and drawn.random() < settings.kill_chance:
                kills += 1
                children = subprocess.run(
                    ["pgrep", "-P", str(job.pid)], capture_output=True, text=True).stdout.split()
                if kills % 2 and children:
                    os.kill(int(drawn.choice(children)), signal.SIGKILL)
                else:
                    end(job)
        if job.returncode in (0, 3):
            return kills, job.returncode
        if job.returncode != -signal.SIGKILL:
            log.flush()
            with open(log.name) as file:
                sys.exit(f"the job ended with {job.returncode}:\n{file.read()[-4000:]}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--store", choices=["faulty", "real"], default="faulty")
    parser.add_argument("--folder", action="store_true")
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--faults", default="busy=10,cut=5,stall=1,changed=1")
    parser.add_argument("--kills", type=int, default=4)
    parser.add_argument("--kill-chance", type=float, default=0.025, help="in each tenth of a second")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--latency", type=float, default=0)
    settings = parser.parse_args()
    drawn = random.Random(settings.seed)
    isReal = settings.store == "real"
    with tempfile.TemporaryDirectory(prefix="sources-") as folder:
        clips = sorted(name for name in os.listdir(AUDIO) if name[0].isdigit())
        files = os.path.join(folder, "files")
        os.mkdir(files)
        # Names that no file may have are those of objects alone.
        names = [f"{number:06}{ODD[number % len(ODD)] if isReal else ' é+'}{clips[number % len(clips)]}"
                 for number in range(settings.rows)]
        plain_names = [f"{number:06}{clips[number % len(clips)]}" for number in range(settings.rows)]
        for number, name in enumerate(plain_names if isReal else names):
            os.symlink(os.path.join(AUDIO, clips[number % len(clips)]), os.path.join(files, name))
        if isReal:
            os.mkdir(os.path.join(folder, "store"))
            store = object_store.ObjectStore(os.path.join(folder, "store"))
        else:
            store = FaultyStore(folder, files, settings)
        try:
            plain, remote = os.path.join(folder, "plain.jsonl"), os.path.join(folder, "rows.jsonl")
            if isReal:
                for number, name in enumerate(names):
                    with open(os.path.join(AUDIO, clips[number % len(clips)]), "rb") as file:
                        store.put(f"talks/{name}", file.read())
                # No recording by its name.
                store.put("talks/README.txt", b"none")
            # A folder's rows are in the order of keys, which begin with their numbers.
            write_rows(plain, plain_names if isReal else names, files + "/")
            write_rows(remote, names, PREFIX)
            environment = dict(os.environ, **store.environment)
            log = open(os.path.join(folder, "log"), "w")
            expected, got = os.path.join(folder, "expected.jsonl"), os.path.join(folder, "out.jsonl")
            common = ["--model", MODEL, "--quiet"]
            subprocess.run([PROGRAM, "transcribe", plain, "-o", expected] + common, check=True)
            source = PREFIX if settings.folder else remote
            kills, status = run_with_kills(
                ["transcribe", source, "-o", got, "--workers", "2", "--allow-source", PREFIX] + common,
                environment, settings, drawn, log)
            print(f"{settings.rows} rows of a {settings.store} store, {kills} kills, exit status {status}")
            wanted, found = records(expected, files + "/"), records(got, PREFIX)
            if isReal:
                wanted = [line.replace(json.dumps(plain, ensure_ascii=False), json.dumps(name, ensure_ascii=False))
                          for line, plain, name in zip(wanted, plain_names, names)]
            wrong = [(a, b) for a, b in zip(wanted, found) if a != b]
            assert len(wanted) == len(found) == settings.rows, f"{len(found)} rows of {settings.rows}"
            assert not wrong, f"{len(wrong)} records differ; the first: {wrong[0]}"
            if not isReal:
                outcomes = store.outcomes()
                faults = {kind: outcomes.count(kind) for kind in sorted(set(outcomes))}
                print(f"{len(outcomes)} requests ({len(outcomes) / settings.rows:.2f} a row), {faults}")
                # What a worker has in flight and ahead is lost with it, and asked for again: 32 rows and what it decodes.
                allowed = REQUESTS_OF_ROW * settings.rows + 84 * kills
                assert len(outcomes) <= allowed, f"{len(outcomes)} requests, at most {allowed:.0f} were expected"
            subprocess.run([PROGRAM, "verify", got], check=True, stdout=subprocess.DEVNULL)
            if isReal:
                refused = subprocess.run(
                    [PROGRAM, "transcribe", remote, "-o", os.path.join(folder, "refused.jsonl"), "--dry-run",
                     "--allow-source", PREFIX] + common, capture_output=True, text=True,
                    env=dict(environment, AWS_SECRET_ACCESS_KEY="wrong"))
                assert "the store refuses it (403)" in refused.stdout, refused.stdout + refused.stderr
        finally:
            store.end()
    print("as it should be")


main()
