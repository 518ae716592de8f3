//! Letting pools, providers and tenants in.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};
use dispatch::{Join, Request};
use execute::wire::{Joined, NewCredential};
use measure::{Name, Span, Time};

use super::App;
use super::error::Error;
use super::extract::Path;
use super::jobs::parse;
use super::view::{JoinForm, MadeToken, TokenForm, TokenList, TokenView};
use crate::access::{self, Grant, Role};
use crate::clock;
use crate::store::TokenRow;

/// What can start work at a pool.
const EXECUTORS: [&str; 4] = ["local", "slurm", "kubernetes", "hub"];
/// So many hosts are let in at a time.
const HOSTS_MOST: u32 = 1000;

/// Makes a token, durable before it is answered.
pub(crate) async fn make_token(app: &App, role: Role, subject: Name, life: Option<Span>) -> Result<MadeToken, Error> {
    if role == Role::Tenant {
        app.hub.ask(vec![Request::Admit(subject.clone())]).await?;
    }
    let token = access::new_token(role);
    let expires = life.map(|life| clock::now() + life);
    let id = keep_token(app, &token, role, subject.clone(), expires, None).await?;
    Ok(MadeToken { id, role: role.to_string(), subject: subject.to_string(), token, more: Vec::new() })
}

/// Keeps a token, durable before it is valid; with the mark of the only agent that it is good for, if it is.
async fn keep_token(
    app: &App,
    token: &str,
    role: Role,
    subject: Name,
    expires: Option<Time>,
    agent: Option<String>,
) -> Result<i64, Error> {
    let hash = access::hash(token);
    let (kind, name, mark) = (role.to_string(), subject.to_string(), agent.clone());
    let id = app.hub.write(move |store| store.add_token(hash, &kind, &name, clock::now(), expires, mark.as_deref())).await?;
    app.access.grant(hash, Grant { id, role, subject, expires, agent });
    Ok(id)
}

async fn all(app: &App) -> Result<Vec<TokenRow>, Error> {
    Ok(app.hub.write(|store| store.tokens()).await?)
}

pub(super) async fn revoke_one(app: &App, id: i64) -> Result<bool, Error> {
    app.hub.write(move |store| store.revoke_token(id, clock::now())).await?;
    Ok(app.access.revoke(id))
}

/// How long a pool may take to join, and how long its agent's secret is valid unless it is renewed.
const JOIN_WITHIN: Span = Span::seconds(7 * 24 * 3600);
const SECRET_LIFE: Span = Span::seconds(30 * 24 * 3600);
/// How long the secret of before is still valid after a renewal: what is on its way may bear it.
const OLD_SECRET_LIFE: Span = Span::seconds(600);

/// Nobody means a token to end later.
const LIFE_MOST: Span = Span::seconds(10 * 365 * 24 * 3600);

async fn let_in(app: &App, join: Join) -> Result<(), Error> {
    let answer = app.hub.ask(vec![Request::Join(join)]).await?.into_iter().next().expect("one request, one answer");
    answer.map_err(|refusal| Error::refusal(&refusal, &|id| id.to_string()))?;
    Ok(())
}

/// Revokes what is valid of a role for a pool, or only what is for the agent of a mark.
async fn revoke_all(app: &App, role: Role, pool: &Name, agent: Option<&str>) -> Result<(), Error> {
    for token in all(app).await? {
        let meant = token.role == role.to_string() && token.subject == pool.as_str() && token.revoked.is_none();
        if meant && agent.is_none_or(|mark| token.agent.as_deref() == Some(mark)) {
            revoke_one(app, token.id).await?;
        }
    }
    Ok(())
}

/// Lets a pool of the hub's own machine in and makes its agent's token; earlier ones of that pool are revoked.
pub(crate) async fn admit_pool(app: &App, join: Join) -> Result<String, Error> {
    let name = join.name.clone();
    let_in(app, join).await?;
    revoke_all(app, Role::Agent, &name, None).await?;
    Ok(make_token(app, Role::Agent, name, None).await?.token)
}

/// The agent's secret from now on. Whoever has a joining token of a pool becomes its agent, once; agents of before are out,
/// except where each machine has its own.
#[utoipa::path(post, path = "/v1/agent/join", tag = "agent", request_body = Object, responses((status = 200, body = Object)))]
pub(crate) async fn join_agent(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Joined>, Error> {
    let secret = secret(&body)?;
    let mark = super::agent::mark(&headers).ok();
    let name = who.subject.clone();
    let plain = move |ledger: &settle::Ledger| {
        let pool = ledger.hub.pool_named(&name).and_then(|id| ledger.hub.pools.get(&id));
        pool.is_some_and(|pool| pool.join.executor == "local")
    };
    let beside = app.hub.look(plain).await?;
    revoke_all(&app, Role::Agent, &who.subject, mark.as_deref().filter(|_| beside)).await?;
    let expires = clock::now() + SECRET_LIFE;
    keep_token(&app, &secret, Role::Agent, who.subject.clone(), Some(expires), mark).await?;
    revoke_one(&app, who.id).await?;
    tracing::info!(pool = %who.subject, "an agent has joined with its token");
    Ok(Json(Joined { pool: who.subject.to_string(), expires_at: expires.to_string() }))
}

/// The agent's new secret; the one it asks with ends soon.
#[utoipa::path(post, path = "/v1/agent/renew", tag = "agent", request_body = Object, responses((status = 200, body = Object)))]
pub(crate) async fn renew_agent(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    body: Bytes,
) -> Result<Json<Joined>, Error> {
    let secret = secret(&body)?;
    let (now, id) = (clock::now(), who.id);
    let expires = now + SECRET_LIFE;
    keep_token(&app, &secret, Role::Agent, who.subject.clone(), Some(expires), who.agent.clone()).await?;
    let soon = now + OLD_SECRET_LIFE;
    app.hub.write(move |store| store.end_token(id, soon)).await?;
    app.access.end(id, soon);
    Ok(Json(Joined { pool: who.subject.to_string(), expires_at: expires.to_string() }))
}

fn secret(body: &Bytes) -> Result<String, Error> {
    let NewCredential { credential } = parse(body)?;
    match access::is_secret(&credential) {
        true => Ok(credential),
        false => Err(Error::field("credential", "is not `shugu_` and 64 hexadecimal digits made at random")),
    }
}

/// Lets a pool join, and makes the token its agent joins with, once, within a week; of a pool of plain hosts, so many.
#[utoipa::path(post, path = "/v1/pools", tag = "access", request_body = JoinForm, responses((status = 201, body = MadeToken), (status = 409)))]
pub(crate) async fn join(State(app): State<Arc<App>>, body: Bytes) -> Result<(StatusCode, Json<MadeToken>), Error> {
    let form: JoinForm = parse(&body)?;
    let executor = form.executor.unwrap_or_else(|| "local".to_owned());
    if !EXECUTORS.contains(&executor.as_str()) {
        let known = EXECUTORS.join(", ");
        return Err(Error::field("executor", &format!("`{executor}` is not one this version can drive; {known} are")));
    }
    if let Some(site) = form.site.clone() {
        let missing = site.clone();
        if !app.hub.look(move |ledger| ledger.hub.census.sites.contains_key(&site)).await? {
            return Err(Error::field("site", &format!("the census has no site {missing}")));
        }
    }
    let hosts = form.hosts.unwrap_or(1);
    if hosts == 0 || hosts > HOSTS_MOST || (hosts > 1 && executor != "local") {
        let told = format!("is 1 to {HOSTS_MOST}, and more than one only where plain hosts start the work (executor local)");
        return Err(Error::field("hosts", &told));
    }
    let join = Join { name: form.name.clone(), provider: form.provider, site: form.site, executor };
    let_in(&app, join).await?;
    revoke_all(&app, Role::Joining, &form.name, None).await?;
    let mut made = make_token(&app, Role::Joining, form.name.clone(), Some(JOIN_WITHIN)).await?;
    for _ in 1..hosts {
        made.more.push(make_token(&app, Role::Joining, form.name.clone(), Some(JOIN_WITHIN)).await?.token);
    }
    Ok((StatusCode::CREATED, Json(made)))
}

/// Makes a token. It is shown once.
#[utoipa::path(post, path = "/v1/tokens", tag = "access", request_body = TokenForm, responses((status = 201, body = MadeToken)))]
pub(crate) async fn add(State(app): State<Arc<App>>, body: Bytes) -> Result<(StatusCode, Json<MadeToken>), Error> {
    let form: TokenForm = parse(&body)?;
    let role: Role = form.role.parse().map_err(|problem: measure::Malformed| Error::field("role", &problem.to_string()))?;
    if role == Role::Agent || role == Role::Joining {
        return Err(Error::field("role", "an agent's token is made when its pool joins (POST /v1/pools)"));
    }
    let wrong = |problem: &str| Error::field("life", problem);
    let life =
        form.life.as_deref().map(|text| text.parse::<Span>().map_err(|problem| wrong(&problem.to_string()))).transpose()?;
    if life.is_some_and(|life| life < Span::seconds(1) || life > LIFE_MOST) {
        return Err(wrong("lies between a second and ten years"));
    }
    Ok((StatusCode::CREATED, Json(make_token(&app, role, form.subject, life).await?)))
}

/// Every token, without its secret.
#[utoipa::path(get, path = "/v1/tokens", operation_id = "list_tokens", tag = "access", responses((status = 200, body = TokenList)))]
pub(crate) async fn list(State(app): State<Arc<App>>) -> Result<Json<TokenList>, Error> {
    let view = |token: TokenRow| TokenView {
        id: token.id,
        role: token.role,
        subject: token.subject,
        created_at: token.created.to_string(),
        revoked_at: token.revoked.map(|at| at.to_string()),
        expires_at: token.expires.map(|at| at.to_string()),
    };
    Ok(Json(TokenList { tokens: all(&app).await?.into_iter().map(view).collect() }))
}

/// Revokes a token, at once.
#[utoipa::path(delete, path = "/v1/tokens/{id}", tag = "access", params(("id" = i64, Path)), responses((status = 204), (status = 404), (status = 409)))]
pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    Path(id): Path<i64>,
) -> Result<StatusCode, Error> {
    if who.id == id {
        return Err(Error::new(StatusCode::CONFLICT, "own_token", "this is the token you are using; revoke it with another one"));
    }
    if revoke_one(&app, id).await? { Ok(StatusCode::NO_CONTENT) } else { Err(Error::not_found("no valid token has this number")) }
}
