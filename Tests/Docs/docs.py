#!/usr/bin/env python3
"""Executes every block of commands in README.md and in the pages of cluster/: docs.py SCRIPTORIUM

A block is run as it stands, line by line, in a folder that has the files that it names, in a network of its own that has
the addresses 10.0.0.5 and 10.0.0.6 (root). Only keys in capitals are replaced by real ones. What serves others goes on in
the background and must end well with its scenario. Blocks that other test beds run, and those for which there is no
machine here, are told as such; a block that no scenario claims is a fault.
"""

import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Chaos"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness

ROOT, EXAMPLES, MODEL = harness.ROOT, harness.EXAMPLES, harness.MODEL
FIXTURES = os.path.join(ROOT, "Tests", "Fixtures")
SECONDS_MAX = 300
failures = []


def fail(sentence):
    print(f"  ✘ {sentence}")
    failures.append(sentence)


def pages():
    return ["README.md"] + sorted(
        os.path.relpath(path, ROOT) for path in glob.glob(os.path.join(ROOT, "cluster", "**", "*.md"), recursive=True))


class Block:
    def __init__(self, page, line, language, text):
        self.page, self.line, self.language, self.text = page, line, language, text

    @property
    def name(self):
        return f"{self.page}:{self.line}"

    @property
    def commands(self):
        """The lines, with those joined that go on."""
        joined = re.sub(r"\\\n\s*", " ", self.text)
        return [line.strip() for line in joined.splitlines() if line.strip()]


def blocks():
    found = []
    for page in pages():
        with open(os.path.join(ROOT, page)) as file:
            text = file.read()
        for match in re.finditer(r"^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            found.append(Block(page, text[:match.start()].count("\n") + 1, match[1], match[2]))
    return found


# What serves until its job is done.
SERVERS = re.compile(r"^scriptorium (coordinate|work) ")


class Place:
    """A folder with the files that pages name, and what runs in it."""

    def __init__(self, program):
        self.folder = tempfile.mkdtemp(prefix="scriptorium-docs-")
        self.program = program
        self.words, self.running = {}, []
        for name in ("bin", "home", "run", "work"):
            os.mkdir(os.path.join(self.folder, name), 0o700)
        os.symlink(program, os.path.join(self.folder, "bin", "scriptorium"))
        self.environment = {
            "PATH": f"{self.folder}/bin:{os.environ['PATH']}", "HOME": f"{self.folder}/home", "LC_ALL": "C.UTF-8",
            "XDG_RUNTIME_DIR": f"{self.folder}/run", "HF_HUB_OFFLINE": "1", "SCRIPTORIUM_THREADS": "1"}
        for name in ("facebook/wav2vec2-base-960h", "patrickvonplaten/wav2vec2-base-100h-with-lm"):
            self.keep_as_of_hub(name)

    def keep_as_of_hub(self, name):
        """The bundled model, where the hub's tools would have put another."""
        base = f"{self.folder}/home/.cache/huggingface/hub/models--{name.replace('/', '--')}"
        snapshot = f"{base}/snapshots/{'a' * 40}"
        os.makedirs(f"{base}/refs")
        with open(f"{base}/refs/main", "w") as file:
            file.write("a" * 40)
        shutil.copytree(MODEL, snapshot, ignore=shutil.ignore_patterns("recipe"))
        if name.endswith("with-lm"):
            os.mkdir(f"{snapshot}/language_model")
            shutil.copy(self.language_model(), f"{snapshot}/language_model/digits.arpa")
            with open(f"{snapshot}/language_model/attrs.json", "w") as file:
                json.dump({"alpha": 0.5, "beta": 1.5, "unk_score_offset": -10.0, "score_boundary": True}, file)
            with open(f"{snapshot}/language_model/unigrams.txt", "w") as file:
                file.write("\n".join("ZERO ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE".split()) + "\n")
            with open(f"{snapshot}/alphabet.json", "w") as file:
                with open(f"{MODEL}/vocab.json") as vocabulary:
                    symbols = sorted((number, text) for text, number in json.load(vocabulary).items())
                labels = [{"<pad>": "", "|": " ", "<unk>": "⁇"}.get(text, text) for _, text in symbols]
                json.dump({"labels": labels, "is_bpe": False}, file)

    def language_model(self):
        """An n-gram model of digits, made by the program."""
        path = f"{self.folder}/digits.arpa"
        if not os.path.exists(path):
            texts = f"{self.folder}/digits.txt"
            with open(f"{EXAMPLES}/digits.jsonl") as rows, open(texts, "w") as out:
                out.writelines(json.loads(row).get("text", "") + "\n" for row in rows if row.strip())
            subprocess.run([self.program, "lm", "build", texts, "-o", path, "--order", "2", "--discount-fallback"],
                           check=True, capture_output=True)
        return path

    def path(self, *names):
        return os.path.join(self.folder, "work", *names)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w") as file:
            file.write(text)

    def link(self, name, target):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        os.symlink(target, self.path(name))

    def rows(self, name, count=40, **more):
        """A manifest of examples with texts and speakers."""
        with open(f"{EXAMPLES}/digits.jsonl") as file:
            examples = [json.loads(line) for line in file if line.strip()]
        lines = []
        for number in range(count):
            row = dict(examples[number % len(examples)])
            row["audio_filepath"] = os.path.join(EXAMPLES, row["audio_filepath"])
            row.update(number=number, speaker=f"s{number % 10}", **more)
            lines.append(json.dumps(row) + "\n")
        self.write(name, "".join(lines))

    # Running

    def run(self, block, accept=None, page_folder=None):
        """Runs a block; `accept` has statuses besides 0 by a word of their command."""
        for command in block.commands:
            for word, value in self.words.items():
                command = command.replace(word, value)
            statuses = [0] + [status for word, more in (accept or {}).items() if word in command for status in more]
            log = tempfile.TemporaryFile("w+")
            process = subprocess.Popen(
                ["bash", "-c", command if not SERVERS.match(command) else "exec " + command],
                cwd=page_folder or self.path(), env=self.environment, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True)
            if command.startswith("export "):
                for name, value in re.findall(r"(\w+)=(\S+)", command):
                    self.environment[name] = value
            entry = (block.name, command, process, log, statuses)
            if SERVERS.match(command):
                self.running.append(entry)
                if command.startswith("scriptorium coordinate"):
                    self.until_listening(process, log)
            else:
                self.judge(*entry)

    def until_listening(self, process, log):
        end = time.monotonic() + 60
        while time.monotonic() < end and process.poll() is None:
            if "listening on" in self.said(log):
                return
            time.sleep(0.1)

    @staticmethod
    def said(log):
        log.seek(0)
        return log.read()

    def judge(self, name, command, process, log, statuses):
        try:
            status = process.wait(timeout=SECONDS_MAX)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return fail(f"{name}: {command}: not done after {SECONDS_MAX} s: {self.said(log)[-600:]}")
        if status not in statuses:
            fail(f"{name}: {command}: ended with {status}: {self.said(log)[-600:]}")
        return self.said(log)

    def finish(self):
        """All that serves must end by itself."""
        for entry in self.running:
            self.judge(*entry)
        self.running = []

    def tell(self, *words):
        done = subprocess.run(["scriptorium", *words], cwd=self.path(), env=self.environment, capture_output=True,
                              text=True)
        if done.returncode not in (0, 3):
            fail(f"setup: {' '.join(words)}: {done.stderr[-400:]}")
        return done.stdout

    def key(self, *options):
        return re.search(r"\b[0-9a-f]{64}\b", self.tell("keys", "show", *options))[0]

    def close(self):
        for _, _, process, _, _ in self.running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def own_python():
    """A Python with what the recipes of engines are checked with, as far as pip has it."""
    folder = os.path.join(ROOT, ".build", "docs")
    python = os.path.join(folder, "bin", "python")
    if not os.path.exists(python):
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        for name in ("botocore", "python-hcl2", "ray"):
            subprocess.run([python, "-m", "pip", "install", "--quiet", name], check=False)
    return python


def main():
    import engines
    import readme
    import several
    program = os.path.realpath(sys.argv[1])
    if missing := harness.missing_packages("jq", "curl", "iproute2"):
        print(f"these packages are missing: {' '.join(missing)}")
        return 77
    if os.geteuid() == 0 and os.environ.get("SCRIPTORIUM_DOCS_NETWORK") != "own":
        return subprocess.run(
            ["unshare", "--net", "bash", "-euc",
             "ip link set lo up; ip addr add 10.0.0.5/32 dev lo; ip addr add 10.0.0.6/32 dev lo; exec \"$@\"", "enter",
             own_python(), "-u", *sys.argv], env={**os.environ, "SCRIPTORIUM_DOCS_NETWORK": "own"}).returncode
    left = {block.name: block for block in blocks()}
    for scenario in readme.ALL + several.ALL + engines.ALL:
        mine = [block for block in left.values() if scenario.claims(block)]
        for block in mine:
            del left[block.name]
        if not mine:
            fail(f"{scenario.name}: its blocks are gone from the pages")
            continue
        if len(sys.argv) > 2 and not any(word in scenario.name for word in sys.argv[2:]):
            continue
        began = time.monotonic()
        before = len(failures)
        scenario.run(program, mine)
        told = scenario.how if len(failures) == before else "FAILED"
        print(f"{scenario.name}: {len(mine)} blocks, {sum(len(block.commands) for block in mine)} lines, {told}, "
              f"{time.monotonic() - began:.0f} s")
    for name, block in left.items():
        fail(f"{name}: no scenario runs this block: {block.commands[0]}")
    print("all of it holds" if not failures else f"{len(failures)} faults")
    return 1 if failures else 0


if __name__ == "__main__":
    # The scenarios import this file by its name.
    sys.modules["docs"] = sys.modules["__main__"]
    sys.exit(main())
