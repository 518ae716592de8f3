//! A job below, made of an attempt above: no I/O here. It holds what the program needs and what it may hold, and nothing of whose
//! it is: neither tenant nor name, nor the number of the job as anything but a part of the name.

use std::collections::BTreeMap;

use dispatch::Output;
use measure::Span;
use serde::Serialize;

use super::read::DataLine;
use crate::wire::{WantedInput, WantedJob};

/// As a hub takes it.
#[derive(Debug, Serialize)]
struct Form<'a> {
    name: &'a str,
    command: &'a [String],
    replicas: usize,
    #[serde(skip_serializing_if = "is_zero")]
    devices: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    models: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpus: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    memory: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_limit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spread: Option<&'static str>,
    pools: [&'a str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<Notice>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    env: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    directory: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    inputs: Vec<&'a str>,
    #[serde(skip_serializing_if = "<[Output]>::is_empty")]
    outputs: &'a [Output],
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lease: Option<Lease<'a>>,
}

#[derive(Debug, Serialize)]
struct Lease<'a> {
    holder: &'a str,
    span: String,
}

#[derive(Debug, Serialize)]
struct Notice {
    signal: String,
    grace: String,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// The job below of an attempt, as JSON. `name` is its name there, `pool` the pool there, `models` what is called below what the
/// nodes of its replicas have, where the pool has several; `known` is the data that the hub below knows. It is cancelled there when the
/// agent of this mark has been silent for the span of `lease`.
///
/// # Errors
/// Why it can never run there, in words.
pub(super) fn form(
    job: &WantedJob,
    name: &str,
    pool: &str,
    models: Vec<&str>,
    known: &[DataLine],
    lease: Option<(&str, Span)>,
) -> Result<String, String> {
    if job.apart {
        return Err("tasks that may not meet on a node cannot be given to another hub; name pools where that holds".to_owned());
    }
    if let Some(input) = job.inputs.iter().find(|input| !known.iter().any(|data| is_that(data, input))) {
        let told = "the hub below has no data of this name, size and checksum";
        return Err(format!("its input {} cannot be had: {told}", input.name));
    }
    let mut nodes: Vec<&str> = job.replicas.iter().map(|replica| replica.node.as_str()).collect();
    nodes.sort_unstable();
    nodes.dedup();
    let mut env = job.command.env.clone();
    // It is no task of an array below.
    if let Some(task) = &job.array {
        env.extend([
            ("SHUGU_ARRAY".to_owned(), task.first.to_string()),
            ("SHUGU_ARRAY_INDEX".to_owned(), task.index.to_string()),
            ("SHUGU_ARRAY_COUNT".to_owned(), task.count.to_string()),
        ]);
    }
    let form = Form {
        name,
        command: &job.command.argv,
        replicas: job.replicas.len(),
        devices: job.replicas.first().map_or(0, |replica| replica.devices.len()),
        models,
        cpus: (job.cpu.0 > 0).then(|| job.cpu.to_string()),
        memory: (job.memory.0 > 0).then(|| job.memory.to_string()),
        time_limit: job.time_limit.map(|limit| limit.to_string()),
        // Replicas that lie apart above do so below: they fit there, each on a node of its own.
        spread: (nodes.len() > 1 && nodes.len() == job.replicas.len()).then_some("nodes"),
        pools: [pool],
        notice: job.notice.map(|notice| Notice { signal: notice.signal.to_string(), grace: notice.grace.to_string() }),
        env,
        directory: job.command.directory.as_deref(),
        inputs: job.inputs.iter().map(|input| input.name.as_str()).collect(),
        outputs: &job.outputs,
        image: job.command.image.as_deref(),
        lease: lease.map(|(holder, span)| Lease { holder, span: span.to_string() }),
    };
    serde_json::to_string(&form).map_err(|error| error.to_string())
}

/// Whether data that the hub below knows is what was promised above.
fn is_that(data: &DataLine, input: &WantedInput) -> bool {
    data.name == input.name && data.bytes == input.bytes && data.sha256 == input.sha256
}

#[cfg(test)]
mod tests {
    use dispatch::{Command, Task};
    use measure::{Cpu, JobId, Memory};
    use serde_json::{Value, json};

    use super::*;

    fn told(job: &WantedJob) -> Value {
        serde_json::from_str(&form(job, "shugu-ab-7.1", "west", Vec::new(), &[], Some(("ab", Span::seconds(6)))).unwrap())
            .unwrap()
    }

    fn job() -> WantedJob {
        WantedJob {
            job: JobId(7),
            name: "secret-project".to_owned(),
            tenant: "secret-tenant".to_owned(),
            command: Command { argv: vec!["sh".to_owned(), "-c".to_owned(), "true".to_owned()], ..Command::default() },
            cpu: Cpu(1500),
            memory: Memory::mebibytes(512),
            time_limit: Some(Span::seconds(90)),
            ..WantedJob::sample(&["n1", "n2"], 8)
        }
    }

    #[test]
    fn a_job_below_has_what_the_program_needs_and_nothing_of_whose_it_is() {
        let form = told(&job());
        let expected = json!({ "name": "shugu-ab-7.1", "command": ["sh", "-c", "true"], "replicas": 2, "devices": 8, "cpus": "1.5",
            "memory": "512MiB", "time_limit": "1m30s", "spread": "nodes", "pools": ["west"],
            "lease": { "holder": "ab", "span": "6s" } });
        assert_eq!(form, expected);
        assert!(!form.to_string().contains("secret"), "{form}");
    }

    #[test]
    fn replicas_that_share_a_node_may_do_so_below() {
        let shared = WantedJob { replicas: WantedJob::sample(&["n1", "n1", "n2"], 2).replicas, ..job() };
        assert_eq!(told(&shared)["spread"], Value::Null);
        let alone = WantedJob { replicas: WantedJob::sample(&["n1"], 0).replicas, ..job() };
        let alone = told(&alone);
        assert_eq!((&alone["spread"], &alone["devices"]), (&Value::Null, &Value::Null));
    }

    #[test]
    fn a_task_of_an_array_knows_its_number() {
        let task = WantedJob { array: Some(Task { first: JobId(4), index: 3, count: 9 }), ..job() };
        assert_eq!(told(&task)["env"], json!({ "SHUGU_ARRAY": "job-4", "SHUGU_ARRAY_INDEX": "3", "SHUGU_ARRAY_COUNT": "9" }));
    }

    #[test]
    fn what_cannot_be_passed_on_is_refused_in_words() {
        let apart = WantedJob { apart: true, ..job() };
        assert!(form(&apart, "n", "west", Vec::new(), &[], None).unwrap_err().contains("may not meet"));
        let input = WantedInput { name: "corpus".to_owned(), bytes: 7, sha256: Some("ab".to_owned()), from: String::new() };
        let reads = WantedJob { inputs: vec![input], ..job() };
        let known = |bytes, sha: &str| [DataLine { name: "corpus".to_owned(), bytes, sha256: Some(sha.to_owned()) }];
        for other in [known(8, "ab"), known(7, "cd")] {
            assert!(form(&reads, "n", "west", Vec::new(), &other, None).unwrap_err().contains("its input corpus cannot be had"));
        }
        let same: Value = serde_json::from_str(&form(&reads, "n", "west", Vec::new(), &known(7, "ab"), None).unwrap()).unwrap();
        assert_eq!(same["inputs"], json!(["corpus"]));
    }
}
