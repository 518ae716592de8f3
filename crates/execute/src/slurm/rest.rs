//! Slurm's REST service, `slurmrestd`. Releases speak several versions of it at a time, in two dialects: up to 0.0.38 numbers are
//! plain and states are words, from 0.0.39 on numbers may be `{"set": …, "number": …}` and states are lists. Both are read.
//!
//! Source: the OpenAPI documents of 0.0.38 (Slurm 22.05) and of 0.0.40 to 0.0.44. Tried on 0.0.38 only.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use measure::Memory;
use serde_json::{Map, Value, json};

use super::manager::{Settings, Signal, Submission, Which};
use super::read::{self, Garbled, JobLine, NodeLine, Partition};
use super::tools::{Fault, KEPT};

/// The versions that are understood.
const VERSIONS: std::ops::RangeInclusive<u32> = 38..=44;
/// The first version of the second dialect.
const SECOND: u32 = 39;
/// The first version in which the script is part of the job.
const SCRIPT_IN_JOB: u32 = 41;
/// How long the service may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// The most of an error that is told.
const TOLD_MOST: usize = 400;

/// Where the service is, and who asks.
#[derive(Debug, Clone)]
pub struct Rest {
    /// Its address.
    pub url: String,
    /// The cluster's user as whom it is asked.
    pub user: String,
    /// A file with that user's JSON web token; read anew for each request, so that it may be renewed there.
    pub token: PathBuf,
    version: Arc<Mutex<Option<u32>>>,
}

fn away(told: impl std::fmt::Display) -> Fault {
    Fault::Away(format!("slurmrestd: {told}").chars().take(TOLD_MOST).collect())
}

fn garbled(missing: &'static str, value: &Value) -> Fault {
    Garbled { tool: "slurmrestd", missing, line: value.to_string().chars().take(TOLD_MOST).collect() }.into()
}

/// A number, or the number in `{"set": true, "number": …}`; `None` where it is not set or has no end.
fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Object(fields) if fields.get("set") == Some(&json!(false)) => None,
        Value::Object(fields) if fields.get("infinite") == Some(&json!(true)) => None,
        Value::Object(fields) => fields.get("number")?.as_u64(),
        value => value.as_u64(),
    }
}

/// Words of a list, or of a text with commas.
fn list(value: &Value) -> Vec<String> {
    let words: Vec<&str> = match value {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        value => value.as_str().unwrap_or_default().split(',').collect(),
    };
    words.into_iter().filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// What a job's processes returned, as `wait` gives it.
fn status(value: &Value) -> i32 {
    if let Some(plain) = value.as_i64() {
        return i32::try_from(plain).unwrap_or(0);
    }
    let code = number(&value["return_code"]).unwrap_or(0);
    let signal = number(&value["signal"]["id"]).or_else(|| number(&value["signal"]["signal_id"])).unwrap_or(0);
    i32::try_from(code << 8 | signal).unwrap_or(0)
}

fn job(value: &Value) -> Option<JobLine> {
    let first = number(&value["het_job_id"]).filter(|first| *first > 0);
    Some(JobLine {
        id: first.or_else(|| number(&value["job_id"]))?,
        state: list(&value["job_state"]).into_iter().next()?.to_uppercase(),
        status: status(&value["exit_code"]),
        reason: value["state_reason"].as_str().unwrap_or_default().to_owned(),
        name: value["name"].as_str().unwrap_or_default().to_owned(),
    })
}

fn accounted(value: &Value) -> Option<JobLine> {
    let first = number(&value["het"]["job_id"]).filter(|first| *first > 0);
    Some(JobLine {
        id: first.or_else(|| number(&value["job_id"]))?,
        state: list(&value["state"]["current"]).into_iter().next()?.to_uppercase(),
        status: status(&value["exit_code"]),
        reason: value["state"]["reason"].as_str().unwrap_or_default().to_owned(),
        name: value["name"].as_str().unwrap_or_default().to_owned(),
    })
}

fn node(value: &Value) -> Option<NodeLine> {
    let name = value["name"].as_str()?.to_owned();
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let count = |key: &str| number(&value[key]).and_then(|count| u32::try_from(count).ok());
    let mebibytes = |key: &str| Memory::mebibytes(number(&value[key]).unwrap_or(0));
    let states = list(&value["state"]).into_iter().chain(list(&value["state_flags"]));
    let reserved = mebibytes("specialized_memory");
    Some(NodeLine {
        address: Some(text("address")).filter(|address| !address.is_empty()).unwrap_or_else(|| name.clone()),
        cpus: count("effective_cpus").filter(|cpus| *cpus > 0).or_else(|| count("cpus")).unwrap_or(0),
        cpus_used: count("alloc_cpus").unwrap_or(0),
        memory: Memory(mebibytes("real_memory").0.saturating_sub(reserved.0)),
        memory_used: mebibytes("alloc_memory"),
        gres: read::gres(&text("gres")),
        gres_used: read::gres(&text("gres_used")),
        states: states.map(|state| state.to_uppercase()).collect(),
        reason: text("reason").split(" [").next().unwrap_or_default().to_owned(),
        partitions: list(&value["partitions"]),
        features: list(&value["active_features"]),
        version: Some(text("version")).filter(|version| !version.is_empty()).unwrap_or_else(|| text("slurmd_version")),
        name,
    })
}

fn partition(value: &Value) -> Option<Partition> {
    let states = list(&value["state"]).into_iter().chain(list(&value["partition"]["state"]));
    let longest = number(&value["max_time_limit"]).or_else(|| number(&value["maximums"]["time"]));
    Some(Partition {
        name: value["name"].as_str()?.to_owned(),
        default: list(&value["flags"]).iter().any(|flag| flag.eq_ignore_ascii_case("default")),
        up: states.into_iter().any(|state| state.eq_ignore_ascii_case("up")),
        longest: longest.map(|minutes| format!("{minutes} minutes")).unwrap_or_default(),
    })
}

impl Rest {
    /// The service at `url`; nothing is asked yet.
    pub fn new(url: &str, user: &str, token: PathBuf) -> Rest {
        Rest { url: url.trim_end_matches('/').to_owned(), user: user.to_owned(), token, version: Arc::default() }
    }

    /// Asks, and reads the answer, which may say that it went wrong in several places.
    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Fault> {
        let token = std::fs::read_to_string(&self.token);
        let token = token.map_err(|error| away(format!("its token cannot be read, {}: {error}", self.token.display())))?;
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_global(Some(PATIENCE))
            .build()
            .into();
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        request = request.header("x-slurm-user-name", &self.user).header("x-slurm-user-token", token.trim());
        let answer = match body {
            Some(body) => {
                let request = request.header("content-type", "application/json").body(body.to_string());
                agent.run(request.map_err(away)?)
            }
            None => agent.run(request.body(()).map_err(away)?),
        };
        let mut answer = answer.map_err(away)?;
        let code = answer.status().as_u16();
        let text = answer.body_mut().with_config().limit(1 << 30).read_to_string().map_err(away)?;
        // The token has ended, or is not of this cluster: its provider renews it.
        if code == 401 || code == 403 {
            return Err(away(format!("the token is not taken ({code})")));
        }
        let value: Value = serde_json::from_str(&text).unwrap_or_default();
        let mut told = String::new();
        for error in value["errors"].as_array().into_iter().flatten() {
            for key in ["description", "error"] {
                if let Some(text) = error[key].as_str() {
                    let _ = write!(told, "{}{text}", if told.is_empty() { "" } else { "; " });
                }
            }
        }
        if (200..300).contains(&code) && told.is_empty() {
            return Ok(value);
        }
        if told.is_empty() {
            told = format!("{code} {}", text.trim());
        }
        Err(Fault::Failed { program: "slurmrestd".to_owned(), told: told.chars().take(TOLD_MOST).collect() })
    }

    /// The newest version that both sides know.
    fn version(&self) -> Result<u32, Fault> {
        let mut known = self.version.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(version) = *known {
            return Ok(version);
        }
        let document = self.ask("GET", "/openapi/v3", None).or_else(|_| self.ask("GET", "/openapi", None))?;
        let of = |path: &String| path.strip_prefix("/slurm/v0.0.")?.split('/').next()?.parse::<u32>().ok();
        let offered: Vec<u32> = document["paths"].as_object().into_iter().flat_map(Map::keys).filter_map(of).collect();
        let newest = offered.iter().copied().filter(|version| VERSIONS.contains(version)).max();
        let newest = newest.ok_or_else(|| {
            let told = "slurmrestd speaks none of the versions 0.0.38 to 0.0.44 of its interface; see its option -s";
            Fault::Unlike(told.to_owned())
        })?;
        *known = Some(newest);
        Ok(newest)
    }

    fn get(&self, what: &str) -> Result<Value, Fault> {
        self.ask("GET", &format!("/slurm/v0.0.{}/{what}", self.version()?), None)
    }

    /// Every one of a list in an answer.
    fn all<T>(value: &Value, key: &'static str, read: impl Fn(&Value) -> Option<T>) -> Result<Vec<T>, Fault> {
        let all = value[key].as_array().ok_or_else(|| garbled(key, value))?;
        all.iter().map(|one| read(one).ok_or_else(|| garbled("all its fields", one))).collect()
    }

    pub(super) fn settings(&self) -> Result<Settings, Fault> {
        let ping = self.get("ping")?;
        let meta = [&ping["meta"]["Slurm"], &ping["meta"]["slurm"]].into_iter().find(|meta| meta.is_object());
        let text = |key: &str| meta.and_then(|meta| meta[key].as_str()).unwrap_or_default().to_owned();
        let accounting = self.ask("GET", &format!("/slurmdb/v0.0.{}/diag", self.version()?), None).is_ok();
        Ok(Settings { cluster: text("cluster"), release: text("release"), accounting, ..Settings::default() })
    }

    pub(super) fn partitions(&self) -> Result<Vec<Partition>, Fault> {
        Rest::all(&self.get("partitions")?, "partitions", partition)
    }

    pub(super) fn nodes(&self) -> Result<Vec<NodeLine>, Fault> {
        Rest::all(&self.get("nodes")?, "nodes", node)
    }

    pub(super) fn jobs(&self, which: Which) -> Result<Vec<JobLine>, Fault> {
        if let Which::Numbers(ids) = which {
            let mut found = Vec::new();
            for id in ids {
                match self.get(&format!("job/{id}")) {
                    Ok(value) => found.extend(Rest::all(&value, "jobs", job)?),
                    Err(Fault::Failed { told, .. }) if told.contains("Invalid job id") => {}
                    Err(fault) => return Err(fault),
                }
            }
            return Ok(found);
        }
        let value = self.get("jobs")?;
        let all = value["jobs"].as_array().ok_or_else(|| garbled("jobs", &value))?;
        let mine = all.iter().filter(|one| one["user_name"].as_str() == Some(&self.user));
        let mut jobs = mine.map(|one| job(one).ok_or_else(|| garbled("all its fields", one))).collect::<Result<Vec<_>, _>>()?;
        jobs.retain(|job| match which {
            Which::Live => !job.over(),
            Which::Named(name) => job.name == name,
            Which::All | Which::Numbers(_) => true,
        });
        Ok(jobs)
    }

    pub(super) fn accounted(&self, ids: &[u64]) -> Result<Vec<JobLine>, Fault> {
        let mut found = Vec::new();
        for id in ids {
            let value = self.ask("GET", &format!("/slurmdb/v0.0.{}/job/{id}", self.version()?), None)?;
            found.extend(Rest::all(&value, "jobs", accounted)?);
        }
        Ok(found)
    }

    pub(super) fn signal(&self, signal: Signal, id: u64, name: &str) -> Result<(), Fault> {
        let own = self.jobs(Which::Numbers(&[id]))?.into_iter().find(|job| job.name == name);
        let Some(own) = own.filter(|own| !own.over() && (signal != Signal::Leave || own.pending())) else { return Ok(()) };
        let sent = match signal {
            Signal::Send(number) => format!("?signal={number}"),
            Signal::Leave | Signal::Kill => String::new(),
        };
        // Every process of the job, as the first dialect does without being told.
        let full = match self.version()? {
            SECOND.. if !sent.is_empty() => "&flags=FULL_JOB",
            _ => "",
        };
        self.ask("DELETE", &format!("/slurm/v0.0.{}/job/{}{sent}{full}", self.version()?, own.id), None).map(drop)
    }

    pub(super) fn submit(&self, submission: &Submission, extra: &[String]) -> Result<u64, Fault> {
        let version = self.version()?;
        let value =
            self.ask("POST", &format!("/slurm/v0.0.{version}/job/submit"), Some(&request(version, submission, extra)?))?;
        number(&value["job_id"]).filter(|id| *id > 0).ok_or_else(|| garbled("a job's number", &value))
    }
}

/// A job as the service takes it. The script is the same few words for every job: what it runs is told by its environment, since some
/// releases break on arguments.
fn request(version: u32, submission: &Submission, extra: &[String]) -> Result<Value, Fault> {
    let second = version >= SECOND;
    let count = |count: u64| if second { json!({ "set": true, "number": count }) } else { json!(count) };
    let mut environment: BTreeMap<String, String> =
        KEPT.iter().filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?))).collect();
    environment.insert("SHUGU_SCRIPT".to_owned(), submission.script.display().to_string());
    let mut script = "#!/bin/bash\nset --".to_owned();
    for (at, argument) in submission.arguments.iter().enumerate() {
        environment.insert(format!("SHUGU_ARGUMENT_{at}"), argument.clone());
        let _ = write!(script, " \"$SHUGU_ARGUMENT_{at}\"");
    }
    // What `sbatch` tells `srun` by the environment, and the service does not.
    for (at, part) in submission.parts.iter().enumerate() {
        let suffix = if submission.parts.len() == 1 { String::new() } else { format!("_HET_GROUP_{at}") };
        let tasks = (part.nodes.len().max(1) * part.each).to_string();
        environment.insert(format!("SLURM_NTASKS{suffix}"), tasks.clone());
        environment.insert(format!("SLURM_NPROCS{suffix}"), tasks);
        environment.insert(format!("SLURM_NTASKS_PER_NODE{suffix}"), part.each.to_string());
        environment.insert(format!("SLURM_CPUS_PER_TASK{suffix}"), submission.cpus.to_string());
    }
    script += "\nscript=$SHUGU_SCRIPT\nunset SHUGU_SCRIPT ${!SHUGU_ARGUMENT_@}\nexec bash \"$script\" \"$@\"\n";
    let environment = match second {
        true => environment.iter().map(|(name, value)| format!("{name}={value}")).collect(),
        false => json!(environment),
    };
    let mut jobs = Vec::new();
    for part in &submission.parts {
        let nodes = part.nodes.len().max(1) as u64;
        let mut job = json!({
            "name": submission.name,
            "comment": submission.comment,
            "partition": submission.partition,
            "current_working_directory": submission.directory.display().to_string(),
            "environment": environment,
            "tasks": nodes * part.each as u64,
            "tasks_per_node": part.each,
            "cpus_per_task": submission.cpus,
            "requeue": false,
        });
        let fields = job.as_object_mut().expect("it was made as one");
        let mut set = |key: &str, value: Value| drop(fields.insert(key.to_owned(), value));
        // A per cent sign begins a pattern.
        set("standard_output", json!(submission.output.display().to_string().replace('%', "%%")));
        set("open_mode", if second { json!(["APPEND"]) } else { json!("append") });
        if let Some(minutes) = submission.minutes {
            set("time_limit", count(minutes.max(1).unsigned_abs()));
        }
        if let Some(memory) = part.memory {
            set("memory_per_node", count(memory));
        }
        match second {
            true => {
                set("minimum_nodes", json!(nodes));
                set("maximum_nodes", json!(nodes));
                set("required_nodes", json!(part.nodes));
            }
            false => {
                set("nodes", json!([nodes, nodes]));
                set("nodelist", json!(part.nodes.join(",")));
            }
        }
        if part.nodes.is_empty() {
            fields.remove(if second { "required_nodes" } else { "nodelist" });
        }
        if let Some(gres) = &part.gres {
            let (key, value) = if second { ("tres_per_node", format!("gres/{gres}")) } else { ("gres", gres.clone()) };
            fields.insert(key.to_owned(), json!(value));
        }
        for argument in extra.iter().filter(|argument| !argument.starts_with("--partition=")) {
            let (key, value) = said(argument)?;
            fields.insert(key, json!(value));
        }
        jobs.push(job);
    }
    if version >= SCRIPT_IN_JOB {
        jobs[0]["script"] = json!(script);
        return Ok(if jobs.len() == 1 { json!({ "job": jobs[0] }) } else { json!({ "jobs": jobs }) });
    }
    Ok(if jobs.len() == 1 { json!({ "script": script, "job": jobs[0] }) } else { json!({ "script": script, "jobs": jobs }) })
}

/// An argument of `sbatch` as the service names it.
///
/// # Errors
/// Where it is not `--name=value`.
pub(super) fn said(argument: &str) -> Result<(String, String), Fault> {
    let pair = argument.strip_prefix("--").and_then(|pair| pair.split_once('='));
    let (key, value) = pair
        .ok_or_else(|| Fault::Unlike(format!("--sbatch={argument} cannot be said to slurmrestd: --sbatch=--NAME=VALUE can")))?;
    let key = match key {
        "constraint" => "constraints".to_owned(),
        key => key.replace('-', "_"),
    };
    Ok((key, value.to_owned()))
}

/// What any value would say, were it an answer of the service, or one of the things in it.
pub(crate) fn told(value: &Value) -> Vec<String> {
    let one = |value: &Value| format!("{:?}", (job(value), accounted(value), node(value), partition(value)));
    let all = ["jobs", "nodes", "partitions"].into_iter().filter_map(|key| value[key].as_array()).flatten();
    std::iter::once(value).chain(all).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slurm::manager::Part;

    #[test]
    fn both_dialects_tell_the_same_job_and_node() {
        let first = json!({ "job_id": 9, "het_job_id": 0, "job_state": "FAILED", "exit_code": 768, "state_reason": "NonZeroExitCode",
            "name": "shugu-ab-1.1", "user_name": "hub" });
        let second = json!({ "job_id": 9, "het_job_id": { "set": true, "infinite": false, "number": 0 }, "job_state": ["FAILED"],
            "exit_code": { "status": ["ERROR"], "return_code": { "set": true, "number": 3 }, "signal": { "id": { "set": false } } },
            "state_reason": "NonZeroExitCode", "name": "shugu-ab-1.1", "user_name": "hub" });
        assert_eq!(job(&first), job(&second));
        assert_eq!(job(&first).unwrap().status, 768);
        assert_eq!(job(&json!({ "job_id": 10, "het_job_id": 9, "job_state": "RUNNING", "name": "x" })).unwrap().id, 9);
        let first = json!({ "name": "n1", "address": "10.0.0.1", "cpus": 64, "alloc_cpus": 6, "real_memory": 20000, "alloc_memory": 2048,
            "gres": "gpu:h100:8", "gres_used": "gpu:h100:3(IDX:0-1,5)", "state": "mixed", "state_flags": ["DRAIN"],
            "reason": "fan [root@2026-11-24T13:00:00]", "partitions": ["main"], "active_features": "ib,fast", "slurmd_version": "22.05.8" });
        let second = json!({ "name": "n1", "address": "10.0.0.1", "cpus": 64, "effective_cpus": 64, "alloc_cpus": 6, "real_memory": 20000,
            "alloc_memory": 2048, "gres": "gpu:h100:8", "gres_used": "gpu:h100:3(IDX:0-1,5)", "state": ["MIXED", "DRAIN"], "reason": "fan",
            "partitions": ["main"], "active_features": ["ib", "fast"], "version": "22.05.8" });
        assert_eq!(node(&first), node(&second));
        assert_eq!(node(&first).unwrap().out_of_service().as_deref(), Some("drain: fan"));
        let first = json!({ "name": "main", "flags": ["default"], "state": "UP", "max_time_limit": -1 });
        let second = json!({ "name": "main", "partition": { "state": ["UP"] }, "maximums": { "time": { "set": false, "infinite": true, "number": 0 } } });
        let (first, second) = (partition(&first).unwrap(), partition(&second).unwrap());
        assert!(first.up && second.up && first.default && first.longest.is_empty() && second.longest.is_empty());
        let ended = json!({ "job_id": 7, "state": { "current": "CANCELLED", "reason": "None" }, "name": "x",
            "exit_code": { "return_code": 0, "signal": { "signal_id": 15, "name": "TERM" } } });
        assert_eq!((accounted(&ended).unwrap().state, accounted(&ended).unwrap().status), ("CANCELLED".to_owned(), 15));
    }

    #[test]
    fn a_job_is_said_in_the_words_of_the_version() {
        let part = |nodes: &[&str], each| Part {
            nodes: nodes.iter().map(|name| (*name).to_owned()).collect(),
            each,
            gres: Some("gpu:h100:2".to_owned()),
            memory: Some(100),
        };
        let submission = Submission {
            name: "shugu-ab-42.2".to_owned(),
            minutes: Some(3),
            cpus: 2,
            parts: vec![part(&["n1", "n2"], 1), part(&["n3"], 2)],
            arguments: vec!["/shared/a b".to_owned()],
            output: "/shared/50%/out".into(),
            ..Submission::default()
        };
        let extra = ["--account=hub".to_owned(), "--constraint=ib".to_owned()];
        let first = request(38, &submission, &extra).unwrap();
        let job = &first["jobs"][0];
        assert_eq!((&job["nodes"], &job["nodelist"], &job["gres"]), (&json!([2, 2]), &json!("n1,n2"), &json!("gpu:h100:2")));
        assert_eq!((&job["time_limit"], &job["account"], &job["constraints"]), (&json!(3), &json!("hub"), &json!("ib")));
        assert_eq!(job["standard_output"], "/shared/50%%/out");
        assert_eq!(job["environment"]["SHUGU_ARGUMENT_0"], "/shared/a b");
        assert_eq!(job["environment"]["SLURM_NTASKS_HET_GROUP_1"], "2");
        assert!(first["script"].as_str().unwrap().contains("set -- \"$SHUGU_ARGUMENT_0\"\n"));
        let second = request(42, &submission, &extra).unwrap();
        let job = &second["jobs"][1];
        assert_eq!(
            (&job["required_nodes"], &job["tasks"], &job["tres_per_node"]),
            (&json!(["n3"]), &json!(2), &json!("gres/gpu:h100:2"))
        );
        assert_eq!(job["memory_per_node"], json!({ "set": true, "number": 100 }));
        assert!(second["jobs"][0]["script"].is_string() && second.get("script").is_none());
        assert!(said("--exclusive").is_err());
    }
}
