//! What an agent and its keeper say to each other: lines of JSON over a socket in the agent's folder.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use measure::{Cpu, JobId, Memory, Span};
use serde::{Deserialize, Serialize};

use super::KEEPER_NAME;
use crate::reconcile::SeenReplica;

/// One process to start.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Launch {
    /// Of which job.
    pub job: JobId,
    /// Its rank.
    pub replica: u32,
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Environment beyond the keeper's own.
    pub env: BTreeMap<String, String>,
    /// Working directory; the job's folder if none.
    pub directory: Option<String>,
    /// Stopped when it ran so long.
    pub time_limit: Option<Span>,
    /// Stopped when it holds more; zero is no limit.
    pub memory: Memory,
    /// Its cores, by which it is weighed where cores are short.
    #[serde(default)]
    pub cpu: Cpu,
}

/// What an agent tells its keeper.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Order {
    /// Start these, unless they were ever started.
    Launch(Vec<Launch>),
    /// Stop every replica of the job: TERM, and KILL after the grace.
    Stop(JobId, Span),
    /// Stop every replica of the job: this signal, and KILL after the grace.
    Notify(JobId, i32, Span),
    /// The job's end is told and durable: forget it.
    Forget(Vec<JobId>),
    /// What was placed here before may have run for another agent: nothing is sure until `Sure`.
    Doubt,
    /// What was in doubt is told to the hub and durable.
    Sure,
    /// Stop everything and go.
    Quit,
}

/// What a keeper tells its agent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum News {
    /// A replica's state: all of them after connecting, then every change.
    Seen(JobId, u32, SeenReplica),
    /// Everything known has been told. `fresh` if nothing from before is known: a new folder, or the machine
    /// has restarted, so that a job placed earlier may or may not have run.
    Listed {
        /// See above.
        fresh: bool,
    },
}

/// A connection to the keeper of a folder.
#[derive(Debug)]
pub struct Keeper {
    stream: UnixStream,
}

impl Keeper {
    /// Connects to the keeper of `folder`, starting one if none runs. The keeper is a process of its own, in
    /// its own session, so that nothing that ends the agent ends the jobs.
    pub fn connect(folder: &Path, program: &Path) -> io::Result<Keeper> {
        let (_handle, socket) = socket(folder)?;
        let deadline = Instant::now() + Duration::from_secs(10);
        let mut started = false;
        loop {
            match UnixStream::connect(&socket) {
                Ok(stream) => return Ok(Keeper { stream }),
                Err(error) if Instant::now() > deadline => return Err(error),
                Err(_) if !started => {
                    start(folder, program)?;
                    started = true;
                }
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    /// A second handle to write through.
    pub fn try_clone(&self) -> io::Result<Keeper> {
        Ok(Keeper { stream: self.stream.try_clone()? })
    }

    /// Sends orders.
    pub fn send(&mut self, orders: &[Order]) -> io::Result<()> {
        let mut text = Vec::new();
        for order in orders {
            serde_json::to_writer(&mut text, order)?;
            text.push(b'\n');
        }
        self.stream.write_all(&text)
    }

    /// Everything the keeper says, until it goes.
    pub fn news(self) -> impl Iterator<Item = io::Result<News>> {
        BufReader::new(self.stream).lines().map(|line| Ok(serde_json::from_str(&line?)?))
    }
}

/// Tells the keeper of a folder, if there is one, to stop everything and go, and waits for it a few seconds.
pub fn quit(folder: &Path) {
    let Ok((_handle, socket)) = socket(folder) else { return };
    let Ok(stream) = UnixStream::connect(socket) else { return };
    let mut keeper = Keeper { stream };
    // A keeper that has gone meanwhile has done what was asked.
    if keeper.stream.set_read_timeout(Some(Duration::from_secs(5))).is_ok() && keeper.send(&[Order::Quit]).is_ok() {
        keeper.news().take_while(Result::is_ok).for_each(drop);
    }
}

/// The keeper's socket, which only the folder's owner can reach. It is named through an open handle of the folder,
/// because the path of a socket holds at most 108 bytes and a folder may lie deep; the handle must stay open.
pub(super) fn socket(folder: &Path) -> io::Result<(std::fs::File, PathBuf)> {
    let handle = std::fs::File::open(folder)?;
    let path = PathBuf::from(format!("/proc/self/fd/{}/keeper.sock", handle.as_raw_fd()));
    Ok((handle, path))
}

fn start(folder: &Path, program: &Path) -> io::Result<()> {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(folder.join("keeper.log"))?;
    let mut command = Command::new(program);
    command.arg0(KEEPER_NAME).arg(folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    // The keeper hands its environment on to jobs: what is the agent's own, its token and its keys above all, stays here.
    let own = |name: &[u8]| name.starts_with(b"SHUGU_") || name.starts_with(b"AWS_");
    for (name, _) in std::env::vars_os().filter(|(name, _)| own(name.as_encoded_bytes())) {
        command.env_remove(name);
    }
    // The child is not waited for: it outlives this process. While both live it is reaped by `Child`'s owner.
    let mut child = command.spawn()?;
    std::thread::spawn(move || child.wait());
    Ok(())
}
