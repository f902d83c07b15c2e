"""Runs pods of rendered manifests as a node would run them, as far as their commands can tell: a root of their own
that is read-only, the volumes, the user, no capabilities, the variables, and a network in which `coordinator` is a
name. Nothing schedules them: what should be started again is started again here, by the Jobs' failure policies.
"""

import base64
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EXAMPLES = os.path.join(ROOT, "manifests", "examples")
SECONDS_MAX = 400
TURNS = 120

# Arguments: the root, user, then pairs SOURCE=TARGET=MODE of mounts, --, and the command.
ENTER = r"""
set -euo pipefail
root=$1 user=$2; shift 2
mount -t tmpfs tmpfs "$root"
for each in usr etc opt dev proc; do mkdir "$root/$each"; done
for each in bin lib lib64 sbin; do ln -s "usr/$each" "$root/$each"; done
for each in usr etc; do mount --bind "/$each" "$root/$each"; mount -o remount,bind,ro "$root/$each"; done
if [ -d /opt ]; then mount --bind /opt "$root/opt"; mount -o remount,bind,ro "$root/opt"; fi
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
while [ "$1" != -- ]; do
    IFS== read -r source target mode <<<"$1"; shift
    if [ -d "$source" ]; then mkdir -p "$root$target"; fi
    mount --bind "$source" "$root$target"
    [ "$mode" = rw ] || mount -o remount,bind,ro "$root$target"
done
shift
mount -o remount,ro "$root"
exec chroot "$root" setpriv --reuid="$user" --regid="$user" --clear-groups --no-new-privs --bounding-set=-all \
    --inh-caps=-all "$@"
"""


class Node:
    """The volumes that outlive pods, and the network in which they meet."""

    def __init__(self, program, documents, scratch):
        self.program, self.documents, self.scratch = program, documents, scratch
        self.claims, self.count = {}, 0
        for name in ("archive", "output"):
            self.claims[name] = self.folder(name)
        self.hosts = os.path.join(scratch, "hosts")
        with open(self.hosts, "w") as file:
            file.write("127.0.0.1 localhost coordinator\n")
        self.holder = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "ip link set lo up && echo up && exec sleep infinity"],
            stdout=subprocess.PIPE, text=True)
        self.holder.stdout.readline()

    def close(self):
        self.holder.kill()
        self.holder.wait()

    def folder(self, name, mode=0o2777):
        path = os.path.join(self.scratch, "volumes", name)
        os.makedirs(path)
        os.chmod(path, mode)
        return path

    def named(self, kind, name):
        return next(each for each in self.documents if each["kind"] == kind and each["metadata"]["name"] == name)

    def job(self, name):
        return self.named("Job", name)["spec"]


class Pod:
    """One pod of a Job: its init containers have run, and its container runs."""

    def __init__(self, node, job):
        node.count += 1
        self.node, self.job, self.name = node, job, f"{job}-{node.count}"
        self.pod = node.job(job)["template"]["spec"]
        self.user = self.pod["securityContext"]["runAsUser"]
        self.volumes = {volume["name"]: self.volume(volume) for volume in self.pod["volumes"]}
        self.log = open(os.path.join(node.scratch, f"{self.name}.log"), "ab")
        for container in self.pod.get("initContainers", []):
            process = self.start(container)
            if process.wait() != 0:
                raise RuntimeError(f"{self.name}: {container['name']} ended with {process.returncode}: {self.tail()}")
        self.process = self.start(self.pod["containers"][0])

    def volume(self, volume):
        """A folder on this machine with what the kubelet would put there, and as it would."""
        name = f"{self.name}-{volume['name']}"
        if "persistentVolumeClaim" in volume:
            return self.node.claims[volume["persistentVolumeClaim"]["claimName"]]
        path = self.node.folder(name)
        if "secret" in volume:
            # Links to files in a hidden folder, owned by root and read by the group.
            data = os.path.join(path, "..data")
            os.mkdir(data)
            for key, value in self.node.named("Secret", volume["secret"]["secretName"])["data"].items():
                file = os.path.join(data, key)
                with open(file, "wb") as out:
                    out.write(base64.b64decode(value))
                os.chown(file, 0, self.pod["securityContext"]["fsGroup"])
                os.chmod(file, volume["secret"]["defaultMode"])
                os.symlink(os.path.join("..data", key), os.path.join(path, key))
            os.chmod(data, 0o755)
        return path

    def variables(self, container):
        found = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOSTNAME": self.name}
        for source in container.get("envFrom", []):
            found.update(self.node.named("ConfigMap", source["configMapRef"]["name"])["data"])
        for each in container.get("env", []):
            if "value" in each:
                found[each["name"]] = each["value"]
            elif "fieldRef" in each["valueFrom"]:
                found[each["name"]] = {"metadata.name": self.name}[each["valueFrom"]["fieldRef"]["fieldPath"]]
            else:
                reference = each["valueFrom"]["resourceFieldRef"]
                kind, _, resource = reference["resource"].partition(".")
                found[each["name"]] = quantity(
                    container["resources"][kind][resource], reference.get("divisor", "1"))
        # Pods have a network each; here they share one, so each has a port of its own.
        if "SCRIPTORIUM_HTTP" in found:
            found["SCRIPTORIUM_HTTP"] = str(int(found["SCRIPTORIUM_HTTP"]) + int(self.name.rsplit("-", 1)[1]))
        return found

    def is_ready(self):
        """Whether the readiness probe says so, run beside the container as the kubelet runs it."""
        container = self.pod["containers"][0]
        probe = {**container, "name": f"probe{time.monotonic_ns()}", "args": [],
                 "command": container["readinessProbe"]["exec"]["command"]}
        return self.start(probe).wait() == 0

    def start(self, container):
        variables = self.variables(container)
        command = [
            re.sub(r"\$\((\w+)\)", lambda match: variables.get(match[1], match[0]), text)
            for text in container.get("command", []) + container.get("args", [])]
        root = self.node.folder(f"root-{self.name}-{container['name']}", 0o755)
        mounts = [f"{self.node.hosts}=/etc/hosts=ro"]
        for mount in container.get("volumeMounts", []):
            mode = "ro" if mount.get("readOnly") else "rw"
            mounts.append(f"{self.volumes[mount['name']]}={mount['mountPath']}={mode}")
        # Where the image has the program.
        if command[0] == "scriptorium":
            mounts.append(f"{os.path.dirname(self.node.program)}=/program=ro")
            command[0] = "/program/scriptorium"
        return subprocess.Popen(
            ["nsenter", f"--net=/proc/{self.node.holder.pid}/ns/net", "unshare", "--mount", "--propagation=private",
             "bash", "-c", ENTER, "enter", root, str(self.user), *mounts, "--", *command],
            env=variables, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def tail(self):
        with open(self.log.name, errors="replace") as file:
            return file.read()[-600:]


def quantity(text, divisor):
    """A quantity in units of the divisor, rounded up, as the downward API gives it."""
    units = {"m": 1e-3, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "": 1}

    def value(of):
        number, unit = re.fullmatch(r"([0-9.]+)(m|Ki|Mi|Gi|)", str(of)).groups()
        return float(number) * units[unit]

    return str(int(-(-value(text) // value(divisor))))


def policy(spec, status, is_disrupted):
    """What becomes of a pod that ended with a status: `done`, `again` or `fail`."""
    if status == 0:
        return "done"
    for rule in spec["podFailurePolicy"]["rules"]:
        if status in rule.get("onExitCodes", {}).get("values", []) or (
                is_disrupted and "onPodConditions" in rule):
            return {"FailJob": "fail", "Ignore": "again"}[rule["action"]]
    return "again"  # It counts against the limit, which is high.


def run(program, documents, scratch):
    """Yields what went wrong in a job of two workers, of which one is evicted, and whose coordinator is killed."""
    if os.geteuid() != 0:
        print("pods: not run, since that takes root")
        return
    os.chmod(scratch, 0o755)
    rows = []
    with open(os.path.join(EXAMPLES, "digits.jsonl")) as file:
        examples = [json.loads(line) for line in file if line.strip()]
    for turn in range(TURNS):
        rows += [{**row, "row": turn * len(examples) + number} for number, row in enumerate(examples)]
    node = Node(program, documents, scratch)
    archive = node.claims["archive"]
    subprocess.run(["cp", "-r", f"{EXAMPLES}/audio", archive], check=True)
    subprocess.run(["cp", "-r", "--parents", "models/digits-en", archive], check=True, cwd=ROOT)
    with open(os.path.join(archive, "archive.jsonl"), "w") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    os.chown(node.claims["output"], 0, 10001)
    settings = node.named("ConfigMap", "settings")["data"]
    settings.update(SCRIPTORIUM_MODEL="/archive/models/digits-en", SCRIPTORIUM_ARITHMETIC="auto")
    reference = os.path.join(scratch, "reference.jsonl")
    subprocess.run([program, "transcribe", os.path.join(archive, "archive.jsonl"), "-o", reference, "--model",
                    os.path.join(archive, "models/digits-en"), "--threads", "1", "--quiet"], check=True)
    running, ends, struck = [], [], 0
    try:
        running += [Pod(node, "coordinator"), Pod(node, "workers"), Pod(node, "workers")]
        output = os.path.join(node.claims["output"], os.path.basename(settings["SCRIPTORIUM_OUTPUT"]))
        began = time.monotonic()
        evicted, failed, done, ready = set(), set(), set(), set()
        while running and not failed:
            if time.monotonic() - began > SECONDS_MAX:
                yield f"not done after {SECONDS_MAX} s: {[pod.tail() for pod in running]}"
                return
            # Once there is a journal: an eviction, then the death of the coordinator.
            if struck < 2 and os.path.exists(output + ".job") and time.monotonic() - began > 3 * (struck + 1):
                victim = next((pod for pod in running if pod.job == ["workers", "coordinator"][struck]), None)
                if victim:
                    os.kill(victim.process.pid, [signal.SIGTERM, signal.SIGKILL][struck])
                    evicted |= {victim.name} if struck == 0 else set()
                    struck += 1
            for pod in running:
                if pod.job not in ready and pod.is_ready():
                    ready.add(pod.job)
            # A worker that came when all was done waits an hour for a coordinator; whoever deletes the Jobs ends it.
            if {"coordinator", "workers"} <= done:
                for pod in running:
                    if "waiting for a coordinator" in pod.tail():
                        pod.process.terminate()
            for pod in list(running):
                status = pod.process.poll()
                if status is None:
                    continue
                status = 128 - status if status < 0 else status
                running.remove(pod)
                verdict = policy(node.job(pod.job), status, pod.name in evicted)
                ends.append(f"{pod.name} {status} {verdict}")
                # Of a work queue nobody is begun any more once one has ended with success.
                if verdict == "done":
                    done.add(pod.job)
                elif verdict == "fail":
                    failed.add(pod.job)
                    yield f"{pod.name} ended with {status}: {pod.tail()}"
                elif pod.job not in done:
                    running.append(Pod(node, pod.job))
            time.sleep(0.1)
        print(f"pods: {', '.join(ends)}")
        if unready := {"coordinator", "workers"} - ready:
            yield f"no probe found them ready: {', '.join(sorted(unready))}"
        if struck < 2:
            yield "the job was done before it was struck"
        if not failed:
            digests = [hashlib.sha256(open(path, "rb").read()).hexdigest() for path in (reference, output)]
            print(f"pods: {len(rows)} rows, {digests[1][:16]}")
            if digests[0] != digests[1]:
                yield "the output differs from that of one machine"
    finally:
        for pod in running:
            pod.process.kill()
            pod.process.wait()
        node.close()
