//! A `Job` of Kubernetes.
//! Source of all fields: <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/>

use std::collections::{BTreeMap, BTreeSet};

use serve::{NoticeForm, Plain, SubmitForm};

use super::Fate::{Kept, Left, Refused};
use super::devices::{DEVICES, models, resource_models};
use super::{
    CLUSTER, DISK, FILES, Fates, Field, Foreign, LABELS, NAMES, OWN_FAILURE, PARTS, PLACES, RIGHTS, SECRETS, SITE, cores, memory,
    stem, thousandths,
};
use crate::failure::Outcome;

const ROOT: Fates = &[("apiVersion", Kept), ("kind", Kept), ("metadata", Kept), ("spec", Kept), ("status", Left(CLUSTER))];

#[rustfmt::skip]
const METADATA: Fates = &[
    ("name", Kept),
    ("generateName", Kept),
    ("labels", Kept),
    ("namespace", Left("the token says whose job it is")),
    ("annotations", Left("nothing reads it")),
    ("finalizers", Left("the hub keeps what has ended")),
    ("ownerReferences", Left(CLUSTER)),
    ("uid", Left(CLUSTER)),
    ("resourceVersion", Left(CLUSTER)),
    ("generation", Left(CLUSTER)),
    ("creationTimestamp", Left(CLUSTER)),
    ("managedFields", Left(CLUSTER)),
    ("selfLink", Left(CLUSTER)),
];

#[rustfmt::skip]
const JOB: Fates = &[
    ("template", Kept),
    ("parallelism", Kept),
    ("completions", Kept),
    ("completionMode", Kept),
    ("backoffLimit", Kept),
    ("backoffLimitPerIndex", Kept),
    ("activeDeadlineSeconds", Kept),
    ("suspend", Kept),
    ("maxFailedIndexes", Left("each task ends for itself; cancel the others if they are of no use")),
    ("podFailurePolicy", Left(OWN_FAILURE)),
    ("podReplacementPolicy", Left("no replica is started while its last attempt may run")),
    ("ttlSecondsAfterFinished", Left("the hub keeps its jobs, and a site what they wrote for seven days")),
    ("selector", Left(CLUSTER)),
    ("manualSelector", Left(CLUSTER)),
    ("managedBy", Left("the hub runs it")),
    ("successPolicy", Refused("a task whose end is to end the others cancels them")),
    ("scheduling", Refused("what starts together or not at all is `replicas` in a job file")),
];

const TEMPLATE: Fates = &[("metadata", Kept), ("spec", Kept)];

#[rustfmt::skip]
const TEMPLATE_METADATA: Fates = &[
    ("name", Left("the job has a name")),
    ("namespace", Left("the token says whose job it is")),
    ("labels", Left(LABELS)),
    ("annotations", Left("nothing reads it")),
    ("creationTimestamp", Left(CLUSTER)),
];

#[rustfmt::skip]
const POD: Fates = &[
    ("containers", Kept),
    ("restartPolicy", Kept),
    ("activeDeadlineSeconds", Kept),
    ("terminationGracePeriodSeconds", Kept),
    ("nodeSelector", Kept),
    ("affinity", Kept),
    ("volumes", Kept),
    ("priorityClassName", Left(RIGHTS)),
    ("priority", Left(RIGHTS)),
    ("preemptionPolicy", Left(RIGHTS)),
    ("tolerations", Left(PLACES)),
    ("nodeName", Left(PLACES)),
    ("schedulerName", Left("the hub chooses when and where it runs")),
    ("topologySpreadConstraints", Left("say `spread` or `apart` in a job file")),
    ("serviceAccountName", Left("a job has no rights at the cluster")),
    ("serviceAccount", Left("a job has no rights at the cluster")),
    ("automountServiceAccountToken", Left("a job has no rights at the cluster")),
    ("securityContext", Left("a job runs as whom its pool's agent runs it")),
    ("hostUsers", Left("a job runs as whom its pool's agent runs it")),
    ("imagePullSecrets", Left("a pool's agent knows by which secret images are pulled")),
    ("runtimeClassName", Left(SITE)),
    ("dnsPolicy", Left(SITE)),
    ("dnsConfig", Left(SITE)),
    ("enableServiceLinks", Left(SITE)),
    ("hostNetwork", Left(SITE)),
    ("hostIPC", Left(SITE)),
    ("os", Left(SITE)),
    ("overhead", Left(SITE)),
    ("setHostnameAsFQDN", Left(SITE)),
    ("shareProcessNamespace", Left("there is one container")),
    ("readinessGates", Left("nobody waits for it to be ready")),
    ("evictionResponders", Left("a job is told by TERM to stop")),
    ("initContainers", Refused("let the command do first what they do, or let another job do it and name that in `after_ok`")),
    ("ephemeralContainers", Refused("the hub runs one program")),
    ("hostPID", Refused("a program sees its own processes only")),
    ("hostname", Refused(NAMES)),
    ("hostnameOverride", Refused(NAMES)),
    ("subdomain", Refused(NAMES)),
    ("hostAliases", Refused("write addresses where the names are used")),
    ("resources", Refused("say them in the container")),
    ("resourceClaims", Refused("ask for devices by a resource such as nvidia.com/gpu")),
    ("schedulingGates", Refused("submit it when it is to run")),
    ("schedulingGroup", Refused("what starts together or not at all is `replicas` in a job file")),
];

#[rustfmt::skip]
const CONTAINER: Fates = &[
    ("name", Kept),
    ("image", Kept),
    ("command", Kept),
    ("args", Kept),
    ("env", Kept),
    ("workingDir", Kept),
    ("resources", Kept),
    ("volumeMounts", Kept),
    ("imagePullPolicy", Left(SITE)),
    ("ports", Left("nothing is opened to the outside")),
    ("livenessProbe", Left("give it a time limit")),
    ("readinessProbe", Left("nobody waits for it to be ready")),
    ("startupProbe", Left("nobody waits for it to be ready")),
    ("securityContext", Left("a job runs as whom its pool's agent runs it")),
    ("terminationMessagePath", Left("`shugu job` tells how it ended, and `shugu logs` what it wrote")),
    ("terminationMessagePolicy", Left("`shugu job` tells how it ended, and `shugu logs` what it wrote")),
    ("stdin", Left("nobody can write to it")),
    ("stdinOnce", Left("nobody can write to it")),
    ("tty", Left("nobody can write to it")),
    ("restartPolicy", Left(OWN_FAILURE)),
    ("restartPolicyRules", Left(OWN_FAILURE)),
    ("resizePolicy", Left("what it asks for stays the same")),
    ("envFrom", Refused("write the variables as `env`; of secrets: keep them in a file at the site that the job reads")),
    ("lifecycle", Refused("let the command do it; it is told by TERM to stop")),
    ("volumeDevices", Refused(FILES)),
];

#[rustfmt::skip]
const RESOURCES: Fates = &[
    ("requests", Kept),
    ("limits", Kept),
    ("claims", Refused("ask for devices by a resource such as nvidia.com/gpu")),
];

const RULES: &str = "tenants, shares and rights are set by the hub's operator (docs/hub.md)";

/// What to do with an object that is no Job.
fn instead_of(kind: &str) -> &'static str {
    match kind {
        "Pod" | "PodTemplate" => "make it the template of a Job",
        "CronJob" => "submit what its jobTemplate holds each time it is due",
        "Job" | "JobSet" | "PyTorchJob" | "TFJob" | "MPIJob" | "XGBoostJob" | "PaddleJob" | "JAXJob" | "TrainJob" | "RayJob"
        | "RayCluster" | "LeaderWorkerSet" | "PodGroup" => {
            "write its workers as `replicas` of a job file: they start together, and find RANK, WORLD_SIZE and MASTER_ADDR"
        }
        "ConfigMap" => "put what it holds into the image, or let the command write it",
        "Secret" => SECRETS,
        "PersistentVolumeClaim" | "PersistentVolume" | "StorageClass" => FILES,
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "ReplicationController" | "Service" | "Ingress" => {
            "the hub runs what ends; run it where it runs now"
        }
        "Namespace" | "ServiceAccount" | "Role" | "RoleBinding" | "ClusterRole" | "ClusterRoleBinding" => RULES,
        "ResourceQuota" | "LimitRange" | "LocalQueue" | "ClusterQueue" | "ResourceFlavor" | "PriorityClass" => RULES,
        _ => "leave it out of what is submitted",
    }
}

pub(super) fn kubernetes(root: &Field) -> Outcome<Foreign> {
    let (version, kind) = (root.word("apiVersion")?, root.word("kind")?);
    if kind == "List" || (version == "batch/v1" && kind == "JobList") {
        let mut all = Foreign { forms: Vec::new(), said: Vec::new() };
        for item in root.list("items")? {
            all.extend(kubernetes(&item)?);
        }
        return if all.forms.is_empty() { Err(root.wrong("the list holds no Job")) } else { Ok(all) };
    }
    if version != "batch/v1" || kind != "Job" {
        let only = format!("{kind} of {version}: only a Job of batch/v1 is taken; {}", instead_of(&kind));
        return Err(root.of("kind", root.value).wrong(&only));
    }
    job(root)
}

/// A text, of which parts may be known only where it runs: these are variables of the shell there.
#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Plain(String),
    Variable(&'static str),
}

type Told = Vec<Piece>;

/// The text itself, if all of it is known.
fn plain(told: &[Piece]) -> Option<String> {
    told.iter().map(|piece| if let Piece::Plain(text) = piece { Some(text.as_str()) } else { None }).collect()
}

/// As a word of the shell.
fn quoted(told: &[Piece]) -> String {
    let one = |piece: &Piece| match piece {
        Piece::Plain(text) => format!("'{}'", text.replace('\'', r"'\''")),
        Piece::Variable(name) => format!("\"${name}\""),
    };
    if told.is_empty() { "''".to_owned() } else { told.iter().map(one).collect() }
}

/// `$(NAME)` is what the variable holds, if there is one; `$$` is one `$`.
/// Source: <https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/>
fn expanded(text: &str, variables: &BTreeMap<String, Told>) -> Told {
    let (mut told, mut known, mut rest) = (Told::new(), String::new(), text);
    while let Some(at) = rest.find('$') {
        known.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let Some((name, behind)) = after.strip_prefix('(').and_then(|inner| inner.split_once(')')) else {
            known.push('$');
            rest = after.strip_prefix('$').unwrap_or(after);
            continue;
        };
        rest = behind;
        let Some(value) = variables.get(name) else {
            known.push_str(&format!("$({name})"));
            continue;
        };
        for piece in value {
            match piece {
                Piece::Plain(text) => known.push_str(text),
                Piece::Variable(_) => {
                    told.push(Piece::Plain(std::mem::take(&mut known)));
                    told.push(piece.clone());
                }
            }
        }
    }
    told.push(Piece::Plain(known + rest));
    told.retain(|piece| *piece != Piece::Plain(String::new()));
    told
}

/// The whole of a job of Kubernetes.
fn job(root: &Field) -> Outcome<Foreign> {
    let mut said = Vec::new();
    root.judge(ROOT, &mut said)?;
    let metadata = root.part("metadata", METADATA, &mut said)?;
    let spec = root.part("spec", JOB, &mut said)?;
    let template = spec.part("template", TEMPLATE, &mut said)?;
    let template_metadata = template.part("metadata", TEMPLATE_METADATA, &mut said)?;
    let pod = template.part("spec", POD, &mut said)?;
    let mut form = SubmitForm::default();
    let name = match (metadata.get("name"), metadata.get("generateName")) {
        (Some(name), _) => name.text()?,
        (None, Some(begin)) => begin.text()?.trim_end_matches(['-', '.']).to_owned(),
        (None, None) => String::new(),
    };
    form.name = Some(if name.is_empty() { stem(root.file) } else { name });
    let mut limits = labels(&metadata, &spec, &mut said)?;
    let tasks = tasks(&spec, &mut form, &mut said)?;
    retries(&spec, &pod, &mut form, &mut said)?;
    if let Some(limit) = spec.get("activeDeadlineSeconds") {
        let each = if tasks > 1 { "for each task " } else { "" };
        said.push(format!("{}: is counted {each}from the start of an attempt, not from when the Job was made", limit.place()));
        limits.push(limit);
    }
    limits.extend(pod.get("activeDeadlineSeconds"));
    for limit in limits {
        let seconds = Some(limit.count()?).filter(|seconds| *seconds > 0).ok_or_else(|| limit.wrong("is longer than nothing"))?;
        let shortest = form.time_limit.as_ref().and_then(|limit| limit.0.trim_end_matches('s').parse().ok()).unwrap_or(u32::MAX);
        form.time_limit = Some(Plain(format!("{}s", seconds.min(shortest))));
    }
    if let Some(grace) = pod.get("terminationGracePeriodSeconds") {
        form.notice = Some(NoticeForm { signal: Plain("TERM".to_owned()), grace: Plain(format!("{}s", grace.count()?)) });
    }
    let containers = pod.get("containers").ok_or_else(|| pod.of("containers", pod.value).wrong("there is none"))?;
    let container = match containers.items()?.as_slice() {
        [one] => one.clone(),
        [] => return Err(containers.wrong("there is none")),
        _ => return Err(containers.refused("a job runs one program: submit a job for each, or start them by one command")),
    };
    container.judge(CONTAINER, &mut said)?;
    match container.get("image") {
        Some(image) => form.image = Some(image.text()?),
        None => said.push(format!("{}: names no image; it runs in the software that a site has", container.place())),
    }
    form.directory = container.get("workingDir").map(|folder| folder.text()).transpose()?;
    volumes(&pod, &container, &mut said)?;
    let made = resources(&container, &mut form, &mut said)?;
    match (made, chosen_models(&pod, &mut said)?) {
        (Some(made), None) => form.models = made,
        (Some(_), Some((_, chosen))) => form.models = chosen.into_iter().collect(),
        (None, Some((place, _))) => said.push(format!("{place} is left out: no devices are asked for")),
        (None, None) => {}
    }
    command(&container, &template_metadata, tasks, &spec, &mut form, &mut said)?;
    Ok(Foreign { forms: vec![form], said })
}

/// What labels of Kueue mean, and how long one of them lets it run; and whether it is held.
fn labels<'a>(metadata: &Field<'a>, spec: &Field<'a>, said: &mut Vec<String>) -> Outcome<Vec<Field<'a>>> {
    let (mut queued, mut others, mut limits) = (false, false, Vec::new());
    for (key, label) in metadata.table("labels")? {
        match key {
            "kueue.x-k8s.io/queue-name" => {
                queued = true;
                said.push(label.left("the hub queues every job, and the token says whose share it uses"));
            }
            "kueue.x-k8s.io/priority-class" => said.push(label.left(RIGHTS)),
            "kueue.x-k8s.io/max-exec-time-seconds" => limits.push(label),
            _ => others = true,
        }
    }
    if let Some(labels) = metadata.get("labels").filter(|_| others) {
        said.push(labels.left(LABELS));
    }
    if let Some(suspend) = spec.get("suspend")
        && suspend.truth()?
    {
        if !queued {
            return Err(suspend.refused("submit it when it is to run"));
        }
        said.push(suspend.left("by it Kueue holds a Job until there is room, which the hub does itself"));
    }
    Ok(limits)
}

/// How many tasks it is; more than one are an array.
fn tasks(spec: &Field, form: &mut SubmitForm, said: &mut Vec<String>) -> Outcome<u32> {
    const MOST: u32 = 100_000;
    let count = |key: &str| -> Outcome<Option<u32>> {
        let Some(field) = spec.get(key) else { return Ok(None) };
        match field.count()? {
            0 => Err(field.wrong("nothing would run")),
            many @ ..=MOST => Ok(Some(many)),
            _ => Err(field.wrong("is more than 100000, which is the most that one array has")),
        }
    };
    let (completions, parallelism) = (count("completions")?, count("parallelism")?);
    if let Some(mode) = spec.get("completionMode") {
        match mode.text()?.as_str() {
            "NonIndexed" => {}
            "Indexed" if completions.is_some() => {}
            "Indexed" => return Err(mode.wrong("Indexed needs `completions`")),
            _ => return Err(mode.wrong("is neither Indexed nor NonIndexed")),
        }
    }
    let at_a_time = parallelism.unwrap_or(1);
    let tasks = completions.unwrap_or(at_a_time);
    let place = |key: &str| spec.of(key, spec.value).place();
    if completions.is_none() && tasks > 1 {
        let place = place("parallelism");
        said.push(format!("{place}: each of the {tasks} tasks ends for itself, and one that ends badly is told as failed"));
    } else if tasks > at_a_time {
        let place = place("parallelism");
        said.push(format!("{place}: the {tasks} tasks run as the tenant's share allows, not {at_a_time} at a time"));
    }
    form.array = (tasks > 1).then_some(tasks);
    Ok(tasks)
}

fn retries(spec: &Field, pod: &Field, form: &mut SubmitForm, said: &mut Vec<String>) -> Outcome {
    match pod.get("restartPolicy").map(|policy| policy.text()).transpose()?.as_deref() {
        None | Some("Never" | "OnFailure") => {}
        Some(_) => return Err(pod.of("restartPolicy", pod.value).wrong("is neither Never nor OnFailure")),
    }
    let limit = spec.get("backoffLimitPerIndex").or_else(|| spec.get("backoffLimit"));
    // Six are the default of Kubernetes, a thousand the most that the hub takes.
    let times = limit.as_ref().map_or(Ok(6), Field::count)?.min(1000);
    form.retries = (times > 0).then_some(times);
    if times > 0 {
        let place = limit.unwrap_or_else(|| spec.of("backoffLimit", spec.value)).place();
        said.push(format!("{place}: a lost place is tried again, {times} times at most; {OWN_FAILURE}"));
    }
    Ok(())
}

/// Volumes that the container needs are refused; others go.
fn volumes(pod: &Field, container: &Field, said: &mut Vec<String>) -> Outcome {
    let mut volumes = BTreeMap::new();
    for volume in pod.list("volumes")? {
        let name = volume.get("name").ok_or_else(|| volume.wrong("has no name"))?.text()?;
        volumes.insert(name, (volume, false));
    }
    for mount in container.list("volumeMounts")? {
        let (name, path) = (mount.word("name")?, mount.word("mountPath")?);
        let Some((volume, mounted)) = volumes.get_mut(&name) else { return Err(mount.wrong("names no volume of the template")) };
        *mounted = true;
        let kind = volume.entries()?.into_iter().map(|(key, _)| key).find(|key| *key != "name").unwrap_or("emptyDir");
        match (kind, path.trim_end_matches('/')) {
            ("emptyDir", "/dev/shm" | "/tmp") => said.push(mount.left(&format!("{path} is as large as the site makes it"))),
            ("emptyDir", _) => return Err(mount.refused("write into the job's own folder, $SHUGU_FOLDER, or to /tmp")),
            ("configMap" | "downwardAPI", _) => return Err(mount.refused(instead_of("ConfigMap"))),
            ("secret" | "projected", _) => return Err(mount.refused(SECRETS)),
            _ => return Err(mount.refused(FILES)),
        }
    }
    for (volume, _) in volumes.values().filter(|(_, mounted)| !mounted) {
        said.push(volume.left("nothing mounts it"));
    }
    Ok(())
}

/// Cores, memory and devices; of these the models that they may be.
fn resources(container: &Field, form: &mut SubmitForm, said: &mut Vec<String>) -> Outcome<Option<Vec<String>>> {
    fn table<'a>(all: &Field<'a>, key: &str) -> Outcome<BTreeMap<&'a str, Field<'a>>> {
        Ok(all.table(key)?.into_iter().collect())
    }
    let all = container.part("resources", RESOURCES, said)?;
    let (requests, limits) = (table(&all, "requests")?, table(&all, "limits")?);
    let amount = |field: &Field| -> Outcome<u64> {
        thousandths(&field.text()?).ok_or_else(|| field.wrong("is no quantity of Kubernetes, such as 500m, 2 or 4Gi"))
    };
    let mut devices: Option<(&str, Vec<String>)> = None;
    let names: BTreeSet<&str> = requests.keys().chain(limits.keys()).copied().collect();
    for name in names {
        let (request, limit) = (requests.get(name), limits.get(name));
        let Some(field) = request.or(limit) else { continue };
        let (asked, most) = (amount(field)?, limit.map(&amount).transpose()?);
        match name {
            "cpu" => {
                form.cpus = (asked > 0).then(|| cores(asked));
                if let Some(limit) = limit.filter(|_| most > Some(asked)) {
                    said.push(limit.left("a job has the cores that it asks for"));
                }
            }
            "memory" => {
                let bytes = most.unwrap_or(asked).div_ceil(1000);
                form.memory = (bytes > 0).then(|| memory(bytes));
                match limit {
                    None => said.push(format!("{}: is the limit, too", field.place())),
                    Some(limit) if most > Some(asked) => said.push(format!("{}: is kept for it as a whole", limit.place())),
                    Some(_) => {}
                }
            }
            "ephemeral-storage" => said.push(field.left(DISK)),
            _ if name.starts_with("hugepages-") => said.push(field.left(SITE)),
            _ if asked == 0 => {}
            _ => {
                let Some(models) = resource_models(name) else {
                    let known = DEVICES.map(|(known, _)| known).join(", ");
                    let part = ["mig-", "shared", "vgpu", "gpumem", "gpucores", "Ascend", "memory", "core"];
                    let advice =
                        if part.iter().any(|word| name.contains(word)) { PARTS } else { "take it out if it can do without" };
                    return Err(
                        field.wrong(&format!("the hub knows no {name}; it knows {known}, huawei.com/Ascend910; {advice}"))
                    );
                };
                if most.is_some_and(|most| most != asked) || asked % 1000 != 0 {
                    return Err(field.wrong("devices are whole, and as many as the limit"));
                }
                if let Some((other, _)) = &devices {
                    return Err(field.wrong(&format!("{other} is asked for, too; a replica has devices of one kind")));
                }
                form.devices = Some(Plain((asked / 1000).to_string()));
                devices = Some((name, models));
            }
        }
    }
    Ok(devices.map(|(_, models)| models))
}

/// Labels of nodes that name the model of their devices.
const PRODUCT_LABELS: [&str; 7] = [
    "nvidia.com/gpu.product",
    "amd.com/gpu.product-name",
    "accelerator",
    "cloud.google.com/gke-accelerator",
    "karpenter.k8s.aws/instance-gpu-name",
    "gpu.nvidia.com/class",
    "skypilot.co/accelerator",
];

/// Labels of nodes that say no more than that they have devices, or run Linux.
const PLAIN_LABELS: [&str; 6] = [
    "nvidia.com/gpu.present",
    "nvidia.com/gpu",
    "feature.node.kubernetes.io/pci-10de.present",
    "amd.com/gpu.present",
    "kubernetes.io/os",
    "beta.kubernetes.io/os",
];

/// What a demand on a label of a node means: models, or nothing that is kept.
fn by_label(field: &Field, key: &str, values: &[String], said: &mut Vec<String>) -> Outcome<Option<BTreeSet<String>>> {
    if PRODUCT_LABELS.contains(&key) {
        let part = |value: &&String| value.contains("-MIG-") || value.ends_with("-SHARED");
        if let Some(value) = values.iter().find(part) {
            return Err(field.wrong(&format!("{value} is a part of a device; {PARTS}")));
        }
        return Ok(Some(values.iter().flat_map(|value| models(value)).collect()));
    }
    if PLAIN_LABELS.contains(&key) {
        return Ok(None);
    }
    let of_devices = ["nvidia.com/", "amd.com/", "huawei.com/", "gpu.intel.com/", "cloud.google.com/gke-gpu"];
    if of_devices.iter().any(|begin| key.starts_with(begin)) {
        return Err(field.refused("name the model by nvidia.com/gpu.product, or `models` and `device_memory_gb` in a job file"));
    }
    said.push(field.left(PLACES));
    Ok(None)
}

const AFFINITY: Fates = &[
    ("nodeAffinity", Kept),
    ("podAffinity", Left("say `spread` in a job file")),
    ("podAntiAffinity", Left("say `spread` or `apart` in a job file")),
];

const NODE_AFFINITY: Fates = &[
    ("requiredDuringSchedulingIgnoredDuringExecution", Kept),
    ("preferredDuringSchedulingIgnoredDuringExecution", Left("it is a preference; say `alternatives` in a job file")),
];

/// Models that selectors and affinity leave, and where they are named.
fn chosen_models(pod: &Field, said: &mut Vec<String>) -> Outcome<Option<(String, BTreeSet<String>)>> {
    let mut chosen: Option<(String, BTreeSet<String>)> = None;
    let mut also = |field: &Field, models: BTreeSet<String>| -> Outcome {
        let both = match chosen.take() {
            Some((_, before)) => before.intersection(&models).cloned().collect(),
            None => models,
        };
        if both.is_empty() {
            return Err(field.wrong("leaves no model of a device"));
        }
        chosen = Some((field.place(), both));
        Ok(())
    };
    for (key, field) in pod.table("nodeSelector")? {
        if let Some(models) = by_label(&field, key, &[field.text()?], said)? {
            also(&field, models)?;
        }
    }
    let affinity = pod.part("affinity", AFFINITY, said)?.part("nodeAffinity", NODE_AFFINITY, said)?;
    let terms =
        affinity.get("requiredDuringSchedulingIgnoredDuringExecution").and_then(|required| required.get("nodeSelectorTerms"));
    let Some(terms) = terms else { return Ok(chosen) };
    // One term is enough, and all that stands in it holds.
    let (mut any, mut free) = (BTreeSet::new(), false);
    for term in terms.items()? {
        if let Some(fields) = term.get("matchFields") {
            said.push(fields.left(PLACES));
        }
        let mut within: Option<BTreeSet<String>> = None;
        for expression in term.list("matchExpressions")? {
            let (key, operator) = (expression.word("key")?, expression.word("operator")?);
            let values = expression.list("values")?;
            let values = values.iter().map(Field::text).collect::<Outcome<Vec<String>>>()?;
            let product = PRODUCT_LABELS.contains(&key.as_str());
            if product && operator == "Exists" {
                continue;
            }
            if product && operator != "In" {
                return Err(expression.refused("name the models that serve, by operator In, or as `models` in a job file"));
            }
            if let Some(models) = by_label(&expression, &key, &values, said)? {
                within = Some(within.map_or(models.clone(), |before| before.intersection(&models).cloned().collect()));
            }
        }
        match within {
            Some(models) => any.extend(models),
            None => free = true,
        }
    }
    if !free {
        also(&terms, any)?;
    }
    Ok(chosen)
}

/// What a field of the pod is, where the hub has something like it; names of variables that a job finds.
fn of_pod(field: &Field, path: &str, metadata: &Field) -> Outcome<Told> {
    let variable = |name| Ok(vec![Piece::Variable(name)]);
    let key =
        |map: &str| path.strip_prefix(map).and_then(|rest| rest.strip_prefix("['")).and_then(|rest| rest.strip_suffix("']"));
    if let Some((map, key)) =
        key("metadata.labels").map(|key| ("labels", key)).or(key("metadata.annotations").map(|key| ("annotations", key)))
    {
        return match key {
            "batch.kubernetes.io/job-completion-index" => variable("SHUGU_ARRAY_INDEX"),
            "batch.kubernetes.io/job-name" | "job-name" => variable("SHUGU_JOB_NAME"),
            _ => match metadata.get(map).and_then(|all| all.get(key)) {
                Some(value) => Ok(vec![Piece::Plain(value.text()?)]),
                None => Err(field.wrong(&format!("the template has no {path}"))),
            },
        };
    }
    match path {
        "metadata.name" | "metadata.uid" => variable("SHUGU_JOB_ID"),
        "metadata.namespace" => variable("SHUGU_TENANT"),
        "spec.nodeName" => variable("SHUGU_PEERS"),
        _ => {
            Err(field
                .wrong(&format!("{path} is not known here; a job finds SHUGU_JOB_ID, SHUGU_PEERS and others (docs/jobs.md)")))
        }
    }
}

/// The command and its environment; by a shell, where parts of them are known only where it runs.
fn command(
    container: &Field,
    metadata: &Field,
    tasks: u32,
    spec: &Field,
    form: &mut SubmitForm,
    said: &mut Vec<String>,
) -> Outcome {
    const INDEX: &str = "JOB_COMPLETION_INDEX";
    let mut variables: BTreeMap<String, Told> = BTreeMap::new();
    for variable in container.list("env")? {
        let name = variable.get("name").ok_or_else(|| variable.wrong("has no name"))?.text()?;
        let told = match (variable.get("value"), variable.get("valueFrom")) {
            (Some(value), _) => expanded(&value.text()?, &variables),
            (None, None) => Vec::new(),
            (None, Some(from)) => {
                match (from.get("fieldRef").and_then(|field| field.get("fieldPath")), from.entries()?.first()) {
                    (Some(path), _) => of_pod(&path, &path.text()?, metadata)?,
                    (None, Some(("secretKeyRef", secret))) => return Err(secret.refused(SECRETS)),
                    (None, Some((_, other))) => return Err(other.refused("write the value")),
                    (None, None) => return Err(from.wrong("names no source")),
                }
            }
        };
        variables.insert(name, told);
    }
    let indexed = spec.get("completionMode").is_some_and(|mode| mode.value.as_str() == Some("Indexed"));
    if indexed && !variables.contains_key(INDEX) {
        let index = if tasks > 1 { Piece::Variable("SHUGU_ARRAY_INDEX") } else { Piece::Plain("0".to_owned()) };
        variables.insert(INDEX.to_owned(), vec![index]);
    }
    let words = |key: &str| -> Outcome<Vec<Told>> {
        let words = container.list(key)?;
        words.iter().map(|word| Ok(expanded(&word.text()?, &variables))).collect()
    };
    let mut words_of_command = words("command")?;
    if words_of_command.is_empty() {
        let advice = "the hub starts a program by its name, and does not know which one the image would start; say it";
        return Err(container.of("command", container.value).wrong(advice));
    }
    words_of_command.extend(words("args")?);
    let mut lines = String::new();
    for (name, told) in &variables {
        match plain(told) {
            Some(text) => _ = form.env.insert(name.clone(), text),
            None => {
                let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                if !letters || name.starts_with(|letter: char| letter.is_ascii_digit()) {
                    return Err(container.wrong(&format!("no shell could set a variable called {name}")));
                }
                lines.push_str(&format!("export {name}={}\n", quoted(told)));
            }
        }
    }
    let known: Option<Vec<String>> = words_of_command.iter().map(|word| plain(word)).collect();
    form.command = match known {
        Some(words) if lines.is_empty() => words,
        _ => {
            if form.image.is_some() {
                said.push(format!(
                    "{}: is started by /bin/sh of its image, which tells it what is known only there",
                    container.place()
                ));
            }
            let words = words_of_command.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
            vec!["/bin/sh".to_owned(), "-c".to_owned(), format!("{lines}exec {words}")]
        }
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::foreign::tests::{check, foreign, refused, small};

    #[test]
    fn a_job_of_kubernetes_keeps_what_it_needs() {
        check(
            "
apiVersion: batch/v1
kind: Job
metadata: {generateName: train-, namespace: research, labels: {app: train}}
spec:
  backoffLimit: 2
  activeDeadlineSeconds: 7200
  ttlSecondsAfterFinished: 100
  template:
    metadata: {labels: {app: train}}
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 120
      priorityClassName: high
      serviceAccountName: trainer
      automountServiceAccountToken: false
      tolerations: [{key: nvidia.com/gpu, operator: Exists}]
      volumes: [{name: shm, emptyDir: {medium: Memory}}, {name: old, configMap: {name: gone}}]
      containers:
      - name: main
        image: registry.example/team/train:3
        imagePullPolicy: Always
        command: [python3, train.py]
        args: [--epochs, '3']
        workingDir: /opt/train
        env: [{name: EPOCHS, value: '3'}, {name: EMPTY}]
        resources:
          requests: {cpu: 15500m, memory: 60Gi}
          limits: {cpu: 32, memory: 64Gi, huawei.com/Ascend910: 8}
        volumeMounts: [{name: shm, mountPath: /dev/shm}]
",
            "
name: train
command: [python3, train.py, --epochs, '3']
devices: '8'
models: [Ascend 910]
cpus: 15500m
memory: 64GiB
time_limit: 7200s
retries: 2
notice: {signal: TERM, grace: 120s}
env: {EPOCHS: '3', EMPTY: ''}
directory: /opt/train
image: registry.example/team/train:3
",
            &[
                "metadata.namespace is left out: the token says whose job it is",
                "spec.ttlSecondsAfterFinished is left out: the hub keeps its jobs, and a site what they wrote for seven days",
                "spec.template.metadata.labels is left out: the hub keeps no labels",
                "spec.template.spec.priorityClassName is left out: the token says whose job it is, and the policy how urgent",
                "spec.template.spec.serviceAccountName is left out: a job has no rights at the cluster",
                "spec.template.spec.tolerations is left out: the hub chooses where it runs; name `pools` or `sites` in a job file",
                "metadata.labels is left out: the hub keeps no labels",
                "spec.backoffLimit: a lost place is tried again, 2 times at most; a program's own failure is never tried again",
                "spec.activeDeadlineSeconds: is counted from the start of an attempt, not from when the Job was made",
                "spec.template.spec.containers[0].imagePullPolicy is left out: a site has its own way to run programs",
                "spec.template.spec.containers[0].volumeMounts[0] is left out: /dev/shm is as large as the site makes it",
                "spec.template.spec.volumes[1] is left out: nothing mounts it",
                "spec.template.spec.containers[0].resources.limits.cpu is left out: a job has the cores that it asks for",
                "spec.template.spec.containers[0].resources.limits.memory: is kept for it as a whole",
            ],
        );
    }

    #[test]
    fn an_indexed_job_is_an_array_that_knows_its_index() {
        check(
            "
apiVersion: batch/v1
kind: Job
metadata: {name: sweep}
spec:
  completions: 10
  parallelism: 3
  completionMode: Indexed
  backoffLimit: 0
  template:
    metadata: {labels: {stage: 'it''s third'}}
    spec:
      restartPolicy: OnFailure
      containers:
      - name: main
        command: [python3, part.py]
        args: ['--part=$(JOB_COMPLETION_INDEX)', '$(STAGE)', '$(POD)/$(NOT_SET)', 'costs $$(POD) $5']
        env:
        - {name: STAGE, valueFrom: {fieldRef: {fieldPath: 'metadata.labels[''stage'']'}}}
        - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
        - {name: OUT, value: out/$(POD)}
        - {name: BOTH, value: $(STAGE)-$(STAGE)}
",
            r#"
name: sweep
array: 10
command:
- /bin/sh
- -c
- "export JOB_COMPLETION_INDEX=\"$SHUGU_ARRAY_INDEX\"\nexport OUT='out/'\"$SHUGU_JOB_ID\"\nexport POD=\"$SHUGU_JOB_ID\"\nexec 'python3' 'part.py' '--part='\"$SHUGU_ARRAY_INDEX\" 'it'\\''s third' \"$SHUGU_JOB_ID\"'/$(NOT_SET)' 'costs $(POD) $5'"
env: {STAGE: 'it''s third', BOTH: 'it''s third-it''s third'}
"#,
            &[
                "spec.template.metadata.labels is left out: the hub keeps no labels",
                "spec.parallelism: the 10 tasks run as the tenant's share allows, not 3 at a time",
                "spec.template.spec.containers[0]: names no image; it runs in the software that a site has",
            ],
        );
    }

    #[test]
    fn what_kueue_holds_is_queued_by_the_hub() {
        let labels = "{kueue.x-k8s.io/queue-name: user-queue, kueue.x-k8s.io/max-exec-time-seconds: '600'}";
        let own = |text: &str| {
            small("suspend: true\n  completions: 3\n  parallelism: 3", "activeDeadlineSeconds: 900", "")
                .replace("{name: small}", text)
        };
        check(
            &own(&format!("{{name: small, labels: {labels}}}")),
            "{name: small, command: [date], image: 'busybox:1', array: 3, time_limit: 600s}",
            &[
                "metadata.labels[kueue.x-k8s.io/queue-name] is left out: the hub queues every job, and the token says whose share it uses",
                "spec.suspend is left out: by it Kueue holds a Job until there is room, which the hub does itself",
            ],
        );
        refused(&own("{name: small}"), "dir/job.yaml field spec.suspend: is not kept here; submit it when it is to run");
    }

    #[test]
    fn labels_of_nodes_name_models() {
        let gpu = "resources: {limits: {nvidia.com/gpu: 2}}";
        let of = |pod: &str| foreign(&small("", pod, gpu)).unwrap().forms[0].models.clone();
        assert_eq!(of("nodeSelector: {nvidia.com/gpu.product: NVIDIA-A100-SXM4-80GB}"), ["A100 SXM4 80GB"]);
        assert_eq!(of("nodeSelector: {nvidia.com/gpu.present: 'true', zone: a}").first().unwrap(), "A10");
        let required = |terms: &str| {
            of(&format!(
                "affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: [{terms}]}}}}}}"
            ))
        };
        let product =
            |values: &str| format!("{{matchExpressions: [{{key: nvidia.com/gpu.product, operator: In, values: [{values}]}}]}}");
        assert_eq!(required(&product("NVIDIA-H200, NVIDIA-H20")), ["H20 (HGX) 96GB", "H200 SXM 141GB"]);
        assert_eq!(required(&format!("{}, {}", product("Tesla-T4"), product("NVIDIA-L4"))), ["L4", "T4"]);
        let zone = "{matchExpressions: [{key: zone, operator: In, values: [a]}]}";
        assert!(required(&format!("{}, {zone}", product("Tesla-T4"))).len() > 10, "any device of the maker will do in that zone");
        check(
            &small("", "nodeSelector: {accelerator: huawei-Ascend910, kubernetes.io/os: linux, disk: ssd}", ""),
            "{name: small, command: [date], image: 'busybox:1'}",
            &[
                "spec.template.spec.nodeSelector.disk is left out: the hub chooses where it runs; name `pools` or `sites` in a job file",
                "spec.template.spec.nodeSelector.accelerator is left out: no devices are asked for",
            ],
        );
        let gpu = |pod: &str, told: &str| refused(&small("", pod, gpu), told);
        gpu("nodeSelector: {nvidia.com/gpu.product: NVIDIA-A100-SXM4-80GB-MIG-1g.10gb}", "is a part of a device");
        gpu(
            "nodeSelector: {nvidia.com/gpu.memory: '81920'}",
            "nodeSelector[nvidia.com/gpu.memory]: is not kept here; name the model",
        );
        gpu("nodeSelector: {accelerator: a100, nvidia.com/gpu.product: NVIDIA-H200}", "leaves no model of a device");
    }

    #[test]
    fn what_would_change_the_meaning_of_a_job_is_refused() {
        let spec = |text: &str, told: &str| refused(&small(text, "", ""), &format!("dir/job.yaml field spec.{told}"));
        spec("paralelism: 2", "paralelism: is no field that is known here; take it out if nothing depends on it");
        spec("completionMode: Indexed", "completionMode: Indexed needs `completions`");
        spec("completions: many", "completions: is no count");
        spec("parallelism: 0", "parallelism: nothing would run");
        spec("completions: 100001", "completions: is more than 100000");
        spec("successPolicy: {rules: [{succeededCount: 1}]}", "successPolicy: is not kept here; a task whose end");
        let pod =
            |text: &str, told: &str| refused(&small("", text, ""), &format!("dir/job.yaml field spec.template.spec.{told}"));
        pod("initContainers: [{name: first}]", "initContainers: is not kept here; let the command do first what they do");
        pod("subdomain: workers", "subdomain: is not kept here; replicas find each other by SHUGU_PEERS");
        pod("restartPolicy: Always", "restartPolicy: is neither Never nor OnFailure");
        let two = small("", "", "").replace("containers:", "containers:\n      - {name: other}");
        refused(&two, "spec.containers: is not kept here; a job runs one program");
        let container = |text: &str, told: &str| {
            refused(&small("", "volumes: [{name: v, VOLUME}]".replace("VOLUME", "emptyDir: {}").as_str(), text), told);
        };
        container("envFrom: [{configMapRef: {name: settings}}]", "containers[0].envFrom: is not kept here; write the variables");
        container(
            "volumeMounts: [{name: v, mountPath: /scratch}]",
            "volumeMounts[0]: is not kept here; write into the job's own folder",
        );
        container("volumeMounts: [{name: w, mountPath: /data}]", "volumeMounts[0]: names no volume of the template");
        container(
            "env: [{name: KEY, valueFrom: {secretKeyRef: {name: keys, key: one}}}]",
            "env[0].valueFrom.secretKeyRef: is not kept here; a job is written down and read by operators",
        );
        container("env: [{name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]", "status.podIP is not known here");
        container(
            "resources: {limits: {nvidia.com/mig-1g.10gb: 1}}",
            "limits[nvidia.com/mig-1g.10gb]: the hub knows no nvidia.com/mig-1g",
        );
        container("resources: {limits: {memory: lots}}", "limits.memory: is no quantity of Kubernetes");
        container("resources: {limits: {amd.com/gpu: 1, nvidia.com/gpu: 1}}", "amd.com/gpu is asked for, too");
        let claim = small(
            "",
            "volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]",
            "volumeMounts: [{name: v, mountPath: /data}]",
        );
        refused(&claim, "volumeMounts[0]: is not kept here; let the program fetch and send its data");
        refused(
            &small("", "", "").replace("command: [date]", "args: [now]"),
            "containers[0].command: the hub starts a program by its name",
        );
    }
}
