//! Letting pools, providers and tenants in.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use dispatch::{Join, Request};
use measure::Name;

use super::App;
use super::error::Error;
use super::jobs::parse;
use super::view::{JoinForm, MadeToken, TokenForm, TokenList, TokenView};
use crate::access::{self, Grant, Role};
use crate::clock;
use crate::store::TokenRow;

/// What can start work at a pool.
const EXECUTORS: [&str; 2] = ["local", "slurm"];

/// Makes a token, durable before it is answered.
pub(crate) async fn make_token(app: &App, role: Role, subject: Name) -> Result<MadeToken, Error> {
    if role == Role::Tenant {
        app.hub.ask(vec![Request::Admit(subject.clone())]).await?;
    }
    let token = access::new_token();
    let hash = access::hash(&token);
    let (kind, name) = (role.to_string(), subject.to_string());
    let id = app.hub.write(move |store| store.add_token(hash, &kind, &name, clock::now())).await?;
    app.access.grant(hash, Grant { id, role, subject: subject.clone() });
    Ok(MadeToken { id, role: role.to_string(), subject: subject.to_string(), token })
}

async fn all(app: &App) -> Result<Vec<TokenRow>, Error> {
    Ok(app.hub.write(|store| store.tokens()).await?)
}

async fn revoke_one(app: &App, id: i64) -> Result<bool, Error> {
    app.hub.write(move |store| store.revoke_token(id, clock::now())).await?;
    Ok(app.access.revoke(id))
}

/// Lets a pool in and makes its agent's token; earlier ones of that pool are revoked.
pub(crate) async fn admit_pool(app: &App, join: Join) -> Result<String, Error> {
    let name = join.name.clone();
    let answer = app.hub.ask(vec![Request::Join(join)]).await?.into_iter().next().expect("one request, one answer");
    answer.map_err(|refusal| Error::refusal(&refusal, &|id| id.to_string()))?;
    for token in all(app).await? {
        if token.role == "agent" && token.subject == name.as_str() && token.revoked.is_none() {
            revoke_one(app, token.id).await?;
        }
    }
    Ok(make_token(app, Role::Agent, name).await?.token)
}

/// Lets a pool join, and makes the token its agent is started with.
#[utoipa::path(post, path = "/v1/pools", tag = "access", request_body = JoinForm, responses((status = 201, body = MadeToken), (status = 409)))]
pub(crate) async fn join(State(app): State<Arc<App>>, body: Bytes) -> Result<(StatusCode, Json<MadeToken>), Error> {
    let form: JoinForm = parse(&body)?;
    let executor = form.executor.unwrap_or_else(|| "local".to_owned());
    if !EXECUTORS.contains(&executor.as_str()) {
        let known = EXECUTORS.join(" and ");
        return Err(Error::field("executor", &format!("`{executor}` is not one this version can drive; {known} are")));
    }
    if let Some(site) = form.site.clone() {
        let missing = site.clone();
        if !app.hub.look(move |ledger| ledger.hub.census.sites.contains_key(&site)).await? {
            return Err(Error::field("site", &format!("the census has no site {missing}")));
        }
    }
    let join = Join { name: form.name.clone(), provider: form.provider, site: form.site, executor };
    let token = admit_pool(&app, join).await?;
    let row = all(&app).await?.into_iter().rfind(|row| row.hash == access::hash(&token));
    let id = row.map_or(0, |row| row.id);
    Ok((StatusCode::CREATED, Json(MadeToken { id, role: Role::Agent.to_string(), subject: form.name.to_string(), token })))
}

/// Makes a token. It is shown once.
#[utoipa::path(post, path = "/v1/tokens", tag = "access", request_body = TokenForm, responses((status = 201, body = MadeToken)))]
pub(crate) async fn add(State(app): State<Arc<App>>, body: Bytes) -> Result<(StatusCode, Json<MadeToken>), Error> {
    let form: TokenForm = parse(&body)?;
    let role: Role = form.role.parse().map_err(|problem: measure::Malformed| Error::field("role", &problem.to_string()))?;
    if role == Role::Agent {
        return Err(Error::field("role", "an agent's token is made when its pool joins (POST /v1/pools)"));
    }
    Ok((StatusCode::CREATED, Json(make_token(&app, role, form.subject).await?)))
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
