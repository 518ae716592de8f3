//! Plays every file of `scenarios/` and compares what the hub answers with what stands below `---`.
//! `UPDATE_SCENARIOS=1` writes the answers instead. The language is told in `scenarios/README.md`.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fs;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use dispatch::{
    Ask, Command, End, Fact, Hub, Join, Node, Policy, PoolWhy, Refusal, Report, Request, Shape, Short, Slot, Spec, Stage, Usage,
    Why, check, decide,
};
use measure::{Cpu, Devices, JobId, Memory, Name, PoolId, TenantId, Time};

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
    policy: Policy,
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

    /// All that happens in one second is one batch; a round follows it.
    fn move_on_to(&mut self, second: i64) {
        assert!(second >= self.second, "time runs forward");
        if second > self.second {
            self.round();
        }
        self.second = second;
    }

    fn round(&mut self) {
        let mut shadow = self.hub.clone();
        let facts = shadow.round(self.now(), self.policy);
        facts.iter().for_each(|fact| self.take(fact, ""));
        assert_eq!(self.hub.opening(), shadow.opening(), "a round applies the facts it returns");
        self.hub = shadow;
    }

    fn act(&mut self, words: &[&str]) {
        let (verb, rest) = (words[0], &words[1..]);
        let subject = rest[0];
        match verb {
            "policy" => self.policy = Policy::named(subject).expect("a policy"),
            "pool" => self.join(subject, &rest[1..]),
            "gone" | "back" if rest.len() == 2 => {
                let machines = self.machines.get_mut(subject).expect("a pool");
                machines.iter_mut().filter(|(node, _)| node.name == rest[1]).for_each(|(_, there)| *there = verb == "back");
                self.see(subject);
            }
            "silent" | "back" => self.ask(subject, Request::Contact(self.pool(subject), verb == "back")),
            "show" => self.show(subject),
            "submit" => self.submit(subject, &rest[1..]),
            "why" => self.why(subject),
            "cancel" => self.ask(subject, Request::Cancel(self.jobs[subject])),
            "settle" => self.ask(subject, Request::Settle(self.jobs[subject])),
            "start" | "end" => self.report(subject, verb, &rest[1..]),
            _ => panic!("`{verb}` is not a verb of this language"),
        }
    }

    fn pool(&self, name: &str) -> PoolId {
        self.hub.pool_named(&read(name)).unwrap_or_else(|| panic!("{name} has not joined"))
    }

    fn join(&mut self, name: &str, rest: &[&str]) {
        let mut node = Node { name: String::new(), model: None, devices: Devices(0), cpu: Cpu(0), memory: Memory::mebibytes(0) };
        let mut count = 1;
        for (word, value) in pairs(rest) {
            match word {
                "nodes" => count = read(value),
                "devices" => node.devices = read(value),
                "model" => node.model = Some(value.to_owned()),
                "cpu" => node.cpu = read(value),
                "memory" => node.memory = read(value),
                _ => panic!("a pool has no `{word}`"),
            }
        }
        let machines = self.machines.entry(name.to_owned()).or_default();
        for _ in 0..count {
            machines.push((Node { name: format!("node-{}", machines.len()), ..node.clone() }, true));
        }
        let executor = "replay".to_owned();
        self.ask("", Request::Join(Join { name: read(name), provider: read("provider"), site: None, executor }));
        self.see(name);
        self.ask("", Request::Contact(self.pool(name), true));
    }

    fn see(&mut self, pool: &str) {
        let there = self.machines[pool].iter().filter(|(_, there)| *there);
        let nodes = there.map(|(node, _)| node.clone()).collect();
        self.ask("", Request::See(self.pool(pool), nodes));
    }

    fn submit(&mut self, name: &str, rest: &[&str]) {
        let nothing = Ask { devices: Devices(0), models: Vec::new() };
        let mut shape = Shape { replicas: 1, asks: Vec::new(), cpu: Cpu(0), memory: Memory(0) };
        let (mut priority, mut tenant) = (0, "llm-lab");
        for alternative in rest.split(|word| *word == "or") {
            let mut ask = nothing.clone();
            for (word, value) in pairs(alternative) {
                match word {
                    "replicas" => shape.replicas = read(value),
                    "devices" => ask.devices = read(value),
                    "model" => ask.models.push(value.to_owned()),
                    "cpu" => shape.cpu = read(value),
                    "memory" => shape.memory = read(value),
                    "priority" => priority = read(value),
                    "by" => tenant = value,
                    _ => panic!("a job has no `{word}`"),
                }
            }
            shape.asks.push(ask);
        }
        let tenant_name: Name = read(tenant);
        self.ask("", Request::Admit(tenant_name.clone()));
        let tenant: TenantId = self.hub.tenant_named(&tenant_name).expect("it was admitted");
        let command = Command::default();
        let spec = Spec { tenant, name: name.to_owned(), shape, time_limit: None, priority, command };
        self.ask(name, Request::Submit(Arc::new(spec)));
    }

    fn report(&mut self, name: &str, verb: &str, rest: &[&str]) {
        let job = self.jobs[name];
        let mut pool = self.places.get(&job).copied().unwrap_or_default();
        let mut end = End::Exited(0);
        for (word, value) in pairs(rest) {
            match word {
                "exit" => end = End::Exited(read(value)),
                "signal" => end = End::Killed(read(value)),
                "by" => pool = self.pool(value),
                _ => panic!("a report has no `{word}`"),
            }
        }
        let report = if verb == "start" { Report::Started } else { Report::Ended(end, Usage::default()) };
        self.ask(name, Request::Report(pool, job, report));
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
        let name = |id: &JobId| self.hub.jobs[id].spec.name.clone();
        let line = match fact {
            Fact::Served(_, agent) => format!("{subject} is served by {agent}"),
            Fact::Contact(_, true) if subject.is_empty() => return,
            Fact::Contact(_, contact) => format!("{subject} is {}", if *contact { "in touch" } else { "silent" }),
            Fact::Submitted(id, _) => {
                self.jobs.insert(subject.to_owned(), *id);
                format!("{subject} is submitted")
            }
            Fact::Placed(id, place) => {
                self.places.insert(*id, place.pool);
                let pool = &self.hub.pools[&place.pool];
                let node = |slot: &Slot| format!("{}{}", pool.nodes[slot.node as usize].node.name, devices(slot.devices));
                let nodes: Vec<String> = place.slots.iter().map(node).collect();
                let cores = if place.cpu.0 > 0 { format!(", {} cores each", place.cpu) } else { String::new() };
                let several = self.hub.jobs[id].spec.shape.asks.len() > 1;
                let ask = if several { format!(", by alternative {}", place.ask + 1) } else { String::new() };
                format!("{} is placed in {}: {}{cores}{ask}", name(id), pool.join.name, nodes.join(" "))
            }
            Fact::Started(id) => format!("{} has started", name(id)),
            Fact::StopWanted(id, _) => format!("{} is to be stopped", name(id)),
            Fact::Ended(id, end, _) => format!("{} {end}", name(id)),
            Fact::Settled(_) => format!("{subject} is settled"),
            Fact::Census(_) | Fact::Admitted(..) | Fact::Joined(..) | Fact::Seen(..) | Fact::Counted { .. } => return,
        };
        self.tell(&line);
    }

    fn why(&mut self, name: &str) {
        match self.hub.why_waiting(self.jobs[name], self.policy) {
            None => {
                let stage = self.hub.jobs.get(&self.jobs[name]).map_or("settled", |job| Stage::name(&job.stage));
                self.tell(&format!("{name} does not wait: it is {stage}"));
            }
            Some(Why::Behind { first, ahead }) => {
                let first = self.hub.jobs[&first].spec.name.clone();
                self.tell(&format!("{name} waits: behind {ahead}, of which {first} is the first"));
            }
            Some(why) => {
                self.tell(&format!("{name} waits: {}", why.code()));
                if let Why::Busy { pools } | Why::TooLarge { pools } = why {
                    self.tell_pools(&pools);
                }
            }
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
        Short::Silent => "its agent is silent".to_owned(),
    }
}
