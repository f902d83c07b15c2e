#!/usr/bin/env python3
"""Makes this folder's figures with the programs whose figures `evaluate` has to equal.

    pip install jiwer==4.0.0 whisper-normalizer==0.1.15     # and Debian's package sctk
    python3 make_scoring.py

pairs.jsonl: random pairs of sentences with what jiwer and sclite count.
alternatives.jsonl: random references with alternatives and optional words, by sclite.
sclite_tests.jsonl: sclite's own examples (sclite_tests.ref and .hyp), by sclite.
two_systems.jsonl and .json: a reference and two systems, with the matched-pairs test of sc_stats.
segments.stm, segments.jsonl and .json: references with times, an output, and sclite's counts by speaker.
normalized.jsonl: sentences, and what whisper's English normaliser makes of them.
"""
import json
import os
import random
import re
import subprocess
import tempfile

import jiwer
from whisper_normalizer.english import EnglishTextNormalizer

HERE = os.path.dirname(os.path.abspath(__file__))


def sctk(arguments, text=""):
    return subprocess.run(["sctk"] + arguments, input=text, capture_output=True, text=True, check=True).stdout


def write_trn(path, texts):
    with open(path, "w") as file:
        for index, text in enumerate(texts):
            file.write(f"{text} (s_{index})\n")


def sclite(references, hypotheses, options=()):
    """[(correct, substitutions, deletions, insertions, evaluation)] of each pair."""
    with tempfile.TemporaryDirectory() as folder:
        write_trn(f"{folder}/ref", references)
        write_trn(f"{folder}/hyp", hypotheses)
        report = sctk(["sclite", "-r", f"{folder}/ref", "-h", f"{folder}/hyp", "-i", "spu_id", "-s",
                       "-o", "pra", "stdout", "-f", "0", *options])
    return alignments(report)


def alignments(report):
    rows = {}
    for block in report.split("id: (")[1:]:
        name = block.split(")")[0]
        counts = [int(n) for n in re.search(r"Scores: \(#C #S #D #I\) (\d+) (\d+) (\d+) (\d+)", block).groups()]
        rows[name] = counts
    return rows


def random_pair(random, vocabulary, longest):
    reference = [random.choice(vocabulary) for _ in range(random.randint(0 if random.random() < 0.02 else 1, longest))]
    hypothesis = []
    for word in reference:
        draw = random.random()
        if draw < 0.12:
            continue
        hypothesis.append(random.choice(vocabulary) if draw < 0.3 else word)
        if draw > 0.88:
            hypothesis.append(random.choice(vocabulary))
    return " ".join(reference), " ".join(hypothesis)


def make_pairs():
    draw = random.Random(15)
    words = ["the", "cat", "sat", "on", "a", "mat", "it's", "naïve", "日本", "no", "yes", "so"]
    pairs = []
    for index in range(1000):
        vocabulary = words[: draw.choice([2, 3, 5, 12])]
        pairs.append(random_pair(draw, vocabulary, draw.choice([4, 12, 40])))
    theirs = sclite([p[0] for p in pairs], [p[1] for p in pairs], ["-e", "utf-8"])
    with open(f"{HERE}/pairs.jsonl", "w") as file:
        for index, (reference, hypothesis) in enumerate(pairs):
            row = {"text": reference, "pred_text": hypothesis}
            if reference:
                words_out = jiwer.process_words(reference, hypothesis)
                characters = jiwer.process_characters(reference, hypothesis)
                row["jiwer"] = [words_out.hits, words_out.substitutions, words_out.deletions, words_out.insertions]
                row["jiwer_characters"] = [characters.hits, characters.substitutions, characters.deletions,
                                           characters.insertions]
            row["sclite"] = theirs[f"s_{index}"]
            file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


def make_alternatives():
    draw = random.Random(16)
    vocabulary = ["a", "b", "c", "d", "e"]

    def part(depth):
        kind = draw.random()
        if kind < 0.2 and depth < 2:
            ways = []
            for _ in range(draw.randint(2, 3)):
                ways.append(" ".join(part(depth + 1) for _ in range(draw.randint(1, 2))) if draw.random() < 0.8 else "@")
            return "{ " + " / ".join(ways) + " }"
        word = draw.choice(vocabulary)
        return f"({word})" if kind > 0.85 and depth == 0 else word

    # One word more, as sclite takes a last word in brackets for the name of the utterance.
    references = [" ".join(part(0) for _ in range(draw.randint(1, 10))) for _ in range(300)]
    hypotheses = [" ".join(draw.choice(vocabulary) for _ in range(draw.randint(1, 12))) for _ in range(300)]
    theirs = sclite(references, hypotheses, ["-D"])
    with open(f"{HERE}/alternatives.jsonl", "w") as file:
        for index, (reference, hypothesis) in enumerate(zip(references, hypotheses)):
            row = {"text": reference, "pred_text": hypothesis, "sclite": theirs[f"s_{index}"]}
            file.write(json.dumps(row, separators=(",", ":")) + "\n")


def make_own_examples():
    report = sctk(["sclite", "-r", f"{HERE}/sclite_tests.ref", "-h", f"{HERE}/sclite_tests.hyp", "-i", "spu_id",
                   "-s", "-D", "-o", "pra", "stdout", "-f", "0"])
    theirs = alignments(report)

    def read(path):
        return dict(re.match(r"(.*)\((\S+)\)$", line.rstrip()).groups()[::-1] for line in open(path))

    references, hypotheses = read(f"{HERE}/sclite_tests.ref"), read(f"{HERE}/sclite_tests.hyp")
    with open(f"{HERE}/sclite_tests.jsonl", "w") as file:
        for name, reference in references.items():
            row = {"id": name, "text": reference.strip(), "pred_text": hypotheses[name].strip(), "sclite": theirs[name]}
            file.write(json.dumps(row, separators=(",", ":")) + "\n")


def make_two_systems():
    draw = random.Random(17)
    vocabulary = [f"w{n}" for n in range(30)]
    rows = []
    for _ in range(200):
        reference = [draw.choice(vocabulary) for _ in range(draw.randint(3, 25))]

        def system(rate):
            hypothesis = []
            for word in reference[:-1]:
                kind = draw.random()
                if kind < rate * 0.3:
                    continue
                hypothesis.append(draw.choice(vocabulary) if kind < rate else word)
                if kind > 1 - rate * 0.3:
                    hypothesis.append(draw.choice(vocabulary))
            # sc_stats does not see what its second system inserts behind the last word.
            return " ".join(hypothesis + [reference[-1]])

        rows.append((" ".join(reference), system(0.15), system(0.18)))
    with open(f"{HERE}/two_systems.jsonl", "w") as file:
        for index, (reference, first, second) in enumerate(rows):
            row = {"speaker": f"s{index % 7}", "text": reference, "first": first, "second": second}
            file.write(json.dumps(row, separators=(",", ":")) + "\n")
    with tempfile.TemporaryDirectory() as folder:
        for name, column in [("ref", 0), ("first", 1), ("second", 2)]:
            write_trn(f"{folder}/{name}", [row[column] for row in rows])
        sgml = sctk(["sclite", "-r", f"{folder}/ref", "-h", f"{folder}/first", "trn", "first", "-i", "spu_id", "-s",
                     "-o", "sgml", "stdout", "-f", "0"])
        sgml += sctk(["sclite", "-r", f"{folder}/ref", "-h", f"{folder}/second", "trn", "second", "-i", "spu_id", "-s",
                      "-o", "sgml", "stdout", "-f", "0"])
        report = sctk(["sc_stats", "-p", "-t", "mapsswe", "-v", "-n", "-"], sgml)
    result = re.search(
        r"# segs: (\d+)\).*\(mean: *(\S+)\) \(std dev: *(\S+)\) \(Z Stat: *(\S+)\)", report).groups()
    with open(f"{HERE}/two_systems.json", "w") as file:
        json.dump(dict(zip(["segments", "mean", "standard_deviation", "z"], map(float, result))), file)
        file.write("\n")


def make_segments():
    draw = random.Random(19)
    vocabulary = [f"w{n}" for n in range(12)]
    stm, ctm, rows = [], [], []
    for recording in ["call1", "call2"]:
        channels = []
        for channel, letter in enumerate("AB"):
            time, words = draw.uniform(0, 2), []
            for segment in range(12):
                begin, end = time, time + draw.uniform(2, 8)
                reference = []
                for _ in range(draw.randint(0, 9)):
                    word = draw.choice(vocabulary)
                    kind = draw.random()
                    other = draw.choice(vocabulary)
                    reference.append(f"{{ {word} / {other} {word} / @ }}" if kind < 0.15
                                     else f"({word})" if kind < 0.25 else word)
                text = " ".join(reference)
                if draw.random() < 0.1:
                    text = "IGNORE_TIME_SEGMENT_IN_SCORING"
                label = "<O,F> " if draw.random() < 0.7 else ""
                stm.append(f"{recording} {letter} {recording}-{letter} {begin:.2f} {end:.2f} {label}{text}")
                # Some words lie over the ends of segments and between them.
                at = begin + draw.uniform(-0.3, 0.3)
                for word in reference:
                    if draw.random() < 0.15:
                        continue
                    plain = re.sub(r"[{}()@/]", " ", word).split()
                    heard = draw.choice(plain) if draw.random() < 0.85 else draw.choice(vocabulary)
                    at = max(at, words[-1][1] if words else 0)
                    words.append((at, at + 0.3, heard))
                    at += draw.uniform(0.3, 0.9)
                time = max(end, words[-1][1] if words else 0) + draw.choice([0, 0, 0.5])
            words = [(round(b, 2), round(e, 2), w) for b, e, w in words if b >= 0]
            for begin, end, word in words:
                ctm.append(f"{recording} {letter} {begin:.2f} {end - begin:.2f} {word}")
            channels.append({"channel": channel, "pred_text": " ".join(w for _, _, w in words),
                             "word_timestamps": [{"word": w, "start": b, "end": e} for b, e, w in words]})
        rows.append({"audio_filepath": f"calls/{recording}.wav", "duration": 200, "pred_text": "", "channels": channels,
                     "status": "transcribed"})
    with open(f"{HERE}/segments.stm", "w") as file:
        file.write("\n".join(stm) + "\n")
    with open(f"{HERE}/segments.jsonl", "w") as file:
        for row in rows:
            file.write(json.dumps(row, separators=(",", ":")) + "\n")
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/hyp.ctm", "w") as file:
            file.write("\n".join(ctm) + "\n")
        report = sctk(["sclite", "-r", f"{HERE}/segments.stm", "stm", "-h", f"{folder}/hyp.ctm", "ctm", "-s", "-D",
                       "-o", "pra", "stdout", "-f", "0"])
    sums = {}
    for name, counts in alignments(report).items():
        speaker = name.rsplit("-", 1)[0]
        sums[speaker] = [a + b for a, b in zip(sums.get(speaker, [0] * 4), counts)]
    with open(f"{HERE}/segments.json", "w") as file:
        json.dump(sums, file)
        file.write("\n")


SENTENCES = """
Mr. Smith's dog won't bark, but Dr. Jones ain't sure.
I've got twenty-one dollars and seven cents [laughs] (coughs) um, you know?
The colour of the théâtre's programme was grey; we organised it in nineteen eighty four.
It's three point one four, or two and a half million, minus five degrees.
He paid $1,234.56 for 20 % of it -- that's a hundred and one percent!
one oh one double five triple nine
Ten thousand and five hundredths. The twenty first of the 1960s, 274th 32nd
She'd been there, he'd gone, they'd done it, who's got it? Y'all gonna wanna see.
naïve façade Ærø straße ½ cup of café ﬁne ① ５００ yen
five per cent of six dollars and 7 cents; $0.07 and £3 and ¢50
0 zero oh o hundred thousand million two hundred million three hundred thousand
I'm one of the ones, number 1 and 1s, at $1 each
a half an hour and a half. five and a half, thousand and a half
... wait... what?! e.g. U.S.A. 3.50 007 10.0 1.2.3
negative ten positive seven plus minus minus and minus 3
don't can't let's we'll you're they'd it'd 'tis rock 'n' roll
fifty fifties twelve twelfth sixes zeroth second seconds third
twenty twenty five ten twelve one hundred one two three hundred hundred
point five point oh point and point 5 three point three point three
<unk> hello <noise world> [ a ] ( b ) () [] uh-huh mhm mm hmm
St. Col. Gen. Rev. Jr. esq prof capt
五百 ١٢٣ привет мир हिन्दी শব্দ
""".strip().split("\n")


def make_normalized():
    normalizer = EnglishTextNormalizer()
    # whisper itself has no such words; this package has added them.
    for word in ["kinda", "sorta", "dunno", "cause"]:
        del normalizer.replacers[rf"\b{word}\b"]
    draw = random.Random(18)
    numbers = sorted(normalizer.standardize_numbers.words) + ["7", "20", "1,000", "3.5", "0.5", "$5", "1960s", "10.", "1", "s", "th"]
    words = ["the", "cat", "and", "a", "half", "it's", "she'd", "been", "$", "%", ".", ",", "-", "um", "favourite", "one's",
             "mr", "'", "n't", "é", "¢7", "£0.05", "(x)", "[y]", "<z>"]
    sentences = list(SENTENCES)
    for _ in range(800):
        pool = draw.choice([numbers, numbers + words, words])
        sentences.append(draw.choice([" ", " ", ""]).join(draw.choice(pool) for _ in range(draw.randint(1, 8)))
                         if draw.random() < 0.2 else " ".join(draw.choice(pool) for _ in range(draw.randint(1, 9))))
    with open(f"{HERE}/normalized.jsonl", "w") as file:
        for sentence in sentences:
            try:
                normalized = normalizer(sentence).split()
            except (AssertionError, ValueError, TypeError):
                continue
            file.write(json.dumps([sentence, " ".join(normalized)], ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    make_pairs()
    make_alternatives()
    make_own_examples()
    make_two_systems()
    make_segments()
    make_normalized()
