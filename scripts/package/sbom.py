#!/usr/bin/env python3
"""Writes what a package is made of, as SPDX 2.3: sbom.py VERSION SECONDS PINS DEB MODELS OUT.spdx.json

SECONDS is the time of the sources since 1970, PINS Package.resolved, DEB the package, MODELS the folder of bundled
models. Versions of Debian packages are those that the package asks for.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import time

LICENCES = {"grdb.swift": "MIT"}
SWIFT_LICENCE = "Apache-2.0 WITH Swift-exception"
MODELS = {"digits-en": "CC-BY-SA-4.0", "silero-vad": "MIT"}


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def identifier(name):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)


def package(name, version, licence, location="NOASSERTION", **more):
    return {"SPDXID": identifier(name), "name": name, "versionInfo": version, "downloadLocation": location,
            "filesAnalyzed": False, "licenseConcluded": licence, "licenseDeclared": licence,
            "copyrightText": "NOASSERTION", **more}


def field(deb, name):
    return subprocess.run(["dpkg-deb", "--field", deb, name], check=True, capture_output=True, text=True).stdout.strip()


def main():
    if len(sys.argv) != 7:
        sys.exit("usage: sbom.py VERSION SECONDS PINS DEB MODELS OUT.spdx.json")
    version, seconds, pins, deb, models, out = sys.argv[1:]
    root = package("scriptorium", version, "Apache-2.0", packageFileName=os.path.basename(deb),
                   primaryPackagePurpose="APPLICATION",
                   checksums=[{"algorithm": "SHA256", "checksumValue": sha256(deb)}])
    parts, relations = [], [("SPDXRef-DOCUMENT", "DESCRIBES", root["SPDXID"])]

    def add(part, relation):
        parts.append(part)
        relations.append((root["SPDXID"], relation, part["SPDXID"]))

    with open(pins) as file:
        for pin in json.load(file)["pins"]:
            state = pin["state"]
            add(package(pin["identity"], state["version"], LICENCES.get(pin["identity"], SWIFT_LICENCE),
                        f"git+{pin['location']}@{state['revision']}"), "STATIC_LINK")
    swift = subprocess.run(["swift", "--version"], check=True, capture_output=True, text=True)
    number = re.search(r"Swift version ([0-9.]+)", swift.stdout + swift.stderr)[1]
    add(package("swift-runtime", number, SWIFT_LICENCE), "STATIC_LINK")
    for name, licence in MODELS.items():
        files = sorted(each for each in os.listdir(os.path.join(models, name)) if each.endswith(".safetensors"))
        add(package(f"model-{name}", version, licence, packageFileName=files[0],
                    checksums=[{"algorithm": "SHA256", "checksumValue": sha256(os.path.join(models, name, files[0]))}]),
            "CONTAINS")
    for kind, relation in (("Depends", "DEPENDS_ON"), ("Recommends", "OPTIONAL_DEPENDENCY_OF")):
        for wish in filter(None, field(deb, kind).split(",")):
            first = wish.split("|")[0].strip()
            name, _, least = first.partition(" ")
            part = package(f"debian-{name}", least.strip("()") or "NOASSERTION", "NOASSERTION",
                           externalRefs=[{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                                          "referenceLocator": f"pkg:deb/debian/{name}"}])
            parts.append(part)
            ends = (root["SPDXID"], part["SPDXID"])
            relations.append((ends[0], relation, ends[1]) if relation == "DEPENDS_ON" else (ends[1], relation, ends[0]))
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(seconds)))
    document = {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"scriptorium-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/scriptorium-{version}-{sha256(deb)[:32]}",
        "creationInfo": {"created": created, "creators": ["Tool: scriptorium-sbom.py"]},
        "packages": [root] + sorted(parts, key=lambda part: part["SPDXID"]),
        "relationships": [
            {"spdxElementId": left, "relationshipType": kind, "relatedSpdxElement": right}
            for left, kind, right in sorted(relations)],
    }
    with open(out, "w") as file:
        json.dump(document, file, indent=1, sort_keys=True)
        file.write("\n")


main()
