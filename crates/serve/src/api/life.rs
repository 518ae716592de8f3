//! What became of a job, entry by entry, in words.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use dispatch::{Fact, Place, Rule, Spec, Stop};
use measure::{PoolId, Span, Time};
use serde::{Deserialize, Serialize};
use settle::{Body, Entry};
use utoipa::ToSchema;

use super::App;
use super::error::{Error, counted};
use super::extract::Path;
use super::jobs::{blocking, find};
use crate::access::Grant;

/// Something that happened to a job.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LifeEvent {
    /// The entry of the journal that says so.
    pub entry: u64,
    /// RFC 3339.
    pub at: String,
    /// submitted, expected, at_once, put_off, reserved, placed, started, part, stopping, yielded, ended, billed, corrected or disputed.
    pub what: String,
    /// Which attempt, counted from 1, where it is about one.
    pub attempt: Option<u32>,
    /// Where, where it is about a place.
    pub pool: Option<String>,
    /// In a sentence.
    pub text: String,
}

/// What became of a job.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Life {
    /// Oldest first.
    pub events: Vec<LifeEvent>,
}

/// How long a job waited by choice until an instant, by what happened to it.
pub(super) fn waited_by_choice(entries: &[Entry], until: Time) -> Span {
    let (mut waited, mut choice): (Span, Option<(Time, Time)>) = (Span::ZERO, None);
    let mut close = |choice: &mut Option<(Time, Time)>, at: Time| {
        if let Some((since, end)) = choice.take() {
            waited += Span((end.min(at) - since).0.max(0));
        }
    };
    for entry in entries {
        match &entry.body {
            Body::Fact(Fact::PutOff(_, end)) => {
                close(&mut choice, entry.at);
                choice = (*end > entry.at).then_some((entry.at, *end));
            }
            // It is suspended for such hours.
            Body::Fact(Fact::Yielded(..) | Fact::Placed(..) | Fact::Ended(..)) => close(&mut choice, entry.at),
            _ => {}
        }
    }
    close(&mut choice, until);
    waited
}

/// A pool as a sentence needs it: its name, its provider, its nodes.
struct Known {
    name: String,
    provider: String,
    nodes: Vec<String>,
}

/// Everything that happened to a job, oldest first. A provider is told what happened at its own pools.
#[utoipa::path(get, path = "/v1/jobs/{id}/history", operation_id = "job_history", tag = "jobs", params(("id" = String, Path)),
    responses((status = 200, body = Life), (status = 404)))]
pub(crate) async fn history(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    Path(id): Path<String>,
) -> Result<Json<Life>, Error> {
    let row = find(&app, &who, &id).await?;
    let (reader, job) = (app.reader.clone(), row.id);
    let entries = blocking(move || reader.life(job)).await??;
    let places: Vec<PoolId> = entries.iter().filter_map(|entry| pool_of(&entry.body)).collect();
    let pools = app.hub.look(move |ledger| {
        let known = |id: &PoolId| {
            let pool = ledger.hub.pools.get(id)?;
            let nodes = pool.nodes.iter().map(|state| state.node.name.clone()).collect();
            let known = Known { name: pool.join.name.to_string(), provider: pool.join.provider.to_string(), nodes };
            Some((*id, known))
        };
        places.iter().filter_map(known).collect::<BTreeMap<PoolId, Known>>()
    });
    let pools = pools.await?;
    let own = |entry: &Entry| {
        let pool = pool_of(&entry.body).and_then(|id| pools.get(&id));
        who.provider().is_none_or(|own| pool.is_none_or(|pool| pool.provider == own.as_str()))
    };
    let mut attempt = 0;
    let mut events = Vec::new();
    for entry in &entries {
        if matches!(entry.body, Body::Fact(Fact::Placed(..))) {
            attempt += 1;
        }
        if own(entry)
            && let Some((what, text)) = told(entry, &row.spec, &row.tenant, &pools)
        {
            let of_attempt = !matches!(what, "submitted" | "expected" | "at_once" | "reserved");
            events.push(LifeEvent {
                entry: entry.seq,
                at: entry.at.to_string(),
                what: what.to_owned(),
                attempt: (of_attempt && attempt > 0).then_some(attempt),
                pool: pool_of(&entry.body).and_then(|id| pools.get(&id)).map(|pool| pool.name.clone()),
                text,
            });
        }
    }
    Ok(Json(Life { events }))
}

fn pool_of(body: &Body) -> Option<PoolId> {
    match body {
        Body::Fact(Fact::Placed(_, place)) => Some(place.pool),
        Body::Fact(Fact::Reserved(_, Some(reservation))) => Some(reservation.pool),
        Body::Fact(Fact::AtOnce(_, pool, _)) => Some(*pool),
        Body::Settled(bill) | Body::Attempted(bill) => bill.place.as_ref().map(|(pool, _)| *pool),
        Body::Corrected(correction) => correction.bill.place.as_ref().map(|(pool, _)| *pool),
        _ => None,
    }
}

/// Names of nodes, the first few of them.
fn nodes(pool: Option<&Known>, positions: impl Iterator<Item = u32>) -> String {
    let all: Vec<String> = positions
        .map(|at| pool.and_then(|pool| pool.nodes.get(at as usize)).cloned().unwrap_or_else(|| format!("node {at}")))
        .collect();
    match all.len() {
        0..=4 => all.join(", "),
        many => format!("{} and {} more", all[..3].join(", "), many - 3),
    }
}

fn placed(place: &Place, spec: &Spec, pool: Option<&Known>) -> String {
    let on = nodes(pool, place.slots.iter().map(|slot| slot.node));
    let milli: u64 = place.slots.iter().map(dispatch::Slot::milli).sum();
    let held = match milli {
        0 => counted(place.cores().0 as f64 / 1000.0, "core"),
        milli if milli < 1000 => format!("{} of a device", milli as f64 / 1000.0),
        many => counted(many as f64 / 1000.0, "device"),
    };
    let asks = spec.shape.asks.len();
    let which = if asks > 1 { format!(", its alternative {} of {asks}", place.ask + 1) } else { String::new() };
    let rate = place.rate;
    let free = rate.device_hour.0 == 0 && rate.core_hour.0 == 0;
    let price = if free {
        "at no charge".to_owned()
    } else {
        format!("at {} a device-hour and {} a core-hour", rate.device_hour, rate.core_hour)
    };
    format!("is given {held} on {on}{which}, {price}")
}

fn told(entry: &Entry, spec: &Spec, tenant: &str, pools: &BTreeMap<PoolId, Known>) -> Option<(&'static str, String)> {
    let pool = |id: PoolId| pools.get(&id);
    Some(match &entry.body {
        Body::Fact(Fact::Submitted(..)) => ("submitted", format!("was submitted by {tenant}")),
        Body::Fact(Fact::Expected(_, span)) => ("expected", format!("is expected to run {span}")),
        Body::Fact(Fact::PutOff(_, until)) if *until > entry.at => {
            ("put_off", format!("waits by choice, for hours that are cheaper or cleaner, until {until} or sooner"))
        }
        Body::Fact(Fact::PutOff(..)) => ("put_off", "waits by choice no more".to_owned()),
        Body::Fact(Fact::AtOnce(_, at, since)) => {
            let name = pool(*at).map_or("a pool", |known| &known.name);
            (
                "at_once",
                format!("would begin on {name} at {since} and not pause, had it no choice: what it emits is compared with that"),
            )
        }
        Body::Fact(Fact::Reserved(_, Some(kept))) => {
            let on = nodes(pool(kept.pool), kept.nodes.iter().copied());
            ("reserved", format!("has {on} kept for it, expected to be free at {}", kept.at))
        }
        Body::Fact(Fact::Reserved(_, None)) => ("reserved", "has no nodes kept for it any more".to_owned()),
        Body::Fact(Fact::Placed(_, place)) => ("placed", placed(place, spec, pool(place.pool))),
        Body::Fact(Fact::Started(_)) => ("started", "runs".to_owned()),
        Body::Fact(Fact::Heard(_, _, dispatch::Report::Ended(end, _))) => ("part", format!("one of its parts {end}")),
        Body::Fact(Fact::StopWanted(_, stop)) => ("stopping", stopped(*stop)),
        Body::Fact(Fact::Yielded(_, end, _, until)) => {
            let later = if *until > entry.at { format!(", not before {until}") } else { String::new() };
            ("yielded", format!("{end}, and waits for another attempt{later}"))
        }
        Body::Fact(Fact::Ended(_, end, _)) => ("ended", end.to_string()),
        Body::Settled(bill) | Body::Attempted(bill) => {
            bill.place.as_ref()?;
            ("billed", format!("is billed {} for {} of running", bill.price, bill.run))
        }
        Body::Corrected(correction) => {
            let price = correction.bill.price;
            ("corrected", format!("is billed {price} instead of {}: {}", correction.was, correction.why))
        }
        Body::Disputed(dispute) => ("disputed", format!("its bill is contested by the {}: {}", dispute.by, dispute.reason)),
        _ => return None,
    })
}

fn stopped(stop: Stop) -> String {
    match stop {
        Stop::Cancelled => "is stopped on request".to_owned(),
        Stop::Preempted { by, rule: Rule::Priority } => format!("gives way to {by}, whose priority is higher"),
        Stop::Preempted { by, rule: Rule::Reclaim } => format!("gives way to {by}, whose tenant takes back what it lent"),
        Stop::Suspended { until } => format!("is suspended: cheaper or cleaner hours are ahead, it goes on at {until} or sooner"),
        Stop::Capped => "is stopped because its site or rack draws more than it may, or would".to_owned(),
        Stop::Drained => "is stopped because its node, pool or site closes".to_owned(),
        Stop::Broken => "is stopped because another part of it ended badly".to_owned(),
    }
}
