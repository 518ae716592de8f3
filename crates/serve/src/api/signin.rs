//! Signing in by a browser: by OpenID Connect, into a session that a cookie bears.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::error::Error;
use super::extract::Query;
use super::jobs::blocking;
use super::tokens::{make_token, revoke_one};
use crate::access::Grant;
use crate::hub::{ASKER, Asker};
use crate::oidc::{Failed, Oidc, Pending};

/// What bears a session, and what binds somebody who signs in to their browser until they are back.
const SESSION: &str = "shugu_session";
const UNDER_WAY: &str = "shugu_signin";
/// How long somebody may take at the identity provider.
const PATIENCE: Duration = Duration::from_secs(600);
/// So many may be under way; the oldest are forgotten.
const UNDER_WAY_MOST: usize = 1000;

/// Who signs people in, and who is on their way.
pub(crate) struct SignIn {
    oidc: Oidc,
    /// The hub's own address.
    hub: String,
    under_way: Mutex<BTreeMap<String, (Instant, String, Pending)>>,
}

impl SignIn {
    pub(crate) fn new(oidc: Oidc, hub: &str) -> SignIn {
        SignIn { oidc, hub: hub.to_owned(), under_way: Mutex::default() }
    }

    fn keep(&self, state: String, to: String, pending: Pending) {
        let mut all = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, (since, ..)| since.elapsed() < PATIENCE);
        if all.len() >= UNDER_WAY_MOST
            && let Some(oldest) = all.iter().min_by_key(|(_, (since, ..))| *since).map(|(state, _)| state.clone())
        {
            all.remove(&oldest);
        }
        all.insert(state, (Instant::now(), to, pending));
    }

    fn take(&self, state: &str) -> Option<(String, Pending)> {
        let mut all = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, to, pending) = all.remove(state)?;
        (since.elapsed() < PATIENCE).then_some((to, pending))
    }

    fn cookie(&self, name: &str, value: &str, path: &str, same_site: &str, life: Duration) -> HeaderValue {
        let secure = if self.hub.starts_with("https") { "; Secure" } else { "" };
        let life = life.as_secs();
        let text = format!("{name}={value}; Path={path}; HttpOnly; SameSite={same_site}; Max-Age={life}{secure}");
        HeaderValue::from_str(&text).expect("secrets and names are plain ASCII")
    }
}

/// A cookie of a request.
fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    let mut found = all.filter_map(|pair| pair.trim().split_once('=')).filter(|(key, _)| *key == name);
    found.next().map(|(_, value)| value.to_owned())
}

/// The session that a request bears. Only pages of this hub bear one: what another site makes a browser send is none.
pub(crate) fn session(request: &Request) -> Option<String> {
    let from = request.headers().get("sec-fetch-site").and_then(|value| value.to_str().ok());
    (from == Some("same-origin")).then(|| cookie(request.headers(), SESSION)).flatten()
}

/// A way to sign in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SignInWay {
    /// What the button says.
    pub name: String,
}

/// The ways to sign in, beside a token.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SignInView {
    /// By OpenID Connect, at /signin/start; null where the hub has none.
    pub oidc: Option<SignInWay>,
}

/// How somebody may sign in with a browser.
#[utoipa::path(get, path = "/v1/signin", operation_id = "ways_to_sign_in", tag = "access", responses((status = 200, body = SignInView)))]
pub(crate) async fn ways(State(app): State<Arc<App>>) -> Json<SignInView> {
    Json(SignInView { oidc: app.sign_in.as_ref().map(|way| SignInWay { name: way.oidc.name.clone() }) })
}

/// Where somebody wants to be once signed in.
#[derive(Debug, Deserialize)]
pub(crate) struct StartQuery {
    #[serde(default)]
    to: Option<String>,
}

/// Only to a page of this hub: an address such as `//elsewhere` is another site's.
fn page(to: Option<String>) -> String {
    let own = |to: &String| to.starts_with('/') && !to.starts_with("//") && !to.contains(['\\', '\r', '\n']);
    to.filter(own).unwrap_or_else(|| "/".to_owned())
}

fn back_with(problem: &str) -> Response {
    Redirect::to(&format!("/signin?problem={problem}")).into_response()
}

/// Sends a browser to the identity provider.
pub(crate) async fn start(State(app): State<Arc<App>>, Query(query): Query<StartQuery>) -> Result<Response, Error> {
    if app.sign_in.is_none() {
        return Err(Error::not_found("this hub signs nobody in by OpenID Connect: `shugu up --oidc FILE` does"));
    }
    let asking = app.clone();
    let begun = blocking(move || {
        let way = asking.sign_in.as_ref().expect("it was looked at");
        way.oidc.begin(&way.hub)
    });
    let way = app.sign_in.as_ref().expect("it was looked at");
    match begun.await? {
        Ok((url, state, pending)) => {
            let bound = way.cookie(UNDER_WAY, &state, "/signin", "Lax", PATIENCE);
            way.keep(state, page(query.to), pending);
            Ok(([(header::SET_COOKIE, bound)], Redirect::to(&url)).into_response())
        }
        Err(failed) => {
            tracing::warn!("nobody can sign in: {failed:?}");
            Ok(back_with("provider"))
        }
    }
}

/// What the identity provider sends a browser back with.
#[derive(Debug, Deserialize)]
pub(crate) struct DoneQuery {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    error: Option<String>,
}

/// Lets somebody in who comes back from the identity provider.
pub(crate) async fn done(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(query): Query<DoneQuery>,
) -> Result<Response, Error> {
    let Some(way) = &app.sign_in else { return Err(Error::not_found("this hub signs nobody in by OpenID Connect")) };
    // Whoever set out must be who comes back: else somebody could be signed in as somebody else, unawares.
    let state = query.state.filter(|state| cookie(&headers, UNDER_WAY).as_ref() == Some(state));
    let Some((to, pending)) = state.and_then(|state| way.take(&state)) else { return Ok(back_with("stale")) };
    let Some(code) = query.code else {
        tracing::info!(error = query.error.as_deref().unwrap_or("none"), "somebody was not signed in at the identity provider");
        return Ok(back_with("provider"));
    };
    let asking = app.clone();
    let finished = blocking(move || {
        let way = asking.sign_in.as_ref().expect("it was looked at");
        way.oidc.finish(&way.hub, code, pending)
    });
    let person = match finished.await? {
        Ok(person) => person,
        Err(failed) => {
            tracing::warn!("somebody is not signed in: {failed:?}");
            return Ok(back_with(if matches!(failed, Failed::NoRole(_)) { "no-role" } else { "provider" }));
        }
    };
    // Whoever comes has no token yet; that they got one is kept as theirs.
    let nobody = Grant { id: 0, role: person.role, subject: person.subject.clone(), expires: None, agent: None };
    let asker = Arc::new(Asker::new(&nobody, "GET", "/signin/done"));
    let made = make_token(&app, person.role, person.subject.clone(), Some(way.oidc.session));
    let made = ASKER.scope(asker.clone(), made).await?;
    app.hub.answered(asker, StatusCode::SEE_OTHER.as_u16());
    tracing::info!(called = person.called, role = %person.role, subject = %person.subject, token = made.id, "signed in");
    let life = Duration::from_millis(way.oidc.session.0.unsigned_abs());
    let session = way.cookie(SESSION, &made.token, "/", "Strict", life);
    let over = way.cookie(UNDER_WAY, "", "/signin", "Lax", Duration::ZERO);
    let mut answer = Redirect::to(&to).into_response();
    answer.headers_mut().append(header::SET_COOKIE, session);
    answer.headers_mut().append(header::SET_COOKIE, over);
    Ok(answer)
}

/// Ends the session that the request bears; a token that somebody typed in stays valid.
#[utoipa::path(post, path = "/v1/signout", operation_id = "sign_out", tag = "access", responses((status = 204)))]
pub(crate) async fn out(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    request: Request,
) -> Result<Response, Error> {
    let Some(way) = &app.sign_in else { return Ok(StatusCode::NO_CONTENT.into_response()) };
    let typed_in = request.headers().contains_key(header::AUTHORIZATION);
    if !typed_in && session(&request).is_some() {
        revoke_one(&app, who.id).await?;
    }
    let over = way.cookie(SESSION, "", "/", "Strict", Duration::ZERO);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, over)]).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site() {
        let to = |text: &str| page(Some(text.to_owned()));
        assert_eq!(to("/jobs/job-3?a=b"), "/jobs/job-3?a=b");
        for elsewhere in ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "javascript:1", ""] {
            assert_eq!(to(elsewhere), "/", "{elsewhere}");
        }
    }

    #[test]
    fn a_session_is_borne_by_pages_of_this_hub_only() {
        let with = |site: &str| {
            let request =
                axum::http::Request::builder().header("cookie", "a=b; shugu_session=shugu_1").header("sec-fetch-site", site);
            session(&request.body(axum::body::Body::empty()).unwrap())
        };
        assert_eq!(with("same-origin").as_deref(), Some("shugu_1"));
        for elsewhere in ["cross-site", "same-site", "none"] {
            assert_eq!(with(elsewhere), None, "{elsewhere}");
        }
    }
}
