//! What is put right and laid down about money: late readings, disputes, budgets, credits.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use dispatch::{Purse, Request, month_after};
use measure::{CoreTime, Energy, JobId, Memory, Money, Name, Span, Time, parse_scaled};
use serde::{Deserialize, Serialize};
use settle::{Account, Body, Credit, Dispute, Reading, Unsound, Verdict};
use utoipa::ToSchema;

use super::App;
use super::error::Error;
use super::extract::Path;
use super::jobs::{blocking, find_billed, listed, may_reach, parse};
use super::rules::{ask, named};
use super::view::Yuan;
use crate::access::Grant;
use crate::clock;
use crate::store::{DisputeRow, StoreFault};

pub(super) fn instant(field: &str, text: &str) -> Result<Time, Error> {
    Time::parse_date(text).map_err(|problem| Error::field(field, &problem.to_string()))
}

/// A decimal number as it is written, in millionths: no float decides about money.
pub(super) fn micro(field: &str, number: &serde_json::value::RawValue) -> Result<i64, Error> {
    parse_scaled(number.get(), 6).map_err(|problem| Error::field(field, &problem.to_string()))
}

/// What a meter says of an attempt after it has ended. What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadingForm {
    /// Which attempt, counted from 1; the last one if left out.
    #[serde(default)]
    attempt: Option<u32>,
    /// When it was read; now if left out. One that is older than what is known is refused.
    #[serde(default)]
    read_at: Option<String>,
    /// How long it ran, in seconds.
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    run_s: Option<Box<serde_json::value::RawValue>>,
    /// Energy at the machine.
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    energy_kwh: Option<Box<serde_json::value::RawValue>>,
    /// Core-time used.
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    cpu_s: Option<Box<serde_json::value::RawValue>>,
    /// Peak memory.
    #[serde(default)]
    peak_memory_bytes: Option<u64>,
    /// The part of what its devices can do that they did, 0 to 1.
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    utilisation: Option<Box<serde_json::value::RawValue>>,
}

impl ReadingForm {
    fn reading(&self) -> Result<Reading, Error> {
        let number = |field: &'static str, value: &Option<Box<serde_json::value::RawValue>>| {
            value.as_ref().map(|value| micro(field, value)).transpose()
        };
        let utilisation = match number("utilisation", &self.utilisation)? {
            Some(micro) if !(0..=1_000_000).contains(&micro) => return Err(Error::field("utilisation", "lies between 0 and 1")),
            other => other.map(|micro| (micro / 1000) as u16),
        };
        Ok(Reading {
            read_at: self.read_at.as_deref().map(|text| instant("read_at", text)).transpose()?.unwrap_or_else(clock::now),
            run: number("run_s", &self.run_s)?.map(|micro| Span(micro / 1000)),
            // A kWh is 3.6 × 10⁹ mJ.
            energy: number("energy_kwh", &self.energy_kwh)?.map(|micro| Energy(micro.saturating_mul(3600))),
            cpu: number("cpu_s", &self.cpu_s)?.map(CoreTime),
            peak_memory: self.peak_memory_bytes.map(Memory),
            utilisation,
        })
    }
}

/// What became of a correction.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Corrected {
    /// Whether anything changed; a reading that is known already changes nothing.
    changed: bool,
    /// The entry that says so.
    entry: Option<u64>,
    /// What was to be paid before.
    #[schema(value_type = f64)]
    was_yuan: Yuan,
    /// What is to be paid now.
    #[schema(value_type = f64)]
    price_yuan: Yuan,
}

/// What can go wrong where a bill is put right.
enum Trouble {
    Store(StoreFault),
    NoBill,
    /// The attempt ran at another provider's.
    NotYours,
    Unsound(Unsound),
    Negative,
}

impl From<StoreFault> for Trouble {
    fn from(fault: StoreFault) -> Trouble {
        Trouble::Store(fault)
    }
}

impl Trouble {
    fn told(self, job: JobId) -> Error {
        match self {
            Trouble::Store(fault) => fault.into(),
            Trouble::NoBill => Error::new(
                StatusCode::CONFLICT,
                "not_billed",
                &format!("{job} has no bill yet: no attempt of it that had a place is over"),
            ),
            Trouble::NotYours => Error::not_found(&format!("this attempt of {job} did not run in your pools")),
            Trouble::Unsound(Unsound::Field(field, problem)) => Error::field(field, &problem),
            Trouble::Negative => Error::field("price_yuan", "a price is not negative"),
        }
    }
}

/// A provider has a say in what ran in its own pools; a job may have had attempts elsewhere.
fn yours(who: &Grant, bill: &settle::Bill) -> Result<(), Trouble> {
    let theirs = |own: &Name| bill.place.as_ref().is_none_or(|(_, provider)| provider != own);
    if who.provider().is_some_and(theirs) { Err(Trouble::NotYours) } else { Ok(()) }
}

/// The most that anybody is given, limited to, or asked for at once.
const MOST: Money = Money(1_000_000_000_000_000);

fn amount(field: &str, number: &serde_json::value::RawValue) -> Result<Money, Error> {
    match Money(micro(field, number)?) {
        amount if amount > MOST => Err(Error::field(field, "is more than a billion yuan")),
        amount => Ok(amount),
    }
}

/// Puts an attempt right by a reading that came late. The bill that stands is taken back and made anew in one entry; a reading that is
/// known already changes nothing.
#[utoipa::path(post, path = "/v1/jobs/{id}/readings", tag = "money", params(("id" = String, Path)), request_body = ReadingForm,
    responses((status = 200, body = Corrected), (status = 400), (status = 404), (status = 409)))]
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Corrected>, Error> {
    let job = find_billed(&app, &who, &id).await?;
    let form: ReadingForm = parse(&body)?;
    let (reading, attempt, by) = (form.reading()?, form.attempt, who.role.to_string());
    let corrected = app.hub.account(move |accounts| {
        let (of, old, ended) = accounts.bill(job, attempt)?.ok_or(Trouble::NoBill)?;
        yours(&who, &old)?;
        let Some(usage) = settle::take(&old, ended, &reading, clock::now()).map_err(Trouble::Unsound)? else {
            return Ok(Corrected { changed: false, entry: None, was_yuan: Yuan(old.price), price_yuan: Yuan(old.price) });
        };
        let credit = accounts.ledger.book.credit(old.tenant, clock::now());
        let why = format!("a reading of {}, told by the {by}", reading.read_at);
        let correction =
            settle::correct(&accounts.ledger.hub, (of, &old, ended), &usage, old.adjusted, Some(reading.read_at), why, credit);
        let price = correction.bill.price;
        let entry = accounts.record(Body::Corrected(Box::new(correction)));
        Ok(Corrected { changed: true, entry: Some(entry), was_yuan: Yuan(old.price), price_yuan: Yuan(price) })
    });
    Ok(Json(corrected.await?.map_err(|trouble: Trouble| trouble.told(job))?))
}

/// A bill is contested.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DisputeForm {
    /// Which attempt, counted from 1; the last one if left out.
    #[serde(default)]
    attempt: Option<u32>,
    /// Why.
    reason: String,
}

/// A dispute.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DisputeView {
    /// Its number.
    id: u64,
    /// The job.
    job: String,
    /// Which attempt.
    attempt: u32,
    /// The entry of the bill that is contested.
    of: u64,
    /// When.
    at: String,
    /// Who contests it.
    by: String,
    /// Why.
    reason: String,
    /// When it was settled.
    settled_at: Option<String>,
    /// What was found.
    finding: Option<String>,
}

impl DisputeView {
    fn of(row: DisputeRow) -> DisputeView {
        DisputeView {
            id: row.seq,
            job: row.job.to_string(),
            attempt: row.attempt,
            of: row.of,
            at: row.at.to_string(),
            by: row.by,
            reason: row.reason,
            settled_at: row.judged.map(|at| at.to_string()),
            finding: row.finding,
        }
    }
}

/// Disputes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DisputeList {
    disputes: Vec<DisputeView>,
}

async fn disputes_of(app: &App, who: &Grant, id: Option<u64>) -> Result<Vec<DisputeRow>, Error> {
    let (tenants, provider) = (listed(app, who, None).await?, who.provider().map(ToString::to_string));
    let reader = app.reader.clone();
    Ok(blocking(move || reader.disputes(tenants.as_deref(), provider.as_deref(), id)).await??)
}

/// Disputes, newest first. A tenant and a provider see those about their own bills.
#[utoipa::path(get, path = "/v1/disputes", tag = "money", responses((status = 200, body = DisputeList)))]
pub(crate) async fn disputes(State(app): State<Arc<App>>, Extension(who): Extension<Grant>) -> Result<Json<DisputeList>, Error> {
    Ok(Json(DisputeList { disputes: disputes_of(&app, &who, None).await?.into_iter().map(DisputeView::of).collect() }))
}

/// Contests the bill of an attempt. Nothing is paid back before an operator has settled it.
#[utoipa::path(post, path = "/v1/jobs/{id}/disputes", tag = "money", params(("id" = String, Path)), request_body = DisputeForm,
    responses((status = 200, body = DisputeView), (status = 404), (status = 409)))]
pub(crate) async fn contest(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<DisputeView>, Error> {
    let job = find_billed(&app, &who, &id).await?;
    let form: DisputeForm = parse(&body)?;
    if form.reason.trim().is_empty() {
        return Err(Error::field("reason", "is empty; whoever settles it must know why"));
    }
    let (by, asker) = (format!("{} {}", who.role, who.subject), who.clone());
    let entry = app.hub.account(move |accounts| {
        let (of, old, _) = accounts.bill(job, form.attempt)?.ok_or(Trouble::NoBill)?;
        yours(&asker, &old)?;
        Ok(accounts.record(Body::Disputed(Dispute { of, by, reason: form.reason })))
    });
    let entry = entry.await?.map_err(|trouble: Trouble| trouble.told(job))?;
    let row =
        disputes_of(&app, &who, Some(entry)).await?.into_iter().next().ok_or_else(|| Error::not_found("the dispute is gone"))?;
    Ok(Json(DisputeView::of(row)))
}

/// A dispute is settled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerdictForm {
    /// What was found.
    finding: String,
    /// What is to be paid instead; the bill stands if left out.
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    price_yuan: Option<Box<serde_json::value::RawValue>>,
}

/// Settles a dispute: the bill stands, or another price holds and what was paid too much goes back.
#[utoipa::path(post, path = "/v1/disputes/{id}/verdict", tag = "money", params(("id" = u64, Path)), request_body = VerdictForm,
    responses((status = 200, body = DisputeView), (status = 404), (status = 409)))]
pub(crate) async fn judge(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    Path(id): Path<u64>,
    body: Bytes,
) -> Result<Json<DisputeView>, Error> {
    let form: VerdictForm = parse(&body)?;
    if form.finding.trim().is_empty() {
        return Err(Error::field("finding", "is empty; both sides must know what was found"));
    }
    let price = form.price_yuan.as_ref().map(|price| amount("price_yuan", price)).transpose()?;
    let known = disputes_of(&app, &who, Some(id)).await?.into_iter().next();
    let known = known.ok_or_else(|| Error::not_found(&format!("there is no dispute {id}")))?;
    if known.judged.is_some() {
        return Err(Error::new(StatusCode::CONFLICT, "settled", &format!("dispute {id} is settled")));
    }
    let (job, attempt, finding) = (known.job, known.attempt, form.finding);
    let outcome = app.hub.account(move |accounts| {
        if let Some(price) = price {
            if price < Money::ZERO {
                return Err(Trouble::Negative);
            }
            let (of, old, ended) = accounts.bill(job, Some(attempt))?.ok_or(Trouble::NoBill)?;
            let (usage, adjusted) = (settle::usage_of(&old), price - old.charged());
            let credit = accounts.ledger.book.credit(old.tenant, clock::now());
            let why = format!("dispute {id}: {finding}");
            let correction = settle::correct(&accounts.ledger.hub, (of, &old, ended), &usage, adjusted, None, why, credit);
            accounts.record(Body::Corrected(Box::new(correction)));
        }
        Ok(accounts.record(Body::Judged(Verdict { dispute: id, finding })))
    });
    outcome.await?.map_err(|trouble| trouble.told(job))?;
    let row =
        disputes_of(&app, &who, Some(id)).await?.into_iter().next().ok_or_else(|| Error::not_found("the dispute is gone"))?;
    Ok(Json(DisputeView::of(row)))
}

/// All that lies behind a job's bills: every entry of the journal about it and about what they were counted by, with the hashes that
/// link them.
#[utoipa::path(get, path = "/v1/jobs/{id}/bundle", tag = "money", params(("id" = String, Path)), responses((status = 200, body = Object), (status = 404)))]
pub(crate) async fn bundle(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    Path(id): Path<String>,
) -> Result<Json<serde_json::Value>, Error> {
    let job = find_billed(&app, &who, &id).await?;
    let reader = app.reader.clone();
    let provider = who.provider().map(ToString::to_string);
    let bundle = blocking(move || reader.bundle(job, provider.as_deref())).await??;
    bundle
        .map(Json)
        .ok_or_else(|| Error::forbidden("some attempts of this job ran at other providers': an operator has the bundle"))
}

/// What a tenant may spend.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BudgetForm {
    /// What it may spend, its projects included.
    #[schema(value_type = f64)]
    amount_yuan: Box<serde_json::value::RawValue>,
    /// The part of it, 0 to 1, from which on people are warned; 0.8 if left out.
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    warn: Option<Box<serde_json::value::RawValue>>,
    /// From when on nothing may be spent any more.
    #[serde(default)]
    until: Option<String>,
    /// Whether it is filled up again at the beginning of each month of the hub's local time.
    #[serde(default)]
    monthly: bool,
}

/// What a tenant has, may spend and has held.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountOfTenant {
    tenant: String,
    /// Its budget; null where nothing limits it.
    budget: Option<BudgetView>,
    /// Held for jobs that have a place and are not paid.
    #[schema(value_type = f64)]
    held_yuan: Yuan,
    /// What its credits pay, before its own money.
    #[schema(value_type = f64)]
    credit_yuan: Yuan,
    credits: Vec<CreditView>,
    /// What it has paid of its own.
    #[schema(value_type = f64)]
    paid_yuan: Yuan,
}

/// A budget.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BudgetView {
    #[schema(value_type = f64)]
    amount_yuan: Yuan,
    /// Neither spent nor held.
    #[schema(value_type = f64)]
    left_yuan: Yuan,
    /// The part from which on people are warned.
    warn: f64,
    /// Whether that is reached.
    warned: bool,
    until: Option<String>,
    /// When it is filled up again.
    renews: Option<String>,
}

/// A credit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreditView {
    #[schema(value_type = f64)]
    left_yuan: Yuan,
    until: Option<String>,
}

/// What a tenant has, may spend and has held. A tenant sees its own and its projects'.
#[utoipa::path(get, path = "/v1/tenants/{name}/account", tag = "money", params(("name" = String, Path)),
    responses((status = 200, body = AccountOfTenant), (status = 404)))]
pub(crate) async fn account(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    Path(name): Path<String>,
) -> Result<Json<AccountOfTenant>, Error> {
    let name = named("name", &name)?;
    let none = || Error::not_found(&format!("there is no tenant {name}"));
    if !may_reach(&app, &who, name.as_str()).await? {
        return Err(none());
    }
    let wanted = name.clone();
    let view = app.hub.look(move |ledger| {
        let id = ledger.hub.tenant_named(&wanted)?;
        let credits = ledger.book.credits().find(|(tenant, _)| *tenant == id).map_or(&[][..], |(_, credits)| credits);
        Some(AccountOfTenant {
            tenant: wanted.to_string(),
            budget: ledger.purse(id).map(|purse| BudgetView {
                amount_yuan: Yuan(purse.amount),
                left_yuan: Yuan(purse.left),
                warn: f64::from(purse.warn_permille) / 1000.0,
                warned: purse.warns(),
                until: purse.until.map(|at| at.to_string()),
                renews: purse.renews.map(|at| at.to_string()),
            }),
            held_yuan: Yuan(ledger.book.held(id)),
            credit_yuan: Yuan(ledger.book.credit(id, clock::now())),
            credits: credits
                .iter()
                .map(|one| CreditView { left_yuan: Yuan(one.left), until: one.until.map(|at| at.to_string()) })
                .collect(),
            paid_yuan: Yuan(-ledger.book.balance(&Account::Tenant(id))),
        })
    });
    view.await?.map(Json).ok_or_else(none)
}

async fn tenant_id(app: &App, name: &Name) -> Result<measure::TenantId, Error> {
    let wanted = name.clone();
    let found = app.hub.look(move |ledger| ledger.hub.tenant_named(&wanted)).await?;
    found.ok_or_else(|| Error::not_found(&format!("there is no tenant {name}")))
}

/// Limits what a tenant and its projects may spend. What is held for jobs that have a place counts as spent.
#[utoipa::path(put, path = "/v1/tenants/{name}/budget", tag = "money", params(("name" = String, Path)), request_body = BudgetForm,
    responses((status = 200, body = AccountOfTenant), (status = 400), (status = 404)))]
pub(crate) async fn budget(
    State(app): State<Arc<App>>,
    who: Extension<Grant>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<AccountOfTenant>, Error> {
    let form: BudgetForm = parse(&body)?;
    let name = named("name", &name)?;
    let id = tenant_id(&app, &name).await?;
    let warn = form.warn.as_ref().map(|warn| micro("warn", warn)).transpose()?.unwrap_or(800_000);
    let offset = app.hub.look(|ledger| ledger.hub.census.hub.utc_offset_hours).await?;
    let amount = amount("amount_yuan", &form.amount_yuan)?;
    if amount < Money::ZERO {
        return Err(Error::field("amount_yuan", "a budget is not negative"));
    }
    let purse = Purse {
        amount,
        left: amount,
        warn_permille: u32::try_from(warn / 1000).map_err(|_| Error::field("warn", "lies between 0 and 1"))?,
        until: form.until.as_deref().map(|text| instant("until", text)).transpose()?,
        renews: form.monthly.then(|| month_after(clock::now(), Span(offset * Span::HOUR.0))),
    };
    ask(&app, Request::Fund(id, Some(purse))).await?;
    account(State(app), who, Path(name.to_string())).await
}

/// Lifts the limit.
#[utoipa::path(delete, path = "/v1/tenants/{name}/budget", tag = "money", params(("name" = String, Path)),
    responses((status = 200, body = AccountOfTenant), (status = 404)))]
pub(crate) async fn lift_budget(
    State(app): State<Arc<App>>,
    who: Extension<Grant>,
    Path(name): Path<String>,
) -> Result<Json<AccountOfTenant>, Error> {
    let name = named("name", &name)?;
    ask(&app, Request::Fund(tenant_id(&app, &name).await?, None)).await?;
    account(State(app), who, Path(name.to_string())).await
}

/// A credit that is given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreditForm {
    /// How much.
    #[schema(value_type = f64)]
    amount_yuan: Box<serde_json::value::RawValue>,
    /// Until when it may be used.
    #[serde(default)]
    until: Option<String>,
    /// Of which programme it is.
    reason: String,
}

/// Gives a tenant a credit (a computing voucher). It pays before the tenant's own money; what is left when it ends is taken back.
#[utoipa::path(post, path = "/v1/tenants/{name}/credits", tag = "money", params(("name" = String, Path)), request_body = CreditForm,
    responses((status = 200, body = AccountOfTenant), (status = 400), (status = 404)))]
pub(crate) async fn grant(
    State(app): State<Arc<App>>,
    who: Extension<Grant>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<AccountOfTenant>, Error> {
    let form: CreditForm = parse(&body)?;
    let name = named("name", &name)?;
    let id = tenant_id(&app, &name).await?;
    let left = amount("amount_yuan", &form.amount_yuan)?;
    if left <= Money::ZERO {
        return Err(Error::field("amount_yuan", "a credit is more than nothing"));
    }
    if form.reason.trim().is_empty() {
        return Err(Error::field("reason", "is empty; an audit must find of which programme a credit was"));
    }
    let until = form.until.as_deref().map(|text| instant("until", text)).transpose()?;
    if until.is_some_and(|until| until <= clock::now()) {
        return Err(Error::field("until", "lies in the past"));
    }
    app.hub.account(move |accounts| accounts.record(Body::Granted(id, Credit::of(left, until), form.reason))).await?;
    account(State(app), who, Path(name.to_string())).await
}
