//! The registry of data that jobs read: how large, where, how it is reached.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::{Extension, Json};
use dispatch::{DataSet, Request};
use measure::{Malformed, Memory, Name};

use super::App;
use super::error::Error;
use super::extract::Path;
use super::jobs::parse;
use super::rules::{ask, named};
use super::view::{DataForm, DataList, DataView};
use crate::access::Grant;

/// How data is reached from elsewhere.
const SCHEMES: [&str; 4] = ["http", "https", "rsync", "s3"];

fn view(name: &Name, data: &DataSet, how_shown: bool) -> DataView {
    let shown = |how: &String| if how_shown { how.clone() } else { String::new() };
    DataView {
        name: name.to_string(),
        bytes: data.bytes,
        sha256: data.sha256.clone(),
        at: data.at.iter().map(|(place, how)| (place.to_string(), shown(how))).collect(),
        moves: data.moves(),
    }
}

/// Data that jobs may read. How it is reached is the operator's alone.
#[utoipa::path(get, path = "/v1/data", operation_id = "list_data", tag = "data", responses((status = 200, body = DataList)))]
pub(crate) async fn list(State(app): State<Arc<App>>, Extension(who): Extension<Grant>) -> Result<Json<DataList>, Error> {
    let shown = who.sees_all();
    let data = app.hub.look(move |ledger| ledger.hub.data.iter().map(|(name, data)| view(name, data, shown)).collect());
    Ok(Json(DataList { data: data.await? }))
}

/// How a place reaches data.
fn reached(place: &str, how: &str) -> Result<(), Error> {
    let wrong = |problem: &str| Error::field(&format!("at.{place}"), &format!("`{how}` {problem}"));
    match how.split_once("://") {
        None if how.starts_with('/') => Ok(()),
        None => Err(wrong("is neither a path that begins with / nor an address such as https://…")),
        Some((scheme, _)) if !SCHEMES.contains(&scheme) => Err(wrong("is none of http, https, rsync and s3")),
        // The journal keeps what is said here for ever.
        Some((_, rest)) if rest.split('/').next().is_some_and(|host| host.contains('@')) => {
            // It may hold a password, which is not told again.
            Err(Error::field(
                &format!("at.{place}"),
                "names a user; what needs keys is brought from an object store (s3://), with the agent's own",
            ))
        }
        Some((_, rest)) if rest.bytes().any(|byte| !byte.is_ascii_graphic()) => Err(wrong("holds what no address may hold")),
        Some((_, rest)) if rest.trim_end_matches('/').is_empty() => Err(wrong("names no host")),
        Some(("s3", rest)) if rest.split_once('/').is_none_or(|(_, key)| key.is_empty()) => {
            Err(wrong("names no object: s3://BUCKET/KEY does"))
        }
        Some(_) => Ok(()),
    }
}

/// Says where data lies, all of it: what was said of the same name before is replaced.
#[utoipa::path(put, path = "/v1/data/{name}", tag = "data", params(("name" = String, Path)), request_body = DataForm,
    responses((status = 200, body = DataView), (status = 400)))]
pub(crate) async fn keep(State(app): State<Arc<App>>, Path(name): Path<String>, body: Bytes) -> Result<Json<DataView>, Error> {
    let name = named("name", &name)?;
    let form: DataForm = parse(&body)?;
    let bytes: Memory = form.size.0.parse().map_err(|problem: Malformed| Error::field("size", &problem.to_string()))?;
    if form.sha256.as_ref().is_some_and(|sum| sum.len() != 64 || !sum.bytes().all(|digit| digit.is_ascii_hexdigit())) {
        return Err(Error::field("sha256", "is 64 hexadecimal digits"));
    }
    if form.at.is_empty() {
        return Err(Error::field("at", "names no place; say where the data lies"));
    }
    let mut at = BTreeMap::new();
    for (place, how) in form.at {
        reached(&place, &how)?;
        at.insert(named(&format!("at.{place}"), &place)?, how);
    }
    let places: Vec<Name> = at.keys().cloned().collect();
    let unknown = app.hub.look(move |ledger| {
        let hub = &ledger.hub;
        places.into_iter().find(|place| hub.pool_named(place).is_none() && !hub.census.sites.contains_key(place))
    });
    if let Some(unknown) = unknown.await? {
        return Err(Error::field(
            &format!("at.{unknown}"),
            &format!("there is no pool {unknown}, and the census has no such site"),
        ));
    }
    let data = DataSet { bytes: bytes.0, sha256: form.sha256.map(|sum| sum.to_lowercase()), at };
    let shown = view(&name, &data, true);
    ask(&app, Request::Keep(name, Some(data))).await?;
    Ok(Json(shown))
}

/// Lets no job read it any more. Jobs that wait for it go on waiting; those that are placed go on.
#[utoipa::path(delete, path = "/v1/data/{name}", tag = "data", params(("name" = String, Path)), responses((status = 200, body = DataList), (status = 404)))]
pub(crate) async fn forget(
    State(app): State<Arc<App>>,
    Extension(who): Extension<Grant>,
    Path(name): Path<String>,
) -> Result<Json<DataList>, Error> {
    let name = named("name", &name)?;
    let wanted = name.clone();
    if !app.hub.look(move |ledger| ledger.hub.data.contains_key(&wanted)).await? {
        return Err(Error::not_found(&format!("there is no data set {name}")));
    }
    ask(&app, Request::Keep(name, None)).await?;
    list(State(app), Extension(who)).await
}
