//! Slurm's tools as processes.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::manager::{Sample, Settings, Signal, Submission, Which};
use super::read::{self, Garbled, JobLine, NodeLine, Partition};

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
    /// Nobody answers, or not to this agent.
    #[error("{0}")]
    Away(String),
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
            Fault::Missing { .. } | Fault::Garbled(_) | Fault::Away(_) => Verdict::Passing,
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
/// What of the agent's environment Slurm and its jobs are given: `sbatch` hands its own on to jobs, and the agent's secrets must
/// not be in it.
pub(super) const KEPT: [&str; 8] = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "SHELL", "TZ"];

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

impl Tools {
    /// Runs a tool and returns what it prints. Its environment is what Slurm needs and no more.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn run(&self, program: &str, arguments: &[String], directory: Option<&Path>) -> Result<String, Fault> {
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

    pub(super) fn settings(&self) -> Result<Settings, Fault> {
        let settings = read::config(&self.run("scontrol", &words(&["show", "config"]), None)?);
        let setting = |name: &str| settings.get(name).map_or("", String::as_str);
        let kept = setting("TaskPlugin").contains("cgroup") || setting("JobAcctGatherParams").contains("OverMemoryKill");
        let gathers = |name: &str| !["", "none"].iter().any(|none| setting(name).rsplit('/').next() == Some(*none));
        Ok(Settings {
            cluster: setting("ClusterName").to_owned(),
            release: setting("SLURM_VERSION").to_owned(),
            accounting: setting("AccountingStorageType").ends_with("slurmdbd"),
            forgets_after: setting("MinJobAge").to_owned(),
            memory_given: Some(setting("SelectTypeParameters").to_uppercase().contains("MEMORY")),
            memory_kept: Some(kept),
            sampled: gathers("JobAcctGatherType"),
            energy: gathers("AcctGatherEnergyType"),
            sleeps: Some(["SuspendProgram", "ResumeProgram"].iter().all(|program| !setting(program).is_empty())),
        })
    }

    pub(super) fn partitions(&self) -> Result<Vec<Partition>, Fault> {
        Ok(read::partitions(&self.run("scontrol", &words(&["--oneliner", "show", "partition"]), None)?)?)
    }

    pub(super) fn nodes(&self) -> Result<Vec<NodeLine>, Fault> {
        Ok(read::nodes(&self.run("scontrol", &words(&["--oneliner", "--details", "show", "node"]), None)?)?)
    }

    pub(super) fn jobs(&self, which: Which) -> Result<Vec<JobLine>, Fault> {
        let mut asked = words(&["--noheader"]);
        asked.extend(match which {
            Which::Live => words(&["--me"]),
            Which::All => words(&["--me", "--states=all"]),
            Which::Named(name) => words(&["--me", "--states=all", &format!("--name={name}")]),
            Which::Numbers(ids) => words(&["--states=all", &format!("--jobs={}", numbers(ids))]),
        });
        asked.extend(words(&["--Format", read::JOB_FIELDS]));
        match self.run("squeue", &asked, None) {
            Ok(text) => Ok(read::jobs(&text)?),
            // It says so where it knows none of them.
            Err(Fault::Failed { told, .. }) if matches!(which, Which::Numbers(_)) && told.contains("Invalid job id") => {
                Ok(Vec::new())
            }
            Err(fault) => Err(fault),
        }
    }

    pub(super) fn accounted(&self, ids: &[u64]) -> Result<Vec<JobLine>, Fault> {
        let (jobs, fields) = (format!("--jobs={}", numbers(ids)), "--format=JobIDRaw,State,ExitCode,Reason,JobName");
        let asked = words(&["--noheader", "--parsable2", "--allocations", &jobs, fields]);
        Ok(read::accounted(&self.run("sacct", &asked, None)?)?)
    }

    pub(super) fn samples(&self, ids: &[u64]) -> Result<Vec<Sample>, Fault> {
        let (jobs, fields) = (format!("--jobs={}", numbers(ids)), "--format=JobID,MaxRSS,NTasks,ConsumedEnergyRaw");
        let asked = words(&["--noheader", "--parsable2", "--allsteps", &jobs, fields]);
        Ok(read::samples(&self.run("sstat", &asked, None)?))
    }

    pub(super) fn signal(&self, signal: Signal, id: u64, name: &str) -> Result<(), Fault> {
        let mut arguments = match signal {
            Signal::Leave => words(&["--state=PENDING"]),
            Signal::Send(signal) => vec!["--full".to_owned(), format!("--signal={signal}")],
            Signal::Kill => Vec::new(),
        };
        arguments.extend([format!("--name={name}"), id.to_string()]);
        self.run("scancel", &arguments, None).map(drop)
    }

    pub(super) fn sleep(&self, nodes: &[String]) -> Result<(), Fault> {
        let nodes = format!("nodename={}", nodes.join(","));
        self.run("scontrol", &words(&["update", &nodes, "state=power_down_asap"]), None).map(drop)
    }

    pub(super) fn submit(&self, submission: &Submission, extra: &[String]) -> Result<u64, Fault> {
        let text = self.run("sbatch", &arguments(submission, extra), Some(&submission.directory))?;
        // `17` or, where clusters are joined, `17;name`.
        let id = text.trim().split(';').next().and_then(|id| id.parse().ok());
        id.ok_or_else(|| Garbled { tool: "sbatch", missing: "a job's number", line: text.trim().to_owned() }.into())
    }
}

fn numbers(ids: &[u64]) -> String {
    ids.iter().map(u64::to_string).collect::<Vec<_>>().join(",")
}

/// The arguments of `sbatch` for a job.
pub(super) fn arguments(submission: &Submission, extra: &[String]) -> Vec<String> {
    // A per cent sign begins a pattern.
    let output = submission.output.display().to_string().replace('%', "%%");
    let mut arguments = vec![
        "--parsable".to_owned(),
        "--no-requeue".to_owned(),
        format!("--job-name={}", submission.name),
        format!("--comment={}", submission.comment),
        format!("--output={output}"),
        "--open-mode=append".to_owned(),
    ];
    arguments.extend(submission.minutes.map(|minutes| format!("--time={minutes}")));
    for (at, part) in submission.parts.iter().enumerate() {
        if at > 0 {
            arguments.push(":".to_owned());
        }
        arguments.push(format!("--partition={}", submission.partition));
        arguments.extend(extra.iter().cloned());
        let nodes = part.nodes.len().max(1);
        arguments.push(format!("--nodes={nodes}"));
        if !part.nodes.is_empty() {
            arguments.push(format!("--nodelist={}", part.nodes.join(",")));
        }
        arguments.extend([
            format!("--ntasks={}", nodes * part.each),
            format!("--ntasks-per-node={}", part.each),
            format!("--cpus-per-task={}", submission.cpus),
        ]);
        arguments.extend(part.gres.iter().map(|gres| format!("--gres={gres}")));
        arguments.extend(part.memory.map(|memory| format!("--mem={memory}M")));
    }
    arguments.push(submission.script.display().to_string());
    arguments.extend(submission.arguments.iter().cloned());
    arguments
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
