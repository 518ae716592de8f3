//! The HTTP API. A handler parses, asks and shows; what it may be asked by whom is one table, [`RULES`].

pub(crate) mod accounts;
pub(crate) mod agent;
pub mod audit;
pub mod charges;
pub(crate) mod data;
mod document;
mod error;
pub(crate) mod events;
mod extract;
pub mod form;
pub(crate) mod jobs;
pub mod life;
pub(crate) mod limits;
pub(crate) mod money;
pub(crate) mod output;
pub(crate) mod rules;
pub(crate) mod signals;
pub mod signin;
pub mod sites;
pub(crate) mod state;
pub(crate) mod studies;
pub(crate) mod tokens;
pub(crate) mod turns;
pub mod view;
pub mod webhooks;
pub(crate) mod why;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};
use tokio::sync::watch;
use tower::Layer;
use tower_http::compression::CompressionLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::{Access, Grant, Role};
use crate::hub::{ASKER, Asker, HubHandle, NAMED, Named, Shared};
use crate::logs::LogDesk;
use crate::notes::Notes;
use crate::page;
use crate::store::Reader;
use error::Error;

pub(crate) use tokens::{admit_pool, make_token};

/// What handlers share.
pub(crate) struct App {
    pub(crate) hub: HubHandle,
    pub(crate) shared: Arc<Shared>,
    pub(crate) access: Arc<Access>,
    pub(crate) reader: Arc<Reader>,
    pub(crate) logs: LogDesk,
    pub(crate) notes: Notes,
    pub(crate) stopping: watch::Receiver<bool>,
    /// When those who follow events are told.
    pub(crate) turns: Arc<turns::Turns>,
    /// How much is taken from whom.
    pub(crate) gate: limits::Gate,
    /// Held while the closings of a target are read and written back.
    pub(crate) closing: tokio::sync::Mutex<()>,
    /// Held while a past is folded from the whole journal: one at a time.
    pub(crate) folding: tokio::sync::Mutex<()>,
    /// The hub's data folder.
    pub(crate) folder: std::path::PathBuf,
    /// Tells others what happens.
    pub(crate) teller: Arc<crate::webhooks::Teller>,
    pub(crate) studies: Arc<crate::studies::Studies>,
    /// Plan scenarios to begin with: name and TOML.
    pub(crate) scenarios: Vec<(String, String)>,
    /// Who signs people in with a browser, if anybody.
    pub(crate) sign_in: Option<signin::SignIn>,
    /// What was last counted for everybody who looks.
    pub(crate) glance: tokio::sync::Mutex<Option<(std::time::Instant, state::Glance)>>,
}

use Role::{Agent, Auditor, Joining, Operator, Provider, Tenant};

/// A route, and who may ask it; `None` for everybody, without a token.
pub type Rule = (&'static str, &'static str, Option<&'static [Role]>);

/// Whoever looks, and sees what is theirs to see.
const READERS: &[Role] = &[Operator, Auditor, Provider, Tenant];
/// Whoever sees everything.
const OVERSEERS: &[Role] = &[Operator, Auditor];

/// Who may ask what. A route that is not here answers nobody; `None` is for everybody, without a token.
const RULES: &[Rule] = &[
    ("GET", "/healthz", None),
    ("GET", "/openapi.json", None),
    ("GET", "/signin/start", None),
    ("GET", "/signin/done", None),
    ("GET", "/v1/signin", None),
    ("POST", "/v1/signout", Some(READERS)),
    ("GET", "/metrics", Some(OVERSEERS)),
    ("GET", "/v1/hub", Some(READERS)),
    ("GET", "/v1/census", Some(READERS)),
    ("GET", "/v1/sites", Some(READERS)),
    ("GET", "/v1/load", Some(READERS)),
    ("GET", "/v1/pools", Some(READERS)),
    ("POST", "/v1/pools", Some(&[Operator])),
    ("GET", "/v1/pools/{name}/nodes", Some(READERS)),
    ("GET", "/v1/pools/{name}/limits", Some(&[Operator, Auditor, Provider])),
    ("PUT", "/v1/pools/{name}/limits", Some(&[Operator, Provider])),
    ("GET", "/v1/tenants", Some(&[Operator, Auditor, Tenant])),
    ("PUT", "/v1/tenants/{name}", Some(&[Operator])),
    ("GET", "/v1/closings", Some(&[Operator, Auditor, Provider])),
    ("POST", "/v1/closings", Some(&[Operator, Provider])),
    ("DELETE", "/v1/closings", Some(&[Operator, Provider])),
    ("GET", "/v1/data", Some(&[Operator, Auditor, Tenant])),
    ("PUT", "/v1/data/{name}", Some(&[Operator])),
    ("DELETE", "/v1/data/{name}", Some(&[Operator])),
    ("GET", "/v1/jobs", Some(READERS)),
    ("POST", "/v1/jobs", Some(&[Operator, Tenant])),
    ("GET", "/v1/jobs/{id}", Some(READERS)),
    ("GET", "/v1/jobs/{id}/history", Some(READERS)),
    ("GET", "/v1/jobs/{id}/why", Some(&[Operator, Auditor, Tenant])),
    ("GET", "/v1/jobs/{id}/logs", Some(&[Operator, Tenant])),
    ("POST", "/v1/jobs/{id}/cancel", Some(&[Operator, Tenant])),
    ("POST", "/v1/jobs/{id}/readings", Some(&[Operator, Provider])),
    ("POST", "/v1/jobs/{id}/disputes", Some(&[Operator, Provider, Tenant])),
    ("GET", "/v1/jobs/{id}/bundle", Some(READERS)),
    ("GET", "/v1/disputes", Some(READERS)),
    ("POST", "/v1/disputes/{id}/verdict", Some(&[Operator])),
    ("GET", "/v1/tenants/{name}/account", Some(&[Operator, Auditor, Tenant])),
    ("PUT", "/v1/tenants/{name}/budget", Some(&[Operator])),
    ("DELETE", "/v1/tenants/{name}/budget", Some(&[Operator])),
    ("POST", "/v1/tenants/{name}/credits", Some(&[Operator])),
    ("GET", "/v1/signals", Some(READERS)),
    ("GET", "/v1/sites/{name}/energy", Some(&[Operator, Auditor, Provider])),
    ("GET", "/v1/census/history", Some(OVERSEERS)),
    ("POST", "/v1/signals", Some(&[Operator, Provider])),
    ("POST", "/v1/measurements", Some(&[Operator])),
    ("GET", "/v1/charges", Some(READERS)),
    ("GET", "/v1/statements", Some(READERS)),
    ("GET", "/v1/statements/all", Some(OVERSEERS)),
    ("GET", "/v1/exports/{format}", Some(OVERSEERS)),
    ("GET", "/v1/report", Some(READERS)),
    ("GET", "/v1/books", Some(OVERSEERS)),
    ("GET", "/v1/events", Some(READERS)),
    ("GET", "/v1/studies", Some(OVERSEERS)),
    ("POST", "/v1/studies", Some(&[Operator])),
    ("GET", "/v1/studies/{id}", Some(OVERSEERS)),
    ("DELETE", "/v1/studies/{id}", Some(&[Operator])),
    ("GET", "/v1/scenarios", Some(OVERSEERS)),
    ("GET", "/v1/webhooks", Some(OVERSEERS)),
    ("PUT", "/v1/webhooks/{name}", Some(&[Operator])),
    ("DELETE", "/v1/webhooks/{name}", Some(&[Operator])),
    ("GET", "/v1/audit", Some(OVERSEERS)),
    ("GET", "/v1/tokens", Some(OVERSEERS)),
    ("POST", "/v1/tokens", Some(&[Operator])),
    ("DELETE", "/v1/tokens/{id}", Some(&[Operator])),
    ("GET", "/v1/agent/pool", Some(&[Joining, Agent])),
    ("POST", "/v1/agent/join", Some(&[Joining])),
    ("POST", "/v1/agent/renew", Some(&[Agent])),
    ("POST", "/v1/agent/hello", Some(&[Agent])),
    ("POST", "/v1/agent/inventory", Some(&[Agent])),
    ("GET", "/v1/agent/wanted", Some(&[Agent])),
    ("POST", "/v1/agent/reports", Some(&[Agent])),
    ("POST", "/v1/agent/logs/{id}", Some(&[Agent])),
];

#[derive(OpenApi)]
#[openapi(info(
    title = "Shugu",
    description = "The hub's API. Send `Authorization: Bearer TOKEN`. Errors are `{\"error\":{\"code\",\"message\",…}}`: 400 wrong input (with `field`), 401 and 403 not allowed, 404 not there, 409 too late, 422 refused with the numbers, 429 too much at once (`Retry-After` says when to ask again), 503 stopping.",
    license(name = "Apache-2.0", identifier = "Apache-2.0")
))]
struct Document;

fn described() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(state::healthz))
        .routes(routes!(state::metrics))
        .routes(routes!(signin::ways))
        .routes(routes!(signin::out))
        .routes(routes!(state::hub))
        .routes(routes!(state::census))
        .routes(routes!(state::pools, tokens::join))
        .routes(routes!(state::nodes))
        .routes(routes!(sites::sites))
        .routes(routes!(sites::load))
        .routes(routes!(rules::limits, rules::limit))
        .routes(routes!(rules::tenants))
        .routes(routes!(rules::arrange))
        .routes(routes!(rules::closings, rules::close, rules::open))
        .routes(routes!(data::list))
        .routes(routes!(data::keep, data::forget))
        .routes(routes!(jobs::list, jobs::submit))
        .routes(routes!(jobs::job))
        .routes(routes!(life::history))
        .routes(routes!(why::why))
        .routes(routes!(jobs::cancel))
        .routes(routes!(output::logs))
        .routes(routes!(accounts::read))
        .routes(routes!(accounts::contest))
        .routes(routes!(accounts::bundle))
        .routes(routes!(accounts::disputes))
        .routes(routes!(accounts::judge))
        .routes(routes!(accounts::account))
        .routes(routes!(accounts::budget, accounts::lift_budget))
        .routes(routes!(accounts::grant))
        .routes(routes!(signals::signals, signals::signal))
        .routes(routes!(signals::measured))
        .routes(routes!(signals::site_energy))
        .routes(routes!(signals::history))
        .routes(routes!(charges::charges))
        .routes(routes!(money::statements))
        .routes(routes!(money::all_statements))
        .routes(routes!(money::export))
        .routes(routes!(money::report))
        .routes(routes!(money::books))
        .routes(routes!(events::events))
        .routes(routes!(studies::list, studies::begin))
        .routes(routes!(studies::study, studies::end))
        .routes(routes!(studies::scenarios))
        .routes(routes!(webhooks::list))
        .routes(routes!(webhooks::make, webhooks::forget))
        .routes(routes!(audit::audit))
        .routes(routes!(tokens::list, tokens::add))
        .routes(routes!(tokens::revoke))
        .routes(routes!(agent::pool))
        .routes(routes!(tokens::join_agent))
        .routes(routes!(tokens::renew_agent))
        .routes(routes!(agent::hello))
        .routes(routes!(agent::inventory))
        .routes(routes!(agent::wanted))
        .routes(routes!(agent::reports))
        .routes(routes!(agent::logs))
}

/// The OpenAPI document, made from the handlers.
pub fn document() -> serde_json::Value {
    told(described().split_for_parts().1)
}

fn told(document: utoipa::openapi::OpenApi) -> serde_json::Value {
    document::complete(serde_json::to_value(document).expect("the document is plain data"), RULES)
}

/// Every access rule: method, path, and the roles that may ask; `None` for everybody, without a token.
pub fn route_rules() -> &'static [Rule] {
    RULES
}

/// The table of routes and roles, as Markdown.
pub fn access_table() -> String {
    let head: String = Role::ALL.iter().map(|role| format!(" {role} |")).collect();
    let mut text = format!("| route |{head} nobody |\n|---|{}\n", "---|".repeat(Role::ALL.len() + 1));
    for (method, path, roles) in RULES {
        let cell = |yes: bool| if yes { " yes |" } else { " |" };
        let cells: String = Role::ALL.iter().map(|role| cell(roles.is_none_or(|roles| roles.contains(role)))).collect();
        text.push_str(&format!("| `{method} {path}` |{cells}{}\n", cell(roles.is_none())));
    }
    text
}

/// Every route, behind the access rules.
pub(crate) fn routes(app: Arc<App>) -> Router {
    let (routes, document) = described().split_for_parts();
    let document = Arc::new(told(document).to_string());
    let serve_document = move || {
        let document = document.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], document.as_str().to_owned()) }
    };
    routes
        .route("/openapi.json", get(serve_document))
        .route("/signin/start", get(signin::start))
        .route("/signin/done", get(signin::done))
        .route_layer(from_fn_with_state(app.clone(), admit))
        .fallback_service(CompressionLayer::new().layer(tower::service_fn(other)))
        .layer(axum::extract::DefaultBodyLimit::max(limits::MUCH))
        .with_state(app)
}

/// What is no route of the API: a page of the dashboard, which anybody may have; what it shows it asks for as whoever signs in.
async fn other(request: Request) -> Result<Response, std::convert::Infallible> {
    let nothing = || Error::not_found("there is nothing at this address; /openapi.json lists what there is").into_response();
    Ok(page::find(&request).unwrap_or_else(nothing))
}

/// Lets a request through if its route has a rule and its bearer is in it; the grant goes with the request, and who asks for a change with
/// what the hub does.
async fn admit(State(app): State<Arc<App>>, request: Request, next: Next) -> Result<Response, Error> {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned()).unwrap_or_default();
    let method = if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
    let rule = RULES.iter().find(|(verb, pattern, _)| *verb == method.as_str() && *pattern == path);
    let Some((_, _, roles)) = rule else {
        let error = Error::forbidden("no rule lets anybody do this");
        return Ok(limits::refuse(request, error, limits::STRANGERS_BODY).await);
    };
    let Some(roles) = roles else {
        // Who begins to sign in makes the hub ask elsewhere.
        if path.starts_with("/signin/") {
            app.gate.stranger(&request)?;
        }
        return Ok(next.run(request).await);
    };
    let grant = match bearer(&app, &request) {
        Ok(grant) => grant,
        Err(error) => {
            let error = app.gate.stranger(&request).err().unwrap_or(error);
            return Ok(limits::refuse(request, error, limits::STRANGERS_BODY).await);
        }
    };
    if let Err(error) = app.gate.known(&grant) {
        return Ok(limits::refuse(request, error, limits::MUCH).await);
    }
    let asker =
        changes(&method, &path, request.uri()).then(|| Arc::new(Asker::new(&grant, method.as_str(), request.uri().path())));
    let answer = answer(&app, request, next, grant, roles, limits::body_most(method.as_str(), &path), asker.clone()).await;
    if let Some(asker) = asker {
        app.hub.answered(asker, answer.status().as_u16());
    }
    Ok(answer)
}

/// Whether a request is one to change something, of which it is kept who made it. What agents tell all the time is in the journal itself.
fn changes(method: &Method, path: &str, address: &axum::http::Uri) -> bool {
    let told = ["/v1/agent/inventory", "/v1/agent/reports", "/v1/agent/logs/{id}"];
    let tried_out = address.query().is_some_and(|query| query.contains("dry_run=true"));
    method != Method::GET && !told.contains(&path) && !tried_out
}

/// Answers whoever bears a good token.
async fn answer(
    app: &App,
    request: Request,
    next: Next,
    grant: Grant,
    roles: &[Role],
    most: usize,
    asker: Option<Arc<Asker>>,
) -> Response {
    if !roles.contains(&grant.role) {
        let error = Error::forbidden(&format!("a token of role {} may not do this", grant.role));
        return limits::refuse(request, error, limits::MUCH).await;
    }
    let (mut request, _room) = match app.gate.read(request, most, &grant).await {
        Ok(read) => read,
        Err(answer) => return answer,
    };
    if grant.role == Tenant
        && let Ok(holder) = agent::mark(request.headers())
    {
        app.hub.held(grant.subject.clone(), holder);
    }
    let name = match named(&request, &grant) {
        Ok(name) => name,
        Err(error) => return error.into_response(),
    };
    request.extensions_mut().insert(grant);
    let run = next.run(limits::whole(request));
    match (name, asker) {
        (Some(name), Some(asker)) => NAMED.scope(name, ASKER.scope(asker, run)).await,
        (Some(name), None) => NAMED.scope(name, run).await,
        (None, Some(asker)) => ASKER.scope(asker, run).await,
        (None, None) => run.await,
    }
}

/// The header by which whoever asks names a request, so that it can be sent again where no answer came.
const REQUEST_NAME: &str = "idempotency-key";

/// By what a request will be known again, if it has a name.
fn named(request: &Request<Bytes>, who: &Grant) -> Result<Option<Named>, Error> {
    let Some(name) = request.headers().get(REQUEST_NAME) else { return Ok(None) };
    let wrong = || Error::field("Idempotency-Key", "is 1 to 128 printable characters");
    let name = name.to_str().ok().map(str::trim).filter(|name| (1..=128).contains(&name.len())).ok_or_else(wrong)?.to_owned();
    let mut hasher = Sha256::new();
    hasher.update(format!("{} {}\n", request.method(), request.uri()));
    hasher.update(request.body());
    Ok(Some(Named { asker: who.id, name, digest: hasher.finalize().into() }))
}

fn bearer(app: &App, request: &Request) -> Result<Grant, Error> {
    let value = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = value.and_then(|value| value.strip_prefix("Bearer ")).map(str::to_owned).or_else(|| signin::session(request));
    let token = token.ok_or_else(|| {
        Error::unauthorized("send a token: `Authorization: Bearer …`; the operator's lies in operator.token of the hub's folder")
    })?;
    app.access
        .of(token.trim(), crate::clock::now())
        .ok_or_else(|| Error::unauthorized("this hub does not know the token, it was revoked, or it has ended"))
}
