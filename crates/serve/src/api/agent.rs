//! What agents ask: each sees and reports its own pool only.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::{Extension, Json};
use dispatch::{Refusal, Request};
use execute::wire::{Hello, Inventory, PoolInfo, Reported, Reports, Wanted};
use measure::{JobId, PoolId};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

use super::App;
use super::error::Error;
use super::jobs::parse;
use crate::access::Grant;
use crate::logs::Piece;

/// The longest a poll is held.
const POLL_MOST: Duration = Duration::from_secs(25);

/// The header by which an agent tells which one it is; its token only says for which pool.
const MARK: &str = execute::wire::MARK_HEADER;

fn mark(headers: &HeaderMap) -> Result<String, Error> {
    let mark = headers.get(MARK).and_then(|mark| mark.to_str().ok()).filter(|mark| !mark.is_empty() && mark.len() <= 128);
    mark.map(str::to_owned).ok_or_else(|| Error::wrong_input(&format!("the header {MARK} does not say which agent this is")))
}

/// The pool a token is bound to, and whether the agent of this mark serves it.
async fn pool_of(app: &App, who: &Grant, mark: String) -> Result<(PoolId, bool), Error> {
    let name = who.subject.clone();
    let found = app.hub.look(move |ledger| {
        let id = ledger.hub.pool_named(&name)?;
        Some((id, ledger.hub.pools[&id].agent.as_ref() == Some(&mark)))
    });
    found.await?.ok_or_else(|| Error::not_found(&format!("there is no pool {}", who.subject)))
}

/// The pool a token is bound to, if the agent of this mark serves it. What is wanted is meant for one agent;
/// another one's reports are worth nothing.
async fn pool_served(app: &App, who: &Grant, headers: &HeaderMap) -> Result<PoolId, Error> {
    let (pool, served) = pool_of(app, who, mark(headers)?).await?;
    if !served {
        return Err(Error::refusal(&Refusal::ServedByAnother(pool), &|_| who.subject.to_string()));
    }
    app.hub.heard(pool);
    Ok(pool)
}

/// What a token is for, before it is used.
#[utoipa::path(get, path = "/v1/agent/pool", operation_id = "agent_pool", tag = "agent", responses((status = 200, body = Object), (status = 404)))]
pub(crate) async fn pool(State(app): State<Arc<App>>, Extension(who): Extension<Grant>) -> Result<Json<PoolInfo>, Error> {
    let name = who.subject.clone();
    let look = move |ledger: &settle::Ledger| {
        let join = &ledger.hub.pools.get(&ledger.hub.pool_named(&name)?)?.join;
        Some(PoolInfo {
            pool: join.name.to_string(),
            provider: join.provider.to_string(),
            site: join.site.as_ref().map(ToString::to_string),
            executor: join.executor.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            now: crate::clock::now(),
            models: ledger.hub.census.accelerators.keys().cloned().collect(),
        })
    };
    let found = app.hub.look(look).await?;
    found.map(Json).ok_or_else(|| Error::not_found(&format!("there is no pool {}", who.subject)))
}

/// The agent is here, with these nodes; work may be placed from now on. 409 while another agent serves the pool.
#[utoipa::path(post, path = "/v1/agent/hello", tag = "agent", request_body = Object, responses((status = 200, body = Object), (status = 409)))]
pub(crate) async fn hello(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Error> {
    let hello: Hello = parse(&body)?;
    let mark = mark(&headers)?;
    let (pool, _) = pool_of(&app, &who, mark.clone()).await?;
    // One after the other: an agent that may not serve the pool may not say what it has, either.
    let requests = [
        Request::Serve(pool, mark),
        Request::See(pool, hello.nodes),
        Request::Occupy(pool, hello.others),
        Request::Contact(pool, true),
    ];
    in_turn(&app, &who, pool, requests).await?;
    tracing::info!(pool = %who.subject, version = hello.version, executor = hello.executor, "an agent joined");
    Ok(Json(json!({ "pool": who.subject })))
}

/// Asks one after the other, and not the next where one is refused.
async fn in_turn(app: &App, who: &Grant, pool: PoolId, requests: impl IntoIterator<Item = Request>) -> Result<(), Error> {
    for request in requests {
        let answer = app.hub.ask(vec![request]).await?.into_iter().next().expect("one request, one answer");
        answer.map_err(|refusal| Error::refusal(&refusal, &|_| who.subject.to_string()))?;
        app.hub.heard(pool);
    }
    Ok(())
}

/// What the pool has now, and what others than the hub's jobs use of it.
#[utoipa::path(post, path = "/v1/agent/inventory", tag = "agent", request_body = Object, responses((status = 200, body = Object)))]
pub(crate) async fn inventory(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Error> {
    let inventory: Inventory = parse(&body)?;
    let pool = pool_served(&app, &who, &headers).await?;
    in_turn(&app, &who, pool, [Request::See(pool, inventory.nodes), Request::Occupy(pool, inventory.others)]).await?;
    Ok(Json(json!({})))
}

/// What is known already.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedQuery {
    /// `as_of` of the last answer; 0 for everything.
    after: u64,
    /// How long to hold the question while nothing changes.
    wait_ms: u64,
}

/// What should run at the pool: everything, or what changed. Held until something changes.
#[utoipa::path(get, path = "/v1/agent/wanted", tag = "agent", params(WantedQuery), responses((status = 200, body = Object)))]
pub(crate) async fn wanted(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    headers: HeaderMap,
    Query(query): Query<WantedQuery>,
) -> Result<Json<Wanted>, Error> {
    // The first question comes before the hello, from whoever is about to serve the pool.
    let (pool, served) = pool_of(&app, &who, mark(&headers)?).await?;
    if query.after > 0 || served {
        pool_served(&app, &who, &headers).await?;
    }
    let mut bell = app.shared.wanted.listen(pool);
    let mut stopping = app.stopping.clone();
    // However short the lease, an agent that listens is not silent.
    let lease = Duration::from_millis(app.shared.wanted.lease().0.max(0).unsigned_abs());
    let wait = Duration::from_millis(query.wait_ms).min(POLL_MOST).min(lease / 5);
    let until = tokio::time::Instant::now() + wait;
    loop {
        bell.borrow_and_update();
        let shared = app.shared.clone();
        let after = query.after;
        let look = move |ledger: &settle::Ledger| {
            let contact = ledger.hub.pools.get(&pool).is_some_and(|pool| pool.contact);
            (shared.wanted.wanted(&ledger.hub, ledger.seq, pool, after), contact)
        };
        let (mut wanted, contact) = app.hub.look(look).await?;
        // An agent that was taken for silent and asks again is back. Its first question of all comes before its hello.
        if !contact && after > 0 {
            app.hub.ask(vec![Request::Contact(pool, true)]).await?;
        }
        wanted.for_another = !served;
        if served {
            wanted.log_asks = app.logs.take(pool);
        }
        let nothing = !wanted.full && wanted.jobs.is_empty() && wanted.log_asks.is_empty() && !app.logs.has(pool);
        // Jobs that are gone were reported by this agent itself: no reason to answer early.
        if !nothing || *stopping.borrow() || tokio::time::Instant::now() >= until {
            return Ok(Json(wanted));
        }
        tokio::select! {
            _ = bell.changed() => {}
            _ = stopping.wait_for(|stop| *stop) => {}
            () = tokio::time::sleep_until(until) => {}
        }
    }
}

/// What happened at the pool. Answered when durable; to be repeated until then, which is harmless.
#[utoipa::path(post, path = "/v1/agent/reports", tag = "agent", request_body = Object, responses((status = 200, body = Object)))]
pub(crate) async fn reports(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Reported>, Error> {
    let reports: Reports = parse(&body)?;
    let pool = pool_served(&app, &who, &headers).await?;
    if !reports.notes.is_empty() {
        let asked: Vec<JobId> = reports.notes.iter().map(|(job, _)| *job).collect();
        let placed = move |ledger: &settle::Ledger| -> Vec<Option<u32>> {
            let attempt = |job: &JobId| {
                let known = ledger.hub.jobs.get(job)?;
                known.stage.held().filter(|place| place.pool == pool).map(|_| known.attempt)
            };
            asked.iter().map(attempt).collect()
        };
        let placed = app.hub.look(placed).await?;
        for ((job, text), attempt) in reports.notes.iter().zip(placed) {
            // Of a job that is placed here, and of no other.
            if let Some(attempt) = attempt {
                app.notes.note(*job, attempt, text);
            }
        }
    }
    let jobs: Vec<_> = reports.reports.iter().map(|(job, _)| *job).collect();
    let attempts = reports.attempts.into_iter().chain(std::iter::repeat(0));
    let requests =
        reports.reports.into_iter().zip(attempts).map(|((job, report), attempt)| Request::Report(pool, job, attempt, report));
    let requests = requests.collect();
    let answers = app.hub.ask(requests).await?;
    let as_of = answers.iter().flatten().map(|receipt| receipt.seq).max();
    let as_of = match as_of {
        Some(seq) => seq,
        None => app.hub.look(|ledger| ledger.seq).await?,
    };
    let refused = jobs.into_iter().zip(answers).filter_map(|(job, answer)| Some((job, answer.err()?.to_string()))).collect();
    Ok(Json(Reported { as_of, refused }))
}

/// Where a piece of output begins, and whether there is any.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct PieceQuery {
    /// The byte it begins at.
    from: u64,
    /// False if the site has no such output.
    found: bool,
}

/// A piece of output that was asked for.
#[utoipa::path(post, path = "/v1/agent/logs/{id}", operation_id = "agent_logs", tag = "agent", params(("id" = u64, Path), PieceQuery), request_body = String, responses((status = 200, body = Object), (status = 404)))]
pub(crate) async fn logs(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    Path(id): Path<u64>,
    Query(query): Query<PieceQuery>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Error> {
    let pool = pool_served(&app, &who, &headers).await?;
    let piece = Piece { from: query.from, bytes: body.to_vec(), found: query.found };
    if app.logs.answer(pool, id, piece) { Ok(Json(json!({}))) } else { Err(Error::not_found("nobody waits for this")) }
}
