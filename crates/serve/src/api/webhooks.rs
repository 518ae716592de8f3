//! Who is told of what happens.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use measure::Name;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::error::Error;
use super::extract::Path;
use super::jobs::{blocking, parse};
use super::rules::named;
use crate::clock;
use crate::webhooks::{KINDS, Webhook, secret};

/// Whom to tell of what.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookForm {
    /// Where events are sent: http or https.
    pub url: String,
    /// job, money; both if left out.
    #[serde(default)]
    pub events: Option<Vec<String>>,
    /// Only what concerns this tenant.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub tenant: Option<Name>,
    /// Everything since the hub's first entry, and not only what happens from now on.
    #[serde(default)]
    pub from_the_beginning: bool,
}

/// A webhook.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WebhookView {
    /// Its name.
    pub name: String,
    /// Where events are sent.
    pub url: String,
    /// job, money.
    pub events: Vec<String>,
    /// Only what concerns this tenant.
    pub tenant: Option<String>,
    /// RFC 3339.
    pub made_at: String,
    /// The last entry of the journal that was told, or need not be.
    pub told: u64,
    /// How many entries there are that were not looked at yet.
    pub behind: u64,
    /// Why the receiver cannot be told now.
    pub trouble: Option<String>,
    /// By which it knows that what it is told is of this hub (Standard Webhooks); told once, when it is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// Webhooks.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WebhookList {
    /// By name.
    pub webhooks: Vec<WebhookView>,
}

fn view(hook: Webhook, last: u64) -> WebhookView {
    WebhookView {
        name: hook.name,
        url: hook.url,
        events: hook.events,
        tenant: hook.tenant,
        made_at: hook.made.to_string(),
        told: hook.told,
        behind: last.saturating_sub(hook.told),
        trouble: hook.trouble,
        secret: None,
    }
}

async fn kept(app: &App) -> Result<Vec<WebhookView>, Error> {
    let last = app.hub.look(|ledger| ledger.seq).await?;
    let reader = app.reader.clone();
    let all = blocking(move || reader.webhooks()).await??;
    Ok(all.into_iter().map(|hook| view(hook, last)).collect())
}

/// Who is told of what happens, and how far they have been told.
#[utoipa::path(get, path = "/v1/webhooks", operation_id = "list_webhooks", tag = "hub", responses((status = 200, body = WebhookList)))]
pub(crate) async fn list(State(app): State<Arc<App>>) -> Result<Json<WebhookList>, Error> {
    Ok(Json(WebhookList { webhooks: kept(&app).await? }))
}

fn address(text: &str) -> Result<String, Error> {
    let wrong = || Error::field("url", &format!("`{text}` is no address such as https://receiver.example/events"));
    let uri: axum::http::Uri = text.parse().map_err(|_| wrong())?;
    let known = matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty());
    // A password in an address would be shown to everybody who lists.
    let plain = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    if known && plain { Ok(text.to_owned()) } else { Err(wrong()) }
}

/// Tells somebody from now on what happens, as CloudEvents; one of the name that was there before is replaced, with a new secret.
#[utoipa::path(put, path = "/v1/webhooks/{name}", operation_id = "keep_webhook", tag = "hub", params(("name" = String, Path)), request_body = WebhookForm,
    responses((status = 200, body = WebhookView), (status = 400)))]
pub(crate) async fn make(State(app): State<Arc<App>>, Path(name): Path<String>, body: Bytes) -> Result<Json<WebhookView>, Error> {
    let name = named("name", &name)?;
    let form: WebhookForm = parse(&body)?;
    let mut events = form.events.unwrap_or_else(|| KINDS.map(str::to_owned).to_vec());
    events.sort_unstable();
    events.dedup();
    if events.is_empty() || events.iter().any(|event| !KINDS.contains(&event.as_str())) {
        return Err(Error::field("events", &format!("is a list of {}", KINDS.join(", "))));
    }
    let last = app.hub.look(|ledger| ledger.seq).await?;
    let hook = Webhook {
        name: name.to_string(),
        url: address(&form.url)?,
        events,
        tenant: form.tenant.map(|tenant| tenant.to_string()),
        made: clock::now(),
        told: if form.from_the_beginning { 0 } else { last },
        trouble: None,
    };
    let kept = hook.clone();
    app.hub.write(move |store| store.keep_webhook(&kept)).await?;
    app.teller.follow(name.as_str());
    let secret = secret(&app.teller.key, &hook.name, hook.made);
    Ok(Json(WebhookView { secret: Some(secret), ..view(hook, last) }))
}

/// Tells them nothing more.
#[utoipa::path(delete, path = "/v1/webhooks/{name}", operation_id = "forget_webhook", tag = "hub", params(("name" = String, Path)), responses((status = 204), (status = 404)))]
pub(crate) async fn forget(State(app): State<Arc<App>>, Path(name): Path<String>) -> Result<StatusCode, Error> {
    let (name, wanted) = (named("name", &name)?, name);
    let gone = app.hub.write(move |store| store.forget_webhook(&wanted)).await?;
    app.teller.follow(name.as_str());
    if gone { Ok(StatusCode::NO_CONTENT) } else { Err(Error::not_found(&format!("there is no webhook {name}"))) }
}
