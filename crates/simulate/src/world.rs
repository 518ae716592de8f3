//! What there is: hubs on one store, agents each beside a cluster manager, and the network between.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use census::{Census, Tariff, TariffKind};
use execute::clock::Moment;
use execute::simulated::{Agent, Manager, tell_time};
use execute::{Letter, Link};
use measure::{Name, Span, Time};
use serve::Store;
use serve::simulated::{Hub, Mishap, go_wrong};

use crate::chance::Chance;
use crate::judge::TakenIn;

/// When the story begins: 2026-01-01.
const BEGINS: i64 = 1_767_225_600_000;
/// What hubs take for lost.
pub(crate) const LOST_AFTER: Span = Span::seconds(20);

/// A machine with a hub.
pub(crate) struct Machine {
    pub(crate) url: String,
    folder: PathBuf,
    pub(crate) hub: Option<Hub>,
    /// By how much its clock goes wrong, in milliseconds.
    pub(crate) clock: i64,
}

/// A pool: its manager, and its agent while it lives.
pub(crate) struct Pool {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    pub(crate) manager: Rc<RefCell<Manager>>,
    /// The way to every hub; one agent after the other goes on with it, as one that tries again would.
    pub(crate) link: Link,
    pub(crate) token: String,
    pub(crate) clock: i64,
    /// It will never come back.
    pub(crate) gone: bool,
}

/// Hubs, their store and the way to them. Agents are apart: while one acts, it asks these.
pub(crate) struct Machines {
    pub(crate) all: Vec<Machine>,
    pub(crate) chance: Chance,
    pub(crate) now: Duration,
    pub(crate) store: PathBuf,
    /// Who cannot reach which hub.
    pub(crate) cut: BTreeSet<(String, usize)>,
    /// Out of a thousand letters: lost on the way there, on the way back, and delivered again later.
    pub(crate) losses: [u64; 3],
    /// Out of a thousand letters that reach the writer, one meets its death there.
    pub(crate) deaths: u64,
    /// Letters that arrive again: when, where, and what.
    pub(crate) late: Vec<(Duration, usize, Copy)>,
    /// Hubs that died, and are to be started again.
    pub(crate) died: Vec<usize>,
    pub(crate) happened: BTreeMap<&'static str, u32>,
    pub(crate) story: Option<Vec<String>>,
    /// What was seen that must not be.
    pub(crate) wrong: Vec<String>,
    /// Until then the store's disk is full.
    pub(crate) full_until: Duration,
    /// Out of a thousand letters, so many wait for a slow disk.
    pub(crate) slow: u64,
    /// Hubs that stand still, and until when.
    pub(crate) frozen: BTreeMap<usize, Duration>,
    /// By how much the clocks of agents go wrong, by their marks.
    pub(crate) offsets: BTreeMap<String, i64>,
    /// How far the journal had come when.
    pub(crate) taken_in: Vec<TakenIn>,
    /// Out of a thousand letters that come again, so many are much later than others.
    pub(crate) much_later: u64,
    folder: PathBuf,
    stores: u32,
}

/// A letter that can be delivered again.
#[derive(Clone)]
pub(crate) struct Copy {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Copy {
    fn request(&self) -> Request<Body> {
        let mut request = Request::builder().method(self.method).uri(&self.path);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request.body(Body::from(self.body.clone())).expect("a letter is a request")
    }
}

thread_local! {
    static MACHINES: RefCell<Option<Machines>> = const { RefCell::new(None) };
}

/// Does something with the hubs.
pub(crate) fn machines<T>(act: impl FnOnce(&mut Machines) -> T) -> T {
    MACHINES.with_borrow_mut(|machines| act(machines.as_mut().expect("a story is told")))
}

pub(crate) fn put(machines: Machines) {
    MACHINES.set(Some(machines));
}

pub(crate) fn take() -> Option<Machines> {
    MACHINES.take()
}

impl Machines {
    pub(crate) fn new(folder: &Path, count: usize, chance: Chance, tells: bool) -> Machines {
        let machine = |at: usize| Machine {
            url: format!("http://hub-{at}"),
            folder: folder.join(format!("hub-{at}")),
            hub: None,
            clock: 0,
        };
        Machines {
            all: (0..count).map(machine).collect(),
            chance,
            now: Duration::from_secs(1000),
            store: folder.join("store.db"),
            cut: BTreeSet::new(),
            losses: [0; 3],
            deaths: 0,
            late: Vec::new(),
            died: Vec::new(),
            happened: BTreeMap::new(),
            story: tells.then(Vec::new),
            wrong: Vec::new(),
            full_until: Duration::ZERO,
            slow: 0,
            frozen: BTreeMap::new(),
            offsets: BTreeMap::new(),
            taken_in: Vec::new(),
            much_later: 0,
            folder: folder.to_owned(),
            stores: 0,
        }
    }

    pub(crate) fn tell(&mut self, kind: &'static str, what: impl FnOnce() -> String) {
        *self.happened.entry(kind).or_default() += 1;
        let now = self.now;
        if let Some(story) = &mut self.story {
            story.push(format!("{:>9.3} s  {kind}: {}", now.as_secs_f64() - 1000.0, what()));
        }
    }

    /// Adds to the story what is nothing that went wrong.
    fn note(&mut self, what: impl FnOnce() -> String) {
        let now = self.now;
        if let Some(story) = &mut self.story {
            story.push(format!("{:>9.3} s    {}", now.as_secs_f64() - 1000.0, what()));
        }
    }

    /// The clocks of this thread show what this machine's show.
    pub(crate) fn clocks(&self, offset: i64) {
        let wall = BEGINS + self.now.as_millis() as i64 + offset;
        tell_time(Time(wall), self.now);
    }

    pub(crate) fn start(&mut self, at: usize) {
        self.clocks(self.all[at].clock);
        let store = Store::Shared(self.store.clone());
        let machine = &mut self.all[at];
        match Hub::start(&machine.folder, &store, &machine.url, LOST_AFTER, &census()) {
            Ok(hub) => machine.hub = Some(hub),
            Err(fault) => {
                self.tell("hub does not start", || fault.to_string());
                self.died.push(at);
            }
        }
    }

    /// Whether it stands still, as a process that is stopped, or a machine that swaps.
    fn stands_still(&mut self, at: usize) -> bool {
        let now = self.now;
        self.frozen.retain(|_, until| *until > now);
        self.frozen.contains_key(&at)
    }

    /// It ends without a word.
    pub(crate) fn crash(&mut self, at: usize, why: &str) {
        if self.all[at].hub.take().is_some() {
            self.tell("hub dies", || format!("hub-{at}: {why}"));
        }
        self.died.push(at);
    }

    /// A turn of a hub's thread.
    pub(crate) fn turn(&mut self, at: usize, beats: bool) {
        self.clocks(self.all[at].clock);
        if self.stands_still(at) {
            return;
        }
        let full = self.now < self.full_until;
        let Some(hub) = &mut self.all[at].hub else { return };
        if full {
            hub.fill_disk();
        }
        let led = hub.leads();
        let outcome = if beats { hub.beat().and_then(|()| hub.turn()) } else { hub.turn() };
        let leads = hub.leads();
        if outcome.is_ok() {
            self.note_taken_in(at);
        }
        match outcome {
            Err(died) => self.crash(at, &died.0),
            Ok(()) if leads && !led => self.tell("hub takes over", || format!("hub-{at}")),
            Ok(()) => {}
        }
    }

    /// Notes by when a hub has taken in what it knows.
    fn note_taken_in(&mut self, at: usize) {
        let Some(seq) = self.all[at].hub.as_ref().filter(|hub| hub.leads()).map(Hub::seq) else { return };
        if self.taken_in.last().is_none_or(|(known, _)| *known < seq) {
            self.taken_in.push((seq, Moment::after(self.now)));
        }
    }

    /// The machine with the store loses power: what was not synced is torn, every hub dies with its connection.
    pub(crate) fn lose_store(&mut self) {
        self.stores += 1;
        let next = self.folder.join(format!("store-{}.db", self.stores));
        let beside = |path: &Path, end: &str| PathBuf::from(format!("{}{end}", path.display()));
        std::fs::copy(&self.store, &next).expect("the store is a file");
        if let Ok(mut log) = std::fs::read(beside(&self.store, "-wal")) {
            // The next transaction was being written: a part of it, or what the disk made of it.
            let torn = self.chance.below(9000) as usize;
            let again = self.chance.permille(500) && log.len() > 4096 + 32;
            match again {
                true => log.extend_from_within(32..(32 + torn).min(log.len())),
                false => log.extend((0..torn).map(|byte| (byte as u64).wrapping_mul(31) as u8)),
            }
            std::fs::write(beside(&next, "-wal"), log).expect("a file can be written");
        }
        self.store = next;
        self.tell("store loses power", String::new);
        for at in 0..self.all.len() {
            self.crash(at, "its store is away");
        }
    }

    /// Carries a letter to a hub and brings back the answer.
    pub(crate) fn carry(&mut self, from: &str, to: usize, copy: &Copy) -> Option<(u16, Vec<u8>)> {
        let [there, back, again] = self.losses;
        if self.cut.contains(&(from.to_owned(), to)) || self.chance.permille(there) {
            self.tell("letter lost", || format!("from {from} to hub-{to}: {} {}", copy.method, copy.path));
            return None;
        }
        if self.chance.permille(again) {
            // Where it is later than the pause before a lost job is tried again, it may meet the next attempt.
            let most = if self.chance.permille(self.much_later) { 90_000 } else { 15_000 };
            let later = self.now + Duration::from_millis(self.chance.between(1, most));
            self.late.push((later, to, copy.clone()));
        }
        let answer = self.deliver(to, copy);
        if self.chance.permille(back) {
            self.tell("answer lost", || format!("from hub-{to} to {from}: {} {}", copy.method, copy.path));
            return None;
        }
        answer
    }

    pub(crate) fn deliver(&mut self, to: usize, copy: &Copy) -> Option<(u16, Vec<u8>)> {
        self.clocks(self.all[to].clock);
        let dies = self.chance.permille(self.deaths);
        let how = if self.chance.permille(500) { Mishap::BeforeCommit } else { Mishap::AfterCommit };
        if self.stands_still(to) {
            return None;
        }
        let late = if self.chance.permille(self.slow) { self.chance.between(100, 2500) } else { 0 };
        self.now += Duration::from_millis(late / 2);
        self.clocks(self.all[to].clock);
        let full = self.now < self.full_until;
        let hub = self.all[to].hub.as_mut()?;
        if full {
            hub.fill_disk();
        }
        if dies && hub.leads() {
            go_wrong(Some(how));
        }
        let (led, before) = (hub.leads(), hub.seq());
        let (answer, died) = hub.ask(copy.request());
        go_wrong(None);
        let seq = hub.seq();
        // A hub that others took for dead may answer who reads; it may take nothing in.
        if led && died.is_none() && seq > before && !hub.is_newest() {
            self.wrong.push(format!("hub-{to} took in {} {} while another hub writes", copy.method, copy.path));
        }
        match died {
            Some(died) => self.crash(to, &died.0),
            None => self.note_taken_in(to),
        }
        if late > 0 {
            self.tell("disk is slow", || format!("hub-{to}: {late} ms"));
            self.now += Duration::from_millis(late / 2);
        }
        self.note(|| {
            let cut = |bytes: &[u8]| without_secrets(&String::from_utf8_lossy(bytes)).chars().take(160).collect::<String>();
            let told = answer.as_ref().map_or("none".to_owned(), |(status, body)| format!("{status} {}", cut(body)));
            format!("hub-{to}: {} {} {} → {told}", copy.method, copy.path, cut(&copy.body))
        });
        answer
    }

    /// Asks a hub as a person does, whose letters are never lost.
    pub(crate) fn ask(&mut self, to: usize, copy: &Copy) -> Option<(u16, serde_json::Value)> {
        let (status, body) = self.deliver(to, copy)?;
        Some((status, serde_json::from_slice(&body).unwrap_or_default()))
    }
}

/// A text without tokens, which are chance of another kind, and nobody's to read.
fn without_secrets(text: &str) -> String {
    let mut left = text.to_owned();
    for kind in [execute::credential::JOINING, execute::credential::SECRET] {
        while let Some(at) = left.find(kind) {
            let end = left[at + kind.len()..]
                .find(|letter: char| !letter.is_ascii_hexdigit())
                .map_or(left.len(), |end| at + kind.len() + end);
            left.replace_range(at..end, "…");
        }
    }
    left
}

/// What computing costs, so that every bill moves money.
fn census() -> Census {
    let id: Name = "computing".parse().expect("it is a name");
    let tariff = Tariff {
        id: id.clone(),
        kind: TariffKind::CoreHour,
        scope: "*".to_owned(),
        valid_from: Time(0),
        valid_to: None,
        hours: Vec::new(),
        micro: 3_600_000,
        grade: "sample".to_owned(),
        source: "made for simulations".to_owned(),
        note: String::new(),
    };
    let mut census = Census::default();
    census.tariffs.insert(id, tariff);
    census
}

/// A letter of a person.
pub(crate) fn letter(method: &'static str, path: &str, token: &str, name: Option<&str>, body: &serde_json::Value) -> Copy {
    let mut headers = vec![("authorization", format!("Bearer {token}"))];
    headers.extend(name.map(|name| ("idempotency-key", name.to_owned())));
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    Copy { method, path: path.to_owned(), headers, body }
}

/// What agents are carried by.
pub(crate) fn carrier(letter: &Letter) -> Option<(u16, Vec<u8>)> {
    machines(|machines| {
        let to = machines.all.iter().position(|machine| machine.url == letter.url)?;
        let headers = vec![("authorization", letter.bearer.clone()), (execute::wire::MARK_HEADER, letter.mark.to_owned())];
        let copy = Copy { method: letter.method, path: letter.path.to_owned(), headers, body: letter.body.clone() };
        let answer = machines.carry(letter.mark, to, &copy);
        // Whoever asked goes on by its own clock.
        machines.clocks(machines.offsets.get(letter.mark).copied().unwrap_or(0));
        answer
    })
}

/// The way of an agent to every hub.
pub(crate) fn link(name: &str, urls: &str) -> Link {
    Link::new(urls, "", None).carried_by(carrier).marked(name)
}

/// Starts the agent of a pool.
pub(crate) fn start_agent(pool: &Pool) -> Result<Agent, String> {
    Agent::start(&pool.link, &pool.token, &pool.name, &pool.folder, &pool.manager).map_err(|stopped| stopped.to_string())
}
