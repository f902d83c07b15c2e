"""What a scenario is: it claims blocks of a page by how they begin, and runs them with what they need."""

import os
import shutil

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


def compare(scenario, place, output):
    with open(place.path("reference.jsonl"), "rb") as one, open(place.path(output), "rb") as other:
        if one.read() != other.read():
            fail(f"{scenario.name}: {output} is not that of one machine")


def serve(place, like, options, manifest="archive.jsonl"):
    """A coordinator on 10.0.0.5:7100 that the pages presuppose."""
    block = type(like)(like.page, like.line, "", f"scriptorium coordinate {manifest} --model m.pt -o archive.out.jsonl "
                       f"--listen tcp://10.0.0.5:7100 {options}\n")
    place.run(block)


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
