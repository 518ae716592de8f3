//! What the API shows. Quantities leave here as plain numbers with their unit in the name; money stays exact.

use std::collections::BTreeMap;

use measure::{Energy, Money, Name, Span, Time};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::clock;
use crate::store::{Emitted, JobRow, StatementRow};

/// Yuan as an exact decimal number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Yuan(pub Money);

impl Serialize for Yuan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.yuan()).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Yuan {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Yuan, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Money::parse_yuan(raw.get()).map(Yuan).map_err(serde::de::Error::custom)
    }
}

/// Data that jobs may read.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DataView {
    /// By which jobs name it.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// The SHA-256 of its content.
    pub sha256: Option<String>,
    /// By pool or site, how it is reached; shown to operators only.
    pub at: BTreeMap<String, String>,
    /// Whether it can be brought elsewhere.
    pub moves: bool,
}

/// Data that jobs may read, by name.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DataList {
    /// All of it.
    pub data: Vec<DataView>,
}

/// Where data lies.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DataForm {
    /// "1GiB".
    #[schema(value_type = String)]
    pub size: super::form::Plain,
    /// The SHA-256 of its content; what is brought is compared with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// By pool or site, how it is reached: a path there, or an address (http, https, rsync) from which it can be brought elsewhere.
    pub at: BTreeMap<String, String>,
}

/// A job.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct JobView {
    /// `job-42`.
    pub id: String,
    /// What its tenant calls it.
    pub name: String,
    /// Whose it is.
    pub tenant: String,
    /// waiting, placed, running, stopping, done, failed, cancelled or lost.
    pub state: String,
    /// How it ended, where there is more to say than its state.
    pub end: Option<String>,
    /// Where it is or was.
    pub pool: Option<String>,
    /// The node of each replica, while it has a place; told of a single job only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<String>,
    /// What its site says of it, while it has it and has not started it; told of a single job only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// How many start together.
    pub replicas: u32,
    /// Devices for each replica.
    pub devices: u32,
    /// How much of its one device a replica asks for, if not all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<f64>,
    /// Acceptable models; empty for any.
    pub models: Vec<String>,
    /// Cores for each replica.
    pub cpu: f64,
    /// Memory for each replica; zero is no limit.
    pub memory_bytes: u64,
    /// Data that it reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<String>,
    /// What is brought where once it has ended well; not shown to providers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<super::form::OutputForm>,
    /// Higher goes first.
    pub priority: i16,
    /// Stopped when it ran so long.
    pub time_limit_s: Option<f64>,
    /// Program and arguments; not shown to providers.
    pub command: Vec<String>,
    /// RFC 3339.
    pub submitted_at: String,
    /// RFC 3339.
    pub placed_at: Option<String>,
    /// RFC 3339.
    pub started_at: Option<String>,
    /// RFC 3339.
    pub ended_at: Option<String>,
    /// Waiting for a place and for its start, in all attempts together, until now or its end. What a lost attempt ran is counted
    /// as waiting where nobody knows it.
    pub wait_s: f64,
    /// How much of that it waited by choice, for cleaner or cheaper hours: what counts in no queue. Shown with one job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_by_choice_s: Option<f64>,
    /// From the start of its last attempt to its end, or to now; null before it starts.
    pub run_s: Option<f64>,
    /// As a shell gives it.
    pub exit_code: Option<i32>,
    /// Core-seconds used.
    pub cpu_s: Option<f64>,
    /// Peak memory.
    pub peak_memory_bytes: Option<i64>,
    /// Energy, with the facility's share where its PUE is published; null while unknown.
    pub energy_kwh: Option<f64>,
    /// rapl, cluster, modelled or unknown.
    pub energy_source: Option<String>,
    /// Carbon emitted; null where no factor is known.
    pub carbon_kg: Option<f64>,
    /// What all of its attempts emitted and would have; shown with one job, once something is billed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emitted: Option<EmittedView>,
    /// What was paid; null until it ended.
    #[schema(value_type = Option<f64>)]
    pub cost_yuan: Option<Yuan>,
}

fn output(output: &dispatch::Output) -> super::form::OutputForm {
    super::form::OutputForm { path: output.path.clone(), to: output.to.clone() }
}

/// When the last attempt of a job started; `None` if only one before it did.
fn last_start(row: &JobRow) -> Option<Time> {
    let since = |other: Option<Time>, started: &Time| other.is_none_or(|other| other <= *started);
    row.started.filter(|at| row.state != "waiting" && since(row.placed, at) && since(row.over_before, at))
}

/// How long a job waited until an instant, whatever number of attempts that took.
fn waited(row: &JobRow, over: Time) -> Span {
    let until = last_start(row).unwrap_or(over);
    Span((until - row.submitted).0.saturating_sub(row.ran_before.unwrap_or(0)).max(0))
}

impl JobView {
    pub(crate) fn of(row: JobRow, command_shown: bool) -> JobView {
        let over = row.ended.unwrap_or_else(clock::now);
        let known_energy = row.energy_source.as_deref().is_some_and(|source| source != "unknown");
        let shape = &row.spec.shape;
        let ask = &shape.asks[row.ask.map_or(0, usize::from).min(shape.asks.len() - 1)];
        let run = row.run.map(|run| run as f64 / 1000.0).filter(|_| row.started.is_some() || row.placed.is_some());
        let run_s = run.or_else(|| last_start(&row).map(|started| (over - started).as_seconds()));
        let wait_s = waited(&row, over).as_seconds();
        JobView {
            id: row.id.to_string(),
            name: row.name,
            tenant: row.tenant,
            state: row.state,
            end: row.end,
            nodes: Vec::new(),
            note: None,
            pool: row.pool,
            replicas: ask.replicas.unwrap_or(shape.replicas),
            devices: ask.devices.0,
            part: (ask.part < dispatch::WHOLE).then(|| f64::from(ask.part) / f64::from(dispatch::WHOLE)),
            models: ask.models.clone(),
            inputs: shape.inputs.iter().map(ToString::to_string).collect(),
            outputs: row.spec.outputs.iter().filter(|_| command_shown).map(output).collect(),
            cpu: shape.cpu.0 as f64 / 1000.0,
            memory_bytes: shape.memory.0,
            priority: row.spec.priority,
            time_limit_s: row.spec.time_limit.map(Span::as_seconds),
            command: if command_shown { row.spec.command.argv.clone() } else { Vec::new() },
            submitted_at: row.submitted.to_string(),
            placed_at: row.placed.map(|at| at.to_string()),
            started_at: row.started.map(|at| at.to_string()),
            ended_at: row.ended.map(|at| at.to_string()),
            wait_s,
            wait_by_choice_s: None,
            run_s,
            exit_code: row.exit_code,
            cpu_s: row.cpu.map(|cpu| cpu as f64 / 1e6),
            peak_memory_bytes: row.peak_memory,
            energy_kwh: row.energy.filter(|_| known_energy).map(|energy| Energy(energy).as_kwh()),
            energy_source: row.energy_source,
            carbon_kg: row.carbon.map(|carbon| measure::Carbon(carbon).as_kg()),
            emitted: None,
            cost_yuan: row.price.map(|price| Yuan(Money(price))),
        }
    }
}

/// What was emitted, and what would have been, had all that made use of a choice of hours begun at once where it first fitted and
/// never paused (docs/green.md). Each is null where it is unknown for any attempt.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EmittedView {
    /// Location-based: by the grid's factors.
    pub carbon_kg: Option<f64>,
    /// Market-based: without what is bought as green.
    pub carbon_market_kg: Option<f64>,
    /// Location-based, begun at once.
    pub carbon_at_once_kg: Option<f64>,
    /// Market-based, begun at once.
    pub carbon_market_at_once_kg: Option<f64>,
}

impl EmittedView {
    pub(crate) fn of(emitted: Emitted) -> EmittedView {
        let kg = |carbon: Option<i64>| carbon.map(|carbon| measure::Carbon(carbon).as_kg());
        EmittedView {
            carbon_kg: kg(emitted.carbon),
            carbon_market_kg: kg(emitted.market),
            carbon_at_once_kg: kg(emitted.carbon_at_once),
            carbon_market_at_once_kg: kg(emitted.market_at_once),
        }
    }
}

/// A page of jobs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct JobList {
    /// Newest first.
    pub jobs: Vec<JobView>,
    /// Give it as `after` for the next page; null on the last.
    pub next: Option<String>,
}

/// A job that was accepted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Submitted {
    /// `job-42`.
    pub id: String,
    /// That most of a budget is spent or held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

/// One pool's answer to why a job waits.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PoolWhyView {
    /// The pool.
    pub pool: String,
    /// How many replicas would fit now.
    pub fits: u32,
    /// What is short: `code` and its numbers.
    #[schema(value_type = Option<Object>)]
    pub reason: Option<serde_json::Value>,
}

/// Why a job waits.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WhyView {
    /// The job's state.
    pub state: String,
    /// `code` and its numbers; null if it does not wait.
    #[schema(value_type = Option<Object>)]
    pub reason: Option<serde_json::Value>,
    /// In a sentence.
    pub message: String,
    /// When it is expected to start; null while that cannot be told.
    pub starts_at: Option<String>,
    /// How that is known: kept (nodes are kept for it), foreseen (the engine was run forward), extrapolated (from the pace
    /// of the jobs before it) or unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foresight: Option<String>,
    /// The first jobs that are served before it, of those that the asker may see.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ahead: Vec<String>,
    /// How many jobs are served before it.
    #[serde(default)]
    pub ahead_count: u64,
    /// The smallest changes that would start it now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub smaller: Vec<SmallerView>,
    /// Pool by pool.
    pub pools: Vec<PoolWhyView>,
}

/// A smaller wish that would start now.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SmallerView {
    /// devices, replicas, cpus, memory, models or time_limit.
    pub field: String,
    /// What was asked; null where nothing was.
    pub from: Option<String>,
    /// What would start.
    pub to: String,
    /// Where.
    pub pool: String,
}

/// A pool.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PoolView {
    /// Its name.
    pub name: String,
    /// Who owns it.
    pub provider: String,
    /// Where it stands; null for a machine that is no data centre.
    pub site: Option<String>,
    /// What starts the work.
    pub executor: String,
    /// Whether its agent is in touch.
    pub contact: bool,
    /// Model of its accelerators.
    pub model: Option<String>,
    /// How many nodes.
    pub nodes: usize,
    /// How many of them are switched off to save power; they wake for work.
    #[serde(default)]
    pub nodes_asleep: usize,
    /// Accelerators.
    pub devices: u32,
    /// Those held by jobs.
    pub devices_held: u32,
    /// Accelerators that others than the hub's jobs hold, or that are out of service.
    #[serde(default)]
    pub devices_others: u32,
    /// Cores that others hold, or that are out of service.
    #[serde(default)]
    pub cores_others: f64,
    /// Nodes that the site's manager has taken out of service, with its reason.
    #[serde(default)]
    pub out_of_service: BTreeMap<String, String>,
    /// Cores.
    pub cores: f64,
    /// Those held by jobs.
    pub cores_held: f64,
    /// Memory of all nodes.
    pub memory_bytes: u64,
    /// Jobs that hold a place.
    pub jobs: usize,
}

/// Every pool.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PoolList {
    /// By order of joining.
    pub pools: Vec<PoolView>,
}

/// A node of a pool.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NodeView {
    /// Its name.
    pub name: String,
    /// open, cordoned, drained (what runs is stopped at once or at a deadline), window (a window has begun), out_of_service or silent.
    pub state: String,
    /// Why it is out of service, or closed; what somebody said of a closing is not shown to tenants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it opens again, where it is closed and that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<String>,
    /// Whether it is switched off to save power; it wakes for work.
    #[serde(default)]
    pub asleep: bool,
    /// Whether it is kept for a job that waits.
    pub kept: bool,
    /// Model of its accelerators.
    pub model: Option<String>,
    /// Accelerators.
    pub devices: u32,
    /// Those of which neither the hub's jobs nor others hold anything, and what is left of the others.
    pub devices_free: f64,
    /// Cores.
    pub cores: f64,
    /// Those that nobody holds.
    pub cores_free: f64,
    /// Memory.
    pub memory_bytes: u64,
    /// What nobody holds of it.
    pub memory_free_bytes: u64,
    /// Whether its devices are given whole only, and no parts of one.
    #[serde(default)]
    pub whole_devices: bool,
    /// Whether its cores are given whole only.
    #[serde(default)]
    pub whole_cores: bool,
    /// Whether it runs container images.
    #[serde(default)]
    pub images: bool,
    /// Jobs with a place on it.
    pub jobs: usize,
}

/// A page of a pool's nodes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NodeList {
    /// In the order in which they were first seen.
    pub nodes: Vec<NodeView>,
    /// How many the pool has.
    pub total: usize,
    /// Give it as `after` for the next page; null on the last.
    pub next: Option<String>,
}

/// The hub at a glance.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct HubView {
    /// Where the hub is that writes, while this one stands by: empty where that is not known, `null` where it is this one.
    #[serde(default)]
    pub writer: Option<String>,
    /// Its name.
    pub name: String,
    /// Its name in Chinese.
    pub name_zh: String,
    /// Now, with the hub's own offset.
    pub now: String,
    /// Version of the program.
    pub version: String,
    /// Jobs without a place.
    pub waiting: usize,
    /// Jobs that run.
    pub running: usize,
    /// Jobs that hold a place, those that run among them.
    pub placed: usize,
    /// How many tenants.
    pub tenants: usize,
    /// How many pools.
    pub pools: usize,
    /// Their nodes.
    pub nodes: usize,
    /// Their accelerators.
    pub devices: u32,
    /// Those held by jobs.
    pub devices_held: u32,
    /// Their cores.
    pub cores: f64,
    /// Those held by jobs.
    pub cores_held: f64,
    /// What the hub draws and emits now; for operators.
    #[serde(default)]
    pub power: Option<super::sites::PowerView>,
    /// Role of the token that asked.
    pub role: String,
    /// Its subject.
    pub subject: String,
}

/// A line of a statement.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StatementLine {
    /// Where the jobs ran.
    pub pool: String,
    /// The other side: the provider on a tenant's statement, the tenant on a provider's.
    pub counterpart: String,
    /// How many jobs.
    pub jobs: u64,
    /// Devices held.
    pub device_hours: f64,
    /// Cores held.
    pub core_hours: f64,
    /// Energy.
    pub energy_kwh: f64,
    /// What that energy cost by the hour's tariff (told, not charged); null if unknown for any job.
    #[schema(value_type = Option<f64>)]
    pub energy_cost_yuan: Option<Yuan>,
    /// Carbon, location-based; null if unknown for any.
    pub carbon_kg: Option<f64>,
    /// Market-based.
    pub carbon_market_kg: Option<f64>,
    /// What would have been emitted, had all that chose its hours begun at once where it first fitted; location-based.
    pub carbon_at_once_kg: Option<f64>,
    /// Market-based.
    pub carbon_market_at_once_kg: Option<f64>,
    /// The price of these jobs.
    #[schema(value_type = f64)]
    pub price_yuan: Yuan,
    /// The hub's share of it.
    #[schema(value_type = f64)]
    pub fee_yuan: Yuan,
    /// What this statement's owner pays (tenant) or receives (provider).
    #[schema(value_type = f64)]
    pub amount_yuan: Yuan,
}

/// What a tenant pays, or a provider receives, for a period.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Statement {
    /// `tenant` or `provider`.
    pub kind: String,
    /// Whose.
    pub name: String,
    /// `2026-11`, in the hub's local time.
    pub period: String,
    /// ISO 4217.
    pub currency: String,
    /// By pool and counterpart.
    pub lines: Vec<StatementLine>,
    /// The sum, exactly.
    #[schema(value_type = f64)]
    pub total_yuan: Yuan,
}

impl StatementLine {
    pub(crate) fn of(row: StatementRow, for_provider: bool) -> StatementLine {
        let (price, fee) = (Money(row.price), Money(row.fee));
        let EmittedView { carbon_kg, carbon_market_kg, carbon_at_once_kg, carbon_market_at_once_kg } =
            EmittedView::of(row.emitted);
        StatementLine {
            pool: row.pool,
            counterpart: row.counterpart,
            jobs: row.jobs,
            device_hours: measure::DeviceTime(row.device_time).as_device_hours(),
            core_hours: measure::CoreTime(row.core_time).as_core_seconds() / 3600.0,
            energy_kwh: Energy(row.energy).as_kwh(),
            energy_cost_yuan: row.energy_cost.map(|cost| Yuan(Money(cost))),
            carbon_kg,
            carbon_market_kg,
            carbon_at_once_kg,
            carbon_market_at_once_kg,
            price_yuan: Yuan(price),
            fee_yuan: Yuan(fee),
            amount_yuan: Yuan(if for_provider { price - fee } else { price }),
        }
    }
}

/// One account's movements.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AccountView {
    /// Its key in the journal.
    pub account: String,
    /// tenant, provider or hub.
    pub kind: String,
    /// Whose.
    pub name: String,
    /// Received.
    #[schema(value_type = f64)]
    pub received_yuan: Yuan,
    /// Paid.
    #[schema(value_type = f64)]
    pub paid_yuan: Yuan,
    /// Received minus paid.
    #[schema(value_type = f64)]
    pub balance_yuan: Yuan,
}

/// The book of a period.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BookView {
    /// `2026-11`, in the hub's local time; `all` for everything.
    pub period: String,
    /// ISO 4217.
    pub currency: String,
    /// Every account that moved.
    pub accounts: Vec<AccountView>,
    /// How many postings.
    pub postings: u64,
    /// The sum over all accounts: exactly zero.
    #[schema(value_type = f64)]
    pub balance_yuan: Yuan,
}

/// A token that was made. It is shown once and never again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MadeToken {
    /// Its number, to revoke it by.
    pub id: i64,
    /// operator, provider, tenant or agent.
    pub role: String,
    /// As whom.
    pub subject: String,
    /// The token.
    pub token: String,
    /// Those of the further hosts, where several were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<String>,
}

/// A token, without its secret.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TokenView {
    /// Its number.
    pub id: i64,
    /// operator, provider, tenant or agent.
    pub role: String,
    /// As whom.
    pub subject: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339; null while it is valid.
    pub revoked_at: Option<String>,
    /// When it ends by itself, if it does.
    #[serde(default)]
    pub expires_at: Option<String>,
}

/// Every token.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TokenList {
    /// By number.
    pub tokens: Vec<TokenView>,
}

/// A pool that is to join.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinForm {
    /// Its name, unique in the hub.
    #[schema(value_type = String)]
    pub name: Name,
    /// Who owns it.
    #[schema(value_type = String)]
    pub provider: Name,
    /// The site it stands at, if the census has it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub site: Option<Name>,
    /// What starts the work there; `local` if left out.
    #[serde(default)]
    pub executor: Option<String>,
    /// How many plain hosts are to join now, each with an agent and a token of its own; one if left out.
    #[serde(default)]
    pub hosts: Option<u32>,
}

/// A token that is to be made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenForm {
    /// operator, auditor, provider or tenant (a pool's is made when it joins).
    pub role: String,
    /// As whom. A tenant of this name is let in.
    #[schema(value_type = String)]
    pub subject: Name,
    /// How long it is good, such as `90d`; until it is revoked if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub life: Option<String>,
}

/// What a tenant is due, holds and used; a tenant's projects are counted in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TenantView {
    /// Its name.
    pub name: String,
    /// The tenant it is a project of.
    pub parent: Option<String>,
    /// Its weight among its siblings.
    pub weight: u32,
    /// Devices it gets back from borrowers whenever it needs them.
    pub guaranteed: Option<u32>,
    /// Devices it never exceeds.
    pub most: Option<u32>,
    /// How long its jobs may wait by choice that do not say so.
    pub patience: Option<String>,
    /// Devices it holds now, parts of one included.
    pub devices_held: f64,
    /// Its use that is not forgotten yet, in hours of a device of 100 TFLOPS dense fp16, as of when it last got a place or
    /// gave one back. After each half-life half of it counts.
    pub used_device_hours: f64,
    /// Its part of all tenants' use; null while nobody used a device.
    pub share: Option<f64>,
    /// The part that its weight, and those above it, give it while everybody wants more.
    pub due: f64,
}

/// Tenants.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TenantList {
    /// By name; projects follow the tenant that they are projects of.
    pub tenants: Vec<TenantView>,
}

/// What a tenant is to be due.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TenantForm {
    /// The tenant it is a project of; none if left out.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub parent: Option<Name>,
    /// Its weight among its siblings, 1 to 1000000; 1 if left out.
    #[serde(default)]
    pub weight: Option<u32>,
    /// Devices it gets back from borrowers whenever it needs them.
    #[serde(default)]
    pub guaranteed: Option<u32>,
    /// Devices it never exceeds.
    #[serde(default)]
    pub most: Option<u32>,
    /// How long its jobs may wait by choice that do not say so: `now`, `today`, `this-week` or a length of time; as with the tenant above it
    /// if left out, and where nobody says, not at all.
    #[serde(default)]
    pub patience: Option<String>,
}

/// What the provider of a pool allows there.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LimitsView {
    /// The pool.
    pub pool: String,
    /// Devices the hub may hold at a time; of a pool without accelerators, cores. Null for all there are.
    pub most: Option<u32>,
    /// Tenants whose work is not taken, their projects' included.
    pub veto: Vec<String>,
}

/// What is to be allowed in a pool.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitsForm {
    /// Devices the hub may hold at a time; of a pool without accelerators, cores. All there are if left out.
    #[serde(default)]
    pub most: Option<u32>,
    /// Tenants whose work is not taken, their projects' included.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub veto: Vec<Name>,
}

/// Who closed something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ClosedBy {
    /// An operator of the hub.
    Operator,
    /// The pool's provider.
    Provider,
}

/// How something is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClosingKind {
    /// From now on nothing starts; what runs goes on.
    Cordon,
    /// From now on nothing starts; what still runs at the deadline is stopped.
    Drain,
    /// Nothing runs between two instants; until then, what ends before it may start.
    Window,
}

/// Something that is to be closed: a site, a pool, or a node of a pool. An instant is written as
/// `2026-11-23T08:00:00+08:00`, or as a span from now: `2h`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosingForm {
    /// Every pool at this site; operators only.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub site: Option<Name>,
    /// This pool.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub pool: Option<Name>,
    /// Of that pool, this node only.
    #[serde(default)]
    pub node: Option<String>,
    /// How.
    pub kind: ClosingKind,
    /// When a window begins.
    #[serde(default)]
    pub from: Option<String>,
    /// When it opens by itself; a window says it.
    #[serde(default)]
    pub until: Option<String>,
    /// When a drain stops what still runs; at once if left out.
    #[serde(default, alias = "stop_at")]
    pub deadline: Option<String>,
    /// Why, for people.
    #[serde(default)]
    pub reason: Option<String>,
}

/// A time in which a site, a pool, or a node of a pool takes no work.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ClosingView {
    /// Every pool at this site.
    pub site: Option<String>,
    /// What the census calls that site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_name: Option<String>,
    /// This pool.
    pub pool: Option<String>,
    /// Of that pool, this node only.
    pub node: Option<String>,
    /// How.
    pub kind: ClosingKind,
    /// Whether it is closed now.
    pub begun: bool,
    /// RFC 3339.
    pub from: String,
    /// RFC 3339; null until somebody opens it.
    pub until: Option<String>,
    /// When what still runs is stopped; null for never.
    pub stop_at: Option<String>,
    /// Why, for people.
    pub reason: String,
    /// Who closed it, and alone opens it: `operator` or `provider`.
    pub by: ClosedBy,
}

/// Closings.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ClosingList {
    /// Sites, then pools, then nodes.
    pub closings: Vec<ClosingView>,
}
