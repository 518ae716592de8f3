//! Statements and the book.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::{Extension, Json};
use measure::{Money, Time};
use serde::Deserialize;
use settle::{Account, Period};
use utoipa::IntoParams;

use super::App;
use super::error::Error;
use super::jobs::blocking;
use super::view::{AccountView, BookView, Statement, StatementLine, Yuan};
use crate::access::{Grant, Role};
use crate::clock;

/// Whose statement, of when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatementQuery {
    /// A tenant's; a tenant's token says it already.
    tenant: Option<String>,
    /// A provider's; a provider's token says it already.
    provider: Option<String>,
    /// A year, month or day; this month if left out.
    period: Option<String>,
}

async fn period(app: &App, text: Option<String>) -> Result<Period, Error> {
    let offset = app.hub.look(|ledger| ledger.hub.census.hub.utc_offset_hours).await?;
    let this_month = || {
        let local = clock::now() + measure::Span(offset * measure::Span::HOUR.0);
        local.date().chars().take(7).collect()
    };
    Period::parse(&text.unwrap_or_else(this_month), offset).map_err(|problem| Error::field("period", &problem.to_string()))
}

/// What a tenant pays or a provider receives for the jobs settled in a period.
#[utoipa::path(get, path = "/v1/statements", tag = "money", params(StatementQuery), responses((status = 200, body = Statement), (status = 400), (status = 403)))]
pub(crate) async fn statements(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    Query(query): Query<StatementQuery>,
) -> Result<Json<Statement>, Error> {
    let own = who.subject.to_string();
    let (tenant, provider) = match (who.role, query.tenant, query.provider) {
        (_, Some(_), Some(_)) => return Err(Error::field("provider", "a statement is a tenant's or a provider's, not both")),
        (Role::Operator, None, None) => return Err(Error::field("tenant", "say whose statement: tenant or provider")),
        (Role::Operator, tenant, provider) => (tenant, provider),
        (Role::Tenant, tenant, None) if tenant.as_ref().is_none_or(|tenant| *tenant == own) => (Some(own), None),
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
    period: Option<String>,
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
