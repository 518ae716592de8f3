//! What agents ask: each sees and reports its own pool only, or its own machine.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};
use dispatch::{Refusal, Request};
use execute::wire::{Hello, Inventory, PoolInfo, Reported, Reports, Wanted};
use measure::{JobId, PoolId};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

use super::App;
use super::error::Error;
use super::extract::{Path, Query};
use super::jobs::parse;
use crate::access::Grant;
use crate::logs::Piece;
use crate::post::Post;

/// The longest a poll is held.
const POLL_MOST: Duration = Duration::from_secs(25);

/// The headers by which an agent tells which one it is, and which machine it serves where it serves one; its token only says
/// for which pool.
const MARK: &str = execute::wire::MARK_HEADER;
const HOST: &str = execute::wire::HOST_HEADER;
/// What starts the work at plain machines, each of which has an agent of its own.
const PLAIN: &str = "local";

pub(super) fn mark(headers: &HeaderMap) -> Result<String, Error> {
    let mark = headers.get(MARK).and_then(|mark| mark.to_str().ok()).filter(|mark| !mark.is_empty() && mark.len() <= 128);
    mark.map(str::to_owned).ok_or_else(|| Error::wrong_input(&format!("the header {MARK} does not say which agent this is")))
}

/// The mark of whoever asks, which is the one that its secret was made for.
fn own_mark(who: &Grant, headers: &HeaderMap) -> Result<String, Error> {
    let mark = mark(headers)?;
    match &who.agent {
        Some(own) if *own != mark => {
            let told = "this secret is another agent's: each has its own, and a copied folder is no second agent";
            Err(Error::new(StatusCode::FORBIDDEN, "another_agents_secret", told))
        }
        _ => Ok(mark),
    }
}

/// What an agent serves, or would.
enum At {
    /// It serves this post.
    Served(Post),
    /// It does not: this is what it may take over.
    Unserved(Post),
    /// It does not, and nobody ever served the machine that it names.
    Unknown(PoolId),
}

/// What the agent of this mark serves; `host` is the machine that it names, where it serves one.
async fn at(app: &App, who: &Grant, headers: &HeaderMap) -> Result<At, Error> {
    let mark = own_mark(who, headers)?;
    // What a hub that stands by knows, or one that others took for dead, is what was wanted a moment ago.
    app.hub.surely_leads()?;
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).map(str::to_owned);
    let name = who.subject.clone();
    let found = app.hub.look(move |ledger| {
        let id = ledger.hub.pool_named(&name)?;
        let pool = &ledger.hub.pools[&id];
        if pool.agent.as_ref() == Some(&mark) {
            return Some(At::Served(Post::whole(id)));
        }
        if let Some(node) = pool.host_of(&mark) {
            return Some(At::Served(Post::host(id, node)));
        }
        let Some(host) = host.filter(|_| !pool.hosts.is_empty()) else { return Some(At::Unserved(Post::whole(id))) };
        let named = pool.nodes.iter().position(|state| state.node.name == host);
        Some(named.map_or(At::Unknown(id), |node| At::Unserved(Post::host(id, node as u32))))
    });
    found.await?.ok_or_else(|| Error::not_found(&format!("there is no pool {}", who.subject)))
}

/// What the agent of this mark serves. What is wanted is meant for one agent; another one's reports are worth nothing.
async fn served(app: &App, who: &Grant, headers: &HeaderMap) -> Result<Post, Error> {
    match at(app, who, headers).await? {
        At::Served(post) => {
            app.hub.heard(post);
            Ok(post)
        }
        At::Unserved(Post { pool, .. }) | At::Unknown(pool) => {
            Err(Error::refusal(&Refusal::ServedByAnother(pool), &|_| who.subject.to_string()))
        }
    }
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
    let mark = own_mark(&who, &headers)?;
    let (At::Served(Post { pool, .. }) | At::Unserved(Post { pool, .. }) | At::Unknown(pool)) = at(&app, &who, &headers).await?;
    // One after the other: an agent that may not serve may not say what there is, either.
    if hello.executor == PLAIN {
        host(&app, &who, pool, &mark, &hello).await?;
    } else {
        let serve = [Request::Serve(pool, mark), Request::See(pool, hello.nodes), Request::Occupy(pool, hello.others)];
        in_turn(&app, &who, serve).await?;
    }
    let post = served(&app, &who, &headers).await?;
    in_turn(&app, &who, [post.touch(true)]).await?;
    tracing::info!(pool = %who.subject, host = post.host, version = hello.version, executor = hello.executor, "an agent joined");
    Ok(Json(json!({ "pool": who.subject })))
}

/// A plain machine is there, beside others of its pool.
async fn host(app: &App, who: &Grant, pool: PoolId, mark: &str, hello: &Hello) -> Result<(), Error> {
    let [machine] = &hello.nodes[..] else { return Err(Error::field("nodes", "an agent of a plain machine lists that one")) };
    if !hello.shares {
        let own = mark.to_owned();
        let others = app
            .hub
            .look(move |ledger| ledger.hub.pools.get(&pool).is_some_and(|pool| pool.hosts.values().any(|agent| *agent != own)));
        if others.await? {
            let told = "this agent is of a release that cannot share its pool with other machines: update it";
            return Err(Error::new(StatusCode::CONFLICT, "agent_too_old", told));
        }
    }
    in_turn(app, who, [Request::Host(pool, machine.clone(), mark.to_owned())]).await
}

/// Asks one after the other, and not the next where one is refused.
async fn in_turn(app: &App, who: &Grant, requests: impl IntoIterator<Item = Request>) -> Result<(), Error> {
    for request in requests {
        let answer = app.hub.ask(vec![request]).await?.into_iter().next().expect("one request, one answer");
        answer.map_err(|refusal| Error::refusal(&refusal, &|_| who.subject.to_string()))?;
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
    let Post { pool, host } = served(&app, &who, &headers).await?;
    match host {
        None => {
            let told = [Request::See(pool, inventory.nodes), Request::Occupy(pool, inventory.others)];
            in_turn(&app, &who, told).await?;
        }
        Some(_) => {
            let mark = own_mark(&who, &headers)?;
            in_turn(&app, &who, inventory.nodes.into_iter().take(1).map(|node| Request::Host(pool, node, mark.clone()))).await?;
        }
    }
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
    // The first question comes before the hello, from whoever is about to serve.
    let (post, served) = match at(&app, &who, &headers).await? {
        At::Served(post) => (post, true),
        _ if query.after > 0 => (self::served(&app, &who, &headers).await?, true),
        At::Unserved(post) => (post, false),
        // Nothing was ever placed there.
        At::Unknown(_) => {
            let as_of = app.hub.look(|ledger| ledger.seq).await?;
            let lease = Some(app.shared.wanted.lease());
            return Ok(Json(Wanted { as_of, full: true, for_another: true, lease, ..Wanted::default() }));
        }
    };
    if served {
        app.hub.heard(post);
    }
    let mut bell = app.shared.wanted.listen(post);
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
            (shared.wanted.wanted(&ledger.hub, ledger.seq, post, after), post.contact(&ledger.hub))
        };
        let (mut wanted, contact) = app.hub.look(look).await?;
        // An agent that was taken for silent and asks again is back. Its first question of all comes before its hello.
        if !contact && after > 0 {
            app.hub.ask(vec![post.touch(true)]).await?;
        }
        wanted.for_another = !served;
        if served {
            wanted.log_asks = app.logs.take(post);
        }
        let nothing = !wanted.full && wanted.jobs.is_empty() && wanted.log_asks.is_empty() && !app.logs.has(post);
        // Jobs that are gone were reported by this agent itself: no reason to answer early.
        if !nothing || *stopping.borrow() || tokio::time::Instant::now() >= until {
            // It may have been held for long, and another hub may have taken over meanwhile.
            app.hub.surely_leads()?;
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
    let post = served(&app, &who, &headers).await?;
    if !reports.notes.is_empty() {
        let asked: Vec<JobId> = reports.notes.iter().map(|(job, _)| *job).collect();
        let placed = move |ledger: &settle::Ledger| -> Vec<Option<u32>> {
            let attempt = |job: &JobId| {
                let known = ledger.hub.jobs.get(job)?;
                known.stage.held().filter(|place| place.pool == post.pool).map(|_| known.attempt)
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
    let requests = reports.reports.into_iter().zip(attempts).map(|((job, report), attempt)| post.report(job, attempt, report));
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
    let post = served(&app, &who, &headers).await?;
    let piece = Piece { from: query.from, bytes: body.to_vec(), found: query.found };
    if app.logs.answer(post, id, piece) { Ok(Json(json!({}))) } else { Err(Error::not_found("nobody waits for this")) }
}
