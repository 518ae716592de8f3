//! A task of SkyPilot.
//! Source of all fields: <https://docs.skypilot.co/en/latest/reference/yaml-spec.html>

use std::collections::BTreeSet;

use serde_json::Value;
use serve::{Alternative, Plain, SubmitForm};

use super::Fate::{Kept, Left, Refused};
use super::devices::{made_by, models};
use super::{
    DISK, FILES, Fates, Field, Foreign, LABELS, OWN_FAILURE, PLACES, RIGHTS, SECRETS, SITE, cores, memory, stem, thousandths,
};
use crate::failure::Outcome;

#[rustfmt::skip]
const TASK: Fates = &[
    ("name", Kept),
    ("num_nodes", Kept),
    ("resources", Kept),
    ("envs", Kept),
    ("setup", Kept),
    ("run", Kept),
    ("inputs", Left("it estimates sizes only")),
    ("outputs", Left("it estimates sizes only")),
    ("event_callback", Left("nothing is called; wait with `shugu wait`")),
    ("api_server_access", Left("a job has no rights at the hub")),
    ("file_mounts_mapping", Left("SkyPilot wrote it")),
    ("_metadata", Left("SkyPilot wrote it")),
    ("workdir", Refused("nothing of this machine is brought along: let `setup` fetch the code, or use what the image or the site has")),
    ("file_mounts", Refused(FILES)),
    ("volumes", Refused(FILES)),
    ("volume_mounts", Refused(FILES)),
    ("secrets", Refused(SECRETS)),
    ("managed_secrets", Refused(SECRETS)),
    ("service", Refused("the hub runs what ends; run it where it runs now")),
    ("pool", Refused("the hub has pools of its own; submit the task itself")),
    ("config", Refused("it tells SkyPilot how to use a cloud; take it out if the task can do without")),
];

#[rustfmt::skip]
const WANTED: Fates = &[
    ("accelerators", Kept),
    ("gpus", Kept),
    ("cpus", Kept),
    ("memory", Kept),
    ("image_id", Kept),
    ("use_spot", Kept),
    ("job_recovery", Kept),
    ("spot_recovery", Kept),
    ("any_of", Kept),
    ("ordered", Kept),
    ("instance_type", Kept),
    ("infra", Left(PLACES)),
    ("cloud", Left(PLACES)),
    ("region", Left(PLACES)),
    ("zone", Left(PLACES)),
    ("disk_size", Left(DISK)),
    ("disk_tier", Left(DISK)),
    ("local_disk", Left(DISK)),
    ("ephemeral_storage", Left(DISK)),
    ("network_tier", Left("the site's network is what it is")),
    ("ports", Left("nothing is opened to the outside")),
    ("labels", Left(LABELS)),
    ("accelerator_args", Left(SITE)),
    ("autostop", Left("what a job held is free when it ends")),
    ("priority", Left(RIGHTS)),
    ("priority_class", Left(RIGHTS)),
    ("max_hourly_cost", Left("a tenant has a budget; see `shugu budget`")),
    ("volumes", Refused(FILES)),
];

/// Starts `setup`, and `run` if that ended well, with what SkyPilot tells them by the environment. `$1` is `setup`, `$2` is `run`.
const SKYPILOT: &str = r#"peers=${SHUGU_PEERS//,/$'\n'} commas=${SHUGU_DEVICES//[^,]/} count=0
[ -z "$SHUGU_DEVICES" ] || count=$((${#commas} + 1))
export SKYPILOT_TASK_ID="$SHUGU_JOB_ID" SKYPILOT_NUM_NODES="${SHUGU_REPLICAS:-1}"
if [ -n "$1" ]; then
    SKYPILOT_SETUP_NODE_RANK="${SHUGU_REPLICA:-0}" SKYPILOT_SETUP_NODE_IPS="$peers" \
        SKYPILOT_SETUP_NUM_GPUS_PER_NODE=$count bash -c "$1" setup || exit
fi
export SKYPILOT_NODE_RANK="${SHUGU_REPLICA:-0}" SKYPILOT_NODE_IPS="$peers" SKYPILOT_NUM_GPUS_PER_NODE=$count
exec bash -c "$2" run"#;

/// What scripts use that is not as SkyPilot has it; the last column is whether only several nodes notice.
const SCRIPT_WORDS: [(&str, &str, bool); 7] = [
    ("NODE_IPS", "holds the names by which nodes reach each other, which need not be addresses", true),
    ("SKYPILOT_CLUSTER_INFO", "is not given here", false),
    ("SKYPILOT_INTERNAL_JOB_ID", "is not given here", false),
    ("SKYPILOT_SERVE_REPLICA_ID", "is not given here", false),
    ("sky_workdir", "there is no such folder; it runs in the attempt's own, $SHUGU_FOLDER", false),
    ("sky_templates", "there is no such folder; bring the script along", false),
    ("conda activate", "the shell has not read .bashrc; source conda.sh first", false),
];

/// One way to serve a task: how many devices, of which models, or with how much memory.
#[derive(Debug, Clone, PartialEq)]
struct Way {
    count: String,
    models: Vec<String>,
    memory_gb: Option<u32>,
}

/// Reads `H100`, `H100:8`, `40GB+`, `40GB+:2` or `nvidia:40GB+:2`.
fn way(field: &Field, text: &str, count: Option<&Field>) -> Outcome<Way> {
    let is_size = |part: &str| {
        part.ends_with('+') && skypilot_bytes(part).is_some() && part.starts_with(|letter: char| letter.is_ascii_digit())
    };
    let mut parts: Vec<&str> = text.split(':').map(str::trim).collect();
    let given = match count {
        Some(count) => Some(count.text()?),
        None => parts.last().filter(|part| parts.len() > 1 && !is_size(part)).map(|part| (*part).to_owned()),
    };
    if count.is_none() && given.is_some() {
        parts.pop();
    }
    let count = given.unwrap_or_else(|| "1".to_owned());
    // As numbers of YAML are written: 8.0 is 8.
    let count = count.strip_suffix(".0").unwrap_or(&count).to_owned();
    if !count.parse::<f64>().is_ok_and(|count| count > 0.0 && count.is_finite()) {
        return Err(field.wrong(&format!("`{count}` is no number of devices")));
    }
    let gigabytes = |size: &str| u32::try_from(skypilot_bytes(size)?.div_ceil(1 << 30)).ok();
    let (models, memory_gb) = match parts.as_slice() {
        [size] if is_size(size) => (Vec::new(), gigabytes(size)),
        [maker, size] if is_size(size) => (made_by(maker), gigabytes(size)),
        [name] if !name.is_empty() && skypilot_bytes(name).is_none() => (models(name), None),
        _ => return Err(field.wrong(&format!("`{text}` is no accelerator: write H100:8, or 40GB+ for a memory"))),
    };
    if models.is_empty() && memory_gb.is_none() {
        return Err(field.wrong(&format!("`{text}` names no maker of the census")));
    }
    Ok(Way { count, models, memory_gb })
}

/// Ways that accelerators are written, and whether the order is the file's.
fn ways(field: &Field) -> Outcome<(Vec<Way>, bool)> {
    match field.value {
        Value::String(text) => Ok((vec![way(field, text, None)?], true)),
        Value::Array(_) => Ok((field.items()?.iter().map(|item| way(item, &item.text()?, None)).collect::<Outcome<_>>()?, true)),
        Value::Object(_) => {
            let one = |(key, count): (&str, Field)| {
                if count.value.is_null() { way(field, key, None) } else { way(field, key, Some(&count)) }
            };
            Ok((field.entries()?.into_iter().map(one).collect::<Outcome<_>>()?, false))
        }
        _ => Err(field.wrong("is no accelerator: write H100:8")),
    }
}

/// Adds a way. Where the order does not matter, ways that differ in models only are one.
fn add_way(all: &mut Vec<Way>, way: Way, ordered: bool) {
    let like = |other: &&mut Way| other.count == way.count && other.memory_gb == way.memory_gb;
    match all.iter_mut().find(like) {
        Some(same) if same.models == way.models => {}
        // One without models is any model: nothing can be added to it.
        Some(same) if !ordered && !same.models.is_empty() && !way.models.is_empty() => {
            let union: BTreeSet<String> = same.models.drain(..).chain(way.models).collect();
            same.models = union.into_iter().collect();
        }
        _ => all.push(way),
    }
}

/// The whole of a task of SkyPilot.
pub(super) fn skypilot(root: &Field) -> Outcome<Foreign> {
    let mut said = Vec::new();
    root.judge(TASK, &mut said)?;
    let mut form = SubmitForm { name: Some(stem(root.file)), ..SubmitForm::default() };
    if let Some(name) = root.get("name") {
        form.name = Some(name.text()?);
    }
    let nodes = root.get("num_nodes").map_or(Ok(1), |nodes| match nodes.count()? {
        0 => Err(nodes.wrong("nothing would run")),
        count => Ok(count),
    })?;
    if nodes > 1 {
        form.replicas = Some(nodes);
        form.spread = Some("nodes".to_owned());
    }
    let resources = root.part("resources", WANTED, &mut said)?;
    hardware(&resources, &mut form, &mut said)?;
    recovery(&resources, &mut form, &mut said)?;
    for (name, value) in root.table("envs")? {
        if value.value.is_null() {
            return Err(value.wrong("has no value, and SkyPilot would ask for one; write it"));
        }
        if name.starts_with("SKYPILOT_DOCKER_") {
            return Err(value.refused("a pool's agent knows by which secret images are pulled"));
        }
        // As Python writes it.
        let text = value.value.as_bool().map(|truth| if truth { "True" } else { "False" }.to_owned());
        form.env.insert(name.to_owned(), text.map_or_else(|| value.text(), Ok)?);
    }
    let (setup, run) = (root.word("setup")?, root.word("run")?);
    if run.trim().is_empty() {
        return Err(root.of("run", root.value).wrong("is missing; it says what to run"));
    }
    for (word, why, several) in SCRIPT_WORDS {
        let used = [("setup", &setup), ("run", &run)].into_iter().find(|(_, text)| text.contains(word));
        if let Some((key, _)) = used.filter(|_| nodes > 1 || !several) {
            said.push(format!("{} uses {word}: {why}", root.of(key, root.value).place()));
        }
    }
    if nodes > 1 && !setup.trim().is_empty() {
        let place = root.of("setup", root.value).place();
        said.push(format!(
            "{place}: a node goes on to `run` when its own `setup` has ended well, and does not wait for the others'"
        ));
    }
    form.command = ["bash", "-c", SKYPILOT, "skypilot"].map(str::to_owned).to_vec();
    form.command.extend([setup, run]);
    Ok(Foreign { forms: vec![form], said })
}

/// What each node has, and the ways that serve.
fn hardware(resources: &Field, form: &mut SubmitForm, said: &mut Vec<String>) -> Outcome {
    let (candidates, by_order) = match (resources.get("any_of"), resources.get("ordered")) {
        (Some(_), Some(ordered)) => return Err(ordered.wrong("stands beside any_of; there can be one of them")),
        (Some(any), None) => (any.items()?, false),
        (None, Some(ordered)) => (ordered.items()?, true),
        (None, None) => (Vec::new(), true),
    };
    for candidate in &candidates {
        candidate.judge(WANTED, said)?;
        if let Some(inner) = candidate.get("any_of").or_else(|| candidate.get("ordered")) {
            return Err(inner.wrong("cannot stand in a candidate"));
        }
    }
    let many = !candidates.is_empty();
    let mut all: Vec<Way> = Vec::new();
    let mut without = false;
    for (at, candidate) in if many { candidates } else { vec![resources.clone()] }.into_iter().enumerate() {
        let get = |key: &str| candidate.get(key).or_else(|| resources.get(key));
        match get("accelerators").or_else(|| get("gpus")) {
            Some(field) => {
                let (ways, listed) = ways(&field)?;
                ways.into_iter().for_each(|way| add_way(&mut all, way, by_order && listed));
            }
            None => {
                without = true;
                if let Some(kind) = get("instance_type").filter(|_| get("cpus").is_none()) {
                    return Err(kind.refused("say accelerators, cpus and memory"));
                }
            }
        }
        if let Some(kind) = get("instance_type") {
            said.push(kind.left("accelerators, cpus and memory say it"));
        }
        if let Some(spot) = get("use_spot") {
            form.preemptible |= spot.truth()?;
        }
        let same = |own: &mut Option<Plain>, value: Option<Plain>, key: &str| -> Outcome {
            if at > 0 && *own != value {
                let place = candidate.of(key, candidate.value);
                return Err(place.refused("every way has the same cores, memory and image; submit a job for each"));
            }
            *own = value;
            Ok(())
        };
        same(&mut form.cpus, get("cpus").map(|field| node_cores(&field)).transpose()?, "cpus")?;
        same(&mut form.memory, get("memory").map(|field| node_memory(&field)).transpose()?, "memory")?;
        let mut image = form.image.take().map(Plain);
        same(&mut image, get("image_id").map(|field| image_of(&field)).transpose()?, "image_id")?;
        form.image = image.map(|image| image.0);
    }
    if without && !all.is_empty() {
        return Err(resources.wrong("some ways have accelerators and some have none; submit a job for each"));
    }
    if let Some(memory) = resources.get("memory").filter(|memory| memory.value.as_str().is_some_and(|text| text.ends_with('+'))) {
        said.push(format!("{}: is what it gets, and the limit", memory.place()));
    }
    if all.is_empty() && form.cpus.is_none() {
        said.push(format!("{}: asks for no cores; it has one", resources.place()));
    }
    let mut all = all.into_iter();
    if let Some(first) = all.next() {
        form.devices = Some(Plain(first.count));
        form.models = first.models;
        form.device_memory_gb = first.memory_gb;
    }
    let alternative = |way: Way| Alternative {
        devices: Plain(way.count),
        replicas: None,
        device_memory_gb: way.memory_gb,
        power: None,
        models: way.models,
    };
    form.alternatives = all.map(alternative).collect();
    Ok(())
}

fn node_cores(field: &Field) -> Outcome<Plain> {
    let text = field.text()?;
    let milli = thousandths(text.trim_end_matches('+')).filter(|milli| *milli > 0);
    Ok(cores(milli.ok_or_else(|| field.wrong("is no number of cores: 4, or 4+ for at least as many"))?))
}

fn node_memory(field: &Field) -> Outcome<Plain> {
    let bytes = skypilot_bytes(&field.text()?).filter(|bytes| *bytes > 0);
    Ok(memory(bytes.ok_or_else(|| field.wrong("is no size: 32, 32+ or 64GB"))?))
}

fn image_of(field: &Field) -> Outcome<Plain> {
    let image = field.value.as_str().and_then(|text| text.strip_prefix("docker:"));
    let image = image
        .ok_or_else(|| field.refused("it is no image of a container; say docker:NAME, or take it out to use what a site has"))?;
    Ok(Plain(image.to_owned()))
}

/// How often it is tried again.
fn recovery(resources: &Field, form: &mut SubmitForm, said: &mut Vec<String>) -> Outcome {
    let Some(field) = resources.get("job_recovery").or_else(|| resources.get("spot_recovery")) else { return Ok(()) };
    let (strategy, restarts, codes) = match field.value {
        Value::Object(_) => (field.get("strategy"), field.get("max_restarts_on_errors"), field.get("recover_on_exit_codes")),
        _ => (Some(field.clone()), None, None),
    };
    let none = strategy.map(|strategy| strategy.text()).transpose()?.is_some_and(|text| text.eq_ignore_ascii_case("none"));
    let times = match &restarts {
        Some(times) => times.count()?.min(1000),
        None => 3,
    };
    form.retries = (times > 0 && !none).then_some(times);
    if let Some(codes) = codes {
        said.push(codes.left(OWN_FAILURE));
    }
    if form.retries.is_some() {
        said.push(format!("{}: a lost place is tried again, {times} times at most; {OWN_FAILURE}", field.place()));
    }
    Ok(())
}

/// Bytes of a size of SkyPilot: GiB without a unit, and its KB, MB, GB, TB, PB are powers of 1024.
/// Source: <https://docs.skypilot.co/en/latest/reference/yaml-spec.html#resources-memory>
pub(super) fn skypilot_bytes(text: &str) -> Option<u64> {
    let text = text.trim_end_matches('+').to_ascii_uppercase();
    let number = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match &text[number.len()..] {
        "B" => return number.parse().ok(),
        "KB" | "K" => "Ki",
        "MB" | "M" => "Mi",
        "" | "GB" | "G" => "Gi",
        "TB" | "T" => "Ti",
        "PB" | "P" => "Pi",
        _ => return None,
    };
    Some(thousandths(&format!("{number}{unit}"))?.div_ceil(1000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foreign::tests::{check, foreign, refused};

    #[test]
    fn a_task_of_skypilot_is_a_gang_of_scripts() {
        check(
            "
name: train
num_nodes: 4
resources:
  infra: aws/us-east-1
  accelerators: {H100: 8}
  cpus: 96+
  memory: 512+
  image_id: docker:pytorch/pytorch:2.7
  use_spot: true
  disk_size: 500
  job_recovery: {strategy: FAILOVER, max_restarts_on_errors: 2}
envs: {EPOCHS: 3, DEBUG: true, RATE: '1e-4'}
setup: pip install -r requirements.txt
run: |
  head=$(echo \"$SKYPILOT_NODE_IPS\" | head -n1)
  torchrun --nnodes=$SKYPILOT_NUM_NODES train.py
"
            .replace("\\\"", "\"")
            .as_str(),
            &format!(
                r#"
name: train
command: [bash, -c, {}, skypilot, 'pip install -r requirements.txt', "head=$(echo \"$SKYPILOT_NODE_IPS\" | head -n1)\ntorchrun --nnodes=$SKYPILOT_NUM_NODES train.py\n"]
replicas: 4
spread: nodes
devices: '8'
models: [H100 PCIe 80GB, H100 SXM5 80GB]
cpus: '96'
memory: 512GiB
retries: 2
preemptible: true
env: {{EPOCHS: '3', DEBUG: 'True', RATE: '1e-4'}}
image: pytorch/pytorch:2.7
"#,
                serde_json::to_string(SKYPILOT).unwrap()
            ),
            &[
                "resources.disk_size is left out: no disk is kept for it",
                "resources.infra is left out: the hub chooses where it runs; name `pools` or `sites` in a job file",
                "resources.memory: is what it gets, and the limit",
                "resources.job_recovery: a lost place is tried again, 2 times at most; a program's own failure is never tried again",
                "run uses NODE_IPS: holds the names by which nodes reach each other, which need not be addresses",
                "setup: a node goes on to `run` when its own `setup` has ended well, and does not wait for the others'",
            ],
        );
    }

    #[test]
    fn accelerators_are_taken_in_all_forms_that_skypilot_writes() {
        let asked = |resources: &str| {
            let form = foreign(&format!("run: date\nresources:\n  {resources}\n"))
                .unwrap_or_else(|failure| panic!("{failure}"))
                .forms
                .remove(0);
            let one = |count: &Plain, models: &[String], least: Option<u32>| {
                format!("{} of {}{}", count.0, models.join("|"), least.map(|gb| format!(" {gb}GB")).unwrap_or_default())
            };
            let mut all: Vec<String> = form.devices.iter().map(|count| one(count, &form.models, form.device_memory_gb)).collect();
            all.extend(form.alternatives.iter().map(|way| one(&way.devices, &way.models, way.device_memory_gb)));
            all.join(", ")
        };
        assert_eq!(asked("accelerators: T4"), "1 of T4");
        assert_eq!(asked("accelerators: T4:0.5"), "0.5 of T4");
        assert_eq!(asked("gpus: {T4: 8.0}"), "8 of T4");
        assert_eq!(asked("accelerators: {'T4:2', 'L4:2', 'L40S:1'}"), "1 of L40S, 2 of L4|T4");
        assert_eq!(asked("accelerators: [T4:2, L4:2, L40S:1]"), "2 of T4, 2 of L4, 1 of L40S");
        assert_eq!(asked("accelerators: 40GB+:4"), "4 of  40GB");
        assert_eq!(asked("accelerators: amd:128GB+"), "1 of Instinct 128GB");
        assert_eq!(asked("any_of: [{accelerators: T4, infra: aws}, {accelerators: L4, use_spot: true}]"), "1 of L4|T4");
        assert_eq!(asked("accelerators: T4:2\n  any_of: [{infra: aws}, {infra: gcp}]"), "2 of T4");
        assert_eq!(asked("ordered: [{accelerators: L4:8}, {accelerators: T4:8}]"), "8 of L4, 8 of T4");
        assert_eq!(asked("cpus: 4+"), "");
    }

    #[test]
    fn a_task_without_hardware_has_a_core_and_the_name_of_its_file() {
        let form =
            format!("{{name: job, command: [bash, -c, {}, skypilot, '', date]}}", serde_json::to_string(SKYPILOT).unwrap());
        check("run: date", &form, &["resources: asks for no cores; it has one"]);
    }

    #[test]
    fn what_would_change_the_meaning_of_a_task_is_refused() {
        let task = |text: &str, told: &str| refused(&format!("run: date\n{text}\n"), &format!("dir/job.yaml field {told}"));
        task("workdir: .", "workdir: is not kept here; nothing of this machine is brought along");
        task("file_mounts: {/data: s3://bucket}", "file_mounts: is not kept here; let the program fetch and send its data");
        task("secrets: {HF_TOKEN: abc}", "secrets: is not kept here; a job is written down and read by operators");
        task("service: {replicas: 2}", "service: is not kept here; the hub runs what ends");
        task("config: {kubernetes: {provision_timeout: 600}}", "config: is not kept here; it tells SkyPilot how to use a cloud");
        task("envs: {TOKEN: }", "envs.TOKEN: has no value");
        task("envs: {SKYPILOT_DOCKER_PASSWORD: abc}", "envs.SKYPILOT_DOCKER_PASSWORD: is not kept here");
        task("num_nodes: 0", "num_nodes: nothing would run");
        task("num_node: 2", "num_node: is no field that is known here");
        task("resources: {instance_type: p3.8xlarge}", "resources.instance_type: is not kept here; say accelerators");
        task(
            "resources: {image_id: ami-0868a20f5a3bf9702}",
            "resources.image_id: is not kept here; it is no image of a container",
        );
        task("resources: {accelerators: 'T4:many'}", "resources.accelerators: `many` is no number of devices");
        task("resources: {accelerators: 16GB}", "resources.accelerators: `16GB` is no accelerator");
        task("resources: {memory: 4x}", "resources.memory: is no size");
        task(
            "resources: {any_of: [{cpus: 4}, {cpus: 8}]}",
            "resources.any_of[1].cpus: is not kept here; every way has the same cores",
        );
        task("resources: {any_of: [{accelerators: T4}, {cpus: 8}]}", "resources.any_of[1].cpus: is not kept here");
        task(
            "resources: {any_of: [{accelerators: T4}, {infra: aws}]}",
            "resources: some ways have accelerators and some have none",
        );
        refused("{num_nodes: 2}", "dir/job.yaml field run: is missing");
    }
}
