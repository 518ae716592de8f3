//! `shugu bench reads`: many open event streams and many reads a second on one hub, and what it needs for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::bench::Hub;
use crate::failure::{Failure, Outcome, note, print};
use crate::print_json;
use crate::up::runtime;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Streams of events that stay open and are read.
    #[arg(long, default_value_t = 10_000)]
    streams: usize,
    /// Reads a second: jobs, one job, the hub, pools, why, by turns.
    #[arg(long, default_value_t = 5000)]
    rate: u64,
    /// For how long.
    #[arg(long, default_value_t = 20, value_name = "SECONDS")]
    seconds: u64,
    /// Jobs there are.
    #[arg(long, default_value_t = 2000)]
    jobs: usize,
    /// Jobs that are submitted meanwhile each second, of each of which every stream is told.
    #[arg(long, default_value_t = 10)]
    events: usize,
}

/// Jobs of a request, at most.
const BATCH: usize = 500;

fn failed(error: &std::io::Error) -> Failure {
    Failure::Failed(error.to_string())
}

/// A connection that asks again and again.
struct Line {
    stream: TcpStream,
    rest: Vec<u8>,
}

impl Line {
    async fn open(address: &str) -> std::io::Result<Line> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Line { stream, rest: Vec::new() })
    }

    async fn more(&mut self) -> std::io::Result<()> {
        let mut bytes = [0; 16 * 1024];
        match self.stream.read(&mut bytes).await? {
            0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
            count => {
                self.rest.extend_from_slice(&bytes[..count]);
                Ok(())
            }
        }
    }

    /// Asks, and reads the answer to its end; its status.
    async fn get(&mut self, path: &str, token: &str) -> std::io::Result<u16> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: hub\r\nauthorization: Bearer {token}\r\n\r\n");
        self.stream.write_all(request.as_bytes()).await?;
        let head = loop {
            if let Some(at) = self.rest.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            self.more().await?;
        };
        let text = String::from_utf8_lossy(&self.rest[..head]).to_lowercase();
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let length: Option<usize> =
            text.lines().find_map(|line| line.strip_prefix("content-length:")).and_then(|length| length.trim().parse().ok());
        let end = match length {
            Some(length) => head + length,
            // In chunks, of which the last is empty.
            None => loop {
                if let Some(at) = self.rest[head..].windows(5).position(|five| five == b"0\r\n\r\n") {
                    break head + at + 5;
                }
                self.more().await?;
            },
        };
        while self.rest.len() < end {
            self.more().await?;
        }
        self.rest.drain(..end);
        Ok(status)
    }
}

pub(crate) fn run(options: &Options, json: bool) -> Outcome {
    let folder = tempfile::Builder::new().prefix("shugu-bench-").tempdir().map_err(|error| failed(&error))?;
    // Each stream is an open file here, and another at the hub.
    let wanted = options.streams as u64 + 1024;
    let (_, most) = nix::sys::resource::getrlimit(nix::sys::resource::Resource::RLIMIT_NOFILE).unwrap_or((0, 0));
    if most < wanted {
        return Err(Failure::Failed(format!("{wanted} open files are needed, and {most} allowed: ulimit -n")));
    }
    let _ = nix::sys::resource::setrlimit(nix::sys::resource::Resource::RLIMIT_NOFILE, most, most);
    let hub = Hub::start(folder.path(), false)?;
    let token = std::fs::read_to_string(folder.path().join("operator.token")).map_err(|error| failed(&error))?;
    let token = token.trim().to_owned();
    let batch = |count: usize| json!(vec![json!({ "command": ["true"], "cpus": 1 }); count]);
    for _ in 0..options.jobs.div_ceil(100) {
        let _: Value = hub.client.post("/v1/jobs", &batch(100))?;
    }
    let address = hub.client.url().trim_start_matches("http://").to_owned();
    let before = hub.memory().unwrap_or(0);
    let (events, open, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    // Those who follow have a thread of their own: who reads is somebody else, and does not wait for them on this side.
    let followers = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let followers = followers.map_err(|error| failed(&error))?;
    let outcome = runtime()?.block_on(async {
        for number in 0..options.streams {
            let (address, token, events, open) = (address.clone(), token.clone(), events.clone(), open.clone());
            followers.spawn(async move {
                let Ok(mut stream) = TcpStream::connect(&address).await else { return };
                let request = format!("GET /v1/events HTTP/1.1\r\nhost: hub\r\nauthorization: Bearer {token}\r\n\r\n");
                if stream.write_all(request.as_bytes()).await.is_err() {
                    return;
                }
                open.fetch_add(1, Ordering::Relaxed);
                let mut bytes = [0; 2048];
                while let Ok(count @ 1..) = stream.read(&mut bytes).await {
                    let ends = bytes[..count].iter().enumerate().filter(|(_, byte)| **byte == b'\n');
                    let lines = ends.filter(|(at, _)| bytes[at + 1..count].starts_with(b"data:")).count();
                    events.fetch_add(lines as u64, Ordering::Relaxed);
                }
                open.fetch_sub(1, Ordering::Relaxed);
            });
            // A listener's queue is short.
            if number % 200 == 199 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        let until = Instant::now() + Duration::from_secs(60);
        while open.load(Ordering::Relaxed) < options.streams as u64 && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        note(&format!("{} streams are open", open.load(Ordering::Relaxed)));
        // Something happens meanwhile.
        let submits = {
            let (client, over, count) = (hub.client.clone(), over.clone(), options.events.max(1));
            let (batch, batches) = (batch(count.min(BATCH)), count.div_ceil(BATCH));
            std::thread::spawn(move || {
                let mut taken = 0;
                let mut due = Instant::now();
                while !over.load(Ordering::Relaxed) {
                    let sent: Result<Value, _> = client.post("/v1/jobs", &batch);
                    taken += if sent.is_ok() { count.min(BATCH) } else { 0 };
                    due += Duration::from_secs(1) / u32::try_from(batches).unwrap_or(u32::MAX);
                    std::thread::sleep(due.saturating_duration_since(Instant::now()));
                }
                taken
            })
        };
        const LINES: u64 = 50;
        let every = Duration::from_secs_f64(LINES as f64 / options.rate.max(1) as f64);
        let begun = Instant::now();
        let end = begun + Duration::from_secs(options.seconds);
        let readers: Vec<_> = (0..LINES)
            .map(|number| {
                let (address, token) = (address.clone(), token.clone());
                tokio::spawn(async move {
                    let mut line = Line::open(&address).await?;
                    let (mut spans, mut bad) = (Vec::new(), 0_u64);
                    let mut due = Instant::now() + every.mul_f64(number as f64 / LINES as f64);
                    let paths =
                        ["/v1/jobs?limit=20", "/v1/jobs/job-7", "/v1/hub", "/v1/pools", "/v1/jobs/job-9/why", "/v1/tenants"];
                    for turn in 0.. {
                        if due > end {
                            break;
                        }
                        tokio::time::sleep_until(due.into()).await;
                        // Counted from when it should have been sent: who waits behind another waits, too.
                        let status = line.get(paths[(turn + number as usize) % paths.len()], &token).await?;
                        spans.push(due.elapsed().as_secs_f64() * 1000.0);
                        bad += u64::from(status != 200);
                        due += every;
                    }
                    Ok::<_, std::io::Error>((spans, bad))
                })
            })
            .collect();
        let (mut spans, mut bad) = (Vec::new(), 0);
        for reader in readers {
            let (own, wrong) =
                reader.await.map_err(|_| Failure::Failed("a reader panicked".to_owned()))?.map_err(|error| failed(&error))?;
            spans.extend(own);
            bad += wrong;
        }
        let wall = begun.elapsed().as_secs_f64();
        over.store(true, Ordering::Relaxed);
        let still = open.load(Ordering::Relaxed);
        let memory = hub.memory().unwrap_or(0);
        let submitted = submits.join().unwrap_or(0);
        spans.sort_by(f64::total_cmp);
        let at = |part: f64| spans.get(((spans.len() as f64 - 1.0) * part).round() as usize).copied();
        Ok::<_, Failure>(json!({
            "streams": still, "reads": spans.len(), "reads_per_s": spans.len() as f64 / wall, "not_answered_200": bad,
            "submitted": submitted, "p50_ms": at(0.5), "p99_ms": at(0.99), "longest_ms": spans.last(), "events_read": events.load(Ordering::Relaxed),
            "hub_memory_mb": memory as f64 / 1e6, "hub_memory_before_mb": before as f64 / 1e6,
        }))
    });
    followers.shutdown_background();
    let found = outcome?;
    if json {
        return print_json(&found);
    }
    let figure = |name: &str| found[name].as_f64().unwrap_or(f64::NAN);
    print(&format!(
        "{} streams open, {:.0} reads/s, {} jobs submitted: p50 {:.2} ms, p99 {:.2} ms, longest {:.1} ms; {} events read; the hub needs {:.0} MB ({:.0} before)\n",
        found["streams"],
        figure("reads_per_s"),
        found["submitted"],
        figure("p50_ms"),
        figure("p99_ms"),
        figure("longest_ms"),
        found["events_read"],
        figure("hub_memory_mb"),
        figure("hub_memory_before_mb")
    ))
}
