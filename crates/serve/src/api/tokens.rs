//! Letting pools, providers and tenants in.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use dispatch::{Join, Request};
use execute::wire::{Joined, NewCredential};
use measure::{Name, Span, Time};

use super::App;
use super::error::Error;
use super::jobs::parse;
use super::view::{JoinForm, MadeToken, TokenForm, TokenList, TokenView};
use crate::access::{self, Grant, Role};
use crate::clock;
use crate::store::TokenRow;

/// What can start work at a pool.
const EXECUTORS: [&str; 3] = ["local", "slurm", "kubernetes"];

/// Makes a token, durable before it is answered.
pub(crate) async fn make_token(app: &App, role: Role, subject: Name, life: Option<Span>) -> Result<MadeToken, Error> {
    if role == Role::Tenant {
        app.hub.ask(vec![Request::Admit(subject.clone())]).await?;
    }
    let token = access::new_token(role);
    let expires = life.map(|life| clock::now() + life);
    let id = keep_token(app, &token, role, subject.clone(), expires).await?;
    Ok(MadeToken { id, role: role.to_string(), subject: subject.to_string(), token })
}

/// Keeps a token, durable before it is valid.
async fn keep_token(app: &App, token: &str, role: Role, subject: Name, expires: Option<Time>) -> Result<i64, Error> {
    let hash = access::hash(token);
    let (kind, name) = (role.to_string(), subject.to_string());
    let id = app.hub.write(move |store| store.add_token(hash, &kind, &name, clock::now(), expires)).await?;
    app.access.grant(hash, Grant { id, role, subject, expires });
    Ok(id)
}

async fn all(app: &App) -> Result<Vec<TokenRow>, Error> {
    Ok(app.hub.write(|store| store.tokens()).await?)
}

async fn revoke_one(app: &App, id: i64) -> Result<bool, Error> {
    app.hub.write(move |store| store.revoke_token(id, clock::now())).await?;
    Ok(app.access.revoke(id))
}

/// How long a pool may take to join, and how long its agent's secret is valid unless it is renewed.
const JOIN_WITHIN: Span = Span::seconds(7 * 24 * 3600);
const SECRET_LIFE: Span = Span::seconds(30 * 24 * 3600);
/// How long the secret of before is still valid after a renewal: what is on its way may bear it.
const OLD_SECRET_LIFE: Span = Span::seconds(600);

async fn let_in(app: &App, join: Join) -> Result<(), Error> {
    let answer = app.hub.ask(vec![Request::Join(join)]).await?.into_iter().next().expect("one request, one answer");
    answer.map_err(|refusal| Error::refusal(&refusal, &|id| id.to_string()))?;
    Ok(())
}

/// Revokes what is valid of a role for a pool.
async fn revoke_all(app: &App, role: Role, pool: &Name) -> Result<(), Error> {
    for token in all(app).await? {
        if token.role == role.to_string() && token.subject == pool.as_str() && token.revoked.is_none() {
            revoke_one(app, token.id).await?;
        }
    }
    Ok(())
}

/// Lets a pool of the hub's own machine in and makes its agent's token; earlier ones of that pool are revoked.
pub(crate) async fn admit_pool(app: &App, join: Join) -> Result<String, Error> {
    let name = join.name.clone();
    let_in(app, join).await?;
    revoke_all(app, Role::Agent, &name).await?;
    Ok(make_token(app, Role::Agent, name, None).await?.token)
}

/// The agent's secret from now on. Whoever has the joining token of a pool becomes its agent, once; agents of before are out.
#[utoipa::path(post, path = "/v1/agent/join", tag = "agent", request_body = Object, responses((status = 200, body = Object)))]
pub(crate) async fn join_agent(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    body: Bytes,
) -> Result<Json<Joined>, Error> {
    let secret = secret(&body)?;
    revoke_all(&app, Role::Agent, &who.subject).await?;
    let expires = clock::now() + SECRET_LIFE;
    keep_token(&app, &secret, Role::Agent, who.subject.clone(), Some(expires)).await?;
    revoke_all(&app, Role::Joining, &who.subject).await?;
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
    keep_token(&app, &secret, Role::Agent, who.subject.clone(), Some(expires)).await?;
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

/// Lets a pool join, and makes the token its agent joins with, once, within a week.
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
    let join = Join { name: form.name.clone(), provider: form.provider, site: form.site, executor };
    let_in(&app, join).await?;
    revoke_all(&app, Role::Joining, &form.name).await?;
    let made = make_token(&app, Role::Joining, form.name, Some(JOIN_WITHIN)).await?;
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
    Ok((StatusCode::CREATED, Json(make_token(&app, role, form.subject, None).await?)))
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
#[utoipa::path(delete, path = "/v1/tokens/{id}", tag = "access", params(("id" = i64, Path)), responses((status = 204), (status = 404)))]
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
