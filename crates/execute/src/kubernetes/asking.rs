//! What is asked of the API server, each from a task of its own, and again until it answers.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::io::{AsyncBufRead, AsyncBufReadExt};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Event as Told, Namespace, Node, Pod, ResourceQuota, Service};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use kube::Api;
use kube::api::{DeleteParams, DynamicObject, ListParams, LogParams, Patch, PatchParams, PostParams};
use measure::{JobId, Time};
use serde_json::json;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::{sleep, timeout};

use super::launch::{self, Objects};
use super::read::{ASLEEP, CONTAINER};
use super::worker::Event;
use super::{Options, Switches, read};

/// An answer takes no longer; what takes longer is asked again.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// How much is asked at a time, and how many outputs are read.
const ASKED_MOST: usize = 16;
const READ_MOST: usize = 1024;
/// A stream that brings nothing for so long is opened anew: it may be dead.
const SILENT_MOST: Duration = Duration::from_secs(600);
/// So often the output of what is over is asked for in vain.
const READ_TRIES: u32 = 3;
/// After no more pods are let onto a node, the scheduler may still give one to it for so long.
const BARRED_FOR: Duration = Duration::from_secs(2);
/// How long a program may take that switches a node.
const SWITCHED_WITHIN: Duration = Duration::from_secs(120);
/// Who is named as the owner of fields.
pub(super) const MANAGER: &str = "shugu";

/// A question, or something to be done.
#[derive(Debug)]
pub(super) enum Ask {
    /// Make an attempt's objects, and the tenant's namespace before.
    Create(JobId, Box<Objects>, String),
    /// Let the pods of Jobs start.
    Resume(String, Vec<String>),
    /// Remove Jobs and with them their pods, which are told to end; `true` waits for these.
    End(String, Vec<String>, bool),
    /// Say which Jobs of these names are not there.
    Check(String, Vec<String>),
    /// Read what a replica writes, to its end.
    Follow { run: JobId, rank: u32, uid: String, namespace: String, pod: String, path: PathBuf },
    /// What the cluster says of why an attempt waits.
    Explain(JobId, String, About),
    /// Let no more pods onto a node, and switch it off where nobody works there.
    Sleep(String),
    /// Switch a node on.
    Wake(String),
    /// Let pods onto a node again.
    Rise(String),
}

/// Of what an explanation is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum About {
    /// A Job or pod of this name.
    Object(String),
    /// What Kueue makes of the Job of this name.
    Workload(String),
}

/// Why an answer is none.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// It may be otherwise next time.
    #[error("{0}")]
    Again(String),
    /// It will not.
    #[error("{0}")]
    Refused(String),
}

/// An error with all that is behind it, in one line.
pub(super) fn words(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let text = inner.to_string();
        if !told.contains(&text) {
            told += &format!(": {text}");
        }
        source = inner.source();
    }
    told
}

impl From<kube::Error> for Fault {
    fn from(error: kube::Error) -> Fault {
        match error {
            kube::Error::Api(status) => {
                let told = status.message.clone();
                match status.code {
                    // A namespace that is being removed can be made anew afterwards.
                    403 if told.contains("being terminated") => Fault::Again(told),
                    400 | 403 | 404 | 405 | 410 | 413 | 415 | 422 => Fault::Refused(told),
                    _ => Fault::Again(format!("{} ({})", told, status.code)),
                }
            }
            other => Fault::Again(words(&other)),
        }
    }
}

async fn answer<T>(asked: impl Future<Output = Result<T, kube::Error>>) -> Result<T, Fault> {
    match timeout(ANSWER_WITHIN, asked).await {
        Ok(answer) => answer.map_err(Fault::from),
        Err(_) => Err(Fault::Again("the API server does not answer".to_owned())),
    }
}

fn switched(asked: Result<(), Fault>, node: String) -> Event {
    Event::Switched(node, asked.map_err(|fault| fault.to_string()))
}

fn code(error: &kube::Error) -> u16 {
    if let kube::Error::Api(status) = error { status.code } else { 0 }
}

/// There is something of that name already. Other conflicts pass, such as that of a quota that two are counted against.
fn exists(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 409 && status.reason == "AlreadyExists")
}

/// What is there already is as it should be.
fn made<T>(answer: Result<T, kube::Error>) -> Result<(), kube::Error> {
    match answer {
        Err(error) if exists(&error) => Ok(()),
        answer => answer.map(|_| ()),
    }
}

/// See the module.
pub(super) struct Asker {
    client: kube::Client,
    options: Options,
    inbox: UnboundedSender<Event>,
    /// Namespaces that are as they should be.
    ready: Mutex<BTreeSet<String>>,
    asking: Semaphore,
    reading: Semaphore,
}

impl Asker {
    pub(super) fn new(client: kube::Client, options: &Options, inbox: UnboundedSender<Event>) -> Arc<Asker> {
        let (asking, reading) = (Semaphore::new(ASKED_MOST), Semaphore::new(READ_MOST));
        Arc::new(Asker { client, options: options.clone(), inbox, ready: Mutex::default(), asking, reading })
    }

    fn api<K>(&self, namespace: &str) -> Api<K>
    where
        K: kube::Resource<Scope = k8s_openapi::NamespaceResourceScope>,
        K::DynamicType: Default,
    {
        Api::namespaced(self.client.clone(), namespace)
    }

    /// Asks, and tells the worker what came of it.
    pub(super) fn ask(self: &Arc<Self>, ask: Ask) {
        let asker = self.clone();
        tokio::task::spawn_local(async move {
            let event = match ask {
                Ask::Create(run, objects, tenant) => {
                    let made = asker.patiently(|| asker.create(&objects, &tenant)).await;
                    Some(Event::Created(run, made))
                }
                Ask::Resume(namespace, names) => {
                    let refused = asker.patiently(|| asker.resume(&namespace, &names)).await.err();
                    refused.map(|told| Event::Trouble(format!("a Job cannot be let go on: {told}")))
                }
                Ask::End(namespace, names, wait) => Some(match asker.patiently(|| asker.end(&namespace, &names, wait)).await {
                    Ok(gone) => Event::Gone(gone),
                    Err(told) => Event::Trouble(format!("a Job cannot be removed: {told}")),
                }),
                Ask::Check(namespace, names) => asker.patiently(|| asker.missing(&namespace, &names)).await.ok().map(Event::Gone),
                Ask::Follow { run, rank, uid, namespace, pod, path } => {
                    asker.follow(&namespace, &pod, &path).await;
                    Some(Event::Logged(run, rank, uid))
                }
                Ask::Explain(run, namespace, about) => {
                    let told = asker.explain(&namespace, &about).await.ok().flatten();
                    Some(Event::Explained(run, told))
                }
                Ask::Sleep(node) => Some(switched(asker.put_to_sleep(&node).await, node)),
                Ask::Wake(node) => Some(switched(asker.switch(&node, |switches| &switches.on).await, node)),
                Ask::Rise(node) => Some(switched(asker.barred(&node, None).await, node)),
            };
            if let Some(event) = event {
                let _ = asker.inbox.send(event);
            }
        });
    }

    /// Repeats what may succeed next time.
    async fn patiently<T>(&self, ask: impl AsyncFn() -> Result<T, Fault>) -> Result<T, String> {
        let mut pause = Duration::from_millis(200);
        loop {
            let answered = {
                let _permit = self.asking.acquire().await;
                ask().await
            };
            match answered {
                Ok(answer) => return Ok(answer),
                Err(Fault::Refused(told)) => return Err(told),
                Err(Fault::Again(told)) => {
                    let _ = self.inbox.send(Event::Trouble(told));
                    sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(10));
                }
            }
        }
    }

    pub(super) async fn create(&self, objects: &Objects, tenant: &str) -> Result<(), Fault> {
        self.prepare(&objects.namespace, tenant).await?;
        let params = PostParams { field_manager: Some(MANAGER.to_owned()), ..PostParams::default() };
        let jobs: Api<Job> = self.api(&objects.namespace);
        let mut owner = None;
        for job in &objects.jobs {
            let name = job.metadata.name.as_deref().unwrap_or_default();
            let made = answer(async {
                match jobs.create(&params, job).await {
                    // An earlier try came through.
                    Err(error) if exists(&error) => jobs.get(name).await,
                    answer => answer,
                }
            });
            let made = match made.await {
                Err(Fault::Refused(told)) if told.contains("namespaces") && told.contains("not found") => {
                    self.ready.lock().await.remove(&objects.namespace);
                    return Err(Fault::Again(told));
                }
                answer => answer?,
            };
            owner.get_or_insert(made);
        }
        let (Some(service), Some(owner)) = (&objects.service, owner) else { return Ok(()) };
        // It goes with the Job, whoever removes it.
        let mut service = service.clone();
        let reference =
            json!([{"apiVersion": "batch/v1", "kind": "Job", "name": owner.metadata.name, "uid": owner.metadata.uid}]);
        service.metadata.owner_references = serde_json::from_value(reference).ok();
        let services: Api<Service> = self.api(&objects.namespace);
        answer(async { made(services.create(&params, &service).await) }).await
    }

    /// Makes a tenant's namespace as it should be, once.
    async fn prepare(&self, namespace: &str, tenant: &str) -> Result<(), Fault> {
        let mut ready = self.ready.lock().await;
        if ready.contains(namespace) {
            return Ok(());
        }
        let apply = PatchParams::apply(MANAGER).force();
        if self.options.namespace.is_none() {
            let namespaces: Api<Namespace> = Api::all(self.client.clone());
            let object = launch::namespace_object(namespace, tenant);
            answer(async { made(namespaces.create(&PostParams::default(), &object).await) }).await?;
            let quotas: Api<ResourceQuota> = self.api(namespace);
            answer(quotas.patch("shugu", &apply, &Patch::Apply(launch::quota(namespace, &self.options)))).await?;
            let policies: Api<NetworkPolicy> = self.api(namespace);
            answer(policies.patch("shugu", &apply, &Patch::Apply(launch::isolation(namespace)))).await?;
        }
        if let Some(queue) = &self.options.queue {
            let (kind, _) = self.kueue("LocalQueue").await?;
            let mut object = launch::local_queue(namespace, queue);
            object["apiVersion"] = kind.api_version.clone().into();
            object["kind"] = kind.kind.clone().into();
            let queues: Api<DynamicObject> = Api::namespaced_with(self.client.clone(), namespace, &kind);
            answer(queues.patch(launch::LOCAL_QUEUE, &apply, &Patch::Apply(object))).await?;
        }
        ready.insert(namespace.to_owned());
        Ok(())
    }

    /// A kind of Kueue's, in the version that the cluster prefers.
    async fn kueue(&self, kind: &str) -> Result<(kube::discovery::ApiResource, kube::discovery::ApiCapabilities), Fault> {
        let group = answer(kube::discovery::group(&self.client, "kueue.x-k8s.io")).await;
        let group = group.map_err(|fault| Fault::Again(format!("Kueue is not found in the cluster: {fault}")))?;
        group.recommended_kind(kind).ok_or_else(|| Fault::Again(format!("the cluster's Kueue has no {kind}")))
    }

    async fn resume(&self, namespace: &str, names: &[String]) -> Result<(), Fault> {
        let jobs: Api<Job> = self.api(namespace);
        for name in names {
            let go = Patch::Merge(json!({"spec": {"suspend": false}}));
            let gone = |error: &kube::Error| code(error) == 404;
            let patched = answer(async {
                match jobs.patch(name, &PatchParams::default(), &go).await {
                    Err(error) if gone(&error) => Ok(()),
                    answer => answer.map(|_| ()),
                }
            });
            patched.await?;
        }
        Ok(())
    }

    async fn missing(&self, namespace: &str, names: &[String]) -> Result<Vec<String>, Fault> {
        let jobs: Api<Job> = self.api(namespace);
        let mut missing = Vec::new();
        for name in names {
            if answer(jobs.get_opt(name)).await?.is_none() {
                missing.push(name.clone());
            }
        }
        Ok(missing)
    }

    /// Removes Jobs, and tells which of them are not there any more.
    async fn end(&self, namespace: &str, names: &[String], wait: bool) -> Result<Vec<String>, Fault> {
        let jobs: Api<Job> = self.api(namespace);
        let params = if wait { DeleteParams::foreground() } else { DeleteParams::background() };
        let mut gone = Vec::new();
        for name in names {
            let there = answer(async {
                match jobs.delete(name, &params).await {
                    Err(error) if code(&error) == 404 => Ok(false),
                    answer => answer.map(|_| true),
                }
            });
            if !there.await? {
                gone.push(name.clone());
            }
        }
        Ok(gone)
    }

    /// Removes everything that this agent ever made here.
    pub(super) async fn end_all(&self, mark: &str) -> Result<(), Fault> {
        let own = ListParams::default().labels(&format!("{}={mark}", launch::AGENT));
        let all: Api<Job> = match &self.options.namespace {
            Some(namespace) => self.api(namespace),
            None => Api::all(self.client.clone()),
        };
        for job in answer(all.list(&own)).await? {
            let (namespace, name) = (job.metadata.namespace.unwrap_or_default(), job.metadata.name.unwrap_or_default());
            self.end(&namespace, &[name], false).await?;
        }
        Ok(())
    }

    /// Lets no more pods onto a node, as it sleeps since then, or lets them again.
    async fn bar(&self, name: &str, asleep: Option<Time>) -> Result<(), Fault> {
        let nodes: Api<Node> = Api::all(self.client.clone());
        let node = answer(nodes.get(name)).await?;
        let own = node.metadata.annotations.is_some_and(|notes| notes.contains_key(ASLEEP));
        let cordoned = node.spec.and_then(|spec| spec.unschedulable).unwrap_or(false);
        if cordoned && !own {
            return Err(Fault::Refused("somebody else has cordoned it".to_owned()));
        }
        // Nothing, where somebody changed it meanwhile.
        let change = json!({
            "metadata": {"resourceVersion": node.metadata.resource_version, "annotations": {ASLEEP: asleep.map(|at| at.to_string())}},
            "spec": {"unschedulable": asleep.is_some()},
        });
        answer(nodes.patch(name, &PatchParams::default(), &Patch::Merge(change))).await.map(|_| ())
    }

    async fn barred(&self, name: &str, asleep: Option<Time>) -> Result<(), Fault> {
        self.patiently(|| self.bar(name, asleep)).await.map_err(Fault::Refused)
    }

    /// Puts a node to sleep, or leaves it as it was.
    async fn put_to_sleep(&self, name: &str) -> Result<(), Fault> {
        self.barred(name, Some(crate::clock::now())).await?;
        let asleep = async {
            // What the scheduler had given to it before is seen by then.
            sleep(BARRED_FOR).await;
            let pods: Api<Pod> = Api::all(self.client.clone());
            let there = ListParams::default().fields(&format!("spec.nodeName={name}"));
            let there = answer(pods.list(&there)).await?;
            match there.iter().filter_map(read::holding).any(|holding| !holding.service) {
                true => Err(Fault::Refused("pods came onto it meanwhile".to_owned())),
                false => self.switch(name, |switches| &switches.off).await,
            }
        };
        let asleep = asleep.await;
        if asleep.is_err() {
            self.barred(name, None).await?;
        }
        asleep
    }

    /// Has a program of the provider's switch a node.
    async fn switch(&self, node: &str, which: impl Fn(&Switches) -> &PathBuf) -> Result<(), Fault> {
        let Some(program) = self.options.switches.as_ref().map(which) else { return Ok(()) };
        let mut command = tokio::process::Command::new(program);
        command.arg(node).stdin(std::process::Stdio::null()).kill_on_drop(true);
        let failed = |told: &str| Fault::Refused(format!("{} {node}: {told}", program.display()));
        let _permit = self.asking.acquire().await;
        let ended = timeout(SWITCHED_WITHIN, command.output()).await;
        let ended = ended.map_err(|_| failed(&format!("it ran for {} s and was ended", SWITCHED_WITHIN.as_secs())))?;
        let ended = ended.map_err(|error| failed(&error.to_string()))?;
        let told = String::from_utf8_lossy(&ended.stderr).lines().last().unwrap_or_default().trim().to_owned();
        match ended.status.success() {
            true => Ok(()),
            false => Err(failed(&format!("{}{}{told}", ended.status, if told.is_empty() { "" } else { ": " }))),
        }
    }

    /// Reads what a replica writes until it is over. After a break it goes on where it was: what is there is skipped.
    async fn follow(&self, namespace: &str, name: &str, path: &PathBuf) {
        let _permit = self.reading.acquire().await;
        let pods: Api<Pod> = self.api(namespace);
        let (mut pause, mut tries) = (Duration::from_millis(200), 0);
        let size = || std::fs::metadata(path).map_or(0, |data| data.len());
        loop {
            let before = size();
            let heard = self.read(&pods, name, path).await;
            match answer(pods.get_opt(name)).await {
                Ok(None) => return,
                Ok(Some(pod)) => {
                    if let read::Progress::Over { .. } = read::progress(&pod) {
                        tries += 1;
                        // Its node does not give it any more.
                        if heard.is_ok() || tries > READ_TRIES {
                            return;
                        }
                    }
                }
                Err(_) => {}
            }
            sleep(pause).await;
            pause = if size() > before { Duration::from_millis(200) } else { (pause * 2).min(Duration::from_secs(10)) };
        }
    }

    async fn read(&self, pods: &Api<Pod>, name: &str, path: &PathBuf) -> Result<(), Fault> {
        let params = LogParams { container: Some(CONTAINER.to_owned()), follow: true, ..LogParams::default() };
        let mut stream = Box::pin(answer(pods.log_stream(name, &params)).await?);
        let broken = |error: std::io::Error| Fault::Again(error.to_string());
        let mut file = OpenOptions::new().create(true).append(true).open(path).map_err(broken)?;
        let mut skip = file.metadata().map_err(broken)?.len();
        loop {
            let silent = |_| Fault::Again("the stream is silent".to_owned());
            let bytes = timeout(SILENT_MOST, stream.fill_buf()).await.map_err(silent)?.map_err(broken)?;
            if bytes.is_empty() {
                return Ok(());
            }
            let known = usize::try_from(skip).unwrap_or(usize::MAX).min(bytes.len());
            file.write_all(&bytes[known..]).map_err(broken)?;
            skip -= known as u64;
            let read = bytes.len();
            stream.as_mut().consume(read);
        }
    }

    /// What the cluster last warned of about an object, or what Kueue says of a Job.
    async fn explain(&self, namespace: &str, about: &About) -> Result<Option<String>, Fault> {
        match about {
            About::Object(name) => {
                let events: Api<Told> = self.api(namespace);
                let own = ListParams::default().fields(&format!("involvedObject.name={name}"));
                let list = answer(events.list(&own)).await?;
                let warnings = list.items.into_iter().filter(|event| event.type_.as_deref() == Some("Warning"));
                let when = |event: &Told| {
                    let micro = event.event_time.as_ref().map(|time| time.0);
                    event.last_timestamp.as_ref().map(|time| time.0).or(micro)
                };
                Ok(warnings.max_by_key(when).and_then(|event| event.message))
            }
            About::Workload(name) => {
                let (kind, _) = self.kueue("Workload").await?;
                let workloads: Api<DynamicObject> = Api::namespaced_with(self.client.clone(), namespace, &kind);
                let list = answer(workloads.list(&ListParams::default())).await?;
                let owned =
                    |object: &DynamicObject| object.metadata.owner_references.iter().flatten().any(|owner| owner.name == *name);
                let own = list.items.into_iter().find(owned);
                let conditions = own.and_then(|own| own.data["status"]["conditions"].as_array().cloned()).unwrap_or_default();
                let waits = conditions.into_iter().find(|one| one["type"] == "QuotaReserved" && one["status"] == "False");
                Ok(waits.and_then(|one| one["message"].as_str().map(|told| format!("Kueue: {told}"))))
            }
        }
    }
}
