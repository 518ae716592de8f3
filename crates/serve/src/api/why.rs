//! Why a job waits, when it will start, and what would start sooner: of one that waits, and of one not yet submitted.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use dispatch::{Forecast, Hub, Short, Smaller, Spec, Why};
use measure::{JobId, Money};
use serde_json::{Value, json};

use super::App;
use super::error::{self, Error};
use super::extract::Path;
use super::jobs::{PoolNames, find, pool_name};
use super::view::{PoolWhyView, SmallerView, WhyView};
use crate::access::Grant;
use crate::clock;

/// What the engine thinks of one job.
struct Thought {
    why: Option<Why>,
    forecast: Option<Forecast>,
    names: PoolNames,
    /// The jobs before it, and whether each may be named.
    ahead: Vec<(JobId, bool)>,
}

fn thought(hub: &Hub, who: &Grant, why: Option<Why>, forecast: Option<Forecast>) -> Thought {
    let names = hub.pools.iter().map(|(id, pool)| (*id, pool.join.name.to_string())).collect();
    let ahead = forecast.iter().flat_map(|forecast| &forecast.ahead);
    let reached = |job: &dispatch::Job| hub.tenants.get(&job.spec.tenant).is_some_and(|of| who.reaches(hub, of.name.as_str()));
    let ahead = ahead.map(|id| (*id, hub.jobs.get(id).is_some_and(reached))).collect();
    Thought { why, forecast, names, ahead }
}

/// How near a pool is to taking a job, from what it lacks: something that it will never have, an agent that is there, something that is
/// held, or only data or a time.
fn nearness(short: &Short) -> u8 {
    match short {
        Short::Model { .. }
        | Short::Site
        | Short::Pue { .. }
        | Short::DeviceMemory { .. }
        | Short::Power
        | Short::WholeDevices
        | Short::Images
        | Short::Outputs
        | Short::Veto => 0,
        Short::Silent => 1,
        Short::Devices { .. }
        | Short::Part { .. }
        | Short::Cpu { .. }
        | Short::Memory { .. }
        | Short::Replicas { .. }
        | Short::Limit { .. }
        | Short::Occupied { .. }
        | Short::PowerShort(_)
        | Short::Apart => 2,
        Short::Kept { .. } | Short::Closed { .. } | Short::Data { .. } => 3,
    }
}

/// Why a job waits, in numbers, pool by pool; when it is expected to start; and what would start sooner.
#[utoipa::path(get, path = "/v1/jobs/{id}/why", tag = "jobs", params(("id" = String, Path)), responses((status = 200, body = WhyView), (status = 404)))]
pub(crate) async fn why(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    Path(id): Path<String>,
) -> Result<Json<WhyView>, Error> {
    let row = find(&app, &who, &id).await?;
    let (job, asker) = (row.id, who.clone());
    let thought = app.hub.think(move |hub| {
        let (why, forecast) = (hub.why_waiting(job), hub.foresee(job, clock::now()));
        thought(hub, &asker, why, forecast)
    });
    let thought = thought.await?;
    if thought.why.is_some() {
        return Ok(Json(view(row.state, &row.spec, thought, who.sees_all())));
    }
    let message = match (&row.end, row.state.as_str()) {
        (Some(end), state) => format!("{job} does not wait: it is {state} and {end}"),
        (None, "done") => format!("{job} does not wait: it is done"),
        (None, state) => {
            let attempt = app.hub.look(move |ledger| ledger.hub.jobs.get(&job).map_or(0, |job| job.attempt)).await?;
            let note =
                app.notes.of(job, attempt).filter(|_| state == "placed").map(|note| format!("; {note}")).unwrap_or_default();
            let pool = row.pool.map(|pool| format!(" at {pool}")).unwrap_or_default();
            let data = app.hub.look(move |ledger| beside_its_data(&ledger.hub, job)).await?;
            let wakes = app.hub.look(move |ledger| wakes(&ledger.hub, job)).await?;
            format!("{job} does not wait: it is {state}{pool}{data}{wakes}{note}")
        }
    };
    Ok(Json(WhyView {
        state: row.state,
        reason: None,
        message,
        starts_at: None,
        foresight: None,
        ahead: Vec::new(),
        ahead_count: 0,
        smaller: Vec::new(),
        pools: Vec::new(),
    }))
}

/// That nodes of a job's place must wake before it starts.
fn wakes(hub: &Hub, job: JobId) -> String {
    let Some(dispatch::Stage::Placed { place, .. }) = hub.jobs.get(&job).map(|job| &job.stage) else { return String::new() };
    let nodes = hub.pools.get(&place.pool).map(|pool| &pool.nodes);
    let asleep =
        |slot: &dispatch::Slot| nodes?.get(slot.node as usize)?.others.as_ref().filter(|others| others.asleep).map(|_| slot.node);
    let asleep: std::collections::BTreeSet<u32> = place.slots.iter().filter_map(asleep).collect();
    match (asleep.len(), hub.wake_of(place)) {
        (0, _) => String::new(),
        (count, measure::Span::ZERO) => format!("; {} it has were asleep and wake", error::counted(count as u32, "node")),
        (count, wake) => {
            format!("; {} it has were asleep and wake within about {} s", error::counted(count as u32, "node"), wake.0 / 1000)
        }
    }
}

/// Where a job with a place stands to its data.
fn beside_its_data(hub: &Hub, job: JobId) -> String {
    let Some(job) = hub.jobs.get(&job) else { return String::new() };
    let inputs = &job.spec.shape.inputs;
    match job.stage.held().and_then(|place| hub.to_bring(inputs, place.pool)) {
        Some(0) if !inputs.is_empty() => ", where its data is".to_owned(),
        Some(bytes) if bytes > 0 => {
            let (size, waited) = (measure::Memory(bytes), hub.worth_to_bring(bytes));
            let as_long = if waited == hub.time_to_bring(bytes) { "takes" } else { "takes and costs" };
            format!(", to which {size} of its data is brought: nothing nearer was free for {waited}, as long as that {as_long}")
        }
        _ => String::new(),
    }
}

/// What would become of a job if it were submitted now.
pub(crate) async fn try_out(app: &App, who: &Grant, spec: Arc<Spec>) -> Result<WhyView, Error> {
    let (asker, tried) = (who.clone(), spec.clone());
    let thought = app.hub.think(move |hub| {
        hub.try_out(&tried, clock::now()).map(|outcome| {
            let (why, forecast) = outcome.unzip();
            thought(hub, &asker, why, forecast)
        })
    });
    let names = app.hub.look(super::jobs::pool_names).await?;
    let thought = thought.await?.map_err(|refusal| Error::refusal(&refusal, &|id| pool_name(&names, id)))?;
    if thought.why.is_none() {
        return Ok(WhyView {
            state: "would start".to_owned(),
            reason: Some(json!({ "code": "next" })),
            message: "it would start at once".to_owned(),
            starts_at: Some(clock::now().to_string()),
            foresight: Some("foreseen".to_owned()),
            ahead: Vec::new(),
            ahead_count: 0,
            smaller: Vec::new(),
            pools: Vec::new(),
        });
    }
    Ok(view("would wait".to_owned(), &spec, thought, who.sees_all()))
}

fn view(state: String, spec: &Spec, thought: Thought, all: bool) -> WhyView {
    let Thought { why, forecast, names, ahead } = thought;
    let why = why.expect("it waits");
    let name = |id| pool_name(&names, id);
    // A tenant learns how many are before it, and names only of what it reaches.
    let visible = |id: JobId| all || ahead.contains(&(id, true));
    let mut reason = json!({ "code": why.code() });
    let mut pools = Vec::new();
    let message = match &why {
        Why::NoPools => "no pool has joined the hub yet".to_owned(),
        Why::Busy { pools: all } | Why::TooLarge { pools: all } => {
            pools = all.iter().map(|pool| error::pool_why(pool, &name)).collect();
            reason["replicas"] = json!(spec.shape.replicas);
            reason["fits"] = json!(all.iter().map(|pool| pool.fits).max().unwrap_or(0));
            // Of those that fit as many, the one that lacks least; of those, the first.
            let best = all.iter().rev().max_by_key(|pool| (pool.fits, nearness(&pool.short)));
            let told = best.map(|pool| format!("{}: {}", name(pool.pool), error::in_words(&pool.short))).unwrap_or_default();
            match why {
                Why::TooLarge { .. } => format!("no pool could hold it, even empty; closest is {told}"),
                _ => format!("it fits nowhere now; closest is {told}"),
            }
        }
        Why::Behind { first, ahead } => {
            if visible(*first) {
                reason["first"] = json!(first.to_string());
            }
            reason["ahead"] = json!(ahead);
            let are = if *ahead == 1 { "is" } else { "are" };
            format!("{} {are} served before it, and nothing overtakes under this policy", error::counted(*ahead as f64, "job"))
        }
        Why::After { jobs } => {
            let jobs: Vec<String> = jobs.iter().map(ToString::to_string).collect();
            reason["jobs"] = json!(jobs);
            format!("it waits for {}", jobs.join(", "))
        }
        Why::Later { at } => {
            reason["at"] = json!(at.to_string());
            format!("its last attempt was lost; it is tried again from {at} on")
        }
        Why::ByChoice { until, slack, costs } => {
            reason["until"] = json!(until.to_string());
            reason["slack_s"] = json!(slack.as_seconds());
            let (mut prices, mut known) = (String::new(), Vec::new());
            if let Some(dispatch::HourCosts { now, then, known: bases }) = costs {
                let yuan = |micro: i64| Money(micro).yuan();
                reason["yuan_per_kwh"] = json!(yuan(*now));
                reason["yuan_per_kwh_then"] = json!(yuan(*then));
                prices = format!(": a kWh costs {} yuan now, with its carbon, and {} then", yuan(*now), yuan(*then));
                known.extend(
                    bases.iter().map(|(kind, basis, hours)| json!({ "kind": kind, "known": basis.name(), "hours": hours })),
                );
            }
            reason["hours_ahead"] = json!(known);
            format!("it waits by choice until {until}, or sooner where that turns out better{prices}; it may wait {slack} more")
        }
        Why::Quota { most, held_milli } => {
            let held = *held_milli as f64 / 1000.0;
            reason["most"] = json!(most);
            reason["held"] = json!(held);
            format!("its tenant, or one above it, may hold {} and holds {held}", error::counted(most.0, "device"))
        }
        Why::Funds { needs, left } => {
            reason["needs_yuan"] = json!(needs.yuan());
            reason["left_yuan"] = json!(left.yuan());
            format!("it may cost {needs}, and the budget of its tenant, or of one above it, has {left} left")
        }
        Why::Next => "it fits and starts in the next round".to_owned(),
    };
    let pools = pools.into_iter().map(|pool: Value| serde_json::from_value::<PoolWhyView>(pool).expect("made as such")).collect();
    let forecast = forecast.as_ref();
    WhyView {
        state,
        reason: Some(reason),
        message,
        starts_at: forecast.and_then(|forecast| forecast.starts_at).map(|at| at.to_string()),
        foresight: forecast.map(|forecast| forecast.how.name().to_owned()),
        ahead: ahead.iter().map(|(id, _)| *id).filter(|id| visible(*id)).map(|id| id.to_string()).collect(),
        ahead_count: forecast.map_or(0, |forecast| forecast.ahead_count),
        smaller: forecast
            .iter()
            .flat_map(|forecast| &forecast.smaller)
            .map(|(change, pool)| smaller(change, name(*pool)))
            .collect(),
        pools,
    }
}

fn smaller(change: &Smaller, pool: String) -> SmallerView {
    let (field, from, to) = match change {
        Smaller::Devices { from, to } => ("devices", Some(from.to_string()), to.to_string()),
        Smaller::Replicas { from, to } => ("replicas", Some(from.to_string()), to.to_string()),
        Smaller::Cpu { from, to } => ("cpus", Some(from.to_string()), to.to_string()),
        Smaller::Memory { from, to } => ("memory", Some(from.to_string()), to.to_string()),
        Smaller::AnyModel => ("models", None, "any".to_owned()),
        Smaller::TimeLimit { to } => ("time_limit", None, to.to_string()),
    };
    SmallerView { field: field.to_owned(), from, to, pool }
}
