//! Histories out of bytes, and what holds for each: shared by the fuzz target and by `tests/corpus.rs`.
//!
//! The first byte picks the policy, the second one how many pools there are; then each step is a byte and its arguments.
//! All bytes mean something, and where they end the history ends, so that a small change of the bytes is a small change of
//! the history.

// Named by its path, as this file is included by tests of other crates, too.
#[path = "history/place.rs"]
mod place;

use std::sync::Arc;

use dispatch::{
    After, Apart, Ask, Backfill, Closing, Computing, DataSet, End, Fact, Hub, Join, Limits, LostReason, Node, Notice, Place,
    Policy, Report, Request, Shape, Spec, Spread, Stage, Suspend, Target, Task, Terms, Usage, WHOLE, When, Why, check, decide,
};
use measure::{CoreTime, Cpu, Devices, Energy, JobId, Memory, Name, PoolId, Precision, Pue, Span, TenantId, Time};
use place::check_place;
use serde_json::json;

/// The most steps of a history.
const STEPS_MOST: usize = 96;
/// The most jobs that are asked about after one round.
const ASKED_MOST: usize = 8;

const TENANTS: [&str; 3] = ["llm-lab", "vision-team", "speech"];
const DATA: [&str; 2] = ["corpus", "images"];
const SITES: [&str; 2] = ["site-a", "site-b"];
/// `cores` is what work names that may run on nodes without accelerators.
const MODELS: [&str; 4] = ["H800", "910B", "cores", "B300"];
const WAITS: [i64; 8] = [1, 999, 30_000, 60_000, 600_000, 3_600_000, 86_400_000, 700_000_000];

/// Bytes that are used up; zeros thereafter.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().map_or((0, self.0), |(first, rest)| (*first, rest));
        self.0 = rest;
        first
    }

    fn below(&mut self, end: u8) -> u8 {
        self.byte() % end
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::from(self.byte()) % all.len()]
    }

    fn tenant(&mut self) -> TenantId {
        TenantId(u32::from(self.below(4)) + 1)
    }

    fn pool(&mut self) -> PoolId {
        PoolId(u32::from(self.below(4)) + 1)
    }

    fn job(&mut self) -> JobId {
        JobId(u64::from(self.below(40)) + 1)
    }

    fn time(&mut self) -> Time {
        Time(i64::from(self.byte()) * 15_000)
    }

    fn node(&mut self) -> Node {
        let (kind, size) = (self.byte(), self.byte());
        let devices = [0, 1, 2, 4, 8, 8, 3, 64][usize::from(kind & 7)];
        let model = (devices > 0).then(|| MODELS[usize::from(kind >> 3 & 1)].to_owned());
        let (cores, gibibytes) =
            ([0, 1, 4, 8, 16, 32, 2, 65_536][usize::from(size & 7)], [0, 1, 2, 8, 4, 64, 3, 1 << 20][usize::from(size >> 3 & 7)]);
        let name = format!("node-{}", kind >> 4 & 3);
        Node {
            name,
            model,
            devices: Devices(devices),
            cpu: Cpu::cores(cores),
            memory: Memory::mebibytes(gibibytes << 10),
            images: kind >> 6 == 1,
            ..Node::default()
        }
    }

    fn nodes(&mut self) -> Vec<Node> {
        (0..self.below(5)).map(|_| self.node()).collect()
    }

    fn ask(&mut self) -> Ask {
        let (size, models, more) = (self.byte(), self.byte(), self.byte());
        let part = [WHOLE, WHOLE, WHOLE, 500, 250, 333, 900, 1][usize::from(size >> 5)];
        let devices = [0, 1, 2, 3, 4, 8, 16, u32::MAX][usize::from(size & 7)];
        let named = |(bit, model): (u8, &&str)| (models >> bit & 1 == 1).then(|| (*model).to_owned());
        Ask {
            devices: if part < WHOLE { Devices(1) } else { Devices(devices) },
            models: (0..).zip(&MODELS).filter_map(named).collect(),
            part,
            replicas: [None, None, None, Some(1), Some(2), Some(5), Some(0), Some(u32::MAX)][usize::from(more & 7)],
            device_memory_gb: [None, None, Some(64), Some(80)][usize::from(more >> 3 & 3)],
            power: (more >> 5 == 7)
                .then(|| Computing { precision: Precision::Fp16, mega: [1, 5_000, 40_000, u64::MAX][usize::from(models >> 6)] }),
        }
    }

    fn spec(&mut self) -> Spec {
        let (who, how, amounts, flags) = (self.byte(), self.byte(), self.byte(), self.byte());
        let asks = (0..1 + (how >> 7)).map(|_| self.ask()).collect();
        // Most jobs want nothing special, and that costs no bytes.
        let special = if flags & 7 == 7 { self.byte() } else { 0 };
        let read = if flags & 7 == 6 { self.byte() } else { 0 };
        let when = [When::Started, When::Ok, When::Ended][usize::from(special & 15) % 3];
        let after = match flags >> 3 & 7 {
            6 => vec![After { job: self.job(), when }],
            7 => vec![After { job: self.job(), when }, After { job: self.job(), when: When::Ok }],
            _ => Vec::new(),
        };
        let array = match flags >> 6 {
            3 => 1 + u32::from(special >> 4 & 3),
            _ => 0,
        };
        Spec {
            tenant: TenantId(u32::from(who & 3) + 1),
            name: if who & 4 == 0 { String::new() } else { "train".to_owned() },
            shape: Shape {
                replicas: [1, 1, 1, 2, 3, 4, 0, 100_000][usize::from(how & 7)],
                asks,
                cpu: [Cpu(0), Cpu(500), Cpu::cores(1), Cpu::cores(8), Cpu(1), Cpu::cores(4), Cpu::cores(2), Cpu(i64::MAX as u64)]
                    [usize::from(amounts & 7)],
                memory: Memory::mebibytes(
                    [0, 0, 1, 1 << 10, 2 << 10, 4 << 10, 100 << 10, (1 << 44) - 1][usize::from(amounts >> 3 & 7)],
                ),
                spread: if how >> 3 & 3 == 3 { Spread::Nodes } else { Spread::Pack },
                sites: SITES
                    .iter()
                    .zip([1, 2])
                    .filter(|(_, bit)| special >> 4 & bit == *bit && flags & 7 == 7)
                    .map(|(site, _)| named(site))
                    .collect(),
                pools: Vec::new(),
                pue_most: (special >> 6 == 1).then_some(Pue(1200)),
                image: special >> 6 == 3 && flags & 3 == 3,
                outputs: special >> 6 == 3 && flags & 3 == 2,
                inputs: DATA.iter().zip([1, 2]).filter(|(_, bit)| read & bit == *bit).map(|(name, _)| named(name)).collect(),
            },
            time_limit: [None, Some(1), Some(60_000), Some(300_000), Some(600_000), Some(7_200_000), None, Some(i64::MAX)]
                [usize::from(who >> 3 & 7)]
            .map(Span),
            priority: [0, 0, 1, -1][usize::from(who >> 6)],
            deadline: (special >> 6 == 2).then(|| self.time()),
            retries: [0, 1, 2, 1000][usize::from(amounts >> 6)],
            after,
            array: (array > 0).then_some(Task { first: JobId(0), index: 0, count: array }),
            apart: [None, Some(Apart::Nodes), Some(Apart::Sites)][if array > 0 { usize::from(special & 15) % 3 } else { 0 }],
            preemptible: how >> 5 & 1 == 1,
            notice: (how >> 6 & 1 == 1).then_some(Notice { signal: 10, grace: Span(5000) }),
            patience: [None, None, None, None, Some(3_600_000), Some(86_400_000), None, None][usize::from(flags & 7)].map(Span),
            suspend: (how >> 6 & 1 == 1 && flags & 6 == 4).then_some(Suspend { save: Span(2000), load: Span(1000) }),
            ..Spec::default()
        }
    }

    fn report(&mut self) -> Report {
        let (how, amounts) = (self.byte(), self.byte());
        let end = match how & 15 {
            0..4 => return Report::Started,
            4..9 => End::Exited(0),
            9 => End::Exited(1),
            10 => End::Killed(9),
            11 => End::OverTime,
            12 => End::OverMemory,
            13 => End::Cancelled,
            14 => End::Lost(LostReason::MachineRestarted),
            _ => End::NotStarted(String::new()),
        };
        let amount = |bits: u8| [0, 1, 60_000, 3_600_000, i64::MAX, i64::MIN, -1, 100_000_000][usize::from(bits & 7)];
        let run = Span(amount(amounts));
        Report::Ended(
            end,
            Usage { run, cpu: CoreTime(amount(amounts >> 3)), energy: Energy(amount(how >> 4)), ..Usage::default() },
        )
    }

    fn terms(&mut self) -> Terms {
        let (weight, quota) = (self.byte(), self.byte());
        let parent = (weight & 3 == 3).then(|| self.tenant());
        let devices = |bits: u8| {
            [None, None, Some(0), Some(1), Some(2), Some(4), Some(8), Some(u32::MAX)][usize::from(bits & 7)].map(Devices)
        };
        let weight = [1, 2, 3, 1_000_000][usize::from(weight >> 2 & 3)];
        Terms {
            parent,
            weight,
            guaranteed: devices(quota),
            most: devices(quota >> 3),
            patience: (quota >> 6 == 3).then_some(Span(7_200_000)),
        }
    }

    fn closing(&mut self) -> Request {
        let (what, count) = (self.byte(), self.byte());
        let pool = PoolId(u32::from(what >> 2 & 3) + 1);
        let target = match what & 3 {
            0 => Target::Site(named(SITES[usize::from(what >> 2 & 1)])),
            1 => Target::Pool(pool),
            _ => Target::Node(pool, format!("node-{}", what >> 4 & 3)),
        };
        let mut closing = |bits: u8| {
            let from = self.time();
            let after = |bytes: &mut Self| from + Span(i64::from(bytes.byte()) * 5000);
            let (until, stop_at) = ((bits & 1 == 1).then(|| after(self)), (bits & 2 == 2).then(|| after(self)));
            Closing { from, until, stop_at, reason: String::new(), by_provider: false }
        };
        Request::Close(target, (0..count % 3).map(|at| closing(count >> (2 + 2 * at))).collect())
    }

    fn census(&mut self) -> Request {
        let (what, figure) = (self.byte(), self.byte());
        let (site, model) = (SITES[usize::from(what >> 3 & 1)], MODELS[usize::from(what >> 3 & 1)]);
        let change = match what & 7 {
            0 => json!({"Hub": {
                "name": "hub", "region": "region", "currency": "CNY", "utc_offset_hours": 8, "fee_permille": u32::from(figure) * 4,
            }}),
            1 => json!({"SiteGone": site}),
            2 | 3 => {
                let pue = (figure > 0).then(|| format!("1.{figure}"));
                json!({"Site": {
                    "id": site, "name": "", "name_zh": "", "named": true, "prefecture": "", "zone": "",
                    "status": "operating", "status_date": "", "pue": pue, "source": "", "note": "",
                }})
            }
            4 => json!({"AcceleratorGone": model}),
            5 => {
                let kind = ["device-hour", "core-hour", "electricity", "carbon"][usize::from(what >> 6)];
                let scope = match (what >> 3 & 1, what >> 6) {
                    (_, 2..) => "region",
                    (1, _) => "*",
                    _ => "model:H800",
                };
                json!({"Tariff": {
                    "id": format!("tariff-{}", what >> 4 & 3), "kind": kind, "scope": scope, "valid_from": 0,
                    "hours": [[figure % 12, 12 + figure % 12]], "micro": i64::from(figure) * 1_000_000,
                    "grade": "sample", "source": "", "note": "",
                }})
            }
            _ => {
                let memory = (figure & 3 > 0).then(|| (u32::from(figure & 3) * 40).to_string());
                let peak = [1000_u64, 20_000, 0, u64::MAX][usize::from(figure >> 2 & 3)];
                json!({"Accelerator": {
                    "vendor": "", "model": model, "kind": "accelerator", "memory_gb": memory, "tdp": 400_000,
                    "dense_peak_mega": {"fp16": peak}, "confidence": "", "recalled": [], "source": "", "note": "",
                }})
            }
        };
        Request::Census(vec![serde_json::from_value(change).expect("it is a change of the census")])
    }

    /// A set of data at some of the places that there may be, or that it is no more.
    fn data(&mut self) -> Option<DataSet> {
        let what = self.byte();
        let places = ["pool-1", "pool-2", "site-a", "site-b"].iter().zip([1, 2, 4, 8]);
        let at = places.filter(|(_, bit)| what & bit == *bit);
        let how = if what & 16 == 0 { "https://sample.example/data" } else { "/data" };
        let bytes = [0, 1_000_000_000, 1_000_000_000_000, u64::MAX][usize::from(what >> 5 & 3)];
        (what >> 7 == 0).then(|| DataSet {
            bytes,
            sha256: None,
            at: at.map(|(place, _)| (named(place), how.to_owned())).collect(),
        })
    }

    fn step(&mut self) -> Step {
        Step::Ask(match self.below(40) {
            0..12 => Request::Submit(Arc::new(self.spec())),
            12..15 => return Step::Round,
            15..20 => return Step::Answer(self.byte(), self.report()),
            20 | 21 => return Step::Wait(Span(self.of(&WAITS))),
            22 => return Step::Wake,
            23 | 24 => return Step::Foresee,
            25 => return Step::TryOut(Arc::new(self.spec())),
            26 => return Step::Restart,
            27 => Request::See(self.pool(), self.nodes()),
            28 => {
                let what = self.byte();
                Request::Contact(PoolId(u32::from(what & 3) + 1), what >> 2 & 3 != 0)
            }
            29 => Request::Cancel(self.job()),
            30 => Request::Settle(self.job()),
            31 => Request::Report(self.pool(), self.job(), u32::from(self.below(3)), self.report()),
            32 => Request::Arrange(self.tenant(), self.terms()),
            33 => {
                let what = self.byte();
                let most = [None, Some(0), Some(1), Some(2), Some(5), Some(8), Some(16), Some(u32::MAX)][usize::from(what & 7)];
                let veto = (what >> 3 & 3 > 0).then_some(TenantId(u32::from(what >> 3 & 3)));
                Request::Limit(self.pool(), Limits { most: most.map(Devices), veto: veto.into_iter().collect() })
            }
            34 | 35 => self.closing(),
            36 => Request::Expect(self.job(), Span(self.of(&[0, 1000, 60_000, 600_000, 86_400_000, -1, i64::MAX, i64::MIN]))),
            37 | 38 => self.census(),
            _ => match self.byte() {
                what @ 0..32 => Request::Keep(named(DATA[usize::from(what & 1)]), self.data()),
                what @ 32..64 => Request::Admit(named(["llm-lab", "another"][usize::from(what & 1)])),
                what @ 64..128 => join(u32::from(what & 3) + 1, what >> 2),
                what @ 128..144 => {
                    let node = self.nodes().into_iter().next().unwrap_or_default();
                    Request::Host(PoolId(u32::from(what & 3) + 1), node, format!("agent-{}", what >> 2 & 3))
                }
                what @ 144..176 => Request::HostContact(self.pool(), u32::from(what >> 1 & 3), what & 1 == 0),
                what @ 176..192 => Request::Serve(PoolId(u32::from(what & 3) + 1), format!("agent-{}", what >> 2 & 1)),
                what => Request::HalfLife(Span([0, 1, 60_000, 3_600_000, i64::MAX][usize::from(what) % 5])),
            },
        })
    }
}

fn named(text: &str) -> Name {
    text.parse().expect("it is a name")
}

/// Pools of even numbers stand at a site.
fn join(pool: u32, kind: u8) -> Request {
    let site = pool.is_multiple_of(2).then(|| named(SITES[usize::from(kind & 1)]));
    Request::Join(Join { name: named(&format!("pool-{pool}")), provider: named("provider"), site, executor: "replay".to_owned() })
}

fn policy(byte: u8) -> Policy {
    let policy = Policy::named(Policy::NAMES[usize::from(byte & 7)]).expect("it is the name of a policy");
    if policy.backfill == Backfill::Strict {
        return policy;
    }
    let backfill = [Backfill::Easy, Backfill::Conservative, Backfill::Free, Backfill::Conservative][usize::from(byte >> 3 & 3)];
    let reserve_after = Span::seconds([0, 600][usize::from(byte >> 5 & 1)]);
    let wait_most = if byte >> 6 & 1 == 1 { Span::seconds(300) } else { policy.wait_most };
    let weights = match byte >> 7 {
        1 => dispatch::Weights { packing: 25, price: 25, energy: 25, carbon: 25 },
        _ => policy.weights,
    };
    Policy { backfill, reserve_after, wait_most, weights, ..policy }
}

/// What happens next. Jobs, pools and tenants are named by number and need not exist.
#[derive(Debug, Clone)]
enum Step {
    Ask(Request),
    /// The agent says so of one of the jobs that hold a place, counted round.
    Answer(u8, Report),
    Round,
    Wait(Span),
    /// Time goes on to when a round is due.
    Wake,
    /// A round, and then looking ahead for whatever waits.
    Foresee,
    /// A round, and then what would become of such a job.
    TryOut(Arc<Spec>),
    /// The hub stops, and starts anew from its shortened history.
    Restart,
}

/// A policy and what happens under it.
#[derive(Clone)]
pub struct History {
    policy: Policy,
    steps: Vec<Step>,
}

impl std::fmt::Debug for History {
    /// One step a line.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.policy)?;
        self.steps.iter().try_for_each(|step| write!(f, "\n{step:?}"))
    }
}

impl History {
    /// The history that these bytes stand for.
    pub fn read(bytes: &[u8]) -> History {
        let mut bytes = Bytes(bytes);
        let policy = policy(bytes.byte());
        let mut steps: Vec<Step> = TENANTS.iter().map(|name| Step::Ask(Request::Admit(named(name)))).collect();
        for pool in 1..=u32::from(bytes.below(4)) {
            steps.push(Step::Ask(join(pool, 0)));
            steps.push(Step::Ask(Request::See(PoolId(pool), bytes.nodes())));
            steps.push(Step::Ask(Request::Contact(PoolId(pool), true)));
        }
        while !bytes.0.is_empty() && steps.len() < STEPS_MOST {
            steps.push(bytes.step());
        }
        History { policy, steps }
    }

    /// Lives through it and asserts what holds for every history.
    pub fn replay(&self) {
        let mut past = Past::default();
        past.hub.adopt(self.policy.clone());
        self.steps.iter().for_each(|step| past.take(step));
        past.round();
        assert_eq!(past.hub.opening(), fold(&past.facts).opening(), "facts fold to the hub");
        past.restart();
    }
}

/// A hub and all that happened to it.
#[derive(Default)]
struct Past {
    hub: Hub,
    now: Time,
    facts: Vec<(Time, Fact)>,
}

impl Past {
    fn take(&mut self, step: &Step) {
        match step {
            Step::Ask(request) => self.ask(request),
            Step::Answer(at, report) => {
                let held = self.hub.jobs.iter().filter_map(|(id, job)| Some((id, job.stage.held()?.clone())));
                let held: Vec<(JobId, Arc<Place>)> = held.collect();
                if !held.is_empty() {
                    let (job, place) = &held[usize::from(*at) % held.len()];
                    let pool = &self.hub.pools[&place.pool];
                    // Where machines have agents of their own, these tell.
                    self.ask(&match pool.hosts.is_empty() {
                        true => Request::Report(place.pool, *job, 0, report.clone()),
                        false => {
                            let slot = &place.slots[usize::from(*at) / held.len() % place.slots.len()];
                            Request::Hear(place.pool, slot.node, *job, 0, report.clone())
                        }
                    });
                }
            }
            Step::Round => self.round(),
            Step::Wait(span) => self.now = self.now + *span,
            Step::Wake => {
                // Beyond a year nobody waits.
                let wake = self.hub.next_wake().filter(|at| *at > self.now && *at < self.now + Span(365 * 24 * Span::HOUR.0));
                self.now = wake.unwrap_or(self.now);
            }
            Step::Foresee => {
                let waiting = self.waiting();
                self.look_ahead(|hub, now| waiting.iter().take(ASKED_MOST).for_each(|id| drop(hub.foresee(*id, now))));
            }
            Step::TryOut(spec) => self.look_ahead(|hub, now| drop(hub.try_out(spec, now))),
            Step::Restart => self.restart(),
        }
    }

    fn waiting(&self) -> Vec<JobId> {
        self.hub.jobs.iter().filter(|(_, job)| job.stage == Stage::Waiting).map(|(id, _)| id).collect()
    }

    fn ask(&mut self, request: &Request) {
        let before = self.hub.clone();
        let decided = decide(&self.hub, self.now, request.clone());
        assert_eq!(before, self.hub, "deciding changes nothing");
        match decided {
            Ok(facts) => facts.into_iter().for_each(|fact| self.apply(fact)),
            // Whoever is refused is told why.
            Err(refusal) => assert!(!refusal.to_string().is_empty()),
        }
    }

    fn apply(&mut self, fact: Fact) {
        self.hub.apply(self.now, &fact);
        assert_eq!(check(&self.hub), Vec::<String>::new(), "after {fact:?}");
        if let Fact::Placed(id, place) = &fact {
            check_place(&self.hub, *id, place, self.now);
        }
        self.facts.push((self.now, fact));
    }

    fn round(&mut self) {
        let mut planned = self.hub.clone();
        planned.round(self.now).into_iter().for_each(|fact| self.apply(fact));
        assert_eq!(self.hub.opening(), planned.opening(), "a round applies what it returns");
        // What the round remembers goes on, as in a hub that lives.
        self.hub = planned;
        assert_eq!(check(&self.hub), Vec::<String>::new(), "after a round");
        let waiting = self.waiting();
        let mut seer = self.hub.clone();
        for id in waiting.into_iter().take(ASKED_MOST) {
            let why = seer.why_waiting(id);
            assert!(why.is_some(), "whoever waits is told why: {id}");
            assert_ne!(why, Some(Why::Next), "a round leaves no job that could start: {id}");
        }
        assert_eq!(seer, self.hub, "being told why changes nothing");
    }

    /// Looks ahead with a hub that had its round; it and one that did not look have the same future.
    fn look_ahead(&mut self, look: impl FnOnce(&mut Hub, Time)) {
        self.round();
        let mut blind = self.hub.clone();
        look(&mut self.hub, self.now);
        assert_eq!(blind, self.hub, "looking ahead changes nothing");
        assert_eq!(check(&self.hub), Vec::<String>::new(), "after looking ahead");
        let mut seer = self.hub.clone();
        for later in [0, 60_000, 7_200_000] {
            let now = self.now + Span(later);
            assert_eq!(blind.round(now), seer.round(now), "who looked ahead goes on as who did not");
        }
    }

    fn restart(&mut self) {
        let opening = self.hub.opening();
        let text = serde_json::to_string(&opening).expect("facts can be written");
        let read: Vec<(Time, Fact)> = serde_json::from_str(&text).expect("what was written can be read");
        assert_eq!(opening, read, "facts are read as they were written");
        let mut hub = fold(&read);
        assert_eq!(opening, hub.opening(), "the opening folds to the hub");
        assert_eq!(check(&hub), Vec::<String>::new(), "after a restart");
        hub.adopt(self.hub.policy().clone());
        (self.hub, self.facts) = (hub, read);
    }
}

fn fold(facts: &[(Time, Fact)]) -> Hub {
    let mut hub = Hub::default();
    facts.iter().for_each(|(at, fact)| hub.apply(*at, fact));
    hub
}
