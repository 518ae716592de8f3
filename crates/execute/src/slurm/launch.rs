//! From a wanted job to what a cluster runs: files in the attempt's folder, and what Slurm is told of it.
//!
//! A job's words (its program, arguments, environment, folder) are pieces of a file that end in NUL. They are in no script
//! and in no command line, so nothing that a tenant writes is ever read by a shell.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use dispatch::Node;
use measure::{Memory, Span};

use super::manager::{Part, Submission};
use crate::environment::environments;
use crate::folder::job_folder;
use crate::wire::{WantedJob, WantedReplica, at_site};
pub(super) use crate::wire::{name_at_site as name, run_of_name};

/// The two scripts, the same for every job.
const SCRIPTS: [(&str, &str); 2] = [(JOB_SCRIPT, include_str!("job.sh")), (REPLICA_SCRIPT, include_str!("replica.sh"))];
pub(super) const JOB_SCRIPT: &str = "job.sh";
pub(super) const REPLICA_SCRIPT: &str = "replica.sh";
/// The job as the hub wants it, and as the scripts read it: there until it is forgotten.
pub(super) const ATTEMPT: &str = "attempt";
/// What Slurm itself has to say.
pub(super) const SLURM_OUTPUT: &str = "slurm.out";

/// Writes the scripts into the agent's folder.
pub(super) fn write_scripts(folder: &Path) -> io::Result<()> {
    SCRIPTS.iter().try_for_each(|(name, text)| {
        // A job that starts meanwhile reads the old file or the new one.
        let new = folder.join(format!("{name}.new"));
        fs::write(&new, text)?;
        fs::rename(&new, folder.join(name))
    })
}

/// What a cluster is to its agent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Layout {
    /// Where a node is reached.
    pub(super) addresses: BTreeMap<String, String>,
    /// The countable resource that a node's devices are, by node.
    pub(super) gres: BTreeMap<String, String>,
    /// Whether jobs are given memory, as they are given CPUs, and what a CPU's share of a node's memory is then.
    pub(super) memory_per_cpu: Option<Memory>,
}

/// How many replicas run on each node, in the order in which nodes come first.
fn by_node(job: &WantedJob) -> Vec<(&str, Vec<usize>)> {
    let mut nodes: Vec<(&str, Vec<usize>)> = Vec::new();
    for (rank, replica) in job.replicas.iter().enumerate() {
        match nodes.iter_mut().find(|(name, _)| *name == replica.node) {
            Some((_, ranks)) => ranks.push(rank),
            None => nodes.push((&replica.node, vec![rank])),
        }
    }
    nodes
}

/// CPUs of a replica: whole ones, at least one.
pub(super) fn cpus(job: &WantedJob) -> u64 {
    job.cpu.0.div_ceil(1000).max(1)
}

/// Writes an attempt down, in one file: on a shared folder each file costs as much as a small job.
pub(super) fn write_attempt(folder: &Path, job: &WantedJob, layout: &Layout) -> io::Result<()> {
    let own = job_folder(folder, at_site(job.job, job.attempt));
    fs::create_dir_all(&own)?;
    let address = |replica: &WantedReplica| layout.addresses.get(&replica.node).unwrap_or(&replica.node).clone();
    let peers: Vec<String> = job.replicas.iter().map(address).collect();
    // Which devices they are the cluster decides, and the script says it.
    let mut bare = job.clone();
    bare.replicas.iter_mut().for_each(|replica| replica.devices.clear());
    let devices = job.replicas.first().map_or(0, |replica| replica.devices.len());
    let mut pieces = vec![serde_json::to_string(job)?];
    pieces.extend([devices.to_string(), cpus(job).to_string(), job.replicas.len().to_string()]);
    pieces.push(job.command.directory.clone().unwrap_or_default());
    pieces.push(job.command.argv.len().to_string());
    pieces.extend(job.command.argv.iter().cloned());
    for (replica, environment) in job.replicas.iter().zip(environments(&bare, &own, &peers)) {
        pieces.extend([replica.node.clone(), environment.len().to_string()]);
        pieces.extend(environment.iter().map(|(name, value)| format!("{name}={value}")));
    }
    if pieces.iter().any(|piece| piece.contains('\0')) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a word of the job holds a NUL, which no program can be given"));
    }
    let text: String = pieces.iter().flat_map(|piece| [piece.as_str(), "\0"]).collect();
    // Whole or not at all: what is there is what runs.
    let new = own.join("attempt.new");
    fs::write(&new, text)?;
    fs::rename(&new, own.join(ATTEMPT))
}

/// The job of an attempt that was written down and is not forgotten.
pub(super) fn read_attempt(own: &Path) -> io::Result<WantedJob> {
    let text = fs::read(own.join(ATTEMPT))?;
    let first = text.split(|byte| *byte == 0).next().unwrap_or_default();
    Ok(serde_json::from_slice(first)?)
}

/// A time limit as Slurm counts it: whole minutes, and one more, since the agent keeps the exact one.
fn minutes(limit: Span) -> i64 {
    limit.0.max(0) / 60_000 + 2
}

/// An attempt as Slurm is given it.
pub(super) fn submission(folder: &Path, job: &WantedJob, name: &str, partition: &str, layout: &Layout) -> Submission {
    let own = job_folder(folder, at_site(job.job, job.attempt));
    let devices = job.replicas.first().map_or(0, |replica| replica.devices.len());
    // Nodes with as many replicas as each other are one part; Slurm runs several parts as one job.
    let mut parts: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for (node, ranks) in by_node(job) {
        parts.entry(ranks.len()).or_default().push(node);
    }
    let part = |(each, nodes): (&usize, &Vec<&str>)| {
        let gres = || layout.gres.get(nodes[0]).map_or("gpu", String::as_str);
        let memory = layout.memory_per_cpu.map(|share| {
            let memory = if job.memory.0 > 0 { job.memory.0 } else { share.0.saturating_mul(cpus(job)) };
            memory.saturating_mul(*each as u64).div_ceil(1 << 20)
        });
        Part {
            nodes: nodes.iter().map(|node| (*node).to_owned()).collect(),
            each: *each,
            gres: (devices > 0).then(|| format!("{}:{}", gres(), devices * each)),
            memory,
        }
    };
    let script = folder.join(JOB_SCRIPT);
    let replica = folder.join(REPLICA_SCRIPT).display().to_string();
    Submission {
        name: name.to_owned(),
        comment: format!("shugu {} of {}", job.job, job.tenant),
        output: own.join(SLURM_OUTPUT),
        minutes: job.time_limit.map(minutes),
        partition: partition.to_owned(),
        cpus: cpus(job),
        parts: parts.iter().map(part).collect(),
        script,
        arguments: vec![own.display().to_string(), replica, job.replicas.len().to_string(), cpus(job).to_string()],
        directory: own,
    }
}

/// Nodes as the hub counts them.
pub(super) fn node(line: &super::read::NodeLine, gres: &str, models: &BTreeMap<String, String>) -> (Node, Option<String>) {
    let ours = |name: &str| name == gres || name.strip_prefix(gres).is_some_and(|rest| rest.starts_with(':'));
    // A node's devices are of one model: where it has several types, the most numerous.
    let most = line.gres.iter().filter(|(name, count)| ours(name) && **count > 0).max_by_key(|(_, count)| **count);
    let model = most.map(|(name, _)| {
        models.get(name).cloned().unwrap_or_else(|| name.split_once(':').map_or(name.as_str(), |(_, kind)| kind).to_owned())
    });
    let node = Node {
        name: line.name.clone(),
        model,
        devices: measure::Devices(most.map_or(0, |(_, count)| *count).min(Node::DEVICES_MAX)),
        cpu: measure::Cpu::cores(u64::from(line.cpus)),
        memory: line.memory,
        whole_devices: true,
        whole_cores: true,
        images: false,
    };
    (node, most.map(|(name, _)| name.clone()))
}

#[cfg(test)]
mod tests {
    use dispatch::Command;
    use measure::{Cpu, JobId};

    use super::*;
    use crate::slurm::tools::arguments;

    fn job(nodes: &[&str], devices: usize) -> WantedJob {
        WantedJob {
            job: JobId(42),
            attempt: 2,
            name: "train; rm -rf /".to_owned(),
            command: Command {
                argv: vec!["echo".to_owned(), "$(touch here) `touch there` \"'\\ \n;&|".to_owned()],
                env: [("WORDS".to_owned(), "a\nb $HOME".to_owned())].into(),
                ..Command::default()
            },
            cpu: Cpu(1500),
            memory: Memory::mebibytes(100),
            time_limit: Some(Span::seconds(90)),
            ..WantedJob::sample(nodes, devices as u32)
        }
    }

    fn told(nodes: &[&str], devices: usize, layout: &Layout) -> String {
        let submission = submission(Path::new("/shared/a%b"), &job(nodes, devices), "shugu-ab-42.2", "main", layout);
        let arguments = arguments(&submission, &[]);
        arguments.iter().skip(6).map(String::as_str).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_single_job_asks_for_its_node() {
        let layout = Layout { gres: [("n2".to_owned(), "gpu:h100".to_owned())].into(), ..Layout::default() };
        assert_eq!(
            told(&["n2"], 2, &layout),
            "--time=3 --partition=main --nodes=1 --nodelist=n2 --ntasks=1 --ntasks-per-node=1 --cpus-per-task=2 --gres=gpu:h100:2 \
             /shared/a%b/job.sh /shared/a%b/jobs/job-42.2 /shared/a%b/replica.sh 1 2"
        );
    }

    #[test]
    fn an_uneven_gang_is_a_job_of_parts() {
        assert_eq!(
            told(&["n1", "n3", "n3", "n2"], 0, &Layout { memory_per_cpu: Some(Memory::mebibytes(10)), ..Layout::default() }),
            "--time=3 --partition=main --nodes=2 --nodelist=n1,n2 --ntasks=2 --ntasks-per-node=1 --cpus-per-task=2 --mem=100M : \
             --partition=main --nodes=1 --nodelist=n3 --ntasks=2 --ntasks-per-node=2 --cpus-per-task=2 --mem=200M \
             /shared/a%b/job.sh /shared/a%b/jobs/job-42.2 /shared/a%b/replica.sh 4 2"
        );
    }

    #[test]
    fn nothing_a_tenant_says_is_an_argument_or_a_script() {
        let folder = tempfile::tempdir().unwrap();
        let job = job(&["n1", "n1"], 1);
        write_attempt(folder.path(), &job, &Layout::default()).unwrap();
        let own = folder.path().join("jobs/job-42.2");
        let arguments = arguments(&submission(folder.path(), &job, "shugu-ab-42.2", "main", &Layout::default()), &[]);
        assert!(arguments.iter().all(|argument| !argument.contains("touch") && !argument.contains("rm -rf")), "{arguments:?}");
        let text = fs::read_to_string(own.join(ATTEMPT)).unwrap();
        let pieces: Vec<&str> = text.split('\0').collect();
        assert_eq!(&pieces[1..8], ["1", "2", "2", "", "2", "echo", &job.command.argv[1]]);
        assert_eq!(pieces[8], "n1");
        assert!(pieces.contains(&"WORDS=a\nb $HOME") && pieces.contains(&"RANK=1"), "{pieces:?}");
        assert_eq!(read_attempt(&own).unwrap(), job);
        let mut nul = job.clone();
        nul.command.argv.push("a\0b".to_owned());
        assert_eq!(write_attempt(folder.path(), &nul, &Layout::default()).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }

    /// What a program was given, run by the scripts as a cluster would run them.
    fn given(job: &WantedJob) -> (Vec<u8>, i32) {
        let folder = tempfile::tempdir().unwrap();
        write_scripts(folder.path()).unwrap();
        write_attempt(folder.path(), job, &Layout::default()).unwrap();
        let own = folder.path().join("jobs/job-42.2");
        let arguments = arguments(&submission(folder.path(), job, "shugu-ab-42.2", "main", &Layout::default()), &[]);
        let script = arguments.iter().position(|argument| argument.ends_with("job.sh")).unwrap();
        let mut command = std::process::Command::new("bash");
        command.args(&arguments[script..]).env("SLURM_JOB_ID", "7").current_dir(folder.path());
        let status = command.status().unwrap();
        let left: Vec<String> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        assert_eq!(left.len(), 3, "nothing but the scripts and the jobs is there: {left:?}");
        let record = crate::slurm::records::record(&own, 0);
        assert!(record.is_some(), "it leaves a record");
        assert_eq!(crate::slurm::records::claim(&own).map(|claim| claim.slurm), Some(7));
        (fs::read(own.join("replica-0.stdout")).unwrap(), status.code().unwrap_or(-1))
    }

    /// Few, as each starts a shell and an interpreter; `SHUGU_CASES` says how many.
    fn cases() -> u32 {
        std::env::var("SHUGU_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(24)
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { cases: cases(), failure_persistence: None, ..Default::default() })]

        /// Through a real shell, with whatever a tenant may write: quotes, substitutions, newlines, any character.
        #[test]
        fn a_program_is_given_exactly_the_words_of_its_job(
            words in proptest::collection::vec("([$`\"'\\\\;&|<>(){}\\[\\]*?~#!\n\t -]|\\PC|touch x){0,12}", 0..5),
            value in "([$`\"'\\\\;&|\n]|\\PC){0,12}",
            name in "[A-Z][A-Z0-9_.-]{0,8}",
        ) {
            let mut job = job(&["n1"], 0);
            let print = "import os, sys; sys.stdout.buffer.write(b'\\0'.join(os.fsencode(word) for word in sys.argv[2:]) + b'|' + os.environb[os.fsencode(sys.argv[1])])";
            let name = format!("TENANT_{name}");
            job.command.argv = ["python3", "-c", print, &name].map(str::to_owned).into();
            job.command.argv.extend(words.iter().cloned());
            job.command.env = [(name, value.clone())].into();
            let (told, code) = given(&job);
            let expected = format!("{}|{value}", words.join("\0"));
            proptest::prop_assert_eq!((String::from_utf8_lossy(&told).into_owned(), code), (expected, 0));
        }
    }

    #[test]
    fn a_program_with_an_equals_sign_in_its_name_is_no_variable() {
        let mut job = job(&["n1"], 0);
        job.command.argv = vec!["no=such".to_owned(), "program".to_owned()];
        assert_eq!(given(&job).1, 127);
    }

    #[test]
    fn a_name_tells_job_and_attempt() {
        for run in [at_site(JobId(7), 1), at_site(JobId(123), 4)] {
            assert_eq!(run_of_name("ab12", &name("ab12", run)), Some(run));
        }
        assert_eq!(run_of_name("ab12", "shugu-cd34-7.1"), None);
        assert_eq!(run_of_name("ab12", "shugu-ab12-7.0"), None);
        assert_eq!(run_of_name("ab12", "wrap"), None);
    }
}
