//! What was charged, line by line: the facts behind the lines of a statement.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use measure::{Carbon, CoreTime, DeviceTime, Energy, JobId, Money};
use serde::{Deserialize, Serialize};
use settle::Body;
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::error::Error;
use super::extract::Query;
use super::jobs::blocking;
use super::money::period;
use super::view::Yuan;
use crate::access::Grant;
use crate::export::ChargeLine;
use crate::store::{ChargePage, Reader, StoreFault};

/// Which charges.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChargeQuery {
    /// A year, month or day; this month if left out.
    period: Option<String>,
    /// Only this tenant's.
    tenant: Option<String>,
    /// Only this provider's.
    provider: Option<String>,
    /// Only at this pool.
    pool: Option<String>,
    /// `next` of the page before.
    after: Option<u64>,
    /// 1 to 1000; 100 if left out.
    limit: Option<u32>,
}

/// What an attempt of a job was charged, or by what a correction changed that.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ChargeView {
    /// The entry of the journal that says so.
    pub entry: u64,
    /// The entry of the bill or correction that it replaces; amounts are differences to that one then.
    pub corrects: Option<u64>,
    /// The entry of the attempt's first bill, where this corrects it or a correction of it.
    #[serde(default)]
    pub original: Option<u64>,
    /// RFC 3339.
    pub at: String,
    /// The job.
    pub job: String,
    /// What its tenant calls it.
    pub job_name: String,
    /// Which attempt, counted from 1.
    pub attempt: u32,
    /// Who pays.
    pub tenant: String,
    /// Who receives.
    pub provider: String,
    /// Where it ran.
    pub pool: String,
    /// How long it ran.
    pub run_s: f64,
    /// Devices held.
    pub device_hours: f64,
    /// Cores held.
    pub core_hours: f64,
    /// Energy.
    pub energy_kwh: f64,
    /// How that is known.
    pub energy_source: String,
    /// Carbon; null where no factor is known.
    pub carbon_kg: Option<f64>,
    /// What it would have emitted, begun at once where it first fitted; as `carbon_kg` where its job made no use of a choice.
    pub carbon_at_once_kg: Option<f64>,
    /// The price.
    #[schema(value_type = f64)]
    pub price_yuan: Yuan,
    /// The hub's share of it.
    #[schema(value_type = f64)]
    pub fee_yuan: Yuan,
    /// What of the price was paid with credits.
    #[schema(value_type = f64)]
    pub credit_yuan: Yuan,
}

/// A page of charges.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ChargeList {
    /// `2026-11`, in the hub's local time.
    pub period: String,
    /// Newest first.
    pub charges: Vec<ChargeView>,
    /// Give it as `after` for the next page; null on the last.
    pub next: Option<u64>,
}

impl ChargeView {
    /// `replaced` are the entries that corrections replace, where they are known.
    fn of(line: ChargeLine, replaced: &BTreeMap<u64, u64>) -> ChargeView {
        ChargeView {
            entry: line.entry,
            corrects: line.corrects.map(|first| replaced.get(&line.entry).copied().unwrap_or(first)),
            original: line.corrects,
            at: line.at.to_string(),
            job: line.job.to_string(),
            job_name: line.job_name,
            attempt: line.attempt,
            tenant: line.tenant,
            provider: line.provider,
            pool: line.pool,
            run_s: line.run as f64 / 1000.0,
            device_hours: DeviceTime(line.device_time).as_device_hours(),
            core_hours: CoreTime(line.core_time).as_core_seconds() / 3600.0,
            energy_kwh: Energy(line.energy).as_kwh(),
            energy_source: line.energy_source,
            carbon_kg: line.carbon.map(|carbon| Carbon(carbon).as_kg()),
            carbon_at_once_kg: line.carbon_at_once.map(|carbon| Carbon(carbon).as_kg()),
            price_yuan: Yuan(Money(line.price)),
            fee_yuan: Yuan(Money(line.fee)),
            credit_yuan: Yuan(Money(line.credit)),
        }
    }
}

/// What was charged and corrected in a period, newest first. A tenant sees its own and its projects', a provider what ran in its pools.
#[utoipa::path(get, path = "/v1/charges", tag = "money", params(ChargeQuery), responses((status = 200, body = ChargeList), (status = 400)))]
pub(crate) async fn charges(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    Query(query): Query<ChargeQuery>,
) -> Result<Json<ChargeList>, Error> {
    let limit = query.limit.unwrap_or(100);
    if !(1..=1000).contains(&limit) {
        return Err(Error::field("limit", "lies between 1 and 1000"));
    }
    let period = period(&app, query.period).await?;
    super::jobs::own_only(&app, &who, query.tenant.as_deref(), query.provider.as_deref()).await?;
    let page = ChargePage {
        tenants: super::jobs::listed(&app, &who, query.tenant).await?,
        provider: who.provider().map(ToString::to_string).or(query.provider),
        pool: query.pool,
        from: period.from,
        to: period.to,
        before: query.after,
        // One more tells whether there is another page.
        limit: limit + 1,
    };
    let reader = app.reader.clone();
    let read = move || {
        let mut lines = reader.charge_page(&page)?;
        let more = lines.len() > limit as usize;
        lines.truncate(limit as usize);
        let replaced = replaced(&reader, &lines)?;
        Ok::<_, StoreFault>((lines, replaced, more))
    };
    let (lines, replaced, more) = blocking(read).await??;
    let next = lines.last().map(|line| line.entry).filter(|_| more);
    let charges = lines.into_iter().map(|line| ChargeView::of(line, &replaced)).collect();
    Ok(Json(ChargeList { period: period.to_string(), charges, next }))
}

/// By correction, the entry that it replaces: the lines themselves name the first bill of the attempt.
fn replaced(reader: &Reader, lines: &[ChargeLine]) -> Result<BTreeMap<u64, u64>, StoreFault> {
    let jobs: BTreeSet<JobId> = lines.iter().filter(|line| line.corrects.is_some()).map(|line| line.job).collect();
    let mut replaced = BTreeMap::new();
    for job in jobs {
        replaced.extend(reader.life(job)?.into_iter().filter_map(|entry| match entry.body {
            Body::Corrected(correction) => Some((entry.seq, correction.of)),
            _ => None,
        }));
    }
    Ok(replaced)
}
