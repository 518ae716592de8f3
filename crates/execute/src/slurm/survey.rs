//! A cluster before it joins: tools, controller, partition, nodes, rights, and a test job that goes the whole way.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use super::manager::{Manager, Part, Signal, Submission, Which};
use super::{Options, launch, occupied};
use crate::survey::{Finding, Survey};

/// The oldest release that is supported.
const OLDEST: (u32, u32) = (22, 5);
/// How long a test job may take.
const TEST_MOST: Duration = Duration::from_secs(60);
/// A node's clock may differ so much from this machine's.
const CLOCK_MOST: Duration = Duration::from_secs(5);

/// `slurm 22.05.8`, `slurm-wlm 22.05.8`.
fn release(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split_whitespace().last()?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// What ends in a release, and whether that is new enough.
fn judged(what: &'static str, told: &str) -> Finding {
    match release(told) {
        Some(found) if found >= OLDEST => Finding::good(what, told),
        Some(_) => Finding::bad(what, format!("{told} is older than 22.05, the oldest that is supported")),
        None => Finding::doubtful(what, format!("`{told}` tells no release; 22.05 or newer is needed")),
    }
}

pub(crate) fn survey(options: &Options, folder: &Path, survey: &mut Survey) {
    let findings = &mut survey.findings;
    let manager = &options.manager;
    if let Manager::Tools(tools) = manager {
        for tool in ["sbatch", "squeue", "scancel", "scontrol"] {
            if let Err(fault) = tools.run(tool, &["--version".to_owned()], None) {
                findings
                    .push(Finding::bad("tools", format!("{fault}; is Slurm's client installed here, and --slurm-bin right?")));
                return;
            }
        }
        let version = tools.run("sbatch", &["--version".to_owned()], None).unwrap_or_default();
        findings.push(judged("tools", version.trim()));
    }
    let settings = match manager.settings() {
        Ok(settings) => settings,
        Err(fault) => {
            let hint = match manager {
                Manager::Tools(_) => "is slurmctld up, and --slurm-conf right?",
                Manager::Rest(_) => "is --slurm-rest right, the token good, and slurmrestd started with rest_auth/jwt?",
            };
            findings.push(Finding::bad("controller", format!("{fault}; {hint}")));
            return;
        }
    };
    findings.push(match manager {
        Manager::Tools(_) => Finding::good("controller", format!("cluster {}, Slurm {}", settings.cluster, settings.release)),
        Manager::Rest(rest) => judged("controller", &format!("{} as {}, Slurm {}", rest.url, rest.user, settings.release)),
    });
    findings.push(match settings.accounting {
        true => Finding::good("accounting", "slurmdbd remembers how jobs ended"),
        false => Finding::good(
            "accounting",
            format!(
                "none: what becomes of a job that Slurm kills while the agent is away for more than {} is told as lost",
                if settings.forgets_after.is_empty() { "MinJobAge" } else { &settings.forgets_after }
            ),
        ),
    });
    findings.push(match (settings.memory_given, settings.memory_kept) {
        (Some(true), Some(true)) => Finding::good("memory", "is given to jobs, and kept to"),
        (Some(true), _) => {
            Finding::doubtful("memory", "is given to jobs, but nothing ends one that takes more (task/cgroup would)")
        }
        (Some(false), _) => {
            Finding::doubtful("memory", "is not given to jobs (CR_Core_Memory would); those of the hub and of others may meet")
        }
        (None, _) => Finding::doubtful("memory", "the service does not say whether jobs are given memory and kept to it"),
    });
    if options.power_saving {
        let what = "power saving";
        findings.push(match (settings.sleeps, manager) {
            (_, Manager::Rest(_)) => Finding::doubtful(what, "is not to be had by the REST service; Slurm's tools can"),
            (Some(true), _) => {
                Finding::good(what, "Slurm switches nodes off and on; this user must be one of its operators for that")
            }
            _ => Finding::doubtful(what, "Slurm has no SuspendProgram and ResumeProgram; no node can sleep"),
        });
    }
    let partitions = manager.partitions().unwrap_or_default();
    let chosen =
        partitions.iter().find(|partition| options.partition.as_ref().map_or(partition.default, |name| partition.name == *name));
    let Some(partition) = chosen else {
        let names: Vec<&str> = partitions.iter().map(|partition| partition.name.as_str()).collect();
        findings.push(Finding::bad("partition", format!("choose one with --partition: there are {}", names.join(", "))));
        return;
    };
    let longest =
        if partition.longest.is_empty() { "no time limit".to_owned() } else { format!("jobs of up to {}", partition.longest) };
    findings.push(match partition.up {
        true => Finding::good("partition", format!("{}, {longest}", partition.name)),
        false => Finding::bad("partition", format!("{} is not up", partition.name)),
    });
    let lines = manager.nodes().unwrap_or_default();
    let mut models: BTreeMap<String, u32> = BTreeMap::new();
    let mut out = Vec::new();
    for line in lines.iter().filter(|line| line.partitions.contains(&partition.name)) {
        let (node, gres) = launch::node(line, &options.gres, &options.models);
        let others = occupied::others(line, &node, gres.as_deref(), &[]);
        if !others.reason.is_empty() {
            out.push(format!("{} ({})", line.name, others.reason));
        }
        if let Some(model) = &node.model {
            *models.entry(model.clone()).or_default() += node.devices.0;
        }
        if !others.is_nothing() {
            survey.others.push((line.name.clone(), others));
        }
        survey.nodes.push(node);
    }
    let cores: u64 = survey.nodes.iter().map(|node| node.cpu.0 / 1000).sum();
    let devices: Vec<String> = models.iter().map(|(model, count)| format!("{count} × {model}")).collect();
    let devices = if devices.is_empty() { format!("no {} resources", options.gres) } else { devices.join(", ") };
    findings.push(match survey.nodes.is_empty() {
        true => Finding::bad("nodes", format!("{} has none", partition.name)),
        false => Finding::good("nodes", format!("{}: {cores} cores, {devices}", survey.nodes.len())),
    });
    if !out.is_empty() {
        findings.push(Finding::doubtful("nodes", format!("out of service: {}", out.join(", "))));
    }
    findings.push(test_job(options, &partition.name, folder));
}

/// A job of one core writes to the folder from a node, and tells its clock.
fn test_job(options: &Options, partition: &str, folder: &Path) -> Finding {
    let what = "test job";
    let own = folder.join("survey");
    let (file, script) = (own.join("told"), own.join("test.sh"));
    let made = std::fs::create_dir_all(&own).and_then(|()| {
        let _ = std::fs::remove_file(&file);
        // The folder is an argument, and no part of the script.
        std::fs::write(&script, "#!/bin/bash\nprintf '%s %s\\n' \"$SLURMD_NODENAME\" \"$(date +%s)\" >\"$1/told.new\" && mv \"$1/told.new\" \"$1/told\"\n")
    });
    if let Err(error) = made {
        return Finding::bad(what, format!("{}: {error}", own.display()));
    }
    let submission = Submission {
        name: "shugu-survey".to_owned(),
        output: "/dev/null".into(),
        minutes: Some(2),
        partition: partition.to_owned(),
        cpus: 1,
        parts: vec![Part { each: 1, ..Part::default() }],
        script,
        arguments: vec![own.display().to_string()],
        directory: own.clone(),
        ..Submission::default()
    };
    let begun = Instant::now();
    let id = match options.manager.submit(&submission, &options.sbatch) {
        Ok(id) => id,
        Err(fault) => {
            return Finding::bad(what, format!("{fault}; may this user submit to the partition, with these --sbatch arguments?"));
        }
    };
    let told = loop {
        if let Ok(told) = std::fs::read_to_string(&file) {
            break told;
        }
        if begun.elapsed() > TEST_MOST {
            let job = options.manager.jobs(Which::Numbers(&[id])).ok().and_then(|jobs| jobs.into_iter().next());
            let _ = options.manager.signal(Signal::Kill, id, &submission.name);
            let state = job.map(|job| format!("{} {}", job.state, job.reason)).unwrap_or_default();
            return match state.starts_with("PENDING") {
                true => Finding::doubtful(what, format!("it still waits after a minute ({state}); it was cancelled")),
                false => Finding::bad(
                    what,
                    format!("it wrote nothing to {} within a minute ({state}): do all nodes see that folder?", own.display()),
                ),
            };
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    let _ = std::fs::remove_dir_all(&own);
    let (node, clock) = told.trim().split_once(' ').unwrap_or((told.trim(), ""));
    let here = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let apart = clock.parse::<u64>().map_or(0, |clock| clock.abs_diff(here));
    if apart > CLOCK_MOST.as_secs() {
        return Finding::doubtful(
            what,
            format!("ran on {node}, whose clock is {apart} s from this machine's: times would be wrong"),
        );
    }
    Finding::good(what, format!("ran on {node} and wrote to the folder, after {:.1} s", begun.elapsed().as_secs_f64()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_compared_by_year_and_month() {
        assert_eq!(release("slurm-wlm 22.05.8\n"), Some((22, 5)));
        assert!(release("slurm 23.11.10").unwrap() > OLDEST);
        assert!(release("slurm 21.08.8").unwrap() < OLDEST);
        assert_eq!(release("slurm"), None);
    }
}
