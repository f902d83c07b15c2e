"""What is demanded of the rendered manifests, beyond their schemas: one function a rule, which yields a sentence
for each fault. `documents` is everything that one overlay renders to.
"""

DRAIN_SECONDS = 27
# What another try cannot mend, and what it can (docs/cluster-protocol.md, exit statuses).
FINAL = {"coordinator": {3, 64, 65, 130}, "worker": {64, 65}}


def of_kind(documents, *kinds):
    return [document for document in documents if document["kind"] in kinds]


def job_specs(documents):
    """Every Job's name and specification, wherever it stands."""
    for document in documents:
        name, spec = document["metadata"]["name"], document.get("spec", {})
        if document["kind"] == "Job":
            yield name, spec
        elif document["kind"] == "JobSet":
            for job in spec["replicatedJobs"]:
                yield f"{name}/{job['name']}", job["template"]["spec"]
        elif document["kind"] == "ScaledJob":
            yield name, spec["jobTargetRef"]


def pods(documents):
    for name, spec in job_specs(documents):
        yield name, spec["template"]["spec"], spec["template"]["metadata"]["labels"]


def containers(pod):
    return pod.get("initContainers", []) + pod["containers"]


# Rules


def pods_are_restricted(documents):
    """The restricted profile of Kubernetes, and a root file system that nobody writes."""
    for name, pod, _ in pods(documents):
        context = pod.get("securityContext", {})
        if not context.get("runAsNonRoot") or not context.get("runAsUser"):
            yield f"{name}: does not run as a numbered user other than root"
        if context.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield f"{name}: no seccomp profile"
        if pod.get("automountServiceAccountToken") is not False:
            yield f"{name}: is given a token of the cluster"
        if any(pod.get(field) for field in ("hostNetwork", "hostPID", "hostIPC")):
            yield f"{name}: shares what is the node's"
        for volume in pod.get("volumes", []):
            if kinds := volume.keys() - {"name", "secret", "emptyDir", "persistentVolumeClaim", "configMap"}:
                yield f"{name}: volume {volume['name']} is {', '.join(kinds)}"
        for container in containers(pod):
            own = container.get("securityContext", {})
            label = f"{name}/{container['name']}"
            if own.get("allowPrivilegeEscalation") is not False:
                yield f"{label}: may gain privileges"
            if own.get("readOnlyRootFilesystem") is not True:
                yield f"{label}: may write its root"
            if own.get("capabilities", {}).get("drop") != ["ALL"] or own["capabilities"].get("add"):
                yield f"{label}: keeps capabilities"
            if own.get("privileged"):
                yield f"{label}: is privileged"


def namespaces_enforce_it(documents):
    for space in of_kind(documents, "Namespace"):
        if space["metadata"].get("labels", {}).get("pod-security.kubernetes.io/enforce") != "restricted":
            yield f"namespace {space['metadata']['name']}: does not enforce the restricted profile"


def containers_have_limits(documents):
    for name, pod, _ in pods(documents):
        for container in containers(pod):
            resources = container.get("resources", {})
            label = f"{name}/{container['name']}"
            for needed in ("cpu", "memory"):
                if needed not in resources.get("requests", {}):
                    yield f"{label}: asks for no {needed}"
            if "memory" not in resources.get("limits", {}):
                yield f"{label}: has no limit of memory"


def images_are_pinned(documents):
    for name, pod, _ in pods(documents):
        for container in containers(pod):
            image = container["image"]
            tag = image.rsplit("/", 1)[-1].partition(":")[2]
            if "@sha256:" not in image and tag in ("", "latest"):
                yield f"{name}/{container['name']}: {image} may be another image tomorrow"


def pods_may_drain(documents):
    for name, pod, _ in pods(documents):
        if pod.get("terminationGracePeriodSeconds", 30) <= DRAIN_SECONDS + 10:
            yield f"{name}: is killed before it has drained"
        if pod.get("restartPolicy") != "Never":
            yield f"{name}: pods start again by themselves, so no failure policy holds"


def jobs_end_when_they_should(documents):
    for name, spec in job_specs(documents):
        component = spec["template"]["metadata"]["labels"]["app.kubernetes.io/component"]
        if spec.get("completionMode", "NonIndexed") != "NonIndexed":
            yield f"{name}: is indexed"
        if component == "worker" and spec.get("completions") is not None:
            if (spec["completions"], spec.get("parallelism")) != (1, 1):
                yield f"{name}: is neither a work queue nor a single worker"
            continue  # KEDA makes another where a single one fails.
        if component == "coordinator" and spec.get("completions") != 1:
            yield f"{name}: more than one coordinator, or one that never ends"
        if spec.get("backoffLimit", 6) < 1000:
            yield f"{name}: gives up after {spec.get('backoffLimit', 6)} failures"
        rules = spec.get("podFailurePolicy", {}).get("rules", [])
        final, ignored, disruption = set(), set(), False
        for rule in rules:
            codes = set(rule.get("onExitCodes", {}).get("values", []))
            if rule["action"] == "FailJob":
                final |= codes
            elif rule["action"] == "Ignore":
                ignored |= codes
                disruption |= any(
                    each["type"] == "DisruptionTarget" for each in rule.get("onPodConditions", []))
        if final != FINAL[component]:
            yield f"{name}: fails for good with {sorted(final)} and not {sorted(FINAL[component])}"
        if ignored != {75}:
            yield f"{name}: counts no failure with {sorted(ignored)} and not [75]"
        if not disruption:
            yield f"{name}: counts a lost node as a failure"


def selectors_find_pods(documents):
    everyone = [labels for _, _, labels in pods(documents)]
    for document in of_kind(documents, "Service", "PodDisruptionBudget", "NetworkPolicy"):
        spec = document["spec"]
        wanted = spec.get("podSelector", spec.get("selector", {}))
        wanted = wanted.get("matchLabels", wanted)
        if not any(wanted.items() <= labels.items() for labels in everyone):
            yield f"{document['kind']} {document['metadata']['name']}: selects no pod"


def every_pod_is_behind_a_policy(documents):
    policies = of_kind(documents, "NetworkPolicy")
    for name, _, labels in pods(documents):
        held = [policy for policy in policies
                if policy["spec"]["podSelector"].get("matchLabels", {}).items() <= labels.items()]
        for direction in ("Ingress", "Egress"):
            if not any(direction in policy["spec"]["policyTypes"] for policy in held):
                yield f"{name}: {direction.lower()} is open"


# What an overlay's first lines say how to make.
MADE_BY_HAND = {("Secret", "dashboard-token")}


def what_is_named_exists(documents):
    there = {(document["kind"], document["metadata"]["name"]) for document in documents} | MADE_BY_HAND
    for name, pod, _ in pods(documents):
        for volume in pod.get("volumes", []):
            for key, kind, field in (("secret", "Secret", "secretName"), ("configMap", "ConfigMap", "name"),
                                     ("persistentVolumeClaim", "PersistentVolumeClaim", "claimName")):
                if key in volume and (kind, volume[key][field]) not in there:
                    yield f"{name}: there is no {kind} {volume[key][field]}"
        for container in containers(pod):
            mounts = {mount["name"] for mount in container.get("volumeMounts", [])}
            if missing := mounts - {volume["name"] for volume in pod.get("volumes", [])}:
                yield f"{name}/{container['name']}: mounts no volume {', '.join(missing)}"
            for source in container.get("envFrom", []):
                if ("ConfigMap", source["configMapRef"]["name"]) not in there:
                    yield f"{name}: there is no ConfigMap {source['configMapRef']['name']}"


def variables_are_set(documents):
    """Each $(NAME) of an argument is a variable that the container gets: others stay as they are written."""
    import re
    maps = {document["metadata"]["name"]: document.get("data", {}) for document in of_kind(documents, "ConfigMap")}
    for name, pod, _ in pods(documents):
        for container in containers(pod):
            known = {each["name"] for each in container.get("env", [])}
            for source in container.get("envFrom", []):
                known |= maps.get(source["configMapRef"]["name"], {}).keys()
            for text in container.get("args", []):
                for variable in re.findall(r"\$\((\w+)\)", text):
                    if variable not in known:
                        yield f"{name}/{container['name']}: {variable} is set nowhere"


def a_coordinator_is_not_evicted(documents):
    for name, _, labels in pods(documents):
        if labels["app.kubernetes.io/component"] != "coordinator":
            continue
        if not any(budget["spec"].get("minAvailable") == 1
                   and budget["spec"]["selector"]["matchLabels"].items() <= labels.items()
                   for budget in of_kind(documents, "PodDisruptionBudget")):
            yield f"{name}: nodes may be drained from under it"


def secrets_are_files(documents):
    """Keys reach a process as files: an environment is read by whoever reads the pod."""
    for name, pod, _ in pods(documents):
        for container in containers(pod):
            for variable in container.get("env", []):
                if "secretKeyRef" in variable.get("valueFrom", {}):
                    yield f"{name}/{container['name']}: {variable['name']} carries a secret"
            if any("secretRef" in source for source in container.get("envFrom", [])):
                yield f"{name}/{container['name']}: its environment carries secrets"


def probes_ask_inside(documents):
    """Each pod tells whether it is ready, and only to what runs in it (the port is on loopback), or with a token."""
    for name, pod, _ in pods(documents):
        container = pod["containers"][0]
        if container.get("readinessProbe", {}).get("exec", {}).get("command") != ["scriptorium", "health"]:
            yield f"{name}: nobody learns whether it is ready"
        env = {each["name"]: each.get("value", "") for each in container.get("env", [])}
        port = env.get("SCRIPTORIUM_HTTP", "")
        opened = port.startswith("0.0.0.0:") and port.removeprefix("0.0.0.0:").isdecimal()
        if not port.isdecimal() and not (opened and "SCRIPTORIUM_HTTP_TOKEN" in env):
            yield f"{name}: answers for its health nowhere, or to others than its probe"


RULES = [
    pods_are_restricted, namespaces_enforce_it, containers_have_limits, images_are_pinned, pods_may_drain,
    jobs_end_when_they_should, selectors_find_pods, every_pod_is_behind_a_policy, what_is_named_exists,
    variables_are_set, a_coordinator_is_not_evicted, secrets_are_files,
    probes_ask_inside,
]
