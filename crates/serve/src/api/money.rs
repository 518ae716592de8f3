//! Statements and the book.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use measure::{Money, Time};
use serde::{Deserialize, Serialize};
use settle::{Account, Period};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::error::Error;
use super::extract::{Path, Query};
use super::jobs::{blocking, may_reach};
use super::view::{AccountView, BookView, EmittedView, Statement, StatementLine, Yuan};
use crate::access::{Grant, Role};
use crate::clock;
use crate::export::parquet;
use crate::focus::{Export, Payer, Where};
use crate::store::StatementRow;

/// Whose statement, of when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatementQuery {
    /// A tenant's; its own or a project's, where a tenant asks.
    tenant: Option<String>,
    /// A provider's; a provider's token says it already.
    provider: Option<String>,
    /// A year, month or day; this month if left out.
    period: Option<String>,
}

pub(super) async fn period(app: &App, text: Option<String>) -> Result<Period, Error> {
    let offset = app.hub.look(|ledger| ledger.hub.census.hub.utc_offset_hours).await?;
    let this_month = || {
        let local = clock::now() + measure::Span(offset * measure::Span::HOUR.0);
        local.date().chars().take(7).collect()
    };
    Period::parse(&text.unwrap_or_else(this_month), offset).map_err(|problem| Error::field("period", &problem.to_string()))
}

/// What a tenant pays or a provider receives for the jobs settled in a period.
#[utoipa::path(get, path = "/v1/statements", tag = "money", params(StatementQuery), responses((status = 200, body = Statement), (status = 403), (status = 404)))]
pub(crate) async fn statements(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    Query(query): Query<StatementQuery>,
) -> Result<Json<Statement>, Error> {
    let own = who.subject.to_string();
    let (tenant, provider) = match (who.role, query.tenant, query.provider) {
        (_, Some(_), Some(_)) => return Err(Error::field("provider", "a statement is a tenant's or a provider's, not both")),
        (Role::Operator | Role::Auditor, None, None) => {
            return Err(Error::field("tenant", "say whose statement: tenant or provider"));
        }
        (Role::Operator | Role::Auditor, tenant, provider) => (tenant, provider),
        (Role::Tenant, None, None) => (Some(own), None),
        (Role::Tenant, Some(tenant), None) if may_reach(&app, &who, &tenant).await? => (Some(tenant), None),
        (Role::Provider, None, provider) if provider.as_ref().is_none_or(|provider| *provider == own) => (None, Some(own)),
        _ => return Err(Error::forbidden("a token sees its own statements only")),
    };
    let period = period(&app, query.period).await?;
    let for_provider = provider.is_some();
    let name = tenant.clone().or_else(|| provider.clone()).unwrap_or_default();
    let known_name = name.clone();
    let known = app.hub.look(move |ledger| {
        let hub = &ledger.hub;
        let census = hub.census.providers.keys().any(|id| id.as_str() == known_name);
        let pools = hub.pools.values().any(|pool| pool.join.provider.as_str() == known_name);
        let tenants = hub.tenants.values().any(|tenant| tenant.name.as_str() == known_name);
        if for_provider { census || pools } else { tenants }
    });
    if !known.await? {
        let kind = if for_provider { "provider" } else { "tenant" };
        return Err(Error::not_found(&format!("there is no {kind} {name}")));
    }
    let (reader, from, to) = (app.reader.clone(), period.from, period.to);
    let rows = blocking(move || reader.statement(tenant.as_deref(), provider.as_deref(), from, to)).await??;
    let lines: Vec<StatementLine> = rows.into_iter().map(|row| StatementLine::of(row, for_provider)).collect();
    let total: Money = lines.iter().map(|line| line.amount_yuan.0).sum();
    Ok(Json(Statement {
        kind: if for_provider { "provider" } else { "tenant" }.to_owned(),
        name,
        period: period.to_string(),
        currency: Money::CURRENCY.to_owned(),
        lines,
        total_yuan: Yuan(total),
    }))
}

/// Of when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct BookQuery {
    /// A year, month or day, or `all`; this month if left out.
    pub(super) period: Option<String>,
}

/// Every account's movements, and their sum, which is exactly zero.
#[utoipa::path(get, path = "/v1/books", tag = "money", params(BookQuery), responses((status = 200, body = BookView)))]
pub(crate) async fn books(State(app): State<Arc<App>>, Query(query): Query<BookQuery>) -> Result<Json<BookView>, Error> {
    let (text, from, to) = if query.period.as_deref() == Some("all") {
        ("all".to_owned(), Time(i64::MIN), Time(i64::MAX))
    } else {
        let period = period(&app, query.period).await?;
        (period.to_string(), period.from, period.to)
    };
    let reader = app.reader.clone();
    let (rows, postings) = blocking(move || reader.book(from, to)).await??;
    let tenants = app.hub.look(|ledger| ledger.hub.tenants.clone()).await?;
    let view = |row: crate::store::BookRow| {
        let (kind, name) = match &row.account {
            Account::Tenant(id) => ("tenant", tenants.get(id).map_or_else(|| id.to_string(), |tenant| tenant.name.to_string())),
            Account::Provider(name) => ("provider", name.to_string()),
            Account::Hub => ("hub", "hub".to_owned()),
            Account::Credit(id) => ("credit", tenants.get(id).map_or_else(|| id.to_string(), |tenant| tenant.name.to_string())),
            Account::Grants => ("grants", "grants".to_owned()),
        };
        AccountView {
            account: row.account.to_string(),
            kind: kind.to_owned(),
            name,
            received_yuan: Yuan(Money(row.received)),
            paid_yuan: Yuan(Money(row.paid)),
            balance_yuan: Yuan(Money(row.received) - Money(row.paid)),
        }
    };
    let accounts: Vec<AccountView> = rows.into_iter().map(view).collect();
    let balance: Money = accounts.iter().map(|account| account.balance_yuan.0).sum();
    Ok(Json(BookView { period: text, currency: Money::CURRENCY.to_owned(), accounts, postings, balance_yuan: Yuan(balance) }))
}

/// Everybody's statements of a period.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Statements {
    /// `2026-11`, in the hub's local time.
    period: String,
    /// Tenants' first, then providers', by name.
    statements: Vec<Statement>,
    /// What all tenants pay.
    #[schema(value_type = f64)]
    paid_yuan: Yuan,
    /// What all providers receive.
    #[schema(value_type = f64)]
    received_yuan: Yuan,
    /// The hub's fees. Paid = received + fees, exactly.
    #[schema(value_type = f64)]
    fee_yuan: Yuan,
}

/// Everybody's statements of a period at once.
#[utoipa::path(get, path = "/v1/statements/all", tag = "money", params(BookQuery), responses((status = 200, body = Statements)))]
pub(crate) async fn all_statements(
    State(app): State<Arc<App>>,
    Query(query): Query<BookQuery>,
) -> Result<Json<Statements>, Error> {
    let period = period(&app, query.period).await?;
    let (reader, from, to) = (app.reader.clone(), period.from, period.to);
    let rows = blocking(move || reader.all_statements(from, to)).await??;
    let mut tenants: BTreeMap<String, Vec<StatementLine>> = BTreeMap::new();
    let mut providers: BTreeMap<String, Vec<StatementLine>> = BTreeMap::new();
    let (mut paid, mut fees) = (Money::ZERO, Money::ZERO);
    for (tenant, row) in rows {
        paid += Money(row.price);
        fees += Money(row.fee);
        let provider = row.counterpart.clone();
        tenants.entry(tenant.clone()).or_default().push(StatementLine::of(row.clone(), false));
        providers.entry(provider).or_default().push(StatementLine::of(StatementRow { counterpart: tenant, ..row }, true));
    }
    let statement = |kind: &str, (name, lines): (String, Vec<StatementLine>)| Statement {
        kind: kind.to_owned(),
        name,
        period: period.to_string(),
        currency: Money::CURRENCY.to_owned(),
        total_yuan: Yuan(lines.iter().map(|line| line.amount_yuan.0).sum()),
        lines,
    };
    let all = tenants.into_iter().map(|one| statement("tenant", one));
    let statements: Vec<Statement> = all.chain(providers.into_iter().map(|one| statement("provider", one))).collect();
    Ok(Json(Statements {
        period: period.to_string(),
        statements,
        paid_yuan: Yuan(paid),
        received_yuan: Yuan(paid - fees),
        fee_yuan: Yuan(fees),
    }))
}

/// What was charged in a period, for other programs: `focus` is FOCUS 1.2 as CSV, `parquet` a table for analysts.
#[utoipa::path(get, path = "/v1/exports/{format}", tag = "money", params(("format" = String, Path), BookQuery),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = 404)))]
pub(crate) async fn export(
    State(app): State<Arc<App>>,
    Path(format): Path<String>,
    Query(query): Query<BookQuery>,
) -> Result<Response, Error> {
    let period = period(&app, query.period).await?;
    let (reader, from, to) = (app.reader.clone(), period.from, period.to);
    let broken = |error: &dyn std::fmt::Display| Error::new(StatusCode::INTERNAL_SERVER_ERROR, "export", &error.to_string());
    match format.as_str() {
        "parquet" => {
            let lines = blocking(move || reader.charges(from, to)).await??;
            let file = blocking(move || parquet(&lines)).await?.map_err(|error| broken(&error))?;
            Ok(([(header::CONTENT_TYPE, "application/vnd.apache.parquet")], file).into_response())
        }
        "focus" => {
            let (hub, tenants, pools) = app.hub.look(|ledger| sides(&ledger.hub)).await?;
            let lines = blocking(move || reader.bills(from, to)).await??;
            let export = Export { hub, period, tenants, pools, lines };
            let (text, _) = blocking(move || export.csv()).await?.map_err(|error| broken(&error))?;
            Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], text).into_response())
        }
        other => Err(Error::not_found(&format!("there is no export `{other}`; there are focus and parquet"))),
    }
}

/// The hub's name, who pays for whom, and where pools stand.
fn sides(hub: &dispatch::Hub) -> (String, BTreeMap<String, Payer>, BTreeMap<String, Where>) {
    let top = |mut id: measure::TenantId| {
        while let Some(parent) = hub.tenants.get(&id).and_then(|tenant| tenant.terms.parent) {
            id = parent;
        }
        hub.tenants.get(&id).map(|tenant| tenant.name.to_string()).unwrap_or_default()
    };
    let payer = |(id, tenant): (&measure::TenantId, &dispatch::Tenant)| {
        let (name, organisation) = (tenant.name.to_string(), top(*id));
        let project = (name != organisation).then(|| name.clone());
        (name, Payer { organisation, project })
    };
    let place = |pool: &dispatch::Pool| {
        let site = pool.join.site.as_ref().and_then(|site| hub.census.sites.get(site));
        let place = Where {
            site: pool.join.site.as_ref().map(ToString::to_string),
            site_name: site.map(|site| site.name.clone()),
            zone: site.map(|site| site.zone.clone()).filter(|zone| zone != "unknown"),
            model: pool.model().map(str::to_owned),
        };
        (pool.join.name.to_string(), place)
    };
    let name = if hub.census.hub.name.is_empty() { "Shugu hub".to_owned() } else { hub.census.hub.name.clone() };
    (name, hub.tenants.iter().map(payer).collect(), hub.pools.values().map(place).collect())
}

/// The year's report as of a date.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportView {
    /// What is counted and published.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    report: census::Report,
    /// What the hub itself ran in the year, up to the date; for operators.
    operations: Option<Operations>,
}

/// What a hub ran in a year.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Operations {
    /// From when.
    from: String,
    /// Until when.
    to: String,
    /// Attempts that had a place and are over.
    attempts: i64,
    device_hours: f64,
    /// Device-hours over those of the connected devices in that time, as they are at its end; null where there are none.
    utilisation: Option<f64>,
    energy_kwh: f64,
    /// Carbon, location-based; null if unknown for any.
    carbon_kg: Option<f64>,
    /// Market-based.
    carbon_market_kg: Option<f64>,
    /// What would have been emitted, had all that chose its hours begun at once where it first fitted; location-based.
    carbon_at_once_kg: Option<f64>,
    /// Market-based.
    carbon_market_at_once_kg: Option<f64>,
    #[schema(value_type = f64)]
    paid_yuan: Yuan,
    #[schema(value_type = f64)]
    fee_yuan: Yuan,
}

/// The year's report: totals with their sources, growth, targets, contradictions, and what the hub itself ran.
#[utoipa::path(get, path = "/v1/report", tag = "census", params(super::state::CensusQuery), responses((status = 200, body = ReportView)))]
pub(crate) async fn report(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    Query(query): Query<super::state::CensusQuery>,
) -> Result<Json<ReportView>, Error> {
    let (census, pools, at, end) = super::state::as_of(&app, &query).await?;
    let offset = census.hub.utc_offset_hours;
    let year = Period::parse(at.date().get(..4).unwrap_or_default(), offset)
        .map_err(|problem| Error::field("at", &problem.to_string()))?;
    let to = end.min(year.to);
    let (reader, from) = (app.reader.clone(), year.from);
    let told = blocking(move || reader.totals(from, to)).await??;
    let connected: f64 = pools.iter().map(|pool| f64::from(pool.connected.0)).sum();
    let hours = measure::DeviceTime(told.device_time).as_device_hours();
    let span = (to - year.from).as_seconds() / 3600.0;
    let EmittedView { carbon_kg, carbon_market_kg, carbon_at_once_kg, carbon_market_at_once_kg } = EmittedView::of(told.emitted);
    let operations = Operations {
        from: year.from.to_string(),
        to: to.to_string(),
        attempts: told.attempts,
        device_hours: hours,
        utilisation: (connected > 0.0 && span > 0.0).then(|| hours / (connected * span)),
        energy_kwh: measure::Energy(told.energy).as_kwh(),
        carbon_kg,
        carbon_market_kg,
        carbon_at_once_kg,
        carbon_market_at_once_kg,
        paid_yuan: Yuan(Money(told.price)),
        fee_yuan: Yuan(Money(told.fee)),
    };
    let operations = who.sees_all().then_some(operations);
    Ok(Json(ReportView { report: census::report(&census, &pools, at), operations }))
}
