"""Recipes of engines that are not to be had here: what can be checked of them is, and their commands run."""

import importlib
import json
import os
import re
import shutil
import subprocess
import sys

from docs import EXAMPLES, MODEL, ROOT, fail
from scenarios import Nowhere, Scenario, compare
from several import FolderKeys

CLUSTER = os.path.join(ROOT, "cluster")


def options(program, command):
    """The names of a command's options."""
    dump = json.loads(subprocess.run([program, command, "--experimental-dump-help"], check=True, capture_output=True,
                                     text=True).stdout)
    return {each["name"] for argument in dump["command"]["arguments"] for each in argument.get("names") or []}


def check_variables(where, program, command, names):
    """Each variable of this program is an option of the command."""
    known = {"SCRIPTORIUM_" + name.upper().replace("-", "_") for name in options(program, command)}
    for name in names:
        if name.startswith("SCRIPTORIUM_") and name not in known:
            fail(f"{where}: {name} is no option of {command}")


class Nomad(Nowhere):
    def run(self, program, blocks):
        super().run(program, blocks)
        try:
            hcl = importlib.import_module("hcl2")
        except ImportError:
            self.how = "not checked: pip had no python-hcl2"
            return
        with open(os.path.join(CLUSTER, "nomad", "scriptorium.nomad.hcl")) as file:
            text = file.read()
        read = hcl.loads(text)

        def unquoted(value):
            return value.strip('"') if isinstance(value, str) else value

        tasks = {}

        def visit(node, label=None):
            if isinstance(node, list):
                for each in node:
                    visit(each, label)
            elif isinstance(node, dict):
                for key, value in node.items():
                    if key == "task":
                        for each in value if isinstance(value, list) else [value]:
                            for name, body in each.items():
                                if not name.startswith("__"):
                                    tasks[unquoted(name)] = body
                    visit(value, key)

        visit(read)
        if set(tasks) != {"coordinate", "work"}:
            return fail(f"nomad: the tasks are {sorted(tasks)}")
        for name, body in tasks.items():
            body = body[0] if isinstance(body, list) else body
            env = body["env"][0] if isinstance(body["env"], list) else body["env"]
            check_variables("nomad", program, name, [unquoted(key) for key in env])
            config = body["config"][0] if isinstance(body["config"], list) else body["config"]
            if unquoted(config["args"][0]) != name:
                fail(f"nomad: the task {name} runs {config['args']}")
        check_variables("nomad", program, "work", re.findall(r"}}(SCRIPTORIUM_\w+)=", text))
        named = set(re.findall(r"-var (\w+)=", " ".join(block.text for block in blocks)))
        if missing := named - set(re.findall(r'^variable "(\w+)"', text, re.MULTILINE)):
            fail(f"nomad: there is no variable {missing}")
        self.how = "read, and each variable is an option; nothing was scheduled"


class Batch(Scenario):
    """The job definitions, as AWS would take them, and their commands, with a folder in the place of the volume."""

    def prepare(self, place):
        self.place = place
        fleet = place.path("fleet")
        os.makedirs(f"{fleet}/models")
        os.makedirs(f"{fleet}/out")
        os.symlink(MODEL, f"{fleet}/models/wav2vec2")
        # Audio is opened below the volume only.
        shutil.copytree(os.path.join(EXAMPLES, "audio"), f"{fleet}/audio")
        shutil.copy(os.path.join(EXAMPLES, "digits.jsonl"), f"{fleet}/archive.jsonl")
        for name in ("coordinator", "worker"):
            place.tell("keys", "new", "--keys", f"{fleet}/keys/{name}")
        place.tell("keys", "allow", "worker", place.key("--keys", f"{fleet}/keys/worker"), "--keys",
                   f"{fleet}/keys/coordinator")
        path = os.path.join(place.folder, "bin", "hostname")
        with open(path, "w") as file:
            file.write("#!/bin/sh\necho 10.0.0.5\n")
        os.chmod(path, 0o755)

    def play(self, place, blocks):
        definitions = {}
        for name in ("coordinator", "worker"):
            with open(os.path.join(CLUSTER, "aws-batch", f"{name}.json")) as file:
                definitions[name] = json.load(file)
        self.how = "their commands run" if self.validate(definitions) else "not validated (pip had no botocore), commands run"
        text = " ".join(block.text for block in blocks)
        for definition in definitions.values():
            if f"--job-definition {definition['jobDefinitionName']}" not in text:
                fail(f"aws-batch: the page does not submit {definition['jobDefinitionName']}")
        parameters = {"coordinatorKey": place.key("--keys", place.path("fleet", "keys", "coordinator"))}
        started = []
        for name, command in (("worker", "work"), ("coordinator", "coordinate")):
            definition = definitions[name]
            container = definition["containerProperties"]
            values = {**definition["parameters"], **({} if name == "coordinator" else parameters)}
            words = [values[word[5:]] if word.startswith("Ref::") else word for word in container["command"]]
            variables = {each["name"]: each["value"] for each in container["environment"]}
            check_variables("aws-batch", place.program, command, variables)
            there = place.path("fleet")
            words = [word.replace("/fleet", there) for word in words]
            variables = {key: value.replace("/fleet", there) for key, value in variables.items()}
            variables["SCRIPTORIUM_THREADS"] = "1"
            started.append((name, subprocess.Popen(
                words, cwd=place.path(), env={**place.environment, **variables, "AWS_BATCH_JOB_ARRAY_INDEX": "3"},
                stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)))
        for name, process in started:
            try:
                errors = process.communicate(timeout=200)[1]
            except subprocess.TimeoutExpired:
                process.kill()
                errors = "not done after 200 s: " + process.communicate()[1]
            if process.returncode != 0:
                fail(f"aws-batch: {name} ended with {process.returncode}: {errors[-600:]}")

    @staticmethod
    def validate(definitions):
        try:
            loaders = importlib.import_module("botocore.loaders")
            model = importlib.import_module("botocore.model")
            validate = importlib.import_module("botocore.validate")
        except ImportError:
            return False
        service = model.ServiceModel(loaders.Loader().load_service_model("batch", "service-2"))
        shape = service.operation_model("RegisterJobDefinition").input_shape
        for name, definition in definitions.items():
            report = validate.ParamValidator().validate(definition, shape)
            if report.has_errors():
                fail(f"aws-batch: {name}: {report.generate_report()}")
        return True

    def check(self, place):
        there = place.path("fleet")
        place.tell("transcribe", f"{there}/archive.jsonl", "-o", "reference.jsonl", "--model", f"{there}/models/wav2vec2",
                   "--arithmetic", "avx2", "--quiet")
        compare(self, place, "fleet/out/archive.out.jsonl")
        with open(place.path("fleet/out/archive.out.jsonl")) as file:
            if '"status":"rejected"' in file.read():
                fail("aws-batch: rows are rejected")


class Ray(Scenario):
    def prepare(self, place):
        place.rows("archive.jsonl", 40)
        place.link("m.pt", MODEL)
        shutil.copy(os.path.join(CLUSTER, "ray", "fleet.py"), place.path())

    def play(self, place, blocks):
        block = blocks[0]
        try:
            importlib.import_module("ray")
        except ImportError:
            compile(open(place.path("fleet.py")).read(), "fleet.py", "exec")
            self.how = "not run: pip had no ray"
            return
        place.environment["PATH"] = f"{os.path.dirname(sys.executable)}:{place.environment['PATH']}"
        # pip has done its part before this network was left.
        lines = [line for line in block.commands if not line.startswith("pip install")]
        place.run(type(block)(block.page, block.line, "", "\n".join(lines) + "\n"))
        place.tell("transcribe", "archive.jsonl", "-o", "reference.jsonl", "--model", "m.pt", "--quiet")
        compare(self, place, "archive.out.jsonl")


ALL = [
    FolderKeys("Nomad, keys", "cluster/nomad/README.md", "scriptorium keys new"),
    Nomad("Nomad", "cluster/nomad/README.md", ("nomad ",), ("nomad ",)),
    FolderKeys("AWS Batch, keys", "cluster/aws-batch/README.md", "scriptorium keys new"),
    Batch("AWS Batch", "cluster/aws-batch/README.md", "aws batch"),
    Ray("Ray", "cluster/ray/README.md", "pip install ray"),
]
