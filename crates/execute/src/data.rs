//! What a job reads and what it writes, on its way: brought to its site before it starts (`bring.rs`), delivered to where it
//! should go after it ended (`deliver.rs`), from and to web servers, rsync daemons, object stores (`s3.rs`) and paths.

mod bring;
mod deliver;
mod s3;

use std::io::{self, Read};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

pub(crate) use bring::{Bringer, tidy};
pub(crate) use deliver::{Delivery, deliver};

/// So often the other side is tried, with a longer pause each time.
const TRIES: u32 = 6;
/// Between two words about how far it is.
const TOLD_EVERY: Duration = Duration::from_secs(1);
/// Another side that says nothing for so long is asked again.
const SILENT_MOST: Duration = Duration::from_secs(60);

/// Why data is not where it should be.
#[derive(Debug, thiserror::Error)]
enum Fault {
    /// It may be next time.
    #[error("{0}")]
    Again(String),
    /// It will not.
    #[error("{0}")]
    Never(String),
    /// Nobody wants it any more.
    #[error("it is not wanted any more")]
    Unwanted,
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::Again(error.to_string())
    }
}

fn check(unwanted: &AtomicBool) -> Result<(), Fault> {
    if unwanted.load(Ordering::Relaxed) { Err(Fault::Unwanted) } else { Ok(()) }
}

/// Tries until it is done, cannot be done, or failed too often in a row without coming any further. `far` says how far it is, and
/// `tell` hears why it is not there yet.
fn patiently(
    unwanted: &AtomicBool,
    tell: &dyn Fn(&str),
    far: impl Fn() -> u64,
    mut once: impl FnMut() -> Result<(), Fault>,
) -> Result<(), Fault> {
    let (mut pause, mut tries) = (Duration::from_millis(500), 0);
    loop {
        let before = far();
        match once() {
            Err(Fault::Again(told)) => {
                // One that comes a bit further each time is not given up.
                tries = if far() > before { 0 } else { tries + 1 };
                if tries >= TRIES {
                    return Err(Fault::Never(told));
                }
                tell(&told);
                let until = Instant::now() + pause;
                while Instant::now() < until && !unwanted.load(Ordering::Relaxed) {
                    thread::sleep(Duration::from_millis(50));
                }
                pause = (pause * 2).min(Duration::from_secs(15));
            }
            outcome => return outcome,
        }
        check(unwanted)?;
    }
}

/// How web servers are asked.
fn client() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_connect(Some(Duration::from_secs(15)))
        .timeout_recv_response(Some(SILENT_MOST))
        .build()
        .into()
}

/// What an answer's status means; `address` is how it is told, without what signs it.
fn status(address: &str, status: u16) -> Result<(), Fault> {
    match status {
        200..=299 => Ok(()),
        // Too slow, too many, or not now.
        408 | 429 | 500.. => Err(Fault::Again(format!("{address} answers {status}"))),
        _ => Err(Fault::Never(format!("{address} answers {status}"))),
    }
}

/// Runs rsync with these options between two places, which are arguments of their own, after what ends the options. `tick` is
/// called ten times a second.
fn rsync(options: &[&str], from: &str, to: &str, unwanted: &AtomicBool, mut tick: impl FnMut()) -> Result<(), Fault> {
    let timeout = format!("--timeout={}", SILENT_MOST.as_secs());
    let mut command = Command::new("rsync");
    command.args(options).args(["--no-motd", &timeout, "--", from, to]);
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut child = child.map_err(|error| Fault::Never(format!("rsync cannot be started: {error}")))?;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if unwanted.load(Ordering::Relaxed) {
            child.kill()?;
            child.wait()?;
            return Err(Fault::Unwanted);
        }
        tick();
        thread::sleep(Duration::from_millis(100));
    };
    if status.success() {
        return Ok(());
    }
    let mut said = String::new();
    if let Some(mut errors) = child.stderr.take() {
        let _ = errors.read_to_string(&mut said);
    }
    let said = said.lines().next().unwrap_or("rsync failed").to_owned();
    // 1, 2 and 4: it cannot be asked so; 23: some of it could not be had.
    let never =
        matches!(status.code(), Some(1 | 2 | 4 | 23)) || ["Unknown module", "auth failed"].iter().any(|word| said.contains(word));
    Err(if never { Fault::Never(said) } else { Fault::Again(said) })
}

#[cfg(test)]
mod test {
    use std::fs;
    use std::net::{TcpListener, TcpStream};
    use std::path::Path;
    use std::process::Child;

    use super::*;

    /// A real rsync daemon on a free port, which gives and takes files of a folder, until it is dropped.
    pub(super) struct Daemon {
        child: Child,
        pub(super) port: u16,
    }

    impl Daemon {
        pub(super) fn start(folder: &Path) -> Daemon {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let config = folder.join("rsyncd.conf");
            let own = format!("uid = {}\ngid = {}\n", nix::unistd::getuid(), nix::unistd::getgid());
            let module = format!("[files]\npath = {}\nread only = no\nuse chroot = no\n", folder.display());
            fs::write(&config, format!("{module}{own}")).unwrap();
            let mut command = Command::new("rsync");
            command.args(["--daemon", "--no-detach", "--address=127.0.0.1"]).arg(format!("--port={port}"));
            command.arg(format!("--config={}", config.display())).stdin(Stdio::null());
            let child = command.spawn().expect("rsync is installed: ./test does it");
            while TcpStream::connect(("127.0.0.1", port)).is_err() {
                thread::sleep(Duration::from_millis(20));
            }
            Daemon { child, port }
        }
    }

    impl Drop for Daemon {
        fn drop(&mut self) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
