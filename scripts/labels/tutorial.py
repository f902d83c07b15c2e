"""Runs the tutorial of docs/pseudo-labels.md, every command as it stands there, and writes FOLDER/tutorial.md with what they print.

The commands are the lines of the blocks below the heading "## A tutorial" that are marked `sh`. They run in
FOLDER/tutorial, in which `models` and `scripts` lead to the checkout; `scriptorium` is the program that is named, and `python3`
the Python that runs this.

Usage: tutorial.py SCRIPTORIUM FOLDER [--recordings 20] [--updates 300]
Other numbers than the page's make it shorter.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/pseudo-labels.md"


def commands():
    """Lines of the tutorial's blocks, with those joined that go on."""
    section = re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)
    text = next((part for part in section if part.startswith("A tutorial\n")), "")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    joined = re.sub(r"\\\n\s*", " ", "".join(blocks))
    found = [line.strip() for line in joined.splitlines() if line.strip()]
    if not found:
        raise SystemExit(f"{PAGE} has no tutorial any more")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--recordings", type=int)
    parser.add_argument("--updates", type=int)
    arguments = parser.parse_args()
    folder = arguments.folder.resolve() / "tutorial"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "bin").mkdir(parents=True)
    for name in ("models", "scripts"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "bin/scriptorium").symlink_to(arguments.program.resolve())
    # No link, by which a virtual environment would not be found.
    python = folder / "bin/python3"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    environment = os.environ | {"PATH": f"{folder}/bin:{os.environ['PATH']}"}
    shown = []
    for command in commands():
        if arguments.recordings and "make_recordings.py recordings" in command and "--write-down" not in command:
            command += f" --recordings {arguments.recordings}"
        if arguments.updates and "finetune.py" in command:
            command += f" --updates {arguments.updates}"
        print(f"$ {command}", flush=True)
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=folder, env=environment, capture_output=True, text=True)
        # Progress goes over one line again and again.
        said = done.stdout + "\n".join(line.split("\r")[-1] for line in done.stderr.splitlines() if "audio in" in line)
        print(said.strip(), flush=True)
        shown += [f"$ {command}", said.strip(), ""]
        if done.returncode:
            raise SystemExit(f"{command}: ended with {done.returncode}: {done.stderr[-2000:]}")
    (arguments.folder / "tutorial.md").write_text("```\n" + "\n".join(shown).strip() + "\n```\n")


if __name__ == "__main__":
    main()
