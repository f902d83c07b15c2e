"""A coordinator and workers over plain tcp with a tap between them, of the real program or the stand-in."""

import threading
import time

import harness
from harness import DONE, DONE_WITH_FAILURES, MODEL, PROGRAM, STANDIN, Fault
from tap import Tap


class Cluster:
    """Processes that are restarted by `tick`, and every message that passed."""

    def __init__(self, workspace, engine, manifest, output, workers, *, calm=6, kinds=None, prefix=(),
                 environment=None, batch=10, batches=(), on_message=None):
        self.engine, self.output = engine, output
        self.kinds, self.on_message = kinds, on_message
        self.lock = threading.Lock()
        self.messages = []
        port, tapped = harness.free_port(), harness.free_port()
        self.tap = Tap(tapped, port, self.take)
        workspace.undo.append(self.tap.close)
        inside, outside = f"tcp://127.0.0.1:{port}", f"tcp://127.0.0.1:{tapped}"
        settings = {"STANDIN_CALM": str(calm), "STANDIN_BATCH_MS": str(batch), **(environment or {})}
        standin = engine == "standin"
        self.plain = (
            [STANDIN, "coordinate", manifest, output, "0", inside] if standin else
            [PROGRAM, "coordinate", manifest, "--model", MODEL, "-o", output, "--listen", inside,
             "--insecure-plaintext", "--calm", str(calm), "--quiet"])
        self.coordinator = workspace.start("coordinator", [*prefix, *self.plain], environment=settings)
        self.workers = [
            workspace.start(
                f"worker-{number}",
                [STANDIN, "work", outside, f"chaos/{number}"] if standin else
                [PROGRAM, "work", "--connect", outside, "--insecure-plaintext", "--model", MODEL,
                 "--threads", "1", "--slot", f"chaos/{number}"],
                environment={**settings, "STANDIN_BATCH_MS": str([*batches, *[batch] * workers][number])})
            for number in range(workers)]

    def take(self, message):
        if self.on_message:
            self.on_message(message)
        if self.kinds is None or message.kind in self.kinds:
            with self.lock:
                self.messages.append(message)

    def seen(self, kind=None, since=0.0):
        with self.lock:
            return [m for m in self.messages if m.time >= since and kind in (None, m.kind)]

    def tick(self):
        """Restarts what should be; the coordinator's final status once it has one."""
        status = self.coordinator.restart_if_it_should()
        if status is None:
            for worker in self.workers:
                worker.restart_if_it_should()
        elif status not in (DONE, DONE_WITH_FAILURES):
            raise Fault(f"the coordinator ended with {status}: {self.coordinator.tail()}")
        return status

    def run_for(self, seconds, until=None):
        """Ticks until the job is done, `until()` is true or the time is over; whether it is done."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.tick() is not None:
                return True
            if until and until():
                return False
            harness.look_again()
        return False

    def finish(self, seconds=200):
        if not self.run_for(seconds):
            raise Fault(f"not done after {seconds} s: {self.coordinator.tail()}")
