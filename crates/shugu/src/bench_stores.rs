//! `shugu bench stores` and `shugu bench takeover`: what a store costs, and what happens when the hub that writes is lost.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::Args;
use dispatch::{End, Node, Report, Usage};
use execute::Link;
use execute::hubs::Hubs;
use execute::wire::{Greeting, Hello, Reported, Reports, Wanted};
use measure::{Cpu, JobId, Memory, Span};
use serde_json::{Value, json};

use crate::bench::Hub;
use crate::client::Client;
use crate::failure::{Failure, Outcome, note, print};
use crate::print_json;

#[derive(Debug, Args)]
pub(crate) struct StoresOptions {
    /// A database without a hub on a server that speaks PostgreSQL's protocol; `tools/postgres.sh` starts a server.
    #[arg(long, env = "SHUGU_TEST_POSTGRES", value_name = "URL")]
    postgres: String,
    /// Clients, each of which waits for its answer before it submits the next job.
    #[arg(long, default_value_t = 16)]
    clients: usize,
    /// How long each store is asked.
    #[arg(long, default_value_t = 15, value_name = "SECONDS")]
    seconds: u64,
}

#[derive(Debug, Args)]
pub(crate) struct TakeoverOptions {
    /// A database without a hub on a server that speaks PostgreSQL's protocol.
    #[arg(long, env = "SHUGU_TEST_POSTGRES", value_name = "URL")]
    postgres: String,
    /// Hubs.
    #[arg(long, default_value_t = 3)]
    hubs: usize,
    /// Submits a second.
    #[arg(long, default_value_t = 1000)]
    rate: u64,
    /// How often the writer is lost: killed and cut off from the store by turns.
    #[arg(long, default_value_t = 20)]
    losses: usize,
}

fn failed(error: &io::Error) -> Failure {
    Failure::Failed(error.to_string())
}

/// An address in a database; that of the server alone gets the server's own.
fn database(url: &str) -> String {
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    if rest.contains('/') { url.to_owned() } else { format!("{url}/postgres") }
}

/// Milliseconds of CPU that a process has had.
fn cpu_ms(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let ticks = nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK).ok().flatten().unwrap_or(100) as f64;
    let fields = stat.rsplit_once(") ").map(|(_, rest)| rest.split_whitespace()).into_iter().flatten();
    fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() * 1000.0 / ticks
}

/// Milliseconds of CPU of every process of a database server on this machine.
fn server_cpu_ms() -> f64 {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let of_server = processes
        .filter(|process| std::fs::read_to_string(process.path().join("comm")).is_ok_and(|name| name.trim() == "postgres"));
    of_server.filter_map(|process| process.file_name().to_str()?.parse().ok()).map(cpu_ms).sum()
}

fn agent(patience: Duration) -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(patience)).build().into()
}

fn quantile(sorted: &[f64], part: f64) -> f64 {
    sorted.get(((sorted.len() as f64 - 1.0) * part).round() as usize).copied().unwrap_or(f64::NAN)
}

/// The load on one store: what was answered, how long it took, and the CPU of hub and server.
fn load(options: &StoresOptions, folder: &Path, store: &str) -> Outcome<Value> {
    let hub = Hub::start_on(folder, false, "127.0.0.1:0", store, None)?;
    let token = std::fs::read_to_string(folder.join("operator.token")).map_err(|error| failed(&error))?;
    let bearer = format!("Bearer {}", token.trim());
    let job = json!({ "command": ["true"], "cpus": 1 });
    let submit = |agent: &ureq::Agent| {
        let request = agent.post(format!("{}/v1/jobs", hub.client.url())).header("authorization", &bearer);
        request.send_json(&job).is_ok_and(|mut answer| answer.status() == 201 && answer.body_mut().read_to_string().is_ok())
    };
    // Its tenant is let in, and every statement prepared, before the clock runs.
    for _ in 0..50 {
        submit(&agent(Duration::from_secs(10)));
    }
    let (hub_before, server_before) = (cpu_ms(hub.pid()), server_cpu_ms());
    let begun = Instant::now();
    let until = begun + Duration::from_secs(options.seconds);
    let spans: Vec<Vec<f64>> = std::thread::scope(|scope| {
        let one = || {
            let (agent, mut spans) = (agent(Duration::from_secs(10)), Vec::new());
            while Instant::now() < until {
                let asked = Instant::now();
                if submit(&agent) {
                    spans.push(asked.elapsed().as_secs_f64() * 1000.0);
                }
            }
            spans
        };
        let clients: Vec<_> = (0..options.clients).map(|_| scope.spawn(one)).collect();
        clients.into_iter().map(|client| client.join().unwrap_or_default()).collect()
    });
    let wall = begun.elapsed().as_secs_f64();
    let (hub_cpu, server_cpu) = (cpu_ms(hub.pid()) - hub_before, server_cpu_ms() - server_before);
    let mut spans: Vec<f64> = spans.into_iter().flatten().collect();
    spans.sort_by(f64::total_cmp);
    let jobs = spans.len() as f64;
    Ok(json!({
        "submits": spans.len(),
        "submits_per_s": jobs / wall,
        "p50_ms": quantile(&spans, 0.5),
        "p99_ms": quantile(&spans, 0.99),
        "hub_cpu_ms_per_submit": hub_cpu / jobs,
        "server_cpu_ms_per_submit": server_cpu / jobs,
    }))
}

pub(crate) fn stores(options: &StoresOptions, json: bool) -> Outcome {
    let folder = tempfile::Builder::new().prefix("shugu-bench-").tempdir().map_err(|error| failed(&error))?;
    let sqlite = load(options, &folder.path().join("sqlite"), "sqlite")?;
    let postgres = load(options, &folder.path().join("postgres"), &database(&options.postgres))?;
    let all = json!({ "clients": options.clients, "seconds": options.seconds, "sqlite": sqlite, "postgres": postgres });
    if json {
        return print_json(&all);
    }
    let row = |name: &str| {
        let figure = |field: &str| all[name][field].as_f64().unwrap_or(f64::NAN);
        format!(
            "{name:<10}{:>12.0}{:>10.2}{:>10.2}{:>16.3}{:>19.3}\n",
            figure("submits_per_s"),
            figure("p50_ms"),
            figure("p99_ms"),
            figure("hub_cpu_ms_per_submit"),
            figure("server_cpu_ms_per_submit")
        )
    };
    print(&format!(
        "{} clients, each waits for its answer; CPU in milliseconds a submit\n{:<10}{:>12}{:>10}{:>10}{:>16}{:>19}\n{}{}",
        options.clients,
        "store",
        "submits/s",
        "p50 ms",
        "p99 ms",
        "CPU of the hub",
        "CPU of the server",
        row("sqlite"),
        row("postgres")
    ))
}

// ---------------------------------------------------------------- takeover

/// A wire between a hub and its store that can go dead: what is sent goes nowhere, and nobody is told.
struct Wire {
    address: SocketAddr,
    dead: Arc<AtomicBool>,
}

impl Wire {
    fn to(server: SocketAddr) -> io::Result<Wire> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let (address, dead) = (listener.local_addr()?, Arc::new(AtomicBool::new(false)));
        let is_dead = dead.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Ok(onward) = TcpStream::connect(server) else { continue };
                let _ = (stream.set_nodelay(true), onward.set_nodelay(true));
                if let (Ok(back), Ok(forth)) = (onward.try_clone(), stream.try_clone()) {
                    let (one, other) = (is_dead.clone(), is_dead.clone());
                    std::thread::spawn(move || pass(stream, onward, &one));
                    std::thread::spawn(move || pass(back, forth, &other));
                }
            }
        });
        Ok(Wire { address, dead })
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, dead: &AtomicBool) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        // Held back for as long as the wire is dead; the connection itself stays.
        while dead.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(20));
        }
        if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
    let _ = from.shutdown(std::net::Shutdown::Both);
}

/// One hub of several, and its wire to the store.
struct Standing {
    hub: Option<Hub>,
    url: String,
    wire: Wire,
}

/// Speaks to the hubs as a pool's agent does, runs nothing, and counts what it would have run.
fn stand_in(link: &Link, over: &AtomicBool, runs: &Mutex<BTreeMap<(JobId, u32), u32>>) {
    let mut after = 0;
    while !over.load(Ordering::Relaxed) {
        let Ok(wanted) = link.get::<Wanted>(&format!("/v1/agent/wanted?after={after}&wait_ms=300")) else {
            std::thread::sleep(Duration::from_millis(30));
            after = 0;
            continue;
        };
        let mut reports = Reports::default();
        for job in &wanted.jobs {
            let mut runs = runs.lock().unwrap_or_else(PoisonError::into_inner);
            // What it began it does not begin again; what was not acknowledged it says again.
            runs.entry((job.job, job.attempt)).or_insert(1);
            let usage = Usage { run: Span(1), ..Usage::default() };
            for report in [Report::Started, Report::Ended(End::Exited(0), usage)] {
                reports.reports.push((job.job, report));
                reports.attempts.push(job.attempt);
            }
        }
        after = match reports.reports.is_empty() || link.post::<_, Reported>("/v1/agent/reports", &reports).is_ok() {
            true => wanted.as_of,
            false => 0,
        };
    }
}

/// Of each writer that was lost whether it was cut off rather than killed, and for how long nothing was taken.
type Gaps = Vec<(bool, f64)>;

#[derive(Default)]
struct Sent {
    /// By the name of a request: the job that it was told.
    kept: BTreeMap<String, String>,
    spans: Vec<f64>,
}

/// Submits at its own pace, each job under a name, until some hub says that it has it.
fn sender(number: usize, hubs: &Hubs, bearer: &str, every: Duration, over: &AtomicBool, acknowledged: &AtomicU64) -> Sent {
    // Who is not answered asks another hub before a takeover is over.
    let (agent, mut sent, mut next, mut count) = (agent(Duration::from_millis(1500)), Sent::default(), Instant::now(), 0_u64);
    while !over.load(Ordering::Relaxed) {
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
        // What was not sent in time during a takeover is sent after it, as tenants would.
        next += every;
        let name = format!("sender-{number}-{count}");
        count += 1;
        let body = json!({ "name": name, "command": ["true"], "cpus": 1, "tenant": "bench" });
        let begun = Instant::now();
        let id = loop {
            if over.load(Ordering::Relaxed) && begun.elapsed() > Duration::from_secs(60) {
                return sent;
            }
            let url = hubs.url();
            let request = agent.post(format!("{url}/v1/jobs")).header("authorization", bearer);
            let mut writer = None;
            if let Ok(mut answer) = request.header("idempotency-key", &name).send_json(&body) {
                let status = answer.status().as_u16();
                let text = answer.body_mut().read_to_string().unwrap_or_default();
                if status == 201 {
                    let told: Value = serde_json::from_str(&text).unwrap_or_default();
                    if let Some(id) = told["id"].as_str() {
                        break id.to_owned();
                    }
                }
                writer = Hubs::elsewhere(status, &text).flatten();
            }
            hubs.turn(url, writer.as_deref());
            std::thread::sleep(Duration::from_millis(20));
        };
        sent.spans.push(begun.elapsed().as_secs_f64() * 1000.0);
        sent.kept.insert(name, id);
        acknowledged.fetch_add(1, Ordering::Relaxed);
    }
    sent
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

pub(crate) fn takeover(options: &TakeoverOptions, json: bool) -> Outcome {
    let folder = tempfile::Builder::new().prefix("shugu-bench-").tempdir().map_err(|error| failed(&error))?;
    let address = database(&options.postgres);
    // The part of the address that says where the server is, which each hub reaches over a wire of its own.
    let (scheme, rest) = address.split_once("://").ok_or_else(|| Failure::Wrong("--postgres: no address".to_owned()))?;
    let (user, place) = rest.rsplit_once('@').map_or(("", rest), |(user, place)| (user, place));
    let (host, name) = place.split_once('/').unwrap_or((place, "postgres"));
    let host = if host.contains(':') { host.to_owned() } else { format!("{host}:5432") };
    let server = std::net::ToSocketAddrs::to_socket_addrs(&host).ok().and_then(|mut all| all.next());
    let server = server.ok_or_else(|| Failure::Wrong(format!("--postgres: there is no server {host}")))?;
    let through = |wire: &Wire| {
        let user = if user.is_empty() { String::new() } else { format!("{user}@") };
        format!("{scheme}://{user}{}/{name}", wire.address)
    };
    let mut token: Option<String> = None;
    let mut all = Vec::new();
    for at in 0..options.hubs {
        let wire = Wire::to(server).map_err(|error| failed(&error))?;
        let home = folder.path().join(format!("hub-{at}"));
        let listen = format!("127.0.0.1:{}", free_port().map_err(|error| failed(&error))?);
        let hub = Hub::start_on(&home, false, &listen, &through(&wire), token.as_deref())?;
        if token.is_none() {
            let text = std::fs::read_to_string(home.join("operator.token")).map_err(|error| failed(&error))?;
            token = Some(text.trim().to_owned());
        }
        all.push(Standing { hub: Some(hub), url: format!("http://{listen}"), wire });
    }
    let token = token.unwrap_or_default();
    let urls: Vec<String> = all.iter().map(|standing| standing.url.clone()).collect();
    let urls = urls.join(",");
    let operator = Client::new(&urls, &token, None);
    let made: Value = operator.post("/v1/pools", &json!({ "name": "bench", "provider": "bench", "executor": "local" }))?;
    let joining = made["token"].as_str().unwrap_or_default();
    let secret = execute::credential::new_secret(execute::credential::SECRET).map_err(|error| failed(&error))?;
    let mark = "a-stand-in-for-an-agent";
    let link = |token: &str| Link::new(&urls, token, None).marked(mark);
    let told = |fault: execute::Fault| Failure::Failed(fault.to_string());
    let _: Value = link(joining).post("/v1/agent/join", &json!({ "credential": secret })).map_err(told)?;
    let agent = link(&secret);
    let node = Node { name: "node".to_owned(), cpu: Cpu::cores(4000), memory: Memory::mebibytes(1 << 20), ..Node::default() };
    let hello = Hello { version: "bench".into(), executor: "local".into(), nodes: vec![node], others: Vec::new(), shares: false };
    let _: Greeting = agent.post("/v1/agent/hello", &hello).map_err(told)?;

    let (over, idle, acknowledged) = (AtomicBool::new(false), AtomicBool::new(false), AtomicU64::new(0));
    let runs = Mutex::new(BTreeMap::new());
    let bearer = format!("Bearer {token}");
    const SENDERS: usize = 32;
    let every = Duration::from_secs_f64(SENDERS as f64 / options.rate.max(1) as f64);
    let begun = Instant::now();
    let (sent, gaps) = std::thread::scope(|scope| -> Outcome<(Vec<Sent>, Gaps)> {
        let hears = scope.spawn(|| stand_in(&agent, &idle, &runs));
        let senders: Vec<_> = (0..SENDERS)
            .map(|number| {
                let (urls, bearer, over, acknowledged) = (&urls, &bearer, &over, &acknowledged);
                scope.spawn(move || sender(number, &Hubs::new(urls), bearer, every, over, acknowledged))
            })
            .collect();
        let lost = lose(options, &mut all, &token, &through, folder.path(), &acknowledged);
        over.store(true, Ordering::Relaxed);
        let sent: Vec<Sent> = senders.into_iter().map(|sender| sender.join().unwrap_or_default()).collect();
        // What is left runs to its end.
        let until = Instant::now() + Duration::from_secs(120);
        while Instant::now() < until {
            let hub: Result<serve::view::HubView, _> = operator.get("/v1/hub");
            if hub.is_ok_and(|hub| hub.waiting + hub.placed == 0) {
                break;
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        idle.store(true, Ordering::Relaxed);
        let _ = hears.join();
        Ok((sent, lost?))
    })?;
    let wall = begun.elapsed().as_secs_f64();
    let mut kept: BTreeMap<String, String> = BTreeMap::new();
    let mut spans = Vec::new();
    for one in sent {
        kept.extend(one.kept);
        spans.extend(one.spans);
    }
    spans.sort_by(f64::total_cmp);
    let distinct: std::collections::BTreeSet<&String> = kept.values().collect();
    let writer = all.iter().find_map(|standing| standing.hub.as_ref());
    let memory = writer.and_then(Hub::memory);
    for standing in &mut all {
        standing.wire.dead.store(false, Ordering::Relaxed);
        drop(standing.hub.take());
    }
    // The journal itself says what was submitted, kept and run.
    let store =
        serve::Store::parse(&address, folder.path(), std::env::var("PGPASSWORD").ok().as_deref()).map_err(Failure::Wrong)?;
    let audit = serve::audit(&store, None).map_err(|fault| Failure::Failed(fault.to_string()))?;
    let (jobs, named, attempts, ended) = in_journal(&store, &kept)?;
    let runs = runs.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut sorted: Vec<f64> = gaps.iter().map(|(_, gap)| *gap).collect();
    sorted.sort_by(f64::total_cmp);
    let found = json!({
        "hubs": options.hubs,
        "wall_s": wall,
        "losses": { "killed": gaps.iter().filter(|(cut, _)| !cut).count(), "cut_off": gaps.iter().filter(|(cut, _)| *cut).count() },
        "takeover_s": { "p50": quantile(&sorted, 0.5), "p99": quantile(&sorted, 0.99), "longest": sorted.last() },
        "acknowledged": kept.len(),
        "acknowledged_per_s": kept.len() as f64 / wall,
        "answers_ms": { "p50": quantile(&spans, 0.5), "p99": quantile(&spans, 0.99), "longest": spans.last() },
        "jobs_in_journal": jobs,
        "acknowledged_in_journal": named,
        "told_twice": kept.len() - distinct.len(),
        "attempts_begun_by_agent": runs.len(),
        "attempts_in_journal": attempts,
        "ended_in_journal": ended,
        "writer_memory_mb": memory.map(|bytes| bytes as f64 / 1e6),
        "violations": audit.violations,
    });
    let good = audit.violations.is_empty()
        && jobs == kept.len()
        && named == kept.len()
        && distinct.len() == kept.len()
        && attempts == jobs
        && ended == jobs
        && runs.len() == jobs;
    if json {
        print_json(&found)?;
    } else {
        print(&format!("{}\n", serde_json::to_string_pretty(&found).unwrap_or_default()))?;
    }
    if good { Ok(()) } else { Err(Failure::Failed("submitted, kept and run once are not the same".to_owned())) }
}

/// Loses the writer again and again, and waits each time until another one acknowledges; whether it was cut off, and for how many
/// seconds nobody was answered.
fn lose(
    options: &TakeoverOptions,
    all: &mut [Standing],
    token: &str,
    through: &dyn Fn(&Wire) -> String,
    folder: &Path,
    acknowledged: &AtomicU64,
) -> Outcome<Gaps> {
    let mut gaps = Vec::new();
    for number in 0..options.losses {
        std::thread::sleep(Duration::from_secs(3));
        let writes = |standing: &Standing| {
            let hub = standing.hub.as_ref()?;
            let told: serve::view::HubView = hub.client.get("/v1/hub").ok()?;
            told.writer.is_none().then_some(())
        };
        let Some(at) = all.iter().position(|standing| writes(standing).is_some()) else {
            let said = |number: usize| std::fs::read_to_string(folder.join(format!("hub-{number}")).join(crate::bench::SAID));
            let said: String = (0..all.len()).filter_map(|number| said(number).ok()).collect();
            return Err(Failure::Failed(format!("no hub writes; what they said:\n{said}")));
        };
        let cut = number % 2 == 1;
        let lost = Instant::now();
        if cut {
            all[at].wire.dead.store(true, Ordering::Relaxed);
        } else if let Some(hub) = all[at].hub.take() {
            hub.kill();
        }
        // What was on its way is told still; the gap ends with the first answer by another.
        let others = || all.iter().enumerate().filter(|(other, _)| *other != at).any(|(_, standing)| writes(standing).is_some());
        while !others() {
            if lost.elapsed() > Duration::from_secs(30) {
                return Err(Failure::Failed("nobody took over within half a minute".to_owned()));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let before = acknowledged.load(Ordering::Relaxed);
        while acknowledged.load(Ordering::Relaxed) == before && lost.elapsed() < Duration::from_secs(30) {
            std::thread::sleep(Duration::from_millis(2));
        }
        let gap = lost.elapsed().as_secs_f64();
        gaps.push((cut, gap));
        note(&format!("{} {}: {gap:.2} s until the next answer", all[at].url, if cut { "cut off" } else { "killed" }));
        if cut {
            // It comes back to life, finds that another one writes, and stands by.
            std::thread::sleep(Duration::from_millis(500));
            all[at].wire.dead.store(false, Ordering::Relaxed);
        } else {
            let listen = all[at].url.trim_start_matches("http://").to_owned();
            let store = through(&all[at].wire);
            all[at].hub = Some(Hub::start_on(&folder.join(format!("hub-{at}")), false, &listen, &store, Some(token))?);
        }
    }
    Ok(gaps)
}

/// Of the journal: its jobs, those of them that were acknowledged under their name, places given, and ends.
fn in_journal(store: &serve::Store, kept: &BTreeMap<String, String>) -> Outcome<(usize, usize, usize, usize)> {
    use dispatch::Fact;
    let (mut jobs, mut named, mut attempts, mut ended) = (0, 0, 0, 0);
    let read = serve::read_journal(store, |entry| match &entry.body {
        settle::Body::Fact(Fact::Submitted(id, spec)) => {
            jobs += 1;
            named += usize::from(kept.get(&spec.name) == Some(&id.to_string()));
        }
        settle::Body::Fact(Fact::Placed(..)) => attempts += 1,
        settle::Body::Fact(Fact::Ended(..)) => ended += 1,
        _ => {}
    });
    read.map_err(|fault| Failure::Failed(fault.to_string()))?;
    Ok((jobs, named, attempts, ended))
}
