#!/usr/bin/env python3
"""Judges the units of cluster/systemd and runs them under a real systemd: check.py SCRIPTORIUM

`systemd-analyze security` must call each at most 2.0, and `verify` must find nothing. Then, as root, a systemd of its
own boots in namespaces, with a root in memory; a coordinator and two workers run as cluster/README.md tells, a
worker is killed, the coordinator is stopped and started again, and the output must be the undisturbed one.
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Chaos"))
import harness

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HERE = os.path.dirname(os.path.abspath(__file__))
UNITS = os.path.join(ROOT, "cluster", "systemd")
EXAMPLES = os.path.join(ROOT, "manifests", "examples")
EXPOSURE_MAX = 20  # tenths
TURNS = 60
SECONDS_MAX = 300
failures = []


def fail(sentence):
    print(f"  ✘ {sentence}")
    failures.append(sentence)


def judge():
    for name in sorted(os.listdir(UNITS)):
        if not name.endswith(".service"):
            continue
        unit = os.path.join(UNITS, name)
        done = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE_MAX}", unit],
            capture_output=True, text=True)
        print(done.stdout.strip().splitlines()[-1].strip())
        if done.returncode != 0:
            fail(f"{name} is more exposed than {EXPOSURE_MAX / 10}")
        # The program is not installed here, and the manual page is not either: those two it may miss.
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True)
        for line in done.stderr.splitlines():
            if name in line or UNITS in line:
                fail(f"verify: {line}")


class Bed:
    def __init__(self, program, scratch):
        self.archive = os.path.join(scratch, "archive")
        os.makedirs(os.path.join(self.archive, "settings"))
        shutil.copytree(os.path.join(EXAMPLES, "audio"), os.path.join(self.archive, "audio"))
        shutil.copytree(os.path.join(ROOT, "models", "digits-en"), os.path.join(self.archive, "model"))
        shutil.copytree(UNITS, os.path.join(self.archive, "units"), ignore=lambda folder, names: [
            name for name in names if not name.endswith(".service")])
        shutil.copy(os.path.join(UNITS, "scriptorium.sysusers"), self.archive)
        with open(os.path.join(EXAMPLES, "digits.jsonl")) as file:
            examples = [json.loads(line) for line in file if line.strip()]
        self.manifest = os.path.join(self.archive, "archive.jsonl")
        with open(self.manifest, "w") as file:
            for turn in range(TURNS):
                file.writelines(json.dumps({**row, "turn": turn}) + "\n" for row in examples)
        for name, changes in (("coordinator.env", {"SCRIPTORIUM_MODEL": "/srv/archive/model"}),
                              ("worker.env", {"SCRIPTORIUM_MODEL": "/srv/archive/model", "SCRIPTORIUM_THREADS": "1"})):
            with open(os.path.join(ROOT, "cluster", name)) as file:
                lines = file.read().splitlines()
            for key, value in changes.items():
                lines = [f"{key}={value}" if line.startswith(f"{key}=") else line for line in lines]
            with open(os.path.join(self.archive, "settings", name), "w") as file:
                file.write("\n".join(lines) + "\n")
        subprocess.run(["chmod", "-R", "a+rX", scratch], check=True)
        self.log = open(os.path.join(scratch, "systemd.log"), "wb")
        root = os.path.join(scratch, "root")
        os.mkdir(root)
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--propagation=private", "--net", "--uts", "--ipc", "--pid", "--cgroup", "--fork",
             "--kill-child", "--mount-proc", "bash", os.path.join(HERE, "boot.sh"), root,
             os.path.dirname(program), self.archive],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True)
        self.root = root
        self.groups = groups()

    def close(self):
        self.process.kill()
        self.process.wait()
        # The groups that this systemd made, which are empty now.
        for path in sorted(groups() - self.groups, key=len, reverse=True):
            for _ in range(100):
                try:
                    os.rmdir(path)
                    break
                except OSError:
                    time.sleep(0.05)

    def first(self):
        """The process that is number one inside."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
            return (file.read().split() or [None])[0]

    def run(self, *command, accept=(0,)):
        done = subprocess.run(
            ["nsenter", "--all", "--root", "--wd", f"--target={self.first()}", "env", "-i",
             "PATH=/usr/local/bin:/usr/bin:/usr/sbin", "HOME=/root", *command],
            capture_output=True, text=True, timeout=60)
        if done.returncode not in accept:
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def show(self, unit, field):
        return self.run("systemctl", "show", unit, f"--property={field}", "--value")

    def as_service(self, *command):
        return self.run("setpriv", "--reuid=scriptorium", "--regid=scriptorium", "--clear-groups", *command)


def groups():
    """Folders of control groups that a systemd makes at the top."""
    found = set()
    for controller in os.listdir("/sys/fs/cgroup") if os.path.isdir("/sys/fs/cgroup") else []:
        base = os.path.join("/sys/fs/cgroup", controller)
        for folder, names, _ in os.walk(base):
            found.update(os.path.join(folder, name) for name in names
                         if name.endswith((".slice", ".scope", ".service", ".mount")) or ".slice" in folder)
    return found


def until(what, condition, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if condition():
                return
        except (RuntimeError, OSError, TypeError):
            pass
        time.sleep(0.2)
    raise RuntimeError(f"not within {seconds} s: {what}")


def run(program, scratch):
    bed = Bed(program, scratch)
    units = ["scriptorium-coordinator", "scriptorium-worker@0", "scriptorium-worker@1"]
    output = "/var/lib/scriptorium/archive.out.jsonl"
    try:
        until("systemd is up", lambda: bed.run("systemctl", "is-active", "multi-user.target") == "active")
        bed.run("systemd-sysusers")
        # As cluster/README.md tells; one machine is both sides here.
        bed.run("install", "-d", "-o", "scriptorium", "-g", "scriptorium", "-m", "750", "/var/lib/scriptorium")
        keys = "/var/lib/scriptorium/keys"
        key = bed.as_service("scriptorium", "keys", "new", "--keys", keys).split()[-1]
        bed.as_service("scriptorium", "keys", "allow", "worker-1", key, "--keys", keys)
        bed.run("sed", "-i", f"s/^SCRIPTORIUM_COORDINATOR_KEY=.*/SCRIPTORIUM_COORDINATOR_KEY={key}/", "/etc/scriptorium/worker.env")
        bed.run("systemctl", "start", *units)

        def status():
            text = bed.as_service("env", "XDG_RUNTIME_DIR=/run/scriptorium-coordinator", "scriptorium", "status", output,
                                  "--json")
            return json.loads(text)

        until("both workers are there", lambda: status()["workers"] == 2)
        until("rows are recorded", lambda: status()["transcribed"] > 0)
        user = bed.run("ps", "-o", "user=", "-p", bed.show(units[0], "MainPID"))
        if not user.startswith("scriptor"):
            fail(f"the coordinator runs as {user}")
        bed.run("systemctl", "kill", "--signal=SIGKILL", units[1])
        until("a killed worker is started again", lambda: int(bed.show(units[1], "NRestarts")) == 1)
        bed.run("systemctl", "stop", units[0])
        if (code := bed.show(units[0], "ExecMainStatus")) != "75":
            fail(f"a coordinator that is stopped ends with {code}")
        bed.run("systemctl", "start", units[0])
        until("the job ends", lambda: bed.show(units[0], "ActiveState") in ("inactive", "failed"), SECONDS_MAX)
        result = {"result": bed.show(units[0], "Result"), "status": bed.show(units[0], "ExecMainStatus")}
        until("the workers end", lambda: all(
            bed.show(unit, "ActiveState") in ("inactive", "failed") for unit in units[1:]), 120)
        for unit in units[1:]:
            if bed.show(unit, "Result") != "success":
                fail(f"{unit} ended with {bed.show(unit, 'Result')}, {bed.show(unit, 'ExecMainStatus')}")
        if result != {"result": "success", "status": "0"}:
            fail(f"the coordinator ended with {result}")
        # The root is in memory of another namespace, which its first process leads to.
        with open(f"/proc/{bed.first()}/root{output}", "rb") as file:
            got = hashlib.sha256(file.read()).hexdigest()
        reference = os.path.join(scratch, "reference.jsonl")
        subprocess.run([program, "transcribe", bed.manifest, "-o", reference, "--model",
                        os.path.join(bed.archive, "model"), "--threads", "1", "--quiet"], check=True)
        with open(reference, "rb") as file:
            wanted = hashlib.sha256(file.read()).hexdigest()
        print(f"units: {TURNS} x 40 rows, {got[:16]}, {result}")
        if got != wanted:
            fail("the output differs from that of one machine")
    except RuntimeError as error:
        fail(str(error))
        with open(bed.log.name, errors="replace") as file:
            print(file.read()[-4000:])
        for unit in units:
            try:
                print(bed.run("systemctl", "status", "--no-pager", unit, accept=(0, 3)))
                print(bed.run("tail", "-n", "20", f"/run/log.{unit}.service"))
            except RuntimeError as other:
                print(other)
    finally:
        bed.close()


def main():
    program = os.path.realpath(sys.argv[1])
    if missing := harness.missing_packages("systemd", "iproute2", "util-linux", "procps"):
        print(f"these packages are missing: {' '.join(missing)}")
        return 77
    judge()
    if os.geteuid() != 0:
        print("units: not run, since that takes root")
    else:
        with tempfile.TemporaryDirectory(prefix="scriptorium-systemd-") as scratch:
            run(program, scratch)
    print(f"{'0 passed' if failures else '1 passed'}, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
