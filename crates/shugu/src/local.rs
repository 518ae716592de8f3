//! The machine a hub runs on, as its pool: the agent as a child process that the hub's command looks after.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use dispatch::Join;
use execute::tls::Fingerprint;
use measure::Name;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// The name of the pool, and of its owner.
pub(crate) const LOCAL: &str = "local";

/// The machine itself is no data centre: it stands at no site.
pub(crate) fn join() -> Join {
    let name: Name = LOCAL.parse().expect("it is a name");
    Join { name: name.clone(), provider: name, site: None, executor: LOCAL.to_owned() }
}

/// The folder of the local agent.
pub(crate) fn agent_folder(dir: &Path) -> PathBuf {
    dir.join("agent")
}

/// Runs as a keeper.
pub(crate) fn keep(folder: Option<OsString>) -> ExitCode {
    let Some(folder) = folder else { return ExitCode::from(2) };
    match execute::local::keep(Path::new(&folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("keeper of {}: {error}", folder.display());
            ExitCode::from(1)
        }
    }
}

/// A child agent that is started again when it dies.
pub(crate) struct LocalAgent {
    child: Arc<Mutex<Option<Child>>>,
    stopping: Arc<AtomicBool>,
    watcher: std::thread::JoinHandle<()>,
}

fn start(url: &str, fingerprint: Option<Fingerprint>, token: &str, dir: &Path) -> std::io::Result<Child> {
    let program = std::env::current_exe()?;
    let mut command = Command::new(program);
    command.args(["agent", "--executor", LOCAL, "--pool", LOCAL, "--hub", url]);
    command.arg("--folder").arg(agent_folder(dir)).arg("--with-parent").arg(std::process::id().to_string());
    // The token goes by the environment: arguments can be read by every user of the machine.
    if let Some(fingerprint) = fingerprint {
        command.env("SHUGU_FINGERPRINT", fingerprint.to_string());
    }
    command.env("SHUGU_TOKEN", token).stdin(Stdio::null()).stdout(Stdio::null()).spawn()
}

impl LocalAgent {
    /// Starts the agent and looks after it.
    pub(crate) fn start(url: &str, fingerprint: Option<Fingerprint>, token: &str, dir: &Path) -> LocalAgent {
        let (child, stopping) = (Arc::new(Mutex::new(None)), Arc::new(AtomicBool::new(false)));
        let (slot, stop, url, token, dir) = (child.clone(), stopping.clone(), url.to_owned(), token.to_owned(), dir.to_owned());
        let watcher = std::thread::spawn(move || {
            let mut pause = Duration::from_millis(100);
            while !stop.load(Ordering::SeqCst) {
                let begun = Instant::now();
                match start(&url, fingerprint, &token, &dir) {
                    Ok(child) => *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(child),
                    Err(error) => tracing::error!(%error, "the local agent cannot be started"),
                }
                loop {
                    // Looked at often enough that a killed agent is soon replaced, rarely enough to cost nothing.
                    std::thread::sleep(Duration::from_millis(50));
                    let mut child = slot.lock().unwrap_or_else(PoisonError::into_inner);
                    match child.as_mut().map(Child::try_wait) {
                        Some(Ok(None)) => {}
                        ended => {
                            if !stop.load(Ordering::SeqCst) {
                                tracing::warn!(?ended, "the local agent ended; it is started again");
                            }
                            break;
                        }
                    }
                }
                // An agent that keeps dying at once is not started in a hurry.
                pause = if begun.elapsed() > Duration::from_secs(5) {
                    Duration::from_millis(50)
                } else {
                    (pause * 2).min(Duration::from_secs(5))
                };
                if !stop.load(Ordering::SeqCst) {
                    std::thread::sleep(pause);
                }
            }
        });
        LocalAgent { child, stopping, watcher }
    }

    /// Ends the agent; jobs go on under their keeper.
    pub(crate) fn stop(self) {
        self.stopping.store(true, Ordering::SeqCst);
        if let Some(child) = self.child.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            let _ = kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGTERM);
        }
        let _ = self.watcher.join();
    }
}
