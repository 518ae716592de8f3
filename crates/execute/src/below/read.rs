//! What a hub answers, as values: no I/O here. Only what is needed is read, so that hubs of other releases do.

use dispatch::{End, EnergySource, LostReason, Node};
use measure::{CoreTime, Cpu, Devices, Energy, JobId, Memory, Span, Time};
use serde::Deserialize;
use serde_json::Value;

use crate::reconcile::SeenReplica;

/// `GET /v1/hub`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct HubLine {
    pub(super) name: String,
    pub(super) now: String,
    pub(super) version: String,
    pub(super) role: String,
    pub(super) subject: String,
}

/// `GET /v1/pools`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct PoolList {
    pub(super) pools: Vec<PoolLine>,
}

/// A pool below.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct PoolLine {
    pub(super) name: String,
    pub(super) contact: bool,
}

/// A page of `GET /v1/pools/{name}/nodes`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct NodeList {
    pub(super) nodes: Vec<NodeLine>,
    pub(super) next: Option<String>,
}

/// A node below: what it has, and what nobody holds of it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub(super) struct NodeLine {
    pub(super) name: String,
    pub(super) state: String,
    #[serde(default)]
    pub(super) reason: Option<String>,
    #[serde(default)]
    pub(super) kept: bool,
    pub(super) model: Option<String>,
    pub(super) devices: u32,
    pub(super) devices_free: f64,
    pub(super) cores: f64,
    pub(super) cores_free: f64,
    pub(super) memory_bytes: u64,
    pub(super) memory_free_bytes: u64,
    #[serde(default)]
    pub(super) whole_cores: bool,
    #[serde(default)]
    pub(super) images: bool,
}

/// A number of something in thousandths, rounded to the nearest.
fn milli(number: f64) -> u64 {
    (number * 1000.0).round().max(0.0) as u64
}

impl NodeLine {
    /// What stands for it above. Parts of a device are not told to agents, so that none can be asked for below.
    pub(super) fn node(&self, called: impl Fn(&str) -> String) -> Node {
        Node {
            name: self.name.clone(),
            model: self.model.as_deref().map(called),
            devices: Devices(self.devices),
            cpu: Cpu(milli(self.cores)),
            memory: Memory(self.memory_bytes),
            whole_devices: true,
            whole_cores: self.whole_cores,
            images: self.images,
        }
    }

    /// Why nothing is started there, where that is so.
    pub(super) fn closed(&self) -> Option<String> {
        let word = match self.state.as_str() {
            "open" => return None,
            "out_of_service" => "out of service",
            word => word,
        };
        let reason = self.reason.as_ref().filter(|reason| !reason.is_empty()).map(|reason| format!(": {reason}"));
        Some(format!("{word} at the hub below{}", reason.unwrap_or_default()))
    }

    /// Devices of which nobody holds anything, thousandths of cores, bytes.
    pub(super) fn free(&self) -> (u32, u64, u64) {
        (self.devices_free.max(0.0).floor() as u32, milli(self.cores_free), self.memory_free_bytes)
    }
}

/// A page of `GET /v1/jobs`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct JobList {
    pub(super) jobs: Vec<JobLine>,
    pub(super) next: Option<String>,
}

/// A job below.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct JobLine {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) state: String,
    pub(super) end: Option<String>,
    pub(super) nodes: Vec<String>,
    pub(super) note: Option<String>,
    pub(super) started_at: Option<String>,
    pub(super) ended_at: Option<String>,
    pub(super) run_s: Option<f64>,
    pub(super) exit_code: Option<i32>,
    pub(super) cpu_s: Option<f64>,
    pub(super) peak_memory_bytes: Option<i64>,
    pub(super) energy_kwh: Option<f64>,
    pub(super) energy_source: Option<String>,
    pub(super) cost_yuan: Option<Value>,
}

/// The number of a job's id, by which the older of two is known.
pub(super) fn number(id: &str) -> u64 {
    id.parse().map_or(u64::MAX, |id: JobId| id.0)
}

/// `POST /v1/jobs`.
#[derive(Debug, Deserialize)]
pub(super) struct Submitted {
    pub(super) id: String,
}

/// `GET /v1/jobs/{id}/why`, and what a job that is tried out is answered.
#[derive(Debug, Deserialize)]
pub(super) struct WhyLine {
    pub(super) state: String,
    pub(super) message: String,
}

/// `GET /v1/tenants`: oneself and one's projects.
#[derive(Debug, Deserialize)]
pub(super) struct TenantList {
    pub(super) tenants: Vec<TenantLine>,
}

/// What a tenant may hold below.
#[derive(Debug, Deserialize)]
pub(super) struct TenantLine {
    pub(super) name: String,
    pub(super) most: Option<u32>,
    pub(super) devices_held: f64,
}

/// `GET /v1/tenants/{name}/account`.
#[derive(Debug, Deserialize)]
pub(super) struct AccountLine {
    pub(super) budget: Option<BudgetLine>,
}

/// What is left of a budget.
#[derive(Debug, Deserialize)]
pub(super) struct BudgetLine {
    pub(super) left_yuan: f64,
}

/// `GET /v1/data`.
#[derive(Debug, Deserialize)]
pub(super) struct DataList {
    pub(super) data: Vec<DataLine>,
}

/// Data that the hub below knows.
#[derive(Debug, Deserialize)]
pub(super) struct DataLine {
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) sha256: Option<String>,
}

const REASONS: [LostReason; 9] = [
    LostReason::KeeperKilledWhileStarting,
    LostReason::ExitUnseen,
    LostReason::MachineRestarted,
    LostReason::NodeFailed,
    LostReason::EndedBySite,
    LostReason::PlaceTaken,
    LostReason::Vanished,
    LostReason::Silent,
    LostReason::NotLaunched,
];

/// How a job below ended, from the words that a hub tells people: the ones that this release says itself, else what state and code
/// leave certain.
pub(super) fn end_of(line: &JobLine) -> End {
    let told = line.end.as_deref().unwrap_or_default();
    let plain = [End::OverTime, End::OverMemory, End::Cancelled].into_iter();
    let plain = plain.chain(REASONS.into_iter().map(End::Lost));
    if let Some(end) = plain.into_iter().find(|end| end.to_string() == told) {
        return end;
    }
    let said: [fn(String) -> End; 2] = [End::NotStarted, End::Undelivered];
    for of in said {
        if let Some(problem) = told.strip_prefix(&of(String::new()).to_string()) {
            return of(problem.chars().take(500).collect());
        }
    }
    let number = |end: fn(i32) -> End, told: &str| {
        let words = end(0).to_string();
        told.strip_prefix(words.trim_end_matches('0'))?.parse().ok().map(end)
    };
    match (line.state.as_str(), line.exit_code) {
        ("done", _) => End::Exited(0),
        ("cancelled", _) => End::Cancelled,
        ("failed", code) => match number(End::Exited, told).or_else(|| number(End::Killed, told)) {
            Some(end) => end,
            None => code.map_or(End::Lost(LostReason::ExitUnseen), End::Exited),
        },
        _ => End::Lost(LostReason::Vanished),
    }
}

fn source(word: Option<&str>) -> EnergySource {
    match word {
        Some("rapl") => EnergySource::Rapl,
        Some("modelled") => EnergySource::Modelled,
        Some("cluster") => EnergySource::Cluster,
        Some("read") => EnergySource::Read,
        _ => EnergySource::Unknown,
    }
}

/// An instant as a hub writes it.
pub(super) fn time(text: Option<&String>) -> Option<Time> {
    Time::parse_date(text?).ok()
}

/// Whether a job below that is over has run.
pub(super) fn began(line: &JobLine) -> bool {
    line.started_at.is_some() || line.run_s.is_some_and(|run| run > 0.0)
}

/// The replicas of a job below that is over, for an end as it is told above. What was used is of the whole job, and told with the
/// first replica: their sum is what counts. A hub writes numbers that hold whole milliseconds, core-microseconds and millijoules
/// exactly, so that they are the same ones above.
pub(super) fn replicas(line: &JobLine, end: &End, count: usize, now: Time) -> Vec<SeenReplica> {
    let run = Span((line.run_s.unwrap_or(0.0).max(0.0) * 1000.0).round() as i64);
    let ended = time(line.ended_at.as_ref()).unwrap_or(now);
    // One that was over before its start was told has none below.
    let since = time(line.started_at.as_ref()).or_else(|| began(line).then(|| ended + Span(-run.0)));
    let at = since.map_or(ended, |since| since + run);
    let first = SeenReplica::Ended {
        since,
        at,
        end: end.clone(),
        cpu: CoreTime((line.cpu_s.unwrap_or(0.0).max(0.0) * 1e6).round() as i64),
        peak_memory: Memory(line.peak_memory_bytes.unwrap_or(0).max(0).unsigned_abs()),
        energy: Energy((line.energy_kwh.unwrap_or(0.0).max(0.0) * 3.6e9).round() as i64),
        energy_source: source(line.energy_source.as_deref()),
    };
    let (cpu, peak_memory, energy) = (CoreTime(0), Memory(0), Energy(0));
    let energy_source = source(line.energy_source.as_deref());
    let other = SeenReplica::Ended { since, at, end: end.clone(), cpu, peak_memory, energy, energy_source };
    std::iter::once(first).chain(std::iter::repeat(other)).take(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_that_a_hub_tells_is_read_as_what_it_was() {
        let told = [
            End::Exited(0),
            End::Exited(3),
            End::Exited(-1),
            End::Killed(9),
            End::OverTime,
            End::OverMemory,
            End::Cancelled,
            End::NotStarted("there is no program x: at all".to_owned()),
            End::Undelivered("s3://a: denied".to_owned()),
        ];
        for end in told.into_iter().chain(REASONS.into_iter().map(End::Lost)) {
            let text = Some(end.to_string()).filter(|_| end != End::Exited(0));
            let line = JobLine { state: end.state().to_owned(), exit_code: end.exit_code(), end: text, ..JobLine::default() };
            assert_eq!(end_of(&line), end);
        }
        // In words of another release.
        let line = |state: &str, exit_code| {
            end_of(&JobLine { state: state.to_owned(), exit_code, end: Some("fell over".to_owned()), ..JobLine::default() })
        };
        assert_eq!(line("failed", Some(7)), End::Exited(7));
        assert_eq!(line("failed", None), End::Lost(LostReason::ExitUnseen));
        assert_eq!(line("lost", None), End::Lost(LostReason::Vanished));
    }

    #[test]
    fn what_was_used_is_the_same_to_the_last_digit() {
        for amount in [1_i64, 7, 6_249_999, 12_345_678_901, 987_654_321_098_765] {
            let line = JobLine {
                started_at: Some("2026-11-26T20:56:19.123Z".to_owned()),
                run_s: Some(amount as f64 / 1000.0),
                cpu_s: Some(CoreTime(amount).as_core_seconds()),
                peak_memory_bytes: Some(amount),
                energy_kwh: Some(Energy(amount).as_kwh()),
                energy_source: Some("cluster".to_owned()),
                ..JobLine::default()
            };
            // As it is written and read again.
            let replicas = replicas(&line, &End::Exited(0), 2, Time(0));
            let [SeenReplica::Ended { since, at, cpu, peak_memory, energy, energy_source, .. }, other] = &replicas[..] else {
                panic!("two replicas: {replicas:?}");
            };
            assert_eq!((*at - since.unwrap(), *cpu, peak_memory.0), (Span(amount), CoreTime(amount), amount.unsigned_abs()));
            assert_eq!((*energy, *energy_source), (Energy(amount), EnergySource::Cluster));
            assert!(matches!(other, SeenReplica::Ended { cpu: CoreTime(0), energy: Energy(0), .. }), "{other:?}");
        }
    }

    #[test]
    fn one_that_was_over_before_its_start_was_told_ran_all_the_same() {
        let line = JobLine { ended_at: Some("2026-11-26T20:56:19.123Z".to_owned()), run_s: Some(0.017), ..JobLine::default() };
        let [SeenReplica::Ended { since, at, .. }] = &replicas(&line, &End::Exited(0), 1, Time(0))[..] else { panic!() };
        assert_eq!(*at - since.unwrap(), Span(17));
        let never = replicas(&JobLine::default(), &End::Cancelled, 1, Time(5));
        assert!(matches!(never[..], [SeenReplica::Ended { since: None, at: Time(5), .. }]), "{never:?}");
    }

    #[test]
    fn a_node_says_what_it_has_what_is_free_and_why_it_is_closed() {
        let text = r#"{"name":"n1","state":"window","reason":"new fans","kept":false,"model":"H800","devices":8,"devices_free":2.5,
            "cores":64.5,"cores_free":0.25,"memory_bytes":1024,"memory_free_bytes":0,"jobs":3,"of_a_later_release":1}"#;
        let line: NodeLine = serde_json::from_str(text).unwrap();
        let node = line.node(|model| format!("{model} SXM5"));
        assert_eq!((node.model.as_deref(), node.cpu, node.whole_devices), (Some("H800 SXM5"), Cpu(64_500), true));
        assert_eq!(line.free(), (2, 250, 0));
        assert_eq!(line.closed().as_deref(), Some("window at the hub below: new fans"));
    }
}
