"""A Slurm cluster on this machine: a controller and nodes, each a host with its own network, name and
processes, that can be killed, cut off and brought back.

Everything of it (configuration, munge's key and socket, spools, logs) lies in the scenario's scratch folder; it
needs root, and the packages slurm-wlm and munge.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Chaos"))

import harness
from harness import Fault
from switch import Switch

CONTROLLER, NODES = "co", ["w1", "w2"]
ADDRESSES = {"co": "10.78.0.10", "w1": "10.78.0.11", "w2": "10.78.0.12"}
CPU_GROUPS, CPU_ACCOUNTS = "/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpuacct"

# SlurmdTimeout and cred_expire are below their defaults, 300 and 120 s, so that a dead node is noticed and its
# jobs begin again while somebody watches. But a job must not begin again before what is left of it has had KillWait:
# Slurm would find two of one number on a node, and hold the job.
CONFIGURATION = """
ClusterName=bed
SlurmctldHost=co({address})
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge/socket,cred_expire=40
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
ReturnToService=2
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmdSpoolDir={folder}/spool.%n
StateSaveLocation={folder}/state
SlurmctldLogFile={folder}/slurmctld.slurm.log
SlurmdLogFile={folder}/slurmd.%n.slurm.log
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=3,sched_interval=3
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SlurmdTimeout=10
MessageTimeout=5
KillWait=30
OverTimeLimit=0
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SlurmdParameters=config_overrides
{nodes}
PartitionName=main Nodes=w1,w2 Default=YES MaxTime=INFINITE State=UP PriorityTier=1 PreemptMode=REQUEUE LLN=YES
PartitionName=urgent Nodes=w1,w2 MaxTime=INFINITE State=UP PriorityTier=10 PreemptMode=OFF
"""


def until(what, condition, seconds=120):
    """Looks again and again until the condition gives something true, which it returns."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        harness.look_again(0.5)
    raise Fault(f"not within {seconds} s: {what}")


class Cluster:
    """A context is a `Workspace`'s: what it starts and mounts is undone with the workspace."""

    def __init__(self, workspace, seed, share):
        """`share`: of a processor, for each node, where this machine has version 1 groups."""
        self.workspace, self.share = workspace, share
        self.switch = Switch({name: f"{address}/24" for name, address in ADDRESSES.items()},
                             harness.seeded(seed, "slurm"))
        workspace.undo.append(self.switch.close)
        for name in ["munge", "state", *(f"spool.{node}" for node in NODES)]:
            os.mkdir(workspace.path(name), 0o711)
        nodes = "\n".join(
            f"NodeName={node} NodeAddr={ADDRESSES[node]} CPUs=4 RealMemory=4000 State=UNKNOWN"
            for node in NODES)
        with open(workspace.path("slurm.conf"), "w") as file:
            file.write(CONFIGURATION.format(
                address=ADDRESSES[CONTROLLER], folder=workspace.folder, nodes=nodes))
        workspace.environment.update(
            SLURM_CONF=workspace.path("slurm.conf"), SCRIPTORIUM=harness.PROGRAM,
            TMPDIR=workspace.folder)
        # The scratch folder is closed to others, but munge wants a path to its socket that is open.
        os.chmod(workspace.folder, 0o711)
        self.start_munge()
        self.groups = {node: self.cpu_groups(node) for node in NODES}
        self.hosts = {CONTROLLER: self.start(CONTROLLER, ["slurmctld", "-D"])}
        for node in NODES:
            self.hosts[node] = self.start(node, ["slurmd", "-D", "-N", node])
        self.await_nodes()

    def start_munge(self):
        folder = self.workspace.path("munge")
        with open(f"{folder}/key", "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(os.urandom(128))
        self.workspace.start("munged", [
            "munged", "--foreground", "--force", f"--key-file={folder}/key", f"--socket={folder}/socket",
            f"--pid-file={folder}/pid", f"--log-file={folder}/log", f"--seed-file={folder}/seed"])
        until("munge listens", lambda: os.path.exists(f"{folder}/socket"), 20)

    def cpu_groups(self, node):
        """A node's share of a processor, so that jobs last without taking this machine's, and an account of it."""
        groups = []
        for base, needed in ((CPU_GROUPS, "cpu.cfs_quota_us"), (CPU_ACCOUNTS, "cpuacct.usage")):
            if os.path.exists(f"{base}/{needed}") and os.access(base, os.W_OK):
                group = tempfile.mkdtemp(prefix=f"scriptorium-{node}-", dir=base)
                self.workspace.undo.append(lambda group=group: remove_group(group))
                groups.append(group)
                if base == CPU_GROUPS:
                    with open(f"{group}/cpu.cfs_quota_us", "w") as file:
                        file.write(str(int(100_000 * self.share)))
        return groups

    def start(self, host, command):
        """Runs it as the first process of a host: when it dies, the kernel ends all others."""
        join = "".join(f"echo $$ >{group}/cgroup.procs && " for group in self.groups.get(host, []))
        return self.workspace.start(host, [
            "sh", "-c", join + "exec \"$@\"", "sh", *self.switch.on(host),
            "unshare", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc",
            "sh", "-c", "hostname \"$0\" && exec \"$@\"", host, *command])

    # What Slurm's users do

    def run(self, *command, accept=(0,)):
        """Runs a command on the controller's host."""
        return self.workspace.run([*self.switch.on(CONTROLLER), *command], accept=accept)

    def try_to_run(self, *command):
        """The same where an answer is not sure: standard output, or None."""
        done = subprocess.run(
            [*self.switch.on(CONTROLLER), *command], env=self.workspace.environment, text=True,
            capture_output=True, timeout=120)
        return done.stdout if done.returncode == 0 else None

    def node_states(self):
        lines = (self.try_to_run("sinfo", "-N", "-h", "-p", "main", "-o", "%N %T") or "").split("\n")
        return dict(line.split() for line in lines if line)

    def await_nodes(self):
        until("both nodes are up", lambda: (
            (states := self.node_states()).keys() == set(NODES)
            and all(state in ("idle", "mixed", "allocated") for state in states.values())), 90)

    def jobs(self, number):
        """The elements of a job in the queue: their names, states and nodes."""
        lines = (self.try_to_run("squeue", "-h", "-r", "-j", str(number), "-o", "%i %T %N") or "").split("\n")
        fields = [line.split() for line in lines if line]
        return {field[0]: (field[1], field[2] if len(field) > 2 else "") for field in fields}

    def restarts(self, number):
        text = self.try_to_run("scontrol", "show", "job", str(number)) or ""
        return sum(int(word.split("=")[1]) for word in text.split() if word.startswith("Restarts="))

    # Faults

    def kill(self, host, silently=True):
        """All processes of a host die at once; silently, no packet of their end leaves it."""
        if silently:
            self.switch.isolate(host)
        os.kill(self.hosts[host].pid, signal.SIGKILL)
        self.hosts[host].process.wait()

    def revive(self, host):
        self.switch.heal()
        self.hosts[host].start()

    def processor_seconds(self):
        """What the nodes have taken since they began; None where groups do not tell."""
        accounts = [group for node in NODES for group in self.groups[node] if group.startswith(CPU_ACCOUNTS + "/")]
        total = 0
        for group in accounts:
            with open(f"{group}/cpuacct.usage") as file:
                total += int(file.read())
        return round(total / 1e9, 1) if accounts else None


def remove_group(group):
    for _ in range(250):
        try:
            return os.rmdir(group)
        except OSError:
            harness.look_again()
