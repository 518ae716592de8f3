//! The keeper: a small process that starts a pool's processes, reaps them and remembers. It outlives its agent, so
//! an agent that is killed loses nothing; a keeper that is killed finds its processes again by number and birth.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use dispatch::{End, LostReason};
use measure::{CoreTime, Energy, JobId, Memory, Span, Time};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use super::cgroup::Groups;
use super::journal::{Journal, Key, Limits, Line, Remembered};
use super::process;
use super::talk::{Launch, News, Order, socket};
use crate::energy::EnergyMeter;
use crate::reconcile::SeenReplica;

/// How often limits are looked at while something runs.
const TICK: Duration = Duration::from_millis(500);
/// How long a keeper without work waits for an agent before it goes.
const LONELY: Duration = Duration::from_secs(60);
/// From TERM to KILL where a limit was passed.
const LIMIT_GRACE: Span = Span::seconds(10);

/// A process that runs.
struct Running {
    pid: i32,
    born: u64,
    since: Time,
    /// Our own child, so that its end will be reaped; else it is one of a keeper that was killed.
    own: bool,
    limits: Limits,
    peak_memory: Memory,
    /// Why it was told to stop, if it was.
    stopped: Option<End>,
    /// When it will be killed.
    kill_at: Option<Time>,
}

struct Keep {
    folder: PathBuf,
    journal: Journal,
    running: BTreeMap<Key, Running>,
    by_pid: BTreeMap<i32, Key>,
    ended: BTreeMap<Key, SeenReplica>,
    energy: EnergyMeter,
    /// Control groups, where they are to be had.
    groups: Option<Groups>,
    /// What the agent has not been told yet.
    news: Vec<News>,
    fresh: bool,
    quit: bool,
}

fn now() -> Time {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Runs as the keeper of `folder` until there is nothing to keep. A second keeper of one folder ends at once.
///
/// # Errors
/// Where the folder cannot be written or the socket not made.
pub fn keep(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder.join("jobs"))?;
    let lock = std::fs::File::create(folder.join("keeper.lock"))?;
    let Ok(_lock) = nix::fcntl::Flock::lock(lock, nix::fcntl::FlockArg::LockExclusiveNonblock) else {
        return Ok(());
    };
    // A session of its own: whatever ends the agent's does not end the keeper.
    let _ = nix::unistd::setsid();
    // Children must not inherit the block: std resets the mask of what it spawns.
    let mut signals = SigSet::empty();
    signals.add(Signal::SIGCHLD);
    signals.thread_block()?;
    let children = SignalFd::with_flags(&signals, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?;
    let mut keep = Keep::open(folder)?;
    let (_handle, socket) = socket(folder)?;
    let _ = std::fs::remove_file(&socket);
    let listener = UnixListener::bind(&socket)?;
    listener.set_nonblocking(true)?;
    let done = keep.serve(&listener, &children);
    let _ = std::fs::remove_file(&socket);
    done
}

/// A connected agent.
struct Agent {
    stream: UnixStream,
    unread: Vec<u8>,
}

impl Keep {
    fn open(folder: &Path) -> io::Result<Keep> {
        let (journal, memory) = Journal::open(folder)?;
        let mut keep = Keep {
            folder: folder.to_owned(),
            journal,
            running: BTreeMap::new(),
            by_pid: BTreeMap::new(),
            ended: BTreeMap::new(),
            energy: EnergyMeter::new(Path::new("/sys/class/powercap")),
            groups: Groups::open(folder).ok(),
            news: Vec::new(),
            fresh: memory.fresh,
            quit: false,
        };
        for (key, remembered) in memory.replicas {
            match remembered {
                Remembered::Ended(seen) => drop(keep.ended.insert(key, seen)),
                _ if memory.restarted => keep.lost(key, None, LostReason::MachineRestarted)?,
                Remembered::Started { pid, born, since, limits } if process::born(pid) == Some(born) => {
                    keep.adopt(key, pid, born, since, limits);
                }
                Remembered::Started { since, .. } => keep.lost(key, Some(since), LostReason::ExitUnseen)?,
                Remembered::Starting(limits) => {
                    match process::find(folder, key.0, key.1).and_then(|pid| Some((pid, process::born(pid)?))) {
                        Some((pid, born)) => {
                            keep.journal.append(&Line::Started(key, pid, born, now()))?;
                            keep.adopt(key, pid, born, now(), limits);
                        }
                        None => keep.lost(key, None, LostReason::KeeperKilledWhileStarting)?,
                    }
                }
            }
        }
        Ok(keep)
    }

    fn adopt(&mut self, key: Key, pid: i32, born: u64, since: Time, limits: Limits) {
        let running = Running { pid, born, since, own: false, limits, peak_memory: Memory(0), stopped: None, kill_at: None };
        self.running.insert(key, running);
        self.by_pid.insert(pid, key);
    }

    fn serve(&mut self, listener: &UnixListener, children: &SignalFd) -> io::Result<()> {
        let mut agent: Option<Agent> = None;
        let mut alone_since = Instant::now();
        let mut next_tick = Instant::now() + TICK;
        loop {
            let mut ready = self.wait(listener, children, agent.as_ref(), next_tick)?;
            if let Ok((stream, _)) = listener.accept() {
                // The newest agent is the one; it is told everything first.
                stream.set_write_timeout(Some(Duration::from_secs(30)))?;
                agent = Some(Agent { stream, unread: Vec::new() });
                // What was ready was the agent before: waiting for the new one here would hold everything up.
                ready.agent = false;
                self.tell_all();
            }
            if ready.agent && !agent.as_mut().is_some_and(|agent| self.listen(agent)) {
                agent = None;
            }
            while let Ok(Some(_)) = children.read_signal() {}
            while let Some(reaped) = process::reap() {
                if let Some(key) = self.by_pid.remove(&reaped.pid) {
                    self.over(key, reaped.end, reaped.cpu, reaped.peak_memory)?;
                }
            }
            if Instant::now() >= next_tick {
                self.tick()?;
                // From its end on: where it takes long, because the machine has too much to do, it must not be all that is done.
                next_tick = Instant::now() + TICK;
            }
            if let Some(told) = &mut agent
                && self.tell(&mut told.stream).is_err()
            {
                agent = None;
            }
            if agent.is_some() || !self.running.is_empty() {
                alone_since = Instant::now();
            }
            if self.quit && self.running.is_empty() || alone_since.elapsed() > LONELY {
                return Ok(());
            }
        }
    }

    fn wait(&self, listener: &UnixListener, children: &SignalFd, agent: Option<&Agent>, tick: Instant) -> io::Result<Ready> {
        let mut fds = vec![PollFd::new(listener.as_fd(), PollFlags::POLLIN), PollFd::new(children.as_fd(), PollFlags::POLLIN)];
        if let Some(agent) = agent {
            fds.push(PollFd::new(agent.stream.as_fd(), PollFlags::POLLIN));
        }
        // With nothing to watch there is nothing to wake up for.
        let idle = if self.running.is_empty() { Duration::from_secs(5) } else { Duration::ZERO };
        let left = tick.saturating_duration_since(Instant::now()).max(idle);
        let timeout = PollTimeout::try_from(left + Duration::from_millis(1)).unwrap_or(PollTimeout::MAX);
        match poll(&mut fds, timeout) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
        let agent = fds.get(2).and_then(|fd| fd.any()).unwrap_or(false);
        Ok(Ready { agent })
    }

    /// Reads and follows orders; false if the agent has gone.
    fn listen(&mut self, agent: &mut Agent) -> bool {
        let mut piece = [0; 65536];
        let Ok(count) = agent.stream.read(&mut piece) else { return false };
        if count == 0 {
            return false;
        }
        agent.unread.extend_from_slice(&piece[..count]);
        let Some(end) = agent.unread.iter().rposition(|byte| *byte == b'\n') else { return true };
        let whole: Vec<u8> = agent.unread.drain(..=end).collect();
        let lines = whole.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        // Orders come from our own agent, over a socket only this user can open.
        let orders = lines.map(serde_json::from_slice).collect::<Result<Vec<Order>, _>>();
        let Ok(orders) = orders else { return false };
        orders.into_iter().all(|order| self.follow(order).is_ok())
    }

    fn follow(&mut self, order: Order) -> io::Result<()> {
        match order {
            Order::Launch(mut launches) => {
                // Whatever was ever started, or is over and not forgotten, is not started again.
                let known = |launch: &Launch| {
                    let key = (launch.job, launch.replica);
                    self.running.contains_key(&key) || self.ended.contains_key(&key)
                };
                launches.retain(|launch| !known(launch));
                if launches.is_empty() {
                    return Ok(());
                }
                let starting = launches.iter().map(|launch| ((launch.job, launch.replica), limits(launch)));
                self.journal.append(&Line::Starting(starting.collect()))?;
                launches.iter().try_for_each(|launch| self.launch(launch))
            }
            Order::Stop(job, grace) => {
                for running in self.of_job(job) {
                    running.stop(End::Cancelled, grace);
                }
                Ok(())
            }
            Order::Notify(job, signal, grace) => {
                let signal = Signal::try_from(signal).unwrap_or(Signal::SIGTERM);
                for running in self.of_job(job) {
                    running.stop_by(End::Cancelled, signal, grace);
                }
                Ok(())
            }
            Order::Forget(jobs) => {
                let gone: BTreeSet<JobId> = jobs.iter().copied().collect();
                self.ended.retain(|(job, _), _| !gone.contains(job));
                let mut left: BTreeMap<Key, Remembered> =
                    self.ended.iter().map(|(key, seen)| (*key, Remembered::Ended(seen.clone()))).collect();
                left.extend(self.running.iter().map(|(key, running)| {
                    (
                        *key,
                        Remembered::Started {
                            pid: running.pid,
                            born: running.born,
                            since: running.since,
                            limits: running.limits,
                        },
                    )
                }));
                self.journal.forget(&jobs, &left, self.fresh)
            }
            Order::Doubt => {
                self.fresh = true;
                self.journal.append(&Line::Doubt)
            }
            Order::Sure => {
                self.fresh = false;
                self.journal.append(&Line::Sure)
            }
            Order::Quit => {
                for running in self.running.values_mut() {
                    running.stop(End::Cancelled, Span::seconds(1));
                }
                self.quit = true;
                Ok(())
            }
        }
    }

    fn of_job(&mut self, job: JobId) -> impl Iterator<Item = &mut Running> {
        self.running.range_mut((job, 0)..=(job, u32::MAX)).map(|(_, running)| running)
    }

    fn launch(&mut self, launch: &Launch) -> io::Result<()> {
        let key = (launch.job, launch.replica);
        let since = now();
        let group = self.groups.as_ref().and_then(|groups| groups.make(key, launch.cpu, launch.memory).ok());
        match process::start(&self.folder, launch, group) {
            Ok(pid) => {
                // A child that is already over is a zombie until it is reaped, and keeps its number.
                let born = process::born(pid).unwrap_or(0);
                self.journal.append(&Line::Started(key, pid, born, since))?;
                let running = Running {
                    pid,
                    born,
                    since,
                    own: true,
                    limits: limits(launch),
                    peak_memory: Memory(0),
                    stopped: None,
                    kill_at: None,
                };
                self.running.insert(key, running);
                self.by_pid.insert(pid, key);
                self.news.push(News::Seen(key.0, key.1, SeenReplica::Running { since }));
                Ok(())
            }
            Err(error) => self.record(key, never_ran(None, End::NotStarted(error.to_string().chars().take(500).collect()))),
        }
    }

    /// A process is gone; so is everything it left behind in its group.
    fn over(&mut self, key: Key, end: End, cpu: CoreTime, peak_memory: Memory) -> io::Result<()> {
        let Some(running) = self.running.remove(&key) else { return Ok(()) };
        self.by_pid.remove(&running.pid);
        process::signal(running.pid, Signal::SIGKILL);
        let used = self.groups.as_ref().and_then(|groups| groups.used(key));
        if let Some(groups) = &self.groups {
            groups.end(key);
        }
        let end = match running.stopped {
            // A program that heeds TERM and returns its own code was still stopped.
            Some(reason) => reason,
            None if end != End::Exited(0) && used.is_some_and(|used| used.out_of_memory) => End::OverMemory,
            None => end,
        };
        // The group counts what nobody waited for, and what a keeper before this one started.
        let cpu = used.map_or(cpu, |used| used.cpu.max(cpu));
        let (energy, energy_source) = self.energy.energy(cpu);
        let peak_memory = used.and_then(|used| used.peak_memory).unwrap_or(peak_memory.max(running.peak_memory));
        let seen = SeenReplica::Ended { since: Some(running.since), at: now(), end, cpu, peak_memory, energy, energy_source };
        self.record(key, seen)
    }

    fn lost(&mut self, key: Key, since: Option<Time>, reason: LostReason) -> io::Result<()> {
        self.record(key, never_ran(since, End::Lost(reason)))
    }

    fn record(&mut self, key: Key, seen: SeenReplica) -> io::Result<()> {
        self.journal.append(&Line::Ended(key, seen.clone()))?;
        self.ended.insert(key, seen.clone());
        self.news.push(News::Seen(key.0, key.1, seen));
        Ok(())
    }

    /// Looks at limits, and at processes that are not our children.
    fn tick(&mut self) -> io::Result<()> {
        self.energy.sample(Path::new("/proc/stat"));
        let gone = !self.folder.is_dir();
        if gone && !self.quit {
            // The folder was removed: nobody can want what runs here.
            self.quit = true;
            self.running.values_mut().for_each(|running| running.stop(End::Cancelled, Span::ZERO));
        }
        let now = now();
        if let Some(groups) = &self.groups {
            let running: BTreeSet<String> = self.running.keys().map(|key| Groups::name(*key)).collect();
            groups.sweep(|name| running.contains(name));
        }
        // Where the kernel keeps to the limit, nobody has to look.
        let kept = self.groups.as_ref().is_some_and(Groups::memory);
        let old = !kept && self.running.values().any(|running| now - running.since > Span(1000));
        let memory = if old { process::memory_by_group() } else { BTreeMap::new() };
        let mut unseen = Vec::new();
        for (key, running) in &mut self.running {
            let held = memory.get(&running.pid).copied().unwrap_or_default();
            running.peak_memory = running.peak_memory.max(held);
            if running.limits.memory > Memory(0) && held > running.limits.memory {
                running.stop(End::OverMemory, Span::ZERO);
            }
            if running.limits.time.is_some_and(|limit| now - running.since >= limit) {
                running.stop(End::OverTime, LIMIT_GRACE);
            }
            if running.kill_at.is_some_and(|kill_at| now >= kill_at) {
                process::signal(running.pid, Signal::SIGKILL);
            }
            if !running.own && process::born(running.pid) != Some(running.born) {
                unseen.push(*key);
            }
        }
        for key in unseen {
            let end = End::Lost(LostReason::ExitUnseen);
            self.over(key, end, CoreTime(0), Memory(0))?;
        }
        Ok(())
    }

    fn tell_all(&mut self) {
        self.news.clear();
        let running = self.running.iter().map(|(key, running)| (key, SeenReplica::Running { since: running.since }));
        let ended = self.ended.iter().map(|(key, seen)| (key, seen.clone()));
        self.news.extend(running.chain(ended).map(|(key, seen)| News::Seen(key.0, key.1, seen)));
        self.news.push(News::Listed { fresh: self.fresh });
    }

    fn tell(&mut self, agent: &mut UnixStream) -> io::Result<()> {
        if self.news.is_empty() {
            return Ok(());
        }
        let mut text = Vec::new();
        for news in self.news.drain(..) {
            serde_json::to_writer(&mut text, &news)?;
            text.push(b'\n');
        }
        agent.write_all(&text)
    }
}

struct Ready {
    agent: bool,
}

fn limits(launch: &Launch) -> Limits {
    Limits { time: launch.time_limit, memory: launch.memory }
}

fn never_ran(since: Option<Time>, end: End) -> SeenReplica {
    SeenReplica::Ended {
        since,
        at: since.unwrap_or_else(now),
        end,
        cpu: CoreTime(0),
        peak_memory: Memory(0),
        energy: Energy(0),
        energy_source: dispatch::EnergySource::Unknown,
    }
}

impl Running {
    /// Tells the whole group to end, once; the reason given first is the one that stays.
    fn stop(&mut self, reason: End, grace: Span) {
        self.stop_by(reason, Signal::SIGTERM, grace);
    }

    /// The same, by another signal first; without a grace, by force at once.
    fn stop_by(&mut self, reason: End, signal: Signal, grace: Span) {
        if self.stopped.is_some() {
            return;
        }
        self.stopped = Some(reason);
        self.kill_at = Some(now() + grace);
        process::signal(self.pid, if grace == Span::ZERO { Signal::SIGKILL } else { signal });
    }
}
