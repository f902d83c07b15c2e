"""The blocks about several machines: of README.md, and of the pages of cluster/."""

import os
import re
import shutil
import subprocess
import time

from docs import ROOT, fail
from scenarios import Elsewhere, Nowhere, Output, Scenario, compare, named_models, serve


class TwoMachines(Scenario):
    """One machine has both keys; the job ends, and the output is that of one machine."""

    def prepare(self, place):
        named_models(place)
        for name in ("rows.jsonl", "archive.jsonl"):
            place.rows(name, 80)

    def play(self, place, blocks):
        place.tell("keys", "new")
        place.words["WORKERS-KEY"] = place.words["COORDINATORS-KEY"] = place.key()
        for block in blocks:
            if block.text.startswith("scriptorium keys new"):
                shutil.rmtree(f"{place.folder}/home/.config")
                place.run(block)
                place.words["WORKERS-KEY"] = place.words["COORDINATORS-KEY"] = place.key()
            elif not block.text.startswith("scriptorium: "):
                place.run(block)

    def check(self, place):
        manifest, output = ("rows", "out") if self.page == "README.md" else ("archive", "archive.out")
        place.tell("transcribe", f"{manifest}.jsonl", "-o", "reference.jsonl", "--model", "m.pt", "--quiet")
        compare(self, place, f"{output}.jsonl")


class NewKey(Scenario):
    def prepare(self, place):
        named_models(place)
        place.rows("archive.jsonl", 40)
        place.tell("keys", "new")
        old = place.key()
        place.tell("keys", "allow", "worker-1", old)
        place.tell("keys", "new", "--keys", "NEW")
        shutil.copytree(f"{place.folder}/home/.config/scriptorium/keys/allowed", place.path("NEW", "allowed"),
                        dirs_exist_ok=True)
        place.words = {"OLD-KEY": old, "NEW-KEY": place.key("--keys", "NEW")}

    def play(self, place, blocks):
        serve(place, blocks[0], "--keys NEW")
        place.run(blocks[0])


class Joining(Scenario):
    """Pages with a worker for a coordinator that is there."""

    def prepare(self, place):
        named_models(place)
        place.rows("archive.jsonl", 80)
        place.tell("keys", "new")
        place.words["COORDINATORS-KEY"] = place.key()
        place.tell("keys", "allow", "worker-1", place.key())

    def play(self, place, blocks):
        for block in blocks:
            serve(place, block, "")
            if "--http" in block.text or "--connect" not in block.text:
                # Held, so that the worker is still there when it is asked.
                place.tell("pause", "-o", "archive.out.jsonl")
            place.run(block, accept={"health": [75], "curl": [22]} if "--http" in block.text else None)
            if "--http" in block.text:
                self.until_ready(place, block)
                place.tell("resume", "-o", "archive.out.jsonl")
            if "doctor" in block.text:
                place.tell("cancel", "-o", "archive.out.jsonl")
                place.running = [(*entry[:4], [130]) for entry in place.running]
            place.finish()
            for name in os.listdir(place.path()):
                if name.startswith("archive.out.jsonl"):
                    path = place.path(name)
                    shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)

    @staticmethod
    def until_ready(place, block):
        """A worker that has just begun is not ready; the same lines say so until it is."""
        for command in block.commands[1:]:
            for _ in range(300):
                done = subprocess.run(["bash", "-c", command], env=place.environment, capture_output=True, text=True)
                if done.returncode == 0:
                    break
                time.sleep(0.1)
            if done.returncode != 0 or not done.stdout.startswith("ready: "):
                fail(f"{block.name}: {command}: {done.stdout}{done.stderr}")


class Parts(Scenario):
    def prepare(self, place):
        named_models(place)
        place.rows("archive.jsonl", 41)
        place.tell("keys", "new")
        place.tell("keys", "allow", "worker-1", place.key())
        place.words = {"KEY-OF-5": place.key(), "KEY-OF-6": place.key()}
        # The page's model is everybody's.
        place.environment["SCRIPTORIUM_MODEL"] = "m.pt"

    def play(self, place, blocks):
        block = blocks[0]
        for line in block.commands:
            if line.startswith("scriptorium join"):
                place.finish()
            place.run(type(block)(block.page, block.line, "", line + "\n"))

    def check(self, place):
        place.tell("transcribe", "archive.jsonl", "-o", "reference.jsonl", "--arithmetic", "avx2", "--quiet")
        compare(self, place, "archive.out.jsonl")


class Steering(Scenario):
    """A coordinator with one worker, in a slot of the page's name; the last line ends the job."""

    def prepare(self, place):
        named_models(place)
        place.rows("archive.jsonl", 4_000)

    def play(self, place, blocks):
        block = blocks[0]
        place.tell("keys", "new")
        serve(place, block, "--insecure-plaintext")
        place.run(type(block)(block.page, block.line, "", "scriptorium work --connect tcp://10.0.0.5:7100 "
                              "--insecure-plaintext --model m.pt --slot 3f2a9c01/0\n"))
        time.sleep(2)
        for line in block.commands:
            if "--watch" in line:
                # It would go on to the end of the job.
                line = f"timeout -s INT 3 {line}"
            # Row 17 is not quarantined, and that is said.
            place.run(type(block)(block.page, block.line, "", line + "\n"), accept={"--watch": [124, 130], "retry 17": [64, 65]})
        # Cancelled is 130; a worker that was drained ends with 75.
        place.running = [(*entry[:4], [130] if "coordinate" in entry[1] else [0, 75]) for entry in place.running]


class Kept(Scenario):
    def prepare(self, place):
        place.rows("archive.jsonl", 8)
        place.tell("transcribe", "archive.jsonl", "-o", "archive.out.jsonl", "--quiet")


class Notices(Scenario):
    """The unit's notices, as journalctl prints them."""

    def prepare(self, place):
        place.rows("archive.jsonl", 1)
        with open(place.path("notices"), "w") as file:
            subprocess.run(["scriptorium", "transcribe", "archive.jsonl", "-o", "out.jsonl", "--log", "json"], env={
                **place.environment, "SCRIPTORIUM_OVERWRITE": "true"}, cwd=place.path(), stderr=file, check=True)
        path = os.path.join(place.folder, "bin", "journalctl")
        with open(path, "w") as file:
            file.write(f"#!/bin/sh\ncat {place.path('notices')}\n")
        os.chmod(path, 0o755)

    def play(self, place, blocks):
        command = blocks[0].commands[0]
        done = subprocess.run(["bash", "-c", command], env=place.environment, capture_output=True, text=True)
        if "SCRIPTORIUM_OVERWRITE is not obeyed" not in done.stdout:
            fail(f"{blocks[0].name}: {done.stdout}{done.stderr}")


class OverlayKeys(Scenario):
    """In a copy of the folder; a kubectl that renders it is the other test's."""

    def play(self, place, blocks):
        folder = place.path("kubernetes")
        shutil.copytree(os.path.join(ROOT, "cluster", "kubernetes"), folder)
        for block in blocks:
            place.run(block, page_folder=folder)
        if not os.path.exists(f"{folder}/overlays/mine/keys/coordinator/allowed/worker.key"):
            fail(f"{self.name}: there are no keys")


class FolderKeys(Scenario):
    """Keys in folders of an archive that all machines have."""

    def play(self, place, blocks):
        for block in blocks:
            text = re.sub(r"/(archive|fleet)/keys", place.path("keys"), block.text)
            lines = [line for line in text.splitlines() if line]
            place.words.clear()
            for line in lines:
                if "WORKERS-KEY" in line:
                    place.words["WORKERS-KEY"] = place.key("--keys", place.path("keys", "worker"))
                place.run(type(block)(block.page, block.line, "", line + "\n"))


CLUSTER = "cluster/README.md"
ALL = [
    TwoMachines("several machines", "README.md", "scriptorium keys allow"),
    Elsewhere("object stores", CLUSTER, ("scriptorium coordinate s3://", "scriptorium work --connect tcp://10.0.0.5:7100 "
                                         "--coordinator-key COORDINATORS-KEY --model m.pt --allow-source",
                                         "scriptorium export talks.jsonl"), "Tests/Sources/two_hosts.py"),
    TwoMachines("two machines", CLUSTER, "scriptorium keys new", "scriptorium keys allow", "scriptorium work --connect"),
    Output("listening", CLUSTER, "scriptorium: listening"),
    NewKey("a new key", CLUSTER, "scriptorium work --model m.pt --connect tcp://10.0.0.5:7100 --coordinator-key OLD-KEY"),
    Joining("joining", CLUSTER, "export SCRIPTORIUM_MODEL", "scriptorium doctor", "scriptorium work --http"),
    Parts("parts", CLUSTER, "scriptorium coordinate archive.jsonl -o part-1"),
    Steering("steering", CLUSTER, "scriptorium status archive.out.jsonl --watch"),
    Notices("notices", CLUSTER, "journalctl"),
    Kept("what is kept", CLUSTER, "scriptorium export archive.out.jsonl --now"),
    Elsewhere("ssh", CLUSTER, ("anna@", "make tarball"), "Tests/Ssh/ssh.py", "--listen", "-o"),
    Elsewhere("systemd", CLUSTER, ("sudo install", "sudo -u scriptorium"), "Tests/Systemd/check.py", "systemd-sysusers",
              "scriptorium-coordinator", "scriptorium-worker@0"),
    OverlayKeys("Kubernetes, keys", "cluster/kubernetes/README.md", "cp -r overlays/example"),
    Elsewhere("Kubernetes, rendering", "cluster/kubernetes/README.md", ("kubectl kustomize",), "Tests/Kubernetes/check.py",
              "kustomize"),
    Nowhere("Kubernetes, running", "cluster/kubernetes/README.md", ("kubectl apply",), ("kubectl ",)),
    Elsewhere("Slurm", "cluster/slurm/README.md", ("cluster/slurm/",), "Tests/Slurm/slurm.py", "submit.sh", "workers.sh",
              "steer.sh"),
]
