//! Submitting, listing, asking why, cancelling.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use dispatch::{Hub, Request, Spec, When};
use measure::{JobId, Name, PoolId, Span, TenantId, Time};
use serde::Deserialize;
use serde_json::json;
use settle::Period;
use tokio::sync::Semaphore;
use utoipa::IntoParams;

use super::App;
use super::accounts::instant;
use super::error::Error;
use super::extract::{Path, Query};
use super::form::SubmitForm;
use super::view::{JobList, JobView, Submitted};
use crate::access::{Grant, Role};
use crate::clock;
use crate::hub::Away;
use crate::store::{JobFilter, JobRow, LIVE, OVER, QUESTIONS_MOST};

/// The tenant of jobs that an operator submits without naming one.
const OPERATORS_TENANT: &str = "default";

/// Reads JSON, naming the field that is wrong.
pub(crate) fn parse<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Result<T, Error> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let field = error.path().to_string();
        let problem = error.inner().to_string();
        if field == "." { Error::wrong_input(&problem) } else { Error::field(&field, &problem) }
    })?;
    reader.end().map_err(|error| Error::wrong_input(&error.to_string()))?;
    Ok(value)
}

/// How to submit.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubmitQuery {
    /// Only say what would become of it: why it would wait, when it would start, what would start sooner.
    #[serde(default)]
    dry_run: bool,
}

/// Jobs waited for that ended already: they bind no more, or for ever.
async fn settle_dependencies(app: &App, who: &Grant, spec: &Arc<Spec>) -> Result<Arc<Spec>, Error> {
    let mut left = Vec::new();
    for after in &spec.after {
        let field = match after.when {
            When::Started => "after",
            When::Ok => "after_ok",
            When::Ended => "after_any",
        };
        let unknown = |error: Error| error.of_field(field);
        let row = find(app, who, &after.job.to_string()).await.map_err(unknown)?;
        match (row.ended, after.when) {
            (None, _) => left.push(*after),
            (Some(_), When::Ok) if row.state != "done" => {
                let message = format!("after_ok: {} is {} and will never have ended well", after.job, row.state);
                return Err(
                    Error::new(StatusCode::UNPROCESSABLE_ENTITY, "unmet", &message).with("job", json!(after.job.to_string()))
                );
            }
            (Some(_), _) => {}
        }
    }
    Ok(Arc::new(Spec { after: left, ..(**spec).clone() }))
}

/// Submits a job, or many at once: an object or an array of objects. Answered when durable. 422 with the numbers if
/// no pool could ever hold it; in a batch each job stands for itself.
#[utoipa::path(post, path = "/v1/jobs", tag = "jobs", params(SubmitQuery), request_body = SubmitForm,
    responses((status = 201, body = Submitted), (status = 200, description = "What would become of it (dry_run)", body = super::view::WhyView), (status = 402), (status = 422)))]
pub(crate) async fn submit(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    Query(query): Query<SubmitQuery>,
    body: Bytes,
) -> Result<Response, Error> {
    let many = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    if many && query.dry_run {
        return Err(Error::wrong_input("one job at a time can be tried out"));
    }
    let forms: Vec<SubmitForm> = if many { parse(&body)? } else { vec![parse(&body)?] };
    let named = |form: &SubmitForm| match (who.role, &form.tenant) {
        (_, Some(name)) => name.parse::<Name>().map_err(|problem| Error::field("tenant", &problem.to_string())),
        (Role::Operator, None) => Ok(OPERATORS_TENANT.parse().expect("it is a name")),
        _ => Ok(who.subject.clone()),
    };
    let tenants = forms.iter().map(named).collect::<Result<Vec<Name>, Error>>()?;
    let others: BTreeSet<Name> = tenants.iter().filter(|name| **name != who.subject).cloned().collect();
    if !who.sees_all() && !others.is_empty() {
        let asker = who.clone();
        let theirs = move |ledger: &settle::Ledger| others.iter().all(|name| asker.reaches(&ledger.hub, name.as_str()));
        if !app.hub.look(theirs).await? {
            return Err(Error::forbidden("a tenant submits its own jobs and those of its projects only"));
        }
    }
    // What a repeated request waits for may have ended since it was taken.
    if forms.iter().any(SubmitForm::waits)
        && !query.dry_run
        && let Some(receipts) = app.hub.recall().await?
    {
        let ids: Option<Vec<JobId>> = receipts.iter().map(|receipt| Some(JobId(receipt.as_ref()?.0?))).collect();
        let ids = ids.filter(|ids| ids.len() == forms.len()).ok_or(Away::Repeated)?;
        let warning = None;
        return Ok(match many {
            true => {
                let each: Vec<_> = ids.iter().map(|id| json!({ "id": id.to_string() })).collect();
                (StatusCode::CREATED, Json(json!({ "jobs": each }))).into_response()
            }
            false => (StatusCode::CREATED, Json(Submitted { id: ids[0].to_string(), warning })).into_response(),
        });
    }
    // Jobs of one batch have few tenants; an operator's new ones are let in first.
    let wanted = tenants.clone();
    let known = app.hub.look(move |ledger| known_tenants(ledger, &wanted)).await?;
    let known = match known {
        Ok(known) => known,
        Err(missing) if query.dry_run => {
            let missing = missing.first().map(ToString::to_string).unwrap_or_default();
            return Err(Error::field("tenant", &format!("there is no tenant {missing} yet, and trying out lets nobody in")));
        }
        Err(missing) => {
            app.hub.ask(missing.into_iter().map(Request::Admit).collect()).await?;
            let wanted = tenants.clone();
            app.hub.look(move |ledger| known_tenants(ledger, &wanted)).await?.map_err(|_| Error::not_found("no such tenant"))?
        }
    };
    let (specs, census, warning) = app
        .hub
        .look(move |ledger| {
            let census = &ledger.hub.census;
            let warned = known.first().filter(|_| !many).and_then(|tenant| ledger.hub.warning(*tenant));
            let warning = warned.map(|(tenant, purse)| {
                let name = ledger.hub.tenants.get(&tenant).map_or_else(|| tenant.to_string(), |tenant| tenant.name.to_string());
                format!("of the budget of {name} ({}), {} are left", purse.amount, purse.left)
            });
            let specs: Vec<_> = forms.into_iter().zip(known).map(|(form, tenant)| form.into_spec(tenant, census)).collect();
            (specs, pool_names(ledger), warning)
        })
        .await?;
    let mut specs = specs;
    for spec in &mut specs {
        if let Ok(known) = spec
            && !known.after.is_empty()
        {
            *spec = settle_dependencies(&app, &who, known).await;
        }
    }
    if query.dry_run {
        let spec = specs.into_iter().next().expect("one job was sent")?;
        return Ok(Json(super::why::try_out(&app, &who, spec).await?).into_response());
    }
    let requests = specs.iter().flatten().map(|spec| Request::Submit(spec.clone())).collect();
    if !many {
        specs.into_iter().next().expect("one job was sent")?;
        let answer = app.hub.ask(requests).await?.into_iter().next().expect("one request, one answer");
        let receipt = answer.map_err(|refusal| Error::refusal(&refusal, &|id| pool_name(&census, id)))?;
        let id = receipt.job.expect("a submission makes a job").to_string();
        return Ok((StatusCode::CREATED, Json(Submitted { id, warning })).into_response());
    }
    let mut answers = app.hub.ask(requests).await?.into_iter();
    let mut each = Vec::with_capacity(specs.len());
    for spec in specs {
        let outcome = match spec {
            Ok(_) => answers
                .next()
                .expect("one answer a request")
                .map_err(|refusal| Error::refusal(&refusal, &|id| pool_name(&census, id))),
            Err(error) => Err(error),
        };
        each.push(match outcome {
            Ok(receipt) => json!({ "id": receipt.job.map(|id| id.to_string()) }),
            Err(error) => json!({ "error": error.body() }),
        });
    }
    Ok((StatusCode::CREATED, Json(json!({ "jobs": each }))).into_response())
}

fn known_tenants(ledger: &settle::Ledger, wanted: &[Name]) -> Result<Vec<TenantId>, Vec<Name>> {
    let mut last: Option<(&Name, TenantId)> = None;
    let mut ids = Vec::with_capacity(wanted.len());
    let mut missing = Vec::new();
    for name in wanted {
        let id = match last {
            Some((same, id)) if same == name => Some(id),
            _ => ledger.hub.tenant_named(name),
        };
        match id {
            Some(id) => {
                last = Some((name, id));
                ids.push(id);
            }
            None if !missing.contains(name) => missing.push(name.clone()),
            None => {}
        }
    }
    if missing.is_empty() { Ok(ids) } else { Err(missing) }
}

pub(crate) type PoolNames = std::collections::BTreeMap<PoolId, String>;

pub(crate) fn pool_names(ledger: &settle::Ledger) -> PoolNames {
    ledger.hub.pools.iter().map(|(id, pool)| (*id, pool.join.name.to_string())).collect()
}

pub(crate) fn pool_name(names: &PoolNames, id: PoolId) -> String {
    names.get(&id).cloned().unwrap_or_else(|| id.to_string())
}

/// Which jobs to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// Only this tenant's.
    tenant: Option<String>,
    /// Only in this state, or in one of these: `failed,lost`.
    state: Option<String>,
    /// Only at this pool.
    pool: Option<String>,
    /// Only at pools of this site.
    site: Option<String>,
    /// Only of this name.
    name: Option<String>,
    /// Only with this in its name, large and small letters alike; or the job of this id.
    search: Option<String>,
    /// Only those submitted then or later: RFC 3339, or a day, month or year of the hub's time.
    from: Option<String>,
    /// Only those submitted before that instant, or up to the end of that day, month or year.
    until: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
    /// 1 to 1000; 100 if left out.
    limit: Option<u32>,
}

/// Whoever asks for somebody else's is told that they may not, and not answered with their own.
pub(super) async fn own_only(app: &App, who: &Grant, tenant: Option<&str>, provider: Option<&str>) -> Result<(), Error> {
    let other = match who.role {
        Role::Tenant => match tenant.filter(|name| *name != who.subject.as_str()) {
            Some(name) if may_reach(app, who, name).await? => None,
            other => other,
        },
        Role::Provider => provider.filter(|name| *name != who.subject.as_str()),
        _ => None,
    };
    match other {
        Some(name) => Err(Error::forbidden(&format!("this is {name}'s; a {} sees its own only", who.role))),
        None => Ok(()),
    }
}

/// Whether what a tenant has is within reach.
pub(super) async fn may_reach(app: &App, who: &Grant, tenant: &str) -> Result<bool, Error> {
    if tenant == who.subject.as_str() || who.role != Role::Tenant {
        return Ok(who.reaches(&Hub::default(), tenant));
    }
    let (asker, tenant) = (who.clone(), tenant.to_owned());
    Ok(app.hub.look(move |ledger| asker.reaches(&ledger.hub, &tenant)).await?)
}

/// The tenants whose things are listed: the one that is asked for, all that are within reach, or whatever tenants there are.
pub(super) async fn listed(app: &App, who: &Grant, tenant: Option<String>) -> Result<Option<Vec<String>>, Error> {
    match tenant {
        Some(name) => Ok(Some(vec![name])),
        None if who.role != Role::Tenant => Ok(None),
        None => {
            let asker = who.clone();
            Ok(app.hub.look(move |ledger| asker.tenants(&ledger.hub)).await?)
        }
    }
}

/// The states that are meant by a list of names.
fn states(text: &str) -> Result<Vec<&'static str>, Error> {
    let all = || LIVE.into_iter().chain(OVER);
    let known = |name: &str| {
        let none = || Error::field("state", &format!("`{name}` is none of {}", all().collect::<Vec<_>>().join(", ")));
        all().find(|state| *state == name).ok_or_else(none)
    };
    let mut named = text.split(',').map(known).collect::<Result<Vec<_>, Error>>()?;
    named.sort_unstable();
    named.dedup();
    Ok(named)
}

/// An instant, or the beginning or end of a day, month or year of the hub's time.
fn moment(field: &str, text: &str, utc_offset_hours: i64, pick: fn(&Period) -> Time) -> Result<Time, Error> {
    Period::parse(text, utc_offset_hours).map_or_else(|_| instant(field, text), |period| Ok(pick(&period)))
}

/// Jobs, newest first. A tenant sees its own and its projects', a provider those that ran in its pools.
#[utoipa::path(get, path = "/v1/jobs", operation_id = "list_jobs", tag = "jobs", params(ListQuery), responses((status = 200, body = JobList)))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    Query(query): Query<ListQuery>,
) -> Result<Json<JobList>, Error> {
    own_only(&app, &who, query.tenant.as_deref(), None).await?;
    let states = query.state.as_deref().map(states).transpose()?.unwrap_or_default();
    let limit = query.limit.unwrap_or(100);
    if !(1..=1000).contains(&limit) {
        return Err(Error::field("limit", "lies between 1 and 1000"));
    }
    let before = query.after.map(|cursor| cursor.parse()).transpose();
    let offset = match (&query.from, &query.until) {
        (None, None) => 0,
        _ => app.hub.look(|ledger| ledger.hub.census.hub.utc_offset_hours).await?,
    };
    let at = |field: &str, text: &Option<String>, pick: fn(&Period) -> Time| {
        text.as_deref().map(|text| moment(field, text, offset, pick)).transpose()
    };
    let from = at("from", &query.from, |period| period.from)?;
    let until = at("until", &query.until, |period| period.to)?;
    let provider = who.provider().cloned();
    let (pool, site) = (query.pool, query.site);
    // Where it ran, in names of pools: a provider's own, a site's, one.
    let pools = if provider.is_none() && pool.is_none() && site.is_none() {
        None
    } else {
        let look = move |ledger: &settle::Ledger| {
            let wanted = |of: &&dispatch::Pool| {
                provider.as_ref().is_none_or(|own| of.join.provider == *own)
                    && pool.as_deref().is_none_or(|name| of.join.name.as_str() == name)
                    && site.as_deref().is_none_or(|name| of.join.site.as_ref().is_some_and(|site| site.as_str() == name))
            };
            ledger.hub.pools.values().filter(wanted).map(|pool| pool.join.name.to_string()).collect::<Vec<_>>()
        };
        Some(app.hub.look(look).await?)
    };
    let filter = JobFilter {
        tenants: listed(&app, &who, query.tenant).await?,
        pools,
        states,
        name: query.name,
        search: query.search.filter(|text| !text.trim().is_empty()),
        from,
        until,
        before: before.map_err(|problem: measure::Malformed| Error::field("after", &problem.to_string()))?,
        // One more tells whether there is another page.
        limit: limit + 1,
    };
    let reader = app.reader.clone();
    let mut rows = blocking(move || reader.jobs(&filter)).await??;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().map(|row| row.id.to_string()).filter(|_| more);
    let rows = own_prices(&app, &who, rows).await?;
    let jobs = rows.into_iter().map(|row| JobView::of(row, who.role != Role::Provider)).collect();
    Ok(Json(JobList { jobs, next }))
}

/// Whose turn it is to read.
static QUESTIONS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(*QUESTIONS_MOST));

/// Runs something that waits for the disk, away from the threads that serve.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let _turn = QUESTIONS.acquire().await;
    let joined = tokio::task::spawn_blocking(work).await;
    joined.map_err(|_| Error::new(StatusCode::INTERNAL_SERVER_ERROR, "panicked", "a reader panicked; this is a bug"))
}

/// A job that `who` may see. Whoever may not see it learns nothing, not even that it exists.
pub(crate) async fn find(app: &App, who: &Grant, id: &str) -> Result<JobRow, Error> {
    let id: JobId = id.parse().map_err(|problem: measure::Malformed| Error::field("id", &problem.to_string()))?;
    let reader = app.reader.clone();
    let none = || Error::not_found(&format!("there is no {id}"));
    let row = blocking(move || reader.job(id)).await??.ok_or_else(none)?;
    let may_see = match who.provider() {
        Some(own) => row.provider.as_deref() == Some(own.as_str()),
        None => may_reach(app, who, &row.tenant).await?,
    };
    if may_see { Ok(row) } else { Err(none()) }
}

/// A job of which somebody may see a bill: beside who may see the job, every provider at which an attempt of it ran.
pub(crate) async fn find_billed(app: &App, who: &Grant, id: &str) -> Result<JobId, Error> {
    if who.role != Role::Provider {
        return Ok(find(app, who, id).await?.id);
    }
    let job: JobId = id.parse().map_err(|problem: measure::Malformed| Error::field("id", &problem.to_string()))?;
    let (reader, provider) = (app.reader.clone(), who.subject.to_string());
    let charged = blocking(move || reader.charged_by(job, &provider)).await??;
    charged.map(|_| job).ok_or_else(|| Error::not_found(&format!("there is no {job}")))
}

/// A provider is told what it is paid for a job, and not what others are.
async fn own_prices(app: &App, who: &Grant, mut rows: Vec<JobRow>) -> Result<Vec<JobRow>, Error> {
    if who.role != Role::Provider {
        return Ok(rows);
    }
    let (reader, provider) = (app.reader.clone(), who.subject.to_string());
    let told = move || {
        for row in rows.iter_mut().filter(|row| row.price.is_some()) {
            row.price = reader.charged_by(row.id, &provider)?;
        }
        Ok::<_, crate::store::StoreFault>(rows)
    };
    Ok(blocking(told).await??)
}

/// One job.
#[utoipa::path(get, path = "/v1/jobs/{id}", tag = "jobs", params(("id" = String, Path)), responses((status = 200, body = JobView), (status = 404)))]
pub(crate) async fn job(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    Path(id): Path<String>,
) -> Result<Json<JobView>, Error> {
    let row = find(&app, &who, &id).await?;
    let row = own_prices(&app, &who, vec![row]).await?.remove(0);
    let job = row.id;
    let until = row.ended.unwrap_or_else(clock::now);
    let live = move |ledger: &settle::Ledger| {
        let known = ledger.hub.jobs.get(&job)?;
        let named = |place: &Arc<dispatch::Place>| {
            let nodes = &ledger.hub.pools.get(&place.pool)?.nodes;
            Some(place.slots.iter().map(|slot| nodes[slot.node as usize].node.name.clone()).collect::<Vec<String>>())
        };
        let nodes = known.stage.held().and_then(named).unwrap_or_default();
        Some((nodes, known.attempt, known.waited_by_choice(until)))
    };
    let live = app.hub.look(live).await?;
    let chosen = live.as_ref().map(|(_, _, chosen)| *chosen);
    let (nodes, attempt, _) = live.unwrap_or_default();
    let note = if row.state == "placed" { app.notes.of(job, attempt) } else { None };
    let (reader, provider) = (app.reader.clone(), who.provider().map(ToString::to_string));
    let told = move || {
        // Of a job that has left the hub its entries tell. Where they lie in an archive that cannot be read, the rest is told all the same.
        let by_life = || reader.life(job).ok().map(|entries| super::life::waited_by_choice(&entries, until));
        let by_choice = chosen.or_else(by_life).map(Span::as_seconds);
        Ok::<_, crate::store::StoreFault>((reader.emitted(job, provider.as_deref())?, by_choice))
    };
    let (emitted, wait_by_choice_s) = blocking(told).await??;
    let emitted = emitted.map(super::view::EmittedView::of);
    Ok(Json(JobView { nodes, note, emitted, wait_by_choice_s, ..JobView::of(row, who.role != Role::Provider) }))
}

/// Stops a job: at once if it waits, else by TERM and later KILL.
#[utoipa::path(post, path = "/v1/jobs/{id}/cancel", tag = "jobs", params(("id" = String, Path)), responses((status = 200, body = JobView), (status = 404), (status = 409)))]
pub(crate) async fn cancel(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    Path(id): Path<String>,
) -> Result<Json<JobView>, Error> {
    let row = find(&app, &who, &id).await?;
    if row.ended.is_some() {
        return Err(Error::new(StatusCode::CONFLICT, "already_ended", &format!("{} has ended: it is {}", row.id, row.state)));
    }
    let answer = app.hub.ask(vec![Request::Cancel(row.id)]).await?.into_iter().next().expect("one request, one answer");
    answer.map_err(|refusal| Error::refusal(&refusal, &|id| id.to_string()))?;
    let row = find(&app, &who, &id).await?;
    Ok(Json(JobView::of(row, true)))
}
