//! What is read and measured of the census's things: signals hour by hour, benchmarks of pools, what a site drew, and what was said before.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use census::{Change, Measured, Readings, SeriesKey, SeriesKind};
use dispatch::Request;
use measure::{Class, Cpu, Devices, Precision, Span, Time};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::accounts::{instant, micro};
use super::error::Error;
use super::extract::{Path, Query};
use super::jobs::{blocking, find, parse};
use super::rules::{ask, named};
use super::view::Yuan;
use crate::access::{Grant, Role};
use crate::clock;
use crate::outlook::outlook;

/// Some readings of a price, a carbon factor, a PUE or a power.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignalForm {
    /// electricity (yuan/kWh), carbon (kg/kWh), pue, or power (kW).
    kind: String,
    /// `site:ID`, or a region.
    scope: String,
    /// Where they are from.
    source: String,
    /// Instants and values. One of an instant that is known replaces it.
    readings: Vec<SignalReading>,
}

/// One reading.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignalReading {
    /// From when it holds.
    at: String,
    /// In the kind's unit.
    #[schema(value_type = f64)]
    value: Box<serde_json::value::RawValue>,
}

/// What was taken over.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignalsTaken {
    /// Readings that are new or changed something.
    taken: usize,
    /// Readings that were known already.
    known: usize,
}

/// Takes readings over. A provider tells of sites of its own.
#[utoipa::path(post, path = "/v1/signals", tag = "census", request_body = SignalForm, responses((status = 200, body = SignalsTaken), (status = 400), (status = 403)))]
pub(crate) async fn signal(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    body: Bytes,
) -> Result<Json<SignalsTaken>, Error> {
    let form: SignalForm = parse(&body)?;
    let kind: SeriesKind = form.kind.parse().map_err(|problem: measure::Malformed| Error::field("kind", &problem.to_string()))?;
    let site = form.scope.strip_prefix("site:").map(|id| named("scope", id)).transpose()?;
    if let Some(site) = site.clone() {
        let (wanted, own) = (site.clone(), who.clone());
        let (known, may) = app
            .hub
            .look(move |ledger| {
                let known = ledger.hub.census.sites.get(&wanted);
                (known.is_some(), known.is_some_and(|site| site.provider.as_ref() == Some(&own.subject)))
            })
            .await?;
        if !known {
            return Err(Error::field("scope", &format!("there is no site {site}")));
        }
        if who.role == Role::Provider && !may {
            return Err(Error::forbidden("a provider tells of its own sites"));
        }
    } else if who.role == Role::Provider {
        return Err(Error::forbidden("a provider tells of its own sites: the scope is site:ID"));
    }
    if kind == SeriesKind::PowerCap && site.is_none() {
        return Err(Error::field("scope", "what may be drawn is said site by site: site:ID"));
    }
    /// Clocks differ by some seconds, and markets tell tomorrow's prices today.
    const AHEAD: Span = Span(72 * 3_600_000);
    let now = clock::now();
    let mut values = Vec::with_capacity(form.readings.len());
    for (at, reading) in form.readings.iter().enumerate() {
        let field = |name: &str| format!("readings[{at}].{name}");
        let (time, value) = (instant(&field("at"), &reading.at)?, micro(&field("value"), &reading.value)?);
        kind.sensible(value).map_err(|problem| Error::field(&field("value"), problem))?;
        if time < Time(0) {
            return Err(Error::field(&field("at"), "lies before 1970, when nothing was metered"));
        }
        if time > now + AHEAD {
            return Err(Error::field(&field("at"), "lies more than three days ahead"));
        }
        if values.last().is_some_and(|(last, _)| time <= *last) {
            return Err(Error::field(&field("at"), "does not lie after the one before it: a clock ran backward"));
        }
        values.push((time, value));
    }
    let (scope, source, count) = (form.scope, form.source, values.len());
    let key = (kind, scope.clone());
    let (fresh, outlook) = app
        .hub
        .look(move |ledger| {
            let known = ledger.hub.census.series.get(&key);
            values.retain(|(at, value)| known.and_then(|known| known.get(at)) != Some(value));
            let past = known.map(|known| known.range(crate::outlook::since(now)..)).into_iter().flatten();
            let mut series: census::Series = past.map(|(at, value)| (*at, *value)).collect();
            series.extend(values.iter().copied());
            (values, outlook(key.0, &key.1, &series, now))
        })
        .await?;
    let taken = fresh.len();
    if taken > 0 {
        let readings = Change::Readings(Readings { kind, scope, values: fresh, source });
        ask(&app, Request::Census([readings].into_iter().chain(outlook).collect())).await?;
    }
    Ok(Json(SignalsTaken { taken, known: count - taken }))
}

/// Of which series, and from when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignalQuery {
    /// electricity, carbon, pue, power or power-cap; all if left out.
    kind: Option<String>,
    /// `site:ID` or a region; all if left out.
    scope: Option<String>,
    /// From when on; the last day if left out.
    from: Option<String>,
    /// Whether all models of forecasts are compared; some seconds for many signals.
    #[serde(default)]
    compare: bool,
}

/// A series.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignalView {
    kind: String,
    scope: String,
    unit: String,
    /// Instants and values.
    readings: Vec<(String, f64)>,
    /// What is foretold of the hours ahead, from what was read: instants and values.
    foretold: Vec<(String, f64)>,
    /// By which model.
    forecast: Option<String>,
    /// How far what was foretold a day ahead was off in the last thirty days, on average, as a part of the mean reading.
    forecast_error: Option<f64>,
    /// The same of each model there is, where they were to be compared.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    errors: BTreeMap<String, f64>,
}

/// Series.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignalList {
    signals: Vec<SignalView>,
}

/// Readings, hour by hour.
#[utoipa::path(get, path = "/v1/signals", tag = "census", params(SignalQuery), responses((status = 200, body = SignalList)))]
pub(crate) async fn signals(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    Query(query): Query<SignalQuery>,
) -> Result<Json<SignalList>, Error> {
    let from = query.from.as_deref().map(|text| instant("from", text)).transpose()?;
    let now = clock::now();
    let from = from.unwrap_or(now + Span(-24 * Span::HOUR.0));
    let list = app.hub.look(move |ledger| {
        // What a site draws is its provider's business, and the hub's.
        let sites = &ledger.hub.census.sites;
        let own = |scope: &str| {
            let site = scope.strip_prefix("site:").and_then(|id| sites.get(&id.parse().ok()?));
            site.is_some_and(|site| site.provider.as_ref() == Some(&who.subject))
        };
        let may = |kind: &SeriesKind, scope: &str| match (who.role, kind) {
            (Role::Operator | Role::Auditor, _) => true,
            (Role::Provider, SeriesKind::Power | SeriesKind::PowerCap) => own(scope),
            (_, kind) => !matches!(kind, SeriesKind::Power | SeriesKind::PowerCap),
        };
        let wanted = |kind: &SeriesKind, scope: &str| {
            query.kind.as_ref().is_none_or(|wanted| *wanted == kind.to_string())
                && query.scope.as_ref().is_none_or(|wanted| wanted == scope)
        };
        let all = ledger.hub.census.series.iter().filter(|((kind, scope), _)| may(kind, scope) && wanted(kind, scope));
        let view = |(key, series): (&(SeriesKind, String), &census::Series)| {
            let outlook = ledger.hub.census.outlooks.get(key);
            let hour = |(hour, value): (usize, &i64), from: Time| {
                ((from + Span(hour as i64 * Span::HOUR.0)).to_string(), *value as f64 / 1e6)
            };
            SignalView {
                kind: key.0.to_string(),
                scope: key.1.clone(),
                unit: key.0.unit().to_owned(),
                readings: series.range(from..).map(|(at, value)| (at.to_string(), *value as f64 / 1e6)).collect(),
                foretold: outlook
                    .iter()
                    .flat_map(|outlook| outlook.values.iter().enumerate().map(|one| hour(one, outlook.from)))
                    .collect(),
                forecast: outlook.map(|outlook| outlook.source.clone()),
                forecast_error: outlook.and_then(|outlook| outlook.error_permille).map(|permille| f64::from(permille) / 1e3),
                errors: BTreeMap::new(),
            }
        };
        let past = |key: &SeriesKey, series: &census::Series| {
            let since = series.range(crate::outlook::since(now)..).map(|(at, value)| (*at, *value));
            query.compare.then(|| (key.0, since.collect::<census::Series>()))
        };
        all.map(|(key, series)| (view((key, series)), past(key, series))).collect::<Vec<_>>()
    });
    let list = list.await?;
    // Models take their time, and none of the hub's.
    let compared = move |(mut view, past): (SignalView, Option<(SeriesKind, census::Series)>)| {
        if let Some((kind, series)) = past {
            view.errors = crate::outlook::errors(kind, &series, now);
        }
        view
    };
    let signals = blocking(move || list.into_iter().map(compared).collect()).await?;
    Ok(Json(SignalList { signals }))
}

/// What a benchmark found.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MeasurementForm {
    /// The job that ran it.
    job: String,
    /// fp64, fp32, tf32, fp16, fp8, fp4 or int8.
    precision: String,
    /// The rate that was reached, of all devices or cores of the job together.
    #[schema(value_type = f64)]
    tflops: Box<serde_json::value::RawValue>,
    /// What ran, in words.
    method: String,
}

/// Enters what a benchmark found, run by a job that ended well: on its devices, or on its cores where its pool has none.
#[utoipa::path(post, path = "/v1/measurements", tag = "census", request_body = MeasurementForm, responses((status = 200, body = Object), (status = 400), (status = 409)))]
pub(crate) async fn measured(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    body: Bytes,
) -> Result<Json<serde_json::Value>, Error> {
    let form: MeasurementForm = parse(&body)?;
    let row = find(&app, &who, &form.job).await?;
    let (Some(pool), "done") = (row.pool.clone(), row.state.as_str()) else {
        return Err(Error::new(
            StatusCode::CONFLICT,
            "not_measured",
            &format!("{} is {} and has measured nothing", row.id, row.state),
        ));
    };
    let precision: Precision =
        form.precision.parse().map_err(|problem: measure::Malformed| Error::field("precision", &problem.to_string()))?;
    let mega = micro("tflops", &form.tflops)?;
    if mega <= 0 {
        return Err(Error::field("tflops", "a benchmark that reached nothing has measured nothing"));
    }
    let (id, reader) = (row.id, app.reader.clone());
    let place = blocking(move || reader.place(id)).await??.ok_or_else(|| Error::not_found(&format!("{id} has no place")))?;
    let on_cores = place.slots.iter().all(|slot| slot.devices == 0);
    let devices = Devices(place.slots.iter().map(|slot| slot.devices.count_ones()).sum());
    let found = Measured {
        pool: named("pool", &pool)?,
        job: id,
        at: row.ended.unwrap_or_else(clock::now),
        class: if on_cores { Class::General } else { Class::Intelligent },
        precision,
        devices,
        cores: if on_cores { place.cores() } else { Cpu(0) },
        mega: mega.unsigned_abs(),
        method: form.method,
    };
    let view = serde_json::to_value(&found).map_err(|error| Error::field("method", &error.to_string()))?;
    ask(&app, Request::Census(vec![Change::Measured(found)])).await?;
    Ok(Json(view))
}

/// What a site drew in a period.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SiteEnergyView {
    site: String,
    /// `2026-11`, in the hub's local time.
    period: String,
    #[serde(flatten)]
    #[schema(value_type = Object)]
    energy: census::SiteEnergy,
    /// What the energy cost by the price of each hour; null where one has none.
    #[schema(value_type = Option<f64>)]
    energy_cost_yuan: Option<Yuan>,
    /// The highest reading × the demand price of a two-part tariff, in a month; null without one.
    #[schema(value_type = Option<f64>)]
    demand_cost_yuan: Option<Yuan>,
}

/// What a site drew in a period by readings of its power, what that cost and emitted, its PUE and CUE. A provider sees its own sites.
#[utoipa::path(get, path = "/v1/sites/{name}/energy", tag = "census", params(("name" = String, Path), super::money::BookQuery),
    responses((status = 200, body = SiteEnergyView), (status = 404)))]
pub(crate) async fn site_energy(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    Path(name): Path<String>,
    Query(query): Query<super::money::BookQuery>,
) -> Result<Json<SiteEnergyView>, Error> {
    let site = named("name", &name)?;
    let period = super::money::period(&app, query.period).await?;
    let (wanted, from, to) = (site.clone(), period.from, period.to);
    let found = app.hub.look(move |ledger| {
        let known = ledger.hub.census.sites.get(&wanted)?;
        let may = who.owns(known.provider.as_ref());
        may.then(|| ledger.hub.census.site_energy(&wanted, from, to))
    });
    let none = || Error::not_found(&format!("there is no site {site}"));
    let energy = found.await?.ok_or_else(none)?;
    let energy = energy
        .ok_or_else(|| Error::not_found(&format!("nobody read the power of {site} in {period}; docs/census.md says how")))?;
    let month = period.to_string().len() == 7;
    Ok(Json(SiteEnergyView {
        site: site.to_string(),
        period: period.to_string(),
        energy_cost_yuan: energy.energy_cost.map(Yuan),
        demand_cost_yuan: energy.demand_cost.filter(|_| month).map(Yuan),
        energy,
    }))
}

/// Of which row.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct HistoryQuery {
    /// The id of a row of the census: a figure, site, provider, tariff, target.
    id: String,
}

/// Everything that was ever said of a row of the census, oldest first: what was restated is still there.
#[utoipa::path(get, path = "/v1/census/history", tag = "census", params(HistoryQuery), responses((status = 200, body = Object), (status = 404)))]
pub(crate) async fn history(
    State(app): State<Arc<App>>,
    Query(query): Query<HistoryQuery>,
) -> Result<Json<serde_json::Value>, Error> {
    let id = named("id", &query.id)?;
    let (reader, wanted) = (app.reader.clone(), id.clone());
    let rows = blocking(move || reader.history(&wanted)).await??;
    if rows.is_empty() {
        return Err(Error::not_found(&format!("the census never had a row {id}")));
    }
    Ok(Json(serde_json::json!({ "id": id.to_string(), "history": rows })))
}
