#!/usr/bin/env python3
"""Judges the Debian package and runs it where nothing else is: package.py SCRIPTORIUM FOLDER

SCRIPTORIUM is the program with Swift's runtime in it, FOLDER has what `make package` made of it. lintian and mandoc find
nothing; the package is the same bytes made elsewhere at another time; the three shells complete its commands; and, as
root, two bare roots of Debian (debootstrap, kept below .build/package) take it: one by `apt install` and one command
to a transcript, one by the steps of the Containerfile.
"""

import glob
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Chaos"))
import harness

ROOT = harness.ROOT
BYTES_MAX = 40 << 20
SUITE = "bookworm"
CLIP = os.path.join(ROOT, "manifests", "examples", "audio", "0_george_0.wav")
# A package that no archive has asked for, and whose maintainer has no address there.
SUPPRESSED = "initial-upload-closes-no-bugs,bogus-mail-host"
failures = []


def fail(sentence):
    print(f"  ✘ {sentence}")
    failures.append(sentence)


def output(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, **more)
    return done.returncode, done.stdout, done.stderr


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def lint(package):
    size = os.path.getsize(package)
    print(f"package: {size / (1 << 20):.1f} MiB")
    if size > BYTES_MAX:
        fail(f"the package has {size} bytes, and may have {BYTES_MAX}")
    status, found, errors = output("lintian", "--allow-root", "--tag-display-limit", "0", "--fail-on", "error,warning",
                                   "--suppress-tags", SUPPRESSED, package)
    print(f"lintian: {len(found.splitlines())} findings")
    if status != 0:
        fail(f"lintian: {found}{errors}")


def same_elsewhere(program, package):
    """Another clone, at another time."""
    with tempfile.TemporaryDirectory(prefix="scriptorium-package-") as scratch:
        clone = os.path.join(scratch, "a", "longer", "path")
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        # What is not committed belongs to this package, too.
        names = output("git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")[1]
        for name in filter(None, names.split("\0")):
            if os.path.exists(os.path.join(ROOT, name)):
                os.makedirs(os.path.dirname(os.path.join(clone, name)), exist_ok=True)
                shutil.copy(os.path.join(ROOT, name), os.path.join(clone, name))
        shutil.copy(os.path.join(ROOT, "Package.resolved"), clone)
        out = os.path.join(scratch, "out")
        subprocess.run([os.path.join(clone, "scripts", "make_package.sh"), program, out], check=True,
                       stdout=subprocess.DEVNULL, env={**os.environ, "TZ": "Asia/Tokyo", "LC_ALL": "C"})
        for name in sorted(os.listdir(out)):
            if digest(os.path.join(out, name)) != digest(os.path.join(os.path.dirname(package), name)):
                fail(f"{name} differs when it is made elsewhere")
        print(f"made elsewhere: {len(os.listdir(out))} files are the same")
    if output("sha256sum", "--check", "--quiet", "SHA256SUMS", cwd=os.path.dirname(package))[0] != 0:
        fail("SHA256SUMS does not hold")


def bill(package):
    """The SPDX document is whole: what it relates is there, and every dependency is named."""
    with open(package[:-len(".deb")] + ".spdx.json") as file:
        document = json.load(file)
    packages = {each["SPDXID"]: each for each in document["packages"]}
    for each in document["relationships"]:
        for end in (each["spdxElementId"], each["relatedSpdxElement"]):
            if end not in packages and end != "SPDXRef-DOCUMENT":
                fail(f"sbom: {end} is related and not described")
    for identifier, each in packages.items():
        if missing := {"name", "versionInfo", "downloadLocation", "licenseConcluded"} - each.keys():
            fail(f"sbom: {identifier} lacks {missing}")
        if not re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", identifier):
            fail(f"sbom: {identifier} is no identifier")
    if packages["SPDXRef-scriptorium"]["checksums"][0]["checksumValue"] != digest(package):
        fail("sbom: the checksum is another package's")
    wanted = [wish.split("|")[0].split()[0] for wish in
              output("dpkg-deb", "--field", package, "Depends")[1].strip().split(",")]
    with open(os.path.join(ROOT, "Package.resolved")) as file:
        wanted += [pin["identity"] for pin in json.load(file)["pins"]]
    described = {each["name"].removeprefix("debian-") for each in packages.values()}
    for name in set(wanted) - described:
        fail(f"sbom: {name} is not described")
    # The reference's own reader, where pip has it.
    tools = os.path.join(ROOT, ".build", "package", "python")
    if not os.path.exists(f"{tools}/bin/pyspdxtools"):
        subprocess.run([sys.executable, "-m", "venv", tools], check=True)
        subprocess.run([f"{tools}/bin/pip", "install", "--quiet", "spdx-tools"], check=False)
    reader = "not read by spdx-tools, which pip did not give"
    if os.path.exists(f"{tools}/bin/pyspdxtools"):
        reader = "valid"
        status, said, errors = output(f"{tools}/bin/pyspdxtools", "--infile", package[:-len(".deb")] + ".spdx.json")
        if status != 0:
            fail(f"sbom: {said}{errors}")
    print(f"sbom: {len(packages)} packages, {reader}")


def pages(tree, program):
    folder = os.path.join(tree, "usr/share/man/man1")
    names = sorted(os.listdir(folder))
    for name in names:
        with gzip.open(os.path.join(folder, name), "rt") as file:
            text = file.read()
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"], input=text, capture_output=True, text=True)
        if done.stdout.strip():
            fail(f"{name}: {done.stdout}")
    dump = json.loads(output(program, "--experimental-dump-help")[1])["command"]
    count = 0

    def visit(command, path):
        nonlocal count
        if not command["shouldDisplay"] or command["commandName"] == "help":
            return
        name = "-".join(path) + ".1.gz"
        if name not in names:
            return fail(f"there is no page {name}")
        with gzip.open(os.path.join(folder, name), "rt") as file:
            shown = subprocess.run(["mandoc", "-T", "utf8", "-O", "width=100"], input=file.read(),
                                   capture_output=True, text=True, check=True).stdout
        shown = re.sub(".\b", "", shown)
        for argument in command["arguments"]:
            for each in argument.get("names") or []:
                if argument["shouldDisplay"] and each["kind"] == "long":
                    count += 1
                    if f"--{each['name']}" not in shown:
                        fail(f"{name} does not tell --{each['name']}")
        for each in command.get("subcommands") or []:
            visit(each, path + [each["commandName"]])

    visit(dump, ["scriptorium"])
    print(f"manual: {len(names)} pages tell {count} options")


ZSH = r"""
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT=; path=($1 \$path); fpath=($2 \$fpath); autoload -Uz compinit; compinit -u -D; echo READ''Y"
zpty -r -m shell seen '*READY*'
zpty -w -n shell 'scriptorium tran'$'\t'
repeat 100; do
    if zpty -r -t shell seen; then print -rn -- "$seen"; else sleep 0.1; fi
done
zpty -d shell
"""


def completions(tree):
    bin_folder = os.path.join(tree, "usr/bin")
    path = f"{bin_folder}:{os.environ['PATH']}"
    script = os.path.join(tree, "usr/share/bash-completion/completions/scriptorium")
    _, got, errors = output("bash", "-c", f"""
        shopt -s extglob; . {script}
        COMP_LINE='scriptorium tran' COMP_POINT=16 COMP_WORDS=(scriptorium tran) COMP_CWORD=1
        $(complete -p scriptorium | sed 's/.*-F \\([^ ]*\\).*/\\1/') scriptorium tran scriptorium
        printf '%s\\n' "${{COMPREPLY[@]}}" """, env={**os.environ, "PATH": path})
    if got.split() != ["transcribe"]:
        fail(f"bash completes 'scriptorium tran' to {got!r} {errors}")
    folder = os.path.join(tree, "usr/share/fish/vendor_completions.d")
    _, got, errors = output(
        "fish", "--no-config", "-c", f"source {folder}/scriptorium.fish; complete -C 'scriptorium tran'",
        env={**os.environ, "PATH": path, "HOME": "/tmp"})
    if [line.split("\t")[0] for line in got.splitlines()] != ["transcribe"]:
        fail(f"fish completes 'scriptorium tran' to {got!r} {errors}")
    folder = os.path.join(tree, "usr/share/zsh/vendor-completions")
    _, got, errors = output("zsh", "-f", "-c", ZSH, "zsh", bin_folder, folder,
                            env={**os.environ, "TERM": "dumb", "HOME": "/tmp"})
    if "transcribe" not in got:
        fail(f"zsh completes 'scriptorium tran' to {got[-500:]!r} {errors}")
    print("completions: bash, zsh, fish")


# Bare roots


def bare_root():
    """A Debian that has nothing but its least: kept, because fetching it takes a minute."""
    kept = os.path.join(ROOT, ".build", "package", f"{SUITE}.tar")
    if not os.path.exists(kept):
        os.makedirs(os.path.dirname(kept), exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="scriptorium-debootstrap-") as folder:
            status, said, errors = output("debootstrap", "--variant=minbase", SUITE, folder)
            if status != 0:
                return fail(f"debootstrap: {said[-400:]}{errors[-400:]}")
            subprocess.run(["tar", "--directory", folder, "--one-file-system", "-cf", kept + ".part", "."], check=True)
        os.rename(kept + ".part", kept)
    return kept


class BareRoot:
    def __init__(self, kept):
        self.folder = tempfile.mkdtemp(prefix="scriptorium-bare-")
        subprocess.run(["tar", "--directory", self.folder, "-xf", kept], check=True)
        # The root of a Debian is everybody's, the folder of a test its own.
        os.chmod(self.folder, 0o755)
        # This machine's ways to a mirror.
        for path in glob.glob("/etc/apt/apt.conf.d/*proxy*"):
            shutil.copy(path, os.path.join(self.folder, "etc/apt/apt.conf.d"))
        shutil.copy("/etc/resolv.conf", os.path.join(self.folder, "etc/resolv.conf"))

    def run(self, *command, user=None, environment=()):
        """Runs a command in the root, with a /proc of its own."""
        drop = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
        return output(
            "unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation=private", "bash", "-euc",
            'mount -t proc proc "$1/proc"; mount --rbind /dev "$1/dev"; exec chroot "$@"', "enter", self.folder,
            "env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/tmp", "LC_ALL=C.UTF-8",
            "DEBIAN_FRONTEND=noninteractive", *environment, *drop, *command)

    def put(self, path, where="tmp"):
        shutil.copy(path, os.path.join(self.folder, where))

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def in_bare_root(kept, package):
    root = BareRoot(kept)
    try:
        for absent in ("swift", "gcc", "cc", "ffmpeg"):
            if root.run("sh", "-c", f"command -v {absent}")[0] == 0:
                fail(f"the bare root has {absent}")
        status, said, errors = root.run("apt-get", "update")
        if status != 0:
            return fail(f"apt-get update: {said[-400:]}{errors[-400:]}")
        root.put(package)
        root.put(CLIP)
        name = "/tmp/" + os.path.basename(package)
        began = time.monotonic()
        status, said, errors = root.run("apt-get", "install", "-y", "--no-install-recommends", name)
        if status != 0:
            return fail(f"apt-get install: {said[-600:]}{errors[-600:]}")
        installed = time.monotonic() - began
        status, text, errors = root.run("scriptorium", "transcribe", f"/tmp/{os.path.basename(CLIP)}", "--quiet")
        print(f"bare Debian: installed after {installed:.1f} s, {text.strip()!r} after {time.monotonic() - began:.1f} s")
        if (status, text.strip()) != (0, "ZERO"):
            fail(f"the transcript of a ZERO is {text!r}: {errors}")
        status, found, _ = root.run("scriptorium", "doctor", "--json", "--folder", "/var/tmp")
        problems = [each for each in json.loads(found)["findings"] if each["verdict"] == "problem"]
        if status != 0 or problems:
            fail(f"doctor: {problems}")
        for command in (["getent", "passwd", "scriptorium"],
                        ["test", "-f", "/lib/systemd/system/scriptorium-worker@.service"],
                        ["test", "-f", "/etc/scriptorium/worker.env"],
                        ["test", "-f", "/usr/share/bash-completion/completions/scriptorium"]):
            if root.run(*command)[0] != 0:
                fail(f"after the installation: {' '.join(command)} fails")
        status, said, errors = root.run("apt-get", "purge", "-y", "scriptorium")
        if status != 0 or root.run("test", "-e", "/etc/scriptorium/worker.env")[0] == 0:
            fail(f"apt-get purge: {said[-400:]}{errors[-400:]}")
    finally:
        root.close()


def container_steps():
    """The last stage of the Containerfile: its RUN lines, and whom it runs as."""
    with open(os.path.join(ROOT, "Containerfile")) as file:
        text = re.sub(r"\\\n\s*", " ", file.read())
    stage = re.split(r"^FROM ", text, flags=re.MULTILINE)[-1]
    steps = re.findall(r"^RUN (.*)$", stage, re.MULTILINE)
    user = re.search(r"^USER (\d+):(\d+)$", stage, re.MULTILINE)
    entry = json.loads(re.search(r"^ENTRYPOINT (.*)$", stage, re.MULTILINE)[1])
    variables = [each.strip() for each in re.findall(r"^ENV (.*)$", stage, re.MULTILINE)]
    return steps, int(user[1]), entry, variables


def as_image(kept, package, ffmpeg):
    """What a builder does, step by step, since no registry of images is to be had."""
    steps, user, entry, variables = container_steps()
    root = BareRoot(kept)
    try:
        root.put(package)
        for step in steps:
            status, said, errors = root.run("sh", "-euc", step, environment=[f"FFMPEG={ffmpeg}"])
            if status != 0:
                return fail(f"Containerfile: {step}: {said[-400:]}{errors[-400:]}")
        root.put(CLIP, "srv")
        status, text, errors = root.run(*entry, "transcribe", f"/srv/{os.path.basename(CLIP)}", "--quiet", user=user,
                                        environment=variables)
        if (status, text.strip()) != (0, "ZERO"):
            fail(f"as an image: {text!r}: {errors}")
        has = root.run("sh", "-c", "command -v ffmpeg")[0] == 0
        if has != bool(ffmpeg):
            fail(f"as an image: ffmpeg is {'there' if has else 'not there'}")
        size = output("du", "-sm", "--one-file-system", root.folder)[1].split()[0]
        print(f"as an image{' with ffmpeg' if ffmpeg else ''}: {text.strip()!r} as user {user}, {size} MiB")
    finally:
        root.close()


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: package.py SCRIPTORIUM FOLDER")
    program, folder = os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2])
    package = glob.glob(os.path.join(folder, "scriptorium_*.deb"))[0]
    tools = ["lintian", "mandoc", "zsh", "fish", "xz-utils"]
    if missing := harness.missing_packages(*tools):
        print(f"these packages are missing: {' '.join(missing)}")
        return 77
    lint(package)
    same_elsewhere(program, package)
    bill(package)
    with tempfile.TemporaryDirectory(prefix="scriptorium-tree-") as tree:
        subprocess.run(["dpkg-deb", "--extract", package, tree], check=True)
        pages(tree, program)
        completions(tree)
    if os.geteuid() != 0:
        print("bare roots: not run, since that takes root")
    elif missing := harness.missing_packages("debootstrap"):
        print("bare roots: not run, since debootstrap is missing")
    elif kept := bare_root():
        in_bare_root(kept, package)
        as_image(kept, package, "")
        as_image(kept, package, "ffmpeg")
    print("all of it holds" if not failures else f"{len(failures)} faults")
    return 1 if failures else 0


sys.exit(main())
