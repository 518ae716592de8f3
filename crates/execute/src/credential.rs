//! The agent's own secret. A joining token is for one time: with it the agent leaves a secret of its own making with the hub,
//! keeps it in its folder, and renews it long before it ends. The secret is written down before it is sent, so that whatever
//! happens between, one of the two that are known is good.

use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use crate::link::{Fault, Link};
use crate::wire::{Joined, NewCredential, Wanted};

/// How joining tokens begin.
pub const JOINING: &str = "join_";

/// A secret is renewed when it is so old.
const RENEW_AFTER: Duration = Duration::from_secs(24 * 3600);

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Credential {
    current: PathBuf,
    next: PathBuf,
}

/// How secrets begin that are no joining tokens.
pub const SECRET: &str = "shugu_";

/// A secret that nobody can guess: 256 random bits behind a word that says what it is.
///
/// # Errors
/// Where the system has no randomness.
pub fn new_secret(kind: &str) -> io::Result<String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|_| io::Error::other("the system has no randomness"))?;
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("{kind}{digits}"))
}

/// Writes a file that only its owner reads, whole or not at all.
///
/// # Errors
/// Where it cannot be written.
pub fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let new = path.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.create(true).truncate(true).write(true).mode(0o600).open(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&new, path)
}

impl Credential {
    pub(crate) fn of(folder: &Path) -> Credential {
        Credential { current: folder.join("credential"), next: folder.join("credential.next") }
    }

    /// Makes the link show a secret that the hub knows: one that is kept, or a new one that the token of the link lets in.
    /// `ask` repeats while the hub is away.
    pub(crate) fn obtain(
        &self,
        link: &Link,
        token: &str,
        mut ask: impl FnMut(&Link) -> Result<Wanted, Fault>,
    ) -> Result<io::Result<()>, Fault> {
        for (path, is_next) in [(&self.next, true), (&self.current, false)] {
            let Ok(kept) = std::fs::read_to_string(path) else { continue };
            link.show(kept.trim());
            match ask(link) {
                Ok(_) if is_next => return Ok(std::fs::rename(&self.next, &self.current)),
                Ok(_) => return Ok(Ok(())),
                Err(Fault::Refused { status: 401, .. }) => {}
                Err(fault) => return Err(fault),
            }
        }
        link.show(token);
        if !token.starts_with(JOINING) {
            return Ok(Ok(()));
        }
        let secret = match new_secret(SECRET).and_then(|secret| write_secret(&self.current, &secret).map(|()| secret)) {
            Ok(secret) => secret,
            Err(error) => return Ok(Err(error)),
        };
        let joined: Joined =
            crate::agent::patiently(|| link.post("/v1/agent/join", &NewCredential { credential: secret.clone() }))?;
        tracing::info!(pool = joined.pool, expires = joined.expires_at, "the pool has joined; the token is used up");
        link.show(&secret);
        Ok(Ok(()))
    }

    /// Renews the secret from time to time, if it is one of the agent's own.
    pub(crate) fn keep_fresh(self, link: Link) {
        if !self.current.exists() {
            return;
        }
        thread::spawn(move || {
            while self.current.exists() {
                let written = self.current.metadata().and_then(|data| data.modified()).ok();
                let age = written.and_then(|written| SystemTime::now().duration_since(written).ok()).unwrap_or_default();
                if age >= RENEW_AFTER
                    && let Err(problem) = self.renew(&link)
                {
                    tracing::warn!(problem, "the agent's secret could not be renewed; it is tried again");
                }
                thread::sleep(Duration::from_secs(600));
            }
        });
    }

    fn renew(&self, link: &Link) -> Result<(), String> {
        let secret = new_secret(SECRET).map_err(|error| error.to_string())?;
        write_secret(&self.next, &secret).map_err(|error| error.to_string())?;
        let asked: Result<Joined, Fault> = link.post("/v1/agent/renew", &NewCredential { credential: secret.clone() });
        asked.map_err(|fault| fault.to_string())?;
        link.show(&secret);
        std::fs::rename(&self.next, &self.current).map_err(|error| error.to_string())
    }
}
