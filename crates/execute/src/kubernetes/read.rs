//! What a cluster's objects say: nodes as the hub counts them, what pods hold, how far one has come. No I/O here.

use std::collections::BTreeMap;

use dispatch::{End, LostReason, Node, Occupied};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1 as meta;
use measure::{Cpu, Devices, Memory, Time};

use super::Options;

/// The label by which NVIDIA's feature discovery tells a node's model.
const PRODUCT: &str = "nvidia.com/gpu.product";

/// On a node that the agent has put to sleep: since when.
pub(super) const ASLEEP: &str = "shugu/asleep";
/// Taints that the cluster gives by itself to a node that is cordoned or silent.
const OF_THE_NODE: &str = "node.kubernetes.io/";

/// A quantity in thousandths, rounded up: `1500m`, `0.5`, `128Mi`, `1e3`.
/// Source: <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>
pub(crate) fn milli(quantity: &str) -> Option<u128> {
    let end = quantity.find(|digit: char| !digit.is_ascii_digit() && digit != '.').unwrap_or(quantity.len());
    let (number, suffix) = quantity.split_at(end);
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && part.is_empty() || part.len() > 18 {
        return None;
    }
    let digits: u128 = format!("{whole}{part}").parse().ok()?;
    let (ten, two) = match suffix {
        "n" => (-9, 0),
        "u" => (-6, 0),
        "m" => (-3, 0),
        "" => (0, 0),
        "k" => (3, 0),
        "M" => (6, 0),
        "G" => (9, 0),
        "T" => (12, 0),
        "P" => (15, 0),
        "E" => (18, 0),
        "Ki" => (0, 10),
        "Mi" => (0, 20),
        "Gi" => (0, 30),
        "Ti" => (0, 40),
        "Pi" => (0, 50),
        "Ei" => (0, 60),
        _ => (suffix.strip_prefix(['e', 'E'])?.parse().ok().filter(|power: &i32| power.abs() <= 18)?, 0),
    };
    let power = ten + 3 - i32::try_from(part.len()).ok()?;
    let scaled = digits.checked_mul(1 << two)?;
    match u32::try_from(power) {
        Ok(power) => scaled.checked_mul(10_u128.checked_pow(power)?),
        Err(_) => Some(scaled.div_ceil(10_u128.checked_pow(power.unsigned_abs())?)),
    }
}

fn amount(quantities: &BTreeMap<String, Quantity>, name: &str) -> u128 {
    quantities.get(name).and_then(|quantity| milli(&quantity.0)).unwrap_or(0)
}

fn small<T: TryFrom<u128>>(number: u128, most: T) -> T {
    T::try_from(number).unwrap_or(most)
}

/// A moment that the cluster tells.
pub(crate) fn time(time: &meta::Time) -> Time {
    Time(time.0.as_millisecond())
}

/// A node of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    /// As the hub counts it.
    pub(crate) node: Node,
    /// The resource that its devices are.
    pub(crate) resource: Option<String>,
    /// Why the cluster gives no new work to it; empty if it does.
    pub(crate) reason: String,
    /// Its agent has not been heard of.
    pub(crate) silent: bool,
    /// Since when it sleeps, or was told to, if it does. Somebody who lets pods onto it again has woken it.
    pub(crate) asleep: Option<Time>,
}

/// Whether a toleration, `key`, `key=value` or either with `:Effect`, is for a taint.
fn tolerates(toleration: &str, taint: &core::Taint) -> bool {
    let (what, effect) = match toleration.split_once(':') {
        Some((what, effect)) => (what, Some(effect)),
        None => (toleration, None),
    };
    let value = match what.split_once('=') {
        Some((key, value)) => key == taint.key && Some(value) == taint.value.as_deref(),
        None => what == taint.key,
    };
    value && effect.is_none_or(|effect| effect == taint.effect)
}

/// A node as the hub counts it: what the cluster would give to pods.
pub(crate) fn node(node: &core::Node, options: &Options) -> Seen {
    let status = node.status.clone().unwrap_or_default();
    let spec = node.spec.clone().unwrap_or_default();
    let labels = node.metadata.labels.clone().unwrap_or_default();
    let allocatable = status.allocatable.unwrap_or_default();
    let count = |resource: &String| small(amount(&allocatable, resource) / 1000, u32::MAX);
    // A node's devices are of one model: where it has several resources, the most numerous.
    let most = options.resources.iter().map(|resource| (resource, count(resource))).filter(|(_, count)| *count > 0);
    let most = most.max_by_key(|(_, count)| *count);
    let model = most.map(|(resource, _)| {
        let product = labels.get(PRODUCT).filter(|_| resource.starts_with("nvidia.com/"));
        let told = product.and_then(|product| options.models.get(product)).or_else(|| options.models.get(resource));
        let plain = product.map_or_else(|| resource.rsplit('/').next().unwrap_or(resource), String::as_str);
        told.cloned().unwrap_or_else(|| plain.to_owned())
    });
    let ready = status.conditions.iter().flatten().find(|condition| condition.type_ == "Ready");
    let silent = ready.is_none_or(|ready| ready.status != "True");
    let told = node.metadata.annotations.as_ref().and_then(|notes| notes.get(ASLEEP));
    let cordoned = spec.unschedulable.unwrap_or(false);
    let asleep = told.filter(|_| cordoned && options.switches.is_some()).map(|told| told.parse().unwrap_or_default());
    let bars = |taint: &&core::Taint| {
        let own = most.is_some_and(|(resource, _)| *resource == taint.key);
        let of_sleep = asleep.is_some() && taint.key.starts_with(OF_THE_NODE);
        taint.effect != "PreferNoSchedule"
            && !own
            && !of_sleep
            && !options.tolerations.iter().any(|toleration| tolerates(toleration, taint))
    };
    let taint = spec.taints.iter().flatten().find(bars);
    let reason = match (silent && asleep.is_none(), cordoned && asleep.is_none(), taint) {
        (true, ..) => {
            let told = ready.and_then(|ready| ready.message.as_deref().or(ready.reason.as_deref())).unwrap_or("it tells nothing");
            format!("not ready: {told}")
        }
        (_, true, _) => "cordoned".to_owned(),
        (_, _, Some(taint)) => {
            let value = taint.value.as_deref().filter(|value| !value.is_empty());
            format!("tainted: {}{}", taint.key, value.map(|value| format!("={value}")).unwrap_or_default())
        }
        _ => String::new(),
    };
    Seen {
        node: Node {
            name: node.metadata.name.clone().unwrap_or_default(),
            model,
            devices: Devices(most.map_or(0, |(_, count)| count.min(Node::DEVICES_MAX))),
            cpu: Cpu(small(amount(&allocatable, "cpu"), u64::MAX)),
            memory: Memory(small(amount(&allocatable, "memory") / 1000, u64::MAX)),
            whole_devices: true,
            whole_cores: false,
            images: true,
        },
        resource: most.map(|(resource, _)| resource.clone()),
        reason,
        silent,
        asleep,
    }
}

/// What a pod holds of its node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Holding {
    pub(crate) node: String,
    /// It runs on each node, or is the node's own: no work of anybody.
    pub(crate) service: bool,
    milli: BTreeMap<String, u128>,
}

impl Holding {
    /// The same as the hub counts it, where devices are this resource.
    pub(crate) fn occupied(&self, resource: Option<&String>) -> Occupied {
        let of = |name: &str| self.milli.get(name).copied().unwrap_or(0);
        Occupied {
            devices: Devices(resource.map_or(0, |name| small(of(name).div_ceil(1000), u32::MAX))),
            cpu: Cpu(small(of("cpu"), u64::MAX)),
            memory: Memory(small(of("memory").div_ceil(1000), u64::MAX)),
            ..Occupied::NOTHING
        }
    }
}

/// What a pod holds, if it has a node and is not over. Init containers run before the others, one after the other, but for
/// those that are restarted always, which stay.
/// Source: <https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers>
pub(crate) fn holding(pod: &core::Pod) -> Option<Holding> {
    let spec = pod.spec.as_ref()?;
    let node = spec.node_name.clone()?;
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    if matches!(phase, Some("Succeeded" | "Failed")) {
        return None;
    }
    let requests = |container: &core::Container| -> BTreeMap<String, u128> {
        let resources = container.resources.clone().unwrap_or_default();
        // What is limited and not asked for is asked for as it is limited.
        let mut all = resources.limits.unwrap_or_default();
        all.extend(resources.requests.unwrap_or_default());
        all.keys().map(|name| (name.clone(), amount(&all, name))).collect()
    };
    let add = |sum: &mut BTreeMap<String, u128>, more: &BTreeMap<String, u128>| {
        for (name, amount) in more {
            let known = sum.entry(name.clone()).or_default();
            *known = known.saturating_add(*amount);
        }
    };
    let (mut running, mut most) = (BTreeMap::new(), BTreeMap::<String, u128>::new());
    for container in spec.init_containers.iter().flatten() {
        let own = requests(container);
        if container.restart_policy.as_deref() == Some("Always") {
            add(&mut running, &own);
            continue;
        }
        let mut beside = running.clone();
        add(&mut beside, &own);
        for (name, amount) in beside {
            let known = most.entry(name).or_default();
            *known = amount.max(*known);
        }
    }
    spec.containers.iter().for_each(|container| add(&mut running, &requests(container)));
    for (name, amount) in most {
        let known = running.entry(name).or_default();
        *known = amount.max(*known);
    }
    // A pod may ask as a whole, which stands above what its containers ask.
    if let Some(whole) = spec.resources.as_ref().and_then(|resources| resources.requests.as_ref()) {
        running.extend(whole.keys().map(|name| (name.clone(), amount(whole, name))));
    }
    if let Some(overhead) = &spec.overhead {
        add(&mut running, &overhead.keys().map(|name| (name.clone(), amount(overhead, name))).collect());
    }
    let owners = pod.metadata.owner_references.iter().flatten();
    let service = owners.into_iter().any(|owner| ["DaemonSet", "Node"].contains(&owner.kind.as_str()));
    Some(Holding { node, service, milli: running })
}

/// What keeps a pod from starting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The scheduler finds no node.
    Unscheduled(String),
    /// Its image can never be had by this name.
    NoImage(String),
    /// Its image cannot be had now.
    Pull(String),
    /// Its container cannot be made.
    Container(String),
}

impl Trouble {
    pub(crate) fn told(&self) -> &str {
        match self {
            Trouble::Unscheduled(told) | Trouble::NoImage(told) | Trouble::Pull(told) | Trouble::Container(told) => told,
        }
    }
}

/// How far a pod has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It has not begun.
    Waiting(Option<Trouble>),
    /// Its program runs.
    Running(Time),
    /// It is over.
    Over {
        /// When its program began; `None` if it never did.
        since: Option<Time>,
        /// When it ended.
        at: Option<Time>,
        /// How, by what the pod alone tells.
        end: End,
    },
}

/// The container that runs the job.
pub(crate) const CONTAINER: &str = "job";

/// How far a pod has come, by its own words.
pub(crate) fn progress(pod: &core::Pod) -> Progress {
    let status = pod.status.clone().unwrap_or_default();
    let container = status.container_statuses.iter().flatten().find(|container| container.name == CONTAINER);
    let state = container.and_then(|container| container.state.clone()).unwrap_or_default();
    match status.phase.as_deref() {
        Some("Succeeded" | "Failed") => {
            let (since, at) = state.terminated.as_ref().map_or((None, None), |over| {
                // Of a container that never ran, the runtime gives the year 1.
                let real = |moment: &Option<meta::Time>| moment.as_ref().map(time).filter(|time| time.0 > 0);
                (real(&over.started_at), real(&over.finished_at))
            });
            // A pod that its node told nothing more of still says that it runs.
            let since = since.or_else(|| state.running.as_ref()?.started_at.as_ref().map(time));
            let end = end(&status, state.terminated.as_ref());
            let ran = !matches!(end, End::NotStarted(_) | End::Lost(LostReason::PlaceTaken));
            Progress::Over { since: since.filter(|_| ran), at, end }
        }
        _ => match (state.running.and_then(|running| running.started_at), state.terminated, state.waiting) {
            (Some(since), ..) => Progress::Running(time(&since)),
            // The pod will be told as over in a moment.
            (_, Some(over), _) => {
                over.started_at.as_ref().map(time).filter(|time| time.0 > 0).map_or(Progress::Waiting(None), Progress::Running)
            }
            (.., waiting) => Progress::Waiting(trouble(&status, container, waiting.as_ref())),
        },
    }
}

fn trouble(
    status: &core::PodStatus,
    container: Option<&core::ContainerStatus>,
    waiting: Option<&core::ContainerStateWaiting>,
) -> Option<Trouble> {
    let image = container.map_or("", |container| container.image.as_str());
    if let Some(waiting) = waiting {
        let reason = waiting.reason.as_deref().unwrap_or_default();
        let message = waiting.message.as_deref().unwrap_or(reason);
        match reason {
            "InvalidImageName" | "ErrImageNeverPull" => {
                return Some(Trouble::NoImage(format!("the image {image} cannot be had: {message}")));
            }
            "ErrImagePull" | "ImagePullBackOff" | "ImageInspectError" | "RegistryUnavailable" | "SignatureValidationFailed" => {
                return Some(Trouble::Pull(format!("the image {image} cannot be pulled: {message}")));
            }
            "CreateContainerConfigError" | "CreateContainerError" | "RunContainerError" | "StartError" | "PostStartHookError" => {
                return Some(Trouble::Container(format!("its container cannot be made: {message}")));
            }
            _ => {}
        }
    }
    let scheduled = status.conditions.iter().flatten().find(|condition| condition.type_ == "PodScheduled")?;
    let told = || scheduled.message.clone().or_else(|| scheduled.reason.clone()).unwrap_or_default();
    (scheduled.status == "False").then(|| Trouble::Unscheduled(told()))
}

/// How a pod that is over ended, by its own words.
fn end(status: &core::PodStatus, over: Option<&core::ContainerStateTerminated>) -> End {
    let code = over.map(|over| over.exit_code);
    if status.phase.as_deref() == Some("Succeeded") {
        return End::Exited(0);
    }
    let container = over.and_then(|over| over.reason.as_deref()).unwrap_or_default();
    match container {
        "OOMKilled" => return End::OverMemory,
        // The runtime could not start the program: it is not there, or may not be run.
        "StartError" | "ContainerCannotRun" => {
            let told = over.and_then(|over| over.message.clone()).unwrap_or_else(|| container.to_owned());
            return End::NotStarted(told);
        }
        _ => {}
    }
    let disrupted =
        status.conditions.iter().flatten().find(|condition| condition.type_ == "DisruptionTarget" && condition.status == "True");
    match disrupted.and_then(|condition| condition.reason.as_deref()) {
        Some("DeletionByTaintManager" | "DeletionByPodGC") => return End::Lost(LostReason::NodeFailed),
        Some(_) => return End::Lost(LostReason::EndedBySite),
        None => {}
    }
    match status.reason.as_deref().unwrap_or_default() {
        "DeadlineExceeded" => return End::OverTime,
        "Evicted" | "Preempting" => return End::Lost(LostReason::EndedBySite),
        "NodeLost" | "NodeShutdown" | "Terminated" | "Shutdown" => return End::Lost(LostReason::NodeFailed),
        // The node turned it away: it was full, or is not what the scheduler took it for.
        reason
            if reason.to_ascii_lowercase().starts_with("outof")
                || ["NodeAffinity", "NodeName", "NodePorts", "UnexpectedAdmissionError", "TopologyAffinityError"]
                    .contains(&reason) =>
        {
            return End::Lost(LostReason::PlaceTaken);
        }
        _ => {}
    }
    match (code, over.and_then(|over| over.signal).filter(|signal| *signal > 0)) {
        _ if container == "ContainerStatusUnknown" => End::Lost(LostReason::NodeFailed),
        (_, Some(signal)) => End::Killed(signal),
        // As a shell tells it, and every container runtime.
        (Some(code @ 129..=192), None) => End::Killed(code - 128),
        (Some(code), None) => End::Exited(code),
        (None, None) => End::Lost(LostReason::Vanished),
    }
}

/// A Job of this agent, as far as it matters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct JobSeen {
    pub(crate) namespace: String,
    pub(crate) suspended: bool,
    /// It had pods, or could have.
    pub(crate) started: bool,
    /// No pod will come any more.
    pub(crate) complete: bool,
    /// Why it failed, if it did.
    pub(crate) failed: Option<String>,
    pub(crate) deleting: bool,
}

/// What a Job says of itself.
pub(crate) fn job(job: &Job) -> JobSeen {
    let status = job.status.clone().unwrap_or_default();
    let condition =
        |name: &str| status.conditions.iter().flatten().find(|condition| condition.type_ == name && condition.status == "True");
    JobSeen {
        namespace: job.metadata.namespace.clone().unwrap_or_default(),
        suspended: job.spec.as_ref().and_then(|spec| spec.suspend).unwrap_or(false),
        started: status.start_time.is_some() || status.active.unwrap_or(0) > 0,
        complete: condition("Complete").is_some(),
        failed: condition("Failed").map(|failed| failed.reason.clone().unwrap_or_default()),
        deleting: job.metadata.deletion_timestamp.is_some(),
    }
}

/// The rank of a pod: its own label, or its index.
pub(crate) fn rank(pod: &core::Pod) -> Option<u32> {
    const INDEX: &str = "batch.kubernetes.io/job-completion-index";
    let labels = pod.metadata.labels.as_ref();
    let annotations = pod.metadata.annotations.as_ref();
    let own = labels.and_then(|labels| labels.get(super::launch::REPLICA));
    let index =
        || labels.and_then(|labels| labels.get(INDEX)).or_else(|| annotations.and_then(|annotations| annotations.get(INDEX)));
    own.or_else(index)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn options() -> Options {
        Options {
            resources: ["nvidia.com/gpu", "huawei.com/Ascend910"].map(str::to_owned).into(),
            models: [("NVIDIA-H800".to_owned(), "H800 SXM5 80GB".to_owned())].into(),
            tolerations: vec!["pool=hub:NoSchedule".to_owned()],
            ..Options::default()
        }
    }

    fn pod(value: Value) -> core::Pod {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn quantities_are_read_as_the_cluster_means_them() {
        let read = |text: &str| milli(text).map_or_else(|| "-".to_owned(), |milli| milli.to_string());
        let texts = ["2", "500m", "0.5", ".5", "1500u", "1n", "128Mi", "1k", "1e3", "12E2", "1.5Gi", "", "m", "1Q", "-1", "1e99"];
        let all = texts.map(read).join(" ");
        assert_eq!(all, "2000 500 500 500 2 1 134217728000 1000000 1000000 1200000 1610612736000 - - - - -");
    }

    fn told(taints: Value, unschedulable: bool, ready: &str) -> String {
        let node: core::Node = serde_json::from_value(json!({
            "metadata": {"name": "n1", "labels": {"nvidia.com/gpu.product": "NVIDIA-H800"}},
            "spec": {"taints": taints, "unschedulable": unschedulable},
            "status": {
                "allocatable": {"cpu": "95500m", "memory": "1000Gi", "nvidia.com/gpu": "8", "pods": "110"},
                "conditions": [{"type": "Ready", "status": ready, "message": "kubelet stopped posting"}],
            },
        }))
        .unwrap();
        let Seen { node, reason, resource, .. } = super::node(&node, &options());
        assert_eq!(resource.as_deref(), Some("nvidia.com/gpu"));
        format!("{} {} x{} {} {} {reason}", node.name, node.model.unwrap(), node.devices, node.cpu, node.memory)
            .trim_end()
            .to_owned()
    }

    #[test]
    fn a_node_is_what_the_cluster_would_give_and_why_it_gives_nothing() {
        let plain = "n1 H800 SXM5 80GB x8 95.5 1000GiB";
        assert_eq!(told(json!([]), false, "True"), plain);
        assert_eq!(told(json!([{"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}]), false, "True"), plain);
        assert_eq!(told(json!([{"key": "pool", "value": "hub", "effect": "NoSchedule"}]), false, "True"), plain);
        assert_eq!(told(json!([{"key": "a", "effect": "PreferNoSchedule"}]), false, "True"), plain);
        assert_eq!(
            told(json!([{"key": "pool", "value": "own", "effect": "NoSchedule"}]), false, "True"),
            format!("{plain} tainted: pool=own")
        );
        assert_eq!(
            told(json!([{"key": "pool", "value": "hub", "effect": "NoExecute"}]), false, "True"),
            format!("{plain} tainted: pool=hub")
        );
        assert_eq!(told(json!([]), true, "True"), format!("{plain} cordoned"));
        assert_eq!(told(json!([]), false, "Unknown"), format!("{plain} not ready: kubelet stopped posting"));
    }

    #[test]
    fn a_pod_holds_the_most_that_its_containers_need_at_a_time() {
        let asks = |cpu: &str| json!({"requests": {"cpu": cpu}});
        let all = pod(json!({
            "spec": {
                "nodeName": "n1",
                "overhead": {"cpu": "10m"},
                "initContainers": [
                    {"name": "a", "resources": asks("3")},
                    {"name": "side", "restartPolicy": "Always", "resources": asks("500m")},
                    {"name": "b", "resources": asks("2800m")},
                ],
                "containers": [
                    {"name": "one", "resources": {"requests": {"cpu": "1"}, "limits": {"nvidia.com/gpu": "2", "memory": "1Gi"}}},
                    {"name": "two", "resources": asks("1")},
                ],
            },
            "status": {"phase": "Running"},
        }));
        let held = holding(&all).unwrap().occupied(Some(&"nvidia.com/gpu".to_owned()));
        assert_eq!((held.devices, held.cpu, held.memory), (Devices(2), Cpu(3310), Memory(1 << 30)));
        let with = |change: &dyn Fn(&mut core::Pod)| {
            let mut one = all.clone();
            change(&mut one);
            holding(&one)
        };
        assert_eq!(with(&|pod| pod.status.as_mut().unwrap().phase = Some("Succeeded".to_owned())), None, "it is over");
        assert_eq!(with(&|pod| pod.spec.as_mut().unwrap().node_name = None), None, "it has no node");
    }

    fn came(status: Value) -> String {
        match progress(&pod(json!({"status": status}))) {
            Progress::Waiting(None) => "waits".to_owned(),
            Progress::Waiting(Some(trouble)) => format!("waits: {}", trouble.told()),
            Progress::Running(since) => format!("runs since {}", since.0),
            Progress::Over { since, at, end } => format!("{end}, {:?} to {:?}", since.map(|at| at.0), at.map(|at| at.0)),
        }
    }

    fn over(terminated: Value) -> String {
        came(json!({"phase": "Failed", "containerStatuses": [status("terminated", terminated)]}))
    }

    fn status(state: &str, value: Value) -> Value {
        json!({"name": "job", "image": "registry.example/a:1", "imageID": "", "ready": false, "restartCount": 0, "state": {state: value}})
    }

    #[test]
    fn how_far_a_pod_has_come_is_told_by_its_container() {
        let at = |second: u32| format!("1970-01-01T00:00:{second:02}Z");
        assert_eq!(came(json!({"phase": "Pending"})), "waits");
        let unscheduled =
            json!([{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/8 nodes are available"}]);
        assert_eq!(came(json!({"phase": "Pending", "conditions": unscheduled})), "waits: 0/8 nodes are available");
        let pulling = status("waiting", json!({"reason": "ImagePullBackOff", "message": "not found"}));
        let told = came(json!({"phase": "Pending", "containerStatuses": [pulling]}));
        assert_eq!(told, "waits: the image registry.example/a:1 cannot be pulled: not found");
        let running = status("running", json!({"startedAt": at(5)}));
        assert_eq!(came(json!({"phase": "Running", "containerStatuses": [running]})), "runs since 5000");
        let ran = |code: i32, reason: &str| json!({"exitCode": code, "reason": reason, "startedAt": at(5), "finishedAt": at(9)});
        assert_eq!(over(ran(0, "Completed")), "exited with code 0, Some(5000) to Some(9000)");
        assert_eq!(over(ran(3, "Error")), "exited with code 3, Some(5000) to Some(9000)");
        assert_eq!(over(ran(137, "Error")), "was ended by signal 9, Some(5000) to Some(9000)");
        assert_eq!(over(ran(137, "OOMKilled")), "used more memory than it asked for, Some(5000) to Some(9000)");
        let never = json!({"exitCode": 128, "reason": "StartError", "message": "exec: no such file", "startedAt": "0001-01-01T00:00:00Z", "finishedAt": at(9)});
        assert_eq!(over(never), "could not be started: exec: no such file, None to Some(9000)");
    }

    #[test]
    fn who_ended_a_pod_is_told_apart() {
        let target = |reason: &str| {
            let condition = json!([{"type": "DisruptionTarget", "status": "True", "reason": reason}]);
            let killed = json!({"exitCode": 137, "reason": "Error"});
            came(json!({"phase": "Failed", "conditions": condition, "containerStatuses": [status("terminated", killed)]}))
        };
        let end = |told: &str| format!("was lost: {told}, None to None");
        let site = "the cluster manager, or somebody at the cluster, ended it";
        assert_eq!(target("PreemptionByScheduler"), end(site));
        assert_eq!(target("EvictionByEvictionAPI"), end(site));
        assert_eq!(target("DeletionByPodGC"), end("a node it ran on failed"));
        let reason = |reason: &str| came(json!({"phase": "Failed", "reason": reason}));
        assert_eq!(reason("Evicted"), end(site));
        assert_eq!(reason("NodeShutdown"), end("a node it ran on failed"));
        assert_eq!(reason("OutOfnvidia.com/gpu"), end("its place was taken by others, or failed, before it could start there"));
        assert_eq!(reason("DeadlineExceeded"), "ran longer than its time limit, None to None");
    }
}
