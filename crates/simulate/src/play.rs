//! What happens when: work, and everything that goes wrong with it, until all is mended and has run to its end.

mod trouble;

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use dispatch::Node;
use execute::simulated::{Agent, Manager};
use measure::{Cpu, Memory};
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::judge::{Told, judge};
use crate::world::{Machines, Pool, letter, link, machines, put, start_agent, take};

/// What came of a seed.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// Everything that does not hold.
    pub violations: Vec<String>,
    /// Jobs that were acknowledged.
    pub jobs: usize,
    /// Attempts that began.
    pub attempts: usize,
    /// Entries of the journal.
    pub entries: u64,
    /// The hash of its last entry: the same seed has the same.
    pub head: String,
    /// How often what went wrong.
    pub happened: BTreeMap<&'static str, u32>,
    /// What happened, in order, where it was asked for.
    pub story: Vec<String>,
}

/// Until then everything may go wrong; after that, all is mended.
const TROUBLE: Duration = Duration::from_secs(120);
/// By then all that can end has ended.
const END: Duration = Duration::from_secs(700);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Happens {
    HubTurns(usize),
    HubStarts(usize),
    HubDies(usize),
    HubStandsStill(usize, u64),
    StoreDies,
    DiskFills(u64),
    AgentStarts(usize),
    AgentActs(usize),
    AgentDies(usize),
    ManagerSteps(usize),
    PowerFails(usize, bool),
    SiteVanishes(usize),
    Sends(usize),
    Cut(String, usize, u64),
    Mended(String, usize),
    ClockJumps(usize),
    Late,
    AllMended,
}

/// Somebody who submits: what is on its way, until it is acknowledged.
struct Sender {
    number: u32,
    /// The name and content of the request, and the hub that is asked.
    pending: Option<(String, Value)>,
    hub: usize,
    left: u32,
}

struct Play {
    queue: BinaryHeap<Reverse<(Duration, u64, Happens)>>,
    order: u64,
    chance: Chance,
    pools: Vec<Pool>,
    agents: Vec<Option<Agent>>,
    senders: Vec<Sender>,
    operator: String,
    told: Told,
    mended: bool,
    /// Out of a thousand deaths of agents, after so many its machine's clock is set.
    sets_clocks: u64,
    /// Whether each hub beat at its last turn.
    beats: Vec<bool>,
}

/// Tells the story of a seed, and judges it; with every step where `tells`.
///
/// # Errors
/// Where the machine that simulates has no room.
pub fn play(seed: u64, tells: bool) -> std::io::Result<Report> {
    // In memory, where there is such a folder: a seed writes some megabytes.
    let shared = Path::new("/dev/shm");
    let builder = || tempfile::Builder::new().prefix("shugu-simulate-").to_owned();
    let folder = if shared.is_dir() { builder().tempdir_in(shared)? } else { builder().tempdir()? };
    let mut chance = Chance::new(seed);
    let hubs = chance.between(1, 3) as usize;
    put(Machines::new(folder.path(), hubs, Chance::new(seed ^ 0x5eed), tells));
    let mut play = Play::begin(chance, folder.path(), hubs);
    play.run();
    let executions = play.pools.iter().map(|pool| pool.manager.borrow().executions().to_vec()).collect::<Vec<_>>();
    let Play { agents, told, pools, .. } = play;
    drop(agents);
    let mut machines = take().expect("it was put there");
    for machine in &mut machines.all {
        machine.hub = None;
    }
    let gone: Vec<bool> = pools.iter().map(|pool| pool.gone).collect();
    let mut report = judge(&machines.store, &told, &machines.taken_in, &executions, &gone);
    report.seed = seed;
    report.violations.extend(machines.wrong);
    report.happened = machines.happened;
    report.story = machines.story.unwrap_or_default();
    Ok(report)
}

impl Play {
    fn begin(mut chance: Chance, folder: &Path, hubs: usize) -> Play {
        let operator = machines(|machines| {
            for at in 0..hubs {
                machines.start(at);
                machines.turn(at, false);
            }
            machines.all[0].hub.as_ref().and_then(|hub| hub.operator_token()).expect("the first hub writes")
        });
        let urls = (0..hubs).map(|at| format!("http://hub-{at}")).collect::<Vec<_>>().join(",");
        let mut pools = Vec::new();
        for at in 0..chance.between(2, 4) {
            let name = format!("pool-{at}");
            let made = machines(|machines| {
                let form = json!({ "name": name, "provider": format!("provider-{}", at % 2), "executor": "slurm" });
                machines.ask(0, &letter("POST", "/v1/pools", &operator, None, &form))
            });
            let token = made.and_then(|(_, made)| Some(made["token"].as_str()?.to_owned())).expect("a pool is let in");
            let node = |number: u64| Node {
                name: format!("node-{number}"),
                cpu: Cpu::cores(8),
                memory: Memory::mebibytes(65_536),
                ..Node::default()
            };
            let manager = Manager::new((0..chance.between(1, 3)).map(node).collect());
            let home = folder.join(&name);
            std::fs::create_dir_all(&home).expect("there is room");
            let manager = Rc::new(RefCell::new(manager));
            pools.push(Pool { folder: home, manager, link: link(&name, &urls), name, token, clock: 0, gone: false });
        }
        let agents = pools.iter().map(|_| None).collect();
        let senders = (0..chance.between(2, 3)).map(|_| Sender { number: 0, pending: None, hub: 0, left: 12 });
        let senders: Vec<Sender> = senders.collect();
        for at in 0..senders.len() {
            let terms = json!({ "weight": if chance.permille(500) { chance.between(2, 4) } else { 1 } });
            let arrange = letter("PUT", &format!("/v1/tenants/tenant-{at}"), &operator, None, &terms);
            let arranged = machines(|machines| machines.ask(0, &arrange));
            assert!(matches!(arranged, Some((200, _))), "a tenant is let in: {arranged:?}");
        }
        let mut play = Play {
            queue: BinaryHeap::new(),
            order: 0,
            chance,
            pools,
            agents,
            senders,
            operator,
            told: Told::default(),
            mended: false,
            sets_clocks: 0,
            beats: vec![false; hubs],
        };
        play.plan(hubs);
        play
    }

    fn at(&mut self, when: Duration, what: Happens) {
        self.order += 1;
        self.queue.push(Reverse((Duration::from_secs(1000) + when, self.order, what)));
    }

    fn soon(&mut self, span: Duration, what: Happens) {
        self.order += 1;
        let now = machines(|machines| machines.now);
        self.queue.push(Reverse((now + span, self.order, what)));
    }

    fn milliseconds(&mut self, low: u64, high: u64) -> Duration {
        Duration::from_millis(self.chance.between(low, high))
    }

    fn run(&mut self) {
        while let Some(Reverse((when, _, what))) = self.queue.pop() {
            let now = machines(|machines| {
                machines.now = machines.now.max(when);
                machines.now
            });
            if now > Duration::from_secs(1000) + END || self.mended && self.is_over() {
                return;
            }
            self.happens(what);
            for at in machines(|machines| std::mem::take(&mut machines.died)) {
                let pause = self.milliseconds(200, 5000);
                self.soon(pause, Happens::HubStarts(at));
            }
            let late: Vec<Duration> = machines(|machines| machines.late.iter().map(|(when, ..)| *when).collect());
            if !late.is_empty() && !self.queue.iter().any(|Reverse((_, _, what))| *what == Happens::Late) {
                self.soon(Duration::from_millis(500), Happens::Late);
            }
        }
    }

    /// Whether everything that was submitted has ended and was told; looked at now and then.
    fn is_over(&mut self) -> bool {
        if self.senders.iter().any(|sender| sender.left > 0 || sender.pending.is_some()) || !self.order.is_multiple_of(16) {
            return false;
        }
        let operator = self.operator.clone();
        machines(|machines| {
            let Some(at) = machines.all.iter().position(|machine| machine.hub.as_ref().is_some_and(|hub| hub.leads())) else {
                return false;
            };
            let told = machines.ask(at, &letter("GET", "/v1/hub", &operator, None, &Value::Null));
            told.is_some_and(|(_, hub)| hub["waiting"] == 0 && hub["placed"] == 0)
        })
    }

    fn happens(&mut self, what: Happens) {
        match what {
            Happens::HubTurns(at) => {
                // Never twice without a beat: that is a hub that stands still.
                let beats = !self.beats[at] || self.chance.permille(500);
                self.beats[at] = beats;
                machines(|machines| machines.turn(at, beats));
                self.soon(Duration::from_millis(450), Happens::HubTurns(at));
            }
            Happens::HubStarts(at) => machines(|machines| {
                if machines.all[at].hub.is_none() {
                    machines.start(at);
                }
            }),
            Happens::HubDies(at) => machines(|machines| machines.crash(at, "killed")),
            Happens::HubStandsStill(at, lasts) => machines(|machines| {
                machines.tell("hub stands still", || format!("hub-{at} for {lasts} ms"));
                let until = machines.now + Duration::from_millis(lasts);
                machines.frozen.insert(at, until);
            }),
            Happens::DiskFills(lasts) => machines(|machines| {
                machines.tell("disk is full", || format!("for {lasts} ms"));
                machines.full_until = machines.now + Duration::from_millis(lasts);
            }),
            Happens::StoreDies => machines(Machines::lose_store),
            Happens::AgentStarts(at) => self.start_agent(at),
            Happens::AgentActs(at) => self.act(at),
            Happens::AgentDies(at) => {
                if self.agents[at].take().is_some() {
                    machines(|machines| machines.tell("agent dies", || format!("agent-{at}")));
                }
                // What it remembers of time must hold whatever its machine's clock shows next.
                if self.chance.permille(self.sets_clocks) {
                    self.jump(at);
                }
                let pause = self.milliseconds(100, 4000);
                self.soon(pause, Happens::AgentStarts(at));
            }
            Happens::ManagerSteps(at) => self.step(at),
            Happens::PowerFails(at, forgets) => {
                let pool = &self.pools[at];
                let clock = pool.clock;
                machines(|machines| {
                    machines.clocks(clock);
                    machines
                        .tell("site loses power", || format!("pool-{at}{}", if forgets { ", and all that it knew" } else { "" }));
                });
                pool.manager.borrow_mut().lose_power(forgets);
                self.agents[at] = None;
                let pause = self.milliseconds(500, 4000);
                self.soon(pause, Happens::AgentStarts(at));
            }
            Happens::SiteVanishes(at) => {
                let pool = &mut self.pools[at];
                pool.gone = true;
                let clock = pool.clock;
                machines(|machines| {
                    machines.clocks(clock);
                    machines.tell("site vanishes", || format!("pool-{at}"));
                });
                pool.manager.borrow_mut().lose_power(true);
                self.agents[at] = None;
            }
            Happens::Sends(at) => self.send(at),
            Happens::Cut(who, hub, lasts) => {
                machines(|machines| {
                    machines.tell("link cut", || format!("{who} to hub-{hub} for {lasts} ms"));
                    machines.cut.insert((who.clone(), hub));
                });
                self.soon(Duration::from_millis(lasts), Happens::Mended(who, hub));
            }
            Happens::Mended(who, hub) => machines(|machines| {
                machines.cut.remove(&(who, hub));
            }),
            Happens::ClockJumps(at) => self.jump(at),
            Happens::Late => {
                let due = machines(|machines| {
                    let now = machines.now;
                    let (due, later) = std::mem::take(&mut machines.late).into_iter().partition(|(when, ..)| *when <= now);
                    machines.late = later;
                    due
                });
                let due: Vec<(Duration, usize, _)> = due;
                for (_, to, copy) in due {
                    machines(|machines| {
                        machines.tell("letter comes twice", || format!("to hub-{to}"));
                        drop(machines.deliver(to, &copy));
                    });
                }
            }
            Happens::AllMended => {
                self.mended = true;
                machines(|machines| {
                    machines.tell("all is mended", String::new);
                    (machines.losses, machines.deaths, machines.slow) = ([0; 3], 0, 0);
                    machines.full_until = Duration::ZERO;
                    machines.cut.clear();
                });
            }
        }
    }

    /// The clock of an agent, or after them of a hub, is set.
    fn jump(&mut self, at: usize) {
        let by = self.chance.between(0, 120_000) as i64 - 60_000;
        let pool = self.pools.get_mut(at).map(|pool| {
            pool.clock += by;
            (pool.name.clone(), pool.clock)
        });
        let hub = at.wrapping_sub(self.pools.len());
        machines(|machines| {
            match pool {
                Some((name, clock)) => drop(machines.offsets.insert(name, clock)),
                None => machines.all[hub].clock += by,
            }
            machines.tell("clock jumps", || format!("number {at} by {by} ms"));
        });
    }

    fn start_agent(&mut self, at: usize) {
        if self.pools[at].gone || self.agents[at].is_some() {
            return;
        }
        machines(|machines| machines.clocks(self.pools[at].clock));
        match start_agent(&self.pools[at]) {
            Ok(agent) => {
                self.agents[at] = Some(agent);
                self.soon(Duration::ZERO, Happens::AgentActs(at));
                self.soon(Duration::ZERO, Happens::ManagerSteps(at));
            }
            Err(told) => {
                machines(|machines| machines.tell("agent does not start", || format!("agent-{at}: {told}")));
                let pause = self.milliseconds(500, 2000);
                self.soon(pause, Happens::AgentStarts(at));
            }
        }
    }

    /// An agent asks, and tells what it has to tell.
    fn act(&mut self, at: usize) {
        machines(|machines| machines.clocks(self.pools[at].clock));
        let Some(agent) = &mut self.agents[at] else { return };
        let outcome = agent.turn().and_then(|()| agent.poll()).and_then(|()| agent.report());
        if let Err(stopped) = outcome {
            machines(|machines| machines.tell("agent ends", || format!("agent-{at}: {stopped}")));
            self.agents[at] = None;
            self.soon(Duration::from_secs(2), Happens::AgentStarts(at));
            return;
        }
        self.soon(Duration::ZERO, Happens::ManagerSteps(at));
        let pause = self.milliseconds(300, 900);
        self.soon(pause, Happens::AgentActs(at));
    }

    /// A manager does what is due, and comes back when the next thing is.
    fn step(&mut self, at: usize) {
        machines(|machines| machines.clocks(self.pools[at].clock));
        let due = {
            let mut manager = self.pools[at].manager.borrow_mut();
            manager.step();
            manager.due()
        };
        let pending = self.queue.iter().any(|Reverse((_, _, what))| *what == Happens::ManagerSteps(at));
        if due.is_some() && !pending {
            self.soon(Duration::from_millis(200), Happens::ManagerSteps(at));
        }
    }

    fn send(&mut self, at: usize) {
        let operator = self.operator.clone();
        if self.senders[at].pending.is_none() {
            if self.senders[at].left == 0 {
                return;
            }
            let number = self.senders[at].number;
            self.senders[at].left -= 1;
            self.senders[at].number += 1;
            let name = format!("sender-{at}-{number}");
            // How long it takes to begin, how long it lasts, and how it ends.
            let exit = u64::from(self.chance.permille(100));
            let lasts =
                if self.chance.permille(250) { self.chance.between(20_000, 120_000) } else { self.chance.between(50, 8000) };
            let argv = ["run".to_owned(), self.chance.between(0, 1500).to_string(), lasts.to_string(), exit.to_string()];
            let replicas = if self.chance.permille(150) { 2 } else { 1 };
            let body = json!({
                "name": name, "command": argv, "cpus": self.chance.between(1, 4), "replicas": replicas, "retries": 5,
                "tenant": format!("tenant-{at}"), "priority": if self.chance.permille(100) { 10 } else { 0 },
            });
            self.senders[at].pending = Some((name, body));
        }
        let Sender { pending, hub, .. } = &self.senders[at];
        let (name, body) = pending.clone().expect("it was just made");
        let hub = *hub;
        let copy = letter("POST", "/v1/jobs", &operator, Some(&name), &body);
        let answer = machines(|machines| machines.carry(&format!("sender-{at}"), hub, &copy));
        match answer {
            Some((201, told)) => {
                let told: Value = serde_json::from_slice(&told).unwrap_or_default();
                let id = told["id"].as_str().unwrap_or_default().to_owned();
                self.told.acknowledged.insert(name, id.clone());
                self.senders[at].pending = None;
                if self.chance.permille(80) {
                    let cancel = letter("POST", &format!("/v1/jobs/{id}/cancel"), &operator, None, &Value::Null);
                    drop(machines(|machines| machines.carry(&format!("sender-{at}"), hub, &cancel)));
                }
            }
            Some((status @ (400..=499), told)) => {
                let told = String::from_utf8_lossy(&told).into_owned();
                self.told.wrong.push(format!("{name} was refused with {status}: {told}"));
                self.senders[at].pending = None;
            }
            _ => self.senders[at].hub = (hub + 1) % machines(|machines| machines.all.len()),
        }
        let pause =
            if self.senders[at].pending.is_some() { self.milliseconds(200, 1500) } else { self.milliseconds(500, 10_000) };
        self.soon(pause, Happens::Sends(at));
    }
}
