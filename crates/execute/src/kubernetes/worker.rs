//! Every attempt that the cluster has, from its creation to its end. `State` decides and asks nothing by itself, so that what it
//! makes of the cluster's news can be tested as values; `serve` listens to the cluster and does what is decided.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::{Duration, Instant, SystemTime};

use futures_util::StreamExt;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1 as core;
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, ResourceExt};
use measure::{JobId, Span, Time};
use serde::de::DeserializeOwned;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::asking::{About, Ask, Asker, words};
use super::listing::{Change, Listed, Listing};
use super::read::{self, Progress, Trouble};
use super::room::Room;
use super::run::{PodSeen, Run, Stage, Why};
use super::sleep::Sleep;
use super::{Options, launch};
use crate::folder::{job_folder, output_path, run_of};
use crate::reconcile::SeenReplica;
use crate::site::{News, Order};
use crate::wire::{Stream, WantedJob, WantedReplica, at_site};

/// Between two looks at what time alone changes.
const TICK: Duration = Duration::from_millis(250);
/// What waits at the cluster for so long is told with its reason.
const TOLD_AFTER: Duration = Duration::from_secs(2);
/// How long an attempt waits at the cluster for nodes that others took, for a scheduler that finds none, and for Kueue.
const PATIENCE: Duration = Duration::from_secs(5);
const UNSCHEDULED_PATIENCE: Duration = Duration::from_secs(30);
const QUEUE_PATIENCE: Duration = Duration::from_secs(60);
/// How long an image that cannot be pulled and a container that cannot be made are tried again.
const PULL_PATIENCE: Duration = Duration::from_secs(60);
const CONTAINER_PATIENCE: Duration = Duration::from_secs(30);
/// Between two explanations of the same, and between two tries to end or resume what does not.
const EXPLAINED_EVERY: Duration = Duration::from_secs(10);
const AGAIN: Duration = Duration::from_secs(30);
/// After a pod should have ended on a node that tells nothing, it is taken for lost with it.
const SILENT_PATIENCE: Duration = Duration::from_secs(10);

/// The job of an attempt, from before it is made until it is forgotten; that the cluster took it; why it was ended.
const ATTEMPT: &str = "attempt.json";
const TAKEN: &str = "taken";
const STOP: &str = "stop.json";

/// What the worker hears.
pub(super) enum Event {
    /// The channel is closed when they are followed.
    Orders(Vec<Order>, std::sync::mpsc::Sender<()>),
    Node(Box<watcher::Event<core::Node>>),
    Pod(Box<watcher::Event<core::Pod>>),
    Job(Box<watcher::Event<Job>>),
    /// An attempt's objects were made, or can never be.
    Created(JobId, Result<(), String>),
    /// Everything that a replica wrote is read.
    Logged(JobId, u32, String),
    Explained(JobId, Option<String>),
    /// A node was put to sleep or woken, or could not be, and why.
    Switched(String, Result<(), String>),
    /// Jobs of these names are not there.
    Gone(Vec<String>),
    /// The cluster cannot be asked.
    Trouble(String),
}

/// What is decided.
#[derive(Debug)]
pub(super) enum Out {
    Tell(News),
    Ask(Ask),
    /// Remove everything, then tell that it is done.
    Quit(std::sync::mpsc::Sender<()>),
}

fn clock() -> Time {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// See the module.
pub(super) struct State {
    folder: PathBuf,
    options: Options,
    mark: String,
    grace: Span,
    fresh: bool,
    room: Room,
    sleep: Sleep,
    pod_list: Listing,
    job_list: Listing,
    /// The hub's pods and Jobs, by their uid.
    own_pods: HashMap<String, (JobId, u32)>,
    own_jobs: HashMap<String, (JobId, String)>,
    /// Jobs that are being removed because they are told and forgotten.
    leaving: BTreeSet<String>,
    /// Before everything is listed, what is the hub's own.
    early: Option<(Vec<Job>, Vec<core::Pod>)>,
    runs: BTreeMap<JobId, Run>,
    /// What went wrong last, so that it is said once.
    trouble: Option<String>,
    pub(super) out: Vec<Out>,
}

impl State {
    pub(super) fn new(folder: &Path, options: &Options, mark: &str, grace: Span, fresh: bool) -> State {
        State {
            folder: folder.to_owned(),
            options: options.clone(),
            mark: mark.to_owned(),
            grace,
            fresh,
            room: Room::default(),
            sleep: Sleep::default(),
            pod_list: Listing::default(),
            job_list: Listing::default(),
            own_pods: HashMap::new(),
            own_jobs: HashMap::new(),
            leaving: BTreeSet::new(),
            early: Some((Vec::new(), Vec::new())),
            runs: BTreeMap::new(),
            trouble: None,
            out: Vec::new(),
        }
    }

    fn tell(&mut self, news: News) {
        self.out.push(Out::Tell(news));
    }

    /// Tells what there is, and what others hold of it, where that changed.
    fn tell_room(&mut self) {
        let news = self.room.news();
        self.out.extend(news.into_iter().map(Out::Tell));
    }

    fn ask(&mut self, ask: Ask) {
        self.out.push(Out::Ask(ask));
    }

    /// Takes an event over.
    pub(super) fn hear(&mut self, event: Event) {
        let watched = matches!(event, Event::Node(_) | Event::Pod(_) | Event::Job(_));
        match event {
            Event::Orders(orders, done) => {
                let quits = orders.iter().any(|order| matches!(order, Order::Quit));
                orders.into_iter().for_each(|order| self.follow(order));
                if quits {
                    self.out.push(Out::Quit(done));
                }
            }
            Event::Node(event) => self.room.hear(*event, &self.options),
            Event::Pod(event) => self.hear_pod(*event),
            Event::Job(event) => self.hear_job(*event),
            Event::Created(id, made) => self.created(id, made),
            Event::Logged(id, rank, uid) => {
                if let Some(pod) = self.runs.get_mut(&id).and_then(|run| run.pods.get_mut(&rank)).filter(|pod| pod.uid == uid) {
                    pod.logged = true;
                }
                self.look_at(id);
            }
            Event::Explained(id, told) => self.explained(id, told),
            Event::Switched(node, switched) => {
                self.sleep.done(&node);
                if let Err(told) = switched {
                    tracing::warn!(node, fault = told, "a node is not switched; it is tried again");
                }
            }
            Event::Gone(names) => self.not_there(&names),
            Event::Trouble(told) => {
                if self.trouble.as_ref() != Some(&told) {
                    tracing::warn!(fault = told, "the cluster does not do as it is asked; it is asked again");
                    self.trouble = Some(told);
                }
            }
        }
        if watched && self.trouble.take().is_some() {
            tracing::info!("the cluster answers again");
        }
        if self.early.is_some() && self.room.known() && self.pod_list.known && self.job_list.known {
            self.begin();
        }
    }

    fn is_own(&self, object: &impl ResourceExt) -> Option<JobId> {
        let labels = object.labels();
        let own = labels.get(launch::AGENT) == Some(&self.mark);
        labels.get(launch::RUN).filter(|_| own).and_then(|label| launch::run_of_label(label))
    }

    fn hear_pod(&mut self, event: watcher::Event<core::Pod>) {
        match self.pod_list.take(event) {
            Change::Is(pod) => self.pod(&pod, false),
            Change::IsNot(pod) => self.pod(&pod, true),
            Change::Listed(Listed { uids, .. }) => {
                if let Some((_, pods)) = &mut self.early {
                    pods.retain(|pod| pod.uid().is_some_and(|uid| uids.contains(&uid)));
                }
                self.room.keep(&uids);
                let gone: Vec<String> = self.own_pods.keys().filter(|uid| !uids.contains(*uid)).cloned().collect();
                for uid in gone {
                    self.pod_gone(&uid);
                }
            }
            Change::Nothing => {}
        }
    }

    fn pod(&mut self, pod: &core::Pod, gone: bool) {
        let uid = pod.uid().unwrap_or_default();
        let own = self.is_own(pod);
        if let (Some(_), Some((_, pods))) = (own, &mut self.early) {
            pods.retain(|known| known.uid().as_ref() != Some(&uid));
            if !gone {
                pods.push(pod.clone());
            }
            return;
        }
        match own.zip(read::rank(pod)).filter(|(id, _)| self.runs.contains_key(id)) {
            Some((id, rank)) => self.own_pod(id, rank, uid, pod, gone),
            None => {
                let holding = read::holding(pod).filter(|_| !gone);
                self.room.hold(uid, holding);
            }
        }
    }

    fn own_pod(&mut self, id: JobId, rank: u32, uid: String, pod: &core::Pod, gone: bool) {
        let Some(run) = self.runs.get_mut(&id) else { return };
        let progress = read::progress(pod);
        run.began |= matches!(progress, Progress::Running(_) | Progress::Over { since: Some(_), .. });
        self.room.hold(uid.clone(), None);
        let seen = match run.pods.get_mut(&rank) {
            Some(seen) if seen.uid == uid => seen,
            Some(seen) => {
                // What a replica's first pod came to is what counts; the rest ends with the Job.
                tracing::warn!(job = %run.job.job, rank, first = seen.name, second = pod.name_any(), "the cluster made a second pod for a replica");
                return;
            }
            None => run.pods.entry(rank).or_insert(PodSeen {
                uid: uid.clone(),
                name: pod.name_any(),
                node: None,
                progress: Progress::Waiting(None),
                deleting: None,
                gone: None,
                followed: false,
                logged: false,
                since: Instant::now(),
            }),
        };
        self.own_pods.insert(uid.clone(), (id, rank));
        seen.node = pod.spec.as_ref().and_then(|spec| spec.node_name.clone());
        if pod.metadata.deletion_timestamp.is_some() {
            seen.deleting.get_or_insert_with(Instant::now);
        }
        let kind = |progress: &Progress| match progress {
            Progress::Waiting(trouble) => trouble.as_ref().map(std::mem::discriminant).map_or(0, |_| match trouble {
                Some(Trouble::Unscheduled(_)) => 1,
                Some(Trouble::Container(_)) => 2,
                _ => 3,
            }),
            Progress::Running(_) => 4,
            Progress::Over { .. } => 5,
        };
        if !matches!(seen.progress, Progress::Over { .. }) {
            if kind(&seen.progress) != kind(&progress) {
                seen.since = Instant::now();
            }
            // What failed without a word of its program ran as long as it was seen to.
            seen.progress = match (&seen.progress, progress) {
                (Progress::Running(since), Progress::Over { since: None, at, end: end @ dispatch::End::Lost(_) }) => {
                    Progress::Over { since: Some(*since), at, end }
                }
                (_, progress) => progress,
            };
        }
        if gone {
            self.pod_gone(&uid);
        } else {
            self.look_at(id);
        }
    }

    fn pod_gone(&mut self, uid: &str) {
        let Some((id, rank)) = self.own_pods.remove(uid) else { return };
        if let Some(pod) = self.runs.get_mut(&id).and_then(|run| run.pods.get_mut(&rank)).filter(|pod| pod.uid == uid) {
            pod.gone.get_or_insert_with(Instant::now);
        }
        self.look_at(id);
    }

    fn hear_job(&mut self, event: watcher::Event<Job>) {
        match self.job_list.take(event) {
            Change::Is(job) => match &mut self.early {
                Some((jobs, _)) => {
                    jobs.retain(|known| known.uid() != job.uid());
                    jobs.push(job);
                }
                None => self.job(&job),
            },
            Change::IsNot(job) => {
                if let Some((jobs, _)) = &mut self.early {
                    jobs.retain(|known| known.uid() != job.uid());
                }
                self.job_gone(&job.uid().unwrap_or_default());
            }
            Change::Listed(Listed { uids, names }) => {
                if let Some((jobs, _)) = &mut self.early {
                    jobs.retain(|job| job.uid().is_some_and(|uid| uids.contains(&uid)));
                }
                self.leaving.retain(|uid| uids.contains(uid));
                let gone: Vec<String> = self.own_jobs.keys().filter(|uid| !uids.contains(*uid)).cloned().collect();
                gone.iter().for_each(|uid| self.job_gone(uid));
                // What was made and removed while nobody could hear was never seen; what was made just now may not be listed yet.
                let taken = self.runs.values().filter(|run| run.stage == Stage::There);
                let unseen = taken.map(|run| {
                    let parts = run.parts.iter().map(|part| part.name.clone());
                    (run.namespace.clone(), parts.filter(|name| !names.contains(name) && !run.gone.contains(name)).collect())
                });
                let unseen: Vec<(String, Vec<String>)> =
                    unseen.filter(|(_, names): &(_, Vec<String>)| !names.is_empty()).collect();
                unseen.into_iter().for_each(|(namespace, names)| self.ask(Ask::Check(namespace, names)));
            }
            Change::Nothing => {}
        }
    }

    fn job(&mut self, job: &Job) {
        let Some(id) = self.is_own(job) else { return };
        let (uid, name, seen) = (job.uid().unwrap_or_default(), job.name_any(), read::job(job));
        let Some(run) = self.runs.get_mut(&id) else {
            if !seen.deleting && !self.leaving.contains(&uid) {
                tracing::warn!(name, "the cluster has a Job that nobody wants; it is removed");
                self.ask(Ask::End(seen.namespace, vec![name], false));
            }
            return;
        };
        if seen.started && !seen.suspended {
            run.let_go.insert(name.clone());
        }
        run.gone.remove(&name);
        run.jobs.insert(name.clone(), seen);
        if run.jobs.len() == run.parts.len() && !run.suspended() {
            run.resumed.get_or_insert_with(Instant::now);
        }
        self.own_jobs.insert(uid, (id, name));
        self.look_at(id);
    }

    fn job_gone(&mut self, uid: &str) {
        self.leaving.remove(uid);
        let Some((id, name)) = self.own_jobs.remove(uid) else { return };
        if let Some(run) = self.runs.get_mut(&id) {
            // What it came to is remembered.
            if run.jobs.get(&name).is_none_or(|job| !job.complete && job.failed.is_none()) {
                run.jobs.remove(&name);
            }
            run.gone.insert(name);
        }
        self.look_at(id);
    }

    /// Everything is listed: attempts of before are what their folders and the cluster say.
    fn begin(&mut self) {
        let (jobs, pods) = self.early.take().unwrap_or_default();
        let there: BTreeSet<String> = jobs.iter().filter(|job| self.is_own(*job).is_some()).map(ResourceExt::name_any).collect();
        for entry in fs::read_dir(self.folder.join("jobs")).into_iter().flatten().flatten() {
            let Some(id) = entry.file_name().to_str().and_then(run_of) else { continue };
            let own = entry.path();
            let job: WantedJob = match recalled(&own.join(ATTEMPT)) {
                Ok(Some(job)) => job,
                Ok(None) => continue,
                Err(error) => {
                    tracing::warn!(%error, folder = %own.display(), "an attempt cannot be read; it is left aside");
                    continue;
                }
            };
            let parts = launch::parts(&self.mark, &job, self.options.queue.is_some());
            let missing: BTreeSet<String> =
                parts.iter().map(|part| part.name.clone()).filter(|name| !there.contains(name)).collect();
            let taken = own.join(TAKEN).exists();
            if !taken && missing.len() == parts.len() {
                // Never made. If it is wanted it will be, under the same name, should the cluster make it yet.
                let _ = fs::remove_file(own.join(ATTEMPT));
                continue;
            }
            let stage = if taken { Stage::There } else { Stage::Creating };
            let mut run = Run::new(job, String::new(), parts, stage);
            run.namespace = launch::namespace(&self.options, &run.job.tenant);
            run.stop = recalled(&own.join(STOP)).ok().flatten();
            if taken {
                run.gone = missing;
            }
            self.runs.insert(id, run);
            if !taken {
                self.create(id);
            }
        }
        jobs.iter().for_each(|job| self.job(job));
        pods.iter().for_each(|pod| self.pod(pod, false));
        for id in self.runs.keys().copied().collect::<Vec<JobId>>() {
            self.look_at(id);
        }
        self.tell_room();
        let fresh = self.fresh;
        self.tell(News::Listed { fresh });
    }

    fn follow(&mut self, order: Order) {
        match order {
            Order::Launch(jobs) => jobs.into_iter().for_each(|job| self.launch(job)),
            // A container is told to end by TERM; no other signal reaches it from outside.
            Order::Stop(id, _) | Order::Notify(id, ..) => self.stop(id, Why::Asked),
            Order::Forget(ids) => {
                for id in ids {
                    let own = job_folder(&self.folder, id);
                    if let Some(run) = self.runs.remove(&id) {
                        let names = run
                            .parts
                            .iter()
                            .map(|part| part.name.clone())
                            .filter(|name| !run.gone.contains(name))
                            .collect::<Vec<_>>();
                        self.own_pods.retain(|_, (of, _)| *of != id);
                        let own = self.own_jobs.extract_if(|_, (of, _)| *of == id);
                        self.leaving.extend(own.map(|(uid, _)| uid));
                        if !names.is_empty() {
                            self.ask(Ask::End(run.namespace, names, false));
                        }
                    }
                    for file in [ATTEMPT, TAKEN, STOP] {
                        let _ = fs::remove_file(own.join(file));
                    }
                }
            }
            Order::Sleep(nodes) => self.sleep.want(nodes),
            Order::Doubt | Order::Sure | Order::Quit => {}
        }
    }

    fn launch(&mut self, job: WantedJob) {
        let id = at_site(job.job, job.attempt);
        if self.runs.contains_key(&id) {
            return;
        }
        let own = job_folder(&self.folder, id);
        let namespace = launch::namespace(&self.options, &job.tenant);
        let parts = launch::parts(&self.mark, &job, self.options.queue.is_some());
        let written = fs::create_dir_all(&own).and_then(|()| remember(&own.join(ATTEMPT), &job));
        self.runs.insert(id, Run::new(job, namespace, parts, Stage::Creating));
        match written {
            Ok(()) => self.create(id),
            Err(error) => self.created(id, Err(format!("the agent cannot write in {}: {error}", own.display()))),
        }
    }

    fn create(&mut self, id: JobId) {
        let run = &self.runs[&id];
        let resource = |replica: &WantedReplica| {
            let resource = self.room.node(&replica.node)?.resource.clone()?;
            Some((replica.node.clone(), resource))
        };
        let resources: BTreeMap<String, String> = run.job.replicas.iter().filter_map(resource).collect();
        let bare = |replica: &WantedReplica| !replica.devices.is_empty() && !resources.contains_key(&replica.node);
        if run.job.replicas.iter().any(bare) {
            // Its node has no devices now, or is not there: without asking for them it would run beside who holds them.
            return self.not_made(id, Why::PlaceTaken);
        }
        let objects = launch::objects(&run.job, &self.mark, &self.options, &resources, self.grace);
        let tenant = run.job.tenant.clone();
        self.ask(Ask::Create(id, Box::new(objects), tenant));
    }

    fn created(&mut self, id: JobId, made: Result<(), String>) {
        let Some(run) = self.runs.get_mut(&id) else { return };
        (run.stage, run.taken) = (Stage::There, Instant::now());
        match made {
            Ok(()) => {
                if let Err(error) = fs::write(job_folder(&self.folder, id).join(TAKEN), "") {
                    tracing::warn!(%error, "that the cluster took a job cannot be written down");
                }
            }
            // What a quota holds back may go another time.
            Err(told) if told.contains("exceeded quota") => return self.not_made(id, Why::PlaceTaken),
            Err(told) => return self.not_made(id, Why::NotStarted(told)),
        }
        self.look_at(id);
    }

    /// An attempt's objects were not made, or not all of them.
    fn not_made(&mut self, id: JobId, why: Why) {
        let Some(run) = self.runs.get_mut(&id) else { return };
        (run.stage, run.taken) = (Stage::There, Instant::now());
        let names: Vec<String> = run.parts.iter().map(|part| part.name.clone()).collect();
        run.gone = names.iter().filter(|name| !run.jobs.contains_key(*name)).cloned().collect();
        // Of several Jobs some may have been made, whether that was heard of or not.
        let namespace = run.namespace.clone();
        self.ask(Ask::End(namespace, names, false));
        self.stop(id, why);
    }

    /// The cluster has no Jobs of these names, of attempts that it had taken.
    fn not_there(&mut self, names: &[String]) {
        let of = |(id, run): (&JobId, &Run)| {
            let own = run.parts.iter().any(|part| names.contains(&part.name));
            (own && run.stage == Stage::There).then_some(*id)
        };
        for id in self.runs.iter().filter_map(of).collect::<Vec<JobId>>() {
            let Some(run) = self.runs.get_mut(&id) else { continue };
            let gone: Vec<String> = run.parts.iter().map(|part| part.name.clone()).filter(|name| names.contains(name)).collect();
            for name in gone {
                if run.jobs.get(&name).is_none_or(|job| !job.complete && job.failed.is_none()) {
                    run.jobs.remove(&name);
                }
                run.gone.insert(name);
            }
            self.look_at(id);
        }
    }

    fn stop(&mut self, id: JobId, why: Why) {
        let Some(run) = self.runs.get_mut(&id).filter(|run| run.stage != Stage::Over && run.stop.is_none()) else { return };
        if why != Why::Asked {
            tracing::info!(job = %run.job.job, ?why, "an attempt is ended");
        }
        if let Err(error) = remember(&job_folder(&self.folder, id).join(STOP), &why) {
            tracing::warn!(%error, "why a job is ended cannot be written down");
        }
        run.stop = Some(why);
        self.look_at(id);
    }

    /// What is to be done and told about an attempt.
    fn look_at(&mut self, id: JobId) {
        let (now, clock) = (Instant::now(), clock());
        let Some(run) = self.runs.get_mut(&id) else { return };
        if run.stage == Stage::Over {
            return;
        }
        let mut out = Vec::new();
        if run.stage == Stage::There && run.stop.is_some() && run.stopped.is_none_or(|told| told + AGAIN <= now) {
            let names: Vec<String> =
                run.parts.iter().map(|part| part.name.clone()).filter(|name| !run.gone.contains(name)).collect();
            if !names.is_empty() {
                run.stopped = Some(now);
                out.push(Out::Ask(Ask::End(run.namespace.clone(), names, true)));
            }
        }
        for (rank, pod) in &mut run.pods {
            let writes = matches!(pod.progress, Progress::Running(_) | Progress::Over { since: Some(_), .. });
            if writes && !pod.followed && pod.gone.is_none() {
                pod.followed = true;
                out.push(Out::Ask(Ask::Follow {
                    run: id,
                    rank: *rank,
                    uid: pod.uid.clone(),
                    namespace: run.namespace.clone(),
                    pod: pod.name.clone(),
                    path: output_path(&self.folder, id, *rank, Stream::Stdout),
                }));
            }
        }
        for rank in run.ranks() {
            let told = run.told.get(&rank);
            if matches!(told, Some(SeenReplica::Ended { .. })) {
                continue;
            }
            if let Some(seen) = run.replica(rank, clock, now).filter(|seen| told != Some(seen)) {
                run.told.insert(rank, seen.clone());
                out.push(Out::Tell(News::Seen(id, rank, seen)));
            }
        }
        let over = |seen: &SeenReplica| matches!(seen, SeenReplica::Ended { .. });
        if run.told.len() == run.job.replicas.len() && run.told.values().all(over) {
            run.stage = Stage::Over;
        }
        self.out.extend(out);
    }

    /// What time alone changes.
    pub(super) fn tick(&mut self) {
        if self.early.is_some() {
            return;
        }
        self.switch_nodes();
        self.tell_room();
        let live = self.runs.iter().filter(|(_, run)| run.stage == Stage::There).map(|(id, _)| *id);
        for id in live.collect::<Vec<JobId>>() {
            self.lose_with_nodes(id);
            if self.runs[&id].stop.is_none() {
                self.press_on(id);
            }
            self.look_at(id);
        }
    }

    /// Has nodes put to sleep that nobody works on, and those woken that work is for.
    fn switch_nodes(&mut self) {
        if self.options.switches.is_none() {
            return;
        }
        let live = self.runs.values().filter(|run| run.stage != Stage::Over);
        let taken = live.flat_map(|run| run.job.replicas.iter().map(|replica| replica.node.clone())).collect();
        let now = Instant::now();
        let asks = self.sleep.next(&self.room, &taken, clock(), now);
        self.room.note_lost(self.sleep.lost(now));
        asks.into_iter().for_each(|ask| self.ask(ask));
    }

    /// Whether an attempt waits for nodes that wake: what else it waits for counts from then on.
    fn waits_for_nodes(&mut self, id: JobId) -> bool {
        let Some(run) = self.runs.get_mut(&id).filter(|run| !run.began) else { return false };
        let mut nodes = run.job.replicas.iter().map(|replica| &replica.node);
        let Some(node) = nodes.find(|node| self.room.asleep(node).is_some()).cloned() else { return false };
        let now = Instant::now();
        run.taken = now;
        run.resumed = run.resumed.map(|_| now);
        run.pods.values_mut().for_each(|pod| pod.since = now);
        let lost = run.job.replicas.iter().any(|replica| self.room.is_lost(&replica.node));
        match lost {
            true => self.stop(id, Why::PlaceTaken),
            false => self.note(id, &format!("{node} was asleep and wakes")),
        }
        true
    }

    /// Pods that should have ended and whose node tells nothing are lost with it.
    fn lose_with_nodes(&mut self, id: JobId) {
        let Some(run) = self.runs.get_mut(&id) else { return };
        let grace = run.job.notice.map_or(self.grace, |notice| notice.grace);
        let patience = SILENT_PATIENCE + Duration::from_millis(grace.0.max(0).unsigned_abs());
        for pod in run.pods.values_mut().filter(|pod| pod.gone.is_none()) {
            let Some(deleting) = pod.deleting else { continue };
            let silent = |name: &String| self.room.node(name).is_none_or(|seen| seen.silent);
            let since = match pod.progress {
                Progress::Running(since) => Some(since),
                Progress::Waiting(_) => None,
                Progress::Over { .. } => continue,
            };
            if pod.node.as_ref().is_some_and(silent) && deleting + patience <= Instant::now() {
                let end = dispatch::End::Lost(dispatch::LostReason::NodeFailed);
                pod.progress = Progress::Over { since, at: Some(clock()), end };
                pod.logged = true;
            }
        }
    }

    /// What runs too long, waits in vain, or may go on.
    fn press_on(&mut self, id: JobId) {
        let now = Instant::now();
        let run = &self.runs[&id];
        let over_time = run.since().zip(run.job.time_limit).is_some_and(|(since, limit)| since + limit <= clock());
        if over_time {
            return self.stop(id, Why::OverTime);
        }
        if self.waits_for_nodes(id) {
            return;
        }
        let run = &self.runs[&id];
        let waited = now.saturating_duration_since(run.taken);
        let suspended = run.suspended();
        // While the cluster cannot be heard, what was last heard of it is no reason to give up.
        let sure = self.trouble.is_none();
        let given_up = if run.began { Why::NotLaunched } else { Why::PlaceTaken };
        if run.jobs.iter().any(|(name, job)| job.suspended && run.let_go.contains(name)) {
            // By Kueue, for other work, or by somebody: its pods end, and would be started a second time.
            return self.stop(id, if run.began { Why::BySite } else { Why::PlaceTaken });
        }
        let due = run.explained.is_none_or(|last| last + EXPLAINED_EVERY <= now) && waited >= TOLD_AFTER;
        if suspended {
            let explain = |run: &Run| Ask::Explain(id, run.namespace.clone(), About::Workload(run.parts[0].name.clone()));
            if self.options.queue.is_some() {
                let ask = due.then(|| explain(run));
                return match waited {
                    _ if waited > QUEUE_PATIENCE && sure => self.stop(id, given_up),
                    _ => self.explain(id, ask),
                };
            }
            if self.fits(id) {
                if run.resumed.is_none_or(|at| at + AGAIN <= now) {
                    let names = run.parts.iter().map(|part| part.name.clone()).collect();
                    let ask = Ask::Resume(run.namespace.clone(), names);
                    self.ask(ask);
                    if let Some(run) = self.runs.get_mut(&id) {
                        run.resumed = Some(now);
                    }
                }
            } else if waited > PATIENCE && sure {
                self.stop(id, given_up);
            }
            return;
        }
        let mut troubles: Vec<(Trouble, Duration)> = Vec::new();
        let (mut unexplained, mut missing) = (None, None);
        for rank in run.ranks() {
            match run.pods.get(&rank) {
                None => missing = missing.or(Some(rank)),
                Some(pod) => match (&pod.progress, pod.trouble()) {
                    (_, Some(trouble)) => troubles.push((trouble.clone(), now.saturating_duration_since(pod.since))),
                    (Progress::Waiting(_), None) => unexplained = Some(pod.name.clone()),
                    _ => {}
                },
            }
        }
        let stuck = troubles.iter().find_map(|(trouble, since)| match trouble {
            Trouble::NoImage(told) => Some(Why::NotStarted(told.clone())),
            Trouble::Pull(told) if *since > PULL_PATIENCE => Some(Why::NotStarted(told.clone())),
            Trouble::Container(told) if *since > CONTAINER_PATIENCE => Some(Why::NotStarted(told.clone())),
            Trouble::Unscheduled(_) if sure && (*since > UNSCHEDULED_PATIENCE || *since > PATIENCE && !self.fits(id)) => {
                Some(given_up.clone())
            }
            _ => None,
        });
        if let Some(why) = stuck {
            return self.stop(id, why);
        }
        if let Some((trouble, _)) = troubles.first()
            && waited >= TOLD_AFTER
        {
            let told = trouble.told().to_owned();
            return self.note(id, &told);
        }
        let part = |rank: u32| run.parts.iter().find(|part| part.ranks.contains(&rank)).map(|part| part.name.clone());
        let about = missing.and_then(part).or(unexplained);
        let ask = about.filter(|_| due).map(|name| Ask::Explain(id, run.namespace.clone(), About::Object(name)));
        let let_go = run.resumed.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        if missing.is_some() && let_go > UNSCHEDULED_PATIENCE && sure {
            // What a quota holds back may go another time; what the cluster's rules forbid never does.
            let told = run.note.clone();
            let never = !run.began && !told.is_empty() && !told.contains("exceeded quota");
            return self.stop(id, if never { Why::NotStarted(told) } else { given_up });
        }
        self.explain(id, ask);
    }

    fn explain(&mut self, id: JobId, ask: Option<Ask>) {
        let Some(ask) = ask else { return };
        if let Some(run) = self.runs.get_mut(&id) {
            run.explained = Some(Instant::now());
        }
        self.ask(ask);
    }

    fn explained(&mut self, id: JobId, told: Option<String>) {
        let runs = |pod: &PodSeen| matches!(pod.progress, Progress::Running(_));
        let waits = |run: &Run| run.pods.values().filter(|pod| runs(pod)).count() < run.job.replicas.len();
        let waits = self.runs.get(&id).is_some_and(|run| run.stage == Stage::There && run.stop.is_none() && waits(run));
        if let Some(told) = told.filter(|_| waits) {
            self.note(id, &told);
        }
    }

    fn note(&mut self, id: JobId, told: &str) {
        let Some(run) = self.runs.get_mut(&id).filter(|run| run.note != told) else { return };
        run.note = told.to_owned();
        self.tell(News::Noted(id, format!("Kubernetes has not started it: {told}")));
    }

    /// Whether an attempt's nodes have room for it beside what others hold and what else of the hub is there.
    fn fits(&self, id: JobId) -> bool {
        let wanted: BTreeSet<&String> = self.runs[&id].job.replicas.iter().map(|replica| &replica.node).collect();
        let there = |(other, run): &(&JobId, &Run)| **other == id || run.stage != Stage::Over && !run.suspended();
        let own = |name: &str| self.runs.iter().filter(there).map(|(_, run)| run.job.holds(name)).collect::<Vec<_>>();
        wanted.into_iter().all(|name| self.room.fits(name, own(name).into_iter()))
    }
}

/// Writes something down, whole or not at all.
fn remember(path: &Path, what: &impl serde::Serialize) -> io::Result<()> {
    let new = path.with_extension("new");
    fs::write(&new, serde_json::to_vec(what)?)?;
    fs::rename(&new, path)
}

fn recalled<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    match fs::read(path) {
        Ok(text) => Ok(Some(serde_json::from_slice(&text)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Listens to the cluster until the agent is gone.
#[expect(clippy::too_many_arguments, reason = "it is called once, by the thread that it is")]
pub(super) async fn serve(
    folder: &Path,
    options: &Options,
    mark: &str,
    grace: Span,
    fresh: bool,
    news: impl Fn(News) -> bool,
    inbox: UnboundedSender<Event>,
    mut events: UnboundedReceiver<Event>,
) {
    let client = match super::client(options).await {
        Ok(client) => client,
        Err(error) => {
            news(News::Gone(io::Error::other(words(&error))));
            return;
        }
    };
    let nodes = options.nodes.as_ref().map_or_else(watcher::Config::default, |labels| watcher::Config::default().labels(labels));
    watch(Api::all(client.clone()), nodes, inbox.clone(), Event::Node);
    watch(Api::all(client.clone()), watcher::Config::default(), inbox.clone(), Event::Pod);
    let jobs = match &options.namespace {
        Some(namespace) => Api::namespaced(client.clone(), namespace),
        None => Api::all(client.clone()),
    };
    let own = watcher::Config::default().labels(&format!("{}={mark}", launch::AGENT));
    watch(jobs, own, inbox.clone(), Event::Job);
    let asker = Asker::new(client, options, inbox);
    let mut state = State::new(folder, options, mark, grace, fresh);
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            event = events.recv() => match event {
                Some(event) => state.hear(event),
                None => return,
            },
            _ = ticks.tick() => state.tick(),
        }
        for out in std::mem::take(&mut state.out) {
            match out {
                Out::Tell(told) => {
                    if !news(told) {
                        return;
                    }
                }
                Out::Ask(ask) => asker.ask(ask),
                Out::Quit(done) => {
                    if let Err(fault) = asker.end_all(mark).await {
                        tracing::warn!(%fault, "Jobs that nobody wants could not be removed");
                    }
                    let _ = done.send(());
                }
            }
        }
    }
}

fn watch<K>(api: Api<K>, config: watcher::Config, inbox: UnboundedSender<Event>, told: fn(Box<watcher::Event<K>>) -> Event)
where
    K: kube::Resource + Clone + DeserializeOwned + std::fmt::Debug + Send + 'static,
{
    tokio::task::spawn_local(async move {
        let mut events = pin!(watcher(api, config).default_backoff());
        while let Some(event) = events.next().await {
            let event = match event {
                Ok(event) => told(Box::new(event)),
                Err(error) => Event::Trouble(words(&error)),
            };
            if inbox.send(event).is_err() {
                return;
            }
        }
    });
}

#[cfg(test)]
mod tests;
