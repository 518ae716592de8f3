//! What a cluster is given of an attempt: Jobs, for a gang a headless service, and for a tenant its namespace. No I/O here.
//!
//! An attempt whose nodes have equally many replicas is one Indexed Job, of which the scheduler puts as many on each node as the
//! hub did. Where nodes have unlike numbers, each replica is a Job of its own. A Job starts no pod twice: it has no second try.

use std::collections::BTreeMap;
use std::path::Path;

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Namespace, ResourceQuota, Service};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use measure::{JobId, Span};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Options;
use super::read::CONTAINER;
use crate::environment::environments;
use crate::wire::{WantedJob, at_site, from_site};

/// Labels of everything that an agent makes.
pub(super) const AGENT: &str = "shugu/agent";
pub(super) const RUN: &str = "shugu/run";
pub(super) const TENANT: &str = "shugu/tenant";
/// The rank of a pod that is a Job of its own.
pub(super) const REPLICA: &str = "shugu/replica";
/// By which Kueue knows what it is to admit, and in which queue.
pub(super) const QUEUE: &str = "kueue.x-k8s.io/queue-name";
/// The queue that an agent makes in a tenant's namespace.
pub(super) const LOCAL_QUEUE: &str = "shugu";
/// What an attempt finds as its own folder.
const FOLDER: &str = "/shugu";
/// Jobs that are over and that no agent has removed are removed by the cluster after a week.
const KEPT_SECONDS: i64 = 7 * 24 * 3600;
/// The agent ends what has run for too long; should it be away, the cluster does, counted from when the node began to fetch the
/// image.
const LATE_SECONDS: i64 = 3600;
const NAME_MOST: usize = 63;

/// The namespace of a tenant.
pub(super) fn namespace(options: &Options, tenant: &str) -> String {
    if let Some(one) = &options.namespace {
        return one.clone();
    }
    let plain = format!("{}{tenant}", options.prefix);
    if plain.len() <= NAME_MOST && !plain.contains('.') {
        return plain;
    }
    // A name of a namespace has no dots and 63 characters at most.
    let digest: String = Sha256::digest(&plain).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let start: String = plain.replace('.', "-").chars().take(NAME_MOST - digest.len() - 1).collect();
    format!("{start}-{digest}")
}

/// The name of an attempt; `mark` tells agents apart.
pub(super) fn name(mark: &str, run: JobId) -> String {
    let (job, attempt) = from_site(run);
    format!("shugu-{mark}-{}-{attempt}", job.0)
}

/// What an attempt is labelled with.
pub(super) fn run_label(run: JobId) -> String {
    let (job, attempt) = from_site(run);
    format!("{}-{attempt}", job.0)
}

/// The attempt of such a label.
pub(super) fn run_of_label(label: &str) -> Option<JobId> {
    let (job, attempt) = label.split_once('-')?;
    Some(at_site(JobId(job.parse().ok()?), attempt.parse().ok().filter(|attempt| *attempt > 0)?))
}

/// Replicas that are one Job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) name: String,
    /// Their ranks, from the first on.
    pub(super) ranks: Vec<u32>,
    /// Their nodes, each once.
    nodes: Vec<String>,
}

/// The Jobs of an attempt. What is `whole` is one, as Kueue admits one at a time: the scheduler chooses among its nodes then.
pub(super) fn parts(mark: &str, job: &WantedJob, whole: bool) -> Vec<Part> {
    let name = name(mark, at_site(job.job, job.attempt));
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    job.replicas.iter().for_each(|replica| *counts.entry(&replica.node).or_default() += 1);
    let ranks = 0..job.replicas.len() as u32;
    let first = counts.values().next().copied();
    if whole || counts.values().all(|count| Some(*count) == first) {
        return vec![Part { name, ranks: ranks.collect(), nodes: counts.into_keys().map(str::to_owned).collect() }];
    }
    let alone = |rank: u32| Part {
        name: format!("{name}-r{rank}"),
        ranks: vec![rank],
        nodes: vec![job.replicas[rank as usize].node.clone()],
    };
    ranks.map(alone).collect()
}

/// A word that the cluster gives on as it is: it would replace `$(NAME)` and read `$$` as one `$`.
/// Source: <https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/>
fn word(text: &str) -> String {
    text.replace('$', "$$")
}

/// A toleration of the form that [`Options::tolerations`] has.
fn toleration(text: &str) -> Value {
    let (what, effect) = match text.split_once(':') {
        Some((what, effect)) => (what, Some(effect)),
        None => (text, None),
    };
    let mut told = match what.split_once('=') {
        Some((key, value)) => json!({"key": key, "operator": "Equal", "value": value}),
        None => json!({"key": what, "operator": "Exists"}),
    };
    if let Some(effect) = effect {
        told["effect"] = effect.into();
    }
    told
}

fn seconds(span: Span) -> i64 {
    (span.0.max(0) + 999) / 1000
}

/// Everything that an attempt is at the cluster.
#[derive(Debug, Clone)]
pub(super) struct Objects {
    pub(super) namespace: String,
    pub(super) jobs: Vec<Job>,
    /// By which the replicas of a gang find each other.
    pub(super) service: Option<Service>,
}

/// What the cluster is given of an attempt. `resources` are what nodes call their devices; `grace` is from TERM to KILL.
pub(super) fn objects(
    job: &WantedJob,
    mark: &str,
    options: &Options,
    resources: &BTreeMap<String, String>,
    grace: Span,
) -> Objects {
    let run = at_site(job.job, job.attempt);
    let (base, namespace) = (name(mark, run), namespace(options, &job.tenant));
    let labels = json!({
        "app.kubernetes.io/managed-by": "shugu",
        AGENT: mark,
        RUN: run_label(run),
        TENANT: job.tenant,
    });
    let gang = job.replicas.len() > 1;
    let parts = parts(mark, job, options.queue.is_some());
    let host = |part: &Part, index: usize| format!("{}-{index}.{base}", part.name);
    let mut peers: Vec<String> =
        parts.iter().flat_map(|part| (0..part.ranks.len()).map(move |index| host(part, index))).collect();
    if !gang {
        peers = vec!["localhost".to_owned()];
    }
    // Which devices they are the cluster decides; a container finds its own only, counted from zero.
    let mut bare = job.clone();
    bare.replicas.iter_mut().for_each(|replica| replica.devices.clear());
    let environments = environments(&bare, Path::new(FOLDER), &peers);
    let job_of = |part: &Part| {
        let first = part.ranks[0] as usize;
        let devices = job.replicas[first].devices.len();
        let env = container_env(&environments[first], devices, part.ranks.len() > 1);
        let mut limits = serde_json::Map::new();
        if job.cpu.0 > 0 {
            limits.insert("cpu".to_owned(), format!("{}m", job.cpu.0).into());
        }
        if job.memory.0 > 0 {
            limits.insert("memory".to_owned(), job.memory.0.to_string().into());
        }
        let resource = resources.get(&job.replicas[first].node);
        if let Some(resource) = resource.filter(|_| devices > 0) {
            limits.insert(resource.clone(), devices.to_string().into());
        }
        let own = options.tolerations.iter().map(|text| toleration(text));
        // Nodes with devices are often tainted with the devices' own name.
        let tolerations: Vec<Value> =
            resource.filter(|_| devices > 0).map(|key| toleration(key)).into_iter().chain(own).collect();
        let mut container = json!({
            "name": CONTAINER,
            "image": job.command.image.as_ref().unwrap_or(&options.image),
            "command": job.command.argv.iter().map(|text| word(text)).collect::<Vec<_>>(),
            "env": env,
            "resources": {"limits": limits, "requests": limits},
            "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
            "volumeMounts": [{"name": "folder", "mountPath": FOLDER}, {"name": "shared-memory", "mountPath": "/dev/shm"}],
        });
        if let Some(directory) = &job.command.directory {
            container["workingDir"] = directory.clone().into();
        }
        let (user, group) = options.user;
        let names: Vec<Value> = part
            .nodes
            .iter()
            .map(|node| json!({"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}))
            .collect();
        let mut spec = json!({
            "restartPolicy": "Never",
            "automountServiceAccountToken": false,
            "enableServiceLinks": false,
            "terminationGracePeriodSeconds": seconds(job.notice.map_or(grace, |notice| notice.grace)),
            "securityContext": {
                "runAsNonRoot": true,
                "runAsUser": user,
                "runAsGroup": group,
                "fsGroup": group,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": names}}},
            "tolerations": tolerations,
            // Programs that share tensors between processes need more of it than the 64 MiB that a container has by itself.
            "volumes": [{"name": "folder", "emptyDir": {}}, {"name": "shared-memory", "emptyDir": {"medium": "Memory"}}],
            "containers": [container],
        });
        let late = job.time_limit.map(|limit| seconds(limit).saturating_add(LATE_SECONDS));
        // The cluster takes no longer one, and needs none then.
        if let Some(late) = late.filter(|late| *late <= i64::from(i32::MAX)) {
            spec["activeDeadlineSeconds"] = late.into();
        }
        if !options.pull_secrets.is_empty() {
            spec["imagePullSecrets"] = options.pull_secrets.iter().map(|name| json!({ "name": name })).collect();
        }
        if gang {
            spec["subdomain"] = base.clone().into();
        }
        if part.nodes.len() > 1 && part.ranks.len().is_multiple_of(part.nodes.len()) {
            // As many on each node as the hub put there.
            spec["topologySpreadConstraints"] = json!([{
                "maxSkew": 1,
                "minDomains": part.nodes.len(),
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "DoNotSchedule",
                "labelSelector": {"matchLabels": {AGENT: mark, RUN: run_label(run)}},
            }]);
        }
        let mut pod_labels = labels.clone();
        if parts.len() > 1 {
            pod_labels[REPLICA] = part.ranks[0].to_string().into();
        }
        let mut job_labels = labels.clone();
        if options.queue.is_some() {
            job_labels[QUEUE] = LOCAL_QUEUE.into();
        }
        let object = json!({
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {
                "name": part.name,
                "namespace": namespace,
                "labels": job_labels,
                "annotations": {"shugu/job": job.job.to_string(), "shugu/name": job.name},
            },
            "spec": {
                "completionMode": "Indexed",
                "completions": part.ranks.len(),
                "parallelism": part.ranks.len(),
                "backoffLimit": 0,
                "podReplacementPolicy": "Failed",
                "suspend": gang || options.queue.is_some(),
                "ttlSecondsAfterFinished": KEPT_SECONDS,
                "template": {"metadata": {"labels": pod_labels}, "spec": spec},
            },
        });
        serde_json::from_value(object).expect("it is a Job")
    };
    let service = json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": base, "namespace": namespace, "labels": labels},
        // Replicas look for each other before all of them are ready.
        "spec": {"clusterIP": "None", "publishNotReadyAddresses": true, "selector": {AGENT: mark, RUN: run_label(run)}},
    });
    let service = gang.then(|| serde_json::from_value(service).expect("it is a service"));
    Objects { jobs: parts.iter().map(job_of).collect(), service, namespace: namespace.clone() }
}

/// The environment of a container. Where a Job has several pods, each learns its rank from its index.
fn container_env(environment: &BTreeMap<String, String>, devices: usize, several: bool) -> Vec<Value> {
    let index = || json!({"fieldRef": {"fieldPath": "metadata.annotations['batch.kubernetes.io/job-completion-index']"}});
    let numbers = (0..devices).map(|device| device.to_string()).collect::<Vec<_>>().join(",");
    let one = |(name, value): (&String, &String)| match name.as_str() {
        "RANK" | "SHUGU_REPLICA" if several => json!({"name": name, "valueFrom": index()}),
        // A pod is a machine of its own.
        "LOCAL_RANK" => json!({"name": name, "value": "0"}),
        "SHUGU_DEVICES" => json!({"name": name, "value": numbers}),
        _ => json!({"name": name, "value": word(value)}),
    };
    environment.iter().map(one).collect()
}

fn made<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("it is what it is made as")
}

/// A tenant's namespace, in which no pod may have more rights than a plain program.
pub(super) fn namespace_object(name: &str, tenant: &str) -> Namespace {
    made(json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": name,
            "labels": {
                "app.kubernetes.io/managed-by": "shugu",
                TENANT: tenant,
                "pod-security.kubernetes.io/enforce": "restricted",
                "pod-security.kubernetes.io/warn": "restricted",
            },
        },
    }))
}

/// What a tenant may have in its namespace at most.
pub(super) fn quota(namespace: &str, options: &Options) -> ResourceQuota {
    let mut hard: BTreeMap<&str, &str> = [("services.loadbalancers", "0"), ("services.nodeports", "0")].into();
    hard.extend(options.quota.iter().map(|(resource, most)| (resource.as_str(), most.as_str())));
    made(json!({
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "shugu", "namespace": namespace, "labels": {"app.kubernetes.io/managed-by": "shugu"}},
        "spec": {"hard": hard},
    }))
}

/// Nobody but the tenant's own pods reaches the tenant's pods.
pub(super) fn isolation(namespace: &str) -> NetworkPolicy {
    made(json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "shugu", "namespace": namespace, "labels": {"app.kubernetes.io/managed-by": "shugu"}},
        "spec": {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"from": [{"podSelector": {}}]}]},
    }))
}

/// The queue of Kueue in a tenant's namespace.
pub(super) fn local_queue(namespace: &str, cluster_queue: &str) -> Value {
    json!({
        "metadata": {"name": LOCAL_QUEUE, "namespace": namespace, "labels": {"app.kubernetes.io/managed-by": "shugu"}},
        "spec": {"clusterQueue": cluster_queue},
    })
}

#[cfg(test)]
mod tests {
    use dispatch::{Command, Notice};
    use measure::{Cpu, Memory};

    use super::*;

    fn options() -> Options {
        Options {
            image: "registry.example/base:1".to_owned(),
            tolerations: vec!["pool=hub:NoSchedule".to_owned()],
            pull_secrets: vec!["registry".to_owned()],
            ..Options::default()
        }
    }

    fn job(nodes: &[&str], devices: u32) -> WantedJob {
        WantedJob {
            job: JobId(42),
            attempt: 2,
            command: Command { argv: vec!["echo".to_owned(), "$(RANK) $$ `x`".to_owned()], ..Command::default() },
            cpu: Cpu(1500),
            memory: Memory::mebibytes(100),
            time_limit: Some(Span::seconds(90)),
            ..WantedJob::sample(nodes, devices)
        }
    }

    fn made_of(job: &WantedJob, options: &Options) -> Vec<Value> {
        let resources = job.replicas.iter().map(|replica| (replica.node.clone(), "nvidia.com/gpu".to_owned())).collect();
        let objects = objects(job, "ab12cd34", options, &resources, Span::seconds(10));
        objects.jobs.iter().map(|job| serde_json::to_value(job).unwrap()).collect()
    }

    fn env(job: &Value, name: &str) -> Value {
        let env = job["spec"]["template"]["spec"]["containers"][0]["env"].as_array().unwrap();
        env.iter().find(|one| one["name"] == name).unwrap_or(&Value::Null).clone()
    }

    #[test]
    fn a_single_job_is_one_pod_on_its_node_without_any_rights() {
        let [one] = &made_of(&job(&["n2"], 2), &options())[..] else { panic!("one Job") };
        let (spec, pod) = (&one["spec"], &one["spec"]["template"]["spec"]);
        assert_eq!(
            (&one["metadata"]["name"], &one["metadata"]["namespace"]),
            (&json!("shugu-ab12cd34-42-2"), &json!("shugu-llm-lab"))
        );
        assert_eq!((&spec["suspend"], &spec["backoffLimit"], &spec["completions"]), (&json!(false), &json!(0), &json!(1)));
        let container = &pod["containers"][0];
        assert_eq!(container["resources"]["limits"], json!({"cpu": "1500m", "memory": "104857600", "nvidia.com/gpu": "2"}));
        assert_eq!(container["resources"]["limits"], container["resources"]["requests"]);
        assert_eq!(container["image"], "registry.example/base:1");
        assert_eq!(container["securityContext"], json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}));
        assert_eq!((&pod["securityContext"]["runAsNonRoot"], &pod["securityContext"]["runAsUser"]), (&json!(true), &json!(1000)));
        assert_eq!(pod["automountServiceAccountToken"], false);
        assert_eq!(pod["imagePullSecrets"], json!([{"name": "registry"}]));
        let terms = &pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"];
        assert_eq!(*terms, json!([{"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n2"]}]}]));
        assert_eq!(
            pod["tolerations"],
            json!([
                {"key": "nvidia.com/gpu", "operator": "Exists"},
                {"key": "pool", "operator": "Equal", "value": "hub", "effect": "NoSchedule"}
            ])
        );
        assert_eq!((&env(one, "SHUGU_DEVICES")["value"], &env(one, "RANK")["value"]), (&json!("0,1"), &json!("0")));
        assert_eq!(env(one, "CUDA_VISIBLE_DEVICES"), Value::Null, "the cluster's device plugin says it");
        assert_eq!((&pod["terminationGracePeriodSeconds"], &pod["activeDeadlineSeconds"]), (&json!(10), &json!(3690)));
    }

    #[test]
    fn an_even_gang_is_one_job_with_as_many_pods_on_each_node() {
        let mut gang = job(&["n1", "n2", "n1", "n2"], 1);
        gang.notice = Some(Notice { signal: 10, grace: Span::seconds(120) });
        let [one] = &made_of(&gang, &options())[..] else { panic!("one Job") };
        let pod = &one["spec"]["template"]["spec"];
        assert_eq!((&one["spec"]["suspend"], &one["spec"]["completions"]), (&json!(true), &json!(4)));
        assert_eq!(pod["topologySpreadConstraints"][0]["minDomains"], 2);
        assert_eq!(pod["subdomain"], "shugu-ab12cd34-42-2");
        assert!(env(one, "RANK")["valueFrom"]["fieldRef"]["fieldPath"].as_str().unwrap().contains("job-completion-index"));
        assert_eq!(env(one, "MASTER_ADDR")["value"], "shugu-ab12cd34-42-2-0.shugu-ab12cd34-42-2");
        assert_eq!((&env(one, "LOCAL_RANK")["value"], &env(one, "WORLD_SIZE")["value"]), (&json!("0"), &json!("4")));
        assert_eq!(pod["terminationGracePeriodSeconds"], 120);
    }

    #[test]
    fn an_uneven_gang_is_a_job_for_each_replica() {
        let jobs = made_of(&job(&["n1", "n1", "n2"], 1), &options());
        let told = |job: &Value| {
            let template = &job["spec"]["template"];
            let terms = &template["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"];
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let node = text(&terms[0]["matchFields"][0]["values"][0]);
            format!(
                "{} {node} {} {}",
                text(&job["metadata"]["name"]),
                text(&template["metadata"]["labels"][REPLICA]),
                text(&env(job, "RANK")["value"])
            )
        };
        let told: Vec<String> = jobs.iter().map(told).collect();
        assert_eq!(told, ["shugu-ab12cd34-42-2-r0 n1 0 0", "shugu-ab12cd34-42-2-r1 n1 1 1", "shugu-ab12cd34-42-2-r2 n2 2 2"]);
        let peers = env(&jobs[2], "SHUGU_PEERS")["value"].as_str().unwrap().to_owned();
        assert_eq!(peers.split(',').next_back(), Some("shugu-ab12cd34-42-2-r2-0.shugu-ab12cd34-42-2"));
    }

    #[test]
    fn with_a_queue_kueue_admits_every_job() {
        let queued = Options { queue: Some("hub".to_owned()), ..options() };
        let [one] = &made_of(&job(&["n1"], 1), &queued)[..] else { panic!("one Job") };
        assert_eq!((&one["spec"]["suspend"], &one["metadata"]["labels"][QUEUE]), (&json!(true), &json!("shugu")));
    }

    /// What a node's agent makes of a word: `$(NAME)` is replaced where NAME is known, `$$` is one `$`.
    fn expanded(text: &str) -> String {
        let (mut told, mut rest) = (String::new(), text);
        while let Some(at) = rest.find('$') {
            told += &rest[..at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('$') {
                told.push('$');
                rest = after;
            } else if let Some((_, after)) = rest.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
                told += "EXPANDED";
                rest = after;
            } else {
                told.push('$');
            }
        }
        told + rest
    }

    proptest::proptest! {
        #[test]
        fn a_program_is_given_exactly_the_words_of_its_job(text in "([$()A-Z]|\\PC){0,12}") {
            let mut one = job(&["n1"], 0);
            one.command.argv = vec![text.clone()];
            one.command.env = [("OWN".to_owned(), text.clone())].into();
            let [made] = &made_of(&one, &options())[..] else { panic!("one Job") };
            let command = made["spec"]["template"]["spec"]["containers"][0]["command"][0].as_str().unwrap();
            proptest::prop_assert_eq!(expanded(command), text.clone());
            proptest::prop_assert_eq!(expanded(env(made, "OWN")["value"].as_str().unwrap()), text);
        }
    }

    #[test]
    fn a_tenant_has_a_namespace_of_its_own() {
        let of = |tenant: &str| namespace(&options(), tenant);
        assert_eq!(of("llm-lab"), "shugu-llm-lab");
        let (dotted, dashed, long) = (of("a.b"), of("a-b"), of(&"x".repeat(63)));
        assert!(dotted.starts_with("shugu-a-b-") && dotted != dashed, "{dotted}");
        assert_eq!(long.len(), 63);
        assert_eq!(namespace(&Options { namespace: Some("one".to_owned()), ..options() }, "llm-lab"), "one");
    }

    #[test]
    fn a_label_tells_job_and_attempt() {
        for run in [at_site(JobId(7), 1), at_site(JobId(123), 4)] {
            assert_eq!(run_of_label(&run_label(run)), Some(run));
        }
        assert_eq!((run_of_label("7-0"), run_of_label("x"), run_of_label("7")), (None, None, None));
    }
}
