"""A network of hosts on one machine: each a namespace, all joined by a switch in this process that can
delay, lose, double, corrupt and cut each direction of each pair.

The kernel's own emulation (netem) is not everywhere; a TAP device in each namespace is enough.
"""

import fcntl
import heapq
import os
import select
import struct
import subprocess
import threading
import time

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
ETHERNET_AND_IP = 34


def sh(*command):
    subprocess.run(command, check=True, capture_output=True)


class Switch:
    """`hosts` maps names to addresses with prefix length; faults are drawn from `random`."""

    def __init__(self, hosts, random):
        self.random = random
        self.names = list(hosts)
        # Namespaces are the machine's: their names must not collide with another scenario's.
        self.spaces = {name: f"sc{os.getpid()}-{name}" for name in hosts}
        self.taps, self.addresses = {}, {}
        self.links = {(a, b): {} for a in hosts for b in hosts if a != b}
        self.counts = {"forwarded": 0, "dropped": 0, "doubled": 0, "corrupted": 0}
        self.queue, self.number = [], 0
        self.is_closing = False
        try:
            for index, (name, address) in enumerate(hosts.items()):
                self.add(index, name, address)
        except BaseException:
            self.remove()
            raise
        self.thread = threading.Thread(target=self.forward, daemon=True)
        self.thread.start()

    def add(self, index, name, address):
        space, device = self.spaces[name], f"sc{os.getpid() % 100_000}t{index}"
        tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        self.taps[name] = tap
        fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH14x", device.encode(), IFF_TAP | IFF_NO_PI))
        sh("ip", "netns", "add", space)
        sh("ip", "link", "set", device, "netns", space, "name", "eth0")
        sh("ip", "-n", space, "addr", "add", address, "dev", "eth0")
        for link in ("eth0", "lo"):
            sh("ip", "-n", space, "link", "set", link, "up")

    def remove(self):
        for tap in self.taps.values():
            os.close(tap)
        for space in self.spaces.values():
            subprocess.run(["ip", "netns", "del", space], capture_output=True)

    def close(self):
        self.is_closing = True
        self.thread.join()
        self.remove()

    def on(self, name):
        """What starts a command on that host."""
        return ["nsenter", f"--net=/run/netns/{self.spaces[name]}"]

    # Faults

    def link(self, a, b, **faults):
        """From a to b only: delay and jitter in ms; loss, double and corrupt as shares; cut."""
        self.links[a, b] = faults

    def heal(self):
        for pair in self.links:
            self.links[pair] = {}

    def isolate(self, host):
        for pair in self.links:
            if host in pair:
                self.links[pair] = {"cut": True}

    # Frames

    def forward(self):
        while not self.is_closing:
            wait = min(0.2, max(0, self.queue[0][0] - time.monotonic())) if self.queue else 0.2
            ready, _, _ = select.select(list(self.taps.values()), [], [], wait)
            for name in self.names:
                if self.taps[name] in ready:
                    self.take(name)
            now = time.monotonic()
            while self.queue and self.queue[0][0] <= now:
                _, _, target, frame = heapq.heappop(self.queue)
                try:
                    os.write(self.taps[target], frame)
                    self.counts["forwarded"] += 1
                except OSError:
                    self.counts["dropped"] += 1

    def take(self, source):
        for _ in range(64):
            try:
                frame = os.read(self.taps[source], 65_536)
            except OSError:
                return
            self.addresses[frame[6:12]] = source
            target = self.addresses.get(frame[:6])
            for name in [target] if target else self.names:
                if name != source:
                    self.send(source, name, frame)

    def send(self, source, target, frame):
        faults, random = self.links[source, target], self.random
        if faults.get("cut") or random.random() < faults.get("loss", 0):
            self.counts["dropped"] += 1
            return
        copies = 2 if random.random() < faults.get("double", 0) else 1
        self.counts["doubled"] += copies - 1
        if random.random() < faults.get("corrupt", 0) and len(frame) > ETHERNET_AND_IP:
            place = random.randrange(ETHERNET_AND_IP, len(frame))
            flipped = frame[place] ^ 1 << random.randrange(8)
            frame = frame[:place] + bytes([flipped]) + frame[place + 1:]
            self.counts["corrupted"] += 1
        for _ in range(copies):
            jitter = random.uniform(-1, 1) * faults.get("jitter", 0)
            due = time.monotonic() + max(0, faults.get("delay", 0) + jitter) / 1_000
            self.number += 1
            heapq.heappush(self.queue, (due, self.number, target, frame))
