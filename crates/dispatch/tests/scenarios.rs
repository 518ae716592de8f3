//! Plays every file of `scenarios/` and compares what the hub answers with what stands below `---`.
//! `UPDATE_SCENARIOS=1` writes the answers instead. The language is told in `scenarios/README.md`.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fs;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use dispatch::{
    After, Apart, Ask, Backfill, Closing, Computing, DataSet, End, Fact, Hub, Join, Limits, LostReason, Node, Notice, Occupied,
    Policy, PoolWhy, Purse, Refusal, Report, Request, Short, Slot, Smaller, Spec, Spread, Stage, Stop, Target, Task, Terms,
    Usage, When, Why, check, decide,
};
use measure::{Devices, JobId, PoolId, Precision, Pue, Span, TenantId, Time};

const CUT: &str = "---\n";

#[test]
fn every_scenario_ends_as_it_is_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    assert!(files.len() >= 12, "only {} scenarios found", files.len());
    files.iter().for_each(|path| check_scenario(path));
}

fn check_scenario(path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    let (story, written) = text.split_once(CUT).unwrap_or((&text, ""));
    println!("{}", path.display());
    let told = play(story);
    if std::env::var_os("UPDATE_SCENARIOS").is_some() {
        fs::write(path, format!("{story}{CUT}{told}")).unwrap();
    } else {
        assert!(told == written, "{} now ends so; UPDATE_SCENARIOS=1 writes it:\n{told}", path.display());
    }
}

/// What the hub answers to a story.
fn play(story: &str) -> String {
    let mut play = Play::default();
    for line in story.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        println!("{line}");
        let words = words(line);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words[0].parse::<i64>() {
            Ok(second) => {
                play.move_on_to(second);
                play.act(&words[1..]);
            }
            Err(_) => play.act(&words),
        }
    }
    play.round();
    let opening = play.hub.opening();
    let mut again = Hub::default();
    opening.iter().for_each(|(at, fact)| again.apply(*at, fact));
    assert_eq!(check(&again), Vec::<String>::new());
    assert_eq!(again.opening(), opening);
    play.told
}

/// Words are parted by blanks; a text in quotation marks is one word.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('"').enumerate();
    let words = parts.flat_map(|(at, part)| match at % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    words.collect()
}

fn read<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().unwrap_or_else(|problem| panic!("`{text}`: {problem:?}"))
}

/// Words in pairs: what is said and its value.
fn pairs<'a>(words: &'a [&'a str]) -> impl Iterator<Item = (&'a str, &'a str)> {
    assert!(words.len().is_multiple_of(2), "a value is missing in {words:?}");
    words.chunks(2).map(|pair| (pair[0], pair[1]))
}

#[derive(Default)]
struct Play {
    hub: Hub,
    second: i64,
    /// What each pool's agent could list, and whether it still does.
    machines: BTreeMap<String, Vec<(Node, bool)>>,
    jobs: BTreeMap<String, JobId>,
    /// Where each job was last placed: agents repeat themselves after it has ended.
    places: BTreeMap<JobId, PoolId>,
    told: String,
}

impl Play {
    fn now(&self) -> Time {
        Time(self.second * 1000)
    }

    fn tell(&mut self, line: &str) {
        self.told += &format!("{} {line}\n", self.second);
    }

    /// All that happens in one second is one batch; a round follows it, and one whenever time alone may bring something.
    fn move_on_to(&mut self, second: i64) {
        assert!(second >= self.second, "time runs forward");
        while second > self.second {
            self.round();
            let wake = self.hub.next_wake().map_or(second, |at| (at.0 + 999).div_euclid(1000));
            self.second = wake.clamp(self.second + 1, second);
        }
    }

    fn round(&mut self) {
        let mut shadow = self.hub.clone();
        let facts = shadow.round(self.now());
        facts.iter().for_each(|fact| self.take(fact, ""));
        assert_eq!(self.hub.opening(), shadow.opening(), "a round applies the facts it returns");
        self.hub = shadow;
    }

    fn act(&mut self, words: &[&str]) {
        let (verb, rest) = (words[0], &words[1..]);
        let subject = rest[0];
        match verb {
            "policy" => self.policy(subject, &rest[1..]),
            "device" | "site" => self.census(verb, subject, &rest[1..]),
            "pool" => self.join(subject, &rest[1..]),
            "tenant" => self.arrange(subject, &rest[1..]),
            "price" => self.price(subject),
            "budget" => self.budget(subject, rest[1]),
            "gone" | "back" if rest.len() == 2 => {
                let machines = self.machines.get_mut(subject).expect("a pool");
                machines.iter_mut().filter(|(node, _)| node.name == rest[1]).for_each(|(_, there)| *there = verb == "back");
                self.see(subject);
            }
            "host" => self.host(subject, rest[1], rest.get(3).copied()),
            "quiet" => {
                let (pool, node) = (self.pool(subject), self.position(subject, rest[1]));
                self.ask(rest[1], Request::HostContact(pool, node, false));
            }
            "others" => self.others(subject, rest[1], &rest[2..]),
            "silent" | "back" => self.ask(subject, Request::Contact(self.pool(subject), verb == "back")),
            "limit" => self.limit(subject, &rest[1..]),
            "data" => self.data(subject, &rest[1..]),
            "close" | "open" => self.close(verb, subject, &rest[1..]),
            "show" => self.show(subject),
            "submit" => self.submit(subject, &rest[1..]),
            "why" => self.why(subject),
            "foresee" => self.foresee(subject),
            "cancel" => self.ask(subject, Request::Cancel(self.jobs[subject])),
            "settle" => self.ask(subject, Request::Settle(self.jobs[subject])),
            "start" | "end" => self.report(subject, verb, &rest[1..]),
            _ => panic!("`{verb}` is not a verb of this language"),
        }
    }

    fn policy(&mut self, name: &str, rest: &[&str]) {
        let mut policy = Policy::named(name).expect("a policy");
        for (word, value) in pairs(rest) {
            match word {
                "backfill" if value == "easy" => policy.backfill = Backfill::Easy,
                "backfill" if value == "conservative" => policy.backfill = Backfill::Conservative,
                "backfill" if value == "free" => policy.backfill = Backfill::Free,
                "reserve-after" => policy.reserve_after = read(value),
                "wait-most" => policy.wait_most = read(value),
                "half-life" => self.ask("", Request::HalfLife(read(value))),
                "price" => policy.weights.price = read(value),
                "energy" => policy.weights.energy = read(value),
                "transfer" => policy.transfer_megabytes = read(value),
                "terabyte-costs" => policy.transfer_yuan_per_terabyte = read(value),
                "hour-is-worth" => policy.wait_yuan_per_hour = read(value),
                _ => panic!("a policy has no `{word} {value}`"),
            }
        }
        self.hub.adopt(policy);
    }

    fn data(&mut self, name: &str, rest: &[&str]) {
        let mut data = DataSet { bytes: 0, sha256: None, at: BTreeMap::new() };
        for (word, value) in pairs(rest) {
            match word {
                "gigabytes" => data.bytes = read::<u64>(value) * 1_000_000_000,
                "at" => drop(data.at.insert(read(value), format!("https://{value}.example/{name}"))),
                "only-at" => drop(data.at.insert(read(value), format!("/data/{name}"))),
                _ => panic!("data has no `{word}`"),
            }
        }
        self.ask(name, Request::Keep(read(name), Some(data)));
    }

    fn census(&mut self, what: &str, name: &str, rest: &[&str]) {
        let change = if what == "device" {
            let mut device: serde_json::Value = serde_json::json!({ "vendor": "sample", "model": name, "kind": "accelerator",
                "year": null, "memory_gb": null, "tdp": null, "dense_peak_mega": {}, "confidence": "A", "recalled": [],
                "source": "sample", "note": "" });
            for (word, value) in pairs(rest) {
                match word {
                    "gigabytes" => device["memory_gb"] = value.into(),
                    "tflops" => device["dense_peak_mega"]["fp16"] = (read::<u64>(value) * 1_000_000).into(),
                    _ => panic!("a device has no `{word}`"),
                }
            }
            serde_json::json!({ "Accelerator": device })
        } else {
            let mut site = serde_json::json!({ "id": name, "name": name, "name_zh": "unknown", "named": true, "provider": null,
                "prefecture": "sample", "zone": "sample", "latitude": null, "longitude": null, "status": "operating",
                "status_date": "unknown", "racks": null, "racks_planned": null, "servers": null, "servers_planned": null,
                "computing_power_pflops": null, "computing_power_planned_pflops": null, "class": null, "precision": null,
                "sparsity": null, "pue": null, "source": "sample", "note": "" });
            for (word, value) in pairs(rest) {
                match word {
                    "pue" => site["pue"] = value.into(),
                    _ => panic!("a site has no `{word}`"),
                }
            }
            serde_json::json!({ "Site": site })
        };
        let change = serde_json::from_value(change).expect("a change of the census");
        self.ask("", Request::Census(vec![change]));
    }

    fn tenant(&mut self, name: &str) -> TenantId {
        self.ask("", Request::Admit(read(name)));
        self.hub.tenant_named(&read(name)).expect("it was admitted")
    }

    fn arrange(&mut self, name: &str, rest: &[&str]) {
        let id = self.tenant(name);
        let mut terms = Terms::default();
        for (word, value) in pairs(rest) {
            match word {
                "in" => terms.parent = Some(self.tenant(value)),
                "weight" => terms.weight = read(value),
                "guaranteed" => terms.guaranteed = Some(read(value)),
                "most" => terms.most = Some(read(value)),
                _ => panic!("a tenant has no `{word}`"),
            }
        }
        self.ask(name, Request::Arrange(id, terms));
    }

    /// What an hour of a device costs everywhere.
    fn price(&mut self, yuan: &str) {
        let tariff = census::Tariff {
            id: read("price"),
            kind: census::TariffKind::DeviceHour,
            scope: "*".to_owned(),
            valid_from: Time(i64::MIN / 2),
            valid_to: None,
            hours: Vec::new(),
            micro: measure::Money::parse_yuan(yuan).unwrap().0,
            grade: "sample".to_owned(),
            source: "a scenario".to_owned(),
            note: String::new(),
        };
        self.ask("", Request::Census(vec![census::Change::Tariff(tariff)]));
    }

    fn budget(&mut self, name: &str, yuan: &str) {
        let amount = (yuan != "none").then(|| measure::Money::parse_yuan(yuan).unwrap());
        let purse = amount.map(|amount| Purse { amount, left: amount, warn_permille: 800, until: None, renews: None });
        let id = self.tenant(name);
        self.ask(name, Request::Fund(id, purse));
    }

    fn limit(&mut self, pool: &str, rest: &[&str]) {
        let mut limits = Limits::default();
        for (word, value) in pairs(rest) {
            match word {
                "most" => limits.most = Some(read(value)),
                "veto" => drop(limits.veto.insert(self.tenant(value))),
                _ => panic!("a limit has no `{word}`"),
            }
        }
        self.ask(pool, Request::Limit(self.pool(pool), limits));
    }

    /// `close pool NAME …`, `close node POOL NODE …` or `close site NAME …`; `open` takes all closings back.
    fn close(&mut self, verb: &str, what: &str, rest: &[&str]) {
        let (target, rest) = match what {
            "pool" => (Target::Pool(self.pool(rest[0])), &rest[1..]),
            "node" => (Target::Node(self.pool(rest[0]), rest[1].to_owned()), &rest[2..]),
            "site" => (Target::Site(read(rest[0])), &rest[1..]),
            _ => panic!("`{what}` cannot be closed"),
        };
        let second = |value: &str| Time(read::<i64>(value) * 1000);
        let mut closing = Closing { from: self.now(), until: None, stop_at: None, reason: String::new(), by_provider: false };
        for (word, value) in pairs(rest) {
            match word {
                "from" => closing.from = second(value),
                "until" => closing.until = Some(second(value)),
                "stop" => closing.stop_at = Some(second(value)),
                _ => panic!("a closing has no `{word}`"),
            }
        }
        let closings = if verb == "close" { vec![closing] } else { Vec::new() };
        self.ask(what, Request::Close(target, closings));
    }

    fn pool(&self, name: &str) -> PoolId {
        self.hub.pool_named(&read(name)).unwrap_or_else(|| panic!("{name} has not joined"))
    }

    fn join(&mut self, name: &str, rest: &[&str]) {
        let mut node = Node::default();
        let (mut count, mut site) = (1, None);
        for (word, value) in pairs(rest) {
            match word {
                "nodes" => count = read(value),
                "devices" => node.devices = read(value),
                "model" => node.model = Some(value.to_owned()),
                "cpu" => node.cpu = read(value),
                "memory" => node.memory = read(value),
                "site" => site = Some(read(value)),
                "whole" => (node.whole_devices, node.whole_cores) = (value.contains("devices"), value.contains("cores")),
                "runs" if value == "images" => node.images = true,
                _ => panic!("a pool has no `{word}`"),
            }
        }
        let machines = self.machines.entry(name.to_owned()).or_default();
        for _ in 0..count {
            machines.push((Node { name: format!("node-{}", machines.len()), ..node.clone() }, true));
        }
        let executor = "replay".to_owned();
        self.ask("", Request::Join(Join { name: read(name), provider: read("provider"), site, executor }));
        self.see(name);
        self.ask("", Request::Contact(self.pool(name), true));
    }

    fn see(&mut self, pool: &str) {
        let there = self.machines[pool].iter().filter(|(_, there)| *there);
        let nodes = there.map(|(node, _)| node.clone()).collect();
        self.ask("", Request::See(self.pool(pool), nodes));
    }

    fn position(&self, pool: &str, node: &str) -> u32 {
        let nodes = &self.hub.pools[&self.pool(pool)].nodes;
        nodes.iter().position(|state| state.node.name == node).expect("a node of the pool") as u32
    }

    /// A node of the pool has an agent of its own from now on, which is in touch.
    fn host(&mut self, name: &str, node: &str, agent: Option<&str>) {
        let pool = self.pool(name);
        let (machine, _) = self.machines[name].iter().find(|(known, _)| known.name == node).expect("a node of the pool").clone();
        let agent = agent.unwrap_or(node).to_owned();
        self.ask(node, Request::Host(pool, machine, agent.clone()));
        if let Some(at) = self.hub.pools[&pool].host_of(&agent) {
            self.ask("", Request::HostContact(pool, at, true));
        }
    }

    /// What others hold of one node; what they held of other nodes stays.
    fn others(&mut self, pool: &str, node: &str, rest: &[&str]) {
        let id = self.pool(pool);
        let mut occupied = Occupied::NOTHING;
        for (word, value) in pairs(rest) {
            match word {
                "devices" => occupied.devices = read(value),
                "cpu" => occupied.cpu = read(value),
                "memory" => occupied.memory = read(value),
                "reason" => occupied.reason = value.to_owned(),
                _ => panic!("others hold no `{word}`"),
            }
        }
        let known = self.hub.pools[&id].nodes.iter().filter(|state| state.node.name != node);
        let known = known.filter_map(|state| Some((state.node.name.clone(), state.others.as_deref()?.clone())));
        let all = known.chain([(node.to_owned(), occupied)]).collect();
        self.ask(pool, Request::Occupy(id, all));
    }

    fn submit(&mut self, name: &str, rest: &[&str]) {
        let mut spec = Spec { name: name.to_owned(), ..Spec::default() };
        let mut tenant = "llm-lab";
        for alternative in rest.split(|word| *word == "or") {
            let mut ask = Ask::default();
            for (word, value) in pairs(alternative) {
                match word {
                    "replicas" => spec.shape.replicas = read(value),
                    "devices" => ask.devices = read(value),
                    "part" => (ask.devices, ask.part) = (Devices(1), read(value)),
                    "each" => ask.replicas = Some(read(value)),
                    "gigabytes" => ask.device_memory_gb = Some(read(value)),
                    "tflops" => ask.power = Some(Computing { precision: Precision::Fp16, mega: read::<u64>(value) * 1_000_000 }),
                    "model" => ask.models.push(value.to_owned()),
                    "cpu" => spec.shape.cpu = read(value),
                    "memory" => spec.shape.memory = read(value),
                    "spread" if value == "nodes" => spec.shape.spread = Spread::Nodes,
                    "at" => spec.shape.sites.push(read(value)),
                    "pue" => spec.shape.pue_most = Some(Pue((read::<f64>(value) * 1000.0) as u32)),
                    "reads" => spec.shape.inputs.push(read(value)),
                    "in" if value == "image" => spec.shape.image = true,
                    "delivers" => spec.shape.outputs = value == "output",
                    "priority" => spec.priority = read(value),
                    "limit" => spec.time_limit = Some(read(value)),
                    "deadline" => spec.deadline = Some(Time(read::<i64>(value) * 1000)),
                    "retries" => spec.retries = read(value),
                    "after" => spec.after.push(After { job: self.jobs[value], when: When::Started }),
                    "after-ok" => spec.after.push(After { job: self.jobs[value], when: When::Ok }),
                    "after-any" => spec.after.push(After { job: self.jobs[value], when: When::Ended }),
                    "array" => spec.array = Some(Task { first: JobId(0), index: 0, count: read(value) }),
                    "apart" if value == "nodes" => spec.apart = Some(Apart::Nodes),
                    "apart" if value == "sites" => spec.apart = Some(Apart::Sites),
                    "gives" if value == "way" => spec.preemptible = true,
                    "notice" => spec.notice = Some(Notice { signal: 10, grace: read(value) }),
                    "by" => tenant = value,
                    _ => panic!("a job has no `{word} {value}`"),
                }
            }
            spec.shape.asks.push(ask);
        }
        spec.tenant = self.tenant(tenant);
        self.ask(name, Request::Submit(Arc::new(spec)));
    }

    fn report(&mut self, name: &str, verb: &str, rest: &[&str]) {
        let job = self.jobs[name];
        let mut pool = self.places.get(&job).copied().unwrap_or_default();
        let (mut end, mut attempt, mut run, mut on) = (End::Exited(0), 0, Span(0), None);
        if let Some(known) = self.hub.jobs.get(&job)
            && let Stage::Running { since, .. } = known.stage
        {
            run = self.now() - since;
        }
        for (word, value) in pairs(rest) {
            match word {
                "exit" => end = End::Exited(read(value)),
                "signal" => end = End::Killed(read(value)),
                "as" if value == "stopped" => end = End::Cancelled,
                "as" if value == "place-taken" => end = End::Lost(LostReason::PlaceTaken),
                "as" if value == "lost" => end = End::Lost(LostReason::MachineRestarted),
                "attempt" => attempt = read(value),
                "by" => pool = self.pool(value),
                "on" => on = Some(value),
                _ => panic!("a report has no `{word}`"),
            }
        }
        let report = if verb == "start" { Report::Started } else { Report::Ended(end, Usage { run, ..Usage::default() }) };
        let of = |state: &dispatch::NodeState| Some(state.node.name.as_str()) == on;
        self.ask(
            name,
            match on {
                None => Request::Report(pool, job, attempt, report),
                Some(_) => {
                    let node = self.hub.pools[&pool].nodes.iter().position(of).expect("a node of the pool") as u32;
                    Request::Hear(pool, node, job, attempt, report)
                }
            },
        );
    }

    /// Asks the hub and tells its answer; `subject` is empty for what is a matter of course.
    fn ask(&mut self, subject: &str, request: Request) {
        match decide(&self.hub, self.now(), request) {
            Ok(facts) if facts.is_empty() && !subject.is_empty() => self.tell(&format!("{subject}: nothing changes")),
            Ok(facts) => facts.iter().for_each(|fact| self.take(fact, subject)),
            Err(refusal) => {
                self.tell(&format!("{subject} is refused: {refusal}"));
                if let Refusal::TooLarge { pools } = refusal {
                    self.tell_pools(&pools);
                }
            }
        }
    }

    fn take(&mut self, fact: &Fact, subject: &str) {
        self.hub.apply(self.now(), fact);
        assert_eq!(check(&self.hub), Vec::<String>::new(), "after {fact:?}");
        let name = |id: &JobId| task_name(&self.hub.jobs[id].spec);
        let line = match fact {
            Fact::Served(_, agent) => format!("{subject} is served by {agent}"),
            Fact::Hosted(_, _, machine, agent) => format!("{} has an agent of its own, {agent}", machine.name),
            Fact::HostContact(_, _, true) if subject.is_empty() => return,
            Fact::HostContact(id, node, contact) => {
                let node = &self.hub.pools[id].nodes[*node as usize].node.name;
                format!("{node} is {}", if *contact { "in touch" } else { "silent" })
            }
            Fact::Heard(id, node, report) => {
                let place = self.hub.jobs[id].stage.held().expect("what is heard of has a place");
                let node = &self.hub.pools[&place.pool].nodes[*node as usize].node.name;
                match report {
                    Report::Started => format!("{} has started on {node}", name(id)),
                    Report::Ended(end, _) => format!("{} {end} on {node}", name(id)),
                }
            }
            Fact::Funded(id, purse) => {
                let left = purse.map_or("as much as it likes".to_owned(), |purse| purse.left.to_string());
                format!("{} may spend {left}", self.hub.tenants[id].name)
            }
            Fact::Drawn(..) => return,
            Fact::Occupied(id, nodes) => {
                let pool = &self.hub.pools[id];
                let held = |occupied: &Occupied| {
                    let node = &pool.nodes[occupied.node as usize].node;
                    format!("{} devices and {} cores of {}", occupied.devices, occupied.cpu, node.name)
                };
                format!("others hold {}", nodes.iter().map(held).collect::<Vec<_>>().join(", "))
            }
            Fact::Contact(_, true) if subject.is_empty() => return,
            Fact::Contact(id, contact) => {
                format!("{} is {}", self.hub.pools[id].join.name, if *contact { "in touch" } else { "silent" })
            }
            Fact::Submitted(id, spec) => {
                let name = task_name(spec);
                self.jobs.insert(name.clone(), *id);
                format!("{name} is submitted")
            }
            Fact::AtOnce(id, pool, _) => format!("{} would begin in {} at once", name(id), self.hub.pools[pool].join.name),
            Fact::PutOff(id, until) => format!("{} waits by choice until {}", name(id), until.0 / 1000),
            Fact::Expected(id, expected) => format!("{} is expected to run {expected}", name(id)),
            Fact::Placed(id, place) => {
                self.places.insert(*id, place.pool);
                let pool = &self.hub.pools[&place.pool];
                let part = |slot: &Slot| if slot.part < 1000 { format!("×0.{:03}", slot.part) } else { String::new() };
                let node =
                    |slot: &Slot| format!("{}{}{}", pool.nodes[slot.node as usize].node.name, devices(slot.devices), part(slot));
                let nodes: Vec<String> = place.slots.iter().map(node).collect();
                let cores = if place.cpu.0 > 0 { format!(", {} cores each", place.cpu) } else { String::new() };
                let several = self.hub.jobs[id].spec.shape.asks.len() > 1;
                let ask = if several { format!(", by alternative {}", place.ask + 1) } else { String::new() };
                format!("{} is placed in {}: {}{cores}{ask}", name(id), pool.join.name, nodes.join(" "))
            }
            Fact::Started(id) => format!("{} has started", name(id)),
            Fact::StopWanted(id, Stop::Cancelled) => format!("{} is to be stopped", name(id)),
            Fact::StopWanted(id, Stop::Broken) => format!("{} is to be stopped: a part of it ended", name(id)),
            Fact::StopWanted(id, Stop::Suspended { until }) => {
                format!("{} is to be suspended until {}", name(id), until.0 / 1000)
            }
            Fact::StopWanted(id, Stop::Drained) => format!("{} is to be stopped: its place closes", name(id)),
            Fact::StopWanted(id, Stop::Capped) => format!("{} is to be stopped: its site or rack draws too much", name(id)),
            Fact::StopWanted(id, Stop::Preempted { by, rule }) => {
                format!("{} is to be stopped for {} by {rule:?}", name(id), name(by))
            }
            Fact::Yielded(id, end, _, at) if *at > self.now() => {
                format!("{} {end}; it waits again, from {} on", name(id), at.0 / 1000)
            }
            Fact::Yielded(id, end, ..) => format!("{} {end}; it waits again", name(id)),
            Fact::Reserved(id, None) => format!("nothing is kept for {} any more", name(id)),
            Fact::Reserved(id, Some(kept)) => {
                let pool = &self.hub.pools[&kept.pool];
                let nodes: Vec<&str> = kept.nodes.iter().map(|node| pool.nodes[*node as usize].node.name.as_str()).collect();
                format!("{} of {} is kept for {} from {} on", nodes.join(" "), pool.join.name, name(id), kept.at.0 / 1000)
            }
            Fact::Arranged(..) => return,
            Fact::Data(name, _) => format!("{name} is known"),
            Fact::Limited(..) => format!("{subject} has other limits"),
            Fact::Closed(_, closings) => format!("the {subject} {}", if closings.is_empty() { "is open" } else { "closes" }),
            Fact::Ended(id, end, _) => format!("{} {end}", name(id)),
            Fact::Settled(_) => format!("{subject} is settled"),
            Fact::Census(_) | Fact::Admitted(..) | Fact::Joined(..) | Fact::Seen(..) | Fact::HalfLife(_) => return,
            Fact::Tried(..) | Fact::Remembered(..) | Fact::Load(..) | Fact::Demanded(_) | Fact::Counted { .. } => {
                panic!("only a shortened history says so")
            }
        };
        self.tell(&line);
    }

    fn why(&mut self, name: &str) {
        match self.hub.why_waiting(self.jobs[name]) {
            None => {
                let stage = self.hub.jobs.get(&self.jobs[name]).map_or("settled", |job| Stage::name(&job.stage));
                self.tell(&format!("{name} does not wait: it is {stage}"));
            }
            Some(Why::Behind { first, ahead }) => {
                let first = self.hub.jobs[&first].spec.name.clone();
                self.tell(&format!("{name} waits: behind {ahead}, of which {first} is the first"));
            }
            Some(Why::After { jobs }) => {
                let jobs: Vec<String> = jobs.iter().map(|id| task_name(&self.hub.jobs[id].spec)).collect();
                self.tell(&format!("{name} waits for {}", jobs.join(", ")));
            }
            Some(Why::ByChoice { until, .. }) => self.tell(&format!("{name} waits by choice until {}", until.0 / 1000)),
            Some(Why::Later { at }) => self.tell(&format!("{name} waits until {}", at.0 / 1000)),
            Some(Why::Funds { needs, left }) => self.tell(&format!("{name} waits: it may cost {needs} and {left} are left")),
            Some(Why::Quota { most, held_milli }) => {
                self.tell(&format!("{name} waits: its tenant may hold {most} devices and holds {}", held_milli as f64 / 1000.0));
            }
            Some(why) => {
                self.tell(&format!("{name} waits: {}", why.code()));
                if let Why::Busy { pools } | Why::TooLarge { pools } = why {
                    self.tell_pools(&pools);
                }
            }
        }
    }

    fn foresee(&mut self, name: &str) {
        let before = self.hub.clone();
        let forecast = self.hub.foresee(self.jobs[name], self.now()).expect("it waits");
        assert_eq!((&before, before.opening()), (&self.hub, self.hub.opening()), "what was foreseen is undone");
        let ahead: Vec<String> = forecast.ahead.iter().map(|id| task_name(&self.hub.jobs[id].spec)).collect();
        let ahead = if ahead.is_empty() { "nobody".to_owned() } else { ahead.join(", ") };
        let starts = forecast.starts_at.map_or("at no time known".to_owned(), |at| format!("at {}", at.0 / 1000));
        self.tell(&format!("{name} starts {starts} ({}); before it {ahead}", forecast.how.name()));
        for (smaller, pool) in &forecast.smaller {
            let pool = &self.hub.pools[pool].join.name;
            let change = match smaller {
                Smaller::Devices { from, to } => format!("{to} devices instead of {from}"),
                Smaller::Replicas { from, to } => format!("{to} replicas instead of {from}"),
                Smaller::Cpu { from, to } => format!("{to} cores instead of {from}"),
                Smaller::Memory { from, to } => format!("{to} of memory instead of {from}"),
                Smaller::AnyModel => "any model".to_owned(),
                Smaller::TimeLimit { to } => format!("a time limit of {to}"),
            };
            self.told += &format!("    {change} would start now in {pool}\n");
        }
    }

    fn tell_pools(&mut self, pools: &[PoolWhy]) {
        for PoolWhy { pool, fits, short } in pools {
            let name = &self.hub.pools[pool].join.name;
            self.told += &format!("    {name} could start {fits}: {}\n", shown(short));
        }
    }

    fn show(&mut self, pool: &str) {
        let pool = &self.hub.pools[&self.pool(pool)];
        let mut lines = Vec::new();
        for (at, state) in pool.nodes.iter().enumerate() {
            let (node, held) = (&state.node, state.devices_held.count_ones());
            let of = format!("{held} of {} devices and {} of {} cores held", node.devices, state.cpu_held, node.cpu);
            lines.push(format!("{} at {at}: {of}", node.name));
        }
        lines.iter().for_each(|line| self.tell(line));
    }
}

/// The tasks of an array are told apart by their index.
fn task_name(spec: &Spec) -> String {
    spec.array.map_or_else(|| spec.name.clone(), |task| format!("{}[{}]", spec.name, task.index))
}

/// A device set as ranges: `[0-3,6]`.
fn devices(set: u64) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for bit in (0..64).filter(|bit| set >> bit & 1 == 1) {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == bit => *last = bit,
            _ => ranges.push((bit, bit)),
        }
    }
    let shown = ranges.iter().map(|(from, to)| if from == to { from.to_string() } else { format!("{from}-{to}") });
    let shown: Vec<String> = shown.collect();
    if set == 0 { String::new() } else { format!("[{}]", shown.join(",")) }
}

fn shown(short: &Short) -> String {
    let of_a_node = |what: &str, asked: String, free: String, largest: String| {
        format!("{asked} {what} asked on a node, {free} free, {largest} on an empty one")
    };
    match short {
        Short::Model { wanted } if wanted.is_empty() => "it has no devices".to_owned(),
        Short::Model { wanted } => format!("it has no {}", wanted.join(" or ")),
        Short::Devices { asked, free, largest } => of_a_node("devices", asked.to_string(), free.to_string(), largest.to_string()),
        Short::Cpu { asked, free, largest } => of_a_node("cores", asked.to_string(), free.to_string(), largest.to_string()),
        Short::Memory { asked, free, largest } => {
            of_a_node("of memory", asked.to_string(), free.to_string(), largest.to_string())
        }
        Short::Replicas { asked, fit } => format!("{fit} of {asked} replicas fit"),
        Short::Site => "it stands at no site allowed".to_owned(),
        Short::Pue { most } => format!("its PUE is above {} or unknown", f64::from(most.0) / 1000.0),
        Short::DeviceMemory { asked } => format!("its devices have less than {asked} GB"),
        Short::Power => "nobody knows the power of its devices".to_owned(),
        Short::WholeDevices => "its devices are given whole only".to_owned(),
        Short::Images => "it runs no images".to_owned(),
        Short::Outputs => "nothing written there can be delivered".to_owned(),
        Short::Part { asked, free } => format!("{asked} thousandths of a device asked, {free} free"),
        Short::Closed { nodes, until: None } => format!("{nodes} nodes are closed"),
        Short::Closed { nodes, until: Some(until) } => format!("{nodes} nodes are closed until {}", until.0 / 1000),
        Short::Occupied { nodes, reason } if reason.is_empty() => format!("{nodes} nodes are used by others"),
        Short::Occupied { nodes, reason } => format!("{nodes} nodes are used by others: {reason}"),
        Short::Kept { nodes, until } => format!("{nodes} nodes are kept from {} on", until.0 / 1000),
        Short::Limit { most, held_milli } => format!("its limit is {most} devices, {} are held", *held_milli as f64 / 1000.0),
        Short::Data { bring: None, .. } => "its data cannot be brought there".to_owned(),
        Short::Data { bring: Some(bytes), until } => {
            let until = until.map(|until| format!(" until {}", until.0 / 1000)).unwrap_or_default();
            format!("it waits near its data{until}: {} GB would have to be brought", bytes / 1_000_000_000)
        }
        Short::PowerShort(short) => format!("{short:?}"),
        Short::Veto => "its provider does not take this tenant's work".to_owned(),
        Short::Apart => "other tasks of its array are there".to_owned(),
        Short::Silent => "its agent is silent".to_owned(),
    }
}
