//! Slurm's tools as processes.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::read::Garbled;

/// A tool did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It could not be started.
    #[error("cannot run {program}: {source}")]
    Missing {
        /// Which.
        program: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It ended badly.
    #[error("{program}: {told}")]
    Failed {
        /// Which.
        program: String,
        /// The end of what it wrote to standard error.
        told: String,
    },
    /// The cluster is not what the agent was told.
    #[error("{0}")]
    Unlike(String),
    /// It printed something else than expected.
    #[error(transparent)]
    Garbled(#[from] Garbled),
}

/// What a fault says about the next try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The same may succeed later, or has succeeded already unheard.
    Passing,
    /// The cluster understood, and will not.
    Refused,
    /// Slurm has many words for the same thing, and this is none that is known: most likely it passes.
    Unknown,
}

impl Fault {
    /// Whether it is worth another try.
    pub fn verdict(&self) -> Verdict {
        // Looked for first: a partition that is down for now is said to be "not available", too.
        const PASSING: [&str; 17] = [
            "required partition not available",
            "unable to contact",
            "not responding",
            "socket",
            "connection",
            "endpoint",
            "transmit",
            "communicat",
            "timed out",
            "temporarily",
            "try again",
            "backup controller",
            "network",
            "broken pipe",
            "munge",
            "protocol authentication error",
            "slurmctld is",
        ];
        const REFUSED: [&str; 15] = [
            "invalid",
            "not permitted",
            "denied",
            "not authorized",
            "not available",
            "exceed",
            "violates",
            "unrecognized option",
            "specification",
            "can not be satisfied",
            "cannot be satisfied",
            "requested",
            "does not exist",
            "unable to open",
            "no such file",
        ];
        match self {
            Fault::Failed { told, .. } => {
                let told = told.to_lowercase();
                let has = |words: &[&str]| words.iter().any(|word| told.contains(word));
                match () {
                    () if has(&PASSING) => Verdict::Passing,
                    () if has(&REFUSED) => Verdict::Refused,
                    () => Verdict::Unknown,
                }
            }
            Fault::Missing { source, .. } if source.kind() == io::ErrorKind::NotFound => Verdict::Refused,
            Fault::Missing { .. } | Fault::Garbled(_) => Verdict::Passing,
            Fault::Unlike(_) => Verdict::Refused,
        }
    }
}

/// Where the tools are and which cluster they ask.
#[derive(Debug, Clone, Default)]
pub struct Tools {
    /// Their folder; searched for as usual if none.
    pub folder: Option<PathBuf>,
    /// The cluster's `slurm.conf`, if it is not where Slurm looks for it.
    pub config: Option<PathBuf>,
}

/// The most of an error that is told.
const TOLD_MOST: usize = 400;

impl Tools {
    /// Runs a tool and returns what it prints. Its environment is what Slurm needs and no more: `sbatch` hands its own on
    /// to jobs, and the agent's token must not be in it.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn run(&self, program: &str, arguments: &[String], directory: Option<&Path>) -> Result<String, Fault> {
        const KEPT: [&str; 8] = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "SHELL", "TZ"];
        let path = self.folder.as_ref().map_or_else(|| PathBuf::from(program), |folder| folder.join(program));
        let kept: BTreeMap<_, _> = KEPT.iter().filter_map(|name| Some((*name, std::env::var_os(name)?))).collect();
        let mut command = Command::new(path);
        command.args(arguments).env_clear().envs(kept).stdin(Stdio::null());
        let config = self.config.clone().map(PathBuf::into_os_string).or_else(|| std::env::var_os("SLURM_CONF"));
        if let Some(config) = config {
            command.env("SLURM_CONF", config);
        }
        if let Some(directory) = directory {
            command.current_dir(directory);
        }
        let done = command.output().map_err(|source| Fault::Missing { program: program.to_owned(), source })?;
        if done.status.success() {
            return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
        }
        let told = String::from_utf8_lossy(&done.stderr);
        let told: Vec<&str> = told.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let told = if told.is_empty() { done.status.to_string() } else { told.join("; ") };
        let told = told.chars().take(TOLD_MOST).collect();
        Err(Fault::Failed { program: program.to_owned(), told })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_told_from_what_a_cluster_refuses() {
        let verdict = |told: &str| Fault::Failed { program: "sbatch".to_owned(), told: told.to_owned() }.verdict();
        for passing in [
            "sbatch: error: Batch job submission failed: Connection reset by peer",
            "slurm_msg_sendto: address:port=127.0.0.1:38717 msg_type=4003: Unexpected missing socket error; sbatch: error: Batch job submission failed: Unexpected missing socket error",
            "sbatch: error: Batch job submission failed: Zero Bytes were transmitted or received",
            "sbatch: error: Batch job submission failed: Required partition not available (inactive or drain)",
            "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)",
            "sbatch: error: Munge encode failed: Failed to access \"/run/munge/sock\": No such file or directory (retrying ...)",
        ] {
            assert_eq!(verdict(passing), Verdict::Passing, "{passing}");
        }
        for refused in [
            "sbatch: error: Batch job submission failed: Requested node configuration is not available",
            "sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified",
            "sbatch: error: Batch job submission failed: Requested time limit is invalid (missing or exceeds some limit)",
            "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy",
            "sbatch: unrecognized option '--nonsense'",
        ] {
            assert_eq!(verdict(refused), Verdict::Refused, "{refused}");
        }
        assert_eq!(verdict("sbatch: error: Batch job submission failed: Unspecified error"), Verdict::Unknown);
    }
}
