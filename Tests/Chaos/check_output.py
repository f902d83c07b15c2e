#!/usr/bin/env python3
"""Proves from the outside that an output has one terminal record for each input row, exactly once, in order.

    check_output.py OUT.jsonl [MANIFEST]

It reads the input, the output, the digests and the report beside it, and the journal (a copy, so that
nothing of the job is touched), and shares no code with the program: JSON by Python, SQLite by its own
library, CRC-32C written here. MANIFEST is the input as it was given; without it the one that the report names,
or the list that the job made of a folder. Prints one line and ends with 0, or a line for each fault and ends
with 1.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import sys
import tempfile

# What only the program writes; a row that has one of these loses it before its record is made.
OWN_FIELDS = {"pred_text", "status", "error", "audio_warning"}
STATUSES = {"transcribed", "rejected", "quarantined"}
FAULTS_SHOWN_MAX = 20


class Number(str):
    """A JSON number as it is written, so that 1.50 and 1.5 differ."""


def parse(line):
    """A line as a list of (key, value) pairs, numbers as text; None if it is not one JSON object."""
    try:
        value = json.loads(
            line.decode("utf8"), object_pairs_hook=Pairs, parse_float=Number, parse_int=Number,
            parse_constant=lambda name: Number(name))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, Pairs) else None


class Pairs(list):
    """An object's members in order, also where a key stands twice."""

    def get(self, key):
        return next((value for name, value in self if name == key), None)


def crc32c(data, table=[]):
    """The Castagnoli CRC of some bytes, by the table method."""
    if not table:
        for byte in range(256):
            for _ in range(8):
                byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
            table.append(byte)
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def short_digest(data):
    return hashlib.sha256(data).digest()[:16]


def file_digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def rows_of(path):
    """(line number, bytes) of each line that is not blank, as docs say: no byte order mark, no line end."""
    with open(path, "rb") as file:
        data = file.read()
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    rows = []
    for number, line in enumerate(data.split(b"\n"), 1):
        line = line.removesuffix(b"\r")
        if line.strip(b" \t\r"):
            rows.append((number, line))
    return rows


class Checker:
    def __init__(self, output, manifest):
        self.output = output
        self.faults = []
        with open(output + ".report.json", encoding="utf8") as file:
            self.report = json.load(file)
        made = os.path.join(output + ".job", "input.jsonl")
        named = self.report["job"].get("manifest")
        self.manifest = manifest or (made if os.path.exists(made) else named)

    def fault(self, row, text):
        self.faults.append(f"row {row}: {text}" if row is not None else text)

    def run(self):
        with open(self.output, "rb") as file:
            data = file.read()
        if data and not data.endswith(b"\n"):
            self.fault(None, "the output's last line has no end")
        self.records = data.split(b"\n")[:-1]
        self.rows = self.input_rows()
        if len(self.records) != len(self.rows):
            self.fault(None, f"{len(self.rows)} input rows, {len(self.records)} records")
        self.parsed = [parse(record) for record in self.records]
        for ordinal, (row, record) in enumerate(zip(self.rows, self.parsed)):
            self.check_record(ordinal, row, record)
        self.check_report(data)
        self.check_digests()
        self.check_journal()
        return self.faults

    def input_rows(self):
        rows = rows_of(self.manifest)
        part = self.report["job"].get("part")
        if part and part != "1/1":
            number, count = (int(word) for word in part.split("/"))
            rows = rows[len(rows) * (number - 1) // count:len(rows) * number // count]
        return rows

    def check_record(self, ordinal, row, record):
        """A record is its row's members in their order, then what became of the row."""
        number, raw = row
        if record is None:
            return self.fault(ordinal, "the record is not a JSON object")
        keys = [key for key, _ in record]
        if len(set(keys)) != len(keys):
            self.fault(ordinal, "the record has a key twice")
        status = record.get("status")
        if status not in STATUSES:
            self.fault(ordinal, f"status {status!r}")
        if (status == "transcribed") != (record.get("error") is None):
            self.fault(ordinal, f"status {status} with error {record.get('error')}")
        if not isinstance(record.get("pred_text"), str):
            self.fault(ordinal, "no pred_text")
        given = parse(raw)
        if given is None or len({key for key, _ in given}) != len(given):
            code = (record.get("error") or Pairs()).get("code") or ""
            if not code.startswith("manifest."):
                self.fault(ordinal, "the row cannot be read, and its record does not say so")
            if record.get("line") is not None and int(record.get("line")) != number:
                self.fault(ordinal, f"the record names line {record.get('line')}, the row is line {number}")
            return
        kept = [pair for pair in given if pair[0] not in OWN_FIELDS]
        if self.report["job"]["options"].get("channels") == "each":
            kept = [pair for pair in kept if pair[0] != "channels"]
        if record[:len(kept)] != kept:
            # A row that strict JSON refuses for another reason than Python's reader is shown as text.
            if record.get("raw") is None:
                self.fault(ordinal, "the record does not begin with its row's members")

    def check_report(self, data):
        report = self.report
        counts = {status: 0 for status in STATUSES}
        for record in self.parsed:
            status = record.get("status") if record is not None else None
            if status in counts:
                counts[status] += 1
        for status, count in counts.items():
            if report[status] != count:
                self.fault(None, f"the report counts {report[status]} {status}, the output has {count}")
        if report["rows"] != len(self.rows):
            self.fault(None, f"the report counts {report['rows']} rows, the input has {len(self.rows)}")
        told = report["output"]
        if told["bytes"] != len(data) or told["sha256"] != hashlib.sha256(data).hexdigest():
            self.fault(None, "the report names another size or SHA-256 of the output")
        if told["digests_sha256"] != file_digest(self.output + ".digests.jsonl"):
            self.fault(None, "the report names another SHA-256 of the digests")

    def check_digests(self):
        with open(self.output + ".digests.jsonl", "rb") as file:
            self.digests = [json.loads(line) for line in file]
        if len(self.digests) != len(self.records):
            return self.fault(None, f"{len(self.records)} records, {len(self.digests)} digests")
        for ordinal, (record, digest) in enumerate(zip(self.records, self.digests)):
            if digest["record"] != short_digest(record).hex():
                self.fault(ordinal, "the record is not the one that its digest names")

    def check_journal(self):
        """The journal has one outcome for each row, and the bytes of each transcribed record."""
        journal = os.path.join(self.output + ".job", "journal.sqlite")
        if not os.path.exists(journal):
            return self.fault(None, "there is no journal")
        with tempfile.TemporaryDirectory() as folder:
            for suffix in ("", "-wal"):
                if os.path.exists(journal + suffix):
                    shutil.copy(journal + suffix, os.path.join(folder, "journal.sqlite" + suffix))
            base = sqlite3.connect(os.path.join(folder, "journal.sqlite"))
            if base.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                self.fault(None, "SQLite finds the journal damaged")
            outcomes = base.execute(
                "SELECT ordinal, status, code, record_crc, record_digest, row_digest, audio_digest FROM outcome "
                "ORDER BY ordinal").fetchall()
            records = dict(base.execute("SELECT ordinal, bytes FROM record"))
            open_leases = base.execute("SELECT count(*) FROM lease WHERE ended IS NULL").fetchone()[0]
            base.close()
        if open_leases:
            self.fault(None, f"{open_leases} leases never ended")
        if [outcome[0] for outcome in outcomes] != list(range(len(self.rows))):
            return self.fault(None, f"{len(outcomes)} outcomes in the journal for {len(self.rows)} rows")
        for outcome, row, record, parsed in zip(outcomes, self.rows, self.records, self.parsed):
            self.check_outcome(outcome, row, record, parsed, records)
        for ordinal in sorted(set(records) - {outcome[0] for outcome in outcomes}):
            self.fault(ordinal, "the journal has a record of a row that has not ended")

    def check_outcome(self, outcome, row, record, parsed, records):
        ordinal, status, code, crc, record_digest, row_digest, audio_digest = outcome
        if row_digest != short_digest(row[1]):
            self.fault(ordinal, "the journal's outcome is of another row")
        if parsed is None or status != parsed.get("status"):
            return self.fault(ordinal, f"the journal says {status}, the record does not")
        error = parsed.get("error")
        if code != (error.get("code") if error else None):
            self.fault(ordinal, f"the journal says {code}, the record does not")
        same_as = self.digests[ordinal].get("same_audio_as") if ordinal < len(self.digests) else None
        if status != "transcribed" or same_as is not None:
            return
        if record_digest != short_digest(record) or crc != crc32c(record):
            self.fault(ordinal, "the journal's digest or checksum is not that of the record")
        if ordinal in records and records[ordinal] != record:
            self.fault(ordinal, "the record in the journal is not the one in the output")
        if ordinal not in records:
            self.fault(ordinal, "the journal has no record")
        if (audio_digest or b"").hex() != self.digests[ordinal].get("audio"):
            self.fault(ordinal, "journal and digests name other audio")


def main():
    if len(sys.argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 64
    checker = Checker(sys.argv[1], sys.argv[2] if len(sys.argv) == 3 else None)
    faults = checker.run()
    for fault in faults[:FAULTS_SHOWN_MAX]:
        print(fault)
    if faults:
        print(f"{len(faults)} faults in {sys.argv[1]}")
        return 1
    print(f"{len(checker.rows)} rows, each with one record, in order, as journal and report say")
    return 0


if __name__ == "__main__":
    sys.exit(main())
