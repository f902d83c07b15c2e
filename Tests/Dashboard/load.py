#!/usr/bin/env python3
"""What a hundred open pages and a scrape each second cost a job's coordinator: load.py SCRIPTORIUM [PAGES] [SECONDS].

Processor time is read of the coordinator's own threads, so that what else the machine does falls out; the job has no
workers and many rows that wait.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def cpu_seconds(process):
    ticks = os.sysconf("SC_CLK_TCK")
    seconds = 0
    for thread in os.listdir(f"/proc/{process.pid}/task"):
        fields = open(f"/proc/{process.pid}/task/{thread}/stat").read().rsplit(")", 1)[1].split()
        seconds += (int(fields[11]) + int(fields[12])) / ticks
    return seconds


def get(port, path, end=None):
    with socket.create_connection(("127.0.0.1", port), 20) as peer:
        peer.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        count = 0
        while data := peer.recv(1 << 16):
            count += len(data)
            if end and end.is_set():
                break
        return count


def every(seconds, end, action):
    while not end.wait(seconds):
        try:
            action()
        except OSError:
            pass


def main():
    binary = os.path.realpath(sys.argv[1])
    pages = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    seconds = int(sys.argv[3]) if len(sys.argv) > 3 else 30
    with tempfile.TemporaryDirectory(prefix="scriptorium-load-") as folder:
        with open(f"{folder}/rows.jsonl", "w") as file:
            for index in range(200_000):
                file.write(json.dumps({"audio_filepath": f"{index}.wav", "duration": 10}) + "\n")
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        job = subprocess.Popen(
            [binary, "coordinate", f"{folder}/rows.jsonl", "--model", f"{ROOT}/models/digits-en", "-o",
             f"{folder}/out.jsonl", "--listen", f"ipc://{folder}/s", "--http", str(port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while True:
                time.sleep(0.2)
                try:
                    with socket.create_connection(("127.0.0.1", port), 2) as peer:
                        peer.sendall(b"GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        if b'"waiting":200000' in peer.makefile("rb").read():
                            break
                except OSError:
                    pass
            before = cpu_seconds(job)
            time.sleep(seconds)
            quiet = (cpu_seconds(job) - before) / seconds
            end = threading.Event()
            for _ in range(pages):
                for action in (
                    lambda: get(port, "/api/v1/stream", end),
                    lambda: every(3, end, lambda: get(port, "/api/v1/workers")),
                    lambda: every(5, end, lambda: get(port, "/api/v1/transcripts")),
                ):
                    threading.Thread(target=action, daemon=True).start()
            threading.Thread(target=lambda: every(1, end, lambda: get(port, "/metrics")), daemon=True).start()
            # Connections are made, which is not what open pages cost.
            time.sleep(3)
            before = cpu_seconds(job)
            time.sleep(seconds)
            loaded = (cpu_seconds(job) - before) / seconds
            end.set()
            print(f"coordinator: {100 * quiet:.2f} % of a core alone, {100 * loaded:.2f} % with {pages} pages and a "
                  f"scrape each second: {100 * (loaded - quiet):.2f} % more")
        finally:
            job.terminate()
            job.wait(40)


if __name__ == "__main__":
    main()
