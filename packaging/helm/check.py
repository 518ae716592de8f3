"""Whether the chart makes what it should: HELM [PROGRAM]. check.sh calls it."""

import json
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import kubernetes_validate
import yaml

HELM, PROGRAM = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
TOP = Path(__file__).resolve().parent.parent.parent
CHART = TOP / "packaging/helm/shugu-agent"
# The supported ones, and the newest that the schemas are known of.
RELEASES = ["1.34", "1.35", "1.36", "1.37"]

LEAST = {
    "hub": {"url": "https://hub.example:7878"},
    "pool": "guian",
    "image": {"repository": "registry.example/shugu"},
    "jobs": {"image": "registry.example/work:1"},
}
# Sample values, by what they are for.
SAMPLES = {
    "the least": LEAST,
    "a token that is given": {**LEAST, "token": {"value": "join_sample"}},
    "one namespace, with Kueue": {
        **LEAST,
        "token": {"existingSecret": "joining", "key": "secret"},
        "jobs": {"image": "work", "queue": "hub", "namespaces": {"mode": "one", "name": "shugu-jobs"}},
    },
    "a namespace that is there": {
        **LEAST,
        "jobs": {"image": "work", "namespaces": {"mode": "one", "name": "own", "create": False}},
        "serviceAccount": {"existing": "agent"},
        "state": {"existingClaim": "state"},
        "networkPolicy": False,
    },
    "all": {
        "hub": {"url": "https://hub.example:7878", "fingerprint": "sha256:" + "0" * 64},
        "pool": "guian.a-1",
        "token": {"existingSecret": "joining"},
        "image": {"repository": "registry.example/shugu", "tag": "1", "pullPolicy": "Always"},
        "imagePullSecrets": ["registry"],
        "jobs": {
            "image": "work",
            "namespaces": {"mode": "perTenant", "prefix": "hub-"},
            "quota": {"requests.nvidia.com/gpu": "64", "pods": "100"},
            "queue": "hub",
            "nodes": "pool=hub,zone in (a,b)",
            "tolerate": ["pool=hub:NoSchedule", "other"],
            "resources": ["huawei.com/Ascend910"],
            "models": {"NVIDIA-H800": "H800 SXM5 80GB"},
            "pullSecrets": ["registry"],
            "runAs": "2000:2000",
            "grace": "1m30s",
            "keepOutput": "1d",
        },
        # They must be there where the command line is tried.
        "power": {"sleepProgram": "/bin/true", "wakeProgram": "/bin/true"},
        "state": {"size": "1Ti", "storageClass": "fast"},
        "resources": {"limits": {"cpu": "1"}},
        "env": [{"name": "HTTPS_PROXY", "value": "http://proxy.example:3128"}],
        "nodeSelector": {"role": "system"},
        "tolerations": [{"key": "system", "operator": "Exists"}],
        "affinity": {"nodeAffinity": {}},
        "priorityClassName": "system",
        "podAnnotations": {"a": "b"},
    },
}
# What is wrong, and a word of what is said of it.
WRONG = {
    "no hub": ({**LEAST, "hub": {}}, "url"),
    "a hub without a scheme": ({**LEAST, "hub": {"url": "hub.example"}}, "/hub/url"),
    "half a fingerprint": ({**LEAST, "hub": {"url": "https://h", "fingerprint": "sha256:12"}}, "fingerprint"),
    "no pool": ({**LEAST, "pool": ""}, "/pool"),
    "no image for jobs": ({**LEAST, "jobs": {}}, "/jobs/image"),
    "an unknown value": ({**LEAST, "replicas": 2}, "replicas"),
    "programs that are root": ({**LEAST, "jobs": {"image": "work", "runAs": "0:0"}}, "runAs"),
    "a span that is none": ({**LEAST, "jobs": {"image": "work", "grace": "soon"}}, "grace"),
    "one namespace without a name": ({**LEAST, "jobs": {"image": "work", "namespaces": {"mode": "one"}}}, "name"),
    "two tokens": ({**LEAST, "token": {"value": "a", "existingSecret": "b"}}, "say one of them"),
    "nodes that are never woken": ({**LEAST, "power": {"sleepProgram": "/bin/true"}}, "go together"),
    "a quota of the one namespace": (
        {**LEAST, "jobs": {"image": "work", "namespaces": {"mode": "one", "name": "a"}, "quota": {"pods": "1"}}},
        "jobs.quota",
    ),
}

counts = {"passed": 0, "failed": 0}


def check(what, problem):
    """A check is passed if there is no problem."""
    counts["failed" if problem else "passed"] += 1
    print(f"FAILED  {what}: {problem}" if problem else f"ok      {what}")


def helm(command, values, *more):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        json.dump(values, file)
        file.flush()
        command = [HELM, *command, str(CHART), "--values", file.name, "--namespace", "shugu", *more]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def objects(values):
    said = helm(["template", "sample"], values)
    if said.returncode:
        return [], said.stderr
    return [one for one in yaml.safe_load_all(said.stdout) if one], None


def invalid(made):
    """What a release of Kubernetes does not know of these objects."""
    for release in RELEASES:
        for one in made:
            try:
                with warnings.catch_warnings():
                    # No schemas of that release would mean that nothing is looked at.
                    warnings.simplefilter("error")
                    kubernetes_validate.validate(one, release, strict=True)
            except Exception as error:
                return f"Kubernetes {release}: {one['kind']} {one['metadata']['name']}: {getattr(error, 'message', error)}"
    return None


def unrestricted(spec):
    """What the restricted pod security profile forbids of a pod."""
    pod, allowed = spec["securityContext"], {"configMap", "emptyDir", "persistentVolumeClaim", "projected", "secret", "downwardAPI"}
    if not pod.get("runAsNonRoot") or not pod.get("runAsUser"):
        return "it may be root"
    if pod.get("seccompProfile") != {"type": "RuntimeDefault"}:
        return "its system calls are not filtered"
    if any(key.startswith("host") for key in spec):
        return "it shares something of its node"
    for volume in spec["volumes"]:
        if not set(volume) - {"name"} <= allowed:
            return f"the volume {volume['name']}"
    for container in spec["containers"]:
        own = container["securityContext"]
        if own.get("allowPrivilegeEscalation") is not False or own.get("capabilities") != {"drop": ["ALL"]} or own.get("privileged"):
            return f"the container {container['name']} has rights"
        if own.get("readOnlyRootFilesystem") is not True:
            return f"the container {container['name']} can change its image"
    return None


def of_kind(made, kind):
    return [one for one in made if one["kind"] == kind]


def rights(made):
    """Each right that is given: where, group, resource, verb."""
    given = set()
    for role in of_kind(made, "ClusterRole") + of_kind(made, "Role"):
        for rule in role["rules"]:
            for group in rule["apiGroups"]:
                for resource in rule["resources"]:
                    given |= {(role["kind"], group, resource, verb) for verb in rule["verbs"]}
    return given


def documented(name, kueue, sleep):
    with open(TOP / "docs/kubernetes" / name) as file:
        all_rights = rights(list(yaml.safe_load_all(file)))
    switch = {("ClusterRole", "", "nodes", verb) for verb in ("get", "patch")}
    return {right for right in all_rights if (kueue or right[1] != "kueue.x-k8s.io") and (sleep or right not in switch)}


def difference(found, wanted):
    return None if found == wanted else f"too many: {sorted(found - wanted)}, missing: {sorted(wanted - found)}"


def bound(made):
    """Whether each role is bound to the account of the agent, in its namespace."""
    spec = of_kind(made, "Deployment")[0]["spec"]["template"]["spec"]
    account = {"kind": "ServiceAccount", "name": spec["serviceAccountName"], "namespace": "shugu"}
    for kind in ("ClusterRole", "Role"):
        for role, binding in zip(of_kind(made, kind), of_kind(made, kind + "Binding"), strict=True):
            same = role["metadata"].get("namespace") == binding["metadata"].get("namespace")
            if binding["subjects"] != [account] or binding["roleRef"]["name"] != role["metadata"]["name"] or not same:
                return f"{kind} {role['metadata']['name']}"
    return None


def refused(spec):
    """What the program says to the command line of a pod. Without a token it looks at that line and ends."""
    container = spec["containers"][0]
    with tempfile.TemporaryDirectory() as folder:
        arguments = [f"--folder={folder}" if one.startswith("--folder=") else one for one in container["args"]]
        environment = {one["name"]: one["value"] for one in container["env"] if "value" in one}
        said = subprocess.run([PROGRAM, *arguments], env={"PATH": os.environ["PATH"], **environment}, stderr=subprocess.PIPE, text=True)
    return None if said.returncode == 2 and "the pool's token is missing" in said.stderr else said.stderr


def main():
    for name, values in SAMPLES.items():
        said = helm(["lint", "--strict"], values)
        check(f"{name}: helm lint", said.returncode and said.stdout + said.stderr)
        made, problem = objects(values)
        check(f"{name}: is rendered", problem)
        if problem:
            continue
        check(f"{name}: is valid for Kubernetes {', '.join(RELEASES)}", invalid(made))
        pods = of_kind(made, "Deployment")
        once = [(pod["spec"].get("replicas"), pod["spec"].get("strategy")) for pod in pods]
        check(f"{name}: one agent, and never two", None if once == [(1, {"type": "Recreate"})] else once)
        spec = pods[0]["spec"]["template"]["spec"]
        check(f"{name}: its pod is restricted", unrestricted(spec))
        one, kueue = values["jobs"].get("namespaces", {}).get("mode") == "one", "queue" in values["jobs"]
        wanted = documented("rbac-one-namespace.yaml" if one else "rbac.yaml", kueue, "power" in values)
        check(f"{name}: its rights are those of docs/kubernetes", difference(rights(made), wanted))
        check(f"{name}: they are given to the agent", bound(made))
        if PROGRAM:
            check(f"{name}: the program takes its command line", refused(spec))
    for name, (values, word) in WRONG.items():
        said = helm(["template", "sample"], values)
        check(f"{name}: is refused", None if said.returncode and word in said.stderr else said.stderr or "it is not")
    notes = helm(["install", "sample"], SAMPLES["one namespace, with Kueue"], "--dry-run=client", "--kube-apiserver", "http://127.0.0.1:1")
    check("notes say what is next", None if "Secret joining is no longer needed" in notes.stdout else notes.stdout + notes.stderr)
    print(f"{counts['passed']} passed, {counts['failed']} failed")
    sys.exit(1 if counts["failed"] else 0)


main()
