#!/usr/bin/env python3
"""Exports records in every format and compares what the formats' own readers find with the records.

check_readers.py SCRIPTORIUM RECORDS   exits 0 if every reader finds what the records say.
"""
import csv
import html
import io
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import traceback
import wave

RECORDINGS = {"audio/rec-a.wav": (16_000, 1, 192_037), "audio/rec-b.wav": (8_000, 2, 29_600_000)}
TOLERANCE = 0.0011


class Segment:
    def __init__(self, row):
        self.audio = row["audio_filepath"]
        self.recording = pathlib.Path(self.audio).stem
        self.id, self.speaker, self.channel = row["id"], row["speaker"], row["channel"]
        self.start = row["offset"]
        self.end = row["offset"] + row["duration"]
        self.text = row["pred_text"]
        self.words = [
            (w["word"], self.start + w["start"], self.start + w["end"], w["confidence"])
            for w in row["word_timestamps"]
        ]


def same(got, wanted, what):
    if got != wanted:
        raise AssertionError(f"{what}: {got!r} instead of {wanted!r}")


def near(got, wanted, what):
    if abs(float(got) - wanted) > TOLERANCE:
        raise AssertionError(f"{what}: {got} instead of {wanted}")


class Check:
    def __init__(self, binary, records, folder):
        self.binary, self.folder = binary, pathlib.Path(folder)
        rows = [json.loads(line) for line in open(records, encoding="utf-8")]
        self.segments = [Segment(row) for row in rows if row["status"] == "transcribed"]
        self.output = self.folder / "out.jsonl"
        shutil.copy(records, self.output)
        (self.folder / "audio").mkdir()
        for name, (rate, channels, frames) in RECORDINGS.items():
            with wave.open(str(self.folder / name), "wb") as file:
                file.setparams((channels, 2, rate, 0, "NONE", ""))
                file.setnframes(frames)
                # One second of sound; the rest is a hole in the file.
                file.writeframes(bytes(range(256)) * (rate * channels * 2 // 256))
            with open(self.folder / name, "r+b") as file:
                data = frames * channels * 2
                file.seek(4)
                file.write((36 + data).to_bytes(4, "little"))
                file.seek(40)
                file.write(data.to_bytes(4, "little"))
                file.truncate(44 + data)

    def export(self, name, *options):
        place = self.folder / f"to-{name}{'-'.join(options)}"
        subprocess.run(
            [self.binary, "export", self.output, "--format", name, "-o", place, *options],
            check=True, stdout=subprocess.DEVNULL)
        return place

    def of(self, recording):
        return sorted(
            (s for s in self.segments if s.recording == recording), key=lambda s: s.start)

    # Subtitles: cues may be finer than rows.
    def cues(self, recording, cues, change=lambda text: text):
        rest = list(cues)
        for segment in self.of(recording):
            if not segment.text:
                continue
            mine = []
            while rest and rest[0][0] < segment.end - TOLERANCE:
                start, end, text = rest.pop(0)
                assert start >= segment.start - TOLERANCE and end <= segment.end + TOLERANCE
                mine.append(" ".join(text.split()))
            same(" ".join(mine), change(segment.text), segment.id)
        same(rest, [], "cues behind the last row")
        for one, two in zip(cues, cues[1:]):
            assert one[1] <= two[0], "cues overlap"

    def srt(self):
        import pysrt
        for recording in ("rec-a", "rec-b"):
            cues = pysrt.open(
                self.export("srt", "--replace") / f"audio/{recording}.srt", encoding="utf-8",
                error_handling=pysrt.ERROR_RAISE)
            same([c.index for c in cues], list(range(1, len(cues) + 1)), "numbers")
            self.cues(
                recording, [(c.start.ordinal / 1000, c.end.ordinal / 1000, c.text) for c in cues],
                lambda text: text.replace("-->", "->"))

    def vtt(self):
        import webvtt
        for recording in ("rec-a", "rec-b"):
            cues = webvtt.read(self.export("vtt", "--replace") / f"audio/{recording}.vtt")
            self.cues(
                recording,
                [(c.start_in_seconds + c.start_time.milliseconds / 1000,
                  c.end_in_seconds + c.end_time.milliseconds / 1000,
                  html.unescape(c.text)) for c in cues])
            same({c.voice for c in cues},
                 {s.speaker for s in self.of(recording) if s.text}, "voices")

    def textgrid(self):
        import textgrid
        from praatio import textgrid as praat
        for name, (rate, channels, frames) in RECORDINGS.items():
            recording = pathlib.Path(name).stem
            path = str(self.export("textgrid", "--replace") / f"audio/{recording}.TextGrid")
            grid = praat.openTextgrid(path, includeEmptyIntervals=False)
            near(grid.maxTimestamp, frames / rate, "length")
            for channel in range(channels):
                suffix = f" {channel}" if channels > 1 else ""
                entries = grid.getTier("words" + suffix).entries
                wanted = [w for s in self.of(recording) if s.channel == channel for w in s.words]
                same([e.label for e in entries], [w[0] for w in wanted], "words")
                for entry, word in zip(entries, wanted):
                    near(entry.start, word[1], word[0])
                    near(entry.end, word[2], word[0])
            same(len(textgrid.TextGrid.fromFile(path)), 2 * channels, "tiers")

    def json(self):
        from openai.types.audio import TranscriptionVerbose
        for recording in ("rec-a", "rec-b"):
            text = (self.export("json", "--replace") / f"audio/{recording}.json").read_text()
            found = TranscriptionVerbose.model_validate(json.loads(text), strict=True)
            wanted = [s for s in self.of(recording) if s.text]
            same(found.text, " ".join(s.text for s in wanted), "text")
            same([w.word for w in found.words], [w[0] for s in wanted for w in s.words], "words")
            for word, (_, start, end, _) in zip(found.words, [w for s in wanted for w in s.words]):
                near(word.start, start, word.word)
                near(word.end, end, word.word)
            for segment, one in zip(found.segments, wanted, strict=True):
                near(segment.start, one.start, one.id)
                near(segment.end, one.end, one.id)

    def table(self):
        for recording in ("rec-a", "rec-b"):
            lines = (self.export("tsv", "--replace") / f"audio/{recording}.tsv").read_text()
            rows = list(csv.reader(io.StringIO(lines), delimiter="\t", quoting=csv.QUOTE_NONE))
            same(rows[0], ["start", "end", "text"], "head")
            same([r[2] for r in rows[1:]], [s.text for s in self.of(recording) if s.text], "texts")
        with open(self.export("csv"), newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file, strict=True))
        same([r["text"] for r in rows], [s.text for s in self.segments], "texts")
        same([r["id"] for r in rows], [s.id for s in self.segments], "ids")
        for row, segment in zip(rows, self.segments):
            near(row["start"], segment.start, segment.id)
            near(row["end"], segment.end, segment.id)

    def ctm(self):
        from meeteval.io import CTM
        lines = CTM.load(self.export("ctm")).lines
        wanted = [
            (s.recording, "AB"[s.channel], *w)
            for s in sorted(self.segments, key=lambda s: (s.recording, s.channel, s.start))
            for w in s.words]
        same(len(lines), len(wanted), "words")
        for line, (recording, channel, word, start, end, confidence) in zip(lines, wanted):
            same((line.filename, str(line.channel), line.word), (recording, channel, word), "word")
            near(line.begin_time, start, word)
            near(line.duration, end - start, word)
            near(line.confidence, confidence, word)

    def stm(self):
        from meeteval.io import STM
        lines = STM.load(self.export("stm")).lines
        wanted = sorted(self.segments, key=lambda s: (s.recording, s.channel, s.start))
        same([(l.filename, l.speaker_id, l.transcript) for l in lines],
             [(s.recording, s.speaker, s.text) for s in wanted], "segments")

    def rttm(self):
        from meeteval.io import RTTM
        lines = RTTM.load(self.export("rttm")).lines
        wanted = [s for s in sorted(self.segments, key=lambda s: (s.recording, s.start)) if s.words]
        same([(l.filename, l.channel, l.speaker_id) for l in lines],
             [(s.recording, str(s.channel + 1), s.speaker) for s in wanted], "stretches of speech")

    def trn(self):
        path = self.export("trn")
        if not shutil.which("sctk"):
            return "sclite is not installed"
        said = subprocess.run(
            ["sctk", "sclite", "-r", path, "trn", "-h", path, "trn", "-i", "rm", "-o", "sum",
             "stdout"], capture_output=True, text=True, check=True).stdout
        total = re.search(r"Sum/Avg\s*\|\s*(\d+)\s+\d+\s*\|\s*([\d.]+)", said)
        same(total.groups(), (str(len(self.segments)), "100.0"), "utterances and words right")
        return None

    def kaldi(self):
        from lhotse.kaldi import load_kaldi_data_dir
        folder = self.export("kaldi")
        for file in folder.iterdir():
            keys = [l.split(" ")[0].encode() for l in file.read_text().splitlines()]
            same(keys, sorted(set(keys)), f"order of {file.name}")
        _, supervisions, _ = load_kaldi_data_dir(folder, sampling_rate=16_000)
        self.supervisions(supervisions, recordings=False)

    def supervisions(self, supervisions, recordings=True):
        found = {s.id: s for s in supervisions}
        same(sorted(found), sorted(s.id for s in self.segments), "ids")
        for segment in self.segments:
            one = found[segment.id]
            same((one.text or "", one.speaker), (segment.text, segment.speaker), segment.id)
            near(one.start, segment.start, segment.id)
            near(one.duration, segment.end - segment.start, segment.id)
            if recordings:
                same((one.recording_id, one.channel), (segment.recording, segment.channel), one.id)
                for item, word in zip((one.alignment or {}).get("word", []), segment.words):
                    same(item.symbol, word[0], one.id)
                    near(item.start, word[1], word[0])
                    near(item.score, word[3], word[0])

    def lhotse(self):
        import lhotse
        from lhotse.qa import validate
        for options in ((), ("--gzip",)):
            folder = self.export("lhotse", *options)
            suffix = ".jsonl.gz" if options else ".jsonl"
            recordings, supervisions, cuts = (
                lhotse.load_manifest(folder / (name + suffix)).to_eager()
                for name in ("recordings", "supervisions", "cuts"))
            validate(recordings, read_data=True)
            validate(supervisions)
            validate(cuts, read_data=False)
            same({r.id: (r.sampling_rate, r.num_channels, r.num_samples) for r in recordings},
                 {pathlib.Path(k).stem: v for k, v in RECORDINGS.items()}, "recordings")
            self.supervisions(supervisions)
            same(sorted(c.supervisions[0].id for c in cuts),
                 sorted(s.id for s in self.segments), "cuts")
            for cut in cuts:
                same(cut.load_audio().shape[-1], cut.num_samples, f"audio of {cut.id}")

    def nemo(self):
        rows = [json.loads(l) for l in self.export("nemo").read_text().splitlines()]
        for row, segment in zip(rows, self.segments, strict=True):
            same((row["audio_filepath"], row["text"]), (segment.audio, segment.text), segment.id)
            near(row["offset"], segment.start, segment.id)
            for name in ("word_timestamps", "timestamp_word", "timestamps_word"):
                same([w["word"] for w in row[name]], [w[0] for w in segment.words], name)

    # By the loaders' own rules: their packages are too large to install here.
    def fairseq(self):
        folder = self.export("fairseq")
        root, *files = (folder / "train.tsv").read_text().splitlines()
        letters = (folder / "train.ltr").read_text().splitlines()
        words = (folder / "train.wrd").read_text().split("\n")[:-1]
        known = {l.rsplit(" ", 1)[0] for l in (folder / "dict.ltr.txt").read_text().splitlines()}
        same(sorted(words), sorted(s.text for s in self.segments), "texts")
        for file, spelled, text in zip(files, letters, words, strict=True):
            path, frames = file.split("\t")
            with wave.open(str(pathlib.Path(root) / path)) as audio:
                same((audio.getframerate(), audio.getnframes()), (16_000, int(frames)), path)
            assert set(spelled.split()) <= known
            same(spelled, " ".join(text.replace(" ", "|") + "|") if text else "|", path)

    def audiofolder(self):
        import soundfile
        folder = self.export("audiofolder")
        rows = [json.loads(l) for l in (folder / "metadata.jsonl").read_text().splitlines()]
        same(sorted(r["transcription"] for r in rows), sorted(s.text for s in self.segments), "texts")
        wanted = {s.id: s for s in self.segments}
        for row in rows:
            audio = soundfile.info(str(folder / row["file_name"]))
            near(audio.duration, wanted[row["id"]].end - wanted[row["id"]].start, row["id"])

    def webdataset(self):
        folder = self.export("webdataset", "--shard-rows", "4")
        samples = {}
        for shard in sorted(folder.iterdir()):
            for member in (archive := tarfile.open(shard)):
                key, _, end = member.name.partition(".")
                samples.setdefault(key, {})[end] = archive.extractfile(member).read()
        same(sorted(samples), sorted(s.id for s in self.segments), "keys")
        for segment in self.segments:
            sample = samples[segment.id]
            same(sample["txt"].decode(), segment.text, segment.id)
            same(json.loads(sample["json"])["speaker"], segment.speaker, segment.id)
            with wave.open(io.BytesIO(sample["wav"])) as audio:
                near(audio.getnframes() / 16_000, segment.end - segment.start, segment.id)

    def txt(self):
        text = (self.export("txt") / "audio/rec-a.txt").read_text()
        same(text.splitlines(), [s.text for s in self.of("rec-a")], "lines")


def main():
    names = ["srt", "vtt", "txt", "table", "json", "ctm", "stm", "rttm", "trn", "textgrid", "kaldi",
             "lhotse", "fairseq", "nemo", "audiofolder", "webdataset"]
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        check = Check(sys.argv[1], sys.argv[2], folder)
        for name in names:
            try:
                note = getattr(check, name)()
                print(f"ok    {name}{f' ({note})' if note else ''}")
            except Exception as error:
                failed += 1
                print(f"FAIL  {name}: {type(error).__name__}: {error}")
                traceback.print_exc(limit=3)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
