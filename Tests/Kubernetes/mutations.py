"""Manifests with one fault each: the rule that must see it, what it is, and how it is made."""


def of(documents, kind, name):
    return next(each for each in documents if each["kind"] == kind and each["metadata"]["name"] == name)


def pod(documents, name="workers"):
    return of(documents, "Job", name)["spec"]["template"]["spec"]


def container(documents, name="workers"):
    return pod(documents, name)["containers"][0]


ALL = [
    ("schema", "a misspelt field", lambda d: container(d).update(resorces={})),
    ("schema", "a number where text belongs", lambda d: container(d)["env"][0].update(value=1)),
    ("pods_are_restricted", "a pod that runs as root", lambda d: pod(d)["securityContext"].update(runAsUser=0)),
    ("pods_are_restricted", "no seccomp profile", lambda d: pod(d)["securityContext"].pop("seccompProfile")),
    ("pods_are_restricted", "a token", lambda d: pod(d).pop("automountServiceAccountToken")),
    ("pods_are_restricted", "the node's network", lambda d: pod(d).update(hostNetwork=True)),
    ("pods_are_restricted", "the node's files",
     lambda d: pod(d)["volumes"].append({"name": "node", "hostPath": {"path": "/"}})),
    ("pods_are_restricted", "a root that is written",
     lambda d: container(d)["securityContext"].update(readOnlyRootFilesystem=False)),
    ("pods_are_restricted", "privileges to gain",
     lambda d: container(d)["securityContext"].pop("allowPrivilegeEscalation")),
    ("pods_are_restricted", "a capability",
     lambda d: container(d)["securityContext"]["capabilities"].update(add=["NET_ADMIN"])),
    ("namespaces_enforce_it", "a lenient namespace",
     lambda d: of(d, "Namespace", "scriptorium")["metadata"]["labels"].pop("pod-security.kubernetes.io/enforce")),
    ("containers_have_limits", "no limit of memory", lambda d: container(d)["resources"]["limits"].pop("memory")),
    ("images_are_pinned", "the latest image", lambda d: container(d).update(image="registry.example/x:latest")),
    ("pods_may_drain", "Kubernetes' usual 30 s", lambda d: pod(d).pop("terminationGracePeriodSeconds")),
    ("pods_may_drain", "restarts in place", lambda d: pod(d).update(restartPolicy="OnFailure")),
    ("jobs_end_when_they_should", "an indexed Job",
     lambda d: of(d, "Job", "workers")["spec"].update(completionMode="Indexed", completions=4)),
    ("jobs_end_when_they_should", "workers of a fixed number",
     lambda d: of(d, "Job", "workers")["spec"].update(completions=4)),
    ("jobs_end_when_they_should", "two coordinators",
     lambda d: of(d, "Job", "coordinator")["spec"].update(completions=2)),
    ("jobs_end_when_they_should", "the usual six failures",
     lambda d: of(d, "Job", "workers")["spec"].pop("backoffLimit")),
    ("jobs_end_when_they_should", "a refused worker that is tried again",
     lambda d: of(d, "Job", "workers")["spec"]["podFailurePolicy"]["rules"].pop(0)),
    ("jobs_end_when_they_should", "a lost node that counts",
     lambda d: of(d, "Job", "workers")["spec"]["podFailurePolicy"]["rules"].pop(1)),
    ("jobs_end_when_they_should", "a drain that counts",
     lambda d: of(d, "Job", "coordinator")["spec"]["podFailurePolicy"]["rules"].pop(2)),
    ("selectors_find_pods", "a service of nobody",
     lambda d: of(d, "Service", "coordinator")["spec"]["selector"].update({"app.kubernetes.io/component": "x"})),
    ("every_pod_is_behind_a_policy", "workers that may talk to anybody",
     lambda d: d.remove(of(d, "NetworkPolicy", "worker"))),
    ("what_is_named_exists", "a secret that nobody made", lambda d: d.remove(of(d, "Secret", "worker-keys"))),
    ("what_is_named_exists", "settings that nobody made", lambda d: d.remove(of(d, "ConfigMap", "settings"))),
    ("variables_are_set", "a setting that is missing",
     lambda d: of(d, "ConfigMap", "settings")["data"].pop("MANIFEST")),
    ("a_coordinator_is_not_evicted", "no budget",
     lambda d: d.remove(of(d, "PodDisruptionBudget", "coordinator"))),
    ("secrets_are_files", "a key in the environment", lambda d: container(d)["env"].append(
        {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "worker-keys", "key": "secret.key"}}})),
    ("probes_ask_inside", "no probe", lambda d: container(d).pop("readinessProbe")),
    ("probes_ask_inside", "a port that is open to all",
     lambda d: next(each for each in container(d)["env"] if each["name"] == "SCRIPTORIUM_HTTP").update(
         value="0.0.0.0:8080")),
]
