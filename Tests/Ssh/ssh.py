#!/usr/bin/env python3
"""A job by cluster/ssh/fleet.sh on two hosts with sshd and without the compiler's libraries: ssh.py TARBALL

One host dies in mid-run. The output must be the undisturbed one, and nothing may be left on the other. Needs root.
"""

import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Chaos"))

import harness
from harness import DONE_WITH_FAILURES, PROGRAM, ROOT, Fault, Workspace
from switch import Switch

HOSTS = {"co": "10.79.0.10", "w1": "10.79.0.11", "w2": "10.79.0.12"}
SSHD = """
Port 22
ListenAddress {address}
HostKey {folder}/host-key
AuthorizedKeysFile {folder}/user-key.pub
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
PidFile none
"""
SSH = """
Host *
  User root
  IdentityFile {folder}/user-key
  UserKnownHostsFile /dev/null
  StrictHostKeyChecking no
  LogLevel ERROR
  BatchMode yes
"""


def run(tarball, turns):
    with Workspace("ssh") as workspace:
        switch = Switch({name: f"{address}/24" for name, address in HOSTS.items()}, harness.seeded(1, "ssh"))
        workspace.undo.append(switch.close)
        for name in ("host-key", "user-key"):
            workspace.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", workspace.path(name)])
        os.makedirs("/run/sshd", exist_ok=True)
        daemons = {}
        for name in ("w1", "w2"):
            with open(workspace.path(f"sshd-{name}"), "w") as file:
                file.write(SSHD.format(address=HOSTS[name], folder=workspace.folder))
            os.mkdir(workspace.path(name))
            # A host of its own: name, processes, and none of the libraries below /opt.
            daemons[name] = workspace.start(f"host-{name}", [
                *switch.on(name), "unshare", "--uts", "--mount", "--propagation=private", "--pid", "--fork",
                "--kill-child", "--mount-proc", "sh", "-c",
                "hostname \"$0\" && { [ ! -d /opt ] || mount -t tmpfs tmpfs /opt; } && exec /usr/sbin/sshd -D -e -f \"$1\"",
                name, workspace.path(f"sshd-{name}")])
        with open(workspace.path("ssh-config"), "w") as file:
            file.write(SSH.format(folder=workspace.folder))
        manifest, output = workspace.path("rows.jsonl"), workspace.path("out.jsonl")
        harness.speech_manifest(manifest, turns)
        with open(workspace.path("hosts"), "w") as file:
            file.write(f"# two machines\n{HOSTS['w1']} 1\n{HOSTS['w2']}\n")
        fleet = workspace.start("fleet", [
            *switch.on("co"), os.path.join(ROOT, "cluster/ssh/fleet.sh"), workspace.path("hosts"), manifest, "-o", output,
            "--listen", f"{HOSTS['co']}:7100", "--tarball", tarball, "--threads", "1", "--folder", workspace.path("w1")],
            environment={"SCRIPTORIUM": PROGRAM, "SSH": f"ssh -F {workspace.path('ssh-config')}"})

        def status():
            done = subprocess.run([PROGRAM, "status", output, "--json"], env=workspace.environment,
                                  capture_output=True, text=True)
            return harness.json.loads(done.stdout) if done.returncode == 0 else None

        for _ in range(30_000):
            if fleet.ended() is not None:
                raise Fault(f"the job ended before a host died: {fleet.tail()}")
            now = status()
            if now and now["workers"] == 2 and now["audio_seconds_done"] > 0:
                break
            harness.look_again()
        else:
            raise Fault(f"no two workers: {fleet.tail()}")
        os.kill(daemons["w2"].pid, signal.SIGKILL)
        for _ in range(30_000):
            if fleet.ended() is not None:
                break
            harness.look_again()
        if fleet.ended() not in (0, DONE_WITH_FAILURES):
            raise Fault(f"the fleet ended with {fleet.ended()}: {fleet.tail(1500)}")
        harness.prove(output, manifest)
        reference = workspace.path("reference.jsonl")
        workspace.run([PROGRAM, "transcribe", manifest, "-o", reference, "--threads", "1", "--quiet"],
                      accept=(DONE_WITH_FAILURES,), timeout=1_200)
        if any(counts := harness.compare(output, reference).values()):
            raise Fault(f"the output differs: {counts}")
        # Both hosts share this machine's disk: the one that died cannot have been tidied.
        left = [name for name in os.listdir(workspace.path("w1")) if name.endswith("-0")]
        if left:
            raise Fault(f"left on the host that lives: {left}")
        print(f"{turns * 42} rows, {harness.sha256(output)[:16]}; {fleet.tail(400)}")


def main():
    if os.geteuid() != 0 or not os.path.exists("/dev/net/tun"):
        print("this bed makes network namespaces and TAP devices: run it as root, with /dev/net/tun")
        return 77
    if missing := harness.missing_packages("openssh-server", "openssh-client", "iproute2", "zstd"):
        print(f"these packages are missing: {' '.join(missing)}")
        return 77
    try:
        run(os.path.realpath(sys.argv[1]), int(os.environ.get("TURNS", "20")))
    except Fault as fault:
        print(f"0 passed, 1 failed: {fault}")
        return 1
    print("1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
