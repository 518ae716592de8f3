//! What Slurm's tools print, as values. Text and not JSON: these formats are the same from 22.05 to the newest release, of
//! which `scontrol` prints JSON from 23.02 on only and `squeue` leaves its filters aside when it does in 22.05.

use std::collections::BTreeMap;

use measure::Memory;

use super::manager::Sample;

/// A tool printed something else than expected.
#[derive(Debug, thiserror::Error)]
#[error("{tool} printed a line without {missing}: {line}")]
pub struct Garbled {
    /// Which tool.
    pub tool: &'static str,
    /// What should have been there.
    pub missing: &'static str,
    /// The line.
    pub line: String,
}

/// A node as `scontrol --oneliner --details show node` tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeLine {
    /// Its name.
    pub name: String,
    /// Where the others reach it.
    pub address: String,
    /// CPUs that jobs may use.
    pub cpus: u32,
    /// CPUs of all jobs there.
    pub cpus_used: u32,
    /// Memory that jobs may use.
    pub memory: Memory,
    /// Memory of all jobs there.
    pub memory_used: Memory,
    /// Countable resources by name and type (`gpu:h100`, or `gpu` without a type).
    pub gres: BTreeMap<String, u32>,
    /// Of them, those that jobs have.
    pub gres_used: BTreeMap<String, u32>,
    /// `IDLE`, `DRAIN` and the like, several at a time.
    pub states: Vec<String>,
    /// Why, in its administrator's words.
    pub reason: String,
    /// Partitions it is in.
    pub partitions: Vec<String>,
    /// What jobs may ask for.
    pub features: Vec<String>,
    /// The release that its slurmd runs.
    pub version: String,
}

/// `Key=value Key=value …`, where values may hold blanks.
fn fields(line: &str) -> BTreeMap<&str, String> {
    let is_key = |word: &str| {
        let key = word.split_once('=').map(|(key, _)| key);
        key.is_some_and(|key| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_:/".contains(&byte)))
    };
    let mut fields: BTreeMap<&str, String> = BTreeMap::new();
    let mut last = None;
    for word in line.split(' ') {
        match word.split_once('=') {
            // A reason may hold an equals sign; what is known already is not overwritten by it.
            Some((key, value)) if is_key(word) && !fields.contains_key(key) => {
                fields.insert(key, value.to_owned());
                last = Some(key);
            }
            _ => {
                if let Some(value) = last.and_then(|key| fields.get_mut(key)) {
                    value.push(' ');
                    value.push_str(word);
                }
            }
        }
    }
    fields.values_mut().for_each(|value| value.truncate(value.trim_end().len()));
    fields
}

/// A text in which Slurm writes that there is none.
fn told(text: Option<&String>) -> &str {
    let text = text.map_or("", String::as_str);
    if ["(null)", "N/A", "n/a", "None", "none"].contains(&text) { "" } else { text }
}

/// `gpu:h100:8(S:0-1),gpu:a100:4`: counts by name and type.
pub(super) fn gres(text: &str) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    let mut depth = 0_i32;
    let mut plain = String::new();
    for letter in text.chars() {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        if depth == 0 && letter != ')' {
            plain.push(letter);
        }
    }
    for one in plain.split(',').filter(|one| !one.is_empty()) {
        let (name, count) = match one.rsplit_once(':') {
            Some((name, count)) if count.bytes().next().is_some_and(|byte| byte.is_ascii_digit()) => (name, number(count)),
            _ => (one, 1),
        };
        let known: &mut u32 = counts.entry(name.trim_end_matches(":no_consume").to_owned()).or_default();
        *known = known.saturating_add(count);
    }
    counts
}

/// A number with a suffix, if any: `2K`.
fn number(text: &str) -> u32 {
    let digits = text.trim_end_matches(|letter: char| !letter.is_ascii_digit());
    let factor = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "K" => 1 << 10,
        "M" => 1 << 20,
        _ => 1,
    };
    digits.parse::<u32>().unwrap_or(0).saturating_mul(factor)
}

/// Reads `scontrol --oneliner --details show node`.
///
/// # Errors
/// Where a line has no name.
pub fn nodes(text: &str) -> Result<Vec<NodeLine>, Garbled> {
    let node = |line: &str| {
        let fields = fields(line);
        let name = fields.get("NodeName").cloned();
        let name = name.ok_or_else(|| Garbled { tool: "scontrol", missing: "NodeName", line: line.to_owned() })?;
        let count = |key: &str| fields.get(key).and_then(|value| value.parse::<u32>().ok());
        let mebibytes = |key: &str| fields.get(key).and_then(|value| value.parse::<u64>().ok()).unwrap_or(0);
        let list = |key: &str, at: char| {
            let all = told(fields.get(key)).split(at).filter(|one| !one.is_empty());
            all.map(str::to_owned).collect::<Vec<String>>()
        };
        let states: Vec<String> = list("State", '+')
            .into_iter()
            .map(|state| state.trim_end_matches(&['*', '~', '#', '!', '%', '$', '@', '^', '-'][..]).to_owned())
            .collect();
        let asterisk = told(fields.get("State")).contains('*');
        let states = states.into_iter().chain(asterisk.then(|| "NOT_RESPONDING".to_owned())).collect();
        Ok(NodeLine {
            address: Some(told(fields.get("NodeAddr"))).filter(|address| !address.is_empty()).unwrap_or(&name).to_owned(),
            cpus: count("CPUEfctv").or_else(|| count("CPUTot")).unwrap_or(0),
            cpus_used: count("CPUAlloc").unwrap_or(0),
            memory: Memory::mebibytes(mebibytes("RealMemory").saturating_sub(mebibytes("MemSpecLimit"))),
            memory_used: Memory::mebibytes(mebibytes("AllocMem")),
            gres: gres(told(fields.get("Gres"))),
            gres_used: gres(told(fields.get("GresUsed"))),
            states,
            // `fan [root@2026-01-01T00:00:00]`: who and when is left out.
            reason: told(fields.get("Reason")).split(" [").next().unwrap_or_default().to_owned(),
            partitions: list("Partitions", ','),
            features: list("ActiveFeatures", ','),
            version: told(fields.get("Version")).to_owned(),
            name,
        })
    };
    text.lines().filter(|line| !line.trim().is_empty() && line.contains('=')).map(node).collect()
}

impl NodeLine {
    fn is_any(&self, states: &[&str]) -> bool {
        self.states.iter().any(|state| states.contains(&state.as_str()))
    }

    /// Whether it is asleep to save power, or about to be.
    pub fn sleeps(&self) -> bool {
        self.is_any(&["POWERED_DOWN", "POWERING_DOWN", "POWER_DOWN", "POWER_SAVING"])
    }

    /// Whether it is asleep, falls asleep or wakes.
    fn saves_power(&self) -> bool {
        self.sleeps() || self.is_any(&["POWERING_UP", "POWER_UP"])
    }

    /// Whether it stands idle, awake and at its cluster's disposal.
    pub fn may_sleep(&self) -> bool {
        self.is_any(&["IDLE"]) && self.cpus_used == 0 && !self.saves_power() && self.out_of_service().is_none()
    }

    /// Why it takes no work now, if it does not.
    pub fn out_of_service(&self) -> Option<String> {
        const OUT: [&str; 13] = [
            "DOWN",
            "DRAIN",
            "DRAINED",
            "DRAINING",
            "FAIL",
            "FAILING",
            "MAINT",
            "NOT_RESPONDING",
            "NO_RESPOND",
            "REBOOT",
            "REBOOT_ISSUED",
            "INVALID_REG",
            "FUTURE",
        ];
        // One that is switched on or off to save power does not answer meanwhile, and serves all the same.
        let away = |state: &&String| !(self.saves_power() && ["NOT_RESPONDING", "NO_RESPOND"].contains(&state.as_str()));
        let out: Vec<String> = self
            .states
            .iter()
            .filter(away)
            .filter(|state| OUT.contains(&state.as_str()))
            .map(|state| state.to_lowercase())
            .collect();
        let reason = if self.reason.is_empty() { String::new() } else { format!(": {}", self.reason) };
        (!out.is_empty()).then(|| format!("{}{reason}", out.join("+")))
    }
}

/// Reads `scontrol show config`: names and values.
pub fn config(text: &str) -> BTreeMap<String, String> {
    let pair = |line: &str| {
        let (key, value) = line.split_once(" = ").or_else(|| line.split_once("= "))?;
        Some((key.trim().to_owned(), told(Some(&value.trim().to_owned())).to_owned()))
    };
    text.lines().filter_map(pair).collect()
}

/// A partition as `scontrol --oneliner show partition` tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Partition {
    /// Its name.
    pub name: String,
    /// Whether jobs that name none go there.
    pub default: bool,
    /// Whether it takes and starts jobs.
    pub up: bool,
    /// The longest a job may run, in Slurm's own words; empty for no limit.
    pub longest: String,
}

/// Reads `scontrol --oneliner show partition`.
///
/// # Errors
/// Where a line has no name.
pub fn partitions(text: &str) -> Result<Vec<Partition>, Garbled> {
    let partition = |line: &str| {
        let fields = fields(line);
        let name = fields.get("PartitionName").cloned();
        let is = |key: &str, value: &str| fields.get(key).is_some_and(|known| known == value);
        Ok(Partition {
            name: name.ok_or_else(|| Garbled { tool: "scontrol", missing: "PartitionName", line: line.to_owned() })?,
            default: is("Default", "YES"),
            up: is("State", "UP"),
            longest: Some(told(fields.get("MaxTime"))).filter(|time| *time != "UNLIMITED").unwrap_or_default().to_owned(),
        })
    };
    text.lines().filter(|line| line.contains('=')).map(partition).collect()
}

/// The fields of a [`JobLine`], for `squeue --Format`; each ends in a bar.
pub const JOB_FIELDS: &str = "JobID:|,HetJobID:|,State:|,exit_code:|,Reason:|,Name:|";

/// A job as `squeue --noheader --Format=…` tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobLine {
    /// Its number; of one made of several, that of the first.
    pub id: u64,
    /// `PENDING`, `RUNNING` and the like.
    pub state: String,
    /// What its processes returned, as `wait` gives it.
    pub status: i32,
    /// Why it waits, or ended so.
    pub reason: String,
    /// Its name.
    pub name: String,
}

/// Reads `squeue --noheader --Format=`[`JOB_FIELDS`].
///
/// # Errors
/// Where a line has not all fields.
pub fn jobs(text: &str) -> Result<Vec<JobLine>, Garbled> {
    let job = |line: &str| {
        let garbled = |missing| Garbled { tool: "squeue", missing, line: line.to_owned() };
        let parts: Vec<&str> = line.splitn(6, '|').collect();
        let [id, first, state, status, reason, name] = parts[..] else { return Err(garbled("all its fields")) };
        let id = first.trim().parse().or_else(|_| id.trim().parse()).map_err(|_| garbled("a job's number"))?;
        Ok(JobLine {
            id,
            state: state.trim().to_owned(),
            status: status.trim().parse().unwrap_or(0),
            reason: reason.trim().to_owned(),
            name: name.trim().trim_end_matches('|').to_owned(),
        })
    };
    text.lines().filter(|line| !line.trim().is_empty()).map(job).collect()
}

/// Reads `sacct --noheader --parsable2 --allocations --format=JobIDRaw,State,ExitCode,Reason,JobName`.
///
/// # Errors
/// Where a line has not all fields.
pub fn accounted(text: &str) -> Result<Vec<JobLine>, Garbled> {
    let job = |line: &str| {
        let garbled = |missing| Garbled { tool: "sacct", missing, line: line.to_owned() };
        let parts: Vec<&str> = line.splitn(5, '|').collect();
        let [id, state, code, reason, name] = parts[..] else { return Err(garbled("all its fields")) };
        let (code, signal) = code.split_once(':').unwrap_or((code, "0"));
        let (code, signal): (i32, i32) = (code.parse().unwrap_or(0), signal.parse().unwrap_or(0));
        Ok(JobLine {
            id: id.split('+').next().and_then(|id| id.parse().ok()).ok_or_else(|| garbled("a job's number"))?,
            // `CANCELLED by 1000`
            state: state.split(' ').next().unwrap_or_default().to_owned(),
            status: code << 8 | signal,
            reason: reason.to_owned(),
            name: name.to_owned(),
        })
    };
    text.lines().filter(|line| !line.trim().is_empty()).map(job).collect()
}

/// Reads `sstat --noheader --parsable2 --allsteps --format=JobID,MaxRSS,NTasks,ConsumedEnergyRaw`: a line for each step. Steps of a
/// job share its nodes, whose energy the batch step has read since the job began.
pub(crate) fn samples(text: &str) -> Vec<Sample> {
    let mut found: BTreeMap<u64, Sample> = BTreeMap::new();
    for line in text.lines() {
        let parts: Vec<&str> = line.split('|').collect();
        let [step, memory, tasks, joules] = parts[..] else { continue };
        // `12.batch`, `12.0`, `12+1.0`
        let digits = step.split(|letter: char| !letter.is_ascii_digit()).next().unwrap_or_default();
        let Ok(id) = digits.parse() else { continue };
        let sample = found.entry(id).or_insert(Sample { id, ..Sample::default() });
        sample.memory = sample.memory.saturating_add(bytes(memory).saturating_mul(tasks.parse().unwrap_or(1)));
        sample.joules = sample.joules.max(joules.parse().unwrap_or(0));
    }
    found.into_values().collect()
}

/// `1234K`, `1.5G`, or plain bytes.
fn bytes(text: &str) -> u64 {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let shift = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "K" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => 0,
    };
    digits.parse::<f64>().map_or(0, |number| (number.max(0.0) * f64::from(1 << 10).powi(shift / 10)) as u64)
}

impl JobLine {
    /// Whether it waits for its nodes.
    pub fn pending(&self) -> bool {
        ["PENDING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT", "RESV_DEL_HOLD"].contains(&self.state.as_str())
    }

    /// Whether it is over, its nodes given back.
    pub fn over(&self) -> bool {
        const OVER: [&str; 11] = [
            "COMPLETED",
            "FAILED",
            "CANCELLED",
            "TIMEOUT",
            "OUT_OF_MEMORY",
            "NODE_FAIL",
            "BOOT_FAIL",
            "PREEMPTED",
            "DEADLINE",
            "REVOKED",
            "LAUNCH_FAILED",
        ];
        OVER.contains(&self.state.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_read_with_what_others_use_of_it() {
        let text = "NodeName=n1 Arch=x86_64 CoresPerSocket=1  CPUAlloc=6 CPUEfctv=62 CPUTot=64 CPULoad=0.78 \
            AvailableFeatures=(null) ActiveFeatures=ib,fast Gres=gpu:h100:8(S:0-1),craynetwork:4 GresDrain=N/A \
            GresUsed=gpu:h100:3(IDX:0-1,5),craynetwork:0 NodeAddr=10.0.0.1 NodeHostName=vm Port=17001 Version=22.05.8 \
            OS=Linux 6.1.0 #1 SMP @0  RealMemory=20000 AllocMem=2048 FreeMem=21521 Sockets=64 Boards=1 State=MIXED+DRAIN \
            ThreadsPerCore=1 Partitions=main,debug  BootTime=2026-11-24T06:10:14 Reason=fan = broken [root@2026-11-24T13:00:00]\n";
        let node = &nodes(text).unwrap()[0];
        assert_eq!((node.name.as_str(), node.address.as_str(), node.cpus, node.cpus_used), ("n1", "10.0.0.1", 62, 6));
        assert_eq!((node.memory, node.memory_used), (Memory::mebibytes(20000), Memory::mebibytes(2048)));
        assert_eq!((node.gres["gpu:h100"], node.gres_used["gpu:h100"]), (8, 3));
        assert_eq!(
            (&node.partitions[..], &node.features[..]),
            (&["main".to_owned(), "debug".to_owned()][..], &["ib".to_owned(), "fast".to_owned()][..])
        );
        assert_eq!(node.out_of_service().as_deref(), Some("drain: fan = broken"));
    }

    #[test]
    fn a_node_that_does_not_answer_is_out_of_service() {
        let node = |state: &str| nodes(&format!("NodeName=n1 CPUTot=4 State={state}")).unwrap().remove(0).out_of_service();
        assert_eq!(node("IDLE"), None);
        assert_eq!(node("ALLOCATED"), None);
        assert_eq!(node("IDLE*").as_deref(), Some("not_responding"));
        assert_eq!(node("DOWN").as_deref(), Some("down"));
        assert_eq!(node("IDLE~"), None, "a cloud node that is off is started for the job");
    }

    #[test]
    fn devices_are_counted_by_type() {
        assert_eq!(gres("gpu:8"), [("gpu".to_owned(), 8)].into());
        assert_eq!(gres("gpu:a100:4(S:0),gpu:h100:2(S:1,3)"), [("gpu:a100".to_owned(), 4), ("gpu:h100".to_owned(), 2)].into());
        assert_eq!(gres("npu:910b:8(IDX:N/A),bandwidth:lustre:no_consume:4K"), {
            [("npu:910b".to_owned(), 8), ("bandwidth:lustre".to_owned(), 4096)].into()
        });
        assert_eq!(gres(""), BTreeMap::new());
    }

    #[test]
    fn a_job_of_several_parts_is_one() {
        let text = "5|5|RUNNING|0|None|shugu-a-1|\n6|5|RUNNING|0|None|shugu-a-1|\n9|N/A|FAILED|768|NonZeroExitCode|x|\n";
        let jobs = jobs(text).unwrap();
        assert_eq!(jobs.iter().map(|job| job.id).collect::<Vec<_>>(), [5, 5, 9]);
        assert_eq!((jobs[0].name.as_str(), jobs[2].status, jobs[2].over(), jobs[0].over()), ("shugu-a-1", 768, true, false));
        let told = super::jobs("7|N/A|RUN").unwrap_err().to_string();
        assert_eq!(told, "squeue printed a line without all its fields: 7|N/A|RUN");
    }

    #[test]
    fn accounting_tells_codes_and_signals() {
        let jobs = accounted("7|CANCELLED by 1000|0:15|None|shugu-a-2\n8+0|COMPLETED|3:0|None|y\n").unwrap();
        assert_eq!((jobs[0].state.as_str(), jobs[0].status, jobs[1].id, jobs[1].status), ("CANCELLED", 15, 8, 768));
    }

    #[test]
    fn samples_are_summed_by_job() {
        let text = "12.batch|2048K|1|500\n12.0|1.5M|4|480\n13.batch||1|\n13.extern|0|1|0\nnonsense\n";
        let found = samples(text);
        assert_eq!(found[0], Sample { id: 12, memory: (2 << 20) + (6 << 20), joules: 500 });
        assert_eq!((found.len(), found[1]), (2, Sample { id: 13, memory: 0, joules: 0 }));
    }

    #[test]
    fn settings_and_partitions_are_read() {
        let settings = config(
            "Configuration data as of 2026\nMinJobAge               = 60 sec\nJobCompLoc =\nAccountingStorageType   = accounting_storage/none\n",
        );
        assert_eq!(settings["MinJobAge"], "60 sec");
        assert_eq!(settings["AccountingStorageType"], "accounting_storage/none");
        let partitions =
            partitions("PartitionName=main AllowGroups=ALL Default=YES MaxTime=1-00:00:00 Nodes=n[1-4] State=UP\n").unwrap();
        assert_eq!(partitions[0], Partition { name: "main".into(), default: true, up: true, longest: "1-00:00:00".into() });
    }

    #[test]
    fn counts_beyond_all_machines_are_the_largest_there_are() {
        assert_eq!(gres("gpu:4294967295,gpu:1")["gpu"], u32::MAX);
        let found = samples("1|16777216T|4294967295|1\n1|16777216T|4294967295|1\n");
        assert_eq!(found[0].memory, u64::MAX);
        let node = &nodes("NodeName=a RealMemory=18446744073709551615").unwrap()[0];
        assert_eq!(node.memory, Memory(u64::MAX));
    }
}
