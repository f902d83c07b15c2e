"""The blocks of README.md about one machine."""

import glob
import json
import os
import re
import shutil
import subprocess

from docs import EXAMPLES, ROOT, Place, fail
from scenarios import Output, Scenario, named_models, recordings


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
                    forget(place, "out.jsonl")

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
                forget(place, "out.jsonl")


class LongRecordings(Scenario):
    """Folders of recordings, what a diariser says of one of them, and calls with a person on each channel."""

    def prepare(self, place):
        named_models(place)
        recordings(place, "archive")
        recordings(place, "talks", 2)
        os.mkdir(place.path("calls"))
        for name in os.listdir(place.path("talks")):
            subprocess.run(["ffmpeg", "-loglevel", "error", "-i", place.path("talks", name), "-ac", "2",
                            place.path("calls", name)], check=True)
        name = os.path.splitext(sorted(os.listdir(place.path("archive")))[0])[0]
        place.write("speakers.rttm", f"SPEAKER {name} 1 0.00 0.30 <NA> <NA> anna <NA> <NA>\n")

    def play(self, place, blocks):
        for line in blocks[0].commands:
            place.run(type(blocks[0])(blocks[0].page, blocks[0].line, "", line + "\n"))
            forget(place, "out.jsonl")

    def check(self, place):
        with open(place.path("calls.jsonl")) as file:
            records = [json.loads(line) for line in file]
        for record in records:
            if len(record["channels"]) != 2 or {turn["channel"] for turn in record["turns"]} != {0, 1}:
                fail(f"{self.name}: a call has not the turns of its two channels: {record}")


def forget(place, output):
    """Removes an output and all beside it, for the next line that writes to its name."""
    for name in os.listdir(place.path()):
        if name.startswith(output):
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
            forget(place, "aligned.jsonl")


class Labels(Scenario):
    def prepare(self, place):
        place.rows("dev.jsonl", 400)
        place.rows("archive.jsonl", 40)


ALL = [
    Demo("demo", "README.md", "make demo", "scriptorium: 40 rows"),
    RealModels("real models", "README.md", "scriptorium transcribe talk.flac", "scriptorium transcribe talks/"),
    LongRecordings("long recordings", "README.md", "scriptorium transcribe archive/ --chunk speech"),
    Afterwards("afterwards", "README.md", "scriptorium export out.jsonl --now"),
    LanguageModels("language models", "README.md", "scriptorium transcribe archive/ --model hf:patrick"),
    Alignment("alignment", "README.md", "scriptorium align"),
    Labels("labels", "README.md", "scriptorium transcribe dev.jsonl"),
    Output("records", "README.md", '{"audio_filepath"'),
]
