"""Who runs which blocks of the pages, and with what. A scenario claims blocks by their page and how they begin."""

import glob
import os
import re
import shutil
import subprocess
import sys
import time

from docs import EXAMPLES, FIXTURES, MODEL, ROOT, Place, fail


class Scenario:
    how = "run"

    def __init__(self, name, page, *starts):
        self.name, self.page, self.starts = name, page, starts

    def claims(self, block):
        return block.page == self.page and block.commands[0].startswith(self.starts)

    def run(self, program, blocks):
        place = Place(program)
        try:
            self.prepare(place)
            self.play(place, blocks)
            place.finish()
            self.check(place)
        finally:
            place.close()

    def prepare(self, place):
        pass

    def play(self, place, blocks):
        for block in blocks:
            place.run(block)

    def check(self, place):
        pass


class Demo(Scenario):
    def run(self, program, blocks):
        place = Place(program)
        try:
            done = subprocess.run(blocks[0].commands[0].split(), cwd=ROOT, capture_output=True, text=True,
                                  env={**os.environ, "OUT": place.path("out")})
            if done.returncode != 0:
                fail(f"{blocks[0].name}: {done.stderr[-600:]}")
            # What the page shows of it: rows with their texts, and the table.
            shown = {" ".join(line.split()) for line in done.stdout.splitlines()}
            for line in blocks[1].text.splitlines():
                words = " ".join(line.split())
                if words and not words.startswith("scriptorium: ") and words not in shown:
                    fail(f"{blocks[1].name}: make demo does not show: {words}")
        finally:
            place.close()


def recordings(place, folder, count=3):
    for number, name in enumerate(sorted(os.listdir(f"{EXAMPLES}/audio"))):
        if number < count:
            os.makedirs(place.path(folder), exist_ok=True)
            shutil.copy(f"{EXAMPLES}/audio/{name}", place.path(folder))


def named_models(place):
    place.link("m.pt", MODEL)
    for name in ("model.pt", "wav2vec2_base_finetuned.pt"):
        place.link(name, f"{FIXTURES}/golden/nv_hourglass_naive_f3/checkpoint.pt")
    place.link("fairseq.pt", f"{FIXTURES}/golden/fairseq_ctc/checkpoint_cfg_dict.pt")
    place.link("dict.ltr.txt", f"{FIXTURES}/golden/fairseq_ctc/dict.ltr.txt")


class RealModels(Scenario):
    def prepare(self, place):
        named_models(place)
        recordings(place, "archive")
        recordings(place, "talks", 2)
        first = sorted(os.listdir(f"{EXAMPLES}/audio"))[0]
        subprocess.run(["ffmpeg", "-loglevel", "error", "-i", f"{EXAMPLES}/audio/{first}", place.path("talk.flac")],
                       check=True)
        place.rows("rows.jsonl", 4)
        place.write("test.tsv", f"{EXAMPLES}/audio\n{first}\t5000\n")
        place.write("data/train/wav.scp", f"u1 {EXAMPLES}/audio/{first}\n")
        self.outputs = 0

    def play(self, place, blocks):
        for block in blocks:
            # Each line is an example of its own, and all write to one name.
            for line in block.commands:
                part = type(block)(block.page, block.line, "", line + "\n")
                place.run(part)
                if " -o out.jsonl" in line:
                    self.outputs += 1
                    place.tell("verify", "out.jsonl", "--sample", "0")
                    for path in ("out.jsonl", "out.jsonl.report.json", "out.jsonl.digests.jsonl"):
                        os.remove(place.path(path))
                    shutil.rmtree(place.path("out.jsonl.job"))

    def check(self, place):
        if self.outputs != 4:
            fail(f"{self.name}: {self.outputs} outputs and not 4")
        if not [name for name in os.listdir(place.path("talks")) if name.endswith(".srt")]:
            fail(f"{self.name}: no subtitles beside the talks")


class Afterwards(Scenario):
    def prepare(self, place):
        named_models(place)
        place.rows("rows.jsonl")
        place.tell("transcribe", "rows.jsonl", "-o", "out.jsonl", "--quiet")
        place.tell("transcribe", "rows.jsonl", "-o", "other.jsonl", "--beam", "5", "--quiet")
        place.tell("transcribe", "rows.jsonl", "-o", "dev.out.jsonl", "--save-logits", "logits", "--quiet")
        shutil.copy(place.language_model(), place.path("4-gram.arpa"))
        subprocess.run(["gzip", place.path("4-gram.arpa")], check=True)
        place.write("lines.txt", "ONE TWO\nTHREE FOUR\n")
        # A text that repeats itself as texts do.
        text = ""
        for path in sorted(glob.glob(os.path.join(ROOT, "docs", "*.md")) + glob.glob(os.path.join(ROOT, "*.md"))):
            with open(path) as file:
                text += re.sub(r"[^A-Z \n]", "", file.read().upper())
        place.write("transcripts.txt", text)
        first = sorted(os.listdir(f"{EXAMPLES}/audio"))[0]
        subprocess.run(["ffmpeg", "-loglevel", "error", "-i", f"{EXAMPLES}/audio/{first}", place.path("interview.mp3")],
                       check=True)

    def play(self, place, blocks):
        place.run(blocks[0], accept={"evaluate": [3]})


class LanguageModels(Scenario):
    def prepare(self, place):
        named_models(place)
        recordings(place, "archive")
        place.rows("rows.jsonl", 6)
        shutil.copy(place.language_model(), place.path("4-gram.arpa"))
        texts = os.path.join(place.folder, "digits.txt")
        place.tell("lm", "build", texts, "-o", "4-gram.bin", "--order", "2", "--discount-fallback")
        subprocess.run(["gzip", place.path("4-gram.arpa")], check=True)
        place.write("names.txt", "SEVEN\nNINE\t5\n")

    def play(self, place, blocks):
        for line in blocks[0].commands:
            place.run(type(blocks[0])(blocks[0].page, blocks[0].line, "", line + "\n"))
            if line.endswith("-o out.jsonl"):
                for name in os.listdir(place.path()):
                    if name.startswith("out.jsonl"):
                        path = place.path(name)
                        shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)


class Alignment(Scenario):
    def prepare(self, place):
        named_models(place)
        place.rows("rows.jsonl", 4)
        place.rows("books.jsonl", 1, text=None, text_filepath=place.path("book.txt"))
        place.write("book.txt", "zero\n")
        place.tell("transcribe", "rows.jsonl", "-o", "first.jsonl", "--model", "m.pt", "--save-logits", "logits", "--quiet")
        shutil.copy(place.path("logits", "alphabet.json"), place.path("alphabet.json"))
        with open(place.path("rows.jsonl")) as file:
            lines = file.read().splitlines()
        place.write("stored.jsonl", "".join(
            f'{{"logits_filepath": "{place.path("logits", f"{number}.npy")}", "text": "ZERO"}}\n'
            for number in range(len(lines))))

    def play(self, place, blocks):
        for line in blocks[0].commands:
            # Texts that are not on their audio are rejected, which is 3.
            place.run(type(blocks[0])(blocks[0].page, blocks[0].line, "", line + "\n"), accept={"align": [3]})
            for name in os.listdir(place.path()):
                if name.startswith("aligned.jsonl"):
                    path = place.path(name)
                    shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)


class Labels(Scenario):
    def prepare(self, place):
        place.rows("dev.jsonl", 400)
        place.rows("archive.jsonl", 40)


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


def compare(scenario, place, output):
    with open(place.path("reference.jsonl"), "rb") as one, open(place.path(output), "rb") as other:
        if one.read() != other.read():
            fail(f"{scenario.name}: {output} is not that of one machine")


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


def serve(place, like, options, manifest="archive.jsonl"):
    """A coordinator on 10.0.0.5:7100 that the pages presuppose."""
    block = type(like)(like.page, like.line, "", f"scriptorium coordinate {manifest} --model m.pt -o archive.out.jsonl "
                       f"--listen tcp://10.0.0.5:7100 {options}\n")
    place.run(block)


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


class Elsewhere(Scenario):
    """Blocks that another test bed runs: it must have their words."""

    def __init__(self, name, page, starts, bed, *words):
        super().__init__(name, page, *starts)
        self.bed, self.needed, self.how = bed, words, f"run by {bed}"

    def run(self, program, blocks):
        with open(os.path.join(ROOT, self.bed)) as file:
            text = file.read()
        told = "\n".join(block.text for block in blocks)
        for word in self.needed:
            if word not in text:
                fail(f"{self.name}: {self.bed} has no {word}")
            if word not in told:
                fail(f"{self.name}: the page has no {word} any more")


class Nowhere(Scenario):
    """Lines that talk to services that are not to be had here."""

    def __init__(self, name, page, starts, programs):
        super().__init__(name, page, *starts)
        self.programs, self.how = programs, "not run: no such service is to be had"

    def run(self, program, blocks):
        for block in blocks:
            for line in block.commands:
                if not line.startswith(self.programs):
                    fail(f"{block.name}: {line} is among lines that nothing runs")


class Output(Scenario):
    """Blocks that show what is printed."""

    how = "no commands"

    def run(self, program, blocks):
        pass


CLUSTER = "cluster/README.md"
ALL = [
    Demo("demo", "README.md", "make demo", "scriptorium: 40 rows"),
    RealModels("real models", "README.md", "scriptorium transcribe talk.flac", "scriptorium transcribe talks/"),
    Afterwards("afterwards", "README.md", "scriptorium export out.jsonl --now"),
    LanguageModels("language models", "README.md", "scriptorium transcribe archive/ --model hf:patrick"),
    Alignment("alignment", "README.md", "scriptorium align"),
    Labels("labels", "README.md", "scriptorium transcribe dev.jsonl"),
    Output("records", "README.md", '{"audio_filepath"'),
    TwoMachines("several machines", "README.md", "scriptorium keys allow"),
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
