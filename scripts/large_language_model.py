#!/usr/bin/env python3
"""How fast a language model of a gigabyte opens, and what memory of its own each process takes for it.

    scripts/large_language_model.py text WORDS > text.txt
    scripts/large_language_model.py measure .build/release/scriptorium lm.bin

`text` writes sentences of made-up words, as frequent as Zipf's law says and with no more sense than
that, so that nearly every longer n-gram is a new one: 15,000,000 words give `lm build` about a gigabyte
in the order 5. The same number gives the same text.

`measure` opens the model in two processes at once, as workers do, and prints how long each takes from
its start to its first score, with the file in the page cache and without, and what /proc says of their memory.
"""
import os
import random
import subprocess
import sys
import time

VOCABULARY = 200_000


def text(words):
    chance = random.Random(1)
    letters = "ETAOINSHRDLUCMWFGYPBVK"
    names = set()
    while len(names) < VOCABULARY:
        names.add("".join(chance.choices(letters, k=chance.randint(2, 9))))
    names = sorted(names, key=lambda name: (len(name), name))
    weights, total = [], 0.0
    for rank in range(1, VOCABULARY + 1):
        total += 1 / (rank + 2.7)
        weights.append(total)
    while words > 0:
        count = min(words, 100_000)
        block = chance.choices(names, cum_weights=weights, k=count)
        words -= count
        start = 0
        while start < count:
            end = start + chance.randint(3, 30)
            print(" ".join(block[start:end]))
            start = end


def memory(process):
    """Of a process, in KiB, by the names of smaps_rollup."""
    found = {}
    for line in open(f"/proc/{process.pid}/smaps_rollup"):
        parts = line.split()
        if line.endswith("kB\n"):
            found[parts[0].rstrip(":")] = int(parts[1])
    return found


def opened(program, model):
    """A process that has the model open, and the seconds to its first score."""
    start = time.monotonic()
    process = subprocess.Popen(
        [program, "lm", "score", model, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdin.write(b"THE FIRST LINE\n")
    process.stdin.flush()
    process.stdout.readline()
    return process, time.monotonic() - start


def measure(program, model):
    print(f"{model}: {os.path.getsize(model) / 1e9:.3f} GB")
    descriptor = os.open(model, os.O_RDONLY)
    for name in ["not in the page cache", "in the page cache"]:
        if name.startswith("not"):
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        first, seconds = opened(program, model)
        second, again = opened(program, model)
        print(f"{name}: first score after {seconds:.3f} s and {again:.3f} s")
        for process in [first, second]:
            found = memory(process)
            own = found["Private_Dirty"] + found["Private_Clean"]
            print(
                f"  resident {found['Rss'] / 1024:.1f} MiB, of its own {own / 1024:.1f} MiB "
                f"(dirty {found['Private_Dirty'] / 1024:.1f})")
        for process in [first, second]:
            process.kill()
            process.wait()


if __name__ == "__main__":
    if sys.argv[1:2] == ["text"] and len(sys.argv) == 3:
        text(int(sys.argv[2]))
    elif sys.argv[1:2] == ["measure"] and len(sys.argv) == 4:
        measure(sys.argv[2], sys.argv[3])
    else:
        sys.exit(__doc__)
