//! What a provider should know before it joins: what was looked at, what was found, and what would be told to the hub.

use std::io;
use std::path::Path;

use dispatch::{Node, Occupied};

use crate::agent::Executor;
use crate::{below, kubernetes, local, slurm};

/// How good a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Good,
    /// Work will run, and something will be missing.
    Doubtful,
    /// Work would not run.
    Bad,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub what: &'static str,
    /// How good it is.
    pub level: Level,
    /// What was found, and what to do about it where it is not good.
    pub told: String,
}

impl Finding {
    pub(crate) fn good(what: &'static str, told: impl Into<String>) -> Finding {
        Finding { what, level: Level::Good, told: told.into() }
    }

    pub(crate) fn doubtful(what: &'static str, told: impl Into<String>) -> Finding {
        Finding { what, level: Level::Doubtful, told: told.into() }
    }

    pub(crate) fn bad(what: &'static str, told: impl Into<String>) -> Finding {
        Finding { what, level: Level::Bad, told: told.into() }
    }
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// In the order in which it was looked at.
    pub findings: Vec<Finding>,
    /// The nodes that would be listed to the hub.
    pub nodes: Vec<Node>,
    /// What others use of them.
    pub others: Vec<(String, Occupied)>,
}

/// Looks at a site without changing anything but a test job and its folder.
pub fn survey(executor: &Executor, folder: &Path) -> Survey {
    let mut survey = Survey::default();
    match writable(folder) {
        Ok(()) => survey.findings.push(Finding::good("folder", format!("{} can be written", folder.display()))),
        Err(error) => survey.findings.push(Finding::bad("folder", format!("{} cannot be written: {error}", folder.display()))),
    }
    match executor {
        Executor::Local(options) => {
            let node = local::this_machine(options);
            let devices = node.model.as_ref().map(|model| format!(", {} × {model}", node.devices)).unwrap_or_default();
            let told = format!("{}: {} cores, {}{devices}", node.name, node.cpu, node.memory);
            survey.findings.push(Finding::good("machine", told));
            survey.findings.push(match local::try_out(folder, options) {
                Ok(took) => Finding::good("test job", format!("ran and was seen to end, after {:.1} s", took.as_secs_f64())),
                Err(problem) => Finding::bad("test job", problem),
            });
            survey.findings.push(match local::cgroup::Groups::open(&folder.join("probe")) {
                Ok(groups) if groups.memory() => Finding::good("groups", "control groups keep jobs to their memory and their cores"),
                Ok(_) => Finding::good("groups", "control groups hold jobs together; their memory is looked at twice a second"),
                Err(problem) => {
                    let told = format!(
                        "no control groups ({problem}): what a job leaves behind in a session of its own may go on; run the agent as a service with Delegate=yes"
                    );
                    Finding::doubtful("groups", told)
                }
            });
            survey.nodes.push(node);
        }
        Executor::Slurm(options) => slurm::survey(options, folder, &mut survey),
        Executor::Kubernetes(options) => kubernetes::survey(options, &mut survey),
        Executor::Hub(options) => below::survey(options, &mut survey),
    }
    survey
}

fn writable(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let probe = folder.join("probe");
    std::fs::write(&probe, "")?;
    std::fs::remove_file(probe)
}
