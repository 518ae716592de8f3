//! Job files of Kubernetes and SkyPilot, submitted as they are to a real hub.

mod common;

use std::path::Path;
use std::time::{Duration, Instant};

use common::agent::Agent;
use common::{Hub, kill_all, processes};
use serde_json::{Value, json};

/// A file as its owner has it.
fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// What agents leave running in a folder ends with the test.
struct Keepers<'a>(&'a Path);

impl Drop for Keepers<'_> {
    fn drop(&mut self) {
        kill_all(&processes(self.0, "shugu-keeper"));
    }
}

const SWEEP: &str = r#"# A sample.
apiVersion: batch/v1
kind: Job
metadata: {name: sweep, namespace: research}
spec:
  completions: 3
  parallelism: 3
  completionMode: Indexed
  backoffLimit: 0
  activeDeadlineSeconds: 300
  template:
    spec:
      restartPolicy: Never
      tolerations: [{key: sample, operator: Exists}]
      containers:
      - name: part
        command: [sh, -c, 'echo "part $JOB_COMPLETION_INDEX of $WHOLE for $TENANT: $1"; exit $((JOB_COMPLETION_INDEX / 2 * 3))', part]
        args: ['it''s $(JOB_COMPLETION_INDEX), $(WHOLE)']
        env:
        - {name: WHOLE, value: the whole}
        - {name: TENANT, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
        resources: {requests: {cpu: 100m}, limits: {memory: 64Mi}}
"#;

#[test]
fn a_job_of_kubernetes_runs_as_it_is_and_what_is_not_kept_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &[]).with_pool();
    let path = file(folder.path(), "sweep.yaml", SWEEP);
    let said = hub.say(&["submit", &path]);
    assert_eq!((said.code, said.out.as_str()), (0, "job-1\n"), "{}", said.err);
    let expected = [
        "metadata.namespace is left out: the token says whose job it is",
        "spec.template.spec.tolerations is left out: the hub chooses where it runs; name `pools` or `sites` in a job file",
        "spec.activeDeadlineSeconds: is counted for each task from the start of an attempt, not from when the Job was made",
        "spec.template.spec.containers[0]: names no image; it runs in the software that a site has",
    ];
    let told: Vec<&str> = said.err.lines().collect();
    let expected = expected.map(|line| format!("note: {path} field {line}"));
    assert_eq!(told, expected);
    for (number, state, code) in [(1, "done", 0), (2, "done", 0), (3, "failed", 3)] {
        let id = format!("job-{number}");
        let job = hub.ended(&id);
        assert_eq!((job["state"].as_str(), job["exit_code"].as_i64()), (Some(state), Some(code)), "{job:#}");
        assert_eq!((&job["name"], job["time_limit_s"].as_f64()), (&json!("sweep"), Some(300.0)));
        let index = number - 1;
        let wrote = format!("part {index} of the whole for default: it's {index}, the whole\n");
        assert_eq!(hub.say(&["logs", &id]).out, wrote);
    }
    // Several documents, and a list, are several jobs.
    let one = |name: &str| {
        let job = json!({
            "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name},
            "spec": {"backoffLimit": 0, "template": {"spec": {"containers": [{"name": "main", "command": ["echo", name]}]}}},
        });
        job.to_string()
    };
    let path = file(folder.path(), "two.yaml", &format!("{}\n---\n{}\n", one("first"), one("second")));
    let said = hub.say(&["submit", &path]);
    assert_eq!((said.code, said.out.as_str()), (0, "job-4\njob-5\n"), "{}", said.err);
    let list = format!("{{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [{}]}}", one("third"));
    let path = file(folder.path(), "list.json", &list);
    assert_eq!(hub.json(&["submit", &path])["id"], "job-6");
    for (id, name) in [("job-4", "first"), ("job-5", "second"), ("job-6", "third")] {
        assert_eq!(hub.ended(id)["name"], name);
        assert_eq!(hub.say(&["logs", id]).out, format!("{name}\n"));
    }
    // One at a time can be tried out.
    let path = file(folder.path(), "one.yaml", &one("again"));
    let said = hub.say(&["submit", "--dry-run", &path]);
    assert!(said.out.starts_with("would start"), "{}{}", said.out, said.err);
}

#[test]
fn what_would_change_the_meaning_of_a_file_is_refused_and_nothing_of_it_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local"]);
    let refused = |text: &str, expected: &str| {
        let path = file(folder.path(), "bad.yaml", text);
        let said = hub.say(&["submit", &path]);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{text}: {}", said.err);
        let expected = format!("error: {path}{expected}");
        assert!(said.err.lines().any(|line| line.starts_with(&expected)), "{text}: {}", said.err);
    };
    let held = SWEEP.replace("  parallelism", "  suspend: true\n  parallelism");
    refused(&held, " field spec.suspend: is not kept here; submit it when it is to run");
    refused(
        &format!("{SWEEP}---\nkind: ConfigMap\napiVersion: v1\n"),
        " document 2 field kind: ConfigMap of v1: only a Job of batch/v1",
    );
    refused("run: date\nworkdir: .\n", " field workdir: is not kept here");
    refused("run: date\nsecrets: {TOKEN: sample}\n", " field secrets: is not kept here");
    // A slip is found in the text, whatever it is a file of.
    refused("apiVersion: batch/v1\nkind: [Job\n", " line ");
    // A model that this hub's census has not is told by the hub.
    refused("run: date\nresources: {accelerators: H900}\n", ": models: `H900` is no device model of this hub's census");
    assert_eq!(hub.json(&["jobs"])["jobs"], json!([]), "nothing was taken");
}

#[test]
fn a_task_of_skypilot_runs_on_two_machines() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local"]);
    let made = hub.say(&["access", "pool", "rack", "--provider", "sample", "--hosts", "2"]);
    let _keepers = Keepers(folder.path());
    let agent = |(number, token): (usize, &str)| {
        let (own, host) = (folder.path().join(format!("host-{number}")), format!("--host=host-{number}"));
        Agent::start(&hub.url, token, "rack", &own, &[&host, "--grace=1s"])
    };
    let mut agents: Vec<Agent> = made.out.lines().enumerate().map(agent).collect();
    let begun = Instant::now();
    let joined = |pool: &Value| pool["nodes"] == 2 && pool["out_of_service"] == json!({}) && pool["contact"] == true;
    while !hub.json(&["pools"])["pools"].as_array().unwrap().iter().any(joined) {
        assert!(begun.elapsed() < Duration::from_secs(60), "both machines join: {} {}", made.out, made.err);
        std::thread::sleep(Duration::from_millis(50));
    }
    let task = r#"name: pair
num_nodes: 2
resources: {cpus: 0.1+, disk_size: 100}
envs: {WORD: several words}
setup: |
  echo "rank $SKYPILOT_SETUP_NODE_RANK is ready" > ready
  test "$SKYPILOT_SETUP_NODE_RANK" = 0 || test "$FAIL" != 1 || exit 5
run: |
  echo "$(cat ready): $SKYPILOT_NODE_RANK of $SKYPILOT_NUM_NODES, $WORD, $SKYPILOT_NUM_GPUS_PER_NODE devices, $SKYPILOT_TASK_ID"
  echo "$SKYPILOT_NODE_IPS" | sort
"#;
    let path = file(folder.path(), "pair.yaml", task);
    let said = hub.say(&["submit", &path]);
    assert_eq!((said.code, said.out.as_str()), (0, "job-1\n"), "{}", said.err);
    assert!(
        said.err.contains(&format!("note: {path} field resources.disk_size is left out: no disk is kept for it")),
        "{}",
        said.err
    );
    assert!(said.err.contains("field run uses NODE_IPS: holds the names by which nodes reach each other"), "{}", said.err);
    let job = hub.ended("job-1");
    assert_eq!((&job["state"], &job["name"]), (&json!("done"), &json!("pair")), "{job:#}");
    for rank in ["0", "1"] {
        let wrote = hub.say(&["logs", "job-1", "--replica", rank]).out;
        let expected = format!("rank {rank} is ready: {rank} of 2, several words, 0 devices, job-1\nhost-0\nhost-1\n");
        assert_eq!(wrote, expected);
    }
    // A `setup` that fails ends the job, with its code.
    let path = file(folder.path(), "fails.yaml", &task.replace("envs: {", "envs: {FAIL: 1, "));
    assert_eq!(hub.say(&["submit", &path]).out, "job-2\n");
    let job = hub.ended("job-2");
    assert_eq!((&job["state"], &job["exit_code"]), (&json!("failed"), &json!(5)), "{job:#}");
    agents.iter_mut().for_each(Agent::kill);
}
