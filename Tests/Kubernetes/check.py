"""Renders, validates and judges cluster/kubernetes, and runs its pods: check.py SCRIPTORIUM KUBECTL [--no-run].

Nothing here is a cluster. The schemas are Kubernetes' own, offline; those of Kueue, JobSet, KEDA and Prometheus'
operator are not to be had, so of their objects only the Jobs inside are validated and judged. To show that each rule can fail, it is also given manifests
that break it.
"""

import copy
import os
import shutil
import subprocess
import sys
import tempfile

import kubernetes_validate
import yaml

import mutations
import policies
import pods

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OLDEST, NEWEST = "1.31", "1.37"
OVERLAYS = ["example", "kueue", "jobset", "keda", "monitoring"]
# Kinds whose schemas are not Kubernetes' own.
FOREIGN = {"JobSet", "ScaledJob", "ServiceMonitor"}
failures = []


def check(name, faults):
    faults = list(faults)
    for fault in faults:
        print(f"  ✘ {name}: {fault}")
    failures.extend(faults)
    return not faults


def render(kubectl, folder):
    text = subprocess.run([kubectl, "kustomize", folder], check=True, capture_output=True, text=True).stdout
    return [document for document in yaml.safe_load_all(text) if document]


def invalid(documents, version):
    own = [document for document in documents if document["kind"] not in FOREIGN]
    foreign = [document for document in documents if document["kind"] in FOREIGN]
    inside = [{"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name.replace("/", "-")}, "spec": spec}
              for name, spec in policies.job_specs(foreign)]
    for document in own + inside:
        label = f"{document['kind']} {document['metadata']['name']}"
        try:
            kubernetes_validate.validate(document, version, strict=True)
        except Exception as error:
            yield f"{label} ({version}): {str(error).splitlines()[0]}"


def faults(documents):
    for rule in policies.RULES:
        for fault in rule(documents):
            yield rule.__name__, fault


def main():
    program, kubectl = sys.argv[1:3]
    passed = 0
    with tempfile.TemporaryDirectory(prefix="scriptorium-kubernetes-") as scratch:
        # A copy, so that keys are made in nobody's checkout.
        tree = os.path.join(scratch, "kubernetes")
        shutil.copytree(os.path.join(ROOT, "cluster", "kubernetes"), tree, ignore=shutil.ignore_patterns("keys"))
        example = os.path.join(tree, "overlays", "example")
        for _ in range(2):  # The second time keeps the keys that are there.
            subprocess.run([os.path.join(tree, "make-keys.sh"), example], check=True, capture_output=True,
                           env={**os.environ, "SCRIPTORIUM": program})
        rendered = {name: render(kubectl, os.path.join(tree, "overlays", name)) for name in OVERLAYS}
        for name, documents in rendered.items():
            judged = [document for document in documents if document["kind"] not in FOREIGN]
            print(f"{name}: {len(documents)} objects, {len(judged)} with schemas")
            for version in (OLDEST, NEWEST):
                passed += check(name, invalid(documents, version))
            passed += check(name, (f"{rule}: {fault}" for rule, fault in faults(documents)))
        # Does each rule catch what it is for, and the schemas a word that is none?
        for rule, title, mutate in mutations.ALL:
            documents = copy.deepcopy(rendered["example"])
            mutate(documents)
            found = list(invalid(documents, NEWEST)) if rule == "schema" else [
                fault for name, fault in faults(documents) if name == rule]
            passed += check("mutation", [] if found else [f"{rule} does not see: {title}"])
        untested = {rule.__name__ for rule in policies.RULES} - {rule for rule, _, _ in mutations.ALL}
        passed += check("mutation", (f"no manifest breaks {rule}" for rule in untested))
        if "--no-run" not in sys.argv:
            passed += check("pods", pods.run(program, rendered["example"], scratch))
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
