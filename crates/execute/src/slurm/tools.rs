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

impl Fault {
    /// Whether the same may succeed later, or has succeeded already unheard.
    pub fn passing(&self) -> bool {
        const PASSING: [&str; 14] = [
            "Required partition not available",
            "Unable to contact slurm controller",
            "Socket timed out",
            "Connection refused",
            "Connection reset",
            "Connection timed out",
            "Zero Bytes were transmitted",
            "temporarily",
            "Slurm backup controller in standby",
            "Transport endpoint is not connected",
            "Munge",
            "Protocol authentication error",
            "Unspecified error",
            "Slurmctld is",
        ];
        match self {
            Fault::Failed { told, .. } => PASSING.iter().any(|known| told.to_lowercase().contains(&known.to_lowercase())),
            Fault::Missing { source, .. } => matches!(source.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::OutOfMemory),
            Fault::Unlike(_) => false,
            Fault::Garbled(_) => true,
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
