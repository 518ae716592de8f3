//! A cluster before it joins: where it is, its release, the agent's rights, nodes, Kueue, and a test job that goes the whole way.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use dispatch::Occupied;
use k8s_openapi::api::authorization::v1::SelfSubjectAccessReview;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1 as core;
use kube::Api;
use kube::api::{DeleteParams, DynamicObject, ListParams, PostParams};
use measure::{Cpu, JobId, Memory, Span};
use serde_json::json;
use tokio::sync::mpsc::unbounded_channel;

use super::asking::{Asker, words};
use super::{Options, launch, read};
use crate::survey::{Finding, Survey};
use crate::wire::{WantedJob, WantedReplica};

/// Releases that are tried, and the oldest one that has all that is needed: a Job that is over only when its pods are.
const TRIED: (u32, u32) = (1, 34);
const OLDEST: (u32, u32) = (1, 29);
/// How long a test job may take; its image may have to be fetched.
const TEST_MOST: Duration = Duration::from_secs(180);
/// In place of an agent's mark.
const MARK: &str = "join";
const TENANT: &str = "join-test";

/// What the agent does, by group, kind and subresource; everywhere, or in the hub's namespaces.
const EVERYWHERE: [(&str, &str, &str, &str); 4] =
    [("", "nodes", "", "list"), ("", "nodes", "", "watch"), ("", "pods", "", "list"), ("", "pods", "", "watch")];
const OWN: [(&str, &str, &str, &str); 14] = [
    ("batch", "jobs", "", "create"),
    ("batch", "jobs", "", "get"),
    ("batch", "jobs", "", "list"),
    ("batch", "jobs", "", "watch"),
    ("batch", "jobs", "", "patch"),
    ("batch", "jobs", "", "delete"),
    ("", "pods", "", "get"),
    ("", "pods", "log", "get"),
    ("", "services", "", "create"),
    ("", "events", "", "list"),
    ("", "resourcequotas", "", "create"),
    ("", "resourcequotas", "", "patch"),
    ("networking.k8s.io", "networkpolicies", "", "create"),
    ("networking.k8s.io", "networkpolicies", "", "patch"),
];

pub(crate) fn survey(options: &Options, survey: &mut Survey) {
    match super::runtime() {
        Ok(runtime) => runtime.block_on(look(options, survey)),
        Err(error) => survey.findings.push(Finding::bad("cluster", error.to_string())),
    }
}

async fn look(options: &Options, survey: &mut Survey) {
    let client = match super::client(options).await {
        Ok(client) => client,
        Err(error) => {
            let told = format!("{}; give --kubeconfig, or run the agent in a pod of the cluster", words(&error));
            return survey.findings.push(Finding::bad("cluster", told));
        }
    };
    match client.apiserver_version().await {
        Ok(version) => survey.findings.push(release(&version.major, &version.minor, &version.git_version)),
        Err(error) => return survey.findings.push(Finding::bad("cluster", format!("it does not answer: {}", words(&error)))),
    }
    survey.findings.push(rights(&client, options).await);
    kueue(&client, options, survey).await;
    nodes(&client, options, survey).await;
    if survey.findings.iter().any(|finding| finding.level == crate::survey::Level::Bad) {
        return;
    }
    let finding = match test(&client, options, survey).await {
        Ok(told) => Finding::good("test job", told),
        Err(told) => Finding::bad("test job", told),
    };
    survey.findings.push(finding);
}

/// A minor version may be told as `31+`.
fn release(major: &str, minor: &str, full: &str) -> Finding {
    let number = |text: &str| text.trim_end_matches('+').parse().ok();
    match number(major).zip(number(minor)) {
        Some(found) if found >= TRIED => Finding::good("cluster", format!("Kubernetes {full}")),
        Some(found) if found >= OLDEST => Finding::doubtful(
            "cluster",
            format!("Kubernetes {full}: it should do; {}.{} and newer are supported", TRIED.0, TRIED.1),
        ),
        Some(_) => {
            let needs = "Indexed Jobs that can be suspended and whose ended pods alone are replaced";
            Finding::bad("cluster", format!("Kubernetes {full} is older than {}.{}, the first with {needs}", OLDEST.0, OLDEST.1))
        }
        None => Finding::doubtful("cluster", format!("`{full}` tells no release; {}.{} or newer is needed", OLDEST.0, OLDEST.1)),
    }
}

async fn rights(client: &kube::Client, options: &Options) -> Finding {
    let reviews: Api<SelfSubjectAccessReview> = Api::all(client.clone());
    let namespaces = [("", "namespaces", "", "create")].into_iter().filter(|_| options.namespace.is_none());
    let queues = [
        ("kueue.x-k8s.io", "localqueues", "", "create"),
        ("kueue.x-k8s.io", "localqueues", "", "patch"),
        ("kueue.x-k8s.io", "workloads", "", "list"),
    ];
    let queues = queues.into_iter().filter(|_| options.queue.is_some());
    let switched = [("", "nodes", "", "get"), ("", "nodes", "", "patch")].into_iter().filter(|_| options.switches.is_some());
    // What a provider's own namespace holds is the provider's.
    let own = OWN
        .into_iter()
        .filter(|(_, kind, ..)| options.namespace.is_none() || !["resourcequotas", "networkpolicies"].contains(kind));
    let everywhere = EVERYWHERE.into_iter().chain(namespaces).chain(switched).map(|right| (right, None));
    let mut missing = Vec::new();
    let mut count = 0;
    for ((group, resource, subresource, verb), namespace) in
        everywhere.chain(own.chain(queues).map(|right| (right, options.namespace.as_ref())))
    {
        count += 1;
        let attributes =
            json!({"group": group, "resource": resource, "subresource": subresource, "verb": verb, "namespace": namespace});
        let review = json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "metadata": {}, "spec": {"resourceAttributes": attributes}});
        let Ok(review) = serde_json::from_value(review) else { continue };
        match reviews.create(&PostParams::default(), &review).await {
            Ok(answer) if answer.status.as_ref().is_some_and(|status| status.allowed) => {}
            Ok(_) => missing.push(format!("{verb} {resource}{}{subresource}", if subresource.is_empty() { "" } else { "/" })),
            Err(error) => return Finding::doubtful("rights", format!("they cannot be looked at: {}", words(&error))),
        }
    }
    match missing.is_empty() {
        true => Finding::good("rights", format!("all {count} that the agent needs")),
        false => Finding::bad("rights", format!("the agent may not {}; see docs/kubernetes/rbac.yaml", missing.join(", "))),
    }
}

async fn kueue(client: &kube::Client, options: &Options, survey: &mut Survey) {
    let group = kube::discovery::group(client, "kueue.x-k8s.io").await.ok();
    let finding = match (&options.queue, group) {
        (None, None) => return,
        (None, Some(_)) => {
            Finding::doubtful("Kueue", "is there and would not admit the hub's jobs; name its queue with --queue if it should")
        }
        (Some(queue), None) => Finding::bad("Kueue", format!("is not in the cluster, and --queue names {queue}")),
        (Some(queue), Some(group)) => match group.recommended_kind("ClusterQueue") {
            None => Finding::bad("Kueue", "knows no cluster queues"),
            Some((kind, _)) => {
                let queues: Api<DynamicObject> = Api::all_with(client.clone(), &kind);
                match queues.get(queue).await {
                    Err(error) => {
                        Finding::doubtful("Kueue", format!("the cluster queue {queue} cannot be read: {}", words(&error)))
                    }
                    Ok(found) => {
                        let preemption = &found.data["spec"]["preemption"];
                        let ever = |rule: &str| preemption[rule].as_str().is_some_and(|how| how != "Never");
                        match ever("withinClusterQueue") || ever("reclaimWithinCohort") {
                            true => Finding::doubtful(
                                "Kueue",
                                format!(
                                    "the cluster queue {queue} preempts; what it stops of the hub is told as lost, and runs again only where the hub says so"
                                ),
                            ),
                            false => Finding::good("Kueue", format!("the cluster queue {queue} admits the hub's jobs")),
                        }
                    }
                }
            }
        },
    };
    survey.findings.push(finding);
}

async fn nodes(client: &kube::Client, options: &Options, survey: &mut Survey) {
    let wanted = options.nodes.as_ref().map_or_else(ListParams::default, |labels| ListParams::default().labels(labels));
    let nodes: Api<core::Node> = Api::all(client.clone());
    let pods: Api<core::Pod> = Api::all(client.clone());
    let (nodes, pods) = match (nodes.list(&wanted).await, pods.list(&ListParams::default()).await) {
        (Ok(nodes), Ok(pods)) => (nodes, pods),
        (Err(error), _) | (_, Err(error)) => {
            return survey.findings.push(Finding::bad("nodes", format!("they cannot be listed: {}", words(&error))));
        }
    };
    let seen: BTreeMap<String, read::Seen> =
        nodes.iter().map(|node| read::node(node, options)).map(|seen| (seen.node.name.clone(), seen)).collect();
    let mut used: BTreeMap<String, Occupied> = BTreeMap::new();
    for holding in pods.iter().filter_map(read::holding) {
        let Some(node) = seen.get(&holding.node) else { continue };
        let more = holding.occupied(node.resource.as_ref());
        let sum = used.entry(holding.node.clone()).or_insert(Occupied::NOTHING);
        (sum.devices.0, sum.cpu.0, sum.memory.0) =
            (sum.devices.0 + more.devices.0, sum.cpu.0 + more.cpu.0, sum.memory.0 + more.memory.0);
    }
    for (name, node) in seen.iter().filter(|(_, seen)| !seen.reason.is_empty()) {
        let whole = Occupied {
            node: 0,
            devices: node.node.devices,
            cpu: node.node.cpu,
            memory: node.node.memory,
            reason: node.reason.clone(),
            ..Occupied::NOTHING
        };
        used.insert(name.clone(), whole);
    }
    let devices: u64 = seen.values().map(|seen| u64::from(seen.node.devices.0)).sum();
    let out = seen.values().filter(|seen| !seen.reason.is_empty()).count();
    survey.findings.push(match (seen.len(), out) {
        (0, _) => Finding::bad("nodes", "there are none; is --nodes right?"),
        (all, out) if out == all => {
            Finding::bad("nodes", format!("none of {all} takes work: {}", seen.values().next().map_or("", |seen| &seen.reason)))
        }
        (all, out) => Finding::good("nodes", format!("{all} with {devices} devices, {out} of them out of service")),
    });
    if devices == 0 {
        let told =
            format!("no node has any of {}; name the resource with --resource if they have others", options.resources.join(", "));
        survey.findings.push(Finding::doubtful("devices", told));
    }
    survey.nodes = seen.into_values().map(|seen| seen.node).collect();
    survey.others = used.into_iter().collect();
}

/// A job of one core that does nothing, made as every job of the hub is.
async fn test(client: &kube::Client, options: &Options, survey: &Survey) -> Result<String, String> {
    let free =
        survey.nodes.iter().find(|node| survey.others.iter().all(|(name, used)| *name != node.name || used.reason.is_empty()));
    let node = free.ok_or("no node takes it")?.name.clone();
    let job = WantedJob {
        // Another name each time: what an earlier one left may still be ending.
        job: JobId(u64::from(std::process::id())),
        tenant: TENANT.to_owned(),
        replicas: vec![WantedReplica { node, devices: Vec::new() }],
        cpu: Cpu(100),
        memory: Memory::mebibytes(64),
        time_limit: Some(Span::seconds(60)),
        ..WantedJob::test()
    };
    let (inbox, _events) = unbounded_channel();
    let asker = Asker::new(client.clone(), options, inbox);
    let objects = launch::objects(&job, MARK, options, &BTreeMap::new(), Span::seconds(10));
    let (namespace, name) = (objects.namespace.clone(), objects.jobs[0].metadata.name.clone().unwrap_or_default());
    let began = Instant::now();
    asker.create(&objects, TENANT).await.map_err(|fault| format!("it cannot be made in {namespace}: {fault}"))?;
    let told = ended(client, &namespace, &name).await;
    let jobs: Api<Job> = Api::namespaced(client.clone(), &namespace);
    let removed = jobs.delete(&name, &DeleteParams::background()).await;
    match (told, removed) {
        (Err(told), _) => Err(told),
        (_, Err(error)) => Err(format!("it ran and cannot be removed: {}", words(&error))),
        _ => Ok(format!("ran in the namespace {namespace} and ended well after {:.1} s", began.elapsed().as_secs_f64())),
    }
}

async fn ended(client: &kube::Client, namespace: &str, name: &str) -> Result<(), String> {
    let jobs: Api<Job> = Api::namespaced(client.clone(), namespace);
    let pods: Api<core::Pod> = Api::namespaced(client.clone(), namespace);
    let own = ListParams::default().labels(&format!("{}={MARK}", launch::AGENT));
    let began = Instant::now();
    loop {
        let job = jobs.get(name).await.map_err(|error| words(&error))?;
        let seen = read::job(&job);
        if seen.complete {
            return Ok(());
        }
        let listed = pods.list(&own).await.map_err(|error| words(&error))?;
        let pod = listed.iter().find(|pod| pod.metadata.name.as_ref().is_some_and(|pod| pod.starts_with(name)));
        let trouble = match pod.map(read::progress) {
            Some(read::Progress::Waiting(Some(trouble))) => trouble.told().to_owned(),
            Some(read::Progress::Over { end, .. }) if seen.failed.is_some() => return Err(format!("it {end}")),
            _ => String::new(),
        };
        if began.elapsed() > TEST_MOST {
            return Err(format!("it has not run within {} s: {trouble}", TEST_MOST.as_secs()));
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_release_is_told_what_it_lacks() {
        let told = |minor: &str| {
            let Finding { level, told, .. } = release("1", minor, &format!("v1.{minor}.2"));
            format!("{level:?}: {told}")
        };
        assert_eq!(told("36"), "Good: Kubernetes v1.36.2");
        assert_eq!(told("31+"), "Doubtful: Kubernetes v1.31+.2: it should do; 1.34 and newer are supported");
        assert!(told("20").starts_with("Bad: Kubernetes v1.20.2 is older than 1.29, the first with Indexed Jobs"));
    }
}
