#!/usr/bin/env python3
"""Makes the files beside it with the program of the last release, commit 1647959 (engine 2, journal form 4).

    sudo unshare --mount --uts Tests/Fixtures/former-release/make.py FORMER [PRESENT]

FORMER is the release's `scriptorium`, PRESENT this version's (for the bytes of a refusal). The job is done in
/archive on a host named `former`, so that journals, reports and messages name no machine. It is done in the
portable arithmetic class, which every machine can go on in.

    finished/    output, report, digests and job folder of a finished job of six rows, one of them no recording
    unfinished/  the same job, its coordinator and worker killed with some rows recorded
    part/        part 1 of 2 of the same rows, finished
    wire/        the frames of a handshake: hello, welcome, and the refusal of a worker of a later engine
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(ROOT, "Tests", "Chaos"))
import tap  # noqa: E402

ARCHIVE = "/archive"
ROWS = 6
LISTEN, TAPPED, TAPPED_AGAIN = 7461, 7462, 7463
FORMER = os.path.abspath(sys.argv[1])
PRESENT = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else None
MODEL = ["--model", "model", "--arithmetic", "portable"]


def prepare():
    os.makedirs(ARCHIVE, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "none", ARCHIVE], check=True)
    subprocess.run(["hostname", "former"], check=True)
    os.chdir(ARCHIVE)
    # Slots are named by the machine.
    with open("machine", "w") as file:
        file.write("0" * 32 + "\n")
    for known in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        if os.path.exists(known):
            subprocess.run(["mount", "--bind", "machine", known], check=True)
    os.mkdir("model")
    for name in os.listdir(os.path.join(ROOT, "models", "digits-en")):
        if name.endswith((".json", ".safetensors")):
            shutil.copy(os.path.join(ROOT, "models", "digits-en", name), "model")
    os.mkdir("audio")
    examples = os.path.join(ROOT, "manifests", "examples")
    with open(os.path.join(examples, "digits.jsonl")) as file:
        lines = [line for line in file][:ROWS - 1]
    for name in {line.split('"')[3] for line in lines}:
        shutil.copy(os.path.join(examples, name), "audio")
    with open("rows.jsonl", "w") as file:
        for line in lines:
            file.write('{"audio_filepath": "%s", "duration": %s}\n'
                       % (line.split('"')[3], line.split('"duration": ')[1].split(",")[0]))
        file.write('{"audio_filepath": "audio/none.wav"}\n')


def start(*command, program=None):
    environment = {**os.environ, "XDG_RUNTIME_DIR": "/archive", "SLURM_PROCID": ""}
    return subprocess.Popen([program or FORMER, *command], env=environment, stderr=subprocess.PIPE)


def keep(folder, output, names):
    target = os.path.join(HERE, folder)
    shutil.rmtree(target, ignore_errors=True)
    os.makedirs(target)
    for name in names:
        source = output + name
        if os.path.isdir(source):
            shutil.copytree(source, os.path.join(target, os.path.basename(source)))
        elif os.path.exists(source):
            shutil.copy(source, target)


def recorded(journal):
    with sqlite3.connect(f"file:{journal}?mode=ro&immutable=1", uri=True) as db:
        return db.execute("SELECT count(*) FROM outcome WHERE status = 'transcribed'").fetchone()[0]


def finished():
    process = start("transcribe", "rows.jsonl", "-o", "out.jsonl", *MODEL, "--quiet")
    assert process.wait() == 3, process.stderr.read()
    keep("finished", "out.jsonl", ["", ".job", ".report.json", ".digests.jsonl"])


def part():
    process = start("transcribe", "rows.jsonl", "-o", "part.jsonl", "--part", "1/2", *MODEL, "--quiet")
    assert process.wait() == 0, process.stderr.read()
    keep("part", "part.jsonl", ["", ".report.json", ".digests.jsonl"])


def unfinished():
    """Kills everything a moment after a worker has begun, until some rows but not all are recorded.

    The input is finished for its first rows, then grows, so that the kill may come at any time."""
    with open("rows.jsonl") as file:
        lines = file.readlines()
    os.mkdir("half")
    shutil.copytree("audio", "half/audio")
    with open("half/rows.jsonl", "w") as file:
        file.writelines(lines[:3])
    command = ["half/rows.jsonl", "-o", "half/out.jsonl", *MODEL]
    assert start("transcribe", *command, "--quiet").wait() == 0
    with open("half/rows.jsonl", "w") as file:
        file.writelines(lines)
    for name in ["half/out.jsonl", "half/out.jsonl.report.json", "half/out.jsonl.digests.jsonl"]:
        os.remove(name)
    # A worker that stands still in the middle of a lease, killed together with its coordinator.
    coordinator = start("coordinate", *command, "--listen", f"tcp://127.0.0.1:{LISTEN}",
                        "--insecure-plaintext")
    granted = []

    def on_message(message):
        if message.kind == "lease":
            granted.append(message)
            worker.send_signal(signal.SIGSTOP)

    between = tap.Tap(TAPPED, LISTEN, on_message)
    worker = start("work", "--connect", f"tcp://127.0.0.1:{TAPPED}", "--insecure-plaintext", *MODEL,
                   "--slot", "former/0")
    while not granted:
        time.sleep(0.05)
    time.sleep(0.5)
    for process in (coordinator, worker):
        process.kill()
        process.wait()
    # The log is part of the journal; one file is easier to keep.
    with sqlite3.connect("half/out.jsonl.job/journal.sqlite") as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    for name in ["half/out.jsonl.job/" + name for name in os.listdir("half/out.jsonl.job")]:
        if name.endswith(("-wal", "-shm")):
            os.remove(name)
    print("unfinished:", recorded("half/out.jsonl.job/journal.sqlite"), "rows recorded")
    keep("unfinished", "half/out.jsonl", [".job"])
    shutil.copy("half/rows.jsonl", os.path.join(HERE, "unfinished"))


def wire():
    """Frames of a handshake, as they went over the wire."""
    target = os.path.join(HERE, "wire")
    shutil.rmtree(target, ignore_errors=True)
    os.makedirs(target)
    frames = {}
    feed = tap.Frames.feed

    def keeping(self, data):
        for body in feed(self, data):
            if len(body) > 24 and body[:4] == b"SCTM":
                frames.setdefault(tap.KINDS.get(body[6], "?"), body)
            yield body

    tap.Frames.feed = keeping
    command = ["rows.jsonl", "-o", "wire.jsonl", *MODEL, "--listen", f"tcp://127.0.0.1:{LISTEN}",
               "--insecure-plaintext"]
    coordinator = start("coordinate", *command)
    tap.Tap(TAPPED_AGAIN, LISTEN, lambda message: None)
    connect = ["work", "--connect", f"tcp://127.0.0.1:{TAPPED_AGAIN}", "--insecure-plaintext", *MODEL, "--slot"]
    if PRESENT:
        later = start(*connect, "later/0", program=PRESENT)
        later.wait()
        with open(os.path.join(target, "rejected.bin"), "wb") as file:
            file.write(frames["rejected"])
        frames.clear()
    worker = start(*connect, "former/0")
    worker.wait()
    coordinator.wait()
    for kind in ("hello", "welcome"):
        with open(os.path.join(target, kind + ".bin"), "wb") as file:
            file.write(frames[kind])


if __name__ == "__main__":
    prepare()
    finished()
    part()
    unfinished()
    wire()
    shutil.copy("rows.jsonl", os.path.join(HERE, "rows.jsonl"))
